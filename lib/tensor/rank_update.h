/* Symmetric rank-k update in double precision, for eliminations. */
#ifndef TRN_TENSOR_RANK_UPDATE_H
#define TRN_TENSOR_RANK_UPDATE_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* Whether trn_rank_update() is to call CBLAS: the library is built with it, and the context's
 * backend is not "reference". Only on the context's thread. */
trnnsf_status trn_rank_update_choose(trnnsf_context *ctx, bool *out_cblas);

/* C[n x n] += P' P with P[k x n], both row-major, the upper triangle with its diagonal alone.
 * Single-threaded: the same arguments give the same bits. */
void trn_rank_update(bool cblas, size_t n, size_t k, const double *p, size_t ldp, double *c,
                     size_t ldc);

#endif
