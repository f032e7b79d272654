/* Batch norm over panels [channels x pixels x ld], of which n samples count. */
#ifndef TRN_NETWORK_NORM_H
#define TRN_NETWORK_NORM_H

#include "network/node.h"

struct trn_norm {
    const struct trn_node *node;
    size_t n;
    size_t ld;
    float *mean;    /* [channels] of the batch */
    float *inverse; /* [channels] 1 / sqrt(its variance + epsilon) */
};

/* At inference a batch norm is factor x + offset in each channel. */
double trn_norm_factor(const struct trn_node *norm, size_t channel);
double trn_norm_offset(const struct trn_node *norm, size_t channel);

/* By the running values. Source: S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015. */
void trn_norm_apply(trnnsf_context *ctx, const struct trn_norm *norm, const float *x, float *y);
/* By the batch's mean and variance, of which a share `momentum` goes into the running ones, the
 * variance there with n - 1, as PyTorch's BatchNorm documents. */
void trn_norm_train(trnnsf_context *ctx, const struct trn_norm *norm, const float *x, float *y);
/* After trn_norm_train(): dx = the gradient at x, or dx += it where `add`; dx may be NULL. d_scale and
 * d_shift [channels] get theirs, sums over samples. */
void trn_norm_backward(trnnsf_context *ctx, const struct trn_norm *norm, const float *x,
                       const float *dy, bool add, float *dx, float *d_scale, float *d_shift);
/* After trn_norm_apply(): dx as above, the running values being constants. */
void trn_norm_apply_backward(trnnsf_context *ctx, const struct trn_norm *norm, const float *dy,
                             bool add, float *dx);

#endif
