/* Read noise, and that results hang on numbers alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"

enum { IN = 40, OUT = 6, SAMPLES = 20000 };

/* The same input in all samples. */
static float *repeated(size_t n)
{
    float *once = values(IN, -1, 1, 4), *inputs = calloc(n * IN, sizeof *inputs);

    for (size_t s = 0; s < n; s++)
        memcpy(inputs + s * IN, once, IN * sizeof *once);
    free(once);
    return inputs;
}

static double *column(const float *outputs, size_t n, size_t o)
{
    double *x = calloc(n, sizeof *x);

    for (size_t s = 0; s < n; s++)
        x[s] = (double)outputs[s * OUT + o];
    return x;
}

static double correlation(size_t n, const double *a, const double *b)
{
    double x = mean_of(n, a), y = mean_of(n, b), sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += (a[k] - x) * (b[k] - y);
    return sum / (double)(n - 1) / deviation_of(n, a) / deviation_of(n, b);
}

/* Variance of output o by devices: sum of (v r)^2 sigma^2(g) over its pair, or column and
 * reference.
 */
static double variance_of(const trnnsf_analog *chip, const float *input, size_t o, bool pair,
                          double part, double on)
{
    double *x = devices(chip, 1e4), sum = 0, gain = (pair ? 1 : 2) / (1 - 0.01);
    double range = trnnsf_analog_weight_range(chip, 0);
    size_t columns = trnnsf_analog_columns(chip, 0);
    size_t first = pair ? 2 * o : o, other = pair ? 2 * o + 1 : OUT;

    for (size_t i = 0; i < IN; i++) {
        double v = (double)input[i], a = x[i * columns + first], b = x[i * columns + other];

        sum += v * v * (part * part * (a * a + b * b) + 2 * on * on);
    }
    free(x);
    return sum * gain * gain * range * range;
}

START_TEST(read_noise)
{
    static const struct constant pair[] = {
        {"read_sigma", 0.05}, {"read_sigma_on", 0.02}, {NULL, 0}};
    static const struct constant single[] = {{"columns_per_output", 1},
                                             {"devices_per_sign", 1},
                                             {"read_sigma", 0.05},
                                             {"read_sigma_on", 0.02},
                                             {NULL, 0}};
    bool is_pair = _i == 0;
    float *weights = values(OUT * IN, -1, 1, 2), *inputs = repeated(SAMPLES);
    struct design design = make_layer(IN, OUT, weights, is_pair ? pair : single);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    trnnsf_analog *still = chip_of(&design, 0, 0, NULL);
    float *y = run(chip, &design, SAMPLES, inputs, 7), *mean = run(still, &design, 1, inputs, 0);
    float *again = run(chip, &design, SAMPLES, inputs, 8);
    double *columns[OUT];

    for (size_t o = 0; o < OUT; o++) {
        double deviation = sqrt(variance_of(chip, inputs, o, is_pair, 0.05, 0.02));
        double *other = column(again, SAMPLES, o);

        columns[o] = column(y, SAMPLES, o);
        check_normal(SAMPLES, columns[o], (double)mean[o], deviation);
        ck_assert_double_le(fabs(correlation(SAMPLES, columns[o], other)), 4.5 / sqrt(SAMPLES));
        free(other);
    }
    /* Columns are independent, but for a reference that they share. */
    double together = correlation(SAMPLES, columns[0], columns[1]);
    if (is_pair)
        ck_assert_double_le(fabs(together), 4.5 / sqrt(SAMPLES));
    else
        ck_assert(together > 0.2 && together < 0.8);
    for (size_t o = 0; o < OUT; o++)
        free(columns[o]);
    free(y);
    free(mean);
    free(again);
    free(weights);
    free(inputs);
    trnnsf_analog_free(chip);
    trnnsf_analog_free(still);
    free_design(&design);
}
END_TEST

static const struct constant everything[] = {{"conductance_levels", 32},
                                             {"programming_sigma_constant", 0.02},
                                             {"variation_on", 0.05},
                                             {"stuck_on_fraction", 0.01},
                                             {"read_sigma", 0.05},
                                             {"flicker_sigma", 0.01},
                                             {"drift_high", 0.05},
                                             {"drift_low", 0.05},
                                             {"sinh_alpha_per_volt", 2},
                                             {"word_wire_ohm", 1},
                                             {"bit_wire_ohm", 1},
                                             {"dac_bits", 6},
                                             {"adc_bits", 8},
                                             {NULL, 0}};
static const struct constant bits[] = {
    {"weight_slices", 2},         {"slice_bits", 4},    {"input_coding", 1}, {"time_steps", 8},
    {"stuck_off_fraction", 0.01}, {"read_sigma", 0.05}, {"adc_bits", 8},     {NULL, 0}};

/* Without non-linear wires, which take their time, when `fast`. */
static struct trnnsf_analog_options options_of(bool fast)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;

    options.effects = fast ? TRNNSF_ANALOG_ALL & ~TRNNSF_ANALOG_NONLINEAR : TRNNSF_ANALOG_ALL;
    options.time_second = 100;
    options.input_percentile = 99.5;
    options.sum_percentile = 99.5;
    return options;
}

/* One thread or five: the same bits, of devices, ranges and outputs. */
START_TEST(threads)
{
    static const size_t sizes[] = {60, 45, 7};
    struct trnnsf_context_options settings = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_analog_options options = options_of(_i != 2);
    struct design design = make_design(sizes, 3, "16x12", _i == 1 ? bits : everything);
    size_t n = _i == 2 ? 10 : 700;
    float *inputs = values(n * 60, 0, 1, 3), *outputs[2];

    for (int k = 0; k < 2; k++) {
        trnnsf_context *other = NULL;
        trnnsf_analog *chip = NULL;

        settings.threads = k ? 5 : 1;
        OK(trnnsf_context_create(&settings, &other));
        outputs[k] = calloc(n * 7, sizeof(float));
        ck_assert_int_eq(trnnsf_analog_create(other, design.network, design.mapping, design.tech,
                                              &options, n, inputs, &chip),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_analog_forward(other, chip, n, inputs, 2, outputs[k]), TRNNSF_OK);
        trnnsf_analog_free(chip);
        trnnsf_context_free(other);
    }
    ck_assert_mem_eq(outputs[0], outputs[1], n * 7 * sizeof(float));
    free(outputs[0]);
    free(outputs[1]);
    free(inputs);
    free_design(&design);
}
END_TEST

/* A sample's result hangs on its number, not on how many come with it. */
START_TEST(cuts)
{
    static const size_t sizes[] = {60, 45, 7};
    struct trnnsf_analog_options options = options_of(true);
    struct design design = make_design(sizes, 3, "16x12", _i ? bits : everything);
    float *inputs = values(1500 * 60, 0, 1, 3);
    trnnsf_analog *chip = make_chip(&design, &options, 300, inputs);
    float *all = run(chip, &design, 1500, inputs, 5);

    for (size_t n = 1; n < 1500; n = 3 * n + 7) {
        float *some = run(chip, &design, n, inputs, 5);

        ck_assert_mem_eq(some, all, n * 7 * sizeof *all);
        free(some);
    }
    free(all);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

TCase *reading_case(void)
{
    TCase *tests = tcase_create("reading");

    tcase_add_loop_test(tests, read_noise, 0, 2);
    tcase_add_loop_test(tests, threads, 0, 3);
    tcase_add_loop_test(tests, cuts, 0, 2);
    return tests;
}
