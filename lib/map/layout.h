/* How one layer lies on crossbars: its sheets' plans, groups that share crossbars, and the patches
 * that a window consists of. */
#ifndef TRN_MAP_LAYOUT_H
#define TRN_MAP_LAYOUT_H

#include "map/sheet.h"
#include "map/window.h"

/* A crossbar's share of one sheet. */
struct trn_layout_part {
    size_t sheet;
    size_t item; /* of its plan */
};

/* What is laid out at each patch anew. */
struct trn_layout {
    trnnsf_context *ctx;
    uint32_t rule;
    size_t n_shapes;
    const struct trn_map_shape *shapes;
    struct trn_map_lines window; /* of the whole read */
    struct trn_map_lines patch;
    size_t n_sheets;
    struct trn_sheet *sheets;
    struct trn_plan **plans;
    /* Crossbar c of a patch has the parts start[c] … start[c + 1] - 1, of ascending sheets. */
    size_t count;
    size_t *start;
    struct trn_layout_part *part;
};

/* Plans `source` by `rule`; it and the shapes must outlive the layout. */
trnnsf_status trn_layout_create(trnnsf_context *ctx, const struct trn_map_source *source,
                                uint32_t rule, size_t n_shapes, const struct trn_map_shape *shapes,
                                struct trn_layout **out_layout);
void trn_layout_free(struct trn_layout *layout);

/* Where crossbars go. */
struct trn_map_builder {
    struct trnnsf_mapping *mapping; /* NULL: they are only counted */
    const struct trnnsf_tech *tech; /* of the mapping */
    size_t crossbar_room, index_room, weight_room;
    uint64_t count, residue, synapses; /* of all so far */
};

/* Adds the crossbars of all patches, of layer `layer`. Crossbars of patches that are alike share
 * their weights in the mapping. */
trnnsf_status trn_layout_build(const struct trn_layout *layout, size_t layer,
                               struct trn_map_builder *builder);

#endif
