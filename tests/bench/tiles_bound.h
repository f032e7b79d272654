/* A lower bound of packets between tiles. */
#ifndef BENCH_TILES_BOUND_H
#define BENCH_TILES_BOUND_H

#include <trnnsf/tile.h>

/* Packets from outside and between tiles of inputs x outputs that no map of the graph can save: a
 * source's readers are on at least as many tiles as any of them exclude each other (two that read
 * more rows than a tile has), and as they fill by their number; one of these tiles may be the
 * source's own where it can share a tile with some reader. Sums take no rows. */
double tiles_bound(const trnnsf_spike_graph *graph, uint32_t inputs, uint32_t outputs);

#endif
