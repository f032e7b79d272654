/* prune/: thresholds, ratios, saliences. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "prune/salience.h"
#include "prune/threshold.h"

static trnnsf_context *ctx;

static void setup(void)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    options.threads = 3;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

/* Normal weights; every fourth is from a handful of values, so that ties occur. */
static float *random_weights(uint64_t seed, size_t count)
{
    float *weights = malloc(count * sizeof *weights);
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < count; i++)
        weights[i] = i % 4 ? (float)trn_random_normal(&random)
                           : (float)trn_random_below(&random, 5) - 2.0f;
    return weights;
}

START_TEST(threshold_keeps_the_large)
{
    static const float weights[6] = {0.5f, -0.5f, 0.0f, -0.7f, 0.499f, NAN};
    struct trn_mask *mask;

    ck_assert_int_eq(trn_mask_create(ctx, 2, 3, &mask), TRNNSF_OK);
    trn_prune_threshold(weights, 2, 3, 0.5, mask);
    ck_assert_uint_eq(trn_mask_count(mask), 3);
    ck_assert(trn_mask_get(mask, 0, 0) && trn_mask_get(mask, 0, 1) && trn_mask_get(mask, 1, 0));
    trn_prune_threshold(weights, 2, 3, 0.0, mask);
    ck_assert_uint_eq(trn_mask_count(mask), 5);
    trn_prune_threshold(weights, 2, 3, 1.0, mask);
    ck_assert_uint_eq(trn_mask_count(mask), 0);
    trn_mask_free(ctx, mask);
}
END_TEST

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The found threshold is what sorting gives, and prunes no more than was asked. */
START_TEST(ratio_against_sorting)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        size_t n_out = 1 + seed, n_in = 37, count = n_out * n_in;
        float *weights = random_weights(seed, count), *sorted = malloc(count * sizeof *sorted);
        struct trn_mask *mask;

        ck_assert_int_eq(trn_mask_create(ctx, n_out, n_in, &mask), TRNNSF_OK);
        for (size_t i = 0; i < count; i++)
            sorted[i] = fabsf(weights[i]);
        qsort(sorted, count, sizeof *sorted, ascending);
        for (double ratio = 0; ratio < 1; ratio += 0.0917) {
            size_t rank = (size_t)(ratio * (double)count);
            double threshold;

            ck_assert_int_eq(
                trn_prune_find_threshold(ctx, weights, n_out, n_in, NULL, ratio, &threshold),
                TRNNSF_OK);
            ck_assert_double_eq(threshold, (double)sorted[rank]);
            trn_prune_threshold(weights, n_out, n_in, threshold, mask);
            ck_assert_uint_ge(trn_mask_count(mask), count - rank);
        }
        trn_mask_free(ctx, mask);
        free(sorted);
        free(weights);
    }
}
END_TEST

START_TEST(ratio_of_what_counts)
{
    static const float weights[8] = {9, 1, 8, 2, 7, 3, 6, 4};
    struct trn_mask *among;
    double threshold;

    ck_assert_int_eq(trn_mask_create(ctx, 2, 4, &among), TRNNSF_OK);
    ck_assert_int_eq(trn_prune_find_threshold(ctx, weights, 2, 4, among, 0.5, &threshold),
                     TRNNSF_OK);
    ck_assert_double_eq(threshold, 0);
    for (size_t i = 0; i < 8; i += 2)
        trn_mask_set(among, i / 4, i % 4);
    ck_assert_int_eq(trn_prune_find_threshold(ctx, weights, 2, 4, among, 0.5, &threshold),
                     TRNNSF_OK);
    ck_assert_double_eq(threshold, 8);
    trn_mask_free(ctx, among);
}
END_TEST

START_TEST(hostile_ratios)
{
    static const float weights[4] = {1, 2, NAN, 3};
    static const double bad[] = {-0.1, 1.0, 1.3, (double)NAN, (double)INFINITY};
    double threshold = 42;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(trn_prune_find_threshold(ctx, weights, 2, 2, NULL, bad[i], &threshold),
                         TRNNSF_E_INVALID);
    ck_assert_double_eq(threshold, 42);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "ratio inf is not in [0, 1)"));
    ck_assert_int_eq(trn_prune_find_threshold(ctx, weights, 2, 2, NULL, 0.99, &threshold),
                     TRNNSF_OK);
    ck_assert_double_eq(threshold, 3);
}
END_TEST

START_TEST(saliences)
{
    enum { OUT = 70, IN = 31 };
    float *weights = random_weights(1, OUT * IN), mean_square[IN], out[OUT * IN], again[OUT * IN];
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *one;

    options.threads = 1;
    ck_assert_int_eq(trnnsf_context_create(&options, &one), TRNNSF_OK);
    for (size_t j = 0; j < IN; j++)
        mean_square[j] = (float)j / 10;
    for (int rule = 0; rule <= TRN_SALIENCE_ENERGY; rule++) {
        enum trn_salience_rule which = (enum trn_salience_rule)rule;

        ck_assert_int_eq(trn_prune_salience(ctx, which, weights, OUT, IN, mean_square, out),
                         TRNNSF_OK);
        ck_assert_int_eq(trn_prune_salience(one, which, weights, OUT, IN, mean_square, again),
                         TRNNSF_OK);
        ck_assert_mem_eq(out, again, sizeof out);
        for (size_t i = 0; i < OUT * IN; i++) {
            double w = fabs((double)weights[i]);
            double wanted = rule == 0 ? w : rule == 1 ? w * w : w * w * (double)mean_square[i % IN];

            ck_assert_double_le(fabs((double)out[i] - wanted), 1e-6 * wanted);
        }
    }
    trnnsf_context_free(one);
    free(weights);
}
END_TEST

START_TEST(hostile_saliences)
{
    static const float huge[2] = {FLT_MAX, -FLT_MAX};
    float out[2];

    ck_assert_int_eq(trn_prune_salience(ctx, TRN_SALIENCE_SQUARE, huge, 1, 2, NULL, out),
                     TRNNSF_OK);
    ck_assert_float_eq(out[0], FLT_MAX);
    ck_assert_float_eq(out[1], FLT_MAX);
    ck_assert_int_eq(trn_prune_salience(ctx, TRN_SALIENCE_ENERGY, huge, 1, 2, NULL, out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trn_prune_salience(ctx, (enum trn_salience_rule)3, huge, 1, 2, NULL, out),
                     TRNNSF_E_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prune");
    TCase *tests = tcase_create("prune");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, threshold_keeps_the_large);
    tcase_add_test(tests, ratio_against_sorting);
    tcase_add_test(tests, ratio_of_what_counts);
    tcase_add_test(tests, hostile_ratios);
    tcase_add_test(tests, saliences);
    tcase_add_test(tests, hostile_saliences);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
