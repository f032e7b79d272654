/* Cells of the law sinh, with and without series resistance. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/wires/cell.h"
#include "wires/common.h"
#include "wires/reference.h"

START_TEST(cell_law)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    struct trn_random random;

    trn_random_init(&random, 31, TRN_RANDOM_TEST, 0);
    for (size_t k = 0; k < 2000; k++) {
        options.alpha_per_volt = k % 3 ? logarithmic(&random, 0.01, 30) : 0;
        options.cell_ohm = k % 2 ? logarithmic(&random, 1e-3, 1e7) : 0;
        struct trn_cell_law law = {options.alpha_per_volt, options.cell_ohm};
        double g = logarithmic(&random, 1e-9, 1e-2), voltage = uniform(&random, -3, 3);
        double step = 1e-5, wanted = reference_cell(&options, g, voltage);
        struct trn_cell_state at = trn_cell_at(&law, g, voltage);
        struct trn_cell_state after = trn_cell_at(&law, g, voltage + step);
        struct trn_cell_state before = trn_cell_at(&law, g, voltage - step);

        ck_assert_double_le(fabs(at.current - wanted), 1e-12 * fabs(wanted));
        ck_assert_double_le(fabs((after.current - before.current) / (2 * step) - at.slope),
                            1e-5 * at.slope);
        ck_assert_double_le(fabs((after.energy - before.energy) / (2 * step) - at.current),
                            1e-5 * at.slope);
        ck_assert_double_eq(trn_cell_at(&law, g, -voltage).current, -at.current);
        ck_assert_double_eq(trn_cell_secant(&law, g, 0), trn_cell_at(&law, g, 0).slope);
    }
}
END_TEST

/* Kirchhoff's law at every node, with each cell's current found by bisection. */
START_TEST(kirchhoff)
{
    struct circuit circuit = {.options = TRNNSF_WIRES_OPTIONS_INIT};
    struct trn_random random;

    trn_random_init(&random, 32, TRN_RANDOM_TEST, (uint32_t)_i);
    for (size_t k = 0; k < 12; k++) {
        size_t n = circuit.n = 1 + trn_random_u32(&random) % 24;
        size_t m = circuit.m = 1 + trn_random_u32(&random) % 24;
        double *cells = random_cells(&random, n, m), *inputs = random_input(&random, 2 * n, -1, 1);
        double *word = zeros(2 * n * m), *bit = zeros(2 * n * m), *currents = zeros(2 * m);
        double *sensed = zeros(m);

        circuit.cells = cells;
        circuit.options.alpha_per_volt = logarithmic(&random, 0.1, 20);
        circuit.options.cell_ohm = k % 2 ? logarithmic(&random, 1, 1e5) : 0;
        circuit.options.word_ohm = k % 3 ? logarithmic(&random, 0.5, 100) : 0;
        circuit.options.bit_ohm = k % 4 ? logarithmic(&random, 0.5, 100) : 0;
        circuit.options.driver_ohm = k % 5 ? logarithmic(&random, 0.5, 100) : 0;
        circuit.options.sense_ohm = k % 7 ? logarithmic(&random, 0.5, 100) : 0;
        circuit.options.driver_ends = 1 + k % 2;
        circuit.options.sense_ends = 1 + k / 2 % 2;
        trnnsf_wires *wires = make(n, m, cells, &circuit.options);
        ck_assert_ptr_null(trnnsf_wires_transfer(wires));
        OK(trnnsf_wires_voltages(ctx, wires, 2, inputs, word, bit, currents));
        for (size_t v = 0; v < 2; v++) {
            double residual = reference_residual(&circuit, inputs + v * n, word + v * n * m,
                                                 bit + v * n * m, sensed);
            double scale = largest(m, sensed);

            ck_assert_double_le(residual, 1e-10 * scale + 1e-14);
            ck_assert_double_le(difference(m, sensed, currents + v * m), 1e-10 * scale);
        }
        trnnsf_wires_free(wires);
        free(sensed);
        free(currents);
        free(bit);
        free(word);
        free(inputs);
        free(cells);
    }
}
END_TEST

/* With hardly any curvature the currents are the linear cells'; curvature adds to them. */
START_TEST(linear_limit)
{
    static const double alphas[] = {1e-6, 0.1, 1, 3};
    size_t n = 30, m = 20;
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    struct trn_random random;

    trn_random_init(&random, 33, TRN_RANDOM_TEST, 0);
    double *cells = random_cells(&random, n, m), *input = random_input(&random, n, 0, 1);
    double *last = zeros(m), *currents = zeros(m);
    trnnsf_wires *wires = make(n, m, cells, &options);
    OK(trnnsf_wires_currents(ctx, wires, 1, input, last));
    trnnsf_wires_free(wires);
    for (size_t k = 0; k < sizeof alphas / sizeof alphas[0]; k++) {
        options.alpha_per_volt = alphas[k];
        wires = make(n, m, cells, &options);
        OK(trnnsf_wires_currents(ctx, wires, 1, input, currents));
        trnnsf_wires_free(wires);
        if (k == 0)
            ck_assert_double_le(difference(m, currents, last), 1e-11 * largest(m, last));
        else
            for (size_t j = 0; j < m; j++)
                ck_assert_double_gt(currents[j], last[j]);
        memcpy(last, currents, m * sizeof *last);
    }
    memset(input, 0, n * sizeof *input);
    wires = make(n, m, cells, &options);
    OK(trnnsf_wires_currents(ctx, wires, 1, input, currents));
    ck_assert_double_eq(largest(m, currents), 0);
    trnnsf_wires_free(wires);
    free(currents);
    free(last);
    free(input);
    free(cells);
}
END_TEST

/* Steep cells behind long lines: whole steps would overshoot by orders of magnitude. */
START_TEST(steep)
{
    size_t n = 24, m = 24;
    struct circuit circuit = {.n = n, .m = m, .options = TRNNSF_WIRES_OPTIONS_INIT};
    struct trn_random random;

    trn_random_init(&random, 34, TRN_RANDOM_TEST, 0);
    circuit.options.word_ohm = circuit.options.bit_ohm = 500;
    circuit.options.alpha_per_volt = 45;
    double *cells = random_cells(&random, n, m), *input = random_input(&random, n, -1, 1);
    double *word = zeros(n * m), *bit = zeros(n * m), *currents = zeros(m), *sensed = zeros(m);

    circuit.cells = cells;
    trnnsf_wires *wires = make(n, m, cells, &circuit.options);
    OK(trnnsf_wires_voltages(ctx, wires, 1, input, word, bit, currents));
    ck_assert_double_le(reference_residual(&circuit, input, word, bit, sensed),
                        1e-10 * largest(m, sensed));
    ck_assert_double_le(difference(m, sensed, currents), 1e-10 * largest(m, sensed));
    ck_assert_double_le(largest(n * m, word), 1);
    trnnsf_wires_free(wires);
    free(sensed);
    free(currents);
    free(bit);
    free(word);
    free(input);
    free(cells);
}
END_TEST

START_TEST(no_convergence)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    double cells[4] = {1e-3, 1e-3, 1e-3, 1e-3}, inputs[4] = {0, 0, 1, 1};
    double currents[4] = {7, 7, 7, 7}, word[8] = {7, 7, 7, 7, 7, 7, 7, 7};

    options.alpha_per_volt = 10;
    options.iterations = 1;
    trnnsf_wires *wires = make(2, 2, cells, &options);
    ck_assert_int_eq(trnnsf_wires_voltages(ctx, wires, 2, inputs, word, NULL, currents),
                     TRNNSF_E_NUMERIC);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx),
                                 "trnnsf_wires_voltages: vector 1: after "
                                 "1 iterations"));
    ck_assert_double_eq(currents[0], 7);
    ck_assert_double_eq(word[0], 7);
    trnnsf_wires_free(wires);
}
END_TEST

TCase *newton_case(void)
{
    TCase *tests = tcase_create("newton");

    tcase_add_test(tests, cell_law);
    tcase_add_loop_test(tests, kirchhoff, 0, 6);
    tcase_add_test(tests, linear_limit);
    tcase_add_test(tests, steep);
    tcase_add_test(tests, no_convergence);
    return tests;
}
