/* Orders with few tiles, and free clusters that hold all. */
#include "suite.h"

#include <math.h>
#include <trnnsf/reorder.h>

#include "cluster/bipartite.h"
#include "cluster/stripes.h"

static const struct trnnsf_reorder_options defaults = TRNNSF_REORDER_OPTIONS_INIT;

static struct trnnsf_reorder_options sized(uint32_t outputs, uint32_t inputs)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;

    options.outputs = outputs;
    options.inputs = inputs;
    options.effort = 2;
    return options;
}

struct orders {
    size_t n_rows, n_columns; /* places */
    uint32_t *rows, *columns;
};

static size_t whole(size_t n, size_t limit)
{
    return (n + limit - 1) / limit * limit;
}

/* Each index once; TRNNSF_NO_LINE elsewhere, without gaps only at the end. */
static void check_places(const uint32_t *index, size_t n, size_t limit, bool gaps)
{
    unsigned char *seen = calloc(n, 1);
    size_t found = 0;

    for (size_t p = 0; p < whole(n, limit); p++) {
        if (index[p] == TRNNSF_NO_LINE) {
            ck_assert(gaps || p >= n);
            continue;
        }
        ck_assert_uint_lt(index[p], n);
        ck_assert_int_eq(seen[index[p]]++, 0);
        found++;
    }
    ck_assert_uint_eq(found, n);
    free(seen);
}

static struct orders find_in(trnnsf_context *with, const trnnsf_matrix *matrix,
                             const struct trnnsf_reorder_options *options)
{
    struct orders o = {whole(matrix->n_rows, options->outputs),
                       whole(matrix->n_columns, options->inputs), NULL, NULL};

    o.rows = malloc(o.n_rows * sizeof *o.rows);
    o.columns = malloc(o.n_columns * sizeof *o.columns);
    ck_assert_msg(trnnsf_reorder_find(with, matrix, options, o.rows, o.columns) == TRNNSF_OK, "%s",
                  trnnsf_context_error(with));
    check_places(o.rows, matrix->n_rows, options->outputs, options->gaps);
    check_places(o.columns, matrix->n_columns, options->inputs, options->gaps);
    return o;
}

static void orders_free(struct orders *o)
{
    free(o->rows);
    free(o->columns);
}

/* The judge: the tiles of the reordered matrix, cell by cell. */
static size_t count_slowly(const trnnsf_matrix *matrix, const struct orders *o, size_t outputs,
                           size_t inputs)
{
    size_t columns = o->n_columns / inputs, tiles = o->n_rows / outputs * columns, count = 0;
    unsigned char *filled = calloc(tiles, 1);
    unsigned char *live = calloc(matrix->n_rows * matrix->n_columns, 1);

    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            live[i * matrix->n_columns + matrix->column[e]] = 1;
    }
    for (size_t p = 0; p < o->n_rows; p++) {
        for (size_t q = 0; q < o->n_columns; q++) {
            if (o->rows[p] != TRNNSF_NO_LINE && o->columns[q] != TRNNSF_NO_LINE &&
                live[o->rows[p] * matrix->n_columns + o->columns[q]])
                filled[p / outputs * columns + q / inputs] = 1;
        }
    }
    for (size_t t = 0; t < tiles; t++)
        count += filled[t];
    free(live);
    free(filled);
    return count;
}

/* Tiles of the order found, held against all that must be true of them. */
static size_t tiles_of(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options)
{
    struct orders o = find_in(ctx, matrix, options);
    size_t count = count_slowly(matrix, &o, options->outputs, options->inputs), bound;
    trnnsf_clusters *tiles;

    ck_assert_int_eq(trnnsf_reorder_tiles(ctx, matrix, options, o.rows, o.columns, &tiles),
                     TRNNSF_OK);
    check_invariants(tiles, matrix, options->inputs, options->outputs);
    ck_assert_uint_eq(trnnsf_clusters_residue(tiles, matrix), 0);
    ck_assert_uint_eq(trnnsf_clusters_count(tiles), count);
    ck_assert_int_eq(trnnsf_reorder_bound(ctx, matrix, options, &bound), TRNNSF_OK);
    ck_assert_uint_le(bound, count);
    trnnsf_clusters_free(tiles);
    orders_free(&o);
    return count;
}

static size_t cover_of(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options)
{
    trnnsf_clusters *cover;

    ck_assert_int_eq(trnnsf_clusters_cover(ctx, matrix, options, &cover), TRNNSF_OK);
    check_invariants(cover, matrix, options->inputs, options->outputs);
    ck_assert_uint_eq(trnnsf_clusters_residue(cover, matrix), 0);
    size_t count = trnnsf_clusters_count(cover);
    trnnsf_clusters_free(cover);
    return count;
}

/* Tiles of the matrix as it stands, and without its empty lines. */
static size_t plain_tiles(const trnnsf_matrix *matrix, size_t outputs, size_t inputs, bool compact)
{
    struct orders o = {whole(matrix->n_rows, outputs), whole(matrix->n_columns, inputs), NULL,
                       NULL};
    struct trn_bipartite *graph;

    o.rows = malloc(o.n_rows * sizeof *o.rows);
    o.columns = malloc(o.n_columns * sizeof *o.columns);
    ck_assert_int_eq(trn_bipartite_create(ctx, matrix, &graph), TRNNSF_OK);
    for (size_t p = 0; p < o.n_rows; p++)
        o.rows[p] = p >= matrix->n_rows ? TRNNSF_NO_LINE
                    : compact           ? graph->side[TRN_OUTPUTS].index[p]
                                        : (uint32_t)p;
    for (size_t p = 0; p < o.n_columns; p++)
        o.columns[p] = p >= matrix->n_columns ? TRNNSF_NO_LINE
                       : compact              ? graph->side[TRN_INPUTS].index[p]
                                              : (uint32_t)p;
    size_t count = count_slowly(matrix, &o, outputs, inputs);
    trn_bipartite_free(ctx, graph);
    orders_free(&o);
    return count;
}

/* Shuffled diagonal blocks as large as the tiles, and smaller ones: the exact number is found. */
START_TEST(planted_blocks_are_found)
{
    static const struct planted cases[] = {{160, 128, 8, 20, 16, 0.5, 0, 3},
                                           {90, 90, 6, 15, 15, 0.7, 0, 4},
                                           {70, 130, 5, 14, 26, 0.6, 0, 5}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct planted *p = &cases[i];
        trnnsf_matrix *matrix = planted_matrix(p, NULL);
        struct trnnsf_reorder_options options = sized((uint32_t)p->rows, (uint32_t)p->columns);

        options.effort = 8;
        ck_assert_uint_gt(plain_tiles(matrix, p->rows, p->columns, false), 2 * p->blocks);
        ck_assert_uint_eq(tiles_of(matrix, &options), p->blocks);
        ck_assert_uint_eq(cover_of(matrix, &options), p->blocks);
        /* Two blocks a tile. */
        options.outputs *= 2;
        options.inputs *= 2;
        ck_assert_uint_eq(tiles_of(matrix, &options), (p->blocks + 1) / 2);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

/* A shuffled staircase: square blocks, each with one cell that ties it to the next. All hangs
 * together, so tiles are at least 2 x 6 - 1; free clusters with one line to spare are 6. */
START_TEST(staircase_reaches_its_bound)
{
    enum { BLOCKS = 6, BLOCK = 10, N = BLOCKS * BLOCK };
    float dense[N * N] = {0};
    uint32_t row[N], column[N];
    struct trn_random random;
    trnnsf_matrix *matrix;
    size_t bound;

    trn_random_init(&random, 7, TRN_RANDOM_TEST, 3);
    for (uint32_t i = 0; i < N; i++)
        row[i] = column[i] = i;
    trn_random_shuffle(&random, row, N);
    trn_random_shuffle(&random, column, N);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            if (i / BLOCK == j / BLOCK || (i % BLOCK == 0 && j == i + BLOCK))
                dense[row[i] * N + column[j]] = 1;
        }
    }
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, N, N, dense, &matrix), TRNNSF_OK);
    struct trnnsf_reorder_options options = sized(BLOCK, BLOCK);
    options.effort = 8;
    ck_assert_int_eq(trnnsf_reorder_bound(ctx, matrix, &options, &bound), TRNNSF_OK);
    ck_assert_uint_eq(bound, 2 * BLOCKS - 1);
    ck_assert_uint_eq(tiles_of(matrix, &options), bound);
    options.outputs = options.inputs = BLOCK + 1;
    ck_assert_uint_eq(cover_of(matrix, &options), BLOCKS);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(never_worse_than_plain)
{
    for (uint64_t seed = 0; seed < 24; seed++) {
        trnnsf_matrix *matrix =
            random_matrix(seed, 40 + 3 * seed, 90 - 2 * seed, 0.002 * (double)(1 + seed * seed));
        size_t outputs = 3 + seed % 9, inputs = 4 + seed % 7;
        struct trnnsf_reorder_options options = sized((uint32_t)outputs, (uint32_t)inputs);

        options.effort = (uint32_t)(seed % 3);
        options.gaps = seed % 2;
        size_t tiles = tiles_of(matrix, &options);
        ck_assert_uint_le(tiles, plain_tiles(matrix, outputs, inputs, false));
        ck_assert_uint_le(tiles, plain_tiles(matrix, outputs, inputs, true));
        ck_assert_uint_le(cover_of(matrix, &options), tiles);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

START_TEST(odd_matrices)
{
    struct trnnsf_reorder_options options = sized(8, 8);
    static const struct {
        size_t rows, columns;
        double density;
        size_t tiles, clusters;
    } cases[] = {{20, 30, 0, 0, 0},
                 {1, 50, 1, 7, 7},
                 {50, 1, 1, 7, 7},
                 {1, 1, 1, 1, 1},
                 {24, 16, 1, 6, 6},
                 {8, 8, 0.5, 1, 1},
                 /* Sides that are no multiples: fewer clusters than tiles, at their bound. */
                 {20, 20, 1, 9, 8}};

    for (int gaps = 0; gaps < 2; gaps++) {
        options.gaps = (uint32_t)gaps;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            trnnsf_matrix *matrix =
                random_matrix(1, cases[i].rows, cases[i].columns, cases[i].density);

            ck_assert_uint_eq(tiles_of(matrix, &options), cases[i].tiles);
            ck_assert_uint_eq(cover_of(matrix, &options), cases[i].clusters);
            trnnsf_matrix_free(matrix);
        }
    }
    /* An MCA larger than the matrix. */
    trnnsf_matrix *matrix = random_matrix(2, 30, 40, 0.1);
    options = sized(65536, 65536);
    struct orders o = find_in(ctx, matrix, &options);
    trnnsf_clusters *tiles;
    ck_assert_int_eq(trnnsf_reorder_tiles(ctx, matrix, &options, o.rows, o.columns, &tiles),
                     TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(tiles), 1);
    trnnsf_clusters_free(tiles);
    orders_free(&o);
    ck_assert_uint_eq(cover_of(matrix, &options), 1);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* The table of tiles against a count from nothing, and gains against energies. */
START_TEST(stripes_keep_count)
{
    trnnsf_matrix *matrix = random_matrix(3, 60, 50, 0.06);
    const size_t limit[TRN_SIDES] = {7, 9};
    float *table = malloc(TRN_STRIPES_TABLE * sizeof *table);
    struct trn_bipartite *graph;
    struct trn_stripes stripes;
    struct trn_random random;
    uint32_t first[80], second[80];
    uint32_t *order[TRN_SIDES] = {first, second};

    trn_stripes_table(table);
    ck_assert_int_eq(trn_bipartite_create(ctx, matrix, &graph), TRNNSF_OK);
    ck_assert_int_eq(trn_stripes_init(ctx, graph, limit, table, &stripes), TRNNSF_OK);
    for (uint32_t i = 0; i < 80; i++)
        first[i] = second[i] = i;
    trn_stripes_set(&stripes, order);
    trn_random_init(&random, 5, TRN_RANDOM_TEST, 4);
    for (int step = 0; step < 400; step++) {
        int s = (int)trn_random_below(&random, 2);
        const struct trn_band *band = &stripes.band[s];
        size_t a = trn_random_below(&random, (uint32_t)band->places);
        size_t b = trn_random_below(&random, (uint32_t)band->places);
        double before = 0, after = 0;
        size_t filled = 0, tiles = stripes.band[0].stripes * stripes.band[1].stripes;

        if (band->stripe[a] == band->stripe[b])
            continue;
        for (size_t t = 0; t < tiles; t++)
            before += log2(1 + (double)stripes.held[t]);
        float gain = trn_stripes_gain(&stripes, s, a, b);
        trn_stripes_swap(&stripes, s, a, b);
        uint32_t *held = calloc(tiles, sizeof *held);
        for (size_t i = 0; i < graph->side[0].count; i++) {
            for (size_t e = graph->side[0].start[i]; e < graph->side[0].start[i + 1]; e++)
                held[stripes.band[0].stripe[i] * stripes.band[1].stripes +
                     stripes.band[1].stripe[graph->side[0].other[e]]]++;
        }
        ck_assert_mem_eq(held, stripes.held, tiles * sizeof *held);
        for (size_t t = 0; t < tiles; t++) {
            after += log2(1 + (double)held[t]);
            filled += held[t] > 0;
        }
        free(held);
        ck_assert_uint_eq(filled, stripes.filled);
        ck_assert_double_eq_tol((double)gain, before - after, 1e-4);
    }
    trn_stripes_free(ctx, &stripes);
    trn_bipartite_free(ctx, graph);
    trnnsf_matrix_free(matrix);
    free(table);
}
END_TEST

START_TEST(threads_and_seeds)
{
    trnnsf_matrix *matrix = random_matrix(11, 150, 130, 0.02);
    struct trnnsf_reorder_options options = sized(16, 12);
    struct orders kept = find_in(ctx, matrix, &options);
    trnnsf_clusters *cover, *again;

    ck_assert_int_eq(trnnsf_clusters_cover(ctx, matrix, &options, &cover), TRNNSF_OK);
    for (uint32_t threads = 1; threads <= 5; threads += 2) {
        struct trnnsf_context_options with_threads = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_context *with;

        with_threads.threads = threads;
        ck_assert_int_eq(trnnsf_context_create(&with_threads, &with), TRNNSF_OK);
        struct orders o = find_in(with, matrix, &options);
        ck_assert_mem_eq(o.rows, kept.rows, o.n_rows * sizeof *o.rows);
        ck_assert_mem_eq(o.columns, kept.columns, o.n_columns * sizeof *o.columns);
        orders_free(&o);
        ck_assert_int_eq(trnnsf_clusters_cover(with, matrix, &options, &again), TRNNSF_OK);
        ck_assert(same_clusters(cover, again));
        trnnsf_clusters_free(again);
        trnnsf_context_free(with);
    }
    options.seed = 99;
    struct orders other = find_in(ctx, matrix, &options);
    ck_assert_mem_ne(other.rows, kept.rows, kept.n_rows * sizeof *kept.rows);
    orders_free(&other);
    orders_free(&kept);
    trnnsf_clusters_free(cover);
    trnnsf_matrix_free(matrix);
}
END_TEST

static int stop_later(const struct trnnsf_progress *progress, void *user)
{
    int *calls = user;

    (void)progress;
    return --*calls == 0;
}

START_TEST(cancel)
{
    trnnsf_matrix *matrix = random_matrix(12, 120, 120, 0.03);
    struct trnnsf_reorder_options options = sized(16, 16);
    int stopped = 0;

    for (int after = 1; after < 200; after += 9) {
        struct trnnsf_context_options with_progress = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_clusters *clusters = NULL;
        trnnsf_context *with;
        int calls = after;

        with_progress.progress = stop_later;
        with_progress.progress_user = &calls;
        ck_assert_int_eq(trnnsf_context_create(&with_progress, &with), TRNNSF_OK);
        trnnsf_status status = trnnsf_clusters_cover(with, matrix, &options, &clusters);
        ck_assert(status == TRNNSF_OK || status == TRNNSF_E_CANCELLED);
        ck_assert_int_eq(clusters != NULL, status == TRNNSF_OK);
        stopped += status == TRNNSF_E_CANCELLED;
        trnnsf_clusters_free(clusters);
        trnnsf_context_free(with);
        if (status == TRNNSF_OK)
            break;
    }
    ck_assert_int_ge(stopped, 5);
    trnnsf_matrix_free(matrix);
}
END_TEST

static void refused(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options,
                    const char *word)
{
    uint32_t rows[64], columns[64];
    trnnsf_clusters *out = NULL;
    size_t bound;

    ck_assert_int_eq(trnnsf_reorder_find(ctx, matrix, options, rows, columns), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), word));
    ck_assert_int_eq(trnnsf_clusters_cover(ctx, matrix, options, &out), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), word));
    ck_assert_int_eq(trnnsf_reorder_bound(ctx, matrix, options, &bound), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), word));
    ck_assert_ptr_null(out);
}

#define REFUSED(field, wrong)                                                                      \
    do {                                                                                           \
        struct trnnsf_reorder_options bad = TRNNSF_REORDER_OPTIONS_INIT;                           \
                                                                                                   \
        bad.field = wrong;                                                                         \
        refused(matrix, &bad, #field);                                                             \
    } while (0)

START_TEST(hostile_input)
{
    trnnsf_matrix *matrix = random_matrix(1, 20, 20, 0.5);
    struct trnnsf_reorder_options options = sized(8, 8), filled;
    uint32_t rows[24], columns[24];
    trnnsf_clusters *out = NULL;
    struct orders o;

    trnnsf_reorder_options_init(&filled);
    ck_assert_mem_eq(&filled, &defaults, sizeof filled);
    REFUSED(inputs, 0);
    REFUSED(outputs, 65537);
    REFUSED(effort, 1001);
    REFUSED(gaps, 2);
    REFUSED(struct_size, 1);
    refused(NULL, &defaults, "matrix is NULL");
    ck_assert_int_eq(trnnsf_reorder_find(ctx, matrix, &options, NULL, columns), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_reorder_find(ctx, matrix, &options, rows, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_reorder_find(NULL, matrix, &options, rows, columns), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_cover(ctx, matrix, &options, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_reorder_bound(ctx, matrix, &options, NULL), TRNNSF_E_INVALID);
    o = find_in(ctx, matrix, &options);
    for (int fault = 0; fault < 3; fault++) {
        static const char *const words[] = {"is not in [0, 20)", "was there before", "of 20 lines"};
        size_t at = 0;

        memcpy(rows, o.rows, sizeof rows);
        while (rows[at] == TRNNSF_NO_LINE || rows[at] == 3)
            at++;
        rows[at] = fault == 0 ? 20 : fault == 1 ? 3 : TRNNSF_NO_LINE;
        ck_assert_int_eq(trnnsf_reorder_tiles(ctx, matrix, &options, rows, o.columns, &out),
                         TRNNSF_E_INVALID);
        ck_assert_msg(strstr(trnnsf_context_error(ctx), words[fault]) != NULL, "%s",
                      trnnsf_context_error(ctx));
        ck_assert_ptr_null(out);
    }
    orders_free(&o);
    trnnsf_matrix_free(matrix);
}
END_TEST

void reorder_threads(TCase *tests)
{
    tcase_add_test(tests, threads_and_seeds);
}

TCase *reorder_tests(void)
{
    TCase *tests = tcase_create("reorder");

    tcase_add_test(tests, planted_blocks_are_found);
    tcase_add_test(tests, staircase_reaches_its_bound);
    tcase_add_test(tests, never_worse_than_plain);
    tcase_add_test(tests, odd_matrices);
    tcase_add_test(tests, stripes_keep_count);
    tcase_add_test(tests, cancel);
    tcase_add_test(tests, hostile_input);
    return tests;
}
