/* Remapping: permutations are permutations, expected errors are the chip's, no worse than as mapped
 * and on small crossbars the best there are, default and identity change no bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"

static const struct constant stuck[] = {
    {"stuck_on_fraction", 0.06}, {"stuck_off_fraction", 0.08}, {NULL, 0}};
static const struct constant varied[] = {{"stuck_on_fraction", 0.06}, {"stuck_off_fraction", 0.08},
                                         {"variation_on", 0.2},       {"variation_off", 0.3},
                                         {"conductance_levels", 9},   {NULL, 0}};
static const struct constant reference[] = {
    {"columns_per_output", 1},    {"devices_per_sign", 1},   {"stuck_on_fraction", 0.03},
    {"stuck_off_fraction", 0.04}, {"conductance_levels", 9}, {NULL, 0}};
static const struct constant unipolar[] = {
    {"columns_per_output", 1},   {"devices_per_sign", 1},      {"unipolar_weights", 1},
    {"stuck_on_fraction", 0.03}, {"stuck_off_fraction", 0.04}, {NULL, 0}};
static const struct constant slices[] = {{"weight_slices", 3},         {"slice_bits", 2},
                                         {"columns_per_output", 2},    {"stuck_on_fraction", 0.06},
                                         {"stuck_off_fraction", 0.08}, {NULL, 0}};
static const struct constant reference_slices[] = {{"weight_slices", 2},
                                                   {"slice_bits", 3},
                                                   {"columns_per_output", 1},
                                                   {"devices_per_sign", 1},
                                                   {"stuck_on_fraction", 0.03},
                                                   {"stuck_off_fraction", 0.04},
                                                   {NULL, 0}};
static const struct constant *const schemes[] = {stuck,    varied, reference,
                                                 unipolar, slices, reference_slices};
enum { SCHEMES = 6, IN = 30, OUT = 12 };

static struct design make_scheme(int scheme, const char *shapes)
{
    struct design design = make_design((const size_t[]){IN, OUT}, 2, shapes, schemes[scheme]);
    float *weights = values(IN * OUT, scheme == 3 ? 0 : -1, 1, 3);

    for (size_t k = 0; k < IN * OUT; k += 3)
        weights[k] = 0;
    OK(trnnsf_network_set_weights(ctx, design.network, 0, weights));
    free(weights);
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    options.rule = TRNNSF_MAP_DENSE;
    trnnsf_mapping_free(design.mapping);
    OK(trnnsf_mapping_create(ctx, design.network, design.tech, &options, &design.mapping));
    return design;
}

static trnnsf_fault_map *draw(const struct design *design)
{
    trnnsf_fault_map *map = NULL;

    OK(trnnsf_fault_map_draw(ctx, design->mapping, design->tech, NULL, &map));
    return map;
}

static trnnsf_remap *fit(const struct design *design, const trnnsf_fault_map *faults,
                         uint32_t means, uint32_t starts, uint32_t spare)
{
    struct trnnsf_remap_options options = TRNNSF_REMAP_OPTIONS_INIT;
    trnnsf_remap *remap = NULL;

    options.means = means;
    options.starts = starts;
    options.spare = spare;
    OK(trnnsf_remap_create(ctx, design->network, design->mapping, design->tech, NULL, faults,
                           &options, 0, NULL, &remap));
    return remap;
}

static struct trnnsf_remap_errors expected(const trnnsf_remap *remap, size_t crossbar)
{
    struct trnnsf_remap_errors errors = {.struct_size = sizeof errors};

    OK(trnnsf_remap_expect(ctx, remap, crossbar, &errors));
    return errors;
}

static void check_places(size_t n, const uint32_t *place, size_t room)
{
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_lt(place[k], room);
        for (size_t other = 0; other < k; other++)
            ck_assert_uint_ne(place[k], place[other]);
    }
}

START_TEST(permutations)
{
    for (int k = 0; k < SCHEMES; k++) {
        struct design design = make_scheme(k, "24x16");
        trnnsf_fault_map *faults = draw(&design);

        for (uint32_t spare = 0; spare < 2; spare++) {
            trnnsf_remap *remap = fit(&design, faults, TRNNSF_REMAP_ALL, 2, spare);
            struct trnnsf_remap_errors all = expected(remap, TRNNSF_ALL_CROSSBARS);
            double after = 0;

            ck_assert_uint_eq(trnnsf_remap_crossbars(remap), trnnsf_fault_map_crossbars(faults));
            for (size_t c = 0; c < trnnsf_remap_crossbars(remap); c++) {
                size_t n_in, n_out, columns = trnnsf_fault_map_columns(faults, c);
                const uint32_t *rows = trnnsf_remap_rows(remap, c, &n_in);
                const uint32_t *outputs = trnnsf_remap_outputs(remap, c, &n_out);
                struct trnnsf_remap_errors one = expected(remap, c);

                check_places(n_in, rows, spare ? 24 : n_in);
                check_places(n_out, outputs, spare ? columns : n_out);
                ck_assert_double_le(one.after, one.before);
                ck_assert_double_gt(one.signal, 0);
                after += one.after;
            }
            ck_assert_double_eq_tol(after, all.after, 1e-9);
            ck_assert_double_lt(all.after, 0.7 * all.before);
            trnnsf_remap_free(remap);
        }
        trnnsf_fault_map_free(faults);
        free_design(&design);
    }
}
END_TEST

/* Means together are no worse than each, each than none; more starts no worse than fewer. */
START_TEST(never_worse)
{
    for (int k = 0; k < SCHEMES; k++) {
        struct design design = make_scheme(k, "30x32");
        trnnsf_fault_map *faults = draw(&design);
        double after[4];

        for (uint32_t means = 0; means < 4; means++) {
            trnnsf_remap *remap = fit(&design, faults, means, 1, 1);
            trnnsf_remap *more = fit(&design, faults, means, 5, 1);
            struct trnnsf_remap_errors errors = expected(remap, 0);

            ck_assert_double_le(errors.after, errors.before);
            ck_assert_double_le(expected(more, 0).after, errors.after);
            after[means] = errors.after;
            if (!(means & TRNNSF_REMAP_COMPENSATION))
                ck_assert_uint_eq(errors.compensated, 0);
            trnnsf_remap_free(remap);
            trnnsf_remap_free(more);
        }
        ck_assert_double_lt(after[1], after[0]);
        ck_assert_double_le(after[2], after[0]);
        ck_assert_double_lt(after[3], after[0]);
        if (k != 2 && k != 3) /* one device a weight leaves little to make up with */
            ck_assert_double_lt(after[3], 0.5 * after[1]);
        trnnsf_fault_map_free(faults);
        free_design(&design);
    }
}
END_TEST

/* What pairs side by side of crossbar 0 stand for, in the order of lines, less the weights. */
static double error_of(const struct design *design, const trnnsf_analog *chip,
                       const trnnsf_remap *remap)
{
    size_t n_in, n_out, columns = trnnsf_analog_columns(chip, 0);
    const uint32_t *rows = trnnsf_remap_rows(remap, 0, &n_in);
    const uint32_t *outputs = trnnsf_remap_outputs(remap, 0, &n_out);
    double *x = devices(chip, 1e4), range = trnnsf_analog_weight_range(chip, 0), sum = 0;
    const float *weights = trnnsf_network_weights(design->network, 0);

    for (size_t o = 0; o < n_out; o++) {
        size_t place = 0;

        for (size_t k = 0; k < n_out; k++)
            place += outputs[k] < outputs[o];
        for (size_t i = 0; i < n_in; i++) {
            size_t row = 0;

            for (size_t k = 0; k < n_in; k++)
                row += rows[k] < rows[i];
            const double *pair = x + row * columns + 2 * place;
            double weight = range * (pair[0] - pair[1]) / (1 - 0.01);
            double error = weight - (double)weights[o * n_in + i];

            sum += error * error;
        }
    }
    free(x);
    return sum;
}

static trnnsf_analog *chip_with(const struct design *design,
                                const struct trnnsf_analog_options *options,
                                const trnnsf_fault_map *faults, const trnnsf_remap *remap, size_t n,
                                const float *inputs)
{
    trnnsf_analog *chip = NULL;

    OK(trnnsf_analog_create_with_faults(ctx, design->network, design->mapping, design->tech,
                                        options, faults, remap, n, inputs, &chip));
    return chip;
}

START_TEST(chips_err_as_expected)
{
    for (int k = 0; k < 2; k++) {
        struct design design = make_scheme(k, "36x40");
        trnnsf_fault_map *faults = draw(&design);

        for (uint32_t means = 0; means < 4; means++) {
            trnnsf_remap *remap = fit(&design, faults, means, 1, 1);
            trnnsf_analog *drawn = chip_with(&design, NULL, NULL, remap, 0, NULL);
            trnnsf_analog *given = chip_with(&design, NULL, faults, remap, 0, NULL);
            double after = expected(remap, 0).after;

            ck_assert_double_eq_tol(error_of(&design, drawn, remap), after, 1e-4 * after + 1e-6);
            ck_assert_double_eq(error_of(&design, drawn, remap), error_of(&design, given, remap));
            trnnsf_analog_free(drawn);
            trnnsf_analog_free(given);
            trnnsf_remap_free(remap);
        }
        trnnsf_fault_map_free(faults);
        free_design(&design);
    }
}
END_TEST

/* All effects: a remapping that moves nothing is the chip as it always was, bit by bit. */
START_TEST(identity)
{
    static const struct constant more[] = {{"pulses", 100},
                                           {"pulse_sigma", 0.01},
                                           {"programming_sigma_constant", 0.02},
                                           {"read_sigma", 0.05},
                                           {"programming_sigma_log", 0.05},
                                           {"retention_sigma_per_decade", 0.02},
                                           {"adc_bits", 8},
                                           {"variation_on", 0.5},
                                           {"variation_off", 0.1},
                                           {"drift_high", 0.06},
                                           {"drift_low", 0.01},
                                           {"drift_offset", 0.03},
                                           {"drift_sigma_high", 0.02},
                                           {"flicker_sigma", 0.02},
                                           {"flicker_most", 0.2}};
    float *inputs = values(5 * IN, 0, 1, 8);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;

    options.time_second = 1e4;
    options.chip = 5;
    for (int k = 0; k < SCHEMES; k++) {
        struct design design = make_scheme(k, "40x64");

        for (size_t c = 0; c < sizeof more / sizeof more[0]; c++) {
            trnnsf_tech *changed = NULL;

            OK(trnnsf_tech_with_value(ctx, design.tech, more[c].key, more[c].value, &changed));
            trnnsf_tech_free(design.tech);
            design.tech = changed;
        }
        trnnsf_fault_map *faults = draw(&design);
        trnnsf_remap *remap = fit(&design, faults, TRNNSF_REMAP_NONE, 1, 1);
        trnnsf_analog *plain = make_chip(&design, &options, 5, inputs);
        trnnsf_analog *same = chip_with(&design, &options, NULL, remap, 5, inputs);
        float *a = run(plain, &design, 5, inputs, 1), *b = run(same, &design, 5, inputs, 1);

        ck_assert_mem_eq(a, b, 5 * OUT * sizeof *a);
        free(a);
        free(b);
        trnnsf_analog_free(plain);
        trnnsf_analog_free(same);
        trnnsf_remap_free(remap);
        trnnsf_fault_map_free(faults);
        free_design(&design);
    }
    free(inputs);
}
END_TEST

/* Options of a chip: fitted to its own defects it errs less, by each means and in each scheme, with
 * wires too; threads change nothing. */
START_TEST(options_of_chips)
{
    float *inputs = values(40 * IN, 0, 1, 8);
    trnnsf_context *common = ctx;

    for (int k = 0; k < SCHEMES; k++) {
        struct design design = make_scheme(k, "40x64");
        struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
        double error[4];

        for (options.remap = 0; options.remap < 4; options.remap++) {
            float *outputs[2];

            for (uint32_t t = 0; t < 2; t++) {
                struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;

                threads.threads = 1 + 2 * t;
                OK(trnnsf_context_create(&threads, &ctx));
                trnnsf_analog *chip = make_chip(&design, &options, 40, inputs);
                outputs[t] = run(chip, &design, 40, inputs, 0);
                OK(trnnsf_analog_measure(ctx, chip, design.network, 40, inputs, 0,
                                         &error[options.remap], NULL, NULL));
                trnnsf_analog_free(chip);
                trnnsf_context_free(ctx);
                ctx = common;
            }
            ck_assert_mem_eq(outputs[0], outputs[1], 40 * OUT * sizeof(float));
            free(outputs[0]);
            free(outputs[1]);
        }
        ck_assert_double_lt(error[1], 0.9 * error[0]);
        ck_assert_double_lt(error[3], 0.6 * error[0]);
        free_design(&design);
    }
    free(inputs);
}
END_TEST

/* Wires see devices where they are: solved once for all inputs and input by input. */
START_TEST(wires_by_vector)
{
    for (int k = 0; k < SCHEMES; k += 2) {
        float *inputs = values(8 * IN, 0, 1, 8);
        struct design design = make_scheme(k, "40x64");
        struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
        trnnsf_tech *wired = NULL;

        OK(trnnsf_tech_with_value(ctx, design.tech, "word_wire_ohm", 20, &wired));
        trnnsf_tech_free(design.tech);
        OK(trnnsf_tech_with_value(ctx, wired, "bit_wire_ohm", 20, &design.tech));
        trnnsf_tech_free(wired);
        options.remap = TRNNSF_REMAP_ALL;
        trnnsf_analog *exact = make_chip(&design, &options, 8, inputs);
        options.wires_passes = 3000;
        trnnsf_analog *relaxed = make_chip(&design, &options, 8, inputs);
        options.effects &= ~(uint32_t)TRNNSF_ANALOG_WIRES;
        options.wires_passes = 0;
        trnnsf_analog *ideal = make_chip(&design, &options, 8, inputs);
        float *a = run(exact, &design, 8, inputs, 0), *b = run(relaxed, &design, 8, inputs, 0);
        float *c = run(ideal, &design, 8, inputs, 0);
        double most = largest_value(8 * OUT, a);

        ck_assert_double_lt(largest_difference(8 * OUT, a, b), 1e-4 * most);
        ck_assert_double_gt(largest_difference(8 * OUT, a, c), 1e-2 * most);
        free(a);
        free(b);
        free(c);
        free(inputs);
        trnnsf_analog_free(exact);
        trnnsf_analog_free(relaxed);
        trnnsf_analog_free(ideal);
        free_design(&design);
    }
}
END_TEST

/* Small wires change little, wherever the lines are. */
START_TEST(wires)
{
    float *inputs = values(8 * IN, 0, 1, 8);
    struct design design = make_scheme(0, "40x64");
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    trnnsf_tech *wired = NULL;

    options.remap = TRNNSF_REMAP_ALL;
    trnnsf_analog *plain = make_chip(&design, &options, 8, inputs);
    OK(trnnsf_tech_with_value(ctx, design.tech, "word_wire_ohm", 1e-3, &wired));
    trnnsf_tech_free(design.tech);
    design.tech = wired;
    trnnsf_analog *chip = make_chip(&design, &options, 8, inputs);
    float *a = run(plain, &design, 8, inputs, 0), *b = run(chip, &design, 8, inputs, 0);
    ck_assert_double_lt(largest_difference(8 * OUT, a, b), 1e-3 * largest_value(8 * OUT, a));
    ck_assert_mem_ne(a, b, 8 * OUT * sizeof *a);
    free(a);
    free(b);
    free(inputs);
    trnnsf_analog_free(plain);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

enum { SMALL_IN = 3, SMALL_OUT = 2, SMALL_ROWS = 4, SMALL_PLACES = 3 };

/* One error of a pair at the place of its devices. */
static double pair_error(float weight, float range, const uint8_t *fault)
{
    double x[2], unit = (double)(weight / range);

    for (int s = 0; s < 2; s++) {
        double m = fmin(fmax(s == 0 ? unit : -unit, 0), 1);

        x[s] = fault[s] == TRNNSF_FAULT_STUCK_ON    ? 1
               : fault[s] == TRNNSF_FAULT_STUCK_OFF ? 0.01
                                                    : 0.01 + 0.99 * m;
    }
    return pow((double)range * (x[0] - x[1]) / 0.99 - (double)weight, 2);
}

/* The least error over all rows and places. */
static double best_of_all(const float *weights, float range, const uint8_t *fault)
{
    double best = INFINITY;

    for (unsigned code = 0; code < 64 * 9; code++) {
        unsigned rows[3] = {code % 4, code / 4 % 4, code / 16 % 4};
        unsigned places[2] = {code / 64 % 3, code / 192};
        double sum = 0;

        if (rows[0] == rows[1] || rows[0] == rows[2] || rows[1] == rows[2] ||
            places[0] == places[1])
            continue;
        for (unsigned o = 0; o < SMALL_OUT; o++) {
            for (unsigned i = 0; i < SMALL_IN; i++)
                sum += pair_error(weights[o * SMALL_IN + i], range,
                                  fault + rows[i] * 2 * SMALL_PLACES + 2 * places[o]);
        }
        best = fmin(best, sum);
    }
    return best;
}

START_TEST(brute_force)
{
    static const struct constant half[] = {
        {"stuck_on_fraction", 0.2}, {"stuck_off_fraction", 0.2}, {NULL, 0}};
    size_t met = 0;

    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct design design = make_design((const size_t[]){SMALL_IN, SMALL_OUT}, 2, "4x6", half);
        struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
        const float *weights = trnnsf_network_weights(design.network, 0);
        uint8_t fault[SMALL_ROWS * 2 * SMALL_PLACES];
        trnnsf_fault_map *faults = NULL;

        options.seed = seed;
        OK(trnnsf_fault_map_draw(ctx, design.mapping, design.tech, &options, &faults));
        OK(trnnsf_fault_map_get(ctx, faults, 0, 0, fault, NULL, NULL));
        trnnsf_remap *remap = fit(&design, faults, TRNNSF_REMAP_LINES, 30, 1);
        trnnsf_remap *quick = fit(&design, faults, TRNNSF_REMAP_LINES, 1, 1);
        double best =
            best_of_all(weights, (float)largest_value(SMALL_IN * SMALL_OUT, weights), fault);
        double after = expected(remap, 0).after;

        ck_assert_double_ge(after, best - 1e-5);
        ck_assert_double_le(after, best + 1e-5);
        met += expected(quick, 0).after <= best + 1e-5;
        trnnsf_remap_free(remap);
        trnnsf_remap_free(quick);
        trnnsf_fault_map_free(faults);
        free_design(&design);
    }
    ck_assert_uint_ge(met, 30);
}
END_TEST

/* Measured faults on a technology without any: weights that are made up for, spare lines that are
 * taken, a reference that is stuck. */
START_TEST(measured)
{
    struct design design = make_design((const size_t[]){4, 2}, 2, "6x8", NULL);
    const float weights[] = {0.5f, -0.25f, 1, 0.75f, -1, 0, 0.125f, 0.5f};
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float *inputs = values(6 * 4, -1, 1, 4), wanted[6 * 2];
    uint8_t fault[6 * 8] = {0};
    trnnsf_fault_map *faults = NULL;

    OK(trnnsf_network_set_weights(ctx, design.network, 0, weights));
    trnnsf_mapping_free(design.mapping);
    OK(trnnsf_mapping_create(ctx, design.network, design.tech, NULL, &design.mapping));
    OK(trnnsf_network_forward(ctx, design.network, 6, inputs, wanted));
    OK(trnnsf_fault_map_create(ctx, design.mapping, design.tech, &faults));
    fault[0 * 8 + 1] = TRNNSF_FAULT_STUCK_OFF; /* harmless: 0.5 */
    fault[2 * 8 + 0] = TRNNSF_FAULT_STUCK_OFF; /* 1 */
    fault[2 * 8 + 1] = TRNNSF_FAULT_STUCK_ON;
    fault[3 * 8 + 3] = TRNNSF_FAULT_STUCK_ON; /* 0.5, which m+ = 1 cannot make up for */
    OK(trnnsf_fault_map_set(ctx, faults, 0, 0, fault, NULL, NULL));
    for (options.remap = 0; options.remap < 4; options.remap++) {
        trnnsf_analog *chip = chip_with(&design, &options, faults, NULL, 0, NULL);
        float *outputs = run(chip, &design, 6, inputs, 0);
        double error = largest_difference(12, outputs, wanted);

        if (options.remap & TRNNSF_REMAP_LINES)
            ck_assert_double_lt(error, 1e-5);
        else
            ck_assert_double_gt(error, 0.1);
        free(outputs);
        trnnsf_analog_free(chip);
    }
    options.remap = 0;
    options.effects = 0;
    trnnsf_analog *blind = chip_with(&design, &options, faults, NULL, 0, NULL);
    float *outputs = run(blind, &design, 6, inputs, 0);
    ck_assert_double_lt(largest_difference(12, outputs, wanted), 1e-5);
    free(outputs);
    free(inputs);
    trnnsf_analog_free(blind);
    trnnsf_fault_map_free(faults);
    free_design(&design);
}
END_TEST

/* Inputs that are always 0 may have any weight. */
START_TEST(moments)
{
    struct design design = make_scheme(0, "30x24");
    trnnsf_fault_map *faults = draw(&design);
    float *inputs = values(20 * IN, 0, 1, 4);
    struct trnnsf_remap_options options = TRNNSF_REMAP_OPTIONS_INIT;
    trnnsf_remap *plain = NULL, *weighed = NULL;

    options.means = TRNNSF_REMAP_LINES;
    for (size_t k = 0; k < 20 * IN; k++)
        inputs[k] = k % IN < IN / 2 ? 0 : inputs[k];
    OK(trnnsf_remap_create(ctx, design.network, design.mapping, design.tech, NULL, faults, &options,
                           0, NULL, &plain));
    OK(trnnsf_remap_create(ctx, design.network, design.mapping, design.tech, NULL, faults, &options,
                           20, inputs, &weighed));
    struct trnnsf_remap_errors a = expected(plain, 0), b = expected(weighed, 0);
    ck_assert_double_lt(b.after / b.before, 0.7 * a.after / a.before);
    trnnsf_remap_free(plain);
    trnnsf_remap_free(weighed);
    trnnsf_fault_map_free(faults);
    free(inputs);
    free_design(&design);
}
END_TEST

TCase *remap_case(void)
{
    TCase *tests = tcase_create("remap");

    tcase_add_test(tests, permutations);
    tcase_add_test(tests, never_worse);
    tcase_add_test(tests, chips_err_as_expected);
    tcase_add_test(tests, identity);
    tcase_add_test(tests, options_of_chips);
    tcase_add_test(tests, wires);
    tcase_add_test(tests, wires_by_vector);
    tcase_add_test(tests, brute_force);
    tcase_add_test(tests, measured);
    tcase_add_test(tests, moments);
    return tests;
}
