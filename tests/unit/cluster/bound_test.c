#include "suite.h"

#include "cluster/bound.h"
#include "cluster/pack.h"

static size_t bound_of(const trnnsf_matrix *matrix, size_t inputs, size_t outputs)
{
    uint32_t *counts = calloc(matrix->n_columns, sizeof *counts);
    size_t bound = trn_crossbar_lower_bound(matrix, inputs, outputs, counts), by_mask;
    struct trn_mask *mask;

    ck_assert_int_eq(trn_sparse_to_mask(ctx, matrix, &mask), TRNNSF_OK);
    ck_assert_int_eq(trn_crossbar_lower_bound_mask(ctx, mask, inputs, outputs, &by_mask),
                     TRNNSF_OK);
    ck_assert_uint_eq(bound, by_mask);
    trn_mask_free(ctx, mask);
    free(counts);
    return bound;
}

/* Dense rectangles of many shapes: the tiling is optimal where it divides. */
START_TEST(dense_matrices)
{
    for (size_t r = 1; r <= 4; r++) {
        for (size_t c = 1; c <= 4; c++) {
            trnnsf_matrix *matrix = random_matrix(1, 8 * r, 6 * c, 1);

            ck_assert_uint_eq(bound_of(matrix, 6, 8), r * c);
            trnnsf_matrix_free(matrix);
        }
    }
}
END_TEST

START_TEST(degrees_count)
{
    float dense[20 * 20] = {0};
    trnnsf_matrix *matrix;

    for (size_t i = 0; i < 20; i++)
        dense[i * 20 + i] = 1;
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 20, 20, dense, &matrix), TRNNSF_OK);
    ck_assert_uint_eq(bound_of(matrix, 4, 10), 5);
    trnnsf_matrix_free(matrix);
    for (size_t j = 0; j < 20; j++)
        dense[j] = 1;
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 20, 20, dense, &matrix), TRNNSF_OK);
    /* 19 rows of one, one of five crossbars' worth: (19 + 5) / 4. */
    ck_assert_uint_eq(bound_of(matrix, 4, 4), 6);
    trnnsf_matrix_free(matrix);
    matrix = random_matrix(1, 9, 9, 0);
    ck_assert_uint_eq(bound_of(matrix, 4, 4), 0);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* Any cover by rectangles that fit is at least as large. */
START_TEST(no_cover_beats_it)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        trnnsf_matrix *matrix =
            random_matrix(seed, 20 + seed, 35 - seed, 0.02 * (double)(seed + 1));
        size_t inputs = 2 + seed % 7, outputs = 3 + seed % 5;
        trnnsf_clusters *cover;

        ck_assert_int_eq(trn_clusters_seed(ctx, matrix, inputs, outputs, 2000, 2, seed, &cover),
                         TRNNSF_OK);
        ck_assert_uint_eq(trnnsf_clusters_residue(cover, matrix), 0);
        ck_assert_uint_le(bound_of(matrix, inputs, outputs), trnnsf_clusters_count(cover));
        trnnsf_clusters_free(cover);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

TCase *bound_tests(void)
{
    TCase *tests = tcase_create("bound");

    tcase_add_test(tests, dense_matrices);
    tcase_add_test(tests, degrees_count);
    tcase_add_test(tests, no_cover_beats_it);
    return tests;
}
