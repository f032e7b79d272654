/* Noise on weights and stuck devices: their distribution, and that draws are told apart by what they are for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/cases.h"
#include "train/device.h"

enum { DRAWS = 1 << 20 };

static float *draw(trnnsf_context *ctx, struct trn_noise noise)
{
    float *values = calloc(DRAWS, sizeof *values);

    trn_add_noise(ctx, &noise, NULL, DRAWS, values);
    return values;
}

/* Moments to the fourth, within four standard errors of 2^20 draws, and tails. */
START_TEST(moments)
{
    trnnsf_context *ctx = open_context(2, "reference");
    float *values = draw(ctx, (struct trn_noise){7, 3, 2, 1, 0.5f});
    double sum[5] = {0}, next = 0, far = 0, beyond = 0, n = DRAWS;

    for (size_t i = 0; i < DRAWS; i++) {
        double x = 2 * (double)values[i];

        for (int k = 1; k <= 4; k++)
            sum[k] += pow(x, k) / n;
        next += i ? x * 2 * (double)values[i - 1] / n : 0;
        far += fabs(x) > 3 ? 1 / n : 0;
        beyond += fabs(x) > 4.5 ? 1 / n : 0;
    }
    ck_assert_double_eq_tol(sum[1], 0, 4 / sqrt(n));
    ck_assert_double_eq_tol(sum[2], 1, 4 * sqrt(2 / n));
    ck_assert_double_eq_tol(sum[3], 0, 4 * sqrt(15 / n));
    ck_assert_double_eq_tol(sum[4], 3, 4 * sqrt(96 / n));
    ck_assert_double_eq_tol(next, 0, 4 / sqrt(n));
    ck_assert_double_eq_tol(far, 0.0026998, 4 * sqrt(0.0027 / n));
    ck_assert_double_eq_tol(beyond, 6.795e-6, 4 * sqrt(6.8e-6 / n));
    free(values);
    trnnsf_context_free(ctx);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The largest distance from the normal distribution (Kolmogorov): below 1.63 / sqrt(n), its 99 % point. */
START_TEST(distribution)
{
    trnnsf_context *ctx = open_context(1, "reference");
    float *values = draw(ctx, (struct trn_noise){1, 0, 0, 0, 1.0f});
    double worst = 0;

    qsort(values, DRAWS, sizeof *values, by_value);
    for (size_t i = 0; i < DRAWS; i++) {
        double cdf = 0.5 * erfc(-(double)values[i] * sqrt(0.5));

        worst = fmax(worst, fabs(cdf - (double)(i + 1) / DRAWS));
    }
    ck_assert_double_lt(worst, 1.63 / sqrt(DRAWS));
    free(values);
    trnnsf_context_free(ctx);
}
END_TEST

/* Another seed, epoch, batch or layer: other, uncorrelated numbers. The same: the same, on any threads. */
START_TEST(streams)
{
    static const struct trn_noise noises[] = {
        {7, 3, 2, 1, 1.0f}, {8, 3, 2, 1, 1.0f}, {7, 4, 2, 1, 1.0f}, {7, 3, 3, 1, 1.0f},
        {7, 3, 2, 2, 1.0f}};
    trnnsf_context *one = open_context(1, "reference"), *three = open_context(3, "reference");
    float *first = draw(one, noises[0]), *again = draw(three, noises[0]);

    ck_assert_mem_eq(first, again, DRAWS * sizeof *first);
    for (size_t k = 1; k < 5; k++) {
        float *other = draw(three, noises[k]);
        double product = 0;

        for (size_t i = 0; i < DRAWS; i++)
            product += (double)first[i] * (double)other[i] / DRAWS;
        ck_assert_double_eq_tol(product, 0, 4 / sqrt(DRAWS));
        free(other);
    }
    free(first);
    free(again);
    trnnsf_context_free(one);
    trnnsf_context_free(three);
}
END_TEST

START_TEST(masked_stay_zero)
{
    trnnsf_context *ctx = open_context(2, "reference");
    const struct trn_noise noise = {1, 2, 3, 4, 0.1f};
    uint8_t keep[5000];
    float values[5000], whole[5000];

    for (size_t i = 0; i < 5000; i++) {
        keep[i] = i % 3 != 0;
        values[i] = whole[i] = keep[i] ? 1.0f : 0.0f;
    }
    trn_add_noise(ctx, &noise, keep, 5000, values);
    trn_add_noise(ctx, &noise, NULL, 5000, whole);
    for (size_t i = 0; i < 5000; i++)
        ck_assert_float_eq(values[i], keep[i] ? whole[i] : 0.0f);
    trnnsf_context_free(ctx);
}
END_TEST

/* ---- stuck devices ---- */

static float *stick(trnnsf_context *ctx, struct trn_stuck stuck, const float *signs, float value)
{
    float *values = malloc(DRAWS * sizeof *values);

    for (size_t i = 0; i < DRAWS; i++)
        values[i] = value;
    trn_stick(ctx, &stuck, NULL, signs, DRAWS, values);
    return values;
}

static double share_of(const float *values, float value)
{
    double share = 0;

    for (size_t i = 0; i < DRAWS; i++)
        share += fabsf(values[i] - value) < 1e-6f ? 1.0 / DRAWS : 0;
    return share;
}

/* Both devices of a pair, independently: what each outcome is, and how often, within four standard errors
 * and the grain of 2^-16. */
START_TEST(pairs_stick)
{
    const double on = 0.03, off = 0.1, well = 1 - on - off;
    const struct {
        float value;
        double share;
    } outcomes[] = {{0.5f, well * (well + off)},                  /* neither, or the empty one at 0 */
                    {2.0f, on * (well + off)},                    /* the full one at the range */
                    {0.0f, off * (well + off) + on * on},         /* it is lost, or both are at the range */
                    {-1.5f, well * on},                           /* the empty one at the range */
                    {-2.0f, off * on}};
    trnnsf_context *ctx = open_context(2, "reference");
    float *up = stick(ctx, (struct trn_stuck){7, 3, 2, 1, on, off, 2.0f}, NULL, 0.5f);
    float *down = stick(ctx, (struct trn_stuck){8, 3, 2, 1, on, off, 2.0f}, NULL, -0.5f);

    for (size_t k = 0; k < 5; k++) {
        double share = outcomes[k].share, tolerance = 4 * sqrt(share / DRAWS) + 4.0 / 65536;

        ck_assert_double_eq_tol(share_of(up, outcomes[k].value), share, tolerance);
        ck_assert_double_eq_tol(share_of(down, -outcomes[k].value), share, tolerance);
    }
    free(up);
    free(down);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(single_devices_stick)
{
    trnnsf_context *ctx = open_context(2, "reference");
    float *signs = malloc(DRAWS * sizeof *signs), *values;

    for (size_t i = 0; i < DRAWS; i++)
        signs[i] = -1.0f;
    values = stick(ctx, (struct trn_stuck){7, 3, 2, 1, 0.25, 0.5, 2.0f}, signs, -0.5f);
    ck_assert_double_eq_tol(share_of(values, -2.0f), 0.25, 0.002);
    ck_assert_double_eq_tol(share_of(values, 0.0f), 0.5, 0.002);
    ck_assert_double_eq_tol(share_of(values, -0.5f), 0.25, 0.002);
    free(values);
    free(signs);
    trnnsf_context_free(ctx);
}
END_TEST

/* Other batches, layers and seeds stick other devices; threads do not matter; masked weights stay. */
START_TEST(stuck_streams)
{
    static const struct trn_stuck cases[] = {{7, 3, 2, 1, 0.1, 0.1, 1.0f}, {8, 3, 2, 1, 0.1, 0.1, 1.0f},
                                             {7, 4, 2, 1, 0.1, 0.1, 1.0f}, {7, 3, 3, 1, 0.1, 0.1, 1.0f},
                                             {7, 3, 2, 2, 0.1, 0.1, 1.0f}};
    trnnsf_context *one = open_context(1, "reference"), *three = open_context(3, "reference");
    float *first = stick(one, cases[0], NULL, 0.5f), *again = stick(three, cases[0], NULL, 0.5f);
    uint8_t keep[5000];
    float values[5000];

    ck_assert_mem_eq(first, again, DRAWS * sizeof *first);
    for (size_t k = 1; k < 5; k++) {
        float *other = stick(three, cases[k], NULL, 0.5f);
        size_t both = 0;

        for (size_t i = 0; i < DRAWS; i++)
            both += first[i] == 0.0f && other[i] == 0.0f;
        ck_assert_double_eq_tol((double)both / DRAWS, 0.1 * 0.1 * 1.01, 0.002);
        free(other);
    }
    for (size_t i = 0; i < 5000; i++) {
        keep[i] = i % 3 != 0;
        values[i] = keep[i] ? 0.5f : 0.0f;
    }
    trn_stick(three, &cases[0], keep, NULL, 5000, values);
    for (size_t i = 0; i < 5000; i++)
        ck_assert_float_eq(values[i], keep[i] ? first[i] : 0.0f);
    free(first);
    free(again);
    trnnsf_context_free(one);
    trnnsf_context_free(three);
}
END_TEST

TCase *noise_case(void)
{
    TCase *tcase = tcase_create("noise");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, moments);
    tcase_add_test(tcase, distribution);
    tcase_add_test(tcase, streams);
    tcase_add_test(tcase, masked_stay_zero);
    tcase_add_test(tcase, pairs_stick);
    tcase_add_test(tcase, single_devices_stick);
    tcase_add_test(tcase, stuck_streams);
    return tcase;
}
