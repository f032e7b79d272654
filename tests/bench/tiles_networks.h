/* Spiking networks of known shapes, as graphs: for the figures of doc/tiles.md. */
#ifndef BENCH_TILES_NETWORKS_H
#define BENCH_TILES_NETWORKS_H

#include <trnnsf/tile.h>

enum { STEPS = 32 };

struct named_network {
    const char *name;
    const char *text;
    trnnsf_spike_graph *(*make)(trnnsf_context *context);
};
extern const struct named_network networks[];
extern const size_t n_networks;

#endif
