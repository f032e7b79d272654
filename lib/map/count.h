/* Crossbar counts of one layer, by the plans that mappings are made from. */
#ifndef TRN_MAP_COUNT_H
#define TRN_MAP_COUNT_H

#include "map/geometry.h"
#include "map/plan.h"

struct trn_map_counts {
    uint64_t dense;       /* every tile of the matrix */
    uint64_t pruned;      /* compacted tiles that hold something */
    uint64_t clustered;   /* crossbars of clusters */
    uint64_t residue;     /* crossbars of the residue */
    uint64_t total;       /* clustered + residue */
    uint64_t lower_bound; /* no mapping of the kept synapses has fewer */
    uint64_t synapses;
    uint64_t inputs_used; /* lines with at least one kept synapse */
    uint64_t outputs_used;
};

/* Counts for MCAs of inputs x outputs (outputs after weight encoding) by rule CLUSTERED. Rows of
 * `mask` are outputs; `clusters` may be NULL: then all is residue. */
trnnsf_status trn_map_count(trnnsf_context *ctx, const struct trn_mask *mask,
                            const struct trnnsf_clusters *clusters, size_t inputs, size_t outputs,
                            struct trn_map_counts *out_counts);

/* What does not depend on the rule: all but clustered, residue and total. The first of the shapes
 * (TRN_TECH_SHAPES_MAX at most) is the default one. */
trnnsf_status trn_map_count_matrix(trnnsf_context *ctx, const struct trn_mask *mask,
                                   size_t n_shapes, const struct trn_map_shape *shapes,
                                   struct trn_map_counts *out_counts);

/* Of a mapped matrix, whose layer's own matrix keeps what `mask` has (NULL: all): lower_bound,
 * synapses, inputs_used, outputs_used. */
trnnsf_status trn_map_count_lines(trnnsf_context *ctx, const struct trn_mask *mask,
                                  const struct trn_map_lines *lines, size_t n_shapes,
                                  const struct trn_map_shape *shapes,
                                  struct trn_map_counts *out_counts);

/* Crossbars of any shapes that so many synapses of each output and each input need. */
trnnsf_status trn_map_bound(trnnsf_context *ctx, size_t n_shapes,
                            const struct trn_map_shape *shapes, const uint32_t *fan_in,
                            size_t n_out, const uint32_t *fan_out, size_t n_in,
                            uint64_t *out_bound);

/* clustered, residue and total from a plan. */
void trn_map_count_plan(const struct trn_plan *plan, struct trn_map_counts *counts);

#endif
