/* Neurons on tiles while they are being put there: who reads what where. */
#ifndef TRN_TILE_STATE_H
#define TRN_TILE_STATE_H

#include "tile/graph.h"

/* A neuron's spikes are a net over the tiles that read it: net_tile and net_count, from
 * reader_starts[s] on, name those tiles and how many readers each has. Tiles are numbered below
 * n_tiles; some may be empty. */
struct trn_tile_state {
    trnnsf_context *ctx; /* not held */
    const struct trnnsf_spike_graph *graph;
    uint32_t inputs; /* R */
    uint32_t outputs;
    size_t n_placeable; /* neurons and sums */
    uint8_t *takes_row; /* [n] as a source */
    uint32_t *need;     /* [n] rows that it reads */
    size_t *reader_starts;
    uint32_t *readers;
    uint32_t *net_tile;
    uint32_t *net_count;
    uint32_t *net_length; /* [n] */
    uint32_t *place;      /* [n] */
    size_t n_tiles;
    uint32_t *rows_used;    /* [n_placeable] of each tile */
    uint32_t *outputs_used; /* [n_placeable] */
    uint32_t *first;        /* [n_placeable] a tile's neurons, as a list; TRNNSF_NO_TILE ends it */
    uint32_t *next;         /* [n] */
    uint32_t *previous;     /* [n] */
    uint16_t *table;        /* [n x table_tiles] readers of each source on each tile; NULL: none */
    size_t table_tiles;
    /* What trn_tile_state_score() found. */
    double *saved;     /* [n_placeable] */
    uint32_t *shared;  /* [n_placeable] */
    uint32_t *touched; /* [n_placeable] tiles with a value */
    size_t n_touched;
    uint8_t *is_touched; /* [n_placeable] */
};

trnnsf_status trn_tile_state_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                    const struct trnnsf_tile_map_options *options,
                                    struct trn_tile_state **out_state);
void trn_tile_state_free(struct trn_tile_state *state);
/* All neurons off their tiles, no tiles. */
void trn_tile_state_clear(struct trn_tile_state *state);
/* As `place` [n] has it, empty tiles left out. */
void trn_tile_state_set(struct trn_tile_state *state, const uint32_t *place);
/* Makes a table beside the nets, by which trn_tile_state_saved() is faster, where it is small
 * enough and memory is there. Tiles are only added up to n_tiles of now while there is one. */
void trn_tile_state_index(struct trn_tile_state *state);
void trn_tile_state_drop_index(struct trn_tile_state *state);
/* Renumbers tiles so that none is empty. Without index from then on, as after all of the above. */
void trn_tile_state_compact(struct trn_tile_state *state);

/* A new tile's number is n_tiles. The neuron is on no tile. */
void trn_tile_state_add(struct trn_tile_state *state, uint32_t neuron, uint32_t tile);
void trn_tile_state_remove(struct trn_tile_state *state, uint32_t neuron);

/* For each tile that has something to do with a neuron: `saved`, spikes that need no packet of
 * their own with the neuron there, and `shared`, rows of its sources that others there read. Other
 * tiles save and share nothing. */
void trn_tile_state_score(struct trn_tile_state *state, uint32_t neuron);
/* The same for one tile. */
double trn_tile_state_saved(const struct trn_tile_state *state, uint32_t neuron, uint32_t tile,
                            uint32_t *out_shared);
/* Whether a tile has room for a neuron that is not on it and shares so many rows. */
static inline bool trn_tile_state_fits(const struct trn_tile_state *state, uint32_t neuron,
                                       uint32_t tile, uint32_t shared)
{
    return state->outputs_used[tile] < state->outputs &&
           state->rows_used[tile] + state->need[neuron] - shared <= state->inputs;
}

/* Packets from other tiles and from outside. */
double trn_tile_state_packets(const struct trn_tile_state *state);
size_t trn_tile_state_used(const struct trn_tile_state *state);

/* The two rules of SpiNeMap; gives up above `most` tiles. */
trnnsf_status trn_tile_first_fit(struct trn_tile_state *state, bool busiest_first, uint64_t most);

/* Tile by tile, each grown from a seed by the neuron that needs fewest new rows; at the end tiles
 * that fit into one are merged. `fill`: a tile that nothing adjoining fits gets another seed. */
trnnsf_status trn_tile_grow(struct trn_tile_state *state, bool fill);
/* Empties the smallest tiles into others until at most `limit` are left, if it can. */
trnnsf_status trn_tile_dissolve(struct trn_tile_state *state, size_t limit);

/* Moves and exchanges that save packets, pass after pass, until none does. */
trnnsf_status trn_tile_sweep(struct trn_tile_state *state, uint32_t passes);
/* The same, annealed: `proposals` moves and exchanges. Ends with the best state that it saw. */
trnnsf_status trn_tile_anneal(struct trn_tile_state *state, uint64_t proposals, uint64_t seed);

/* The same with blocks of neurons that read nearly the same sources, large ones first; packets do
 * not increase, nor tiles. */
trnnsf_status trn_tile_regroup(struct trn_tile_state *state, uint32_t passes, uint64_t seed);

/* The rules HYPERGRAPH and COMPACT. */
trnnsf_status trn_tile_hypergraph(struct trn_tile_state *state,
                                  const struct trnnsf_tile_map_options *options);

#endif
