/* cluster/: sets, ownership, SCIC, merging, growing, seeding, bounds, eigenvectors. */
#include "suite.h"

trnnsf_context *ctx;

static void setup(void)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    options.threads = 2;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

trnnsf_matrix *random_matrix(uint64_t seed, size_t n_rows, size_t n_columns, double density)
{
    float *dense = calloc(n_rows * n_columns, sizeof *dense);
    trnnsf_matrix *matrix;
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 1);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        float value = 1.0f - trn_random_float(&random);

        dense[i] = trn_random_double(&random) < density ? value : 0.0f;
    }
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, n_rows, n_columns, dense, &matrix), TRNNSF_OK);
    free(dense);
    return matrix;
}

static size_t draw_side(struct trn_random *random, size_t dimension, size_t wanted, uint32_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < dimension; i++) {
        if (trn_random_below(random, (uint32_t)(dimension - i)) < wanted - count)
            out[count++] = (uint32_t)i;
    }
    return count;
}

trnnsf_clusters *random_clusters(uint64_t seed, size_t n_rows, size_t n_columns, size_t count,
                                 size_t rows, size_t columns)
{
    size_t *row_start = calloc(count + 1, sizeof *row_start);
    size_t *column_start = calloc(count + 1, sizeof *column_start);
    uint32_t *row = calloc(count * rows, sizeof *row);
    uint32_t *column = calloc(count * columns, sizeof *column);
    trnnsf_clusters *clusters;
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 2);
    for (size_t b = 0; b < count; b++) {
        size_t r = 1 + trn_random_below(&random, (uint32_t)rows);
        size_t c = 1 + trn_random_below(&random, (uint32_t)columns);

        row_start[b + 1] = row_start[b] + draw_side(&random, n_rows, r, row + row_start[b]);
        column_start[b + 1] =
            column_start[b] + draw_side(&random, n_columns, c, column + column_start[b]);
    }
    ck_assert_int_eq(trnnsf_clusters_create(ctx, n_rows, n_columns, count, row_start, row,
                                            column_start, column, &clusters),
                     TRNNSF_OK);
    free(row_start);
    free(column_start);
    free(row);
    free(column);
    return clusters;
}

trnnsf_matrix *planted_matrix(const struct planted *planted, unsigned char *cells)
{
    size_t count = planted->n_rows * planted->n_columns;
    unsigned char *own = cells ? cells : malloc(count);
    float *dense = malloc(count * sizeof *dense);
    trnnsf_matrix *matrix;

    plant(planted, dense, own);
    ck_assert_int_eq(
        trnnsf_matrix_from_dense(ctx, planted->n_rows, planted->n_columns, dense, &matrix),
        TRNNSF_OK);
    free(dense);
    if (!cells)
        free(own);
    return matrix;
}

static bool same_side(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    return n_a == n_b && memcmp(a, b, n_a * sizeof *a) == 0;
}

bool same_clusters(const trnnsf_clusters *a, const trnnsf_clusters *b)
{
    if (trnnsf_clusters_count(a) != trnnsf_clusters_count(b))
        return false;
    for (size_t i = 0; i < trnnsf_clusters_count(a); i++) {
        size_t n_a, n_b;
        const uint32_t *x = trnnsf_clusters_outputs(a, i, &n_a);
        const uint32_t *y = trnnsf_clusters_outputs(b, i, &n_b);

        if (!same_side(x, n_a, y, n_b))
            return false;
        x = trnnsf_clusters_inputs(a, i, &n_a);
        y = trnnsf_clusters_inputs(b, i, &n_b);
        if (!same_side(x, n_a, y, n_b))
            return false;
    }
    return true;
}

void check_invariants(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix, size_t inputs,
                      size_t outputs)
{
    size_t owned = 0;

    ck_assert_msg(trnnsf_clusters_check(ctx, clusters, inputs, outputs) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    ck_assert_uint_eq(trnnsf_clusters_rows(clusters), trnnsf_matrix_rows(matrix));
    ck_assert_uint_eq(trnnsf_clusters_columns(clusters), trnnsf_matrix_columns(matrix));
    for (size_t i = 0; i < trnnsf_clusters_count(clusters); i++)
        owned += trnnsf_clusters_synapses(clusters, matrix, i);
    ck_assert_uint_eq(owned + trnnsf_clusters_residue(clusters, matrix),
                      trnnsf_matrix_nonzeros(matrix));
}

int main(void)
{
    Suite *suite = suite_create("cluster");
    TCase *cases[] = {sets_tests(),     pack_tests(),   packer_tests(),         scic_tests(),
                      spectral_tests(), bound_tests(),  refine_tests(),         reorder_tests(),
                      patches_tests(),  groups_tests(), tcase_create("threads")};
    const size_t n_cases = sizeof cases / sizeof cases[0];

    packer_threads(cases[n_cases - 1]);
    reorder_threads(cases[n_cases - 1]);
    scic_threads(cases[n_cases - 1]);
    for (size_t i = 0; i < n_cases; i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        tcase_set_timeout(cases[i], 60);
        suite_add_tcase(suite, cases[i]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
