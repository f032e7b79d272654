/* The set bits of mask words. */
#ifndef TRN_MAP_BITS_H
#define TRN_MAP_BITS_H

#include "tensor/mask.h"

/* Index of the lowest set bit; `word` is not 0. */
static inline unsigned trn_lowest_bit(uint64_t word)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(word);
#else
    unsigned index = 0;

    while (!(word >> index & 1))
        index++;
    return index;
#endif
}

/* The set columns of one mask row, ascending: for (trn_bits_start(…); trn_bits_next(…);) */
struct trn_bits {
    const uint64_t *words;
    size_t stride, at;
    uint64_t word;
    size_t column; /* set by trn_bits_next() */
};

static inline void trn_bits_start(struct trn_bits *bits, const struct trn_mask *mask, size_t row)
{
    bits->words = mask->words + row * mask->stride;
    bits->stride = mask->stride;
    bits->at = 0;
    bits->word = bits->stride > 0 ? bits->words[0] : 0;
}

static inline bool trn_bits_next(struct trn_bits *bits)
{
    while (bits->word == 0) {
        if (++bits->at >= bits->stride)
            return false;
        bits->word = bits->words[bits->at];
    }
    bits->column = bits->at * 64 + trn_lowest_bit(bits->word);
    bits->word &= bits->word - 1;
    return true;
}

#endif
