/* Plain C kernels for every slot: the judge of the other backends. Each sum has one fixed order, so
 * a result depends on nothing but the arguments: not on compiler flags that keep ISO rounding, not
 * on the processor, and for gemm not on where in C an element lies. */
#ifndef TRN_BACKEND_REFERENCE_REFERENCE_H
#define TRN_BACKEND_REFERENCE_REFERENCE_H

#include <trnnsf/backend.h>

extern const struct trnnsf_backend_ops trn_reference_ops;

typedef trnnsf_status (*trn_gemm_function)(void *self, uint32_t transpose_a, uint32_t transpose_b,
                                           size_t m, size_t n, size_t k, float alpha,
                                           const float *a, size_t lda, const float *b, size_t ldb,
                                           float beta, float *c, size_t ldc);

trnnsf_status trn_reference_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                                 size_t n, size_t k, float alpha, const float *a, size_t lda,
                                 const float *b, size_t ldb, float beta, float *c, size_t ldc);
/* A masked product through `gemm`, for tiles of 64 x 64 in which the mask has a bit. */
trnnsf_status trn_masked_gemm_by_tiles(trn_gemm_function gemm, uint32_t transpose_a,
                                       uint32_t transpose_b, size_t m, size_t n, size_t k,
                                       float alpha, const float *a, size_t lda, const float *b,
                                       size_t ldb, float beta, float *c, size_t ldc,
                                       const uint64_t *mask, size_t mask_stride);
trnnsf_status trn_reference_masked_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b,
                                        size_t m, size_t n, size_t k, float alpha, const float *a,
                                        size_t lda, const float *b, size_t ldb, float beta,
                                        float *c, size_t ldc, const uint64_t *mask,
                                        size_t mask_stride);
trnnsf_status trn_reference_block_multiply(void *self, size_t n_rows, size_t n_columns, size_t n,
                                           const float *v, const uint32_t *rows,
                                           const uint32_t *columns, const float *x, size_t ldx,
                                           float *y, size_t ldy, float *scratch);
trnnsf_status trn_reference_block_multiply_transposed(void *self, size_t n_rows, size_t n_columns,
                                                      size_t n, const float *v,
                                                      const uint32_t *rows, const uint32_t *columns,
                                                      const float *y, size_t ldy, float *x,
                                                      size_t ldx, float *scratch);
trnnsf_status trn_reference_block_gradient(void *self, size_t n_rows, size_t n_columns, size_t n,
                                           float alpha, const uint32_t *rows,
                                           const uint32_t *columns, const float *y, size_t ldy,
                                           const float *x, size_t ldx, float *g, float *scratch);
trnnsf_status trn_reference_sparse_multiply(void *self, size_t n_rows, size_t n,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *value, const float *x, size_t ldx,
                                            float beta, float *y, size_t ldy);
trnnsf_status trn_reference_sparse_gradient(void *self, size_t n_rows, size_t n, float alpha,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *y, size_t ldy, const float *x, size_t ldx,
                                            float *g);
trnnsf_status trn_reference_kmeans_assign(void *self, size_t n, size_t k, size_t dimension,
                                          const double *points, size_t ld_points,
                                          const double *centres, size_t ld_centres,
                                          uint32_t *assignment, double *distance);
trnnsf_status trn_reference_gather_rows(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                        const float *in, size_t ld_in, float *out, size_t ld_out);
trnnsf_status trn_reference_scatter_add_rows(void *self, size_t n_rows, size_t n,
                                             const uint32_t *index, const float *in, size_t ld_in,
                                             float *out, size_t ld_out);
trnnsf_status trn_reference_gather_columns(void *self, size_t n_rows, size_t n,
                                           const uint32_t *index, const float *in, size_t ld_in,
                                           float *out, size_t ld_out);
trnnsf_status trn_reference_window_lower(void *self, const struct trnnsf_window *window,
                                         size_t first, size_t n_rows, size_t n, const float *in,
                                         float *out, size_t ld_out);
trnnsf_status trn_reference_window_raise(void *self, const struct trnnsf_window *window,
                                         size_t first, size_t n_rows, size_t n, const float *out,
                                         size_t ld_out, float *in);
trnnsf_status trn_reference_window_multiply(void *self, const struct trnnsf_window *window,
                                            size_t n, const float *kernel, const float *in,
                                            float beta, float *out);
trnnsf_status trn_reference_window_multiply_transposed(void *self,
                                                       const struct trnnsf_window *window, size_t n,
                                                       const float *kernel, const float *out,
                                                       float *in);
trnnsf_status trn_reference_window_gradient(void *self, const struct trnnsf_window *window,
                                            size_t n, float alpha, const float *out,
                                            const float *in, float beta, float *g);
trnnsf_status trn_reference_window_lower_cells(void *self, const struct trnnsf_window *window,
                                               size_t first, size_t n_rows, size_t n,
                                               const uint8_t *wanted, const float *in, float *out,
                                               size_t ld_out);

#endif
