/* One function a slot: the backend's kernel, or the reference's in its place. */
#include "backend/backend.h"
#include "backend/reference/reference.h"

static void count_fallback(const struct trn_backend *backend, const char *kernel)
{
    struct trn_backends *owner = backend->owner;
    const struct trn_backend *none = NULL;

    atomic_fetch_add_explicit(&owner->fallbacks, 1, memory_order_relaxed);
    if (atomic_load_explicit(&owner->first_backend, memory_order_relaxed))
        return;
    if (atomic_compare_exchange_strong(&owner->first_backend, &none, backend))
        atomic_store(&owner->first_kernel, kernel);
}

#define CALL(backend, slot, ...)                                                                   \
    do {                                                                                           \
        trnnsf_status call_status = TRNNSF_E_UNSUPPORTED;                                          \
        if ((backend)->ops.slot)                                                                   \
            call_status = (backend)->ops.slot((backend)->ops.self, __VA_ARGS__);                   \
        if (call_status != TRNNSF_E_UNSUPPORTED)                                                   \
            return call_status;                                                                    \
        count_fallback((backend), #slot);                                                          \
        return trn_reference_ops.slot(trn_reference_ops.self, __VA_ARGS__);                        \
    } while (0)

trnnsf_status trn_kernel_gemm(const struct trn_backend *backend, uint32_t transpose_a,
                              uint32_t transpose_b, size_t m, size_t n, size_t k, float alpha,
                              const float *a, size_t lda, const float *b, size_t ldb, float beta,
                              float *c, size_t ldc)
{
    CALL(backend, gemm, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

trnnsf_status trn_kernel_masked_gemm(const struct trn_backend *backend, uint32_t transpose_a,
                                     uint32_t transpose_b, size_t m, size_t n, size_t k,
                                     float alpha, const float *a, size_t lda, const float *b,
                                     size_t ldb, float beta, float *c, size_t ldc,
                                     const uint64_t *mask, size_t mask_stride)
{
    CALL(backend, masked_gemm, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c,
         ldc, mask, mask_stride);
}

trnnsf_status trn_kernel_block_multiply(const struct trn_backend *backend, size_t n_rows,
                                        size_t n_columns, size_t n, const float *v,
                                        const uint32_t *rows, const uint32_t *columns,
                                        const float *x, size_t ldx, float *y, size_t ldy,
                                        float *scratch)
{
    CALL(backend, block_multiply, n_rows, n_columns, n, v, rows, columns, x, ldx, y, ldy, scratch);
}

trnnsf_status trn_kernel_block_multiply_transposed(const struct trn_backend *backend, size_t n_rows,
                                                   size_t n_columns, size_t n, const float *v,
                                                   const uint32_t *rows, const uint32_t *columns,
                                                   const float *y, size_t ldy, float *x, size_t ldx,
                                                   float *scratch)
{
    CALL(backend, block_multiply_transposed, n_rows, n_columns, n, v, rows, columns, y, ldy, x, ldx,
         scratch);
}

trnnsf_status trn_kernel_block_gradient(const struct trn_backend *backend, size_t n_rows,
                                        size_t n_columns, size_t n, float alpha,
                                        const uint32_t *rows, const uint32_t *columns,
                                        const float *y, size_t ldy, const float *x, size_t ldx,
                                        float *g, float *scratch)
{
    CALL(backend, block_gradient, n_rows, n_columns, n, alpha, rows, columns, y, ldy, x, ldx, g,
         scratch);
}

trnnsf_status trn_kernel_sparse_multiply(const struct trn_backend *backend, size_t n_rows, size_t n,
                                         const size_t *row_start, const uint32_t *column,
                                         const float *value, const float *x, size_t ldx, float beta,
                                         float *y, size_t ldy)
{
    CALL(backend, sparse_multiply, n_rows, n, row_start, column, value, x, ldx, beta, y, ldy);
}

trnnsf_status trn_kernel_sparse_gradient(const struct trn_backend *backend, size_t n_rows, size_t n,
                                         float alpha, const size_t *row_start,
                                         const uint32_t *column, const float *y, size_t ldy,
                                         const float *x, size_t ldx, float *g)
{
    CALL(backend, sparse_gradient, n_rows, n, alpha, row_start, column, y, ldy, x, ldx, g);
}

trnnsf_status trn_kernel_kmeans_assign(const struct trn_backend *backend, size_t n, size_t k,
                                       size_t dimension, const double *points, size_t ld_points,
                                       const double *centres, size_t ld_centres,
                                       uint32_t *assignment, double *distance)
{
    CALL(backend, kmeans_assign, n, k, dimension, points, ld_points, centres, ld_centres,
         assignment, distance);
}

trnnsf_status trn_kernel_gather_rows(const struct trn_backend *backend, size_t n_rows, size_t n,
                                     const uint32_t *index, const float *in, size_t ld_in,
                                     float *out, size_t ld_out)
{
    CALL(backend, gather_rows, n_rows, n, index, in, ld_in, out, ld_out);
}

trnnsf_status trn_kernel_scatter_add_rows(const struct trn_backend *backend, size_t n_rows,
                                          size_t n, const uint32_t *index, const float *in,
                                          size_t ld_in, float *out, size_t ld_out)
{
    CALL(backend, scatter_add_rows, n_rows, n, index, in, ld_in, out, ld_out);
}

trnnsf_status trn_kernel_gather_columns(const struct trn_backend *backend, size_t n_rows, size_t n,
                                        const uint32_t *index, const float *in, size_t ld_in,
                                        float *out, size_t ld_out)
{
    CALL(backend, gather_columns, n_rows, n, index, in, ld_in, out, ld_out);
}

trnnsf_status trn_kernel_window_lower(const struct trn_backend *backend,
                                      const struct trnnsf_window *window, size_t first,
                                      size_t n_rows, size_t n, const float *in, float *out,
                                      size_t ld_out)
{
    CALL(backend, window_lower, window, first, n_rows, n, in, out, ld_out);
}

trnnsf_status trn_kernel_window_raise(const struct trn_backend *backend,
                                      const struct trnnsf_window *window, size_t first,
                                      size_t n_rows, size_t n, const float *out, size_t ld_out,
                                      float *in)
{
    CALL(backend, window_raise, window, first, n_rows, n, out, ld_out, in);
}

trnnsf_status trn_kernel_window_multiply(const struct trn_backend *backend,
                                         const struct trnnsf_window *window, size_t n,
                                         const float *kernel, const float *in, float beta,
                                         float *out)
{
    CALL(backend, window_multiply, window, n, kernel, in, beta, out);
}

trnnsf_status trn_kernel_window_multiply_transposed(const struct trn_backend *backend,
                                                    const struct trnnsf_window *window, size_t n,
                                                    const float *kernel, const float *out,
                                                    float *in)
{
    CALL(backend, window_multiply_transposed, window, n, kernel, out, in);
}

trnnsf_status trn_kernel_window_gradient(const struct trn_backend *backend,
                                         const struct trnnsf_window *window, size_t n, float alpha,
                                         const float *out, const float *in, float beta, float *g)
{
    CALL(backend, window_gradient, window, n, alpha, out, in, beta, g);
}

trnnsf_status trn_kernel_window_lower_cells(const struct trn_backend *backend,
                                            const struct trnnsf_window *window, size_t first,
                                            size_t n_rows, size_t n, const uint8_t *wanted,
                                            const float *in, float *out, size_t ld_out)
{
    CALL(backend, window_lower_cells, window, first, n_rows, n, wanted, in, out, ld_out);
}
