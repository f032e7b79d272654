/* Networks with levels and converters of their own: the chip keeps to them. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

enum { SAMPLES = 150 };

/* What quantise() made of design.network; mapped anew. */
static void quantise(struct design *design, const struct trnnsf_quantise_options *options,
                     const float *inputs)
{
    struct trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    uint32_t labels[SAMPLES] = {0};
    trnnsf_dataset *dataset = NULL;

    OK(trnnsf_dataset_create(ctx, 1, 1, design->n_in, (uint32_t)design->n_out, &dataset));
    OK(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, inputs, labels));
    OK(trnnsf_network_quantise(ctx, design->network, dataset, options));
    trnnsf_dataset_free(dataset);
    trnnsf_mapping_free(design->mapping);
    map.rule = TRNNSF_MAP_DENSE;
    OK(trnnsf_mapping_create(ctx, design->network, design->tech, &map, &design->mapping));
}

static size_t best(size_t n, const float *y)
{
    size_t most = 0;

    for (size_t k = 1; k < n; k++)
        most = y[k] > y[most] ? k : most;
    return most;
}

/* The chip is the mapping within `tolerance` of the largest output, and predicts the same. A value
 * that float sums put next to half a converter's step may go either way: two samples at most. */
static void check_same(const struct design *design, const trnnsf_analog *chip, const float *inputs,
                       double tolerance)
{
    size_t n_out = design->n_out, turned = 0;
    float *wanted = calloc(SAMPLES * n_out, sizeof *wanted);
    float *got = run(chip, design, SAMPLES, inputs, 0);

    ck_assert_ptr_nonnull(wanted);
    OK(trnnsf_mapping_forward(ctx, design->mapping, design->network, SAMPLES, inputs, wanted));
    for (size_t s = 0; s < SAMPLES; s++) {
        const float *a = got + s * n_out, *b = wanted + s * n_out;
        double off = largest_difference(n_out, a, b);

        turned += off > tolerance * largest_value(SAMPLES * n_out, wanted) ||
                  best(n_out, a) != best(n_out, b);
    }
    ck_assert_uint_le(turned, 2);
    free(got);
    free(wanted);
}

static const struct constant pair[] = {{NULL, 0}};
static const struct constant reference[] = {
    {"columns_per_output", 1}, {"devices_per_sign", 1}, {NULL, 0}};
static const struct constant sliced[] = {{"weight_slices", 4}, {"slice_bits", 2}, {NULL, 0}};
static const struct constant *const schemes[] = {pair, reference, sliced};

/* Random sizes, levels, bits and ranges; without effects, and with all of an ideal technology,
 * which slices are not. */
START_TEST(ideal)
{
    float *drawn = values(8, 0, 1, 100 + (uint64_t)_i);
    const size_t sizes[] = {5 + (size_t)(drawn[0] * 60), 3 + (size_t)(drawn[1] * 60),
                            2 + (size_t)(drawn[2] * 20), 4};
    size_t n_sizes = 3 + (size_t)(_i % 2);
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    struct design design = make_design(sizes, n_sizes, "16x8", schemes[_i % 3]);
    float *inputs = values(SAMPLES * design.n_in, _i % 4 < 2 ? 0 : -1, 1, (uint64_t)_i);

    options.weight_levels = drawn[3] < 0.3f ? 0 : 2 + (uint32_t)(drawn[4] * 62);
    options.activation_bits = 1 + (uint32_t)(drawn[5] * 8);
    options.uniform = drawn[6] < 0.5f;
    options.exact_outputs = drawn[7] < 0.5f;
    options.activation_range = _i % 5 == 4 ? 0.7 : 0;
    quantise(&design, &options, inputs);
    for (uint32_t all = 0; all < (_i % 3 == 2 ? 1 : 2); all++) {
        trnnsf_analog *chip = chip_of(&design, all ? TRNNSF_ANALOG_ALL : 0, 0, NULL);

        check_same(&design, chip, inputs, 2e-6);
        trnnsf_analog_free(chip);
    }
    free(inputs);
    free(drawn);
    free_design(&design);
}
END_TEST

/* Trained levels are the devices' levels, whatever the largest weight is. */
static const struct grid {
    struct constant constants[6];
    uint32_t levels; /* of a weight */
    double parts;    /* of a device's range */
} grids[] = {
    {{{"conductance_levels", 4}, {NULL, 0}}, 7, 3},
    {{{"conductance_levels", 16}, {NULL, 0}}, 31, 15},
    {{{"columns_per_output", 1}, {"devices_per_sign", 1}, {"conductance_levels", 9}, {NULL, 0}},
     9,
     8},
    {{{"weight_slices", 2}, {"slice_bits", 3}, {NULL, 0}}, 127, 7},
    {{{"columns_per_output", 1},
      {"devices_per_sign", 1},
      {"unipolar_weights", 1},
      {"conductance_levels", 4},
      {NULL, 0}},
     4,
     3},
};

static struct design on_levels(const struct grid *grid, const float *inputs, double largest)
{
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    bool is_unipolar = grid->levels == 4;
    float *weights = values(20 * 6, is_unipolar ? 0 : -largest, largest, 5);
    struct design design = make_layer(20, 6, weights, grid->constants);

    options.weight_levels = grid->levels;
    options.unipolar = is_unipolar ? TRNNSF_UNIPOLAR_MATRIX : TRNNSF_UNIPOLAR_NONE;
    options.weight_range = 0.75;
    quantise(&design, &options, inputs);
    free(weights);
    return design;
}

START_TEST(levels)
{
    float *inputs = values(SAMPLES * 20, -1, 1, 7);
    struct design design = on_levels(&grids[_i], inputs, 0.5);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_LEVELS, 0, NULL);
    size_t count = trnnsf_analog_rows(chip, 0) * trnnsf_analog_columns(chip, 0);
    double *x = devices(chip, 1e4);

    ck_assert_double_eq(trnnsf_analog_weight_range(chip, 0), 0.75);
    for (size_t k = 0; k < count; k++) {
        double level = (x[k] - 0.01) / 0.99 * grids[_i].parts;

        ck_assert_double_eq_tol(level, nearbyint(level), 1e-5);
    }
    check_same(&design, chip, inputs, 2e-6);
    free(x);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Left out, the largest weight is full scale again, and levels lie elsewhere. */
START_TEST(left_out)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float *inputs = values(SAMPLES * 20, -1, 1, 7);
    struct design design = on_levels(&grids[0], inputs, 0.5);
    float *wanted = calloc(SAMPLES * 6, sizeof *wanted);

    ck_assert_ptr_nonnull(wanted);
    options.network_ranges = 0;
    options.effects = TRNNSF_ANALOG_LEVELS;
    trnnsf_analog *chip = make_chip(&design, &options, 0, NULL);
    float *got = run(chip, &design, SAMPLES, inputs, 0);
    OK(trnnsf_mapping_forward(ctx, design.mapping, design.network, SAMPLES, inputs, wanted));
    ck_assert_double_eq_tol(trnnsf_analog_weight_range(chip, 0), 0.5, 1e-7);
    ck_assert_double_gt(largest_difference(SAMPLES * 6, got, wanted), 0.1);
    free(got);
    free(wanted);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Weights beyond the range, set since, widen it. */
START_TEST(beyond)
{
    float *inputs = values(SAMPLES * 20, -1, 1, 7), *weights = values(20 * 6, -2, 2, 5);
    struct trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    struct design design = on_levels(&grids[0], inputs, 0.5);

    OK(trnnsf_network_set_weights(ctx, design.network, 0, weights));
    trnnsf_mapping_free(design.mapping);
    OK(trnnsf_mapping_create(ctx, design.network, design.tech, &map, &design.mapping));
    trnnsf_analog *chip = chip_of(&design, 0, 0, NULL);
    ck_assert_double_eq(trnnsf_analog_weight_range(chip, 0), largest_value(20 * 6, weights));
    free(inputs);
    free(weights);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* The technology's bits in the network's range, which the inputs here leave on both sides. */
START_TEST(dac)
{
    static const struct constant constants[] = {{"dac_bits", 3}, {NULL, 0}};
    static const float one = 1;
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    struct design design = make_layer(1, 1, &one, constants);
    float *inputs = values(SAMPLES, -2, 2, 1), *fitting = values(SAMPLES, _i ? -1 : 0, 1, 2);
    double saturated = 0;
    size_t count = 0;

    options.activation_bits = 6;
    options.activation_range = 1.25;
    options.exact_outputs = 1;
    quantise(&design, &options, fitting);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    float *y = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_double_eq(trnnsf_analog_input_range(chip, 0), 1.25);
    for (size_t s = 0; s < SAMPLES; s++) {
        double x = fmax(fmin((double)inputs[s], 1.25), _i ? -1.25 : 0);

        count += (double)inputs[s] > 1.25 || (double)inputs[s] < (_i ? -1.25 : -1.25 / 14);
        ck_assert_double_eq_tol((double)y[s], nearbyint(x / 1.25 * 7) / 7 * 1.25, 1e-6);
    }
    OK(trnnsf_analog_measure(ctx, chip, design.network, SAMPLES, inputs, 0, NULL, &saturated,
                             NULL));
    ck_assert_double_eq_tol(saturated, (double)count / SAMPLES, 1e-12);
    free(y);
    free(inputs);
    free(fitting);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

static const size_t three[] = {30, 25, 20, 5};

static struct design converted(const struct constant *constants, uint32_t uniform, uint32_t bits,
                               const float *inputs)
{
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    struct design design = make_design(three, 4, "16x8", constants);

    options.weight_levels = 31;
    options.activation_bits = bits;
    options.uniform = uniform;
    quantise(&design, &options, inputs);
    return design;
}

/* Inputs and activations that are not negative: as many bits make the same levels, in the DAC, bit
 * by bit, or on numbers; a layer's error is then rounding alone. */
START_TEST(same_bits)
{
    static const struct constant direct[] = {
        {"dac_bits", 5}, {"conductance_levels", 16}, {NULL, 0}};
    static const struct constant serial[] = {
        {"input_coding", 1}, {"time_steps", 5}, {"conductance_levels", 16}, {NULL, 0}};
    float *inputs = values(SAMPLES * 30, 0, 1, 3);
    struct design design = converted(_i / 2 ? serial : direct, _i % 2, 5, inputs);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    struct trnnsf_layer_device device = {.struct_size = sizeof device};
    double errors[3];

    for (size_t l = 0; l < 3; l++) {
        OK(trnnsf_network_device(ctx, design.network, l, &device));
        ck_assert_double_eq(trnnsf_analog_input_range(chip, l), device.input_range);
        ck_assert_double_eq(trnnsf_analog_weight_range(chip, l), device.weight_range);
    }
    check_same(&design, chip, inputs, 3e-6);
    OK(trnnsf_analog_measure(ctx, chip, design.network, SAMPLES, inputs, 0, errors, NULL, NULL));
    for (size_t l = 0; l < 3; l++)
        ck_assert_double_le(errors[l], 5e-3);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* The chip's `uniform` gives all layers the widest of the network's ranges; a network that was made
 * with one range has it without. */
START_TEST(uniform)
{
    static const struct constant constants[] = {{"dac_bits", 8}, {"adc_bits", 8}, {NULL, 0}};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float *inputs = values(SAMPLES * 30, 0, 1, 3);
    struct design design = converted(constants, _i, 6, inputs);
    trnnsf_analog *own = make_chip(&design, NULL, SAMPLES, inputs), *one;
    double widest = 0, heaviest = 0;

    options.uniform = 1;
    one = make_chip(&design, &options, SAMPLES, inputs);
    for (size_t l = 0; l < 3; l++) {
        widest = fmax(widest, trnnsf_analog_input_range(own, l));
        heaviest = fmax(heaviest, trnnsf_analog_weight_range(own, l));
    }
    for (size_t l = 0; l < 3; l++) {
        ck_assert_double_eq(trnnsf_analog_input_range(one, l), widest);
        ck_assert_double_eq(trnnsf_analog_weight_range(one, l), heaviest);
    }
    ck_assert(_i == (trnnsf_analog_input_range(own, 0) == trnnsf_analog_input_range(own, 1)));
    ck_assert(_i == (trnnsf_analog_weight_range(own, 0) == trnnsf_analog_weight_range(own, 1)));
    ck_assert_double_eq(trnnsf_analog_sum_range(one, 0, 0), trnnsf_analog_sum_range(one, 2, 0));
    free(inputs);
    trnnsf_analog_free(own);
    trnnsf_analog_free(one);
    free_design(&design);
}
END_TEST

TCase *device_case(void)
{
    TCase *tests = tcase_create("device");

    tcase_add_loop_test(tests, ideal, 0, 20);
    tcase_add_loop_test(tests, levels, 0, 5);
    tcase_add_test(tests, left_out);
    tcase_add_test(tests, beyond);
    tcase_add_loop_test(tests, dac, 0, 2);
    tcase_add_loop_test(tests, same_bits, 0, 4);
    tcase_add_loop_test(tests, uniform, 0, 2);
    return tests;
}
