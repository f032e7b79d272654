/* Layers most of whose inputs are 0 are read another way than others, to the same results. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

enum { SAMPLES = 150 };

static const size_t sizes[] = {61, 50, 7};

/* n values of which one in six is not 0, but `rest`. */
static float *sparse_values(size_t n, double low, float rest, uint64_t seed)
{
    float *x = values(n, low, 1, seed), *drawn = values(n, 0, 1, seed + 1000);

    for (size_t k = 0; k < n; k++)
        x[k] = drawn[k] < 1.0f / 6 ? x[k] : rest;
    free(drawn);
    return x;
}

static const struct constant pair[] = {{NULL, 0}};
static const struct constant reference[] = {
    {"columns_per_output", 1}, {"devices_per_sign", 1}, {NULL, 0}};
static const struct constant sliced[] = {{"weight_slices", 4}, {"slice_bits", 2}, {NULL, 0}};
static const struct constant serial[] = {{"input_coding", 1}, {"time_steps", 16}, {NULL, 0}};
static const struct constant curved[] = {{"sinh_alpha_per_volt", 1e-3}, {NULL, 0}};
static const struct constant *const schemes[] = {pair, reference, sliced, serial, curved};

static struct design make(const struct constant *scheme, double adc_bits, double dac_bits)
{
    struct constant constants[12] = {{"adc_bits", adc_bits}};
    size_t n = 1;

    if (dac_bits > 0)
        constants[n++] = (struct constant){"dac_bits", dac_bits};
    for (const struct constant *from = scheme; from->key; from++)
        constants[n++] = *from;
    return make_design(sizes, 3, "16x12", constants);
}

/* One synapse in ten, in crossbars of scattered inputs and outputs. */
static void scatter(struct design *design)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    float *drawn = values(61 * 50, 0, 1, 5);
    uint8_t mask[61 * 50];

    for (size_t k = 0; k < 61 * 50; k++)
        mask[k] = drawn[k] < 0.1f;
    for (size_t l = 0; l < 2; l++)
        OK(trnnsf_network_set_mask(ctx, design->network, l, mask));
    free(drawn);
    trnnsf_mapping_free(design->mapping);
    OK(trnnsf_mapping_create(ctx, design->network, design->tech, &options, &design->mapping));
}

/* A fine ADC leaves the network as it is, by all schemes, before it or after it, in dense tiles or
 * scattered. */
START_TEST(network)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = make(schemes[_i / 4], 20, 0);
    float *inputs = sparse_values(SAMPLES * design.n_in, _i % 3 ? -1 : 0, 0, 1);
    float *wanted = calloc(SAMPLES * design.n_out, sizeof *wanted);

    ck_assert_ptr_nonnull(wanted);
    if (_i & 1)
        scatter(&design);
    options.effects = TRNNSF_ANALOG_ADC | TRNNSF_ANALOG_DAC | TRNNSF_ANALOG_NONLINEAR;
    options.subtraction = _i & 2 ? TRNNSF_ANALOG_CODES : TRNNSF_ANALOG_CURRENTS;
    trnnsf_analog *chip = make_chip(&design, &options, SAMPLES, inputs);
    OK(trnnsf_mapping_forward(ctx, design.mapping, design.network, SAMPLES, inputs, wanted));
    float *got = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_double_le(largest_difference(SAMPLES * design.n_out, got, wanted),
                        1e-4 * largest_value(SAMPLES * design.n_out, wanted));
    free(got);
    free(wanted);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* With next to nothing in place of 0 nothing is left out; codes and full scales are the same, but
 * where rounding turns a sum to the next code. */
START_TEST(all_rows)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct design design = make(schemes[_i / 2], 7, 6);
    float *few = sparse_values(SAMPLES * design.n_in, _i & 1 ? -1 : 0, 0, 3);
    float *all = sparse_values(SAMPLES * design.n_in, _i & 1 ? -1 : 0, 1e-30f, 3);
    double dac[2][2], adc[2][2];
    size_t turned = 0;

    options.input_percentile = 99.9;
    trnnsf_analog *a = make_chip(&design, &options, SAMPLES / 2, few);
    trnnsf_analog *b = make_chip(&design, &options, SAMPLES / 2, all);
    float *x = run(a, &design, SAMPLES, few, 0), *y = run(b, &design, SAMPLES, few, 0);

    for (size_t l = 0; l < 2; l++) {
        double range = trnnsf_analog_sum_range(a, l, 0);

        ck_assert_double_eq(trnnsf_analog_input_range(a, l), trnnsf_analog_input_range(b, l));
        ck_assert_double_eq_tol(range, trnnsf_analog_sum_range(b, l, 0), 1e-5 * range);
    }
    for (size_t s = 0; s < SAMPLES; s++)
        turned += largest_difference(design.n_out, x + s * design.n_out, y + s * design.n_out) >
                  1e-4 * largest_value(SAMPLES * design.n_out, x);
    ck_assert_uint_le(turned, SAMPLES / 15);
    OK(trnnsf_analog_measure(ctx, a, design.network, SAMPLES, few, 0, NULL, dac[0], adc[0]));
    OK(trnnsf_analog_measure(ctx, b, design.network, SAMPLES, few, 0, NULL, dac[1], adc[1]));
    ck_assert_double_eq_tol(dac[0][0], dac[1][0], 1e-12);
    ck_assert_double_eq_tol(dac[0][1], dac[1][1], 1e-3);
    for (size_t l = 0; l < 2; l++)
        ck_assert_double_eq_tol(adc[0][l], adc[1][l], 1e-3);
    free(x);
    free(y);
    free(few);
    free(all);
    trnnsf_analog_free(a);
    trnnsf_analog_free(b);
    free_design(&design);
}
END_TEST

/* Samples beyond full scale count once, whether crossbars share inputs or not. */
START_TEST(saturation)
{
    struct design design = make(pair, 7, 6);
    float *inputs = sparse_values(SAMPLES * design.n_in, -1, 0, 3);
    double range, saturated[2];
    size_t beyond = 0;

    if (_i)
        scatter(&design);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 3, inputs);
    range = trnnsf_analog_input_range(chip, 0) * 1.000001;
    for (size_t k = 0; k < SAMPLES * design.n_in; k++)
        beyond += fabs((double)inputs[k]) > range;
    OK(trnnsf_analog_measure(ctx, chip, design.network, SAMPLES, inputs, 0, NULL, saturated, NULL));
    ck_assert_uint_gt(beyond, 0);
    ck_assert_double_eq_tol(saturated[0], (double)beyond / (double)(SAMPLES * design.n_in), 1e-9);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* The same bits for any number of threads, and however samples are cut into calls. */
START_TEST(same_bits)
{
    struct trnnsf_context_options settings = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct design design = make(schemes[_i], 7, 6);
    enum { N = 700 };
    float *inputs = sparse_values(N * design.n_in, -1, 0, 4), *outputs[2];
    float *piece = calloc(N * design.n_out, sizeof *piece);

    ck_assert_ptr_nonnull(piece);
    for (int k = 0; k < 2; k++) {
        trnnsf_context *other = NULL;
        trnnsf_analog *chip = NULL;

        settings.threads = k ? 5 : 1;
        OK(trnnsf_context_create(&settings, &other));
        outputs[k] = calloc(N * design.n_out, sizeof(float));
        ck_assert_ptr_nonnull(outputs[k]);
        ck_assert_int_eq(trnnsf_analog_create(other, design.network, design.mapping, design.tech,
                                              NULL, N, inputs, &chip),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_analog_forward(other, chip, N, inputs, 0, outputs[k]), TRNNSF_OK);
        for (size_t s = 0; s < N; s += 33 + s / 8) {
            size_t n = N - s < 33 + s / 8 ? N - s : 33 + s / 8;

            ck_assert_int_eq(trnnsf_analog_forward(other, chip, n, inputs + s * design.n_in, 0,
                                                   piece + s * design.n_out),
                             TRNNSF_OK);
        }
        ck_assert_mem_eq(piece, outputs[k], N * design.n_out * sizeof *piece);
        trnnsf_analog_free(chip);
        trnnsf_context_free(other);
    }
    ck_assert_mem_eq(outputs[0], outputs[1], N * design.n_out * sizeof *piece);
    free(outputs[0]);
    free(outputs[1]);
    free(piece);
    free(inputs);
    free_design(&design);
}
END_TEST

TCase *driven_case(void)
{
    TCase *tests = tcase_create("driven");

    tcase_add_loop_test(tests, network, 0, 20);
    tcase_add_loop_test(tests, all_rows, 0, 10);
    tcase_add_loop_test(tests, saturation, 0, 2);
    tcase_add_loop_test(tests, same_bits, 0, 5);
    return tests;
}
