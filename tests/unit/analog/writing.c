/* What writing does to devices, against the formulas of doc/analog.md. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"
#include "sim/analog/normals.h"
#include "sim/analog/vector.h"

enum { ROWS = 256, OUTPUTS = 64, N = ROWS * OUTPUTS };
static const double ON = 1e4, OFF = 0.01; /* ohm; relative conductance */

/* Positive devices (or negative ones) of a layer of equal weights w; a second row of outputs holds
 * the largest weight 1. */
static double *cells(double w, bool positive, const struct constant *constants,
                     const struct trnnsf_analog_options *options)
{
    float *weights = calloc(2 * N, sizeof *weights);

    for (size_t k = 0; k < 2 * N; k++)
        weights[k] = k < N ? (float)w : 1.0f;
    struct design design = make_layer(ROWS, 2 * OUTPUTS, weights, constants);
    trnnsf_analog *chip = make_chip(&design, options, 0, NULL);
    double *all = devices(chip, ON), *some = calloc(N, sizeof *some);
    size_t columns = trnnsf_analog_columns(chip, 0);

    ck_assert_uint_eq(columns, 4 * OUTPUTS);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t o = 0; o < OUTPUTS; o++)
            some[i * OUTPUTS + o] = all[i * columns + 2 * o + !positive];
    }
    free(all);
    free(weights);
    trnnsf_analog_free(chip);
    free_design(&design);
    return some;
}

static double target(double w)
{
    return OFF + (1 - OFF) * w;
}

START_TEST(normals)
{
    enum { MANY = 1 << 20 };
    struct trn_random random;
    float *z = calloc(MANY, sizeof *z), *part = calloc(256, sizeof *part);
    double *x = calloc(MANY, sizeof *x), four = 0, together = 0;
    size_t far = 0;

    trn_random_init(&random, 9, TRN_RANDOM_TEST, 1);
    trn_random_seek(&random, 3);
    trn_normals(&random, 0, MANY, z);
    for (size_t k = 0; k < MANY; k++) {
        x[k] = (double)z[k];
        four += pow(x[k], 4);
        together += k >= 16 ? x[k] * x[k - 16] : 0;
        far += fabs(x[k]) > 4;
    }
    check_normal(MANY, x, 0, 1);
    check_count(MANY, far, 6.334248e-5);
    ck_assert_double_le(fabs(four / MANY - 3), 4.5 * sqrt(96.0 / MANY));
    ck_assert_double_le(fabs(together / MANY), 4.5 / sqrt(MANY));
    /* A number is the same whoever asks for it. */
    trn_normals(&random, 64 * 1001, 200, part);
    ck_assert_mem_eq(part, z + 64 * 1001, 200 * sizeof *z);
    free(z);
    free(x);
    free(part);
}
END_TEST

/* Against the C library. */
START_TEST(functions)
{
    for (double x = 1e-30; x < 1e30; x *= 1.37)
        ck_assert_double_le(fabs((double)trn_ln((float)x) - log((double)(float)x)),
                            3e-7 * fmax(1, fabs(log(x))));
    for (double x = -40; x < 40; x += 0.0137)
        ck_assert_double_le(fabs((double)trn_sinh((float)x) / sinh((double)(float)x) - 1), 4e-6);
    ck_assert(trn_ln(1) == 0 && trn_round(2.5f) == 2 && trn_round(-3.5f) == -4);
}
END_TEST

START_TEST(programming)
{
    static const struct constant constants[] = {
        {"programming_sigma_constant", 0.02}, {"programming_sigma_linear", 0.05},
        {"programming_sigma_square", -0.03},  {"programming_sigma_cube", 0.01},
        {"programming_sigma_fourth", -0.005}, {NULL, 0}};
    static const double weight[] = {0.3, 0.6, 1.0};
    double t = target(weight[_i]);
    double sigma = 0.02 + 0.05 * t - 0.03 * t * t + 0.01 * t * t * t - 0.005 * t * t * t * t;
    double *x = cells(weight[_i], true, constants, NULL);

    check_normal(N, x, t, sigma);
    free(x);
}
END_TEST

/* Near 0 the normal is cut off: no conductance is negative. */
START_TEST(programming_at_off)
{
    static const struct constant constants[] = {{"programming_sigma_constant", 0.05}, {NULL, 0}};
    double *x = cells(0.5, false, constants, NULL), a = OFF / 0.05, sigma = 0.05;
    double below = 0.5 * erfc(a / sqrt(2)), density = exp(-a * a / 2) / sqrt(2 * acos(-1));
    double mean = OFF * (1 - below) + sigma * density, square;
    size_t zeros = 0;

    for (size_t k = 0; k < N; k++) {
        ck_assert_double_ge(x[k], 0);
        zeros += x[k] == 0;
    }
    check_count(N, zeros, below);
    square = (OFF * OFF + sigma * sigma) * (1 - below) + OFF * sigma * density;
    ck_assert_double_le(fabs(mean_of(N, x) - mean), 4.5 * sqrt((square - mean * mean) / N));
    ck_assert_double_le(fabs(deviation_of(N, x) - sqrt(square - mean * mean)), 0.02 * sigma);
    free(x);
}
END_TEST

START_TEST(lognormal)
{
    static const struct constant constants[] = {{"programming_sigma_log", 0.4}, {NULL, 0}};
    double *x = cells(0.5, true, constants, NULL);

    for (size_t k = 0; k < N; k++)
        x[k] = log(x[k]);
    check_normal(N, x, log(target(0.5)), 0.4);
    free(x);
}
END_TEST

/* Resistances of on and off devices are normal, cut at a tenth of their mean. */
START_TEST(variation)
{
    static const double sigma[] = {0.1, 1.0};
    struct constant constants[] = {
        {"variation_on", sigma[_i % 2]}, {"variation_off", sigma[_i % 2]}, {NULL, 0}};
    bool on = _i < 2;
    double *x = cells(1, on, constants, NULL), s = sigma[_i % 2], a = -0.9 / s;
    double tail = 0.5 * erfc(a / sqrt(2)), density = exp(-a * a / 2) / sqrt(2 * acos(-1));
    double rate = density / tail, mean = 1 + s * rate;
    double deviation = s * sqrt(1 + a * rate - rate * rate);
    size_t above = 0, low = 0;

    for (size_t k = 0; k < N; k++) {
        x[k] = (on ? 1 : OFF) / x[k];
        ck_assert_double_ge(x[k], 0.1 * (1 - 1e-5));
        above += x[k] > 1 + 2 * s;
        low += x[k] < 0.5;
    }
    ck_assert_double_le(fabs(mean_of(N, x) - mean), 4.5 * deviation / sqrt(N));
    ck_assert_double_le(fabs(deviation_of(N, x) / deviation - 1), 0.03);
    check_count(N, above, 0.5 * erfc(2 / sqrt(2)) / tail);
    check_count(N, low, (tail - 0.5 * erfc(-0.5 / s / sqrt(2))) / tail);
    free(x);
}
END_TEST

START_TEST(stuck)
{
    static const struct constant constants[] = {
        {"stuck_on_fraction", 0.03}, {"stuck_off_fraction", 0.08}, {NULL, 0}};
    double *x = cells(0.5, true, constants, NULL);
    size_t on = 0, off = 0;

    for (size_t k = 0; k < N; k++) {
        on += x[k] == 1;
        off += fabs(x[k] - OFF) < 1e-8;
        ck_assert(x[k] == 1 || fabs(x[k] - OFF) < 1e-8 || fabs(x[k] - target(0.5)) < 1e-6);
    }
    check_count(N, on, 0.03);
    check_count(N, off, 0.08);
    free(x);
}
END_TEST

/* The nearest whole number of pulses on the exponential curve. */
START_TEST(pulses)
{
    static const double curves[] = {0, 3, -3};
    double nu = curves[_i], nearest = 1, w = 0.37;
    struct constant constants[] = {{"pulses", 20}, {"pulse_nonlinearity", nu}, {NULL, 0}};
    double *x = cells(w, true, constants, NULL), part = (x[0] - OFF) / (1 - OFF);

    for (int p = 0; p <= 20; p++) {
        double m = nu == 0 ? p / 20.0 : (1 - exp(-nu * p / 20)) / (1 - exp(-nu));

        nearest = fmin(nearest, fabs(part - m));
    }
    ck_assert_double_le(nearest, 1e-6);
    ck_assert_double_le(fabs(part - w), 0.08);
    free(x);
}
END_TEST

/* Each pulse errs by itself. */
START_TEST(pulse_noise)
{
    static const struct constant constants[] = {{"pulses", 100}, {"pulse_sigma", 0.008}, {NULL, 0}};
    double *x = cells(0.49, true, constants, NULL);

    check_normal(N, x, target(0.49), (1 - OFF) * 0.008 * 7);
    free(x);
}
END_TEST

/* Chips differ; one chip is one whatever else happens to it. */
START_TEST(streams)
{
    static const struct constant alone[] = {{"programming_sigma_constant", 0.02}, {NULL, 0}};
    static const struct constant among[] = {{"programming_sigma_constant", 0.02},
                                            {"stuck_on_fraction", 0.001},
                                            {"read_sigma", 0.1},
                                            {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    double *a = cells(0.5, true, alone, NULL), *b = cells(0.5, true, among, NULL);
    size_t same = 0;

    for (size_t k = 0; k < N; k++)
        ck_assert(a[k] == b[k] || b[k] == 1);
    options.chip = 1;
    double *c = cells(0.5, true, alone, &options);
    for (size_t k = 0; k < N; k++)
        same += a[k] == c[k];
    ck_assert_uint_le(same, N / 1000);
    free(a);
    free(b);
    free(c);
}
END_TEST

TCase *writing_case(void)
{
    TCase *tests = tcase_create("writing");

    tcase_add_test(tests, normals);
    tcase_add_test(tests, functions);
    tcase_add_loop_test(tests, programming, 0, 3);
    tcase_add_test(tests, programming_at_off);
    tcase_add_test(tests, lognormal);
    tcase_add_loop_test(tests, variation, 0, 4);
    tcase_add_test(tests, stuck);
    tcase_add_loop_test(tests, pulses, 0, 3);
    tcase_add_test(tests, pulse_noise);
    tcase_add_test(tests, streams);
    return tests;
}
