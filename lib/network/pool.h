/* Pooling over panels [channels x height x width x ld], of which n samples count. */
#ifndef TRN_NETWORK_POOL_H
#define TRN_NETWORK_POOL_H

#include "network/node.h"

struct trn_pool {
    const struct trn_node *node;
    const struct trn_shape *input;
    size_t n;
    size_t ld;
};

void trn_pool_forward(trnnsf_context *ctx, const struct trn_pool *pool, const float *x, float *y);
/* dx += the adjoint of dy, at x. The first of equally large values gets the whole. */
void trn_pool_backward(trnnsf_context *ctx, const struct trn_pool *pool, const float *x,
                       const float *dy, float *dx);

#endif
