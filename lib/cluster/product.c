#include "cluster/product.h"

#include <limits.h>

#if TRN_HAVE_CBLAS
#include <cblas.h>
#endif

/* Element (row, column) is data[row * down + column * right]. */
struct layout {
    const double *data;
    size_t down, right;
};

static struct layout layout(struct trn_operand a)
{
    return a.transposed ? (struct layout){a.data, 1, a.stride}
                        : (struct layout){a.data, a.stride, 1};
}

static void by_loops(size_t m, size_t n, size_t k, double alpha, struct layout a, struct layout b,
                     double beta, double *c, size_t stride_c)
{
    for (size_t i = 0; i < m; i++) {
        double *row = c + i * stride_c;

        for (size_t j = 0; j < n; j++)
            row[j] = beta == 0 ? 0 : beta * row[j];
        for (size_t p = 0; p < k; p++) {
            double scale = alpha * a.data[i * a.down + p * a.right];

            for (size_t j = 0; j < n; j++)
                row[j] += scale * b.data[p * b.down + j * b.right];
        }
    }
}

void trn_product(size_t m, size_t n, size_t k, double alpha, struct trn_operand a,
                 struct trn_operand b, double beta, double *c, size_t stride_c)
{
#if TRN_HAVE_CBLAS
    if (m > 0 && n > 0 && k > 0 && m <= INT_MAX && n <= INT_MAX && k <= INT_MAX &&
        a.stride <= INT_MAX && b.stride <= INT_MAX && stride_c <= INT_MAX) {
        cblas_dgemm(CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
                    b.transposed ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, alpha, a.data,
                    (int)a.stride, b.data, (int)b.stride, beta, c, (int)stride_c);
        return;
    }
#endif
    by_loops(m, n, k, alpha, layout(a), layout(b), beta, c, stride_c);
}
