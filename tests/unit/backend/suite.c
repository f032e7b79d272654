/* backend/: the registry's defaults, and what is logged. Kernels are tested in tests/backend. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/reference/reference.h"

struct lines {
    size_t count;
    uint32_t level;
    uint32_t message;
    char text[256];
};

static struct lines lines;
static trnnsf_context *ctx;

static void note_line(uint32_t level, uint32_t message, const char *text, void *user)
{
    struct lines *to = user;

    to->count++;
    to->level = level;
    to->message = message;
    strncpy(to->text, text, sizeof to->text - 1);
}

static void setup(void)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    memset(&lines, 0, sizeof lines);
    options.log = note_line;
    options.log_user = &lines;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static const struct trn_backend *current(void)
{
    const struct trn_backend *backend;

    ck_assert_int_eq(trn_backend_current(ctx, &backend), TRNNSF_OK);
    return backend;
}

START_TEST(defaults)
{
    ck_assert_uint_eq(trnnsf_backend_count(ctx), 1 + TRN_HAVE_CBLAS);
    ck_assert_str_eq(trnnsf_backend_name(ctx, 0), "reference");
    ck_assert_str_eq(trnnsf_backend_selected(ctx), TRN_HAVE_CBLAS ? "cblas" : "reference");
    ck_assert_int_eq(trnnsf_backend_select(ctx, "reference"), TRNNSF_OK);
    ck_assert_str_eq(current()->name, "reference");
    ck_assert_uint_eq(trnnsf_backend_fallbacks(ctx), 0);
}
END_TEST

/* The judge has every slot: a fallback always finds a kernel. */
START_TEST(reference_is_complete)
{
    const char *ops = (const char *)&trn_reference_ops;
    static const char empty[sizeof(void *)];

    for (size_t at = offsetof(struct trnnsf_backend_ops, gemm); at < sizeof trn_reference_ops;
         at += sizeof(void *))
        ck_assert_mem_ne(ops + at, empty, sizeof empty);
}
END_TEST

START_TEST(first_fallback_is_logged_once)
{
    struct trnnsf_backend_ops ops = {
        .struct_size = sizeof ops, .api_version = TRNNSF_BACKEND_API_VERSION, .name = "empty"};
    const uint32_t index[1] = {0};
    const float in[1] = {3};
    float out[1] = {0};

    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(ctx, "empty"), TRNNSF_OK);
    trn_backend_tell(ctx);
    ck_assert_uint_eq(lines.count, 0);
    ck_assert_int_eq(trn_kernel_gather_rows(current(), 1, 1, index, in, 1, out, 1), TRNNSF_OK);
    ck_assert_int_eq(trn_kernel_scatter_add_rows(current(), 1, 1, index, in, 1, out, 1), TRNNSF_OK);
    ck_assert_float_eq(out[0], 6);
    ck_assert_uint_eq(trnnsf_backend_fallbacks(ctx), 2);
    trn_backend_tell(ctx);
    trn_backend_tell(ctx);
    ck_assert_uint_eq(lines.count, 1);
    ck_assert_uint_eq(lines.level, TRNNSF_LOG_WARNING);
    ck_assert_ptr_nonnull(strstr(lines.text, "empty"));
    ck_assert_ptr_nonnull(strstr(lines.text, "gather_rows"));
}
END_TEST

/* An element of a reference product does not depend on where in C it lies, nor on how C is cut. */
START_TEST(reference_product_of_parts)
{
    enum { M = 37, N = 83, K = 300 };
    static float a[M * K], b[K * N], whole[M * N], part[M * N];

    for (size_t i = 0; i < M * K; i++)
        a[i] = (float)(i * 7919 % 1009) / 1009.0f - 0.5f;
    for (size_t i = 0; i < K * N; i++)
        b[i] = (float)(i * 104729 % 2003) / 2003.0f - 0.5f;
    trn_reference_gemm(NULL, 0, 0, M, N, K, 1.5f, a, K, b, N, 0.0f, whole, N);
    for (size_t i = 0; i < M; i += 5) {
        for (size_t j = 0; j < N; j += 11)
            trn_reference_gemm(NULL, 0, 0, M - i < 5 ? M - i : 5, N - j < 11 ? N - j : 11, K, 1.5f,
                               a + i * K, K, b + j, N, 0.0f, part + i * N + j, N);
    }
    ck_assert_mem_eq(whole, part, sizeof whole);
}
END_TEST

/* Entries are added one after the other, whatever vectors do it. */
START_TEST(reference_sparse_order)
{
    enum { ROWS = 5, COLUMNS = 40, N = 240 };
    static const size_t start[] = {0, 0, 1, 7, 20, 60};
    static float x[COLUMNS * N], value[60], y[ROWS * N], wanted[ROWS * N];
    const float beta = _i == 0 ? 0.0f : _i == 1 ? 1.0f : -0.3f;
    uint32_t column[60];

    for (size_t i = 0; i < COLUMNS * N; i++)
        x[i] = (float)(i * 7919 % 1009) / 1009.0f - 0.5f;
    for (size_t i = 0; i < 60; i++) {
        value[i] = (float)(i * 104729 % 2003) / 2003.0f - 0.5f;
        column[i] = (uint32_t)(i * 17 % COLUMNS);
    }
    for (size_t n = 1; n <= N; n++) {
        for (size_t i = 0; i < ROWS * N; i++)
            y[i] = (float)(i % 13);
        for (size_t i = 0; i < ROWS; i++) {
            for (size_t p = 0; p < N; p++) {
                float sum = beta == 0.0f ? 0.0f : beta * y[i * N + p];

                for (size_t e = start[i]; e < start[i + 1]; e++)
                    sum += value[e] * x[column[e] * N + p];
                wanted[i * N + p] = p < n ? sum : y[i * N + p];
            }
        }
        trn_reference_sparse_multiply(NULL, ROWS, n, start, column, value, x, N, beta, y, N);
        ck_assert_mem_eq(y, wanted, sizeof y);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backend");
    TCase *tests = tcase_create("backend");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, defaults);
    tcase_add_test(tests, reference_is_complete);
    tcase_add_test(tests, first_fallback_is_logged_once);
    tcase_add_test(tests, reference_product_of_parts);
    tcase_add_loop_test(tests, reference_sparse_order, 0, 3);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
