/* Compressed sparse rows times dense panels. */
#include <string.h>

#include "backend/reference/reference.h"
#include "backend/reference/vector.h"

static void scale_row(size_t n, float beta, float *y)
{
    if (beta == 0.0f) {
        memset(y, 0, n * sizeof *y);
        return;
    }
    for (size_t p = 0; p < n && beta != 1.0f; p++)
        y[p] *= beta;
}

trnnsf_status trn_reference_sparse_multiply(void *self, size_t n_rows, size_t n,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *value, const float *x, size_t ldx,
                                            float beta, float *y, size_t ldy)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++) {
        float *to = y + i * ldy;
        size_t e = row_start[i], end = row_start[i + 1];

        scale_row(n, beta, to);
        for (; e + 4 <= end; e += 4)
            trn_axpy4(n, value + e, x + column[e] * ldx, x + column[e + 1] * ldx,
                      x + column[e + 2] * ldx, x + column[e + 3] * ldx, to);
        for (; e < end; e++)
            trn_axpy(n, value[e], x + column[e] * ldx, to);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_reference_sparse_gradient(void *self, size_t n_rows, size_t n, float alpha,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *y, size_t ldy, const float *x, size_t ldx,
                                            float *g)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t e = row_start[i]; e < row_start[i + 1]; e++)
            g[e] = alpha * trn_dot(n, y + i * ldy, x + column[e] * ldx);
    }
    return TRNNSF_OK;
}
