#include "cluster/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

trnnsf_status trn_field_init(struct trn_field *field, trnnsf_context *ctx,
                             const struct trnnsf_matrix *matrix)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    size_t lines = matrix->n_rows > matrix->n_columns ? matrix->n_rows : matrix->n_columns;

    *field = (struct trn_field){.ctx = ctx, .by_row = matrix};
    field->order = TRN_NEW_ARRAY(ctx, size_t, nonzeros);
    field->taken = TRN_NEW_ARRAY(ctx, unsigned char, nonzeros);
    field->gain = TRN_NEW_ARRAY(ctx, double, lines);
    field->ranked = TRN_NEW_ARRAY(ctx, struct trn_ranked, lines);
    if (!field->order || !field->taken || !field->gain || !field->ranked)
        return TRNNSF_E_NO_MEMORY;
    return trn_sparse_transpose(ctx, matrix, field->order, &field->by_column);
}

void trn_field_free(struct trn_field *field)
{
    trnnsf_matrix_free(field->by_column);
    trn_free(field->ctx, field->order);
    trn_free(field->ctx, field->taken);
    trn_free(field->ctx, field->gain);
    trn_free(field->ctx, field->ranked);
}

static int compare_ranked(const void *a, const void *b)
{
    const struct trn_ranked *x = a, *y = b;

    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void swap_ranked(struct trn_ranked *a, struct trn_ranked *b)
{
    struct trn_ranked kept = *a;

    *a = *b;
    *b = kept;
}

/* Puts the leading `most` first, in any order (quickselect; no two compare equal). */
static void select_leading(struct trn_ranked *ranked, size_t count, size_t most)
{
    size_t first = 0, end = count;

    while (end - first > 1) {
        size_t at = first;

        swap_ranked(&ranked[first + (end - first) / 2], &ranked[end - 1]);
        for (size_t i = first; i + 1 < end; i++) {
            if (compare_ranked(&ranked[i], &ranked[end - 1]) < 0)
                swap_ranked(&ranked[i], &ranked[at++]);
        }
        swap_ranked(&ranked[at], &ranked[end - 1]);
        if (at == most)
            return;
        if (at > most)
            end = at;
        else
            first = at + 1;
    }
}

static size_t sort_gains(struct trn_field *field, size_t lines, const unsigned char *skip,
                         size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < lines; i++) {
        if (field->gain[i] > 0 && !(skip && skip[i]))
            field->ranked[count++] = (struct trn_ranked){field->gain[i], (uint32_t)i};
    }
    if (count > most) {
        select_leading(field->ranked, count, most);
        count = most;
    }
    qsort(field->ranked, count, sizeof *field->ranked, compare_ranked);
    return count;
}

size_t trn_field_rank_rows(struct trn_field *field, const uint32_t *columns, size_t n_columns,
                           const unsigned char *skip, size_t most)
{
    const struct trnnsf_matrix *matrix = field->by_column;

    memset(field->gain, 0, field->by_row->n_rows * sizeof *field->gain);
    for (size_t c = 0; c < n_columns; c++) {
        size_t begin = matrix->row_start[columns[c]], end = matrix->row_start[columns[c] + 1];

        for (size_t e = begin; e < end; e++) {
            if (!field->taken[field->order[e]])
                field->gain[matrix->column[e]] += trn_salience(matrix, e);
        }
    }
    return sort_gains(field, field->by_row->n_rows, skip, most);
}

size_t trn_field_rank_columns(struct trn_field *field, const uint32_t *rows, size_t n_rows,
                              const unsigned char *skip, size_t most)
{
    const struct trnnsf_matrix *matrix = field->by_row;

    memset(field->gain, 0, matrix->n_columns * sizeof *field->gain);
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t e = matrix->row_start[rows[r]]; e < matrix->row_start[rows[r] + 1]; e++) {
            if (!field->taken[e])
                field->gain[matrix->column[e]] += trn_salience(matrix, e);
        }
    }
    return sort_gains(field, matrix->n_columns, skip, most);
}

void trn_field_take(struct trn_field *field, const uint32_t *rows, size_t n_rows,
                    const unsigned char *column_mark)
{
    const struct trnnsf_matrix *matrix = field->by_row;

    for (size_t r = 0; r < n_rows; r++) {
        for (size_t e = matrix->row_start[rows[r]]; e < matrix->row_start[rows[r] + 1]; e++) {
            if (column_mark[matrix->column[e]])
                field->taken[e] = 1;
        }
    }
}
