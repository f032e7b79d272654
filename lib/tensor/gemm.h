/* Matrix products: cut into fixed tasks for the worker pool, each one single-threaded kernel call.
 * Activations are feature-major, [n_features x n_samples]: a cluster's rows are contiguous. */
#ifndef TRN_TENSOR_GEMM_H
#define TRN_TENSOR_GEMM_H

#include <trnnsf/context.h>

#include "tensor/mask.h"
#include "tensor/run.h"

enum trn_transpose { TRN_NO_TRANSPOSE = 0, TRN_TRANSPOSE = 1 };

/* C[m x n] = alpha op(A) op(B) + beta C, row-major. C is not read where beta is 0. */
trnnsf_status trn_gemm(trnnsf_context *ctx, enum trn_transpose transpose_a,
                       enum trn_transpose transpose_b, size_t m, size_t n, size_t k, float alpha,
                       const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
                       size_t ldc);

/* C[m x n] = A[m x k] B[k x n] in one kernel call, from a task of trn_run_tasks(), whose run notes a
 * failure. */
void trn_run_gemm(struct trn_run *run, size_t m, size_t n, size_t k, const float *a, size_t lda,
                  const float *b, size_t ldb, float *c, size_t ldc);

/* As trn_gemm at the cells of `mask` [m x n]; the other cells of C become 0. */
trnnsf_status trn_masked_gemm(trnnsf_context *ctx, enum trn_transpose transpose_a,
                              enum trn_transpose transpose_b, size_t m, size_t n, size_t k,
                              float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                              float beta, float *c, size_t ldc, const struct trn_mask *mask);

/* out[columns x rows] = in[rows x columns] transposed; blocked, parallel. */
void trn_transpose(trnnsf_context *ctx, size_t rows, size_t columns, const float *in, size_t ld_in,
                   float *out, size_t ld_out);

#endif
