#include "common.h"
#include "tensor/gemm.h"
#include "tensor/sparse.h"

enum { ROWS = 70, COLUMNS = 45, N = 300 };
static const double fills[] = {0.0, 0.01, 0.3, 1.0};
enum { N_FILLS = sizeof fills / sizeof fills[0] };

static trnnsf_context *ctx;
static struct trn_mask *mask;
static float *dense;
static struct trnnsf_matrix *matrix;

static void setup(void)
{
    ctx = make_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static void make_matrix(double fill)
{
    mask = random_mask(ctx, 1, ROWS, COLUMNS, fill);
    dense = random_floats(2, ROWS * COLUMNS);
    trn_mask_apply(mask, dense, COLUMNS);
    ck_assert_int_eq(trn_sparse_from_mask(ctx, mask, dense, COLUMNS, &matrix), TRNNSF_OK);
}

static void free_matrix(void)
{
    trnnsf_matrix_free(matrix);
    free(dense);
    trn_mask_free(ctx, mask);
}

START_TEST(mask_and_back)
{
    struct trn_mask *back;

    make_matrix(fills[_i]);
    ck_assert_uint_eq(trn_sparse_nonzeros(matrix), trn_mask_count(mask));
    ck_assert_int_eq(trn_sparse_to_mask(ctx, matrix, &back), TRNNSF_OK);
    ck_assert_mem_eq(back->words, mask->words, ROWS * mask->stride * sizeof *mask->words);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            ck_assert(e == matrix->row_start[i] || matrix->column[e] > matrix->column[e - 1]);
            ck_assert_float_eq(matrix->value[e], dense[i * COLUMNS + matrix->column[e]]);
        }
    }
    trn_mask_free(ctx, back);
    free_matrix();
}
END_TEST

START_TEST(transpose_twice)
{
    struct trnnsf_matrix *once, *twice;
    size_t *order = calloc(ROWS * COLUMNS, sizeof *order);

    make_matrix(fills[_i]);
    ck_assert_int_eq(trn_sparse_transpose(ctx, matrix, order, &once), TRNNSF_OK);
    ck_assert_int_eq(trn_sparse_transpose(ctx, once, NULL, &twice), TRNNSF_OK);
    ck_assert_uint_eq(once->n_rows, COLUMNS);
    ck_assert_uint_eq(once->n_columns, ROWS);
    ck_assert_mem_eq(twice->row_start, matrix->row_start, (ROWS + 1) * sizeof *twice->row_start);
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    ck_assert_mem_eq(twice->column, matrix->column, nonzeros * sizeof *twice->column);
    ck_assert_mem_eq(twice->value, matrix->value, nonzeros * sizeof *twice->value);
    for (size_t i = 0; i < COLUMNS; i++) {
        for (size_t e = once->row_start[i]; e < once->row_start[i + 1]; e++) {
            ck_assert_float_eq(once->value[e], dense[once->column[e] * COLUMNS + i]);
            ck_assert_float_eq(once->value[e], matrix->value[order[e]]);
        }
    }
    trnnsf_matrix_free(twice);
    trnnsf_matrix_free(once);
    free(order);
    free_matrix();
}
END_TEST

START_TEST(products_match_dense_ones)
{
    float *x = random_floats(3, COLUMNS * N), *y = random_floats(4, ROWS * N);
    float *expected = random_floats(4, ROWS * N), *g = random_floats(5, ROWS * COLUMNS);
    float *dense_g = random_floats(6, ROWS * COLUMNS);

    make_matrix(fills[_i]);
    ck_assert_int_eq(trn_sparse_gradient(ctx, matrix, 0.5f, N, y, N, x, N, g), TRNNSF_OK);
    ck_assert_int_eq(trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_TRANSPOSE, ROWS, COLUMNS, N, 0.5f, y, N, x,
                              N, 0.0f, dense_g, COLUMNS),
                     TRNNSF_OK);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            ck_assert_float_eq_tol(g[e], dense_g[i * COLUMNS + matrix->column[e]], 1e-4f);
    }
    for (int round = 0; round < 2; round++) {
        float beta = round ? 0.0f : -0.75f;

        ck_assert_int_eq(trn_sparse_multiply(ctx, matrix, matrix->value, N, x, N, beta, y, N),
                         TRNNSF_OK);
        ck_assert_int_eq(trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, ROWS, N, COLUMNS, 1.0f,
                                  dense, COLUMNS, x, N, beta, expected, N),
                         TRNNSF_OK);
        expect_close(y, expected, ROWS * N, 1e-4f);
    }
    free_matrix();
    free(dense_g);
    free(g);
    free(expected);
    free(y);
    free(x);
}
END_TEST

TCase *sparse_tests(void)
{
    TCase *tests = tcase_create("sparse");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, mask_and_back, 0, N_FILLS);
    tcase_add_loop_test(tests, transpose_twice, 0, N_FILLS);
    tcase_add_loop_test(tests, products_match_dense_ones, 0, N_FILLS);
    return tests;
}
