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
    size_t whole;     /* neurons of at most so many synapses are not cut */
    uint32_t *groups; /* [n] of sources; TRNNSF_NO_TILE: all that read it are whole */
    uint32_t *place;  /* [n] of a group: its segment */
    size_t n_segments;
    struct trn_segment *segments; /* [fan-in] */
    size_t *synapses;             /* [fan-in] */
};

/* Groups of shared or of busy sources, as the options want them. `cut` is zero-filled; what it
 * holds then is trn_cut_clear()'s. */
trnnsf_status trn_cut_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                             const struct trnnsf_decompose_options *options, struct trn_cut *cut);
void trn_cut_clear(trnnsf_context *ctx, struct trn_cut *cut);
enum trn_segment_order {
    TRN_BY_DRIVE, /* the highest first */
    TRN_BY_COUNT, /* the largest last */
    TRN_BY_GROUP  /* the first group last */
};
/* Sets segments and synapses. */
void trn_cut_neuron(struct trn_cut *cut, size_t neuron, enum trn_segment_order order);

#endif
