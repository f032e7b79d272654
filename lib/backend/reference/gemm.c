/* Blocked matrix product: both operands are packed into small panels, so that transposes cost
 * nothing, and a 4 x 8 tile of C is held in registers. */
#include <stdbool.h>
#include <string.h>

#include "backend/reference/reference.h"

/* 4 x 8 floats are eight 128-bit registers, half of the smallest file that compilers target. A
 * panel pair of 64 x 128 floats fills a second-level cache's corner and 64 KiB of stack. */
enum { TILE_ROWS = 4, TILE_COLUMNS = 8, PANEL_ROWS = 64, PANEL_COLUMNS = 64, DEPTH = 128 };

struct operand {
    const float *data;
    size_t row_step;
    size_t column_step;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Strips of `width` outer indices, depth-major inside: panel[strip][p][lane], zero-padded. */
static void pack(const float *data, size_t outer_step, size_t depth_step, size_t outer,
                 size_t depth, size_t width, float *panel)
{
    for (size_t first = 0; first < outer; first += width) {
        size_t lanes = smaller(width, outer - first);
        const float *from = data + first * outer_step;

        for (size_t p = 0; p < depth; p++, panel += width) {
            for (size_t lane = 0; lane < lanes; lane++)
                panel[lane] = from[lane * outer_step + p * depth_step];
            for (size_t lane = lanes; lane < width; lane++)
                panel[lane] = 0;
        }
    }
}

static void tile(size_t depth, const float *restrict a, const float *restrict b,
                 float sum[TILE_ROWS][TILE_COLUMNS])
{
    float s0[TILE_COLUMNS] = {0}, s1[TILE_COLUMNS] = {0};
    float s2[TILE_COLUMNS] = {0}, s3[TILE_COLUMNS] = {0};

    for (size_t p = 0; p < depth; p++, a += TILE_ROWS, b += TILE_COLUMNS) {
        for (int j = 0; j < TILE_COLUMNS; j++) {
            s0[j] += a[0] * b[j];
            s1[j] += a[1] * b[j];
            s2[j] += a[2] * b[j];
            s3[j] += a[3] * b[j];
        }
    }
    memcpy(sum[0], s0, sizeof s0);
    memcpy(sum[1], s1, sizeof s1);
    memcpy(sum[2], s2, sizeof s2);
    memcpy(sum[3], s3, sizeof s3);
}

static void add_panels(size_t m, size_t n, size_t depth, float alpha, const float *a,
                       const float *b, float *c, size_t ldc)
{
    float sum[TILE_ROWS][TILE_COLUMNS];

    for (size_t i = 0; i < m; i += TILE_ROWS) {
        size_t rows = smaller(TILE_ROWS, m - i);

        for (size_t j = 0; j < n; j += TILE_COLUMNS) {
            size_t columns = smaller(TILE_COLUMNS, n - j);

            tile(depth, a + i * depth, b + j * depth, sum);
            for (size_t r = 0; r < rows; r++) {
                float *to = c + (i + r) * ldc + j;

                for (size_t s = 0; s < columns; s++)
                    to[s] += alpha * sum[r][s];
            }
        }
    }
}

static void scale(size_t m, size_t n, float beta, float *c, size_t ldc)
{
    if (beta == 1.0f)
        return;
    for (size_t i = 0; i < m; i++) {
        float *row = c + i * ldc;

        /* C may be uninitialised where beta is 0. */
        if (beta == 0.0f) {
            memset(row, 0, n * sizeof *row);
            continue;
        }
        for (size_t j = 0; j < n; j++)
            row[j] *= beta;
    }
}

trnnsf_status trn_reference_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                                 size_t n, size_t k, float alpha, const float *a, size_t lda,
                                 const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    float panel_a[PANEL_ROWS * DEPTH], panel_b[PANEL_COLUMNS * DEPTH];
    struct operand of_a = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1};
    struct operand of_b = {b, transpose_b ? 1 : ldb, transpose_b ? ldb : 1};

    (void)self;
    scale(m, n, beta, c, ldc);
    for (size_t p = 0; p < k; p += DEPTH) {
        size_t depth = smaller(DEPTH, k - p);

        for (size_t j = 0; j < n; j += PANEL_COLUMNS) {
            size_t columns = smaller(PANEL_COLUMNS, n - j);

            pack(of_b.data + p * of_b.row_step + j * of_b.column_step, of_b.column_step,
                 of_b.row_step, columns, depth, TILE_COLUMNS, panel_b);
            for (size_t i = 0; i < m; i += PANEL_ROWS) {
                size_t rows = smaller(PANEL_ROWS, m - i);

                pack(of_a.data + i * of_a.row_step + p * of_a.column_step, of_a.row_step,
                     of_a.column_step, rows, depth, TILE_ROWS, panel_a);
                add_panels(rows, columns, depth, alpha, panel_a, panel_b, c + i * ldc + j, ldc);
            }
        }
    }
    return TRNNSF_OK;
}

/* Whether rows i … i+rows-1 have a bit in word `word`. */
static bool has_bits(const uint64_t *mask, size_t mask_stride, size_t i, size_t rows, size_t word)
{
    uint64_t any = 0;

    for (size_t r = 0; r < rows; r++)
        any |= mask[(i + r) * mask_stride + word];
    return any != 0;
}

static void clear_unmasked(size_t n, const uint64_t *mask, float *c)
{
    for (size_t j = 0; j < n; j++) {
        if (!(mask[j / 64] >> (j % 64) & 1))
            c[j] = 0;
    }
}

trnnsf_status trn_masked_gemm_by_tiles(trn_gemm_function gemm, uint32_t transpose_a,
                                       uint32_t transpose_b, size_t m, size_t n, size_t k,
                                       float alpha, const float *a, size_t lda, const float *b,
                                       size_t ldb, float beta, float *c, size_t ldc,
                                       const uint64_t *mask, size_t mask_stride)
{
    const size_t words = (n + 63) / 64;
    const size_t a_step = transpose_a ? 1 : lda;
    const size_t b_step = transpose_b ? ldb : 1;

    for (size_t i = 0; i < m; i += 64) {
        size_t rows = smaller(64, m - i);

        /* A run of used words is one product. */
        for (size_t word = 0; word < words;) {
            size_t end = word;
            trnnsf_status status;

            while (end < words && has_bits(mask, mask_stride, i, rows, end))
                end++;
            if (end == word) {
                word++;
                continue;
            }
            status = gemm(NULL, transpose_a, transpose_b, rows, smaller(end * 64, n) - word * 64, k,
                          alpha, a + i * a_step, lda, b + word * 64 * b_step, ldb, beta,
                          c + i * ldc + word * 64, ldc);
            if (status != TRNNSF_OK)
                return status;
            word = end;
        }
        for (size_t r = i; r < i + rows; r++)
            clear_unmasked(n, mask + r * mask_stride, c + r * ldc);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_reference_masked_gemm(void *self, uint32_t transpose_a, uint32_t transpose_b,
                                        size_t m, size_t n, size_t k, float alpha, const float *a,
                                        size_t lda, const float *b, size_t ldb, float beta,
                                        float *c, size_t ldc, const uint64_t *mask,
                                        size_t mask_stride)
{
    (void)self;
    return trn_masked_gemm_by_tiles(trn_reference_gemm, transpose_a, transpose_b, m, n, k, alpha, a,
                                    lda, b, ldb, beta, c, ldc, mask, mask_stride);
}
