/* The public trnnsf_matrix. */
#include <trnnsf/matrix.h>

#include "common.h"

static trnnsf_context *ctx;
static trnnsf_matrix *const untouched = (trnnsf_matrix *)&ctx;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(create_drops_zeros)
{
    const size_t row_start[4] = {0, 2, 2, 5};
    const uint32_t column[5] = {1, 3, 0, 2, 3};
    const float value[5] = {1.5f, 0.0f, -2.0f, -0.0f, 4.0f};
    trnnsf_matrix *matrix;

    ck_assert_int_eq(trnnsf_matrix_create(ctx, 3, 4, row_start, column, value, &matrix), TRNNSF_OK);
    trnnsf_context_free(ctx); /* the matrix holds it */
    ck_assert_uint_eq(trnnsf_matrix_rows(matrix), 3);
    ck_assert_uint_eq(trnnsf_matrix_columns(matrix), 4);
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), 3);
    const size_t starts[4] = {0, 1, 1, 3};
    ck_assert_mem_eq(trnnsf_matrix_row_start(matrix), starts, sizeof starts);
    const uint32_t columns[3] = {1, 0, 3};
    ck_assert_mem_eq(trnnsf_matrix_column(matrix), columns, sizeof columns);
    const float values[3] = {1.5f, -2.0f, 4.0f};
    ck_assert_mem_eq(trnnsf_matrix_value(matrix), values, sizeof values);
    trnnsf_matrix_free(matrix);
    setup();
}
END_TEST

START_TEST(pattern_and_empty)
{
    const size_t row_start[3] = {0, 1, 2}, none[3] = {0, 0, 0};
    const uint32_t column[2] = {1, 0};
    trnnsf_matrix *matrix;

    ck_assert_int_eq(trnnsf_matrix_create(ctx, 2, 2, row_start, column, NULL, &matrix), TRNNSF_OK);
    ck_assert_float_eq(trnnsf_matrix_value(matrix)[1], 1.0f);
    trnnsf_matrix_free(matrix);
    ck_assert_int_eq(trnnsf_matrix_create(ctx, 2, 2, none, NULL, NULL, &matrix), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), 0);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(dense_and_sparse_agree)
{
    enum { ROWS = 13, COLUMNS = 70 };
    float *values = random_floats(9, ROWS * COLUMNS);
    trnnsf_matrix *one, *two;

    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        values[i] = values[i] < 0.5f ? 0.0f : values[i];
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, ROWS, COLUMNS, values, &one), TRNNSF_OK);
    size_t e = 0;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            if (values[i * COLUMNS + j] == 0.0f)
                continue;
            ck_assert_uint_eq(trnnsf_matrix_column(one)[e], j);
            ck_assert_float_eq(trnnsf_matrix_value(one)[e++], values[i * COLUMNS + j]);
        }
        ck_assert_uint_eq(trnnsf_matrix_row_start(one)[i + 1], e);
    }
    ck_assert_int_eq(trnnsf_matrix_create(ctx, ROWS, COLUMNS, trnnsf_matrix_row_start(one),
                                          trnnsf_matrix_column(one), trnnsf_matrix_value(one),
                                          &two),
                     TRNNSF_OK);
    ck_assert_mem_eq(trnnsf_matrix_value(one), trnnsf_matrix_value(two), e * sizeof(float));
    trnnsf_matrix_free(two);
    trnnsf_matrix_free(one);
    free(values);
}
END_TEST

static void refused(trnnsf_status status, const char *why, size_t n_rows, size_t n_columns,
                    const size_t *row_start, const uint32_t *column, const float *value)
{
    trnnsf_matrix *matrix = untouched;

    ck_assert_int_eq(
        trnnsf_matrix_create(ctx, n_rows, n_columns, row_start, column, value, &matrix), status);
    ck_assert_ptr_eq(matrix, untouched);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), why) != NULL, "\"%s\" does not say \"%s\"",
                  trnnsf_context_error(ctx), why);
}

START_TEST(hostile_rows)
{
    const size_t good[3] = {0, 2, 3}, late[3] = {1, 2, 3}, back[3] = {0, 2, 1},
                 long_row[3] = {0, 5, 5}, absurd[3] = {0, 2, SIZE_MAX};
    const uint32_t column[5] = {0, 2, 1, 0, 0}, outside[3] = {0, 3, 1}, twice[3] = {1, 1, 0},
                   falling[3] = {2, 1, 0};
    const float nan_value[3] = {1, NAN, 1}, infinite[3] = {1, 1, -INFINITY};

    refused(TRNNSF_E_INVALID, "row_start is NULL", 2, 3, NULL, column, NULL);
    refused(TRNNSF_E_INVALID, "column is NULL", 2, 3, good, NULL, NULL);
    refused(TRNNSF_E_INVALID, "n_rows 0", 0, 3, good, column, NULL);
    refused(TRNNSF_E_INVALID, "n_columns 0", 2, 0, good, column, NULL);
    refused(TRNNSF_E_LIMIT, "n_rows", SIZE_MAX, 3, good, column, NULL);
    refused(TRNNSF_E_LIMIT, "n_columns", 2, SIZE_MAX / 2 + 1, good, column, NULL);
    refused(TRNNSF_E_INVALID, "row_start[0] is 1", 2, 3, late, column, NULL);
    refused(TRNNSF_E_INVALID, "row_start[2] is 1", 2, 3, back, column, NULL);
    refused(TRNNSF_E_INVALID, "row_start[1] is 5", 2, 3, long_row, column, NULL);
    refused(TRNNSF_E_INVALID, "row_start[2]", 2, 3, absurd, column, NULL);
    refused(TRNNSF_E_INVALID, "column[1] is 3", 2, 3, good, outside, NULL);
    refused(TRNNSF_E_INVALID, "ascend", 2, 3, good, twice, NULL);
    refused(TRNNSF_E_INVALID, "ascend", 2, 3, good, falling, NULL);
    refused(TRNNSF_E_INVALID, "value[1]", 2, 3, good, column, nan_value);
    refused(TRNNSF_E_INVALID, "value[2]", 2, 3, good, column, infinite);
    ck_assert_int_eq(trnnsf_matrix_create(ctx, 2, 3, good, column, NULL, NULL), TRNNSF_E_INVALID);
}
END_TEST

START_TEST(hostile_dense)
{
    const float bad[4] = {1, 2, NAN, 4};
    trnnsf_matrix *matrix = untouched;

    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 2, 2, bad, &matrix), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "row 1, column 0"));
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 2, 2, NULL, &matrix), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 2, 2, bad, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 0, 2, bad, &matrix), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 2, SIZE_MAX, bad, &matrix), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_matrix_from_dense(NULL, 2, 2, bad, &matrix), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_matrix_create(NULL, 2, 2, NULL, NULL, NULL, &matrix), TRNNSF_E_INVALID);
    ck_assert_ptr_eq(matrix, untouched);
}
END_TEST

START_TEST(null_matrices)
{
    trnnsf_matrix_free(NULL);
    ck_assert_uint_eq(trnnsf_matrix_rows(NULL), 0);
    ck_assert_uint_eq(trnnsf_matrix_columns(NULL), 0);
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(NULL), 0);
    ck_assert_ptr_null(trnnsf_matrix_row_start(NULL));
    ck_assert_ptr_null(trnnsf_matrix_column(NULL));
    ck_assert_ptr_null(trnnsf_matrix_value(NULL));
}
END_TEST

TCase *matrix_tests(void)
{
    TCase *tests = tcase_create("matrix");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, create_drops_zeros);
    tcase_add_test(tests, pattern_and_empty);
    tcase_add_test(tests, dense_and_sparse_agree);
    tcase_add_test(tests, hostile_rows);
    tcase_add_test(tests, hostile_dense);
    tcase_add_test(tests, null_matrices);
    return tests;
}
