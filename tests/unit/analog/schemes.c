/* The ideal chip is its network, by every scheme; levels and digits. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

enum { SAMPLES = 150 };

static const size_t sizes[] = {37, 50, 8};

static size_t best(size_t n, const float *y)
{
    size_t most = 0;

    for (size_t k = 1; k < n; k++)
        most = y[k] > y[most] ? k : most;
    return most;
}

static const struct constant pair[] = {{NULL, 0}};
static const struct constant reference[] = {
    {"columns_per_output", 1}, {"devices_per_sign", 1}, {NULL, 0}};
static const struct constant sliced_pair[] = {{"weight_slices", 4}, {"slice_bits", 2}, {NULL, 0}};
static const struct constant sliced_reference[] = {
    {"columns_per_output", 1}, {"devices_per_sign", 1},   {"weight_slices", 4},
    {"slice_bits", 3},         {"columns_per_output", 2}, {NULL, 0}};
static const struct constant serial[] = {{"input_coding", 1}, {"time_steps", 16}, {NULL, 0}};
static const struct constant *const schemes[] = {pair, reference, sliced_pair, sliced_reference,
                                                 serial};

/* Without effects: the network up to the rounding of float sums, and its predictions exactly. */
START_TEST(ideal_chip)
{
    struct design design = make_design(sizes, 3, "16x8", schemes[_i]);
    float *inputs = values(SAMPLES * design.n_in, -1, 1, 1);
    float *wanted = calloc(SAMPLES * design.n_out, sizeof *wanted);
    trnnsf_analog *chip = chip_of(&design, 0, 0, NULL);

    OK(trnnsf_mapping_forward(ctx, design.mapping, design.network, SAMPLES, inputs, wanted));
    float *got = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_double_le(largest_difference(SAMPLES * design.n_out, got, wanted),
                        2e-6 * largest_value(SAMPLES * design.n_out, wanted));
    for (size_t s = 0; s < SAMPLES; s++)
        ck_assert_uint_eq(best(design.n_out, got + s * design.n_out),
                          best(design.n_out, wanted + s * design.n_out));
    free(got);
    free(wanted);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* A technology without effects asked for with all of them is the ideal chip, bit by bit. */
START_TEST(nothing_to_do)
{
    struct design design = make_design(sizes, 3, "16x8", schemes[_i]);
    float *inputs = values(SAMPLES * design.n_in, -1, 1, 1);
    trnnsf_analog *ideal = chip_of(&design, 0, 0, NULL);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    float *a = run(ideal, &design, SAMPLES, inputs, 0);
    float *b = run(chip, &design, SAMPLES, inputs, 3);

    ck_assert_mem_eq(a, b, SAMPLES * design.n_out * sizeof *a);
    ck_assert(isnan(trnnsf_analog_input_range(chip, 0)));
    ck_assert(isnan(trnnsf_analog_sum_range(chip, 0, 0)));
    free(a);
    free(b);
    free(inputs);
    trnnsf_analog_free(ideal);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* By conductances, columns and a fine ADC, all schemes give the same, before it or after it, and
 * with partial sums of either kind. */
START_TEST(converted)
{
    struct constant constants[12] = {{"adc_bits", 20}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    size_t n = 1;

    for (const struct constant *from = schemes[_i / 3]; from->key; from++)
        constants[n++] = *from;
    constants[n++] = (struct constant){"analog_sums", _i % 3 == 2};
    struct design design = make_design(sizes, 3, "16x8", constants);
    float *inputs = values(SAMPLES * design.n_in, -1, 1, 1);
    float *wanted = calloc(SAMPLES * design.n_out, sizeof *wanted);

    options.effects = TRNNSF_ANALOG_ADC;
    options.subtraction = _i % 3 == 1 ? TRNNSF_ANALOG_CODES : TRNNSF_ANALOG_CURRENTS;
    trnnsf_analog *chip = make_chip(&design, &options, SAMPLES, inputs);
    OK(trnnsf_mapping_forward(ctx, design.mapping, design.network, SAMPLES, inputs, wanted));
    float *got = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_double_le(largest_difference(SAMPLES * design.n_out, got, wanted),
                        5e-5 * largest_value(SAMPLES * design.n_out, wanted));
    free(got);
    free(wanted);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Crossbars whose inputs and outputs are scattered, of a network with one synapse in ten. */
START_TEST(scattered)
{
    static const struct constant constants[] = {{"adc_bits", 20}, {"read_sigma", 1e-9}, {NULL, 0}};
    struct design design = make_design(sizes, 3, "16x8", constants);
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    float *inputs = values(SAMPLES * design.n_in, -1, 1, 1), *drawn = values(2000, 0, 1, 5);
    float *wanted = calloc(SAMPLES * design.n_out, sizeof *wanted);
    uint8_t mask[2000];

    for (size_t k = 0; k < 2000; k++)
        mask[k] = drawn[k] < 0.1f;
    for (size_t l = 0; l < 2; l++)
        OK(trnnsf_network_set_mask(ctx, design.network, l, mask));
    trnnsf_mapping_free(design.mapping);
    OK(trnnsf_mapping_create(ctx, design.network, design.tech, &options, &design.mapping));
    trnnsf_analog *chip =
        _i ? chip_of(&design, TRNNSF_ANALOG_ALL, SAMPLES, inputs) : chip_of(&design, 0, 0, NULL);
    OK(trnnsf_mapping_forward(ctx, design.mapping, design.network, SAMPLES, inputs, wanted));
    float *got = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_double_le(largest_difference(SAMPLES * design.n_out, got, wanted),
                        (_i ? 5e-5 : 2e-6) * largest_value(SAMPLES * design.n_out, wanted));
    free(got);
    free(wanted);
    free(inputs);
    free(drawn);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Positive weights on unipolar devices, and negative ones with a digital sign. */
START_TEST(unipolar)
{
    static const struct constant constants[] = {{"columns_per_output", 1},
                                                {"devices_per_sign", 1},
                                                {"unipolar_weights", 1},
                                                {"adc_bits", 20},
                                                {NULL, 0}};
    double sign = _i ? -1 : 1;
    float *weights = values(20 * 6, _i ? -1 : 0, _i ? 0 : 1, 5), *inputs = values(30 * 20, 0, 1, 6);
    struct design design = make_layer(20, 6, weights, constants);
    trnnsf_analog *exact = chip_of(&design, 0, 0, NULL);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ADC, 30, inputs);
    float *wanted = run(exact, &design, 30, inputs, 0), *got = run(chip, &design, 30, inputs, 0);

    ck_assert_double_gt(sign * (double)wanted[0], 0);
    ck_assert_double_le(largest_difference(30 * 6, got, wanted), 1e-4);
    ck_assert_uint_eq(trnnsf_analog_columns(chip, 0), 7);
    free(weights);
    free(inputs);
    free(wanted);
    free(got);
    trnnsf_analog_free(exact);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Weights on the grid that a scheme leaves, by hand. */
static double on_grid(int scheme, double w)
{
    switch (scheme) {
    case 0: /* a pair of 5 levels each */
        return nearbyint(w * 4) / 4;
    case 1: /* 4 levels around a reference: the first three */
        return nearbyint(w);
    case 2: /* 9 levels around a reference */
        return nearbyint(w * 4) / 4;
    case 3: /* two levels around a reference: signs */
        return w > 0 ? 1 : -1;
    case 4: /* pairs of 3 slices of 2 bits */
        return nearbyint(w * 63) / 63;
    default: /* 2 slices of 3 bits around a reference of 31 */
        return nearbyint(w * 31) / 31;
    }
}

START_TEST(levels)
{
    static const struct constant grids[6][6] = {
        {{"conductance_levels", 5}, {NULL, 0}},
        {{"columns_per_output", 1}, {"devices_per_sign", 1}, {"conductance_levels", 4}, {NULL, 0}},
        {{"columns_per_output", 1}, {"devices_per_sign", 1}, {"conductance_levels", 9}, {NULL, 0}},
        {{"columns_per_output", 1}, {"devices_per_sign", 1}, {"conductance_levels", 2}, {NULL, 0}},
        {{"weight_slices", 3}, {"slice_bits", 2}, {NULL, 0}},
        {{"columns_per_output", 1},
         {"devices_per_sign", 1},
         {"weight_slices", 2},
         {"slice_bits", 3},
         {NULL, 0}}};
    enum { IN = 24, OUT = 10 };
    float *weights = values(IN * OUT, -1, 1, 8), *inputs = values(20 * IN, -1, 1, 9);

    weights[0] = 1;
    weights[1] = -1;
    struct design design = make_layer(IN, OUT, weights, grids[_i]);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_LEVELS, 0, NULL);
    float *got = run(chip, &design, 20, inputs, 0);
    for (size_t s = 0; s < 20; s++) {
        for (size_t o = 0; o < OUT; o++) {
            double sum = 0;

            for (size_t i = 0; i < IN; i++)
                sum += on_grid(_i, (double)weights[o * IN + i]) * (double)inputs[s * IN + i];
            ck_assert_double_eq_tol((double)got[s * OUT + o], sum, 2e-5);
        }
    }
    ck_assert_double_eq(trnnsf_analog_weight_range(chip, 0), 1);
    free(weights);
    free(inputs);
    free(got);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* One scale for all layers: the smaller layer's weights meet a coarser grid. */
START_TEST(uniform)
{
    static const struct constant constants[] = {
        {"conductance_levels", 16}, {"dac_bits", 8}, {"adc_bits", 8}, {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = make_design(sizes, 3, "16x8", constants);
    float *inputs = values(SAMPLES * design.n_in, 0, 1, 1);

    options.uniform = 1;
    trnnsf_analog *one = make_chip(&design, &options, SAMPLES, inputs);
    trnnsf_analog *own = chip_of(&design, TRNNSF_ANALOG_ALL, SAMPLES, inputs);
    ck_assert_double_eq(trnnsf_analog_weight_range(one, 0), trnnsf_analog_weight_range(one, 1));
    ck_assert_double_eq(trnnsf_analog_input_range(one, 0), trnnsf_analog_input_range(one, 1));
    ck_assert_double_eq(trnnsf_analog_sum_range(one, 0, 0), trnnsf_analog_sum_range(one, 1, 0));
    ck_assert_double_ne(trnnsf_analog_weight_range(own, 0), trnnsf_analog_weight_range(own, 1));
    ck_assert_double_ne(trnnsf_analog_sum_range(own, 0, 0), trnnsf_analog_sum_range(own, 1, 0));
    free(inputs);
    trnnsf_analog_free(one);
    trnnsf_analog_free(own);
    free_design(&design);
}
END_TEST

TCase *schemes_case(void)
{
    TCase *tests = tcase_create("schemes");

    tcase_add_loop_test(tests, ideal_chip, 0, 5);
    tcase_add_loop_test(tests, nothing_to_do, 0, 2);
    tcase_add_loop_test(tests, converted, 0, 15);
    tcase_add_loop_test(tests, scattered, 0, 2);
    tcase_add_loop_test(tests, unipolar, 0, 2);
    tcase_add_loop_test(tests, levels, 0, 6);
    tcase_add_test(tests, uniform);
    return tests;
}
