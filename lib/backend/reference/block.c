/* One cluster's products, without a copy of the panel: row by row. */
#include "backend/reference/reference.h"
#include "backend/reference/vector.h"

/* to += sum_j v[j * step] from[index[j], :], four j at a time. */
static void add_rows(size_t count, size_t n, const float *v, size_t step, const uint32_t *index,
                     const float *from, size_t ld, float *to)
{
    size_t j = 0;

    for (; j + 4 <= count; j += 4) {
        const float a[4] = {v[j * step], v[(j + 1) * step], v[(j + 2) * step], v[(j + 3) * step]};

        trn_axpy4(n, a, from + index[j] * ld, from + index[j + 1] * ld, from + index[j + 2] * ld,
                  from + index[j + 3] * ld, to);
    }
    for (; j < count; j++)
        trn_axpy(n, v[j * step], from + index[j] * ld, to);
}

trnnsf_status trn_reference_block_multiply(void *self, size_t n_rows, size_t n_columns, size_t n,
                                           const float *v, const uint32_t *rows,
                                           const uint32_t *columns, const float *x, size_t ldx,
                                           float *y, size_t ldy, float *scratch)
{
    (void)self;
    (void)scratch;
    for (size_t i = 0; i < n_rows; i++)
        add_rows(n_columns, n, v + i * n_columns, 1, columns, x, ldx, y + rows[i] * ldy);
    return TRNNSF_OK;
}

trnnsf_status trn_reference_block_multiply_transposed(void *self, size_t n_rows, size_t n_columns,
                                                      size_t n, const float *v,
                                                      const uint32_t *rows, const uint32_t *columns,
                                                      const float *y, size_t ldy, float *x,
                                                      size_t ldx, float *scratch)
{
    (void)self;
    (void)scratch;
    for (size_t j = 0; j < n_columns; j++)
        add_rows(n_rows, n, v + j, n_columns, rows, y, ldy, x + columns[j] * ldx);
    return TRNNSF_OK;
}

trnnsf_status trn_reference_block_gradient(void *self, size_t n_rows, size_t n_columns, size_t n,
                                           float alpha, const uint32_t *rows,
                                           const uint32_t *columns, const float *y, size_t ldy,
                                           const float *x, size_t ldx, float *g, float *scratch)
{
    (void)self;
    (void)scratch;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++)
            g[i * n_columns + j] = alpha * trn_dot(n, y + rows[i] * ldy, x + columns[j] * ldx);
    }
    return TRNNSF_OK;
}
