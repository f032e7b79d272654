/* A layer's matrix at each place of a window: convolutions, and fully connected layers, whose only
 * place is the whole panel. Panels are [channels x pixels x n samples] without gaps. */
#ifndef TRN_NETWORK_CONVOLUTION_H
#define TRN_NETWORK_CONVOLUTION_H

#include "network/node.h"
#include "network/packed.h"

struct trn_convolution {
    struct trnnsf_window window;
    size_t groups;
    size_t in_channels;  /* of a group */
    size_t out_channels; /* of a group */
    bool direct; /* each place is one pixel, in order: the panel is its own lowered form */
    size_t stripe; /* output rows lowered at once */
    bool planes; /* groups that join few channels, one plane after another, nothing lowered */
    bool winograd; /* where its matrix is dense: by fewer multiplications (tensor/winograd.h) */
};

/* `node` has weights; at most `capacity` samples. */
struct trn_convolution trn_convolution_of(const struct trn_node *node,
                                          const struct trn_shape *input, size_t capacity);
/* Its products may be computed by Winograd's way, where that is faster. Rounding is another then: for
 * training alone, so that inference keeps to the plain sum. */
void trn_convolution_allow_winograd(struct trn_convolution *convolution,
                                    const struct trn_node *node, size_t capacity);
/* Panel columns that its matrix is multiplied with at once. */
size_t trn_convolution_columns(const struct trn_convolution *convolution, size_t capacity);
/* Floats of `lowered` in the calls below. */
size_t trn_convolution_room(const struct trn_convolution *convolution, size_t capacity);

/* y = W * x. */
trnnsf_status trn_convolve(trnnsf_context *ctx, const struct trn_convolution *convolution,
                           const struct trn_packed *packed, size_t n, const float *x, float *y,
                           float *lowered);
/* dx = its adjoint of dy, or dx += it where `add`; not both `add` and a direct convolution. */
trnnsf_status trn_convolve_transposed(trnnsf_context *ctx,
                                      const struct trn_convolution *convolution,
                                      const struct trn_packed *packed, size_t n, const float *dy,
                                      bool add, float *dx, float *lowered);
/* g = alpha dy x^T + beta g, in the layout of the packed values. */
trnnsf_status trn_convolve_gradient(trnnsf_context *ctx, const struct trn_convolution *convolution,
                                    const struct trn_packed *packed, float alpha, size_t n,
                                    const float *dy, const float *x, float beta, float *g,
                                    float *lowered);
/* mean[of the matrix's columns] += the mean over places and groups of what a column sees, squared and
 * summed over the first `live` of `n` samples, times `scale`. */
trnnsf_status trn_convolve_squares(trnnsf_context *ctx, const struct trn_convolution *convolution,
                                   size_t live, size_t n, float scale, const float *x,
                                   float *lowered, float *mean);
/* mean[groups x the matrix's columns] = the mean over samples and places of what a column sees. */
trnnsf_status trn_convolve_means(trnnsf_context *ctx, const struct trn_convolution *convolution,
                                 size_t live, size_t n, const float *x, float *lowered,
                                 float *mean);

#endif
