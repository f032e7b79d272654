#include "tensor/sparse.h"

#include <string.h>

#include "base/context.h"
#include "tensor/run.h"

trnnsf_status trn_sparse_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                size_t nonzeros, struct trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix = TRN_NEW(ctx, struct trnnsf_matrix);
    trnnsf_status status = TRNNSF_OK;

    if (!matrix)
        return TRN_NO_MEMORY;
    matrix->ctx = trn_context_retain(ctx);
    matrix->n_rows = n_rows;
    matrix->n_columns = n_columns;
    if (n_rows == SIZE_MAX) {
        status = trn_fail(ctx, TRNNSF_E_NO_MEMORY, "%zu rows do not fit memory", n_rows);
        goto out;
    }
    matrix->row_start = TRN_NEW_ARRAY(ctx, size_t, n_rows + 1);
    TRN_NEED_OUT(matrix->row_start);
    matrix->column = TRN_NEW_ARRAY(ctx, uint32_t, nonzeros);
    TRN_NEED_OUT(matrix->column);
    matrix->value = TRN_NEW_ARRAY(ctx, float, nonzeros);
    TRN_NEED_OUT(matrix->value);
    *out_matrix = matrix;
    return TRNNSF_OK;
out:
    trnnsf_matrix_free(matrix);
    return status;
}

static void fill_from_row(struct trnnsf_matrix *matrix, const struct trn_mask *mask, size_t row,
                          const float *values)
{
    size_t e = matrix->row_start[row];

    for (size_t w = 0; w < mask->stride; w++) {
        uint64_t word = mask->words[row * mask->stride + w];

        for (size_t j = w * 64; word; j++, word >>= 1) {
            if (!(word & 1))
                continue;
            matrix->column[e] = (uint32_t)j;
            matrix->value[e++] = values ? values[j] : 1.0f;
        }
    }
    matrix->row_start[row + 1] = e;
}

trnnsf_status trn_sparse_from_mask(trnnsf_context *ctx, const struct trn_mask *mask,
                                   const float *values, size_t ld,
                                   struct trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix;

    TRN_TRY(trn_sparse_create(ctx, mask->n_rows, mask->n_columns, trn_mask_count(mask), &matrix));
    for (size_t i = 0; i < mask->n_rows; i++)
        fill_from_row(matrix, mask, i, values ? values + i * ld : NULL);
    *out_matrix = matrix;
    return TRNNSF_OK;
}

trnnsf_status trn_sparse_to_mask(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 struct trn_mask **out_mask)
{
    struct trn_mask *mask;

    TRN_TRY(trn_mask_create(ctx, matrix->n_rows, matrix->n_columns, &mask));
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            trn_mask_set(mask, i, matrix->column[e]);
    }
    *out_mask = mask;
    return TRNNSF_OK;
}

/* Counting sort by column: rows are met in order, so each new row is ascending. */
trnnsf_status trn_sparse_transpose(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   size_t *out_order, struct trnnsf_matrix **out_matrix)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    struct trnnsf_matrix *turned;
    size_t *start;

    TRN_TRY(trn_sparse_create(ctx, matrix->n_columns, matrix->n_rows, nonzeros, &turned));
    start = turned->row_start;
    for (size_t e = 0; e < nonzeros; e++)
        start[matrix->column[e] + 1]++;
    for (size_t j = 0; j < matrix->n_columns; j++)
        start[j + 1] += start[j];
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            size_t at = start[matrix->column[e]]++;

            turned->column[at] = (uint32_t)i;
            turned->value[at] = matrix->value[e];
            if (out_order)
                out_order[at] = e;
        }
    }
    /* Each start has moved to its row's end. */
    memmove(start + 1, start, matrix->n_columns * sizeof *start);
    start[0] = 0;
    *out_matrix = turned;
    return TRNNSF_OK;
}

struct product {
    struct trn_run run;
    struct trn_cut rows;
    struct trn_cut columns; /* of the panel */
    const struct trnnsf_matrix *a;
    const float *value;
    size_t n;
    float factor; /* beta or alpha */
    const float *x;
    size_t ldx;
    float *y;
    size_t ldy;
    const float *from_y;
    float *g;
};

/* Rows differ in length: more pieces than threads let the pool even it out. Panels are cut only
 * where they are so wide that X leaves the cache between rows: long loops over the panel are the
 * fast ones (measured with tests/bench/kernels.c; chosen here). */
enum { ROW_PIECES = 32, PANEL = 512 };

static void multiply_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    size_t row = task / p->columns.count, piece = task % p->columns.count;
    size_t first = trn_cut_start(&p->rows, row), column = trn_cut_start(&p->columns, piece);

    (void)worker;
    trn_run_note(&p->run, trn_kernel_sparse_multiply(p->run.backend, trn_cut_length(&p->rows, row),
                                                     trn_cut_length(&p->columns, piece),
                                                     p->a->row_start + first, p->a->column,
                                                     p->value, p->x + column, p->ldx, p->factor,
                                                     p->y + first * p->ldy + column, p->ldy));
}

void trn_run_sparse(struct trn_run *run, size_t n_rows, size_t n, const size_t *start,
                    const uint32_t *column, const float *value, const float *x, size_t ldx,
                    float *y, size_t ldy)
{
    trn_run_note(run, trn_kernel_sparse_multiply(run->backend, n_rows, n, start, column, value, x,
                                                 ldx, 0, y, ldy));
}

trnnsf_status trn_sparse_multiply(trnnsf_context *ctx, const struct trnnsf_matrix *a,
                                  const float *value, size_t n, const float *x, size_t ldx,
                                  float beta, float *y, size_t ldy)
{
    struct product p = {.rows = trn_cut_into(a->n_rows, ROW_PIECES, 1),
                        .columns = trn_cut_into(n, n / PANEL + 1, 16),
                        .a = a,
                        .value = value,
                        .n = n,
                        .factor = beta,
                        .x = x,
                        .ldx = ldx,
                        .y = y,
                        .ldy = ldy};

    return trn_run_tasks(ctx, "sparse_multiply", p.rows.count * p.columns.count, multiply_task,
                         &p.run);
}

static void gradient_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    size_t first = trn_cut_start(&p->rows, task);

    (void)worker;
    trn_run_note(&p->run, trn_kernel_sparse_gradient(p->run.backend, trn_cut_length(&p->rows, task),
                                                     p->n, p->factor, p->a->row_start + first,
                                                     p->a->column, p->from_y + first * p->ldy,
                                                     p->ldy, p->x, p->ldx, p->g));
}

trnnsf_status trn_sparse_gradient(trnnsf_context *ctx, const struct trnnsf_matrix *a, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float *g)
{
    struct product p = {.rows = trn_cut_into(a->n_rows, ROW_PIECES, 1),
                        .a = a,
                        .n = n,
                        .factor = alpha,
                        .x = x,
                        .ldx = ldx,
                        .from_y = y,
                        .ldy = ldy,
                        .g = g};

    return trn_run_tasks(ctx, "sparse_gradient", p.rows.count, gradient_task, &p.run);
}
