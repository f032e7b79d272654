/* Compressed sparse rows. This is what stands behind the public trnnsf_matrix. */
#ifndef TRN_TENSOR_SPARSE_H
#define TRN_TENSOR_SPARSE_H

#include <trnnsf/matrix.h>

#include "tensor/mask.h"
#include "tensor/run.h"

struct trnnsf_matrix {
    trnnsf_context *ctx; /* held */
    size_t n_rows;
    size_t n_columns;
    size_t *row_start; /* n_rows + 1 */
    uint32_t *column;  /* ascending in each row */
    float *value;
};

static inline size_t trn_sparse_nonzeros(const struct trnnsf_matrix *matrix)
{
    return matrix->row_start[matrix->n_rows];
}

/* Room for `nonzeros` entries; row_start is zero. Free with trnnsf_matrix_free(). */
trnnsf_status trn_sparse_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                size_t nonzeros, struct trnnsf_matrix **out_matrix);
/* The cells of a mask; values from `values` [n_rows x n_columns, ld], or 1 where it is NULL. Kept
 * zeros stay entries. */
trnnsf_status trn_sparse_from_mask(trnnsf_context *ctx, const struct trn_mask *mask,
                                   const float *values, size_t ld,
                                   struct trnnsf_matrix **out_matrix);
trnnsf_status trn_sparse_to_mask(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 struct trn_mask **out_mask);
/* Transpose; `out_order` (may be NULL) gets for each new entry the index of the old one. */
trnnsf_status trn_sparse_transpose(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   size_t *out_order, struct trnnsf_matrix **out_matrix);

/* Y[n_rows x n] = beta Y + A X[n_columns x n], with `value` for A's values (matrix->value, or
 * others at the same cells). */
trnnsf_status trn_sparse_multiply(trnnsf_context *ctx, const struct trnnsf_matrix *a,
                                  const float *value, size_t n, const float *x, size_t ldx,
                                  float beta, float *y, size_t ldy);
/* The same with beta 0 of rows that start[n_rows + 1] cuts, in one kernel call, from a task of
 * trn_run_tasks(), whose run notes a failure. */
void trn_run_sparse(struct trn_run *run, size_t n_rows, size_t n, const size_t *start,
                    const uint32_t *column, const float *value, const float *x, size_t ldx,
                    float *y, size_t ldy);
/* g[nonzeros] = alpha (Y X^T) at A's entries, Y[n_rows x n], X[n_columns x n]. */
trnnsf_status trn_sparse_gradient(trnnsf_context *ctx, const struct trnnsf_matrix *a, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float *g);

#endif
