#include "common.h"

static const size_t widths[] = {0, 1, 63, 64, 65, 128, 200};
enum { ROWS = 9, N_WIDTHS = sizeof widths / sizeof widths[0] };

static trnnsf_context *ctx;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static size_t counted(const struct trn_mask *mask, size_t first, size_t last)
{
    size_t count = 0;

    for (size_t i = first; i < last; i++) {
        for (size_t j = 0; j < mask->n_columns; j++)
            count += trn_mask_get(mask, i, j);
    }
    return count;
}

/* Counting words relies on it. */
static void expect_clean(const struct trn_mask *mask)
{
    size_t rest = mask->n_columns % 64;

    for (size_t i = 0; rest && i < mask->n_rows; i++)
        ck_assert_uint_eq(mask->words[(i + 1) * mask->stride - 1] >> rest, 0);
}

START_TEST(counts)
{
    size_t width = widths[_i];
    struct trn_mask *mask = random_mask(ctx, (uint32_t)_i, ROWS, width, 0.4);
    uint32_t columns[200];

    ck_assert_uint_eq(trn_mask_count(mask), counted(mask, 0, ROWS));
    for (size_t i = 0; i < ROWS; i++)
        ck_assert_uint_eq(trn_mask_count_row(mask, i), counted(mask, i, i + 1));
    trn_mask_count_columns(mask, columns);
    for (size_t j = 0; j < width; j++) {
        uint32_t count = 0;

        for (size_t i = 0; i < ROWS; i++)
            count += trn_mask_get(mask, i, j);
        ck_assert_uint_eq(columns[j], count);
    }
    trn_mask_fill(mask, true);
    expect_clean(mask);
    ck_assert_uint_eq(trn_mask_count(mask), ROWS * width);
    trn_mask_fill(mask, false);
    ck_assert_uint_eq(trn_mask_count(mask), 0);
    trn_mask_free(ctx, mask);
}
END_TEST

START_TEST(set_algebra)
{
    struct trn_mask *a = random_mask(ctx, 100, ROWS, widths[_i], 0.5);
    struct trn_mask *b = random_mask(ctx, 101, ROWS, widths[_i], 0.5);
    struct trn_mask *both, *either, *only;

    ck_assert_int_eq(trn_mask_copy(ctx, a, &both), TRNNSF_OK);
    ck_assert_int_eq(trn_mask_copy(ctx, a, &either), TRNNSF_OK);
    ck_assert_int_eq(trn_mask_copy(ctx, a, &only), TRNNSF_OK);
    trn_mask_and(both, b);
    trn_mask_or(either, b);
    trn_mask_and_not(only, b);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < widths[_i]; j++) {
            bool in_a = trn_mask_get(a, i, j), in_b = trn_mask_get(b, i, j);

            ck_assert_int_eq(trn_mask_get(both, i, j), in_a && in_b);
            ck_assert_int_eq(trn_mask_get(either, i, j), in_a || in_b);
            ck_assert_int_eq(trn_mask_get(only, i, j), in_a && !in_b);
        }
    }
    ck_assert_uint_eq(trn_mask_count(either) + trn_mask_count(both),
                      trn_mask_count(a) + trn_mask_count(b));
    expect_clean(either);
    trn_mask_free(ctx, only);
    trn_mask_free(ctx, either);
    trn_mask_free(ctx, both);
    trn_mask_free(ctx, b);
    trn_mask_free(ctx, a);
}
END_TEST

START_TEST(apply_and_rectangle)
{
    enum { WIDTH = 130, LD = 133 };
    const uint32_t rows[2] = {7, 2}, columns[3] = {129, 0, 64};
    float *values = random_floats(5, ROWS * LD), *old = random_floats(5, ROWS * LD);
    struct trn_mask *mask = random_mask(ctx, 5, ROWS, WIDTH, 0.3);

    trn_mask_set_rectangle(mask, rows, 2, columns, 3);
    for (int i = 0; i < 6; i++)
        ck_assert(trn_mask_get(mask, rows[i / 3], columns[i % 3]));
    for (size_t j = 0; j < 128; j++)
        trn_mask_set(mask, 4, j); /* whole words */
    trn_mask_clear(mask, 4, 77);
    trn_mask_apply(mask, values, LD);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < LD; j++) {
            bool kept = j >= WIDTH || trn_mask_get(mask, i, j);

            ck_assert_float_eq(values[i * LD + j], kept ? old[i * LD + j] : 0.0f);
        }
    }
    trn_mask_free(ctx, mask);
    free(old);
    free(values);
}
END_TEST

START_TEST(sizes_beyond_memory)
{
    struct trn_mask *mask = NULL;

    ck_assert_int_eq(trn_mask_create(ctx, SIZE_MAX / 2, SIZE_MAX / 2, &mask), TRNNSF_E_NO_MEMORY);
    ck_assert_int_eq(trn_mask_create(ctx, SIZE_MAX / 8, 64, &mask), TRNNSF_E_NO_MEMORY);
    ck_assert_ptr_null(mask);
    trn_mask_free(ctx, NULL);
}
END_TEST

TCase *mask_tests(void)
{
    TCase *tests = tcase_create("mask");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, counts, 0, N_WIDTHS);
    tcase_add_loop_test(tests, set_algebra, 0, N_WIDTHS);
    tcase_add_test(tests, apply_and_rectangle);
    tcase_add_test(tests, sizes_beyond_memory);
    return tests;
}
