/* What time does to devices. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

enum { ROWS = 128, OUTPUTS = 64, N = ROWS * OUTPUTS };
static const double ON = 1e4, OFF = 0.01;

static struct design layer_of(double w, const struct constant *constants)
{
    float *weights = calloc(N + ROWS, sizeof *weights);

    for (size_t k = 0; k < N + ROWS; k++)
        weights[k] = k < N ? (float)w : 1.0f;
    struct design design = make_layer(ROWS, OUTPUTS + 1, weights, constants);
    free(weights);
    return design;
}

/* Devices of weight w, `seconds` after the start. */
static double *cells(double w, const struct constant *constants, double seconds)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = layer_of(w, constants);

    options.time_second = seconds;
    trnnsf_analog *chip = make_chip(&design, &options, 0, NULL);
    double *all = devices(chip, ON), *some = calloc(N, sizeof *some);
    size_t columns = trnnsf_analog_columns(chip, 0);

    for (size_t i = 0; i < ROWS; i++) {
        for (size_t o = 0; o < OUTPUTS; o++)
            some[i * OUTPUTS + o] = all[i * columns + 2 * o];
    }
    free(all);
    trnnsf_analog_free(chip);
    free_design(&design);
    return some;
}

static double target(double w)
{
    return OFF + (1 - OFF) * w;
}

static double clamped(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

/* The phase-change memory of Nandakumar 2019 as aihwkit has it. */
static const struct constant pcm[] = {{"drift_slope", -0.0155},
                                      {"drift_offset", 0.0244},
                                      {"drift_high", 0.1},
                                      {"drift_low", 0.049},
                                      {"drift_sigma_slope", -0.0125},
                                      {"drift_sigma_offset", -0.0059},
                                      {"drift_sigma_high", 0.045},
                                      {"drift_sigma_low", 0.008},
                                      {"drift_start_second", 20},
                                      {NULL, 0}};

START_TEST(drift)
{
    static const double weight[] = {0.02, 0.1, 1.0};
    double w = weight[_i], t = target(w), seconds = 86400, stretch = log1p(seconds / 20);
    double nu = clamped(-0.0155 * log(t) + 0.0244, 0.049, 0.1);
    double sigma = clamped(-0.0125 * log(t) - 0.0059, 0.008, 0.045);
    double *x = cells(w, pcm, seconds), *early = cells(w, pcm, 0);
    size_t beyond = 0;

    for (size_t k = 0; k < N; k++) {
        ck_assert_double_eq_tol(early[k], t, 1e-6);
        x[k] = -log(x[k] / t) / stretch;
        ck_assert_double_ge(x[k], -1e-6);
        beyond += x[k] > nu + 2 * sigma;
    }
    check_count(N, beyond, 0.5 * erfc(2 / sqrt(2)) + 0.5 * erfc((2 * nu / sigma + 2) / sqrt(2)));
    if (nu > 5 * sigma)
        check_normal(N, x, nu, sigma);
    else { /* |nu|: a folded normal */
        double mean = sigma * sqrt(2 / acos(-1)) * exp(-nu * nu / (2 * sigma * sigma)) +
                      nu * erf(nu / (sigma * sqrt(2)));
        double deviation = sqrt(nu * nu + sigma * sigma - mean * mean);

        ck_assert_double_le(fabs(mean_of(N, x) - mean), 4.5 * deviation / sqrt(N));
        ck_assert_double_le(fabs(deviation_of(N, x) / deviation - 1), 0.04);
    }
    free(x);
    free(early);
}
END_TEST

/* What all devices lose alike, compensation gives back. */
START_TEST(compensation)
{
    static const struct constant constants[] = {
        {"drift_high", 0.06}, {"drift_low", 0.06}, {"drift_start_second", 10}, {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = layer_of(0.4, constants);
    float *inputs = values(9 * ROWS, 0, 1, 3);

    trnnsf_analog *early = make_chip(&design, &options, 0, NULL);
    options.time_second = 1e6;
    trnnsf_analog *late = make_chip(&design, &options, 0, NULL);
    options.compensation = 0;
    trnnsf_analog *left = make_chip(&design, &options, 0, NULL);
    float *a = run(early, &design, 9, inputs, 0), *b = run(late, &design, 9, inputs, 0);
    float *c = run(left, &design, 9, inputs, 0);
    double factor = pow(1 + 1e6 / 10, -0.06);

    for (size_t k = 0; k < 9 * design.n_out; k++) {
        ck_assert_double_eq_tol((double)b[k], (double)a[k], 1e-4);
        ck_assert_double_eq_tol((double)c[k], factor * (double)a[k], 1e-4);
    }
    free(a);
    free(b);
    free(c);
    free(inputs);
    trnnsf_analog_free(early);
    trnnsf_analog_free(late);
    trnnsf_analog_free(left);
    free_design(&design);
}
END_TEST

START_TEST(flicker)
{
    static const struct constant constants[] = {
        {"flicker_sigma", 0.0088},       {"flicker_exponent", 0.65}, {"flicker_most", 0.2},
        {"flicker_read_second", 250e-9}, {"drift_start_second", 20}, {NULL, 0}};
    static const double weight[] = {0.3, 0.9};
    double t = target(weight[_i]), seconds = 1000;
    double q = fmin(0.0088 * pow(t, -0.65), 0.2);
    double sigma = t * q * sqrt(log((seconds + 20 + 250e-9) / (2 * 250e-9)));
    double *x = cells(weight[_i], constants, seconds);

    check_normal(N, x, t, sigma);
    free(x);
}
END_TEST

START_TEST(retention)
{
    static const struct constant constants[] = {{"retention_shift_per_decade", -0.01},
                                                {"retention_sigma_per_decade", 0.02},
                                                {"drift_start_second", 1},
                                                {NULL, 0}};
    double *x = cells(0.6, constants, 9999);

    check_normal(N, x, target(0.6) - 0.01 * 4, 0.02 * 2);
    free(x);
}
END_TEST

TCase *time_case(void)
{
    TCase *tests = tcase_create("time");

    tcase_add_loop_test(tests, drift, 0, 3);
    tcase_add_test(tests, compensation);
    tcase_add_loop_test(tests, flicker, 0, 2);
    tcase_add_test(tests, retention);
    return tests;
}
