/* Products: against the plain formula, and the same bits for any number of threads. */
#include "common.h"
#include "tensor/blocks.h"
#include "tensor/gemm.h"
#include "tensor/rows.h"
#include "tensor/sparse.h"

static const char *const backends[] = {"reference",
#if TRN_HAVE_CBLAS
                                       "cblas"
#endif
};
enum { N_BACKENDS = sizeof backends / sizeof backends[0] };

/* Tiny, cut by rows, cut by columns, cut by both, empty. */
static const struct {
    size_t m, n, k;
} sizes[] = {{3, 4, 5},      {600, 30, 100}, {10, 700, 300}, {300, 250, 200},
             {520, 520, 70}, {1, 1000, 999}, {0, 5, 5},      {5, 5, 0}};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

static void naive(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, const float *a,
                  const float *b, float beta, float *c)
{
    double *row = calloc(n + 1, sizeof *row);

    ck_assert_ptr_nonnull(row);
    for (size_t i = 0; i < m; i++) {
        memset(row, 0, n * sizeof *row);
        for (size_t p = 0; p < k; p++) {
            double factor = ta ? a[p * m + i] : a[i * k + p];

            for (size_t j = 0; j < n; j++)
                row[j] += factor * (tb ? b[j * k + p] : b[p * n + j]);
        }
        for (size_t j = 0; j < n; j++)
            c[i * n + j] = (float)(alpha * row[j] + beta * c[i * n + j]);
    }
    free(row);
}

START_TEST(gemm_matches_the_formula)
{
    trnnsf_context *ctx = make_context(3, backends[_i % N_BACKENDS]);
    size_t m = sizes[_i / N_BACKENDS].m, n = sizes[_i / N_BACKENDS].n, k = sizes[_i / N_BACKENDS].k;
    float *a = random_floats(1, m * k), *b = random_floats(2, k * n);

    for (int transposes = 0; transposes < 4; transposes++) {
        bool ta = transposes & 1, tb = transposes & 2;
        float *c = random_floats(3, m * n), *expected = random_floats(3, m * n);

        ck_assert_int_eq(
            trn_gemm(ctx, ta, tb, m, n, k, 0.5f, a, ta ? m : k, b, tb ? k : n, 2.0f, c, n),
            TRNNSF_OK);
        naive(ta, tb, m, n, k, 0.5f, a, b, 2.0f, expected);
        expect_close(c, expected, m * n, 2e-4f);

        struct trn_mask *mask = random_mask(ctx, 4, m, n, transposes / 3.0);
        ck_assert_int_eq(trn_masked_gemm(ctx, ta, tb, m, n, k, 0.5f, a, ta ? m : k, b, tb ? k : n,
                                         0.0f, c, n, mask),
                         TRNNSF_OK);
        memset(expected, 0, m * n * sizeof *expected);
        naive(ta, tb, m, n, k, 0.5f, a, b, 0.0f, expected);
        trn_mask_apply(mask, expected, n);
        expect_close(c, expected, m * n, 2e-4f);
        trn_mask_free(ctx, mask);
        free(expected);
        free(c);
    }
    free(b);
    free(a);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(transposes)
{
    static const size_t sides[][2] = {{1, 1}, {33, 65}, {200, 7}, {64, 300}, {0, 4}, {4, 0}};
    trnnsf_context *ctx = make_context(3, "reference");

    for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
        size_t rows = sides[s][0], columns = sides[s][1];
        float *in = random_floats(1, rows * (columns + 3));
        float *out = random_floats(2, columns * (rows + 2));

        trn_transpose(ctx, rows, columns, in, columns + 3, out, rows + 2);
        for (size_t i = 0; i < rows; i++) {
            for (size_t j = 0; j < columns; j++) {
                if (out[j * (rows + 2) + i] != in[i * (columns + 3) + j])
                    ck_abort_msg("%zu x %zu: element %zu, %zu", rows, columns, i, j);
            }
        }
        free(out);
        free(in);
    }
    trnnsf_context_free(ctx);
}
END_TEST

enum { ROWS = 420, COLUMNS = 330, N = 410, BLOCKS = 24, SIDE = 40 };

struct results {
    float dense[ROWS * N];
    float masked[ROWS * COLUMNS];
    float forward[ROWS * N];
    float backward[COLUMNS * N];
    float block_gradient[BLOCKS * SIDE * SIDE];
    float sparse[ROWS * N];
    float sparse_gradient[ROWS * COLUMNS];
    uint32_t nearest[ROWS];
    double distance[ROWS];
};

static struct trn_blocks *random_blocks(trnnsf_context *ctx)
{
    size_t start[BLOCKS + 1];
    uint32_t row[BLOCKS * SIDE], column[BLOCKS * SIDE], order[ROWS];
    struct trn_random random;
    struct trn_blocks *blocks;

    trn_random_init(&random, 3, TRN_RANDOM_TEST, 0);
    for (uint32_t b = 0; b <= BLOCKS; b++)
        start[b] = b * SIDE;
    for (size_t b = 0; b < BLOCKS; b++) {
        for (uint32_t i = 0; i < ROWS; i++)
            order[i] = i;
        trn_random_shuffle(&random, order, ROWS);
        memcpy(row + start[b], order, SIDE * sizeof *row);
        for (uint32_t i = 0; i < COLUMNS; i++)
            order[i] = i;
        trn_random_shuffle(&random, order, COLUMNS);
        memcpy(column + start[b], order, SIDE * sizeof *column);
    }
    ck_assert_int_eq(
        trn_blocks_create(ctx, ROWS, COLUMNS, BLOCKS, start, row, start, column, &blocks),
        TRNNSF_OK);
    return blocks;
}

static void compute(const char *backend, uint32_t threads, struct results *r)
{
    trnnsf_context *ctx = make_context(threads, backend);
    float *w = random_floats(1, ROWS * COLUMNS), *x = random_floats(2, COLUMNS * N);
    float *y = random_floats(3, ROWS * N), *values = random_floats(4, BLOCKS * SIDE * SIDE);
    struct trn_blocks *blocks = random_blocks(ctx);
    struct trn_mask *mask = random_mask(ctx, 5, ROWS, COLUMNS, 0.05);
    float *scratch = calloc(trn_blocks_scratch(ctx, blocks, N), sizeof *scratch);
    double *points = calloc(ROWS * 20, sizeof *points);
    struct trnnsf_matrix *sparse;

    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < ROWS * 20; i++)
        points[i] = w[i];
    ck_assert_int_eq(trn_sparse_from_mask(ctx, mask, w, COLUMNS, &sparse), 0);
    ck_assert_int_eq(trn_gemm(ctx, 0, 0, ROWS, N, COLUMNS, 1, w, COLUMNS, x, N, 0, r->dense, N), 0);
    ck_assert_int_eq(
        trn_masked_gemm(ctx, 0, 1, ROWS, COLUMNS, N, 1, y, N, x, N, 0, r->masked, COLUMNS, mask),
        0);
    ck_assert_int_eq(
        trn_blocks_multiply(ctx, blocks, values, N, x, N, NULL, r->forward, N, scratch), 0);
    ck_assert_int_eq(
        trn_blocks_multiply_transposed(ctx, blocks, values, N, y, N, NULL, r->backward, N, scratch),
        0);
    ck_assert_int_eq(trn_blocks_gradient(ctx, blocks, 1, N, y, N, x, N, r->block_gradient, scratch),
                     0);
    ck_assert_int_eq(trn_sparse_multiply(ctx, sparse, sparse->value, N, x, N, 0, r->sparse, N), 0);
    ck_assert_int_eq(trn_sparse_gradient(ctx, sparse, 1, N, y, N, x, N, r->sparse_gradient), 0);
    ck_assert_int_eq(trn_kmeans_assign(ctx, ROWS, 9, 20, points, 20, points + 100 * 20, 20,
                                       r->nearest, r->distance),
                     0);
    trnnsf_matrix_free(sparse);
    free(points);
    free(scratch);
    trn_mask_free(ctx, mask);
    trn_blocks_free(ctx, blocks);
    free(values);
    free(y);
    free(x);
    free(w);
    trnnsf_context_free(ctx);
}

START_TEST(same_bits_for_any_threads)
{
    static struct results one, other;

    compute(backends[_i], 1, &one);
    for (uint32_t threads = 2; threads <= 3; threads++) {
        compute(backends[_i], threads, &other);
        ck_assert_mem_eq(&one, &other, sizeof one);
    }
    /* And once more: nothing in the pool is left to chance. */
    compute(backends[_i], 2, &other);
    ck_assert_mem_eq(&one, &other, sizeof one);
}
END_TEST

static trnnsf_status failing_rows(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                  const float *in, size_t ld_in, float *out, size_t ld_out)
{
    (void)self, (void)n_rows, (void)n, (void)index, (void)in, (void)ld_in, (void)out, (void)ld_out;
    return TRNNSF_E_NUMERIC;
}

START_TEST(failures_of_kernels_come_through)
{
    struct trnnsf_backend_ops ops = {.struct_size = sizeof ops,
                                     .api_version = TRNNSF_BACKEND_API_VERSION,
                                     .name = "failing",
                                     .gather_rows = failing_rows,
                                     .gather_columns = failing_rows};
    trnnsf_context *ctx = make_context(2, "reference");
    const uint32_t index[2] = {1, 0};
    const float in[2] = {1, 2};
    float out[2] = {0, 0};

    ck_assert_int_eq(trn_gather_rows(ctx, 2, 1, index, in, 1, out, 1), TRNNSF_OK);
    ck_assert_float_eq(out[0], 2);
    ck_assert_int_eq(trn_scatter_add_rows(ctx, 2, 1, index, in, 1, out, 1), TRNNSF_OK);
    ck_assert_float_eq(out[0], 4);
    ck_assert_int_eq(trn_gather_columns(ctx, 1, 2, index, in, 2, out, 2), TRNNSF_OK);
    ck_assert_float_eq(out[1], 1);
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(ctx, "failing"), TRNNSF_OK);
    ck_assert_int_eq(trn_gather_rows(ctx, 2, 1, index, in, 1, out, 1), TRNNSF_E_NUMERIC);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "backend failing: kernel gather_rows"));
    trnnsf_context_free(ctx);
}
END_TEST

TCase *gemm_tests(void)
{
    TCase *tests = tcase_create("gemm");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gemm_matches_the_formula, 0, N_SIZES * N_BACKENDS);
    tcase_add_test(tests, transposes);
    tcase_add_loop_test(tests, same_bits_for_any_threads, 0, N_BACKENDS);
    tcase_add_test(tests, failures_of_kernels_come_through);
    return tests;
}
