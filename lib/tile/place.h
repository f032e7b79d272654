/* Tiles on a mesh. */
#ifndef TRN_TILE_PLACE_H
#define TRN_TILE_PLACE_H

#include "tile/tile_map.h"

struct trnnsf_tile_placement {
    trnnsf_context *ctx; /* held */
    size_t n_tiles;
    uint32_t *places; /* [n_tiles x 2] x, y */
    double *routers;  /* [height x width] packets through each */
    double *links;    /* [height x width x 4] packets to its neighbours: east, west, south, north */
    struct trnnsf_tile_traffic traffic;
};

trnnsf_status trn_tile_placement_create(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                        const struct trnnsf_tile_placement_options *options,
                                        struct trnnsf_tile_placement **out_placement);
void trn_tile_placement_free(struct trnnsf_tile_placement *placement);

/* Routers, links (zero-filled) and figures of its places; router (0, 0) is where packets from
 * outside enter. */
void trn_tile_traffic(const struct trnnsf_tile_map *map,
                      const struct trnnsf_tile_placement_options *options,
                      struct trnnsf_tile_placement *placement);

#endif
