/* sim/wires/: against a dense solver that knows nothing of its numbering, properties of resistive
 * networks, the law sinh, hostile arguments, netlists. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/rank_update.h"
#include "wires/common.h"
#include "wires/reference.h"

trnnsf_context *ctx;

static void setup(void)
{
    OK(trnnsf_context_create(NULL, &ctx));
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

double uniform(struct trn_random *random, double low, double high)
{
    return low + (high - low) * trn_random_double(random);
}

double logarithmic(struct trn_random *random, double low, double high)
{
    return exp(uniform(random, log(low), log(high)));
}

double *zeros(size_t count)
{
    double *values = calloc(count ? count : 1, sizeof *values);

    ck_assert_ptr_nonnull(values);
    return values;
}

/* One in eight is open. */
double *random_cells(struct trn_random *random, size_t n, size_t m)
{
    double *cells = zeros(n * m);

    for (size_t k = 0; k < n * m; k++)
        cells[k] = uniform(random, 0, 1) < 0.125 ? 0 : logarithmic(random, 1e-6, 1e-3);
    return cells;
}

double *random_input(struct trn_random *random, size_t n, double low, double high)
{
    double *input = zeros(n);

    for (size_t i = 0; i < n; i++)
        input[i] = uniform(random, low, high);
    return input;
}

double largest(size_t count, const double *values)
{
    double most = 0;

    for (size_t k = 0; k < count; k++)
        most = fmax(most, fabs(values[k]));
    return most;
}

double difference(size_t count, const double *a, const double *b)
{
    double most = 0;

    for (size_t k = 0; k < count; k++)
        most = isfinite(a[k]) && isfinite(b[k]) ? fmax(most, fabs(a[k] - b[k])) : INFINITY;
    return most;
}

trnnsf_wires *make(size_t n, size_t m, const double *cells,
                   const struct trnnsf_wires_options *options)
{
    trnnsf_wires *wires = NULL;

    OK(trnnsf_wires_create(ctx, n, m, cells, options, &wires));
    ck_assert_ptr_nonnull(wires);
    ck_assert_uint_eq(trnnsf_wires_rows(wires), n);
    ck_assert_uint_eq(trnnsf_wires_columns(wires), m);
    return wires;
}

static double random_ohm(struct trn_random *random)
{
    return uniform(random, 0, 1) < 0.3 ? 0 : logarithmic(random, 0.1, 1000);
}

static struct trnnsf_wires_options random_options(struct trn_random *random)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;

    options.word_ohm = random_ohm(random);
    options.bit_ohm = random_ohm(random);
    options.driver_ohm = random_ohm(random);
    options.sense_ohm = random_ohm(random);
    options.cell_ohm = random_ohm(random);
    options.driver_ends = 1 + trn_random_u32(random) % 2;
    options.sense_ends = 1 + trn_random_u32(random) % 2;
    return options;
}

/* Ours against the dense solver, three vectors at once. */
static void compare(const struct circuit *circuit, struct trn_random *random)
{
    size_t n = circuit->n, m = circuit->m, cells = n * m;
    trnnsf_wires *wires = make(n, m, circuit->cells, &circuit->options);
    double *inputs = random_input(random, 3 * n, -1, 1);
    double *word = zeros(3 * cells), *bit = zeros(3 * cells), *currents = zeros(3 * m);
    double *again = zeros(3 * m);
    double *their_word = zeros(cells), *their_bit = zeros(cells), *their_currents = zeros(m);

    OK(trnnsf_wires_voltages(ctx, wires, 3, inputs, word, bit, currents));
    OK(trnnsf_wires_currents(ctx, wires, 3, inputs, again));
    ck_assert_mem_eq(currents, again, 3 * m * sizeof *again);
    for (size_t v = 0; v < 3; v++) {
        reference_solve(circuit, inputs + v * n, their_word, their_bit, their_currents);
        ck_assert_double_le(difference(cells, word + v * cells, their_word), 1e-10);
        ck_assert_double_le(difference(cells, bit + v * cells, their_bit), 1e-10);
        ck_assert_double_le(difference(m, currents + v * m, their_currents),
                            1e-10 * largest(m, their_currents));
    }
    OK(trnnsf_wires_voltages(ctx, wires, 1, inputs, their_word, NULL, NULL));
    ck_assert_double_le(difference(cells, word, their_word), 1e-13);
    trnnsf_wires_free(wires);
    free(their_currents);
    free(their_bit);
    free(their_word);
    free(again);
    free(currents);
    free(bit);
    free(word);
    free(inputs);
}

START_TEST(dense_solver)
{
    struct trn_random random;

    trn_random_init(&random, 11, TRN_RANDOM_TEST, (uint32_t)_i);
    for (size_t k = 0; k < 40; k++) {
        struct circuit circuit = {.n = 1 + trn_random_u32(&random) % 12,
                                  .m = 1 + trn_random_u32(&random) % 12,
                                  .options = random_options(&random)};
        double *cells = random_cells(&random, circuit.n, circuit.m);

        circuit.cells = cells;
        if (k % 2)
            OK(trnnsf_backend_select(ctx, "reference"));
        compare(&circuit, &random);
        free(cells);
    }
}
END_TEST

/* Rectangles as thin as a line, where halves and leaves have the oddest shapes. */
START_TEST(thin)
{
    static const size_t sides[][2] = {{1, 1}, {1, 17}, {17, 1}, {2, 33}, {33, 2}, {1, 65}, {65, 1}};
    struct trn_random random;

    trn_random_init(&random, 12, TRN_RANDOM_TEST, 0);
    for (size_t k = 0; k < 4 * sizeof sides / sizeof sides[0]; k++) {
        struct circuit circuit = {
            .n = sides[k / 4][0], .m = sides[k / 4][1], .options = random_options(&random)};
        double *cells = random_cells(&random, circuit.n, circuit.m);

        circuit.cells = cells;
        compare(&circuit, &random);
        free(cells);
    }
}
END_TEST

/* C += P' P by three loops, for the backends' two ways. */
START_TEST(rank_update)
{
    size_t sizes[] = {1, 3, 24, 25, 70, 300};
    struct trn_random random;

    trn_random_init(&random, 13, TRN_RANDOM_TEST, 0);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t n = sizes[s], k = 1 + 7 * s;
        double *p = random_input(&random, k * n, -1, 1), *c = zeros(n * n);

        for (int cblas = 0; cblas < 2; cblas++) {
            memset(c, 0, n * n * sizeof *c);
            trn_rank_update(cblas, n, k, p, n, c, n);
            for (size_t i = 0; i < n; i++) {
                for (size_t j = 0; j < n; j++) {
                    double sum = 0;

                    for (size_t e = 0; e < k && j >= i; e++)
                        sum += p[e * n + i] * p[e * n + j];
                    ck_assert_double_le(fabs(c[i * n + j] - sum), 1e-13);
                }
            }
        }
        free(c);
        free(p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wires");
    TCase *tests = tcase_create("dense");
    TCase *others[] = {properties_case(), newton_case(), hostile_case()};

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, dense_solver, 0, 8);
    tcase_add_test(tests, thin);
    tcase_add_test(tests, rank_update);
    suite_add_tcase(suite, tests);
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        tcase_add_checked_fixture(others[k], setup, teardown);
        suite_add_tcase(suite, others[k]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
