#include "common.h"
#include "tensor/blocks.h"

/* Four blocks in a 40 x 50 matrix: two that overlap, one of a single cell, one without columns. */
enum { ROWS = 40, COLUMNS = 50, COUNT = 4, N = 301 };
static const size_t row_start[COUNT + 1] = {0, 3, 6, 7, 9};
static const uint32_t row[9] = {5, 0, 39, 5, 6, 7, 20, 1, 2};
static const size_t column_start[COUNT + 1] = {0, 4, 6, 7, 7};
static const uint32_t column[7] = {49, 3, 0, 7, 3, 4, 20};

static trnnsf_context *ctx;
static struct trn_blocks *blocks;

static void make_blocks(const char *backend, uint32_t threads)
{
    ctx = make_context(threads, backend);
    ck_assert_int_eq(
        trn_blocks_create(ctx, ROWS, COLUMNS, COUNT, row_start, row, column_start, column, &blocks),
        TRNNSF_OK);
}

static void setup(void)
{
    make_blocks("reference", 2);
}

static void teardown(void)
{
    trn_blocks_free(ctx, blocks);
    trnnsf_context_free(ctx);
}

/* The blocks' sum as a dense matrix, cell by cell. */
static float *dense_sum(const float *values)
{
    float *dense = calloc(ROWS * COLUMNS, sizeof *dense);

    ck_assert_ptr_nonnull(dense);
    for (size_t b = 0; b < COUNT; b++) {
        for (size_t r = row_start[b]; r < row_start[b + 1]; r++) {
            for (size_t c = column_start[b]; c < column_start[b + 1]; c++)
                dense[row[r] * COLUMNS + column[c]] += *values++;
        }
    }
    return dense;
}

START_TEST(sizes_and_cover)
{
    struct trn_mask *mask;
    struct trn_blocks *copy;

    ck_assert_uint_eq(blocks->value_start[COUNT], 3 * 4 + 3 * 2 + 1);
    ck_assert_int_eq(trn_mask_create(ctx, ROWS, COLUMNS, &mask), TRNNSF_OK);
    trn_mask_set(mask, 30, 30);
    ck_assert_int_eq(trn_blocks_copy(ctx, blocks, &copy), TRNNSF_OK);
    trn_blocks_cover(copy, mask);
    /* (5, 3) is in two blocks. */
    ck_assert_uint_eq(trn_mask_count(mask), 3 * 4 + 3 * 2 + 1 - 1 + 1);
    trn_blocks_free(ctx, copy);
    trn_mask_free(ctx, mask);
    trn_blocks_free(ctx, NULL);
}
END_TEST

START_TEST(pack_and_unpack)
{
    float *dense = random_floats(1, ROWS * COLUMNS), *old = random_floats(1, ROWS * COLUMNS);
    float values[19], again[19];
    struct trn_mask *mask;

    ck_assert_int_eq(trn_mask_create(ctx, ROWS, COLUMNS, &mask), TRNNSF_OK);
    trn_blocks_cover(blocks, mask);
    trn_blocks_pack(blocks, dense, values);
    ck_assert_float_eq(values[0], dense[5 * COLUMNS + 49]);
    ck_assert_float_eq(values[18], dense[20 * COLUMNS + 20]);
    trn_blocks_unpack(blocks, values, dense);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            float times = i == 5 && j == 3 ? 2.0f : 1.0f;

            ck_assert_float_eq(dense[i * COLUMNS + j], times * old[i * COLUMNS + j]);
        }
    }
    trn_blocks_pack(blocks, dense, again);
    ck_assert_float_eq(again[0], values[0]);
    trn_mask_free(ctx, mask);
    free(old);
    free(dense);
}
END_TEST

static void naive_multiply(const float *dense, bool transpose, const float *from, float *to)
{
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            for (size_t p = 0; p < N; p++) {
                if (transpose)
                    to[j * N + p] += dense[i * COLUMNS + j] * from[i * N + p];
                else
                    to[i * N + p] += dense[i * COLUMNS + j] * from[j * N + p];
            }
        }
    }
}

START_TEST(products_match_dense_ones)
{
    float *values = random_floats(1, 19), *dense = dense_sum(values), gradient[19];
    float *x = random_floats(2, COLUMNS * N), *y = random_floats(3, ROWS * N);
    float *to_x = random_floats(2, COLUMNS * N), *to_y = random_floats(3, ROWS * N);
    float *scratch = calloc(trn_blocks_scratch(ctx, blocks, N), sizeof *scratch);
    size_t v = 0;

    ck_assert_int_eq(trn_blocks_gradient(ctx, blocks, 0.25f, N, y, N, x, N, gradient, scratch),
                     TRNNSF_OK);
    for (size_t b = 0; b < COUNT; b++) {
        for (size_t r = row_start[b]; r < row_start[b + 1]; r++) {
            for (size_t c = column_start[b]; c < column_start[b + 1]; c++) {
                double sum = 0;

                for (size_t p = 0; p < N; p++)
                    sum += (double)y[row[r] * N + p] * x[column[c] * N + p];
                ck_assert_double_eq_tol(gradient[v++], 0.25 * sum, 1e-4);
            }
        }
    }
    ck_assert_int_eq(trn_blocks_multiply(ctx, blocks, values, N, x, N, NULL, to_y, N, scratch),
                     TRNNSF_OK);
    ck_assert_int_eq(
        trn_blocks_multiply_transposed(ctx, blocks, values, N, y, N, NULL, to_x, N, scratch),
        TRNNSF_OK);
    naive_multiply(dense, true, y, x);
    expect_close(to_x, x, COLUMNS * N, 1e-4f);
    free(x);
    x = random_floats(2, COLUMNS * N);
    naive_multiply(dense, false, x, y);
    expect_close(to_y, y, ROWS * N, 1e-4f);
    free(scratch);
    free(to_y);
    free(to_x);
    free(y);
    free(x);
    free(dense);
    free(values);
}
END_TEST

/* Rows with a flag begin at 0, others with what is there. */
START_TEST(fresh_rows)
{
    float *values = random_floats(1, 19), *x = random_floats(2, COLUMNS * N);
    float *fresh_y = random_floats(3, ROWS * N), *y = random_floats(3, ROWS * N);
    float *scratch = calloc(trn_blocks_scratch(ctx, blocks, N), sizeof *scratch);
    uint8_t added[ROWS] = {0}, wanted[ROWS] = {0};

    for (size_t i = 0; i < ROWS; i++) {
        added[i] = i % 3 == 0;
        wanted[i] = i % 5 == 0;
        if (added[i] || wanted[i])
            memset(y + i * N, 0, N * sizeof *y);
    }
    for (int all = 0; all < 2; all++) {
        const struct trn_fresh_rows fresh = {all ? NULL : added, wanted};

        if (all)
            memset(y, 0, ROWS * N * sizeof *y);
        ck_assert_int_eq(trn_blocks_multiply(ctx, blocks, values, N, x, N, NULL, y, N, scratch),
                         TRNNSF_OK);
        ck_assert_int_eq(
            trn_blocks_multiply(ctx, blocks, values, N, x, N, &fresh, fresh_y, N, scratch),
            TRNNSF_OK);
        ck_assert_mem_eq(fresh_y, y, ROWS * N * sizeof *y);
    }
    free(scratch);
    free(fresh_y);
    free(y);
    free(x);
    free(values);
}
END_TEST

START_TEST(no_blocks)
{
    const size_t zero[1] = {0};
    struct trn_blocks *none;
    float y[ROWS] = {1}, x[COLUMNS] = {0}, scratch[1];

    ck_assert_int_eq(trn_blocks_create(ctx, ROWS, COLUMNS, 0, zero, NULL, zero, NULL, &none),
                     TRNNSF_OK);
    ck_assert_uint_eq(trn_blocks_scratch(ctx, none, 1), 0);
    ck_assert_int_eq(trn_blocks_multiply(ctx, none, NULL, 1, x, 1, NULL, y, 1, scratch), TRNNSF_OK);
    ck_assert_int_eq(trn_blocks_gradient(ctx, none, 1, 1, y, 1, x, 1, NULL, scratch), TRNNSF_OK);
    ck_assert_float_eq(y[0], 1);
    trn_blocks_free(ctx, none);
}
END_TEST

START_TEST(bad_lists)
{
    const size_t late[2] = {1, 2}, back[3] = {0, 2, 1}, two[2] = {0, 2}, two_twice[3] = {0, 2, 2},
                 many[2] = {0, ROWS + 1};
    const uint32_t outside[2] = {0, ROWS}, fine[2] = {0, 1};
    struct trn_blocks *out = NULL;

    ck_assert_int_eq(trn_blocks_create(ctx, ROWS, COLUMNS, 1, late, fine, two, fine, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trn_blocks_create(ctx, ROWS, COLUMNS, 2, back, fine, two_twice, fine, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trn_blocks_create(ctx, ROWS, COLUMNS, 1, two, outside, two, fine, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trn_blocks_create(ctx, ROWS, COLUMNS, 1, many, fine, two, fine, &out),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(trn_blocks_scratch(ctx, blocks, SIZE_MAX / 2), SIZE_MAX);
}
END_TEST

TCase *blocks_tests(void)
{
    TCase *tests = tcase_create("blocks");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, sizes_and_cover);
    tcase_add_test(tests, pack_and_unpack);
    tcase_add_test(tests, products_match_dense_ones);
    tcase_add_test(tests, fresh_rows);
    tcase_add_test(tests, no_blocks);
    tcase_add_test(tests, bad_lists);
    return tests;
}
