/* What holds for every network of resistors, at sizes that a dense solver would take long for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wires/common.h"
#include "wires/reference.h"

static const size_t sides[][2] = {{64, 64}, {100, 37}, {23, 130}, {128, 96}};
enum { SIDES = sizeof sides / sizeof sides[0] };

static struct trnnsf_wires_options usual(void)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;

    options.word_ohm = 2.5;
    options.bit_ohm = 1.5;
    options.driver_ohm = 20;
    options.sense_ohm = 10;
    return options;
}

START_TEST(kirchhoff)
{
    size_t n = sides[_i][0], m = sides[_i][1];
    struct circuit circuit = {.n = n, .m = m, .options = usual()};
    struct trn_random random;

    trn_random_init(&random, 21, TRN_RANDOM_TEST, (uint32_t)_i);
    circuit.options.driver_ends = 1 + _i % 2;
    circuit.options.sense_ends = 1 + _i / 2 % 2;
    double *cells = random_cells(&random, n, m), *inputs = random_input(&random, 9 * n, -0.5, 0.5);
    double *word = zeros(9 * n * m), *bit = zeros(9 * n * m), *currents = zeros(9 * m);
    double *sensed = zeros(m);

    circuit.cells = cells;
    trnnsf_wires *wires = make(n, m, cells, &circuit.options);
    OK(trnnsf_wires_voltages(ctx, wires, 9, inputs, word, bit, currents));
    for (size_t v = 0; v < 9; v++) {
        double residual =
            reference_residual(&circuit, inputs + v * n, word + v * n * m, bit + v * n * m, sensed);
        double sum = 0, driven = 0;

        ck_assert_double_le(residual, 1e-14); /* volts' rounding over the wires' resistance */
        ck_assert_double_le(difference(m, sensed, currents + v * m), 1e-12 * largest(m, sensed));
        for (size_t j = 0; j < m; j++)
            sum += currents[v * m + j];
        for (size_t i = 0; i < n; i++) {
            const double *row = word + v * n * m + i * m;
            double source = inputs[v * n + i];

            driven += (source - row[0]) / circuit.options.driver_ohm;
            if (circuit.options.driver_ends == 2)
                driven += (source - row[m - 1]) / circuit.options.driver_ohm;
        }
        ck_assert_double_le(fabs(driven - sum), 1e-12 * (double)m * largest(m, sensed));
    }
    trnnsf_wires_free(wires);
    free(sensed);
    free(currents);
    free(bit);
    free(word);
    free(inputs);
    free(cells);
}
END_TEST

START_TEST(backends)
{
    size_t n = sides[_i][0], m = sides[_i][1];
    struct trnnsf_wires_options options = usual();
    struct trn_random random;

    trn_random_init(&random, 22, TRN_RANDOM_TEST, (uint32_t)_i);
    double *cells = random_cells(&random, n, m);
    trnnsf_wires *ours = make(n, m, cells, &options);
    OK(trnnsf_backend_select(ctx, "reference"));
    trnnsf_wires *reference = make(n, m, cells, &options);
    const double *a = trnnsf_wires_transfer(ours), *b = trnnsf_wires_transfer(reference);

    /* Sums of positive numbers alone: each entry has its own relative accuracy. */
    for (size_t k = 0; k < n * m; k++)
        ck_assert_double_le(fabs(a[k] - b[k]), 1e-13 * b[k]);
    trnnsf_wires_free(reference);
    trnnsf_wires_free(ours);
    free(cells);
}
END_TEST

/* The crossbar turned over, rows for columns and both reversed, has the transposed transfer matrix:
 * where a voltage drives and where a current is sensed may be exchanged. */
START_TEST(reciprocity)
{
    size_t n = sides[_i][0], m = sides[_i][1];
    struct trnnsf_wires_options options = usual(), turned = options;
    struct trn_random random;

    trn_random_init(&random, 23, TRN_RANDOM_TEST, (uint32_t)_i);
    turned.word_ohm = options.bit_ohm;
    turned.bit_ohm = options.word_ohm;
    turned.driver_ohm = options.sense_ohm;
    turned.sense_ohm = options.driver_ohm;
    double *cells = random_cells(&random, n, m), *other = zeros(n * m);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            other[(m - 1 - j) * n + n - 1 - i] = cells[i * m + j];
    trnnsf_wires *wires = make(n, m, cells, &options), *back = make(m, n, other, &turned);
    const double *a = trnnsf_wires_transfer(wires), *b = trnnsf_wires_transfer(back);

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            double there = a[j * n + i], here = b[(n - 1 - i) * m + m - 1 - j];

            ck_assert_double_gt(there, 0);
            ck_assert_double_le(fabs(here - there), 1e-12 * there);
        }
    trnnsf_wires_free(back);
    trnnsf_wires_free(wires);
    free(other);
    free(cells);
}
END_TEST

START_TEST(superposition)
{
    size_t n = 40, m = 50;
    struct trnnsf_wires_options options = usual();
    struct trn_random random;

    trn_random_init(&random, 24, TRN_RANDOM_TEST, 0);
    double *cells = random_cells(&random, n, m), *inputs = random_input(&random, 3 * n, -1, 1);
    double *currents = zeros(3 * m), *word = zeros(3 * n * m);
    trnnsf_wires *wires = make(n, m, cells, &options);

    for (size_t i = 0; i < n; i++)
        inputs[2 * n + i] = 2 * inputs[i] - 3 * inputs[n + i];
    OK(trnnsf_wires_voltages(ctx, wires, 3, inputs, word, NULL, currents));
    for (size_t j = 0; j < m; j++)
        currents[j] = 2 * currents[j] - 3 * currents[m + j];
    for (size_t k = 0; k < n * m; k++)
        word[k] = 2 * word[k] - 3 * word[n * m + k];
    ck_assert_double_le(difference(m, currents, currents + 2 * m), 1e-12 * largest(m, currents));
    ck_assert_double_le(difference(n * m, word, word + 2 * n * m), 1e-13);
    trnnsf_wires_free(wires);
    free(word);
    free(currents);
    free(inputs);
    free(cells);
}
END_TEST

/* Without resistance the currents are the matrix product; with hardly any, nearly. */
START_TEST(ideal_limit)
{
    static const double ohms[] = {0, 1e-9, 1e-6, 1e-3};
    size_t n = 48, m = 33;
    struct trn_random random;

    trn_random_init(&random, 25, TRN_RANDOM_TEST, 0);
    double *cells = random_cells(&random, n, m), *input = random_input(&random, n, 0, 1);
    double *currents = zeros(m), *product = zeros(m);

    for (size_t k = 0; k < n * m; k++)
        product[k % m] += cells[k] * input[k / m];
    for (size_t k = 0; k < sizeof ohms / sizeof ohms[0]; k++) {
        struct trnnsf_wires_options options = usual();

        options.word_ohm = options.bit_ohm = options.driver_ohm = options.sense_ohm = ohms[k];
        trnnsf_wires *wires = make(n, m, cells, &options);
        OK(trnnsf_wires_currents(ctx, wires, 1, input, currents));
        /* Drops are below n + m segments times the largest line's conductance, over the voltage.
         * A factorisation with cancellation would be far off: the ratio is up to 1e15. */
        ck_assert_double_le(difference(m, currents, product),
                            (1e-12 + 10 * ohms[k]) * largest(m, product));
        for (size_t j = 0; j < m && ohms[k] > 0; j++)
            ck_assert_double_le(currents[j], product[j] * (1 + 1e-14));
        trnnsf_wires_free(wires);
    }
    free(product);
    free(currents);
    free(input);
    free(cells);
}
END_TEST

/* One cell is three resistors in a row, however far apart; a line of 1e12 ohm carries as little. */
START_TEST(extremes)
{
    static const double values[] = {1e-9, 1, 1e12};
    const double volt = 1;

    for (size_t k = 0; k < 9; k++) {
        struct trnnsf_wires_options options = usual();
        double cell = k % 2 ? 1e-18 : 1e3, current;

        options.driver_ohm = values[k % 3];
        options.sense_ohm = values[k / 3];
        options.cell_ohm = k % 2 ? 0 : 1e-3;
        trnnsf_wires *wires = make(1, 1, &cell, &options);
        OK(trnnsf_wires_currents(ctx, wires, 1, &volt, &current));
        double wanted = 1 / (options.driver_ohm + options.sense_ohm + options.cell_ohm + 1 / cell);
        ck_assert_double_le(fabs(current - wanted), 1e-15 * wanted * 4);
        trnnsf_wires_free(wires);
    }

    size_t n = 20, m = 20;
    struct trnnsf_wires_options options = usual();
    struct trn_random random;
    double *cells, *input, *currents = zeros(m);

    trn_random_init(&random, 26, TRN_RANDOM_TEST, 0);
    cells = random_cells(&random, n, m);
    input = random_input(&random, n, 0, 1);
    options.word_ohm = options.bit_ohm = 1e12;
    trnnsf_wires *wires = make(n, m, cells, &options);
    OK(trnnsf_wires_currents(ctx, wires, 1, input, currents));
    for (size_t j = 1; j < m; j++)
        ck_assert_double_le(currents[j], 1e-11);
    trnnsf_wires_free(wires);
    free(currents);
    free(input);
    free(cells);
}
END_TEST

/* The same bits for any number of threads, and for vectors alone or together. */
START_TEST(threads)
{
    size_t n = 70, m = 60;
    struct trnnsf_wires_options options = usual();
    struct trn_random random;
    trnnsf_context *mine = ctx;
    double *first = zeros(n * m), *word[2] = {zeros(3 * n * m), zeros(3 * n * m)};

    trn_random_init(&random, 27, TRN_RANDOM_TEST, 0);
    double *cells = random_cells(&random, n, m), *inputs = random_input(&random, 3 * n, 0, 1);
    for (uint32_t k = 0; k < 2; k++) {
        struct trnnsf_context_options context = TRNNSF_CONTEXT_OPTIONS_INIT;

        context.threads = 1 + 3 * k;
        ck_assert_int_eq(trnnsf_context_create(&context, &ctx), TRNNSF_OK);
        trnnsf_wires *wires = make(n, m, cells, &options);
        OK(trnnsf_wires_voltages(ctx, wires, 3, inputs, word[k], NULL, NULL));
        if (k == 0)
            memcpy(first, trnnsf_wires_transfer(wires), n * m * sizeof *first);
        else
            ck_assert_mem_eq(first, trnnsf_wires_transfer(wires), n * m * sizeof *first);
        trnnsf_wires_free(wires);
        trnnsf_context_free(ctx);
    }
    ctx = mine;
    ck_assert_mem_eq(word[0], word[1], 3 * n * m * sizeof *word[0]);
    free(cells);
    free(inputs);
    free(word[0]);
    free(word[1]);
    free(first);
}
END_TEST

/* Passes come nearer from below, down to rounding. */
START_TEST(line_relaxation)
{
    size_t n = 40, m = 28;
    struct trnnsf_wires_options options = usual();
    struct trn_random random;
    double before = 1;

    trn_random_init(&random, 28, TRN_RANDOM_TEST, (uint32_t)_i);
    options.word_ohm = _i % 2 ? 0 : 1;
    options.bit_ohm = _i % 3 ? 0 : 1;
    options.driver_ohm = _i % 5 ? 2 : 0;
    options.sense_ohm = _i % 4 ? 2 : 0;
    options.alpha_per_volt = _i % 7 ? 0 : 3;
    options.driver_ends = 1 + (uint32_t)_i % 2;
    options.sense_ends = 1 + (uint32_t)_i / 2 % 2;
    double *cells = random_cells(&random, n, m), *input = random_input(&random, n, 0, 1);
    double *exact = zeros(m), *rough = zeros(m);
    trnnsf_wires *wires = make(n, m, cells, &options);

    OK(trnnsf_wires_currents(ctx, wires, 1, input, exact));
    for (uint32_t passes = 1; passes <= 256; passes *= 4) {
        double error;

        OK(trnnsf_wires_approximation_error(ctx, wires, 1, input, passes, &error));
        ck_assert_double_le(error, before + 1e-12);
        before = error;
        OK(trnnsf_wires_approximate(ctx, wires, 1, input, passes, rough));
        ck_assert_double_le(fabs(difference(m, rough, exact) - error * largest(m, exact)), 1e-15);
        for (size_t j = 0; j < m && options.alpha_per_volt == 0; j++)
            ck_assert_double_le(rough[j], exact[j] * (1 + 1e-12));
    }
    ck_assert_double_le(before, 1e-11);
    trnnsf_wires_free(wires);
    free(rough);
    free(exact);
    free(input);
    free(cells);
}
END_TEST

TCase *properties_case(void)
{
    TCase *tests = tcase_create("properties");

    tcase_add_loop_test(tests, kirchhoff, 0, SIDES);
    tcase_add_loop_test(tests, backends, 0, SIDES);
    tcase_add_loop_test(tests, reciprocity, 0, SIDES);
    tcase_add_test(tests, superposition);
    tcase_add_test(tests, ideal_limit);
    tcase_add_test(tests, extremes);
    tcase_add_test(tests, threads);
    tcase_add_loop_test(tests, line_relaxation, 0, 8);
    return tests;
}
