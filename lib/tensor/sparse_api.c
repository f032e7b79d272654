#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tensor/sparse.h"

/* Column indices are 32 bits, and counts of a row's or column's cells shall fit an int. */
static const size_t side_max = INT32_MAX;

static trnnsf_status check_sides(trnnsf_context *ctx, const char *function, size_t n_rows,
                                 size_t n_columns)
{
    const size_t sides[2] = {n_rows, n_columns};
    static const char *const names[2] = {"n_rows", "n_columns"};

    for (int i = 0; i < 2; i++) {
        if (sides[i] == 0)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s 0 is not in [1, %zu]", function,
                            names[i], side_max);
        if (sides[i] > side_max)
            return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: %s %zu is not in [1, %zu]", function,
                            names[i], sides[i], side_max);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_row(trnnsf_context *ctx, size_t row, size_t start, size_t end,
                               size_t n_columns, const uint32_t *column, const float *value)
{
    for (size_t e = start; e < end; e++) {
        if (column[e] >= n_columns)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_matrix_create: column[%zu] is %u, not below n_columns %zu", e,
                            column[e], n_columns);
        if (e > start && column[e] <= column[e - 1])
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_matrix_create: column[%zu] is %u after %u, but row %zu must "
                            "ascend",
                            e, column[e], column[e - 1], row);
        if (value && !isfinite(value[e]))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_matrix_create: value[%zu] is %f, not finite", e,
                            (double)value[e]);
    }
    return TRNNSF_OK;
}

/* Row lengths first: no column is read through a start that is not between its neighbours. */
static trnnsf_status check_rows(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                const size_t *row_start, const uint32_t *column, const float *value)
{
    if (row_start[0] != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_matrix_create: row_start[0] is %zu, not 0",
                        row_start[0]);
    for (size_t i = 0; i < n_rows; i++) {
        if (row_start[i + 1] < row_start[i] || row_start[i + 1] - row_start[i] > n_columns)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_matrix_create: row_start[%zu] is %zu, not in [%zu, %zu]", i + 1,
                            row_start[i + 1], row_start[i], row_start[i] + n_columns);
    }
    if (row_start[n_rows] > 0 && !column)
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_matrix_create: column is NULL");
    for (size_t i = 0; i < n_rows; i++)
        TRN_TRY(check_row(ctx, i, row_start[i], row_start[i + 1], n_columns, column, value));
    return TRNNSF_OK;
}

static bool is_kept(const float *value, size_t e)
{
    return !value || value[e] != 0.0f;
}

trnnsf_status trnnsf_matrix_create(trnnsf_context *context, size_t n_rows, size_t n_columns,
                                   const size_t *row_start, const uint32_t *column,
                                   const float *value, trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix;
    size_t kept = 0;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!row_start || !out_matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_matrix_create: %s is NULL",
                        row_start ? "out_matrix" : "row_start");
    TRN_TRY(check_sides(context, "trnnsf_matrix_create", n_rows, n_columns));
    TRN_TRY(check_rows(context, n_rows, n_columns, row_start, column, value));
    for (size_t e = 0; e < row_start[n_rows]; e++)
        kept += is_kept(value, e);
    TRN_TRY(trn_sparse_create(context, n_rows, n_columns, kept, &matrix));
    kept = 0;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t e = row_start[i]; e < row_start[i + 1]; e++) {
            if (!is_kept(value, e))
                continue;
            matrix->column[kept] = column[e];
            matrix->value[kept++] = value ? value[e] : 1.0f;
        }
        matrix->row_start[i + 1] = kept;
    }
    *out_matrix = matrix;
    return TRNNSF_OK;
}

static trnnsf_status check_dense(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                 const float *values, size_t *out_nonzeros)
{
    size_t count = 0, bytes;

    if (!trn_size_multiply(n_rows, n_columns, &bytes) ||
        !trn_size_multiply(bytes, sizeof *values, &bytes))
        return trn_fail(ctx, TRNNSF_E_LIMIT,
                        "trnnsf_matrix_from_dense: n_rows %zu times n_columns %zu is no size of "
                        "an array",
                        n_rows, n_columns);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        if (!isfinite(values[i]))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_matrix_from_dense: values[%zu] (row %zu, column %zu) is %f, "
                            "not finite",
                            i, i / n_columns, i % n_columns, (double)values[i]);
        count += values[i] != 0.0f;
    }
    *out_nonzeros = count;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_matrix_from_dense(trnnsf_context *context, size_t n_rows, size_t n_columns,
                                       const float *values, trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix;
    size_t nonzeros = 0, e = 0;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!values || !out_matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_matrix_from_dense: %s is NULL",
                        values ? "out_matrix" : "values");
    TRN_TRY(check_sides(context, "trnnsf_matrix_from_dense", n_rows, n_columns));
    TRN_TRY(check_dense(context, n_rows, n_columns, values, &nonzeros));
    TRN_TRY(trn_sparse_create(context, n_rows, n_columns, nonzeros, &matrix));
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++) {
            if (values[i * n_columns + j] == 0.0f)
                continue;
            matrix->column[e] = (uint32_t)j;
            matrix->value[e++] = values[i * n_columns + j];
        }
        matrix->row_start[i + 1] = e;
    }
    *out_matrix = matrix;
    return TRNNSF_OK;
}

void trnnsf_matrix_free(trnnsf_matrix *matrix)
{
    if (!matrix)
        return;

    trnnsf_context *ctx = matrix->ctx;
    trn_free(ctx, matrix->value);
    trn_free(ctx, matrix->column);
    trn_free(ctx, matrix->row_start);
    trn_free(ctx, matrix);
    trn_context_release(ctx);
}

size_t trnnsf_matrix_rows(const trnnsf_matrix *matrix)
{
    return matrix ? matrix->n_rows : 0;
}

size_t trnnsf_matrix_columns(const trnnsf_matrix *matrix)
{
    return matrix ? matrix->n_columns : 0;
}

size_t trnnsf_matrix_nonzeros(const trnnsf_matrix *matrix)
{
    return matrix ? trn_sparse_nonzeros(matrix) : 0;
}

const size_t *trnnsf_matrix_row_start(const trnnsf_matrix *matrix)
{
    return matrix ? matrix->row_start : NULL;
}

const uint32_t *trnnsf_matrix_column(const trnnsf_matrix *matrix)
{
    return matrix ? matrix->column : NULL;
}

const float *trnnsf_matrix_value(const trnnsf_matrix *matrix)
{
    return matrix ? matrix->value : NULL;
}
