/* Eigenvalues and eigenvectors of small dense symmetric matrices. */
#ifndef TRN_CLUSTER_EIGEN_H
#define TRN_CLUSTER_EIGEN_H

#include <trnnsf/context.h>

/* a[n x n] symmetric (its lower triangle counts) is overwritten: row i becomes the unit eigenvector
 * of value[i]; values descend. LAPACK's dsyevd where built with it, Jacobi rotations otherwise and
 * where dsyevd gives up. TRNNSF_E_NUMERIC where neither converges. */
trnnsf_status trn_eigen_symmetric(trnnsf_context *ctx, size_t n, double *a, double *value);
/* The same by Jacobi rotations alone. */
trnnsf_status trn_eigen_jacobi(trnnsf_context *ctx, size_t n, double *a, double *value);

#endif
