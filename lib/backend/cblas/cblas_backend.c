#include "backend/cblas/cblas_backend.h"

#include <cblas.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "backend/reference/reference.h"

#if defined(__GNUC__)
/* OpenBLAS has these, other CBLAS libraries do not: the weak references are NULL there. */
int openblas_get_num_threads(void) __attribute__((weak));
void openblas_set_num_threads(int count) __attribute__((weak));
int openblas_get_parallel(void) __attribute__((weak)); /* 0: built without threads */

uint32_t trn_cblas_prepare(void)
{
    if (openblas_get_num_threads && openblas_set_num_threads && openblas_get_num_threads() > 1)
        openblas_set_num_threads(1);
    return openblas_get_parallel && openblas_get_parallel() == 0 ? TRNNSF_BACKEND_ONE_THREAD : 0;
}
#else
uint32_t trn_cblas_prepare(void)
{
    return 0;
}
#endif

/* Leading dimensions must be positive even where the matrix is empty. */
static int blas_int(size_t value)
{
    return value > 0 ? (int)value : 1;
}

static trnnsf_status gemm(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                          size_t n, size_t k, float alpha, const float *a, size_t lda,
                          const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    const size_t sizes[] = {m, n, k, lda, ldb, ldc};

    (void)self;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i] > INT_MAX)
            return TRNNSF_E_UNSUPPORTED;
    }
    /* CBLAS libraries differ in whether an empty sum still scales C. */
    if (m == 0 || n == 0 || k == 0 || alpha == 0.0f)
        return trn_reference_gemm(NULL, 0, 0, m, n, 0, alpha, a, lda, b, ldb, beta, c, ldc);
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, alpha, a,
                blas_int(lda), b, blas_int(ldb), beta, c, blas_int(ldc));
    return TRNNSF_OK;
}

static trnnsf_status masked_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                                 size_t n, size_t k, float alpha, const float *a, size_t lda,
                                 const float *b, size_t ldb, float beta, float *c, size_t ldc,
                                 const uint64_t *mask, size_t mask_stride)
{
    (void)self;
    return trn_masked_gemm_by_tiles(gemm, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb,
                                    beta, c, ldc, mask, mask_stride);
}

static bool is_run(const uint32_t *index, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (index[i] != index[0] + i)
            return false;
    }
    return true;
}

struct panel {
    const float *data;
    size_t ld;
};

/* The rows index[] of `from`: in place where they follow one another, else copied to `room`. */
static struct panel gathered(size_t count, size_t n, const uint32_t *index, const float *from,
                             size_t ld, float *room)
{
    if (is_run(index, count))
        return (struct panel){from + index[0] * ld, ld};
    trn_reference_gather_rows(NULL, count, n, index, from, ld, room, n);
    return (struct panel){room, n};
}

/* to[out_index[i], :] += sum_j op(V)[i, j] from[in_index[j], :] */
static trnnsf_status multiply(uint32_t transpose, size_t n_out, size_t n_in, size_t n,
                              const float *v, size_t ldv, const uint32_t *out_index,
                              const uint32_t *in_index, const float *from, size_t ld_from,
                              float *to, size_t ld_to, float *scratch)
{
    float *product = scratch + n_in * n;
    struct panel in;
    trnnsf_status status;

    if (n_out == 0 || n_in == 0 || n == 0)
        return TRNNSF_OK;
    in = gathered(n_in, n, in_index, from, ld_from, scratch);
    if (is_run(out_index, n_out))
        return gemm(NULL, transpose, 0, n_out, n, n_in, 1.0f, v, ldv, in.data, in.ld, 1.0f,
                    to + out_index[0] * ld_to, ld_to);
    status =
        gemm(NULL, transpose, 0, n_out, n, n_in, 1.0f, v, ldv, in.data, in.ld, 0.0f, product, n);
    if (status != TRNNSF_OK)
        return status;
    return trn_reference_scatter_add_rows(NULL, n_out, n, out_index, product, n, to, ld_to);
}

static trnnsf_status block_multiply(void *self, size_t n_rows, size_t n_columns, size_t n,
                                    const float *v, const uint32_t *rows, const uint32_t *columns,
                                    const float *x, size_t ldx, float *y, size_t ldy,
                                    float *scratch)
{
    (void)self;
    return multiply(0, n_rows, n_columns, n, v, n_columns, rows, columns, x, ldx, y, ldy, scratch);
}

static trnnsf_status block_multiply_transposed(void *self, size_t n_rows, size_t n_columns,
                                               size_t n, const float *v, const uint32_t *rows,
                                               const uint32_t *columns, const float *y, size_t ldy,
                                               float *x, size_t ldx, float *scratch)
{
    (void)self;
    return multiply(1, n_columns, n_rows, n, v, n_columns, columns, rows, y, ldy, x, ldx, scratch);
}

static trnnsf_status block_gradient(void *self, size_t n_rows, size_t n_columns, size_t n,
                                    float alpha, const uint32_t *rows, const uint32_t *columns,
                                    const float *y, size_t ldy, const float *x, size_t ldx,
                                    float *g, float *scratch)
{
    struct panel of_y, of_x;

    (void)self;
    if (n_rows == 0 || n_columns == 0)
        return TRNNSF_OK;
    of_y = gathered(n_rows, n, rows, y, ldy, scratch);
    of_x = gathered(n_columns, n, columns, x, ldx, scratch + n_rows * n);
    return gemm(NULL, 0, 1, n_rows, n_columns, n, alpha, of_y.data, of_y.ld, of_x.data, of_x.ld,
                0.0f, g, n_columns);
}

const struct trnnsf_backend_ops trn_cblas_ops = {
    .struct_size = sizeof(struct trnnsf_backend_ops),
    .api_version = TRNNSF_BACKEND_API_VERSION,
    .flags = TRNNSF_BACKEND_DETERMINISTIC,
    .name = "cblas",
    .gemm = gemm,
    .masked_gemm = masked_gemm,
    .block_multiply = block_multiply,
    .block_multiply_transposed = block_multiply_transposed,
    .block_gradient = block_gradient,
    /* Bound by memory, not by arithmetic; and squared distances by way of a product would break
     * ties by rounding. */
    .sparse_multiply = trn_reference_sparse_multiply,
    .sparse_gradient = trn_reference_sparse_gradient,
    .kmeans_assign = trn_reference_kmeans_assign,
    .gather_rows = trn_reference_gather_rows,
    .scatter_add_rows = trn_reference_scatter_add_rows,
    .gather_columns = trn_reference_gather_columns,
    .window_lower = trn_reference_window_lower,
    .window_raise = trn_reference_window_raise,
    .window_multiply = trn_reference_window_multiply,
    .window_multiply_transposed = trn_reference_window_multiply_transposed,
    .window_gradient = trn_reference_window_gradient,
    .window_lower_cells = trn_reference_window_lower_cells,
};
