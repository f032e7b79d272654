/* DAC, ADC, bit-serial inputs, saturation. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

/* y = x through one weight of 1. */
static struct design wire_through(const struct constant *constants)
{
    static const float one = 1;

    return make_layer(1, 1, &one, constants);
}

START_TEST(dac)
{
    static const struct constant constants[] = {{"dac_bits", 3}, {NULL, 0}};
    struct design design = wire_through(constants);
    float *inputs = values(500, -2, 2, 1);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 100, inputs);
    double range = trnnsf_analog_input_range(chip, 0), saturated = 0;
    float *y = run(chip, &design, 500, inputs, 0);
    size_t beyond = 0;

    ck_assert_double_eq(range, largest_value(100, inputs));
    for (size_t s = 0; s < 500; s++) {
        double x = (double)inputs[s], size = fmin(fabs(x) / range, 1);

        beyond += fabs(x) > range;
        ck_assert_double_eq_tol((double)y[s], copysign(nearbyint(size * 7) / 7 * range, x), 1e-6);
    }
    OK(trnnsf_analog_measure(ctx, chip, design.network, 500, inputs, 0, NULL, &saturated, NULL));
    ck_assert_double_eq_tol(saturated, (double)beyond / 500, 1e-12);
    ck_assert_uint_gt(beyond, 0);
    free(y);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Codes -7 … 7 of a signed 4-bit ADC; its range is that of the calibration inputs. */
START_TEST(adc)
{
    static const struct constant constants[] = {{"adc_bits", 4}, {NULL, 0}};
    struct design design = wire_through(constants);
    float *inputs = values(500, -2, 2, 1);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 20, inputs);
    double range = largest_value(20, inputs), saturated = 0;
    float *y = run(chip, &design, 500, inputs, 0);
    size_t beyond = 0;

    /* A full-scale sum is that of an on device at the read voltage, less what an off one conducts.
     */
    ck_assert_double_eq_tol(trnnsf_analog_sum_range(chip, 0, 0), 0.2 * (1e-4 - 1e-6), 1e-11);
    for (size_t s = 0; s < 500; s++) {
        double code = (double)inputs[s] / range * 7;

        beyond += fabs(code) > 7.5;
        ck_assert_double_eq_tol((double)y[s], nearbyint(fmax(fmin(code, 7), -7)) * range / 7, 2e-6);
    }
    OK(trnnsf_analog_measure(ctx, chip, design.network, 500, inputs, 0, NULL, NULL, &saturated));
    ck_assert_double_eq_tol(saturated, (double)beyond / 500, 1e-12);
    ck_assert_uint_gt(beyond, 0);
    free(y);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Each column by itself has no sign: 15 steps of the column's largest current. */
START_TEST(adc_of_columns)
{
    static const struct constant constants[] = {{"adc_bits", 4}, {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = wire_through(constants);
    float *inputs = values(300, 0, 2, 1);

    options.subtraction = TRNNSF_ANALOG_CODES;
    trnnsf_analog *chip = make_chip(&design, &options, 300, inputs);
    double range = largest_value(300, inputs);
    float *y = run(chip, &design, 300, inputs, 0);
    ck_assert_double_eq_tol(trnnsf_analog_sum_range(chip, 0, 0), 0.2 * 1e-4, 1e-11);
    for (size_t s = 0; s < 300; s++) {
        double v = (double)inputs[s] / range;
        double codes = nearbyint(15 * v) - nearbyint(15 * 0.01 * v);

        ck_assert_double_eq_tol((double)y[s], codes / 15 / 0.99 * range, 1e-5);
    }
    free(y);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Partial sums of two crossbars: converted by themselves, or together. */
START_TEST(partial_sums)
{
    struct constant constants[] = {{"adc_bits", 5}, {"analog_sums", _i}, {NULL, 0}};
    static const size_t sizes[] = {8, 1};
    struct design design = make_design(sizes, 2, "4x2", constants);
    const float *weights = trnnsf_network_weights(design.network, 0);
    double bias = (double)trnnsf_network_biases(design.network, 0)[0], range[2] = {0, 0};
    float *inputs = values(200 * 8, -1, 1, 1);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 200, inputs);
    float *y = run(chip, &design, 200, inputs, 0);
    double parts[200][2] = {{0}}, scale;

    ck_assert_uint_eq(trnnsf_analog_crossbars(chip), 2);
    for (size_t s = 0; s < 200; s++) {
        for (size_t i = 0; i < 8; i++)
            parts[s][i / 4] += (double)weights[i] * (double)inputs[s * 8 + i];
        range[0] = fmax(range[0], fmax(fabs(parts[s][0]), fabs(parts[s][1])));
        range[1] = fmax(range[1], fabs(parts[s][0] + parts[s][1]));
    }
    scale = range[_i] / 15;
    for (size_t s = 0; s < 200; s++) {
        double sum = _i ? nearbyint((parts[s][0] + parts[s][1]) / scale)
                        : nearbyint(parts[s][0] / scale) + nearbyint(parts[s][1] / scale);

        ck_assert_double_eq_tol((double)y[s], sum * scale + bias, 1e-5);
    }
    free(y);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

static const size_t sizes[] = {30, 20, 5};

static float *outputs_of(const struct constant *constants, const float *inputs, size_t n)
{
    struct design design = make_design(sizes, 3, "16x8", constants);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, n, inputs);
    float *y = run(chip, &design, n, inputs, 0);

    trnnsf_analog_free(chip);
    free_design(&design);
    return y;
}

/* Bits one after the other are the whole number, where the ADC is fine; without an ADC as one
 * product. */
START_TEST(bit_serial)
{
    static const struct constant direct[] = {{"dac_bits", 8}, {NULL, 0}};
    static const struct constant product[] = {{"input_coding", 1}, {"time_steps", 8}, {NULL, 0}};
    static const struct constant steps[] = {
        {"input_coding", 1}, {"time_steps", 8}, {"adc_bits", 21}, {NULL, 0}};
    float *inputs = values(300 * 30, -1, 1, 1);
    float *a = outputs_of(direct, inputs, 300), *b = outputs_of(product, inputs, 300);
    float *c = outputs_of(steps, inputs, 300);

    ck_assert_mem_eq(a, b, 300 * 5 * sizeof *a);
    ck_assert_double_le(largest_difference(300 * 5, a, c), 2e-4 * largest_value(300 * 5, a));
    free(a);
    free(b);
    free(c);
    free(inputs);
}
END_TEST

/* I = g sinh(alpha V) / sinh(alpha V_read) V_read: whole at the read voltage, less below it; bits
 * do not see it. */
START_TEST(sinh_law)
{
    static const struct constant constants[] = {{"sinh_alpha_per_volt", 10}, {NULL, 0}};
    static const struct constant bits[] = {
        {"sinh_alpha_per_volt", 10}, {"input_coding", 1}, {"time_steps", 8}, {NULL, 0}};
    static const struct constant plain[] = {{"input_coding", 1}, {"time_steps", 8}, {NULL, 0}};
    struct design design = wire_through(constants);
    float *inputs = values(300 * 30, -1, 1, 1);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 300, inputs);
    float *y = run(chip, &design, 300, inputs, 0);
    double range = largest_value(300, inputs);

    for (size_t s = 0; s < 300; s++) {
        double v = (double)inputs[s] / range;

        ck_assert_double_eq_tol((double)y[s], range * sinh(2 * v) / sinh(2), 2e-6);
    }
    float *a = outputs_of(bits, inputs, 300), *b = outputs_of(plain, inputs, 300);
    ck_assert_mem_eq(a, b, 300 * 5 * sizeof *a);
    free(a);
    free(b);
    free(y);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* A percentile's range holds as many values, to the width of a bin. */
START_TEST(percentile)
{
    static const struct constant constants[] = {{"dac_bits", 8}, {"adc_bits", 8}, {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = wire_through(constants);
    float *inputs = values(5000, 0, 1, 1);
    double saturated = 0;

    options.input_percentile = 80;
    trnnsf_analog *chip = make_chip(&design, &options, 5000, inputs);
    ck_assert_double_eq_tol(trnnsf_analog_input_range(chip, 0), 0.8, 0.025);
    OK(trnnsf_analog_measure(ctx, chip, design.network, 5000, inputs, 0, NULL, &saturated, NULL));
    ck_assert_double_eq_tol(saturated, 1 - trnnsf_analog_input_range(chip, 0), 0.02);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

TCase *converters_case(void)
{
    TCase *tests = tcase_create("converters");

    tcase_add_test(tests, dac);
    tcase_add_test(tests, adc);
    tcase_add_test(tests, adc_of_columns);
    tcase_add_loop_test(tests, partial_sums, 0, 2);
    tcase_add_test(tests, bit_serial);
    tcase_add_test(tests, sinh_law);
    tcase_add_test(tests, percentile);
    return tests;
}
