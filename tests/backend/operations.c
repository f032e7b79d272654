#include <stdlib.h>

#include "cases.h"
#include "windows.h"

static double sum_tolerance(const struct shape *s)
{
    return 2.0 * (double)(s->k + s->m) + 4.0;
}

static double panel_tolerance(const struct shape *s)
{
    return 2.0 * (double)s->n + 4.0;
}

static double no_tolerance(const struct shape *s)
{
    (void)s;
    return 0;
}

static double one_rounding(const struct shape *s)
{
    (void)s;
    return 2;
}

/* gemm and masked_gemm */

static size_t c_size(const struct shape *s)
{
    return s->m * (s->n + s->pad);
}

static double op_a(const struct shape *s, const struct inputs *in, size_t i, size_t p)
{
    return s->transpose_a ? in->a[p * in->lda + i] : in->a[i * in->lda + p];
}

static double op_b(const struct shape *s, const struct inputs *in, size_t p, size_t j)
{
    return s->transpose_b ? in->b[j * in->ldb + p] : in->b[p * in->ldb + j];
}

static trnnsf_status run_gemm(const struct trn_backend *backend, const struct shape *s,
                              const struct inputs *in, float *out)
{
    return trn_kernel_gemm(backend, s->transpose_a, s->transpose_b, s->m, s->n, s->k, s->alpha,
                           in->a, in->lda, in->b, in->ldb, s->beta, out, in->ld);
}

static void true_gemm(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->n; j++) {
            double sum = 0;

            for (size_t p = 0; p < s->k; p++)
                sum += op_a(s, in, i, p) * op_b(s, in, p, j);
            out[i * in->ld + j] =
                s->alpha * sum + (s->beta == 0 ? 0 : s->beta * out[i * in->ld + j]);
        }
    }
}

static trnnsf_status run_masked_gemm(const struct trn_backend *backend, const struct shape *s,
                                     const struct inputs *in, float *out)
{
    return trn_kernel_masked_gemm(backend, s->transpose_a, s->transpose_b, s->m, s->n, s->k,
                                  s->alpha, in->a, in->lda, in->b, in->ldb, s->beta, out, in->ld,
                                  in->mask, in->mask_stride);
}

static void true_masked_gemm(const struct shape *s, const struct inputs *in, double *out)
{
    true_gemm(s, in, out);
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->n; j++) {
            if (!(in->mask[i * in->mask_stride + j / 64] >> j % 64 & 1))
                out[i * in->ld + j] = 0;
        }
    }
}

/* Blocks: V[m x k], X has 2k+3 rows, Y has 2m+3 */

static size_t tall_y_size(const struct shape *s)
{
    return (2 * s->m + 3) * (s->n + s->pad);
}

static size_t tall_x_size(const struct shape *s)
{
    return (2 * s->k + 3) * (s->n + s->pad);
}

static size_t block_size(const struct shape *s)
{
    return s->m * s->k;
}

static trnnsf_status run_block_multiply(const struct trn_backend *backend, const struct shape *s,
                                        const struct inputs *in, float *out)
{
    return trn_kernel_block_multiply(backend, s->m, s->k, s->n, in->packed, in->rows, in->columns,
                                     in->tall_x, in->ld, out, in->ld, in->scratch);
}

static void true_block_multiply(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->k; j++) {
            for (size_t p = 0; p < s->n; p++)
                out[in->rows[i] * in->ld + p] +=
                    (double)in->packed[i * s->k + j] * in->tall_x[in->columns[j] * in->ld + p];
        }
    }
}

static trnnsf_status run_block_transposed(const struct trn_backend *backend, const struct shape *s,
                                          const struct inputs *in, float *out)
{
    return trn_kernel_block_multiply_transposed(backend, s->m, s->k, s->n, in->packed, in->rows,
                                                in->columns, in->tall_y, in->ld, out, in->ld,
                                                in->scratch);
}

static void true_block_transposed(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->k; j++) {
            for (size_t p = 0; p < s->n; p++)
                out[in->columns[j] * in->ld + p] +=
                    (double)in->packed[i * s->k + j] * in->tall_y[in->rows[i] * in->ld + p];
        }
    }
}

static trnnsf_status run_block_gradient(const struct trn_backend *backend, const struct shape *s,
                                        const struct inputs *in, float *out)
{
    return trn_kernel_block_gradient(backend, s->m, s->k, s->n, s->alpha, in->rows, in->columns,
                                     in->tall_y, in->ld, in->tall_x, in->ld, out, in->scratch);
}

static double row_product(const struct shape *s, const struct inputs *in, size_t y_row,
                          size_t x_row)
{
    double sum = 0;

    for (size_t p = 0; p < s->n; p++)
        sum += (double)in->tall_y[y_row * in->ld + p] * in->tall_x[x_row * in->ld + p];
    return sum;
}

static void true_block_gradient(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->k; j++)
            out[i * s->k + j] = s->alpha * row_product(s, in, in->rows[i], in->columns[j]);
    }
}

/* Sparse rows: m rows over the first k rows of X */

static trnnsf_status run_sparse_multiply(const struct trn_backend *backend, const struct shape *s,
                                         const struct inputs *in, float *out)
{
    return trn_kernel_sparse_multiply(backend, s->m, s->n, in->row_start, in->column, in->value,
                                      in->tall_x, in->ld, s->beta, out, in->ld);
}

static void true_sparse_multiply(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t p = 0; p < s->n; p++) {
            double sum = s->beta == 0 ? 0 : s->beta * out[i * in->ld + p];

            for (size_t e = in->row_start[i]; e < in->row_start[i + 1]; e++)
                sum += (double)in->value[e] * in->tall_x[in->column[e] * in->ld + p];
            out[i * in->ld + p] = sum;
        }
    }
}

static trnnsf_status run_sparse_gradient(const struct trn_backend *backend, const struct shape *s,
                                         const struct inputs *in, float *out)
{
    return trn_kernel_sparse_gradient(backend, s->m, s->n, s->alpha, in->row_start, in->column,
                                      in->tall_y, in->ld, in->tall_x, in->ld, out);
}

static void true_sparse_gradient(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t e = in->row_start[i]; e < in->row_start[i + 1]; e++)
            out[e] = s->alpha * row_product(s, in, i, in->column[e]);
    }
}

/* Nearest centres: the assignments, then the distances. Coordinates are -1, 0 or 1: exact. */

static size_t assignment_size(const struct shape *s)
{
    return s->k == 0 ? 0 : 2 * s->m;
}

static trnnsf_status run_kmeans_assign(const struct trn_backend *backend, const struct shape *s,
                                       const struct inputs *in, float *out)
{
    uint32_t *assignment = calloc(s->m + 1, sizeof *assignment);
    double *distance = calloc(s->m + 1, sizeof *distance);
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    /* No centre, no case. */
    if (assignment && distance)
        status = s->k == 0 ? TRNNSF_OK
                           : trn_kernel_kmeans_assign(backend, s->m, s->k, s->n, in->points, s->n,
                                                      in->centres, s->n, assignment, distance);
    for (size_t i = 0; status == TRNNSF_OK && s->k > 0 && i < s->m; i++) {
        out[i] = (float)assignment[i];
        out[s->m + i] = (float)distance[i];
    }
    free(distance);
    free(assignment);
    return status;
}

static void true_kmeans_assign(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; s->k > 0 && i < s->m; i++) {
        for (size_t c = 0; c < s->k; c++) {
            double distance = 0;

            for (size_t d = 0; d < s->n; d++) {
                double difference = in->points[i * s->n + d] - in->centres[c * s->n + d];

                distance += difference * difference;
            }
            if (c == 0 || distance < out[s->m + i]) {
                out[i] = (double)c;
                out[s->m + i] = distance;
            }
        }
    }
}

/* Moving rows and columns */

static trnnsf_status run_gather_rows(const struct trn_backend *backend, const struct shape *s,
                                     const struct inputs *in, float *out)
{
    return trn_kernel_gather_rows(backend, s->m, s->n, in->rows, in->tall_y, in->ld, out, in->ld);
}

static void true_gather_rows(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t p = 0; p < s->n; p++)
            out[i * in->ld + p] = in->tall_y[in->rows[i] * in->ld + p];
    }
}

static trnnsf_status run_scatter_add_rows(const struct trn_backend *backend, const struct shape *s,
                                          const struct inputs *in, float *out)
{
    return trn_kernel_scatter_add_rows(backend, s->m, s->n, in->rows, in->tall_y, in->ld, out,
                                       in->ld);
}

static void true_scatter_add_rows(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t p = 0; p < s->n; p++)
            out[in->rows[i] * in->ld + p] += in->tall_y[i * in->ld + p];
    }
}

static trnnsf_status run_gather_columns(const struct trn_backend *backend, const struct shape *s,
                                        const struct inputs *in, float *out)
{
    return trn_kernel_gather_columns(backend, s->m, s->n, in->picked, in->tall_y, in->ld, out,
                                     in->ld);
}

static void true_gather_columns(const struct shape *s, const struct inputs *in, double *out)
{
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->n; j++)
            out[i * in->ld + j] = in->tall_y[i * in->ld + in->picked[j]];
    }
}

const struct operation operations[] = {
    {"gemm", c_size, run_gemm, true_gemm, sum_tolerance},
    {"masked_gemm", c_size, run_masked_gemm, true_masked_gemm, sum_tolerance},
    {"block_multiply", tall_y_size, run_block_multiply, true_block_multiply, sum_tolerance},
    {"block_multiply_transposed", tall_x_size, run_block_transposed, true_block_transposed,
     sum_tolerance},
    {"block_gradient", block_size, run_block_gradient, true_block_gradient, panel_tolerance},
    {"sparse_multiply", c_size, run_sparse_multiply, true_sparse_multiply, sum_tolerance},
    {"sparse_gradient", block_size, run_sparse_gradient, true_sparse_gradient, panel_tolerance},
    {"kmeans_assign", assignment_size, run_kmeans_assign, true_kmeans_assign, no_tolerance},
    {"gather_rows", c_size, run_gather_rows, true_gather_rows, no_tolerance},
    {"scatter_add_rows", tall_y_size, run_scatter_add_rows, true_scatter_add_rows, one_rounding},
    {"gather_columns", c_size, run_gather_columns, true_gather_columns, no_tolerance},
    {"window_lower", lowered_size, run_window_lower, true_window_lower, no_tolerance},
    {"window_raise", image_size, run_window_raise, true_window_raise, window_tolerance},
    {"window_multiply", places_size, run_window_multiply, true_window_multiply, window_tolerance},
    {"window_multiply_transposed", plane_size, run_window_transposed, true_window_transposed,
     window_tolerance},
    {"window_lower_cells", lowered_size, run_window_lower_cells, true_window_lower_cells,
     no_tolerance},
    {"window_gradient", kernel_size, run_window_gradient, true_window_gradient, gradient_tolerance},
};
const size_t n_operations = sizeof operations / sizeof operations[0];
