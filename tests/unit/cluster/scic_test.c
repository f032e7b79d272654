#include "suite.h"

static const struct trnnsf_cluster_options defaults = TRNNSF_CLUSTER_OPTIONS_INIT;

static trnnsf_clusters *find(const trnnsf_matrix *matrix,
                             const struct trnnsf_cluster_options *options)
{
    trnnsf_clusters *clusters = NULL;

    ck_assert_msg(trnnsf_clusters_find(ctx, matrix, options, &clusters) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return clusters;
}

/* Share of the planted live cells that some cluster owns. */
static double coverage(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix,
                       const unsigned char *cells)
{
    size_t all = 0, found = 0;

    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (!cells[i * matrix->n_columns + matrix->column[e]])
                continue;
            all++;
            found += trn_clusters_owner(clusters, i, matrix->column[e]) != TRN_NO_CLUSTER;
        }
    }
    return all ? (double)found / (double)all : 1.0;
}

static void finds_planted(const struct planted *planted, uint32_t inputs, uint32_t outputs,
                          double wanted, size_t most)
{
    unsigned char *cells = malloc(planted->n_rows * planted->n_columns);
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_matrix *matrix = planted_matrix(planted, cells);
    trnnsf_clusters *clusters;

    options.inputs = inputs;
    options.outputs = outputs;
    clusters = find(matrix, &options);
    check_invariants(clusters, matrix, inputs, outputs);
    ck_assert_double_ge(coverage(clusters, matrix, cells), wanted);
    ck_assert_uint_le(trnnsf_clusters_count(clusters), most);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(cells);
}

START_TEST(benchmark_matrix)
{
    struct planted planted = PLANTED_BENCHMARK;

    for (planted.seed = 1; planted.seed <= 2; planted.seed++)
        finds_planted(&planted, 64, 64, 0.99, 22);
}
END_TEST

START_TEST(other_planted_matrices)
{
    static const struct planted small = {240, 180, 8, 30, 20, 0.8, 0.02, 3};
    static const struct planted thin = {300, 200, 5, 60, 40, 0.6, 0.05, 4};
    static const struct planted tiny_blocks = {300, 200, 20, 15, 9, 0.9, 0.005, 5};

    finds_planted(&small, 32, 32, 0.98, 10);
    finds_planted(&thin, 64, 64, 0.95, 8);
    /* Blocks much smaller than the MCA share it: four rows and seven columns of them fit. */
    finds_planted(&tiny_blocks, 64, 64, 0.98, 7);
    /* Blocks larger than the MCA are cut: 2 x 2 pieces each. */
    finds_planted(&thin, 24, 32, 0.95, 30);
    /* One MCA takes several. */
    finds_planted(&small, 64, 64, 0.98, 5);
}
END_TEST

/* Blocks of several sizes that share rows and columns. */
START_TEST(overlapping_and_uneven_blocks)
{
    enum { N = 200 };
    static const size_t box[4][4] = {
        {0, 60, 0, 50}, {40, 90, 40, 100}, {100, 110, 110, 170}, {120, 180, 180, 190}};
    float *dense = calloc(N * N, sizeof *dense);
    unsigned char *cells = calloc(N * N, 1);
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_matrix *matrix;
    trnnsf_clusters *clusters;

    for (size_t b = 0; b < 4; b++) {
        for (size_t i = box[b][0]; i < box[b][1]; i++) {
            for (size_t j = box[b][2]; j < box[b][3]; j++)
                dense[i * N + j] = cells[i * N + j] = (i * 31 + j * 17) % 10 < 8;
        }
    }
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, N, N, dense, &matrix), TRNNSF_OK);
    for (options.seed = 1; options.seed <= 4; options.seed++) {
        clusters = find(matrix, &options);
        check_invariants(clusters, matrix, 64, 64);
        ck_assert_double_ge(coverage(clusters, matrix, cells), 0.9);
        trnnsf_clusters_free(clusters);
    }
    trnnsf_matrix_free(matrix);
    free(cells);
    free(dense);
}
END_TEST

START_TEST(noise_has_no_clusters)
{
    trnnsf_matrix *matrix = random_matrix(1, 300, 300, 0.1);
    trnnsf_clusters *clusters = find(matrix, NULL);

    ck_assert_uint_eq(trnnsf_clusters_count(clusters), 0);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* Full, empty, one row, one column, one cell, for both variants and several MCAs. */
START_TEST(odd_shapes)
{
    static const size_t shape[][2] = {{200, 150}, {1, 300}, {300, 1}, {1, 1}, {2, 3}, {64, 64}};
    static const double density[] = {0, 0.02, 0.5, 1};
    static const uint32_t side[][2] = {{64, 64}, {16, 48}, {1, 1}};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;

    for (size_t s = 0; s < sizeof shape / sizeof shape[0]; s++) {
        for (size_t d = 0; d < 4; d++) {
            trnnsf_matrix *matrix = random_matrix(s, shape[s][0], shape[s][1], density[d]);

            for (size_t m = 0; m < 3; m++) {
                trnnsf_clusters *clusters;

                /* One synapse an MCA over a large matrix has its own test's worth of time. */
                if (side[m][0] == 1 && shape[s][0] * shape[s][1] > 300)
                    continue;
                options.inputs = side[m][0];
                options.outputs = side[m][1];
                options.variant = TRNNSF_CLUSTER_CORRECTED;
                clusters = find(matrix, &options);
                check_invariants(clusters, matrix, options.inputs, options.outputs);
                if (density[d] == 1)
                    ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
                trnnsf_clusters_free(clusters);
                options.variant = TRNNSF_CLUSTER_PUBLISHED;
                clusters = find(matrix, &options);
                check_invariants(clusters, matrix, SIZE_MAX, SIZE_MAX);
                trnnsf_clusters_free(clusters);
            }
            trnnsf_matrix_free(matrix);
        }
    }
}
END_TEST

START_TEST(full_matrix_needs_a_grid)
{
    trnnsf_matrix *matrix = random_matrix(1, 200, 150, 1);
    trnnsf_clusters *clusters = find(matrix, NULL);

    ck_assert_uint_eq(trnnsf_clusters_count(clusters), 4 * 3);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* Dead rows and columns are mapped back: clusters name live neurons only, before growing. */
START_TEST(dead_neurons_stay_out)
{
    static const struct planted planted = {120, 90, 4, 20, 15, 0.9, 0, 6};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_matrix *matrix = planted_matrix(&planted, NULL);
    trnnsf_clusters *clusters;

    options.inputs = options.outputs = 24;
    clusters = find(matrix, &options);
    ck_assert_uint_eq(trnnsf_clusters_count(clusters), 4);
    ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 0);
    for (size_t b = 0; b < 4; b++) {
        size_t n_out, n_in;

        trnnsf_clusters_outputs(clusters, b, &n_out);
        trnnsf_clusters_inputs(clusters, b, &n_in);
        ck_assert_uint_eq(n_out, 20);
        ck_assert_uint_eq(n_in, 15);
    }
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* The sum rule lets a cluster be long; the corrected variant does not. */
START_TEST(published_keeps_the_sum_rule)
{
    static const struct planted planted = {500, 100, 5, 100, 20, 0.95, 0, 7};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_matrix *matrix = planted_matrix(&planted, NULL);
    size_t longest = 0;
    trnnsf_clusters *clusters;

    options.variant = TRNNSF_CLUSTER_PUBLISHED;
    clusters = find(matrix, &options);
    ck_assert_uint_gt(trnnsf_clusters_count(clusters), 0);
    for (size_t b = 0; b < trnnsf_clusters_count(clusters); b++) {
        size_t n_out, n_in;

        trnnsf_clusters_outputs(clusters, b, &n_out);
        trnnsf_clusters_inputs(clusters, b, &n_in);
        ck_assert_uint_le(n_out + n_in, 128);
        longest = n_out > longest ? n_out : longest;
    }
    ck_assert_uint_gt(longest, 64);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* The released code does not map dead neurons back: the same blocks are lost beside dead
 * columns. */
START_TEST(published_loses_place_beside_dead_neurons)
{
    static const struct planted planted = {500, 160, 5, 100, 20, 0.95, 0, 7};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    unsigned char *cells = malloc(planted.n_rows * planted.n_columns);
    trnnsf_matrix *matrix = planted_matrix(&planted, cells);
    trnnsf_clusters *clusters;

    options.variant = TRNNSF_CLUSTER_PUBLISHED;
    clusters = find(matrix, &options);
    ck_assert_double_lt(coverage(clusters, matrix, cells), 0.5);
    trnnsf_clusters_free(clusters);
    options.variant = TRNNSF_CLUSTER_CORRECTED;
    clusters = find(matrix, &options);
    ck_assert_double_ge(coverage(clusters, matrix, cells), 0.99);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(cells);
}
END_TEST

/* Same bits again, and for any number of threads. */
START_TEST(repeats_exactly)
{
    static const struct planted planted = {240, 180, 8, 30, 20, 0.7, 0.05, 8};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;

    ck_assert_int_eq(trnnsf_backend_select(ctx, "reference"), TRNNSF_OK);
    for (options.variant = 0; options.variant <= 1; options.variant++) {
        trnnsf_matrix *matrix = planted_matrix(&planted, NULL);
        trnnsf_clusters *first = find(matrix, &options);

        for (uint32_t threads = 1; threads <= 4; threads++) {
            struct trnnsf_context_options other = TRNNSF_CONTEXT_OPTIONS_INIT;
            trnnsf_clusters *again = NULL;
            trnnsf_context *with;

            other.threads = threads;
            ck_assert_int_eq(trnnsf_context_create(&other, &with), TRNNSF_OK);
            ck_assert_int_eq(trnnsf_backend_select(with, "reference"), TRNNSF_OK);
            ck_assert_int_eq(trnnsf_clusters_find(with, matrix, &options, &again), TRNNSF_OK);
            ck_assert(same_clusters(first, again));
            trnnsf_clusters_free(again);
            trnnsf_context_free(with);
        }
        trnnsf_clusters_free(first);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

/* Backends may round otherwise; what they find is as good. */
START_TEST(backends_agree_on_the_blocks)
{
    static const struct planted planted = {240, 180, 8, 30, 20, 0.8, 0.02, 9};
    unsigned char *cells = malloc(planted.n_rows * planted.n_columns);
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_matrix *matrix = planted_matrix(&planted, cells);

    options.inputs = options.outputs = 32;
    for (size_t b = 0; b < trnnsf_backend_count(ctx); b++) {
        trnnsf_clusters *clusters;

        ck_assert_int_eq(trnnsf_backend_select(ctx, trnnsf_backend_name(ctx, b)), TRNNSF_OK);
        clusters = find(matrix, &options);
        ck_assert_double_ge(coverage(clusters, matrix, cells), 0.98);
        trnnsf_clusters_free(clusters);
    }
    trnnsf_matrix_free(matrix);
    free(cells);
}
END_TEST

static int stop_later(const struct trnnsf_progress *progress, void *user)
{
    int *calls = user;

    (void)progress;
    return --*calls == 0;
}

START_TEST(cancel_at_every_round)
{
    static const struct planted planted = {240, 180, 8, 30, 20, 0.8, 0.02, 9};
    trnnsf_matrix *matrix = planted_matrix(&planted, NULL);
    int stopped = 0;

    for (int after = 1; after < 50; after++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_clusters *clusters = NULL;
        trnnsf_context *with;
        int calls = after;

        options.progress = stop_later;
        options.progress_user = &calls;
        ck_assert_int_eq(trnnsf_context_create(&options, &with), TRNNSF_OK);
        trnnsf_status status = trnnsf_clusters_find(with, matrix, &defaults, &clusters);
        if (status == TRNNSF_OK) {
            trnnsf_clusters_free(clusters);
            trnnsf_context_free(with);
            break;
        }
        ck_assert_int_eq(status, TRNNSF_E_CANCELLED);
        ck_assert_ptr_null(clusters);
        stopped++;
        calls = 0;
        ck_assert_int_eq(trnnsf_clusters_find(with, matrix, &defaults, &clusters), TRNNSF_OK);
        trnnsf_clusters_free(clusters);
        trnnsf_context_free(with);
    }
    ck_assert_int_ge(stopped, 3);
    trnnsf_matrix_free(matrix);
}
END_TEST

static void refused(const trnnsf_matrix *matrix, const struct trnnsf_cluster_options *options,
                    const char *word)
{
    trnnsf_clusters *out = NULL;

    ck_assert_int_eq(trnnsf_clusters_find(ctx, matrix, options, &out), TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), word) != NULL, "%s",
                  trnnsf_context_error(ctx));
}

#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;                       \
                                                                                                   \
        options.field = value;                                                                     \
        refused(matrix, &options, #field);                                                         \
    } while (0)

START_TEST(hostile_options)
{
    trnnsf_matrix *matrix = random_matrix(1, 20, 20, 0.5);
    struct trnnsf_cluster_options filled;
    trnnsf_clusters *out;

    trnnsf_cluster_options_init(&filled);
    ck_assert_mem_eq(&filled, &defaults, sizeof filled);
    trnnsf_cluster_options_init(NULL);
    REFUSED(variant, 2);
    REFUSED(k, 1);
    REFUSED(k, 65);
    REFUSED(inputs, 0);
    REFUSED(outputs, UINT32_MAX);
    REFUSED(quality_first, (double)NAN);
    REFUSED(quality_first, 1.5);
    REFUSED(quality_last, 0.8);
    REFUSED(quality_last, -0.1);
    REFUSED(quality_step, 0);
    REFUSED(quality_step, (double)NAN);
    REFUSED(merge, 2);
    REFUSED(grow, 7);
    REFUSED(struct_size, 1);
    refused(NULL, &defaults, "matrix is NULL");
    ck_assert_int_eq(trnnsf_clusters_find(NULL, matrix, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_find(ctx, matrix, NULL, NULL), TRNNSF_E_INVALID);
    trnnsf_matrix_free(matrix);
}
END_TEST

void scic_threads(TCase *tests)
{
    tcase_add_test(tests, repeats_exactly);
}

TCase *scic_tests(void)
{
    TCase *tests = tcase_create("scic");

    tcase_add_test(tests, benchmark_matrix);
    tcase_add_test(tests, other_planted_matrices);
    tcase_add_test(tests, overlapping_and_uneven_blocks);
    tcase_add_test(tests, noise_has_no_clusters);
    tcase_add_test(tests, odd_shapes);
    tcase_add_test(tests, full_matrix_needs_a_grid);
    tcase_add_test(tests, dead_neurons_stay_out);
    tcase_add_test(tests, published_keeps_the_sum_rule);
    tcase_add_test(tests, published_loses_place_beside_dead_neurons);
    tcase_add_test(tests, backends_agree_on_the_blocks);
    tcase_add_test(tests, cancel_at_every_round);
    tcase_add_test(tests, hostile_options);
    return tests;
}
