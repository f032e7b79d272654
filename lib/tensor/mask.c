#include "tensor/mask.h"

#include <string.h>

#include "base/context.h"

trnnsf_status trn_mask_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                              struct trn_mask **out_mask)
{
    struct trn_mask *mask = TRN_NEW(ctx, struct trn_mask);
    trnnsf_status status = TRNNSF_OK;
    size_t words;

    TRN_NEED_OUT(mask);
    mask->n_rows = n_rows;
    mask->n_columns = n_columns;
    mask->stride = n_columns / 64 + (n_columns % 64 != 0);
    if (!trn_size_multiply(n_rows, mask->stride, &words)) {
        status = trn_fail(ctx, TRNNSF_E_NO_MEMORY, "a mask of %zu x %zu does not fit memory",
                          n_rows, n_columns);
        goto out;
    }
    mask->words = TRN_NEW_ARRAY(ctx, uint64_t, words);
    TRN_NEED_OUT(mask->words);
    *out_mask = mask;
    return TRNNSF_OK;
out:
    trn_mask_free(ctx, mask);
    return status;
}

static size_t word_count(const struct trn_mask *mask)
{
    return mask->n_rows * mask->stride;
}

trnnsf_status trn_mask_copy(trnnsf_context *ctx, const struct trn_mask *mask,
                            struct trn_mask **out_mask)
{
    struct trn_mask *copy = NULL;

    TRN_TRY(trn_mask_create(ctx, mask->n_rows, mask->n_columns, &copy));
    memcpy(copy->words, mask->words, word_count(mask) * sizeof *mask->words);
    *out_mask = copy;
    return TRNNSF_OK;
}

void trn_mask_free(trnnsf_context *ctx, struct trn_mask *mask)
{
    if (!mask)
        return;
    trn_free(ctx, mask->words);
    trn_free(ctx, mask);
}

void trn_mask_fill(struct trn_mask *mask, bool value)
{
    size_t rest = mask->n_columns % 64;

    memset(mask->words, value ? 0xFF : 0, word_count(mask) * sizeof *mask->words);
    if (!value || rest == 0)
        return;
    for (size_t i = 0; i < mask->n_rows; i++)
        mask->words[(i + 1) * mask->stride - 1] = (UINT64_C(1) << rest) - 1;
}

size_t trn_mask_count(const struct trn_mask *mask)
{
    size_t count = 0;

    for (size_t w = 0; w < word_count(mask); w++)
        count += trn_count_bits(mask->words[w]);
    return count;
}

size_t trn_mask_count_row(const struct trn_mask *mask, size_t row)
{
    size_t count = 0;

    for (size_t w = 0; w < mask->stride; w++)
        count += trn_count_bits(mask->words[row * mask->stride + w]);
    return count;
}

void trn_mask_count_columns(const struct trn_mask *mask, uint32_t *counts)
{
    for (size_t j = 0; j < mask->n_columns; j++)
        counts[j] = 0;
    for (size_t i = 0; i < mask->n_rows; i++) {
        for (size_t w = 0; w < mask->stride; w++) {
            uint64_t word = mask->words[i * mask->stride + w];

            for (size_t j = w * 64; word; j++, word >>= 1)
                counts[j] += (uint32_t)(word & 1);
        }
    }
}

void trn_mask_or(struct trn_mask *a, const struct trn_mask *b)
{
    for (size_t w = 0; w < word_count(a); w++)
        a->words[w] |= b->words[w];
}

void trn_mask_and(struct trn_mask *a, const struct trn_mask *b)
{
    for (size_t w = 0; w < word_count(a); w++)
        a->words[w] &= b->words[w];
}

void trn_mask_and_not(struct trn_mask *a, const struct trn_mask *b)
{
    for (size_t w = 0; w < word_count(a); w++)
        a->words[w] &= ~b->words[w];
}

void trn_mask_set_rectangle(struct trn_mask *mask, const uint32_t *rows, size_t n_rows,
                            const uint32_t *columns, size_t n_columns)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++)
            trn_mask_set(mask, rows[i], columns[j]);
    }
}

void trn_mask_apply(const struct trn_mask *mask, float *values, size_t ld)
{
    for (size_t i = 0; i < mask->n_rows; i++) {
        float *row = values + i * ld;

        for (size_t w = 0; w < mask->stride; w++) {
            uint64_t word = mask->words[i * mask->stride + w];
            size_t first = w * 64;
            size_t last = first + 64 < mask->n_columns ? first + 64 : mask->n_columns;

            if (word == UINT64_MAX)
                continue;
            for (size_t j = first; j < last; j++, word >>= 1)
                row[j] = word & 1 ? row[j] : 0.0f;
        }
    }
}
