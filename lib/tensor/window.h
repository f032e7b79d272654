/* Windows over panels of images [channels x height x width x n samples]. */
#ifndef TRN_TENSOR_WINDOW_H
#define TRN_TENSOR_WINDOW_H

#include <trnnsf/backend.h>

static inline size_t trn_window_cells(const struct trnnsf_window *window)
{
    return window->kernel_height * window->kernel_width;
}

/* out [n_channels x cells x ld_out] = what the window sees at output rows first … first + n_rows - 1,
 * of `in` [n_channels x height x width x n]; of cells alone that `wanted` [n_channels x cells] has not 0 for
 * (NULL: all). */
trnnsf_status trn_window_lower(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const uint8_t *wanted, const float *in, float *out, size_t ld_out);
/* in += the adjoint. */
trnnsf_status trn_window_raise(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const float *out, size_t ld_out, float *in);

/* A convolution of groups that join few channels, without lowering: kernels [groups * outputs x inputs x
 * cells], panels of groups * inputs and groups * outputs channels. */
struct trn_planes {
    const struct trnnsf_window *window;
    size_t groups;
    size_t inputs; /* of a group */
    size_t outputs;
    size_t n;
};

/* y = kernels * x */
trnnsf_status trn_planes_multiply(trnnsf_context *ctx, const struct trn_planes *planes,
                                  const float *kernels, const float *x, float *y);
/* dx += its adjoint of dy */
trnnsf_status trn_planes_transposed(trnnsf_context *ctx, const struct trn_planes *planes,
                                    const float *kernels, const float *dy, float *dx);
/* g = alpha times the kernels' gradient + beta g */
trnnsf_status trn_planes_gradient(trnnsf_context *ctx, const struct trn_planes *planes, float alpha,
                                  const float *dy, const float *x, float beta, float *g);

#endif
