/* Windows over panels of images [channels x height x width x n samples]. */
#ifndef TRN_TENSOR_WINDOW_H
#define TRN_TENSOR_WINDOW_H

#include <trnnsf/backend.h>

static inline size_t trn_window_cells(const struct trnnsf_window *window)
{
    return window->kernel_height * window->kernel_width;
}

/* out [n_channels x cells x ld_out] = what the window sees at output rows first … first + n_rows - 1,
 * of `in` [n_channels x height x width x n]. */
trnnsf_status trn_window_lower(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const float *in, float *out, size_t ld_out);
/* in += the adjoint. */
trnnsf_status trn_window_raise(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const float *out, size_t ld_out, float *in);

#endif
