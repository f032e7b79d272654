/* Convolutions of 3 x 3 with stride 1 by Winograd's minimal filtering F(2 x 2, 3 x 3): tiles of 4 x 4 pixels
 * and kernels are transformed, so that a tile of 2 x 2 outputs takes 16 multiplications, not 36. Results
 * differ from the plain sum by rounding. Source: Lavin and Gray 2016, arXiv 1509.09308, section 4.1.
 * Panels are [channels x height x width x n samples] without gaps; kernels [out x in x 3 x 3]. */
#ifndef TRN_TENSOR_WINOGRAD_H
#define TRN_TENSOR_WINOGRAD_H

#include <stdbool.h>
#include <trnnsf/backend.h>

struct trn_winograd {
    size_t in_channels;
    size_t out_channels;
    size_t height; /* of the image */
    size_t width;
    size_t pad_top; /* 0 … 2 */
    size_t pad_left;
    size_t out_height;
    size_t out_width;
    size_t n;
};

/* Floats of `room` in the calls below. */
size_t trn_winograd_room(const struct trn_winograd *w);
/* y = kernels * x */
trnnsf_status trn_winograd_convolve(trnnsf_context *ctx, const struct trn_winograd *w,
                                    const float *kernels, const float *x, float *y, float *room);
/* dx = its adjoint of dy, or dx += it where `add`. */
trnnsf_status trn_winograd_transposed(trnnsf_context *ctx, const struct trn_winograd *w,
                                      const float *kernels, const float *dy, bool add, float *dx,
                                      float *room);
/* g = alpha times the kernels' gradient + beta g */
trnnsf_status trn_winograd_gradient(trnnsf_context *ctx, const struct trn_winograd *w, float alpha,
                                    const float *dy, const float *x, float beta, float *g,
                                    float *room);

#endif
