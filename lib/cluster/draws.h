/* Random numbers for searches that need hundreds of millions: a stream's blocks made many at once.
 */
#ifndef TRN_CLUSTER_DRAWS_H
#define TRN_CLUSTER_DRAWS_H

#include "base/random.h"

enum { TRN_DRAW_BLOCKS = 128, TRN_DRAWS = 4 * TRN_DRAW_BLOCKS };

struct trn_draws {
    struct trn_random random;
    uint64_t item;  /* sub-stream */
    uint32_t first; /* block */
    size_t used;
    uint32_t value[TRN_DRAWS];
};

static inline void trn_draws_init(struct trn_draws *draws, uint64_t seed, uint32_t stream)
{
    trn_random_init(&draws->random, seed, TRN_RANDOM_SEARCH, stream);
    draws->item = 0;
    draws->first = 0;
    draws->used = TRN_DRAWS;
}

static inline uint32_t trn_draw(struct trn_draws *draws)
{
    if (draws->used == TRN_DRAWS) {
        trn_random_fill(&draws->random, draws->first, TRN_DRAW_BLOCKS, draws->value);
        draws->first += TRN_DRAW_BLOCKS;
        if (draws->first == 0)
            trn_random_seek(&draws->random, ++draws->item);
        draws->used = 0;
    }
    return draws->value[draws->used++];
}

/* 0 … bound - 1, each within bound / 2^32 of equally often: a search needs no more. */
static inline size_t trn_draw_below(struct trn_draws *draws, size_t bound)
{
    return (size_t)((uint64_t)trn_draw(draws) * bound >> 32);
}

/* Uniform in [0, 1), 32 bits. */
static inline double trn_draw_unit(struct trn_draws *draws)
{
    return (double)trn_draw(draws) * 0x1p-32;
}

#endif
