#include "cluster/leaf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

void trn_leaves_init(struct trn_leaves *leaves, trnnsf_context *ctx)
{
    *leaves = (struct trn_leaves){.density = NULL};
    trn_builder_init(&leaves->sets, ctx);
}

void trn_leaves_free(struct trn_leaves *leaves)
{
    trn_free(leaves->sets.ctx, leaves->density);
    leaves->density = NULL;
    leaves->room = 0;
    trn_builder_free(&leaves->sets);
}

/* Degrees of the lines that are still in; a line that is out has degree 0. */
struct peel {
    const struct trnnsf_matrix *matrix, *transposed;
    uint32_t *row_degree, *column_degree;
    unsigned char *row_out, *column_out;
    size_t rows, columns, nonzeros;
};

static size_t thinnest(const uint32_t *degree, const unsigned char *out, size_t count)
{
    size_t best = count;

    for (size_t i = 0; i < count; i++) {
        if (!out[i] && (best == count || degree[i] < degree[best]))
            best = i;
    }
    return best;
}

static void drop(struct peel *s, const struct trnnsf_matrix *matrix, size_t line,
                 uint32_t *degree, unsigned char *out, uint32_t *other_degree,
                 const unsigned char *other_out)
{
    for (size_t e = matrix->row_start[line]; e < matrix->row_start[line + 1]; e++) {
        if (other_out[matrix->column[e]])
            continue;
        other_degree[matrix->column[e]]--;
        s->nonzeros--;
    }
    degree[line] = 0;
    out[line] = 1;
}

/* The thinner of the thinnest row and the thinnest column goes, until both hold the share. */
static void peel_all(struct peel *s, double share)
{
    while (s->rows > 0 && s->columns > 0) {
        size_t row = thinnest(s->row_degree, s->row_out, s->matrix->n_rows);
        size_t column = thinnest(s->column_degree, s->column_out, s->matrix->n_columns);
        double row_share = (double)s->row_degree[row] / (double)s->columns;
        double column_share = (double)s->column_degree[column] / (double)s->rows;

        if (row_share >= share && column_share >= share)
            return;
        if (row_share <= column_share) {
            drop(s, s->matrix, row, s->row_degree, s->row_out, s->column_degree, s->column_out);
            s->rows--;
        } else {
            drop(s, s->transposed, column, s->column_degree, s->column_out, s->row_degree,
                 s->row_out);
            s->columns--;
        }
    }
}

static trnnsf_status reserve_density(struct trn_leaves *leaves)
{
    if (leaves->sets.count < leaves->room)
        return TRNNSF_OK;

    size_t room = 2 * leaves->room + 32;
    double *moved = trn_realloc(leaves->sets.ctx, leaves->density, room, sizeof *moved);
    if (!moved)
        return TRNNSF_E_NO_MEMORY;
    leaves->density = moved;
    leaves->room = room;
    return TRNNSF_OK;
}

/* The degrees' arrays are done with: they take the places of what stayed. */
static trnnsf_status add_rest(struct trn_leaves *leaves, const struct trn_submatrix *part,
                              struct peel *s)
{
    size_t rows = 0, columns = 0;

    if (s->rows == 0 || s->columns == 0)
        return TRNNSF_OK;
    for (size_t i = 0; i < s->matrix->n_rows; i++) {
        if (!s->row_out[i])
            s->row_degree[rows++] = part->row[i];
    }
    for (size_t j = 0; j < s->matrix->n_columns; j++) {
        if (!s->column_out[j])
            s->column_degree[columns++] = part->column[j];
    }
    TRN_TRY(reserve_density(leaves));
    leaves->density[leaves->sets.count] =
        (double)s->nonzeros / ((double)rows * (double)columns);
    return trn_builder_add(&leaves->sets, s->row_degree, rows, s->column_degree, columns);
}

trnnsf_status trn_leaves_add(struct trn_leaves *leaves, const struct trn_submatrix *part,
                             double share)
{
    trnnsf_context *ctx = leaves->sets.ctx;
    struct peel s = {.matrix = part->matrix, .rows = part->matrix->n_rows,
                     .columns = part->matrix->n_columns,
                     .nonzeros = trn_sparse_nonzeros(part->matrix)};
    struct trnnsf_matrix *transposed = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_sparse_transpose(ctx, part->matrix, NULL, &transposed));
    s.transposed = transposed;
    s.row_degree = TRN_NEW_ARRAY(ctx, uint32_t, s.rows);
    s.column_degree = TRN_NEW_ARRAY(ctx, uint32_t, s.columns);
    s.row_out = TRN_NEW_ARRAY(ctx, unsigned char, s.rows);
    s.column_out = TRN_NEW_ARRAY(ctx, unsigned char, s.columns);
    if (!s.row_degree || !s.column_degree || !s.row_out || !s.column_out) {
        status = TRNNSF_E_NO_MEMORY;
        goto out;
    }
    for (size_t i = 0; i < s.rows; i++)
        s.row_degree[i] = (uint32_t)(s.matrix->row_start[i + 1] - s.matrix->row_start[i]);
    for (size_t j = 0; j < s.columns; j++)
        s.column_degree[j] = (uint32_t)(transposed->row_start[j + 1] - transposed->row_start[j]);
    peel_all(&s, share);
    status = add_rest(leaves, part, &s);
out:
    trn_free(ctx, s.column_out);
    trn_free(ctx, s.row_out);
    trn_free(ctx, s.column_degree);
    trn_free(ctx, s.row_degree);
    trnnsf_matrix_free(transposed);
    return status;
}
