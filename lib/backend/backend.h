/* The backends of a context, and the calls to their kernels. Only tensor/ calls kernels. */
#ifndef TRN_BACKEND_BACKEND_H
#define TRN_BACKEND_BACKEND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <trnnsf/backend.h>

#include "base/context.h"

enum { TRN_BACKEND_NAME_MAX = 31, TRN_BACKENDS_MAX = 64 };

/* A copied table. Slots that the caller left out stay NULL here: the calls below pass them on. */
struct trn_backend {
    struct trnnsf_backend_ops ops;
    char name[TRN_BACKEND_NAME_MAX + 1];
    struct trn_backends *owner;
};

struct trn_backends {
    size_t count;
    size_t selected;
    struct trn_backend *entries[TRN_BACKENDS_MAX];
    atomic_uint_fast64_t fallbacks;
    /* The first fallback, for the log: set once in whatever thread, told on the context's. */
    const struct trn_backend *_Atomic first_backend;
    const char *_Atomic first_kernel;
    bool told;
};

/* Made at first use. */
trnnsf_status trn_backends_get(trnnsf_context *ctx, struct trn_backends **out_backends);
/* `ops` has been read and checked. */
trnnsf_status trn_backends_add(trnnsf_context *ctx, const struct trnnsf_backend_ops *ops);
/* NULL where there is none. */
struct trn_backend *trn_backends_find(struct trn_backends *backends, const char *name,
                                      size_t *out_index);

/* The backend in use. Only on the context's thread, outside tasks. */
trnnsf_status trn_backend_current(trnnsf_context *ctx, const struct trn_backend **out_backend);
/* Logs the first fallback, once a context. Only on the context's thread. */
void trn_backend_tell(trnnsf_context *ctx);

/* The kernels, from any thread. They take the arguments of the slots of the same name, without
 * `self`; they neither allocate nor set error text. */
trnnsf_status trn_kernel_gemm(const struct trn_backend *backend, uint32_t transpose_a,
                              uint32_t transpose_b, size_t m, size_t n, size_t k, float alpha,
                              const float *a, size_t lda, const float *b, size_t ldb, float beta,
                              float *c, size_t ldc);
trnnsf_status trn_kernel_masked_gemm(const struct trn_backend *backend, uint32_t transpose_a,
                                     uint32_t transpose_b, size_t m, size_t n, size_t k,
                                     float alpha, const float *a, size_t lda, const float *b,
                                     size_t ldb, float beta, float *c, size_t ldc,
                                     const uint64_t *mask, size_t mask_stride);
trnnsf_status trn_kernel_block_multiply(const struct trn_backend *backend, size_t n_rows,
                                        size_t n_columns, size_t n, const float *v,
                                        const uint32_t *rows, const uint32_t *columns,
                                        const float *x, size_t ldx, float *y, size_t ldy,
                                        float *scratch);
trnnsf_status trn_kernel_block_multiply_transposed(const struct trn_backend *backend, size_t n_rows,
                                                   size_t n_columns, size_t n, const float *v,
                                                   const uint32_t *rows, const uint32_t *columns,
                                                   const float *y, size_t ldy, float *x, size_t ldx,
                                                   float *scratch);
trnnsf_status trn_kernel_block_gradient(const struct trn_backend *backend, size_t n_rows,
                                        size_t n_columns, size_t n, float alpha,
                                        const uint32_t *rows, const uint32_t *columns,
                                        const float *y, size_t ldy, const float *x, size_t ldx,
                                        float *g, float *scratch);
trnnsf_status trn_kernel_sparse_multiply(const struct trn_backend *backend, size_t n_rows, size_t n,
                                         const size_t *row_start, const uint32_t *column,
                                         const float *value, const float *x, size_t ldx, float beta,
                                         float *y, size_t ldy);
trnnsf_status trn_kernel_sparse_gradient(const struct trn_backend *backend, size_t n_rows, size_t n,
                                         float alpha, const size_t *row_start,
                                         const uint32_t *column, const float *y, size_t ldy,
                                         const float *x, size_t ldx, float *g);
trnnsf_status trn_kernel_kmeans_assign(const struct trn_backend *backend, size_t n, size_t k,
                                       size_t dimension, const double *points, size_t ld_points,
                                       const double *centres, size_t ld_centres,
                                       uint32_t *assignment, double *distance);
trnnsf_status trn_kernel_gather_rows(const struct trn_backend *backend, size_t n_rows, size_t n,
                                     const uint32_t *index, const float *in, size_t ld_in,
                                     float *out, size_t ld_out);
trnnsf_status trn_kernel_scatter_add_rows(const struct trn_backend *backend, size_t n_rows,
                                          size_t n, const uint32_t *index, const float *in,
                                          size_t ld_in, float *out, size_t ld_out);
trnnsf_status trn_kernel_gather_columns(const struct trn_backend *backend, size_t n_rows, size_t n,
                                        const uint32_t *index, const float *in, size_t ld_in,
                                        float *out, size_t ld_out);
trnnsf_status trn_kernel_window_lower(const struct trn_backend *backend,
                                      const struct trnnsf_window *window, size_t first,
                                      size_t n_rows, size_t n, const float *in, float *out,
                                      size_t ld_out);
trnnsf_status trn_kernel_window_raise(const struct trn_backend *backend,
                                      const struct trnnsf_window *window, size_t first,
                                      size_t n_rows, size_t n, const float *out, size_t ld_out,
                                      float *in);
trnnsf_status trn_kernel_window_multiply(const struct trn_backend *backend,
                                         const struct trnnsf_window *window, size_t n,
                                         const float *kernel, const float *in, float beta,
                                         float *out);
trnnsf_status trn_kernel_window_multiply_transposed(const struct trn_backend *backend,
                                                    const struct trnnsf_window *window, size_t n,
                                                    const float *kernel, const float *out,
                                                    float *in);
trnnsf_status trn_kernel_window_gradient(const struct trn_backend *backend,
                                         const struct trnnsf_window *window, size_t n, float alpha,
                                         const float *out, const float *in, float beta, float *g);
trnnsf_status trn_kernel_window_lower_cells(const struct trn_backend *backend,
                                            const struct trnnsf_window *window, size_t first,
                                            size_t n_rows, size_t n, const uint8_t *wanted,
                                            const float *in, float *out, size_t ld_out);

#endif
