/* Sources in groups that all their readers are cut by. */
#ifndef TRN_TILE_GROUPS_H
#define TRN_TILE_GROUPS_H

#include "tile/graph.h"

/* Readers of at most `whole` sources are not cut, and none here. Groups of at most `size` sources
 * that share readers: one after the other, each grown from the lowest source left by the one that
 * adds fewest readers. groups [n]; TRNNSF_NO_TILE: no readers. */
trnnsf_status trn_tile_groups(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                              size_t size, size_t whole, uint32_t *groups);
/* Groups of at most `size` sources of one depth, by their spikes, the most first. */
trnnsf_status trn_tile_busy_groups(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   size_t size, size_t whole, uint32_t *groups);

#endif
