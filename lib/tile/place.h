/* Tiles on a mesh. */
#ifndef TRN_TILE_PLACE_H
#define TRN_TILE_PLACE_H

#include "tile/tile_map.h"

struct trnnsf_tile_placement {
    trnnsf_context *ctx; /* held */
    size_t n_tiles;
    uint32_t *places; /* [n_tiles x 2] x, y */
    struct trnnsf_tile_traffic traffic;
};

trnnsf_status trn_tile_placement_create(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                        const struct trnnsf_tile_placement_options *options,
                                        struct trnnsf_tile_placement **out_placement);
void trn_tile_placement_free(struct trnnsf_tile_placement *placement);

/* The figures of `places`; router (0, 0) is where packets from outside enter. */
trnnsf_status trn_tile_traffic(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                               const struct trnnsf_tile_placement_options *options,
                               const uint32_t *places, struct trnnsf_tile_traffic *traffic);

#endif
