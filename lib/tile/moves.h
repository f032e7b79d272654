/* Moves of annealing, of single neurons and of blocks. */
#ifndef TRN_TILE_MOVES_H
#define TRN_TILE_MOVES_H

#include "base/random.h"
#include "tile/state.h"

/* Mean spikes of what a placed neuron reads: the scale of savings. */
double trn_tile_mean_spikes(const struct trn_tile_state *state);
/* The temperature of a proposal: from `hot` to a hundredth of it, geometrically. */
double trn_tile_cooled(double hot, uint64_t proposal, uint64_t proposals);
/* A tile that has something to do with a neuron: that of a source, of another reader of a source,
 * or of one of the neuron's own readers. */
uint32_t trn_tile_propose(const struct trn_tile_state *state, struct trn_random *random,
                          uint32_t neuron);
/* Some neuron of a tile that is not empty, of the first so many in its list. */
uint32_t trn_tile_partner(const struct trn_tile_state *state, struct trn_random *random,
                          uint32_t tile, uint32_t most);

#endif
