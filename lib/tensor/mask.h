/* Bit masks over matrices: bit j of row i is bit j % 64 of words[i * stride + j / 64]; the bits
 * past the last column are 0. */
#ifndef TRN_TENSOR_MASK_H
#define TRN_TENSOR_MASK_H

#include <stdbool.h>
#include <trnnsf/context.h>

struct trn_mask {
    size_t n_rows;
    size_t n_columns;
    size_t stride; /* words a row */
    uint64_t *words;
};

/* All bits 0. */
trnnsf_status trn_mask_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                              struct trn_mask **out_mask);
trnnsf_status trn_mask_copy(trnnsf_context *ctx, const struct trn_mask *mask,
                            struct trn_mask **out_mask);
void trn_mask_free(trnnsf_context *ctx, struct trn_mask *mask);
void trn_mask_fill(struct trn_mask *mask, bool value);
size_t trn_mask_count(const struct trn_mask *mask);
size_t trn_mask_count_row(const struct trn_mask *mask, size_t row);
/* counts[n_columns] */
void trn_mask_count_columns(const struct trn_mask *mask, uint32_t *counts);
/* a |= b, a &= b, a &= ~b; same shape. */
void trn_mask_or(struct trn_mask *a, const struct trn_mask *b);
void trn_mask_and(struct trn_mask *a, const struct trn_mask *b);
void trn_mask_and_not(struct trn_mask *a, const struct trn_mask *b);
/* Sets the cells rows x columns. */
void trn_mask_set_rectangle(struct trn_mask *mask, const uint32_t *rows, size_t n_rows,
                            const uint32_t *columns, size_t n_columns);
/* values[n_rows x n_columns, ld] become 0 where the bit is 0. */
void trn_mask_apply(const struct trn_mask *mask, float *values, size_t ld);

/* Bits of a word, by sums of neighbouring fields that double in width. */
static inline size_t trn_count_bits(uint64_t word)
{
#if defined(__GNUC__)
    return (size_t)__builtin_popcountll(word);
#else
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (size_t)(word * UINT64_C(0x0101010101010101) >> 56);
#endif
}

static inline bool trn_mask_get(const struct trn_mask *mask, size_t row, size_t column)
{
    return mask->words[row * mask->stride + column / 64] >> (column % 64) & 1;
}

static inline void trn_mask_set(struct trn_mask *mask, size_t row, size_t column)
{
    mask->words[row * mask->stride + column / 64] |= UINT64_C(1) << (column % 64);
}

static inline void trn_mask_clear(struct trn_mask *mask, size_t row, size_t column)
{
    mask->words[row * mask->stride + column / 64] &= ~(UINT64_C(1) << (column % 64));
}

#endif
