/* An outside backend from public headers and the shared library alone: registered, refused,
 * selected, used by a network. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "outside.h"

static trnnsf_context *ctx;
static struct outside_state state;
static struct trnnsf_backend_ops ops;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    outside_counting(&ops, &state);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(the_table_is_copied)
{
    char name[] = "mine-2";
    size_t count = trnnsf_backend_count(ctx);

    ops.name = name;
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    memset(&ops, 0xA5, sizeof ops);
    memset(name, 'x', sizeof name - 1);
    ck_assert_uint_eq(trnnsf_backend_count(ctx), count + 1);
    ck_assert_str_eq(trnnsf_backend_name(ctx, count), "mine-2");
    ck_assert_ptr_null(trnnsf_backend_name(ctx, count + 1));
    ck_assert_str_ne(trnnsf_backend_selected(ctx), "mine-2");
    ck_assert_int_eq(trnnsf_backend_select(ctx, "mine-2"), TRNNSF_OK);
    ck_assert_str_eq(trnnsf_backend_selected(ctx), "mine-2");
    ck_assert_int_eq(trnnsf_backend_select(ctx, "xxxxxx"), TRNNSF_E_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "xxxxxx"));
    ck_assert_str_eq(trnnsf_backend_selected(ctx), "mine-2");
}
END_TEST

static void expect_refused(trnnsf_status status, const char *why)
{
    size_t count = trnnsf_backend_count(ctx);

    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), status);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), why) != NULL, "\"%s\" does not say \"%s\"",
                  trnnsf_context_error(ctx), why);
    ck_assert_uint_eq(trnnsf_backend_count(ctx), count);
    outside_counting(&ops, &state);
}

START_TEST(bad_tables_are_refused)
{
    static const char *const bad_names[] = {
        "", "Upper", "a b", "under_score", "ümlaut", "a-name-of-thirty-two-characters-"};

    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        ops.name = bad_names[i];
        expect_refused(TRNNSF_E_INVALID, "name");
    }
    ops.name = NULL;
    expect_refused(TRNNSF_E_INVALID, "name is NULL");
    ops.name = "reference";
    expect_refused(TRNNSF_E_INVALID, "taken");
    ops.api_version = 2;
    expect_refused(TRNNSF_E_UNSUPPORTED, "api_version 2");
    ops.api_version = 0;
    expect_refused(TRNNSF_E_UNSUPPORTED, "api_version 0");
    ops.flags = 4;
    expect_refused(TRNNSF_E_UNSUPPORTED, "flags 0x4");
    ops.struct_size = 0;
    expect_refused(TRNNSF_E_INVALID, "struct_size 0");
    ops.struct_size = sizeof(size_t);
    expect_refused(TRNNSF_E_INVALID, "struct_size");
    ops.struct_size = offsetof(struct trnnsf_backend_ops, gemm) + 1;
    expect_refused(TRNNSF_E_INVALID, "struct_size");
    ops.struct_size = SIZE_MAX / 8 * 8;
    expect_refused(TRNNSF_E_INVALID, "struct_size");
    ck_assert_int_eq(trnnsf_backend_register(ctx, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_backend_register(NULL, &ops), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_backend_select(ctx, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_backend_select(NULL, "reference"), TRNNSF_E_INVALID);
    ck_assert_uint_eq(trnnsf_backend_count(NULL), 0);
    ck_assert_ptr_null(trnnsf_backend_name(NULL, 0));
    ck_assert_ptr_null(trnnsf_backend_selected(NULL));
    ck_assert_uint_eq(trnnsf_backend_fallbacks(NULL), 0);
}
END_TEST

/* An older caller's table ends before later slots; a newer one's may be longer if they are empty.
 */
START_TEST(tables_of_other_lengths)
{
    struct {
        struct trnnsf_backend_ops known;
        void *later[2];
    } longer = {.later = {NULL, NULL}};

    ops.struct_size = offsetof(struct trnnsf_backend_ops, masked_gemm);
    ops.name = "older";
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    longer.known = ops;
    longer.known.struct_size = sizeof longer;
    longer.known.name = "newer";
    ck_assert_int_eq(trnnsf_backend_register(ctx, &longer.known), TRNNSF_OK);
    longer.known.name = "newest";
    longer.later[1] = &longer;
    ck_assert_int_eq(trnnsf_backend_register(ctx, &longer.known), TRNNSF_E_UNSUPPORTED);
}
END_TEST

START_TEST(contexts_keep_their_own)
{
    trnnsf_context *other;

    ck_assert_int_eq(trnnsf_context_create(NULL, &other), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(other, "counting"), TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_backend_register(other, &ops), TRNNSF_OK);
    trnnsf_context_free(other);
    ck_assert_int_eq(trnnsf_backend_select(ctx, "counting"), TRNNSF_OK);
}
END_TEST

static void forward(const char *backend, const trnnsf_network *network, const float *inputs,
                    float *outputs)
{
    ck_assert_int_eq(trnnsf_backend_select(ctx, backend), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 7, inputs, outputs), TRNNSF_OK);
}

START_TEST(a_network_runs_on_it)
{
    static const size_t sizes[3] = {20, 30, 5};
    trnnsf_network *network;
    float inputs[7 * 20], expected[7 * 5], outputs[7 * 5];

    for (size_t i = 0; i < 7 * 20; i++)
        inputs[i] = (float)((int)(i * 37 % 101) - 50) / 50.0f;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    forward("reference", network, inputs, expected);
    ck_assert_uint_eq(atomic_load(&state.calls), 0);
    forward("counting", network, inputs, outputs);
    ck_assert_uint_ge(atomic_load(&state.calls), 2);
    for (size_t i = 0; i < 7 * 5; i++)
        ck_assert_float_eq_tol(outputs[i], expected[i], 1e-4f);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(there_is_an_end_to_them)
{
    char name[8];
    trnnsf_status status = TRNNSF_OK;

    for (int i = 0; i < 100 && status == TRNNSF_OK; i++) {
        snprintf(name, sizeof name, "b%d", i);
        ops.name = name;
        status = trnnsf_backend_register(ctx, &ops);
    }
    ck_assert_int_eq(status, TRNNSF_E_LIMIT);
    ck_assert_uint_eq(trnnsf_backend_count(ctx), 64);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outside backend");
    TCase *tests = tcase_create("outside backend");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_table_is_copied);
    tcase_add_test(tests, bad_tables_are_refused);
    tcase_add_test(tests, tables_of_other_lengths);
    tcase_add_test(tests, contexts_keep_their_own);
    tcase_add_test(tests, a_network_runs_on_it);
    tcase_add_test(tests, there_is_an_end_to_them);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
