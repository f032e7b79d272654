#include "io/triplets.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tensor/sparse.h"

/* The smallest float above 0 (subnormal). */
static const float smallest = 0x1p-149f;

trnnsf_status trn_triplets_reserve(trnnsf_context *ctx, size_t room, struct trn_triplets *triplets)
{
    memset(triplets, 0, sizeof *triplets);
    triplets->row = trn_malloc(ctx, room, sizeof *triplets->row);
    if (!triplets->row)
        return TRNNSF_E_NO_MEMORY;
    triplets->column = trn_malloc(ctx, room, sizeof *triplets->column);
    if (!triplets->column)
        return TRNNSF_E_NO_MEMORY;
    triplets->value = trn_malloc(ctx, room, sizeof *triplets->value);
    if (!triplets->value)
        return TRNNSF_E_NO_MEMORY;
    triplets->room = room;
    return TRNNSF_OK;
}

void trn_triplets_free(trnnsf_context *ctx, struct trn_triplets *triplets)
{
    trn_free(ctx, triplets->row);
    trn_free(ctx, triplets->column);
    trn_free(ctx, triplets->value);
    memset(triplets, 0, sizeof *triplets);
}

/* Stable counting sort of from[] by key[]; start[n_keys + 1] is scratch. */
static void sort_by(const uint32_t *key, size_t n_keys, size_t *start,
                    const struct trn_triplets *from, struct trn_triplets *to)
{
    memset(start, 0, (n_keys + 1) * sizeof *start);
    for (size_t e = 0; e < from->count; e++)
        start[key[e] + 1]++;
    for (size_t k = 0; k < n_keys; k++)
        start[k + 1] += start[k];
    for (size_t e = 0; e < from->count; e++) {
        size_t place = start[key[e]]++;

        to->row[place] = from->row[e];
        to->column[place] = from->column[e];
        to->value[place] = from->value[e];
    }
    to->count = from->count;
}

/* By row, then by column: two stable sorts, linear in the cells. */
static trnnsf_status sort_cells(trnnsf_context *ctx, struct trn_triplets *triplets, size_t n_rows,
                                size_t n_columns)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_triplets half;
    size_t *start = TRN_NEW_ARRAY(ctx, size_t, (n_rows > n_columns ? n_rows : n_columns) + 1);

    status = trn_triplets_reserve(ctx, triplets->count, &half);
    if (status == TRNNSF_OK && !start)
        status = TRNNSF_E_NO_MEMORY;
    if (status == TRNNSF_OK) {
        sort_by(triplets->column, n_columns, start, triplets, &half);
        sort_by(half.row, n_rows, start, &half, triplets);
    }
    trn_free(ctx, start);
    trn_triplets_free(ctx, &half);
    return status;
}

/* Sums cells of one place and leaves out the sums that are zero. */
static void merge_cells(struct trn_triplets *triplets)
{
    size_t kept = 0;

    for (size_t e = 0; e < triplets->count;) {
        uint32_t row = triplets->row[e], column = triplets->column[e];
        double sum = 0;

        for (; e < triplets->count && triplets->row[e] == row && triplets->column[e] == column; e++)
            sum += triplets->value[e];
        if (sum == 0)
            continue;
        triplets->row[kept] = row;
        triplets->column[kept] = column;
        triplets->value[kept++] = sum;
    }
    triplets->count = kept;
}

trnnsf_status trn_triplets_to_matrix(trnnsf_context *ctx, struct trn_triplets *triplets,
                                     size_t n_rows, size_t n_columns, trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix = NULL;

    TRN_TRY(sort_cells(ctx, triplets, n_rows, n_columns));
    merge_cells(triplets);
    for (size_t e = 0; e < triplets->count; e++) {
        if (!(fabs(triplets->value[e]) <= FLT_MAX))
            return trn_fail(ctx, TRNNSF_E_NUMERIC,
                            "the value %g of row %u, column %u exceeds a float", triplets->value[e],
                            triplets->row[e] + 1, triplets->column[e] + 1);
    }
    TRN_TRY(trn_sparse_create(ctx, n_rows, n_columns, triplets->count, &matrix));
    for (size_t e = 0; e < triplets->count; e++) {
        float value = (float)triplets->value[e];

        matrix->row_start[triplets->row[e] + 1]++;
        matrix->column[e] = triplets->column[e];
        matrix->value[e] = value != 0 ? value : copysignf(smallest, (float)triplets->value[e]);
    }
    for (size_t i = 0; i < n_rows; i++)
        matrix->row_start[i + 1] += matrix->row_start[i];
    *out_matrix = matrix;
    return TRNNSF_OK;
}
