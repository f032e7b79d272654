/* Compressed sparse rows times dense panels. */
#include <string.h>

#include "backend/reference/reference.h"
#include "backend/reference/vector.h"
#include "base/wide.h"

static void scale_row(size_t n, float beta, float *y)
{
    if (beta == 0.0f) {
        memset(y, 0, n * sizeof *y);
        return;
    }
    for (size_t p = 0; p < n && beta != 1.0f; p++)
        y[p] *= beta;
}

#if TRN_HAVE_AVX2
/* Pieces of a row of Y that stay in registers while its entries are added, in the order of
 * trn_axpy(): of 16 registers three are for other things. */
enum { MOST = 13 };
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

struct rows {
    size_t n_rows;
    const size_t *row_start;
    const uint32_t *column;
    const float *value;
    size_t ldx, ldy;
    float beta;
};

/* Row i's start: beta Y, which is not read where beta is 0. `count`, a constant, is small enough
 * that all sums have a register. */
TRN_INLINE void add_eights(const struct rows *rows, const int count, const float *x, float *y)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        eight *to = (eight *)(y + i * rows->ldy), sum[MOST] = {{0}};

        for (int j = 0; rows->beta != 0.0f && j < count; j++)
            sum[j] = rows->beta * to[j];
        for (size_t k = rows->row_start[i]; k < rows->row_start[i + 1]; k++) {
            const eight *from = (const eight *)(x + rows->column[k] * rows->ldx);
            float v = rows->value[k];

            for (int j = 0; j < count; j++)
                sum[j] += v * from[j];
        }
        for (int j = 0; j < count; j++)
            to[j] = sum[j];
    }
}

TRN_INLINE void add_four(const struct rows *rows, const float *x, float *y)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        four *to = (four *)(y + i * rows->ldy), sum = {0};

        if (rows->beta != 0.0f)
            sum = rows->beta * to[0];
        for (size_t k = rows->row_start[i]; k < rows->row_start[i + 1]; k++)
            sum += rows->value[k] * *(const four *)(x + rows->column[k] * rows->ldx);
        to[0] = sum;
    }
}

TRN_INLINE void add_one(const struct rows *rows, const float *x, float *y)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        float *to = y + i * rows->ldy, sum = rows->beta == 0.0f ? 0.0f : rows->beta * to[0];

        for (size_t k = rows->row_start[i]; k < rows->row_start[i + 1]; k++)
            sum += rows->value[k] * x[rows->column[k] * rows->ldx];
        to[0] = sum;
    }
}

/* At most MOST eights. */
TRN_INLINE void add_piece(const struct rows *rows, size_t eights, const float *x, float *y)
{
    switch (eights) {
    case 1:
        add_eights(rows, 1, x, y);
        break;
    case 2:
        add_eights(rows, 2, x, y);
        break;
    case 3:
        add_eights(rows, 3, x, y);
        break;
    case 4:
        add_eights(rows, 4, x, y);
        break;
    case 5:
        add_eights(rows, 5, x, y);
        break;
    case 6:
        add_eights(rows, 6, x, y);
        break;
    case 7:
        add_eights(rows, 7, x, y);
        break;
    case 8:
        add_eights(rows, 8, x, y);
        break;
    case 9:
        add_eights(rows, 9, x, y);
        break;
    case 10:
        add_eights(rows, 10, x, y);
        break;
    case 11:
        add_eights(rows, 11, x, y);
        break;
    case 12:
        add_eights(rows, 12, x, y);
        break;
    default:
        add_eights(rows, MOST, x, y);
        break;
    }
}

/* Pieces of about one length outside, rows inside: a piece of X stays in the cache for all rows. */
TRN_WIDE static void multiply_wide(const struct rows *rows, size_t n, const float *x, float *y)
{
    size_t eights = n / 8, pieces = (eights + MOST - 1) / MOST, p = 0;

    for (; pieces > 0; pieces--) {
        size_t count = eights / pieces;

        add_piece(rows, count, x + p, y + p);
        eights -= count;
        p += 8 * count;
    }
    if (p + 4 <= n) {
        add_four(rows, x + p, y + p);
        p += 4;
    }
    for (; p < n; p++)
        add_one(rows, x + p, y + p);
}
#endif

trnnsf_status trn_reference_sparse_multiply(void *self, size_t n_rows, size_t n,
                                            const size_t *row_start, const uint32_t *column,
                                            const float *value, const float *x, size_t ldx,
                                            float beta, float *y, size_t ldy)
{
    (void)self;
#if TRN_HAVE_AVX2
    if (trn_is_wide()) {
        struct rows rows = {n_rows, row_start, column, value, ldx, ldy, beta};

        multiply_wide(&rows, n, x, y);
        return TRNNSF_OK;
    }
#endif
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
