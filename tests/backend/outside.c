#include "outside.h"

#include <string.h>

static float at(const float *matrix, size_t ld, uint32_t transpose, size_t row, size_t column)
{
    return transpose ? matrix[column * ld + row] : matrix[row * ld + column];
}

static trnnsf_status counting_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                                   size_t n, size_t k, float alpha, const float *a, size_t lda,
                                   const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    struct outside_state *state = self;

    atomic_fetch_add(&state->calls, 1);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;

            for (size_t p = 0; p < k; p++)
                sum += (double)at(a, lda, transpose_a, i, p) * at(b, ldb, transpose_b, p, j);
            sum *= alpha;
            if (beta != 0.0f)
                sum += (double)beta * c[i * ldc + j];
            c[i * ldc + j] = (float)sum;
        }
    }
    return TRNNSF_OK;
}

static void begin(struct trnnsf_backend_ops *ops, struct outside_state *state, const char *name)
{
    memset(ops, 0, sizeof *ops);
    ops->struct_size = sizeof *ops;
    ops->api_version = TRNNSF_BACKEND_API_VERSION;
    ops->flags = TRNNSF_BACKEND_DETERMINISTIC;
    ops->name = name;
    ops->self = state;
    atomic_init(&state->calls, 0);
}

void outside_counting(struct trnnsf_backend_ops *ops, struct outside_state *state)
{
    begin(ops, state, "counting");
    ops->gemm = counting_gemm;
}

static trnnsf_status refuse(void *self)
{
    struct outside_state *state = self;

    atomic_fetch_add(&state->calls, 1);
    return TRNNSF_E_UNSUPPORTED;
}

static trnnsf_status refuse_gemm(void *self, uint32_t ta, uint32_t tb, size_t m, size_t n, size_t k,
                                 float alpha, const float *a, size_t lda, const float *b,
                                 size_t ldb, float beta, float *c, size_t ldc)
{
    (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b;
    (void)ldb, (void)beta, (void)c, (void)ldc;
    return refuse(self);
}

static trnnsf_status refuse_masked_gemm(void *self, uint32_t ta, uint32_t tb, size_t m, size_t n,
                                        size_t k, float alpha, const float *a, size_t lda,
                                        const float *b, size_t ldb, float beta, float *c,
                                        size_t ldc, const uint64_t *mask, size_t stride)
{
    (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b;
    (void)ldb, (void)beta, (void)c, (void)ldc, (void)mask, (void)stride;
    return refuse(self);
}

static trnnsf_status refuse_block(void *self, size_t n_rows, size_t n_columns, size_t n,
                                  const float *v, const uint32_t *rows, const uint32_t *columns,
                                  const float *from, size_t ld_from, float *to, size_t ld_to,
                                  float *scratch)
{
    (void)n_rows, (void)n_columns, (void)n, (void)v, (void)rows, (void)columns, (void)from;
    (void)ld_from, (void)to, (void)ld_to, (void)scratch;
    return refuse(self);
}

static trnnsf_status refuse_block_gradient(void *self, size_t n_rows, size_t n_columns, size_t n,
                                           float alpha, const uint32_t *rows,
                                           const uint32_t *columns, const float *y, size_t ldy,
                                           const float *x, size_t ldx, float *g, float *scratch)
{
    (void)n_rows, (void)n_columns, (void)n, (void)alpha, (void)rows, (void)columns, (void)y;
    (void)ldy, (void)x, (void)ldx, (void)g, (void)scratch;
    return refuse(self);
}

static trnnsf_status refuse_sparse(void *self, size_t n_rows, size_t n, const size_t *row_start,
                                   const uint32_t *column, const float *value, const float *x,
                                   size_t ldx, float beta, float *y, size_t ldy)
{
    (void)n_rows, (void)n, (void)row_start, (void)column, (void)value, (void)x, (void)ldx;
    (void)beta, (void)y, (void)ldy;
    return refuse(self);
}

static trnnsf_status refuse_sparse_gradient(void *self, size_t n_rows, size_t n, float alpha,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *y, size_t ldy, const float *x, size_t ldx,
                                            float *g)
{
    (void)n_rows, (void)n, (void)alpha, (void)row_start, (void)column, (void)y, (void)ldy, (void)x;
    (void)ldx, (void)g;
    return refuse(self);
}

static trnnsf_status refuse_kmeans(void *self, size_t n, size_t k, size_t dimension,
                                   const double *points, size_t ld_points, const double *centres,
                                   size_t ld_centres, uint32_t *assignment, double *distance)
{
    (void)n, (void)k, (void)dimension, (void)points, (void)ld_points, (void)centres;
    (void)ld_centres, (void)assignment, (void)distance;
    return refuse(self);
}

static trnnsf_status refuse_move(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                 const float *in, size_t ld_in, float *out, size_t ld_out)
{
    (void)n_rows, (void)n, (void)index, (void)in, (void)ld_in, (void)out, (void)ld_out;
    return refuse(self);
}

static trnnsf_status refuse_lower(void *self, const struct trnnsf_window *window, size_t first,
                                  size_t n_rows, size_t n, const float *in, float *out,
                                  size_t ld_out)
{
    (void)window, (void)first, (void)n_rows, (void)n, (void)in, (void)out, (void)ld_out;
    return refuse(self);
}

static trnnsf_status refuse_raise(void *self, const struct trnnsf_window *window, size_t first,
                                  size_t n_rows, size_t n, const float *out, size_t ld_out,
                                  float *in)
{
    (void)window, (void)first, (void)n_rows, (void)n, (void)in, (void)out, (void)ld_out;
    return refuse(self);
}

static trnnsf_status refuse_window_multiply(void *self, const struct trnnsf_window *window,
                                            size_t n, const float *kernel, const float *in,
                                            float beta, float *out)
{
    (void)window, (void)n, (void)kernel, (void)in, (void)beta, (void)out;
    return refuse(self);
}

static trnnsf_status refuse_window_transposed(void *self, const struct trnnsf_window *window,
                                              size_t n, const float *kernel, const float *out,
                                              float *in)
{
    (void)window, (void)n, (void)kernel, (void)out, (void)in;
    return refuse(self);
}

static trnnsf_status refuse_window_gradient(void *self, const struct trnnsf_window *window,
                                            size_t n, float alpha, const float *out,
                                            const float *in, float beta, float *g)
{
    (void)window, (void)n, (void)alpha, (void)out, (void)in, (void)beta, (void)g;
    return refuse(self);
}

static trnnsf_status refuse_lower_cells(void *self, const struct trnnsf_window *window,
                                        size_t first, size_t n_rows, size_t n,
                                        const uint8_t *wanted, const float *in, float *out,
                                        size_t ld_out)
{
    (void)window, (void)first, (void)n_rows, (void)n, (void)wanted, (void)in, (void)out, (void)ld_out;
    return refuse(self);
}

void outside_refusing(struct trnnsf_backend_ops *ops, struct outside_state *state)
{
    begin(ops, state, "refusing");
    ops->gemm = refuse_gemm;
    ops->masked_gemm = refuse_masked_gemm;
    ops->block_multiply = refuse_block;
    ops->block_multiply_transposed = refuse_block;
    ops->block_gradient = refuse_block_gradient;
    ops->sparse_multiply = refuse_sparse;
    ops->sparse_gradient = refuse_sparse_gradient;
    ops->kmeans_assign = refuse_kmeans;
    ops->gather_rows = refuse_move;
    ops->scatter_add_rows = refuse_move;
    ops->gather_columns = refuse_move;
    ops->window_lower = refuse_lower;
    ops->window_raise = refuse_raise;
    ops->window_multiply = refuse_window_multiply;
    ops->window_multiply_transposed = refuse_window_transposed;
    ops->window_gradient = refuse_window_gradient;
    ops->window_lower_cells = refuse_lower_cells;
}
