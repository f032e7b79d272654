#include "cluster/bound.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

static size_t ceiling(size_t count, size_t limit)
{
    return count / limit + (count % limit != 0);
}

static size_t columns_bound(const uint32_t *counts, size_t n_columns, size_t inputs,
                            size_t outputs)
{
    size_t sum = 0;

    for (size_t j = 0; j < n_columns; j++)
        sum += ceiling(counts[j], outputs);
    return ceiling(sum, inputs);
}

size_t trn_crossbar_lower_bound(const struct trnnsf_matrix *matrix, size_t inputs, size_t outputs,
                                uint32_t *column_counts)
{
    size_t sum = 0;

    memset(column_counts, 0, matrix->n_columns * sizeof *column_counts);
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
        column_counts[matrix->column[e]]++;
    for (size_t i = 0; i < matrix->n_rows; i++)
        sum += ceiling(matrix->row_start[i + 1] - matrix->row_start[i], inputs);
    size_t rows = ceiling(sum, outputs);
    size_t columns = columns_bound(column_counts, matrix->n_columns, inputs, outputs);
    return rows > columns ? rows : columns;
}

trnnsf_status trn_crossbar_lower_bound_mask(trnnsf_context *ctx, const struct trn_mask *mask,
                                            size_t inputs, size_t outputs, size_t *out_bound)
{
    size_t sum = 0;
    uint32_t *counts = TRN_NEW_ARRAY(ctx, uint32_t, mask->n_columns);

    if (!counts)
        return TRNNSF_E_NO_MEMORY;
    trn_mask_count_columns(mask, counts);
    for (size_t i = 0; i < mask->n_rows; i++)
        sum += ceiling(trn_mask_count_row(mask, i), inputs);
    size_t rows = ceiling(sum, outputs);
    size_t columns = columns_bound(counts, mask->n_columns, inputs, outputs);
    *out_bound = rows > columns ? rows : columns;
    trn_free(ctx, counts);
    return TRNNSF_OK;
}
