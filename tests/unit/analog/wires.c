/* Crossbars with wires, against trnnsf_wires_…() on the conductances that the chip tells. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"
#include "base/alloc.h"
#include "base/file.h"

enum { IN = 20, OUT = 6, SAMPLES = 5 };

static const struct constant linear[] = {{"word_wire_ohm", 3},
                                         {"bit_wire_ohm", 2},
                                         {"driver_ohm", 50},
                                         {"sense_ohm", 20},
                                         {"access_ohm", 500},
                                         {"programming_sigma_constant", 0.02},
                                         {NULL, 0}};
static const struct constant curved[] = {{"word_wire_ohm", 3},
                                         {"bit_wire_ohm", 2},
                                         {"driver_ohm", 50},
                                         {"sense_ohm", 20},
                                         {"sinh_alpha_per_volt", 5},
                                         {"programming_sigma_constant", 0.02},
                                         {NULL, 0}};
static const struct constant sliced[] = {
    {"word_wire_ohm", 3}, {"bit_wire_ohm", 2}, {"weight_slices", 2}, {"slice_bits", 4}, {NULL, 0}};

static trnnsf_wires *wires_of(const trnnsf_analog *chip, size_t array, bool is_curved,
                              bool has_access)
{
    size_t rows = trnnsf_analog_rows(chip, 0), columns = trnnsf_analog_columns(chip, 0);
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    double *cells = calloc(rows * columns, sizeof *cells);
    trnnsf_wires *wires = NULL;

    options.word_ohm = 3;
    options.bit_ohm = 2;
    options.driver_ohm = is_curved || has_access ? 50 : 0;
    options.sense_ohm = is_curved || has_access ? 20 : 0;
    options.cell_ohm = has_access ? 500 : 0;
    options.alpha_per_volt = is_curved ? 5 : 0;
    OK(trnnsf_analog_conductances(ctx, chip, 0, array, cells));
    /* Conductances are those at 0.2 V. */
    for (size_t k = 0; is_curved && k < rows * columns; k++)
        cells[k] *= 1 / sinh(1);
    OK(trnnsf_wires_create(ctx, rows, columns, cells, &options, &wires));
    free(cells);
    return wires;
}

/* Outputs from currents of an array's pairs. */
static void add_outputs(const trnnsf_analog *chip, const trnnsf_wires *wires, double volt,
                        double part, const float *inputs, uint32_t passes, double *outputs)
{
    size_t columns = trnnsf_analog_columns(chip, 0);
    double volts[SAMPLES * IN], *currents = calloc(SAMPLES * columns, sizeof *currents);
    double range = trnnsf_analog_weight_range(chip, 0);

    for (size_t k = 0; k < SAMPLES * IN; k++)
        volts[k] = (double)inputs[k] * volt;
    if (passes)
        OK(trnnsf_wires_approximate(ctx, wires, SAMPLES, volts, passes, currents));
    else
        OK(trnnsf_wires_currents(ctx, wires, SAMPLES, volts, currents));
    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t o = 0; o < OUT; o++) {
            const double *pair = currents + s * columns + 2 * o;

            outputs[s * OUT + o] += (pair[0] - pair[1]) / volt * 1e4 / 0.99 * range * part;
        }
    }
    free(currents);
}

/* 0: linear; 1: linear, by relaxation; 2: sinh, 3: sinh, by relaxation; 4: two slices. */
START_TEST(arrays)
{
    bool is_curved = _i == 2 || _i == 3;
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float *weights = values(OUT * IN, -1, 1, 2), *inputs = values(SAMPLES * IN, -1, 1, 3);
    struct design design = make_layer(IN, OUT, weights,
                                      _i == 4     ? sliced
                                      : is_curved ? curved
                                                  : linear);
    double outputs[SAMPLES * OUT] = {0}, volt;

    options.wires_passes = _i % 2 ? 3 : 0;
    trnnsf_analog *chip = make_chip(&design, &options, SAMPLES, inputs);
    float *y = run(chip, &design, SAMPLES, inputs, 0);
    ck_assert_uint_eq(trnnsf_analog_arrays(chip), _i == 4 ? 2 : 1);
    volt = 0.2 / (_i == 0 || _i == 4 ? 1 : trnnsf_analog_input_range(chip, 0));
    for (size_t a = 0; a < trnnsf_analog_arrays(chip); a++) {
        trnnsf_wires *wires = wires_of(chip, a, is_curved, _i < 2);

        add_outputs(chip, wires, volt,
                    _i < 4 ? 1
                    : a    ? 240.0 / 255
                           : 15.0 / 255,
                    inputs, options.wires_passes, outputs);
        trnnsf_wires_free(wires);
    }
    for (size_t k = 0; k < SAMPLES * OUT; k++)
        ck_assert_double_eq_tol((double)y[k], outputs[k], 2e-5);
    free(y);
    free(weights);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Wires cost signal, and the more the longer they are. */
START_TEST(drop)
{
    float *weights = values(OUT * IN, 0.5, 1, 2), *inputs = values(IN, 0.5, 1, 3);
    double last = INFINITY;

    for (double ohm = 0; ohm < 100; ohm = 3 * ohm + 1) {
        struct constant constants[] = {{"word_wire_ohm", ohm}, {"bit_wire_ohm", ohm}, {NULL, 0}};
        struct design design = make_layer(IN, OUT, weights, constants);
        trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
        float *y = run(chip, &design, 1, inputs, 0);

        ck_assert_double_lt((double)y[OUT - 1], last);
        last = (double)y[OUT - 1];
        free(y);
        trnnsf_analog_free(chip);
        free_design(&design);
    }
    free(weights);
    free(inputs);
}
END_TEST

/* The chip's wires are those of its conductances and of the technology. */
START_TEST(public_wires)
{
    float *weights = values(OUT * IN, -1, 1, 2);
    struct design design = make_layer(IN, OUT, weights, linear);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    trnnsf_wires *expected = wires_of(chip, 0, false, true), *wires = NULL;

    OK(trnnsf_analog_wires(ctx, chip, 0, 0, &wires));
    ck_assert_uint_eq(trnnsf_wires_rows(wires), IN);
    ck_assert_uint_eq(trnnsf_wires_columns(wires), trnnsf_analog_columns(chip, 0));
    ck_assert_mem_eq(trnnsf_wires_transfer(wires), trnnsf_wires_transfer(expected),
                     IN * trnnsf_wires_columns(wires) * sizeof(double));
    free(weights);
    trnnsf_wires_free(expected);
    trnnsf_wires_free(wires);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* The chip's netlist is that of its wires. */
START_TEST(netlist)
{
    float *weights = values(OUT * IN, -1, 1, 2);
    struct design design = make_layer(IN, OUT, weights, linear);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, 0, NULL);
    trnnsf_wires *wires = wires_of(chip, 0, false, true);
    char folder[] = "/tmp/analog-XXXXXX", paths[2][64];
    double volts[IN];
    uint8_t *texts[2];
    size_t lengths[2];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < IN; i++)
        volts[i] = 0.01 * (double)i;
    for (int k = 0; k < 2; k++)
        snprintf(paths[k], sizeof paths[k], "%s/%d.cir", folder, k);
    OK(trnnsf_analog_netlist(ctx, chip, 0, 0, volts, paths[0]));
    OK(trnnsf_wires_netlist(ctx, wires, volts, paths[1]));
    for (int k = 0; k < 2; k++) {
        OK(trn_file_read(ctx, paths[k], 1 << 20, &texts[k], &lengths[k]));
        remove(paths[k]);
    }
    remove(folder);
    ck_assert_uint_eq(lengths[0], lengths[1]);
    ck_assert_mem_eq(texts[0], texts[1], lengths[0]);
    for (int k = 0; k < 2; k++)
        trn_free(ctx, texts[k]);
    free(weights);
    trnnsf_wires_free(wires);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

TCase *wires_case(void)
{
    TCase *tests = tcase_create("wires");

    tcase_add_loop_test(tests, arrays, 0, 5);
    tcase_add_test(tests, drop);
    tcase_add_test(tests, public_wires);
    tcase_add_test(tests, netlist);
    return tests;
}
