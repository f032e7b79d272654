/* Leading singular vectors of a sparse matrix. */
#ifndef TRN_CLUSTER_KRYLOV_H
#define TRN_CLUSTER_KRYLOV_H

#include <stdbool.h>

#include "tensor/sparse.h"

/* The `k` leading singular triplets of `a` and its transpose `at` by block Krylov iteration with
 * Rayleigh-Ritz restarts on A^T A or A A^T, whichever is smaller: left[n_rows x k], right[n_columns
 * x k] (unit columns), sigma[k] descending. k is at most the smaller side. *out_converged tells
 * whether all residuals fell below the tolerance within `cycles` restarts; the vectors are the best
 * found in any case. Those with sigma <= `floor` need not converge; *out_above counts the others.
 * Source: block Krylov subspaces for singular vectors, C. Musco and C. Musco, "Randomized block
 * Krylov methods", NeurIPS 2015; restarts as in Golub and Van Loan, Matrix Computations, section
 * 10.3. */
trnnsf_status trn_krylov_singular(trnnsf_context *ctx, const struct trnnsf_matrix *a,
                                  const struct trnnsf_matrix *at, size_t k, double floor,
                                  uint32_t cycles, uint64_t seed, uint32_t stream, double *left,
                                  double *right, double *sigma, size_t *out_above,
                                  bool *out_converged);

#endif
