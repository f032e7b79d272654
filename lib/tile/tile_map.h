/* A finished map: who is where, rows, figures, traffic between tiles. */
#ifndef TRN_TILE_TILE_MAP_H
#define TRN_TILE_TILE_MAP_H

#include "tile/graph.h"

/* Packets of one tile for another; `from` is TRNNSF_NO_TILE for those from outside. */
struct trn_tile_flow {
    uint32_t from;
    uint32_t to;
    double packets;
};

struct trnnsf_tile_map {
    trnnsf_context *ctx; /* held */
    struct trnnsf_tile_map_options options;
    size_t n; /* of the graph */
    size_t n_tiles;
    uint32_t *place;       /* [n] */
    size_t *neuron_starts; /* [n_tiles + 1] */
    uint32_t *neurons;     /* ascending in each tile */
    size_t *row_starts;    /* [n_tiles + 1] */
    uint32_t *rows;        /* ascending in each tile */
    size_t n_flows;
    struct trn_tile_flow *flows; /* by from, then to; each pair once */
    struct trnnsf_tile_counts counts;
};

/* Of places that are known to fit; tiles are numbered by their lowest neuron. */
trnnsf_status trn_tile_map_finish(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                  const struct trnnsf_tile_map_options *options,
                                  const uint32_t *place, struct trnnsf_tile_map **out_map);
void trn_tile_map_free(struct trnnsf_tile_map *map);

trnnsf_status trn_tile_map_options_read(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_tile_map_options *options,
                                        struct trnnsf_tile_map_options *out);
trnnsf_status trn_tile_map_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                  const struct trnnsf_tile_map_options *options,
                                  struct trnnsf_tile_map **out_map);
/* What maps are compared by. */
struct trn_tile_score {
    uint64_t tiles;
    double packets; /* from outside and between tiles */
};
/* The score alone of the map that the options give; TRNNSF_E_LIMIT as for the map. The first two
 * rules give up above `most` tiles: such a score is of no use but for saying so. */
trnnsf_status trn_tile_map_score(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                 const struct trnnsf_tile_map_options *options, uint64_t most,
                                 struct trn_tile_score *out_score);
trnnsf_status trn_tile_map_check(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                 const struct trnnsf_spike_graph *graph);

#endif
