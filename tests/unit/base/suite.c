/* base/: context, options, random streams, pool. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/context.h"
#include "base/options.h"
#include "base/pool.h"
#include "base/random.h"

static trnnsf_context *ctx;

static void setup(void)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    options.threads = 4;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(options_of_other_sizes)
{
    struct today {
        size_t struct_size;
        uint32_t old, added;
    } defaults = {sizeof defaults, 1, 2}, out = defaults;
    struct {
        struct today known;
        uint32_t unknown[2];
    } longer = {{sizeof longer, 5, 6}, {0, 0}};
    struct today older = {offsetof(struct today, added), 7, 99};

    ck_assert_int_eq(trn_options_read(ctx, "f", &older, &out, sizeof out), TRNNSF_OK);
    ck_assert_uint_eq(out.old, 7);
    ck_assert_uint_eq(out.added, 2);
    ck_assert_uint_eq(out.struct_size, sizeof out);
    ck_assert_int_eq(trn_options_read(ctx, "f", &longer, &out, sizeof out), TRNNSF_OK);
    ck_assert_uint_eq(out.added, 6);
    longer.unknown[1] = 1;
    ck_assert_int_eq(trn_options_read(ctx, "f", &longer, &out, sizeof out), TRNNSF_E_UNSUPPORTED);
    older.struct_size = 3;
    ck_assert_int_eq(trn_options_read(ctx, "f", &older, &out, sizeof out), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "struct_size 3"));
}
END_TEST

/* Known answers of Philox4x32-10 for key 0 and counter 0: the test vectors published with the paper's
 * library (Random123, kat_vectors). */
START_TEST(philox_known_answer)
{
    struct trn_random random;
    static const uint32_t expected[4] = {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};

    memset(&random, 0, sizeof random);
    random.used = 4;
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(trn_random_u32(&random), expected[i]);
}
END_TEST

/* Blocks made at once are those of the stream, for counts around the inner loop's length. */
START_TEST(random_blocks_at_once)
{
    static const size_t counts[5] = {1, 3, 128, 129, 300};
    static uint32_t out[4 * 300];

    for (size_t c = 0; c < 5; c++) {
        struct trn_random random;
        size_t n = counts[c];

        trn_random_init(&random, 0x123456789ABCDEFull, TRN_RANDOM_TEST, 3);
        trn_random_seek(&random, 0x500000007ull);
        trn_random_fill(&random, 0, n, out);
        for (size_t i = 0; i < 4 * n; i++)
            ck_assert_uint_eq(trn_random_u32(&random), out[i % 4 * n + i / 4]);
        trn_random_seek(&random, 0x500000007ull);
        uint32_t word = out[n - 1];
        trn_random_fill(&random, (uint32_t)n - 1, 1, out);
        ck_assert_uint_eq(out[0], word);
    }
}
END_TEST

START_TEST(random_moments)
{
    struct trn_random random;
    double sum = 0, square = 0;
    size_t hits[7] = {0};
    const int n = 200000;

    trn_random_init(&random, 42, TRN_RANDOM_TEST, 0);
    for (int i = 0; i < n; i++) {
        double x = trn_random_normal(&random);

        sum += x;
        square += x * x;
        hits[trn_random_below(&random, 7)]++;
    }
    ck_assert_double_eq_tol(sum / n, 0.0, 0.01);
    ck_assert_double_eq_tol(square / n, 1.0, 0.02);
    for (int i = 0; i < 7; i++)
        ck_assert_double_eq_tol((double)hits[i] / n, 1.0 / 7, 0.004);
}
END_TEST

static void count_task(void *argument, size_t task, size_t worker)
{
    unsigned *done = argument;

    ck_assert_uint_lt(worker, 4);
    done[task]++;
}

START_TEST(pool_runs_each_task_once)
{
    unsigned done[1000];

    for (size_t count = 0; count <= 1000; count += 37) {
        memset(done, 0, sizeof done);
        trn_parallel(ctx, count, count_task, done);
        for (size_t i = 0; i < 1000; i++)
            ck_assert_uint_eq(done[i], i < count);
    }
}
END_TEST

/* Calls that find the workers asleep, looking, and on their way to sleep. */
START_TEST(pool_wakes_its_workers)
{
    unsigned done[64];

    for (long pause = 0; pause < 200; pause++) {
        struct timespec rest = {0, pause * 1000};

        memset(done, 0, sizeof done);
        trn_parallel(ctx, 64, count_task, done);
        for (size_t i = 0; i < 64; i++)
            ck_assert_uint_eq(done[i], 1);
        nanosleep(&rest, NULL);
    }
}
END_TEST

START_TEST(cancel_is_seen_once)
{
    trnnsf_context_cancel(ctx);
    ck_assert_int_eq(trn_progress(ctx, "train", NULL, 0, 10), TRNNSF_E_CANCELLED);
    ck_assert_int_eq(trn_progress(ctx, "train", NULL, 1, 10), TRNNSF_OK);
}
END_TEST

START_TEST(bad_contexts)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_allocator half = {.struct_size = sizeof half, .allocate = NULL};
    trnnsf_context *out = NULL;

    ck_assert_int_eq(trnnsf_context_create(NULL, NULL), TRNNSF_E_INVALID);
    options.threads = 257;
    ck_assert_int_eq(trnnsf_context_create(&options, &out), TRNNSF_E_INVALID);
    options.threads = 1;
    options.allocator = &half;
    ck_assert_int_eq(trnnsf_context_create(&options, &out), TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    trnnsf_context_free(NULL);
}
END_TEST

START_TEST(sizes_are_checked)
{
    ck_assert_ptr_null(trn_malloc(ctx, SIZE_MAX / 2, 3));
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "no memory"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, options_of_other_sizes);
    tcase_add_test(tests, philox_known_answer);
    tcase_add_test(tests, random_blocks_at_once);
    tcase_add_test(tests, random_moments);
    tcase_add_test(tests, pool_runs_each_task_once);
    tcase_add_test(tests, pool_wakes_its_workers);
    tcase_add_test(tests, cancel_is_seen_once);
    tcase_add_test(tests, bad_contexts);
    tcase_add_test(tests, sizes_are_checked);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
