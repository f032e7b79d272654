#include "cluster/submatrix.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

#define NOT_LIVE UINT32_MAX

struct selection {
    const struct trnnsf_matrix *matrix;
    const uint32_t *row_group;
    const uint32_t *column_group;
    uint32_t group;
};

static bool has_row(const struct selection *selection, size_t i)
{
    return !selection->row_group || selection->row_group[i] == selection->group;
}

static bool has_entry(const struct selection *selection, size_t i, size_t e)
{
    return has_row(selection, i) &&
           (!selection->column_group ||
            selection->column_group[selection->matrix->column[e]] == selection->group);
}

/* place[n_columns]: the new index of each live column; the counts of what is live. */
static void find_live(const struct selection *selection, uint32_t *place, size_t *rows,
                      size_t *columns, size_t *nonzeros)
{
    const struct trnnsf_matrix *matrix = selection->matrix;
    uint32_t next = 0;

    *rows = *nonzeros = 0;
    memset(place, 0xff, matrix->n_columns * sizeof *place);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        size_t before = *nonzeros;

        if (!has_row(selection, i))
            continue;
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (!has_entry(selection, i, e))
                continue;
            place[matrix->column[e]] = 0;
            ++*nonzeros;
        }
        *rows += *nonzeros > before;
    }
    for (size_t j = 0; j < matrix->n_columns; j++) {
        if (place[j] != NOT_LIVE)
            place[j] = next++;
    }
    *columns = next;
}

static void fill(const struct selection *selection, const uint32_t *place,
                 struct trn_submatrix *part)
{
    const struct trnnsf_matrix *matrix = selection->matrix;
    size_t rows = 0, nonzeros = 0;

    for (size_t i = 0; i < matrix->n_rows; i++) {
        size_t before = nonzeros;

        if (!has_row(selection, i))
            continue;
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (!has_entry(selection, i, e))
                continue;
            part->matrix->column[nonzeros] = place[matrix->column[e]];
            part->matrix->value[nonzeros++] = 1.0f;
        }
        if (nonzeros == before)
            continue;
        part->row[rows++] = (uint32_t)i;
        part->matrix->row_start[rows] = nonzeros;
    }
    for (size_t j = 0; j < matrix->n_columns; j++) {
        if (place[j] != NOT_LIVE)
            part->column[place[j]] = (uint32_t)j;
    }
}

trnnsf_status trn_submatrix_take(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                            const uint32_t *row_group, const uint32_t *column_group,
                            uint32_t group, struct trn_submatrix *out_part)
{
    struct selection selection = {matrix, row_group, column_group, group};
    struct trn_submatrix part = {NULL, NULL, NULL};
    size_t rows, columns, nonzeros;
    trnnsf_status status = TRNNSF_OK;
    uint32_t *place = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);

    TRN_NEED_OUT(place);
    find_live(&selection, place, &rows, &columns, &nonzeros);
    if (nonzeros > 0) {
        TRN_TRY_OUT(trn_sparse_create(ctx, rows, columns, nonzeros, &part.matrix));
        part.row = TRN_NEW_ARRAY(ctx, uint32_t, rows);
        part.column = TRN_NEW_ARRAY(ctx, uint32_t, columns);
        TRN_NEED_OUT(part.row);
        TRN_NEED_OUT(part.column);
        fill(&selection, place, &part);
    }
    *out_part = part;
out:
    if (status != TRNNSF_OK)
        trn_submatrix_free(ctx, &part);
    trn_free(ctx, place);
    return status;
}

void trn_submatrix_map_back(struct trn_submatrix *part, const struct trn_submatrix *outer)
{
    if (!part->matrix)
        return;
    for (size_t i = 0; i < part->matrix->n_rows; i++)
        part->row[i] = outer->row[part->row[i]];
    for (size_t j = 0; j < part->matrix->n_columns; j++)
        part->column[j] = outer->column[part->column[j]];
}

void trn_submatrix_free(trnnsf_context *ctx, struct trn_submatrix *part)
{
    trnnsf_matrix_free(part->matrix);
    trn_free(ctx, part->row);
    trn_free(ctx, part->column);
    *part = (struct trn_submatrix){NULL, NULL, NULL};
}
