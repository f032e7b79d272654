/* A neuron's synapses by the groups of their sources. */
#ifndef TRN_TILE_CUT_H
#define TRN_TILE_CUT_H

#include "tile/graph.h"

/* Synapses of one neuron from one group: cut->synapses[first … first + count - 1]. */
struct trn_segment {
    uint32_t group;
    size_t first, count;
    double drive; /* sum of weight x spikes */
};

struct trn_cut {
    const struct trnnsf_spike_graph *graph;
    uint32_t *groups; /* [n] of sources */
    uint32_t *place;  /* [n] of a group: its segment */
    size_t n_segments;
    struct trn_segment *segments; /* [fan-in] */
    size_t *synapses;             /* [fan-in] */
};

/* Groups of at most `size` sources. `cut` is zero-filled; what it holds then is trn_cut_clear()'s.
 */
trnnsf_status trn_cut_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                             size_t size, struct trn_cut *cut);
void trn_cut_clear(trnnsf_context *ctx, struct trn_cut *cut);
/* Sets segments and synapses: by drive, the highest first, or by count, the largest last. */
void trn_cut_neuron(struct trn_cut *cut, size_t neuron, bool by_drive);

#endif
