/* Mappings: the crossbars of all layers with their weights, in flat arrays. */
#ifndef TRN_MAP_MAPPING_H
#define TRN_MAP_MAPPING_H

#include <trnnsf/mapping.h>

#include "map/count.h"
#include "map/geometry.h"
#include "network/network.h"
#include "tech/tech.h"
#include "tensor/sparse.h"

/* Bits of a bare matrix's mask, 4 GiB: chosen here, so that a few bytes of a file ask for no more.
 */
#define TRN_MAP_CELLS_MAX (UINT64_C(1) << 35)

/* Crossbars stand layer by layer. A kept cell that several crossbars of a layer cover is on the
 * first. */
struct trn_crossbar {
    uint64_t layer;
    uint64_t shape_inputs;  /* of the MCA: rows */
    uint64_t shape_outputs; /* physical columns of one array */
    uint64_t n_inputs;
    uint64_t n_outputs;
    uint64_t synapses;
    uint64_t residue;    /* 0 or 1 */
    size_t input_start;  /* into index[], ascending */
    size_t output_start; /* into index[], ascending */
    size_t weight_start; /* into weights[], [n_outputs x n_inputs]; several may have the same */
};

struct trn_map_layer {
    uint64_t n_in; /* lines of the mapped matrix */
    uint64_t n_out;
    uint64_t first; /* crossbar */
    uint64_t n_crossbars;
    struct trn_map_counts counts; /* total, clustered, residue: of this mapping's rule */
    uint64_t full;                /* tiles of the whole mapped matrix, synapses or not */
    uint64_t synapses_dense;      /* where the layer keeps all */
    struct trn_map_geometry geometry;
};

struct trnnsf_mapping {
    trnnsf_context *ctx; /* held */
    uint32_t rule;
    uint32_t columns_per_output;
    size_t n_layers;
    struct trn_map_layer *layers;
    size_t n_crossbars;
    struct trn_crossbar *crossbars;
    size_t n_index;
    uint32_t *index;
    size_t n_weights;
    float *weights;
};

/* One layer to be mapped: mask and clusters are of its own matrix, whose values are dense, or those
 * of a sparse matrix. */
struct trn_map_source {
    struct trn_map_geometry geometry;
    const struct trn_mask *mask;            /* NULL: all cells; not of a sparse matrix */
    const struct trnnsf_clusters *clusters; /* or NULL */
    const float *dense;                     /* or NULL */
    const struct trnnsf_matrix *sparse;     /* where dense is NULL */
};

/* All arrays zero-filled; start fields and contents are the caller's to set. */
trnnsf_status trn_mapping_new(trnnsf_context *ctx, size_t n_layers, size_t n_crossbars,
                              size_t n_index, size_t n_weights,
                              struct trnnsf_mapping **out_mapping);
void trn_mapping_free(struct trnnsf_mapping *mapping);

/* `options` are complete and checked; the sources' windows are set by them. */
trnnsf_status trn_mapping_create(trnnsf_context *ctx, struct trn_map_source *sources,
                                 size_t n_layers, const struct trnnsf_tech *tech,
                                 const struct trnnsf_map_options *options,
                                 struct trnnsf_mapping **out_mapping);
/* The same for a network's layers. */
trnnsf_status trn_mapping_of_network(trnnsf_context *ctx, const struct trnnsf_network *network,
                                     const struct trnnsf_tech *tech,
                                     const struct trnnsf_map_options *options,
                                     struct trnnsf_mapping **out_mapping);

/* Of which lines are on which crossbars; never 0. */
uint64_t trn_mapping_fingerprint(const struct trnnsf_mapping *mapping);

/* What must hold of a mapping alone, for one that a file brought: TRNNSF_E_CHECK names the
 * crossbar. */
trnnsf_status trn_mapping_verify(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_mapping *mapping);
/* trn_mapping_verify(), and that it carries the network. */
trnnsf_status trn_mapping_check(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                const struct trnnsf_network *network);

/* TRNNSF_E_MISMATCH where the layers' sizes differ. */
trnnsf_status trn_mapping_fits(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_mapping *mapping,
                               const struct trnnsf_network *network);
trnnsf_status trn_mapping_forward(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                  const struct trnnsf_network *network, size_t n_samples,
                                  const float *inputs, float *outputs);

/* Counts of one layer, or of all for TRNNSF_ALL_LAYERS; struct_size is not touched. */
void trn_mapping_counts(const struct trnnsf_mapping *mapping, size_t layer,
                        struct trnnsf_crossbar_counts *counts);

#endif
