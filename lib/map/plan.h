/* Plans: which rows and columns of a layer's matrix each crossbar takes. Counts and mappings are
 * both made from plans, so they cannot disagree. */
#ifndef TRN_MAP_PLAN_H
#define TRN_MAP_PLAN_H

#include <trnnsf/mapping.h>

#include "cluster/clusters.h"
#include "tensor/mask.h"

struct trn_map_shape {
    size_t inputs;
    size_t outputs; /* after weight encoding: outputs, not physical columns */
    double cost;    /* of one crossbar, in any unit */
};

struct trn_plan_item {
    uint32_t shape; /* index into the plan's shapes */
    bool residue;
    size_t input_start, n_inputs; /* into plan->index, ascending */
    size_t output_start, n_outputs;
    uint64_t synapses; /* kept cells of its rectangle that no earlier item took */
    size_t bits_start; /* into plan->bits: which cells these are, trn_plan_words() an output */
};

struct trn_plan {
    trnnsf_context *ctx;
    const struct trn_mask *kept;
    struct trn_mask *remaining; /* kept cells that no item has taken yet */
    size_t n_shapes;            /* the first is the default, by which tiles are cut */
    const struct trn_map_shape *shapes;
    size_t count, room;
    struct trn_plan_item *items;
    size_t n_index, index_room;
    uint32_t *index;
    size_t n_bits, bits_room;
    uint64_t *bits;
    uint64_t *row; /* scratch: two rows of the matrix */
};

/* Words of bits that an output's n_inputs cells take. */
static inline size_t trn_plan_words(size_t n_inputs)
{
    return (n_inputs + 63) / 64;
}

enum {
    TRN_PLACE_TRIM = 1,    /* drop lines that hold no synapse of this item */
    TRN_PLACE_EMPTY = 2,   /* an item even without synapses */
    TRN_PLACE_RESIDUE = 4, /* mark it as residue */
    TRN_PLACE_DEFAULT = 8  /* always on the default shape */
};

/* Plans one layer by `rule`; `clusters` may be NULL. Rows of `kept` are outputs. `kept` and
 * `shapes` must outlive the plan. */
trnnsf_status trn_plan_create(trnnsf_context *ctx, uint32_t rule, const struct trn_mask *kept,
                              const struct trnnsf_clusters *clusters, size_t n_shapes,
                              const struct trn_map_shape *shapes, struct trn_plan **out_plan);
void trn_plan_free(struct trn_plan *plan);

/* Gives the remaining cells of inputs x outputs (ascending lists that fit some shape) to a new
 * item, which takes the shape that costs least of those that hold it. */
trnnsf_status trn_plan_place(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                             const uint32_t *inputs, size_t n_inputs, unsigned flags);

/* Room in *array for `more` elements behind the first `used` ones; *room is how many it has. On
 * failure all is as before. */
trnnsf_status trn_map_grow(trnnsf_context *ctx, void **array, size_t size, size_t used, size_t more,
                           size_t *room);

/* The shape that costs least of those that hold n_inputs x n_outputs; the first of equals. */
uint32_t trn_plan_shape(size_t n_shapes, const struct trn_map_shape *shapes, size_t n_inputs,
                        size_t n_outputs);

/* Tiles of the default shape over line lists, output block by output block; without TRN_PLACE_EMPTY
 * tiles that hold nothing are skipped. */
trnnsf_status trn_plan_tile(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                            const uint32_t *inputs, size_t n_inputs, unsigned flags);

/* How many tiles trn_plan_tile() would place for the cells of `mask`; only lines of the lists
 * count. */
trnnsf_status trn_plan_count_tiles(trnnsf_context *ctx, const struct trn_mask *mask,
                                   struct trn_map_shape shape, const uint32_t *outputs,
                                   size_t n_outputs, const uint32_t *inputs, size_t n_inputs,
                                   uint64_t *out_count);

/* The lines of `mask` that hold something: outputs[n_rows], inputs[n_columns]. */
void trn_plan_live(const struct trn_mask *mask, uint32_t *outputs, size_t *out_n_outputs,
                   uint32_t *inputs, size_t *out_n_inputs);

/* Items for all cells that remain (rule CLUSTERED): windows by greedy peeling or compacted tiles,
 * whichever are fewer. */
trnnsf_status trn_plan_residue(struct trn_plan *plan);

#endif
