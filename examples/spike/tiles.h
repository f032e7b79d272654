/* The spiking network on tiles of bounded fan-in, placed on a mesh. */
#ifndef SPIKE_TILES_H
#define SPIKE_TILES_H

#include "../common/program.h"

enum tiles_key {
    OPTION_TILES = 448, /* below OPTION_OWN */
    OPTION_DECOMPOSE,
    OPTION_CUT,
    OPTION_FORM,
    OPTION_UNITS,
    OPTION_MAPPER,
    OPTION_MESH
};
#define OPTIONS_OF_TILES                                                                           \
    {NULL, NULL, 0, "Tiles of bounded fan-in, beside the crossbars:"},                             \
        {"tiles", "RxC|dynap-se|resparc", OPTION_TILES,                                            \
         "R rows and C neurons a tile; the preset dynap-se is 128x128,\nresparc 64x64"},           \
        {"decompose", "auto|F|off", OPTION_DECOMPOSE,                                              \
         "units of at most F synapses; auto: the F with the fewest tiles;\noff: synapses past R "  \
         "are dropped; default auto"},                                                             \
        {"cut", "shared|own|busy", OPTION_CUT,                                                          \
         "where F cuts: at the same sources for all neurons, or each\nneuron for itself; default " \
         "shared"},                                                                                \
        {"form", "tree|chain", OPTION_FORM, "how units are joined; default tree"},                 \
        {"units", "sums|spiking", OPTION_UNITS,                                                    \
         "pass on digital partial sums, exactly, or spikes; default sums"},                        \
        {"mapper", "first-fit|min-communication|hypergraph|compact", OPTION_MAPPER,                \
         "default compact: fewest tiles, then fewest packets"},                                    \
    {                                                                                              \
        "mesh", "WxH", OPTION_MESH, "of routers; default: the least near-square"                   \
    }

struct tiles {
    const char *given; /* what --tiles says; NULL: no tiles are wanted */
    bool drops;        /* --decompose off */
    bool is_fixed;     /* --decompose F */
    struct trnnsf_decompose_options decompose;
    struct trnnsf_tile_map_options options;
    struct trnnsf_tile_placement_options mesh;
    /* What came of it. */
    trnnsf_spike_graph *graph;
    trnnsf_tile_map *map;
    trnnsf_tile_placement *placement;
    double dropped;  /* share of the synapses */
    double accuracy; /* on the tiles */
    struct trnnsf_tile_counts counts;
    struct trnnsf_tile_traffic traffic;
};

struct tiles tiles_init(void);
void tiles_free(struct tiles *tiles);
/* Takes one of the options above: EXIT_GO_ON, EXIT_USAGE, or OPTION_NONE where the key is
 * another's.
 */
int tiles_option(const struct usage *usage, struct tiles *tiles, int key, const char *value);

/* The record is one of `spiking` with these options. */
trnnsf_status tiles_run(struct tiles *tiles, trnnsf_context *context, const trnnsf_spiking *spiking,
                        const trnnsf_spike_record *record, const trnnsf_dataset *dataset,
                        const struct trnnsf_spike_run_options *run);
void tiles_print(const struct tiles *tiles);
void tiles_write(FILE *stream, const struct tiles *tiles);
/* Packets through routers and over the links between them. */
trnnsf_status tiles_draw(const struct tiles *tiles, trnnsf_context *context, trnnsf_plot *plot);

#endif
