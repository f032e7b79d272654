/* Neurons that read nearly the same, joined two by two, level after level. */
#ifndef TRN_TILE_BLOCKS_H
#define TRN_TILE_BLOCKS_H

#include "tile/state.h"

enum { TRN_BLOCK_LEVELS = 6 }; /* blocks of up to 2^6 neurons: chosen here */

/* Block b of a level is members[starts[b] … starts[b + 1] - 1]: one or two blocks of the level
 * below, of the first level neurons, joined where they have most sources in common, by spikes. */
struct trn_tile_blocks {
    size_t n_levels;
    uint32_t *members; /* [n_placeable] */
    struct trn_block_level {
        size_t n_blocks;
        size_t *starts;     /* [n_blocks + 1] */
        uint32_t *block_of; /* [n] */
    } levels[TRN_BLOCK_LEVELS];
};

/* `blocks` is zero-filled; what it holds then is trn_tile_blocks_clear()'s. No level where hardly
 * any two neurons are alike. */
trnnsf_status trn_tile_blocks_create(struct trn_tile_state *state, struct trn_tile_blocks *blocks);
void trn_tile_blocks_clear(trnnsf_context *ctx, struct trn_tile_blocks *blocks);

#endif
