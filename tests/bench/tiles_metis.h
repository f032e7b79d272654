/* METIS (gpmetis) as a mapper onto tiles. */
#ifndef BENCH_TILES_METIS_H
#define BENCH_TILES_METIS_H

#include <stdbool.h>
#include <trnnsf/tile.h>

struct tiles_partition {
    size_t tiles;
    double in, between; /* packets */
};

/* Neurons as vertices of weight 1, inputs of weight 0, synapses as edges that weigh their source's
 * spikes, into `tiles` parts. METIS knows no rows: in order, each neuron goes to its part's tile
 * where it fits, otherwise to the first tile with room. False: no gpmetis. */
bool tiles_metis(const trnnsf_spike_graph *graph, uint32_t inputs, uint32_t outputs, size_t tiles,
                 struct tiles_partition *result);

#endif
