/* The packer: never beyond its bounds, never below the tiling and the greedy search, the optimum on
 * tiny matrices, what is planted is found. */
#include "suite.h"

#include "base/alloc.h"
#include "cluster/pack.h"
#include "cluster/packer.h"

static struct trnnsf_pack_options shape_options(const uint32_t *inputs, const uint32_t *outputs)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;

    options.shapes = 1;
    options.inputs = inputs;
    options.outputs = outputs;
    return options;
}

static trnnsf_clusters *pack(const trnnsf_matrix *matrix, const struct trnnsf_pack_options *options)
{
    trnnsf_clusters *clusters = NULL;

    ck_assert_msg(trnnsf_clusters_pack(ctx, matrix, options, &clusters) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return clusters;
}

static struct trnnsf_pack_report measure(const trnnsf_matrix *matrix,
                                         const struct trnnsf_pack_options *options,
                                         const trnnsf_clusters *clusters)
{
    struct trnnsf_pack_report report = {.struct_size = sizeof report};

    ck_assert_msg(trnnsf_pack_measure(ctx, matrix, options, clusters, &report) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return report;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

struct line {
    double sum;
    size_t index;
};

static int heaviest_line(const void *a, const void *b)
{
    return descending(&((const struct line *)a)->sum, &((const struct line *)b)->sum);
}

static double total_of(const trnnsf_matrix *matrix)
{
    double total = 0;

    for (size_t e = 0; e < trnnsf_matrix_nonzeros(matrix); e++)
        total += fabs((double)matrix->value[e]);
    return total;
}

/* place[line]: live lines numbered in their order, or by their sums. */
static void number_lines(const double *sum, size_t count, bool sorted, size_t *place)
{
    struct line *lines = calloc(count, sizeof *lines);
    size_t live = 0;

    for (size_t i = 0; i < count; i++) {
        if (sum[i] > 0)
            lines[live++] = (struct line){sum[i], i};
    }
    if (sorted)
        qsort(lines, live, sizeof *lines, heaviest_line);
    for (size_t i = 0; i < live; i++)
        place[lines[i].index] = i;
    free(lines);
}

/* The judge: the share in the `count` best tiles of the compacted matrix. */
static double tiling_keeps(const trnnsf_matrix *m, size_t inputs, size_t outputs, size_t count,
                           bool sorted)
{
    double *row = calloc(m->n_rows, sizeof *row), *column = calloc(m->n_columns, sizeof *column);
    size_t *down = calloc(m->n_rows, sizeof *down), *across = calloc(m->n_columns, sizeof *across);
    size_t width = m->n_columns / inputs + 1, tiles = (m->n_rows / outputs + 1) * width;
    double *tile = calloc(tiles, sizeof *tile), kept = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < m->n_rows; i++) {
            for (size_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
                double salience = fabs((double)m->value[e]);

                if (pass == 1)
                    tile[down[i] / outputs * width + across[m->column[e]] / inputs] += salience;
                row[i] += salience;
                column[m->column[e]] += salience;
            }
        }
        number_lines(row, m->n_rows, sorted, down);
        number_lines(column, m->n_columns, sorted, across);
    }
    qsort(tile, tiles, sizeof *tile, descending);
    for (size_t t = 0; t < tiles && t < count; t++)
        kept += tile[t];
    free(row);
    free(column);
    free(down);
    free(across);
    free(tile);
    return kept / total_of(m);
}

/* Matrices of several kinds: even, with heavy lines, planted. */
static trnnsf_matrix *test_matrix(uint64_t seed)
{
    struct planted planted = {90, 110, 6, 12, 15, 0.7, 0.04, 7 + seed};
    trnnsf_matrix *matrix;

    if (seed % 3 == 0)
        return planted_matrix(&planted, NULL);
    matrix = random_matrix(seed, 70 + 5 * seed, 120 - 4 * seed, 0.08 + 0.02 * (double)(seed % 5));
    for (size_t i = 0; seed % 3 == 2 && i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            matrix->value[e] *= -(float)(1 + i % 7) * (float)(1 + matrix->column[e] % 5);
    }
    return matrix;
}

/* _i: with a single pass, which knows no greed, and as by default. */
START_TEST(budgets_hold_and_beat_tiles_and_greed)
{
    static const uint32_t inputs = 12, outputs = 9;

    for (uint64_t seed = 0; seed < (_i == 0 ? 3 : 9); seed++) {
        trnnsf_matrix *matrix = test_matrix(seed);

        for (size_t budget = 1; budget < 60; budget = 2 * budget + 1) {
            struct trnnsf_pack_options options = shape_options(&inputs, &outputs);

            options.crossbars = budget;
            options.effort *= (uint32_t)_i;
            trnnsf_clusters *clusters = pack(matrix, &options), *greedy;
            struct trnnsf_pack_report report = measure(matrix, &options, clusters);

            ck_assert_uint_le(trnnsf_clusters_count(clusters), budget);
            check_invariants(clusters, matrix, inputs, outputs);
            ck_assert_double_ge(report.kept, tiling_keeps(matrix, 12, 9, budget, false) - 1e-6);
            ck_assert_double_ge(report.kept, tiling_keeps(matrix, 12, 9, budget, true) - 1e-6);
            ck_assert_double_le(report.kept, report.kept_most);
            ck_assert_double_ge(report.cost, report.cost_least);
            ck_assert_int_eq(trn_clusters_seed(ctx, matrix, inputs, outputs, budget, 4, 1, &greedy),
                             TRNNSF_OK);
            ck_assert(_i == 0 || report.kept >= measure(matrix, &options, greedy).kept - 1e-6);
            trnnsf_clusters_free(greedy);
            trnnsf_clusters_free(clusters);
        }
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

START_TEST(bounds_hold_at_no_more_than_tiles)
{
    static const uint32_t inputs = 12, outputs = 9;
    static const double shares[] = {0, 0.02, 0.1, 0.5, 0.999};

    for (uint64_t seed = 0; seed < (_i == 0 ? 3 : 9); seed++) {
        trnnsf_matrix *matrix = test_matrix(seed);

        for (size_t k = 0; k < sizeof shares / sizeof shares[0]; k++) {
            struct trnnsf_pack_options options = shape_options(&inputs, &outputs);

            options.goal = TRNNSF_PACK_BOUND;
            options.discard = shares[k];
            options.effort *= (uint32_t)_i;
            trnnsf_clusters *clusters = pack(matrix, &options);
            struct trnnsf_pack_report report = measure(matrix, &options, clusters);
            size_t blocks = trnnsf_clusters_count(clusters);

            check_invariants(clusters, matrix, inputs, outputs);
            ck_assert_double_ge(report.kept, 1 - shares[k] - 1e-12);
            ck_assert_double_ge((double)blocks, report.cost_least);
            if (shares[k] == 0)
                ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
            /* With one block less, no tiling keeps as much. */
            if (blocks > 0) {
                ck_assert_double_lt(tiling_keeps(matrix, 12, 9, blocks - 1, false),
                                    1 - shares[k] + 1e-6);
                ck_assert_double_lt(tiling_keeps(matrix, 12, 9, blocks - 1, true),
                                    1 - shares[k] + 1e-6);
            }
            trnnsf_clusters_free(clusters);
        }
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

/* The most that two 2 x 2 blocks hold of a 5 x 5 matrix, by trying all pairs. */
static double best_pair(const float *dense)
{
    unsigned pairs[10], rectangle[100];
    size_t count = 0, n = 0;
    double best = 0;

    for (unsigned i = 0; i < 5; i++) {
        for (unsigned j = i + 1; j < 5; j++)
            pairs[n++] = 1u << i | 1u << j;
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            rectangle[count] = 0;
            for (unsigned cell = 0; cell < 25; cell++) {
                if (pairs[a] >> cell / 5 & 1 && pairs[b] >> cell % 5 & 1)
                    rectangle[count] |= 1u << cell;
            }
            count++;
        }
    }
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a; b < count; b++) {
            double sum = 0;

            for (unsigned cell = 0; cell < 25; cell++)
                sum += (rectangle[a] | rectangle[b]) >> cell & 1 ? (double)dense[cell] : 0;
            best = sum > best ? sum : best;
        }
    }
    return best;
}

START_TEST(tiny_matrices_are_packed_best)
{
    static const uint32_t two = 2;
    double worst = 1;

    for (uint64_t seed = 0; seed < 100; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 5, 5, 0.6);
        struct trnnsf_pack_options options = shape_options(&two, &two);
        float dense[25] = {0};

        for (size_t i = 0; i < 5; i++) {
            for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
                dense[5 * i + matrix->column[e]] = matrix->value[e];
        }
        options.crossbars = 2;
        trnnsf_clusters *clusters = pack(matrix, &options);
        double ratio =
            measure(matrix, &options, clusters).kept * total_of(matrix) / best_pair(dense);
        ck_assert_double_le(ratio, 1 + 1e-6);
        worst = ratio < worst ? ratio : worst;
        trnnsf_clusters_free(clusters);
        trnnsf_matrix_free(matrix);
    }
    ck_assert_msg(worst >= 0.9, "the worst of 100 keeps %.4f of what the best two blocks do",
                  worst);
}
END_TEST

START_TEST(planted_blocks_are_found)
{
    struct planted planted = {300, 240, 12, 20, 16, 0.7, 0.03, 5};
    unsigned char *cells = malloc(planted.n_rows * planted.n_columns);
    trnnsf_matrix *matrix = planted_matrix(&planted, cells);
    static const uint32_t inputs = 16, outputs = 20;
    struct trnnsf_pack_options options = shape_options(&inputs, &outputs);
    size_t inside = 0, found = 0;

    options.crossbars = planted.blocks;
    trnnsf_clusters *clusters = pack(matrix, &options);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            bool in = cells[i * planted.n_columns + matrix->column[e]];

            inside += in;
            found += in && trn_clusters_owner(clusters, i, matrix->column[e]) != TRN_NO_CLUSTER;
        }
    }
    ck_assert_uint_ge(100 * found, 99 * inside);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(cells);
}
END_TEST

/* Of two alike, and with the same seed, whatever the number of threads. */
START_TEST(threads_change_nothing)
{
    static const uint32_t inputs[] = {12, 6}, outputs[] = {10, 5};
    static const double cost[] = {3, 1};
    trnnsf_matrix *matrix = random_matrix(3, 150, 190, 0.2);
    trnnsf_clusters *first = NULL;

    for (uint32_t threads = 1; threads < 6; threads++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        struct trnnsf_pack_options wanted = shape_options(inputs, outputs);
        trnnsf_context *other;
        trnnsf_clusters *clusters = NULL;

        options.threads = threads;
        ck_assert_int_eq(trnnsf_context_create(&options, &other), TRNNSF_OK);
        wanted.shapes = 2;
        wanted.cost = cost;
        wanted.cost_limit = 60;
        ck_assert_int_eq(trnnsf_clusters_pack(other, matrix, &wanted, &clusters), TRNNSF_OK);
        if (first)
            ck_assert(same_clusters(first, clusters));
        if (first)
            trnnsf_clusters_free(clusters);
        else
            first = clusters;
        trnnsf_context_free(other);
    }
    trnnsf_clusters_free(first);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(pools_cost_no_more_than_their_shapes)
{
    static const uint32_t inputs[] = {16, 8, 4}, outputs[] = {16, 8, 4};
    static const double cost[] = {10, 3, 1};

    for (uint64_t seed = 0; seed < 6; seed++) {
        trnnsf_matrix *matrix = test_matrix(seed);
        struct trnnsf_pack_options options = shape_options(inputs, outputs);
        double alone[3], pooled;

        options.cost = cost;
        options.goal = TRNNSF_PACK_BOUND;
        options.discard = 0.3;
        for (size_t s = 0; s < 3; s++) {
            struct trnnsf_pack_options one = options;

            one.inputs += s;
            one.outputs += s;
            one.cost += s;
            trnnsf_clusters *clusters = pack(matrix, &one);
            alone[s] = measure(matrix, &one, clusters).cost;
            trnnsf_clusters_free(clusters);
        }
        options.shapes = 3;
        trnnsf_clusters *clusters = pack(matrix, &options);
        pooled = measure(matrix, &options, clusters).cost;
        for (size_t s = 0; s < 3; s++)
            ck_assert_msg(pooled <= 1.05 * alone[s], "seed %d: pool %g, shape %d %g", (int)seed,
                          pooled, (int)s, alone[s]);
        trnnsf_clusters_free(clusters);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

START_TEST(budgets_of_cost_hold)
{
    static const uint32_t inputs[] = {16, 8, 7}, outputs[] = {12, 12, 3};
    static const double cost[] = {0.7, 0.3, 0.1};
    trnnsf_matrix *matrix = test_matrix(4);

    for (double limit = 0.05; limit < 9; limit *= 2) {
        struct trnnsf_pack_options options = shape_options(inputs, outputs);

        options.shapes = 3;
        options.cost = cost;
        options.cost_limit = limit;
        options.crossbars = 9;
        trnnsf_clusters *clusters = pack(matrix, &options);
        ck_assert_double_le(measure(matrix, &options, clusters).cost, limit * (1 + 1e-8));
        ck_assert_uint_le(trnnsf_clusters_count(clusters), 9);
        ck_assert_int_eq(trnnsf_clusters_count(clusters) == 0, limit < 0.1);
        trnnsf_clusters_free(clusters);
    }
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(offers_descend_and_add_up)
{
    trnnsf_matrix *matrix = test_matrix(2);
    struct trn_pack_pool pool = {.count = 1, .shape = {{9, 12, 2.5}}};
    struct trn_pack_goal goal = {.crossbars = 20, .cost = INFINITY, .effort = 2, .seed = 1};
    struct trn_pack_offer *offers = NULL;
    trnnsf_clusters *clusters = NULL;
    double sum = 0;

    ck_assert_int_eq(trn_pack_candidates(ctx, matrix, &pool, &goal, &clusters, &offers), TRNNSF_OK);
    size_t count = trnnsf_clusters_count(clusters);
    double *score = calloc(count, sizeof *score);
    ck_assert_uint_eq(count, 20);
    trn_clusters_score(clusters, matrix, score, NULL);
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_eq_tol(offers[i].salience, score[i], 1e-5 * score[0]);
        ck_assert(i == 0 || offers[i].salience <= offers[i - 1].salience);
        ck_assert(offers[i].shape == 0 && offers[i].cost == 2.5);
        sum += offers[i].salience;
    }
    ck_assert_double_gt(sum, 0.3 * total_of(matrix));
    free(score);
    trn_free(ctx, offers);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

static void refuses(const trnnsf_matrix *matrix, const struct trnnsf_pack_options *options,
                    const char *text)
{
    trnnsf_clusters *clusters = NULL;

    ck_assert_int_eq(trnnsf_clusters_pack(ctx, matrix, options, &clusters), TRNNSF_E_INVALID);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text) != NULL, "%s", trnnsf_context_error(ctx));
    ck_assert_ptr_null(clusters);
}

START_TEST(hostile_input_is_refused)
{
    static const uint32_t zero[] = {0}, side[] = {8}, huge[] = {65537};
    static const double nothing[] = {0}, nan_cost[] = {NAN};
    trnnsf_matrix *matrix = test_matrix(1);
    struct trnnsf_pack_options options = shape_options(side, side), bad;

    options.crossbars = 3;
    refuses(NULL, &options, "matrix is NULL");
    bad = (struct trnnsf_pack_options)TRNNSF_PACK_OPTIONS_INIT;
    refuses(matrix, &bad, "a budget needs");
#define WITH(field, wrong, text)                                                                   \
    bad = options;                                                                                 \
    bad.field = (wrong);                                                                           \
    refuses(matrix, &bad, text)
    WITH(inputs, zero, "0 x 8");
    WITH(outputs, huge, "65537");
    WITH(outputs, NULL, "outputs is NULL");
    WITH(shapes, 17, "shapes 17");
    WITH(salience, 3, "salience 3");
    WITH(reserved, 1, "reserved 1");
    WITH(cost, nothing, "cost 0");
    WITH(cost, nan_cost, "cost");
    WITH(cost_limit, -1, "cost_limit -1");
    WITH(cost_limit, NAN, "cost_limit");
    WITH(discard, 1, "discard 1");
    WITH(discard, NAN, "discard");
    WITH(effort, 10, "effort 10");
    WITH(goal, 2, "goal 2");
    matrix->value[3] = NAN;
    refuses(matrix, &options, "value[3] is not finite");
    trnnsf_matrix_free(matrix);
}
END_TEST

/* Squares and equals are what a matrix of them has, by magnitudes. */
START_TEST(saliences_of_a_kind)
{
    static const uint32_t side = 9;

    for (uint32_t kind = TRNNSF_PACK_SQUARE; kind <= TRNNSF_PACK_EQUAL; kind++) {
        trnnsf_matrix *matrix = test_matrix(2), *other = test_matrix(2);
        struct trnnsf_pack_options options = shape_options(&side, &side);

        for (size_t e = 0; e < trnnsf_matrix_nonzeros(other); e++)
            other->value[e] = kind == TRNNSF_PACK_EQUAL ? 1 : other->value[e] * other->value[e];
        options.crossbars = 8;
        trnnsf_clusters *by_magnitude = pack(other, &options);
        struct trnnsf_pack_report expected = measure(other, &options, by_magnitude), report;
        options.salience = kind;
        trnnsf_clusters *clusters = pack(matrix, &options);
        report = measure(matrix, &options, clusters);
        ck_assert_double_eq_tol(report.kept, expected.kept, 0.02);
        report = measure(matrix, &options, by_magnitude);
        ck_assert_double_eq_tol(report.kept, expected.kept, 1e-6);
        ck_assert_double_eq_tol(report.kept_most, expected.kept_most, 0.01);
        trnnsf_clusters_free(clusters);
        trnnsf_clusters_free(by_magnitude);
        trnnsf_matrix_free(matrix);
        trnnsf_matrix_free(other);
    }
}
END_TEST

START_TEST(extremes_are_packed)
{
    static const uint32_t one[] = {1}, most[] = {65536};
    static const float values[] = {3e38f, 1e-45f, -3e38f, 1e-45f, 2e38f, 1};
    static const size_t start[] = {0, 2, 3, 6}, none[] = {0, 0, 0, 0};
    static const uint32_t column[] = {0, 4, 4, 0, 1, 2};
    trnnsf_matrix *matrix, *empty;
    struct trnnsf_pack_options options = shape_options(most, most);

    ck_assert_int_eq(trnnsf_matrix_create(ctx, 3, 5, start, column, values, &matrix), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_matrix_create(ctx, 3, 5, none, NULL, NULL, &empty), TRNNSF_OK);
    options.goal = TRNNSF_PACK_BOUND;
    for (int i = 0; i < 2; i++) {
        trnnsf_clusters *clusters = pack(matrix, &options);

        ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
        ck_assert_uint_eq(trnnsf_clusters_count(clusters), i == 0 ? 1 : 6);
        ck_assert_double_eq(measure(matrix, &options, clusters).kept, 1);
        trnnsf_clusters_free(clusters);
        options.salience = TRNNSF_PACK_SQUARE; /* neither lost nor endless */
        clusters = pack(matrix, &options);
        ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
        options.salience = TRNNSF_PACK_MAGNITUDE;
        trnnsf_clusters_free(clusters);
        clusters = pack(empty, &options);
        ck_assert_uint_eq(trnnsf_clusters_count(clusters), 0);
        ck_assert_double_eq(measure(empty, &options, clusters).kept, 1);
        trnnsf_clusters_free(clusters);
        options.inputs = options.outputs = one;
    }
    options.goal = TRNNSF_PACK_BUDGET;
    options.crossbars = SIZE_MAX;
    trnnsf_clusters *clusters = pack(matrix, &options);
    ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    trnnsf_matrix_free(empty);
}
END_TEST

START_TEST(a_cancelled_packing_leaves_nothing)
{
    trnnsf_matrix *matrix = test_matrix(1);
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    trnnsf_clusters *clusters = NULL;

    options.crossbars = 3;
    trnnsf_context_cancel(ctx);
    ck_assert_int_eq(trnnsf_clusters_pack(ctx, matrix, &options, &clusters), TRNNSF_E_CANCELLED);
    ck_assert_ptr_null(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(measuring_refuses_what_fits_no_shape)
{
    static const uint32_t small = 4;
    trnnsf_matrix *matrix = random_matrix(1, 20, 20, 0.5);
    trnnsf_clusters *clusters = random_clusters(2, 20, 20, 3, 20, 20);
    struct trnnsf_pack_options options = shape_options(&small, &small);
    struct trnnsf_pack_report report = {.struct_size = sizeof report};

    ck_assert_int_eq(trnnsf_pack_measure(ctx, matrix, &options, clusters, &report), TRNNSF_E_CHECK);
    ck_assert_uint_eq(report.blocks, 0);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

void packer_threads(TCase *tests)
{
    tcase_add_test(tests, threads_change_nothing);
}

TCase *packer_tests(void)
{
    TCase *tests = tcase_create("packer");

    tcase_add_loop_test(tests, budgets_hold_and_beat_tiles_and_greed, 0, 2);
    tcase_add_loop_test(tests, bounds_hold_at_no_more_than_tiles, 0, 2);
    tcase_add_test(tests, tiny_matrices_are_packed_best);
    tcase_add_test(tests, planted_blocks_are_found);
    tcase_add_test(tests, pools_cost_no_more_than_their_shapes);
    tcase_add_test(tests, budgets_of_cost_hold);
    tcase_add_test(tests, offers_descend_and_add_up);
    tcase_add_test(tests, hostile_input_is_refused);
    tcase_add_test(tests, saliences_of_a_kind);
    tcase_add_test(tests, extremes_are_packed);
    tcase_add_test(tests, a_cancelled_packing_leaves_nothing);
    tcase_add_test(tests, measuring_refuses_what_fits_no_shape);
    return tests;
}
