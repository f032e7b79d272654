/* Products of small dense matrices in double precision, for the eigenvectors. */
#ifndef TRN_CLUSTER_PRODUCT_H
#define TRN_CLUSTER_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

/* A matrix in rows, `stride` apart; transposed where the product takes it so. */
struct trn_operand {
    const double *data;
    size_t stride;
    bool transposed;
};

/* c[m x n] = alpha a[m x k] b[k x n] + beta c; c is not read where beta is 0. By one thread: CBLAS's
 * dgemm where built with it. */
void trn_product(size_t m, size_t n, size_t k, double alpha, struct trn_operand a,
                 struct trn_operand b, double beta, double *c, size_t stride_c);

#endif
