/** \file mapping.h
 * Crossbar mappings: which synapse sits on which crossbar. Immutable.
 */
#ifndef TRNNSF_MAPPING_H
#define TRNNSF_MAPPING_H

#include <trnnsf/network.h>
#include <trnnsf/tech.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_mapping trnnsf_mapping;

enum trnnsf_map_rule {
    TRNNSF_MAP_DENSE = 0,    /**< every tile of the matrix in natural order */
    TRNNSF_MAP_PRUNED = 1,   /**< zero rows and columns removed, tiled, empty tiles skipped */
    TRNNSF_MAP_CLUSTERED = 2, /**< each cluster a crossbar; residue permuted, compacted, windowed */
    TRNNSF_MAP_PUBLISHED = 3, /**< the released code's count: ceil x ceil a cluster, residue windows at
                                   the position of their first synapse, no permutation */
    TRNNSF_MAP_TILES = 4     /**< natural order, no compaction, empty tiles skipped (sparse matrices) */
};

struct trnnsf_map_options {
    size_t struct_size;
    uint32_t rule;     /**< default CLUSTERED */
    uint32_t reserved;
};
#define TRNNSF_MAP_OPTIONS_INIT {sizeof(struct trnnsf_map_options), 2, 0}
TRNNSF_API void trnnsf_map_options_init(struct trnnsf_map_options *options);

/** Maps all kept synapses of a network. The weights are copied. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_create(trnnsf_context *context,
                                               const trnnsf_network *network,
                                               const trnnsf_tech *tech,
                                               const struct trnnsf_map_options *options,
                                               trnnsf_mapping **out_mapping);
/** Maps a bare matrix as one layer; `clusters` (may be NULL) serve the rule CLUSTERED. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_from_matrix(trnnsf_context *context,
                                                    const trnnsf_matrix *matrix,
                                                    const trnnsf_clusters *clusters,
                                                    const trnnsf_tech *tech,
                                                    const struct trnnsf_map_options *options,
                                                    trnnsf_mapping **out_mapping);
TRNNSF_API trnnsf_status trnnsf_mapping_save(trnnsf_context *context, const trnnsf_mapping *mapping,
                                             const char *path);
TRNNSF_API trnnsf_status trnnsf_mapping_load(trnnsf_context *context, const char *path,
                                             trnnsf_mapping **out_mapping);
TRNNSF_API void trnnsf_mapping_free(trnnsf_mapping *mapping);

TRNNSF_API size_t trnnsf_mapping_layers(const trnnsf_mapping *mapping);
TRNNSF_API size_t trnnsf_mapping_crossbars(const trnnsf_mapping *mapping);

struct trnnsf_crossbar {
    size_t struct_size;
    uint64_t layer;
    uint64_t shape_inputs;  /**< of the MCA */
    uint64_t shape_outputs;
    uint64_t n_inputs;      /**< used rows of the crossbar */
    uint64_t n_outputs;     /**< used columns */
    uint64_t synapses;      /**< kept synapses on it */
    uint32_t residue;       /**< 1: a window of the residue; 0: a cluster or tile */
    uint32_t reserved;
    const uint32_t *inputs;  /**< [n_inputs] input neurons; belongs to the mapping */
    const uint32_t *outputs; /**< [n_outputs] output neurons */
    const float *weights;    /**< [n_outputs x n_inputs]; 0 where no synapse of this crossbar is */
};
/** Describes crossbar `index`. `out_crossbar->struct_size` is set by the caller. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_crossbar(trnnsf_context *context,
                                                 const trnnsf_mapping *mapping, size_t index,
                                                 struct trnnsf_crossbar *out_crossbar);

#define TRNNSF_ALL_LAYERS SIZE_MAX

/** Counts that can be compared, all by the same code. */
struct trnnsf_crossbar_counts {
    size_t struct_size;
    uint64_t dense;       /**< sum of ceil(n_in / inputs) ceil(n_out / outputs) */
    uint64_t pruned;      /**< compacted tiling of the same kept synapses, empty tiles skipped */
    uint64_t clustered;   /**< crossbars that hold clusters */
    uint64_t residue;     /**< crossbars that hold residue */
    uint64_t total;       /**< crossbars of this mapping */
    uint64_t lower_bound; /**< no mapping of these synapses has fewer */
    uint64_t synapses;    /**< kept */
    uint64_t synapses_dense;
    uint64_t inputs_used;  /**< neurons with at least one kept synapse out of (into) the layer */
    uint64_t outputs_used;
    double utilisation;   /**< synapses / (rows x columns of all crossbars of this mapping) */
};
/** Counts of one layer or of all (TRNNSF_ALL_LAYERS). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_counts(trnnsf_context *context,
                                               const trnnsf_mapping *mapping, size_t layer,
                                               struct trnnsf_crossbar_counts *out_counts);

/** The invariants: every kept synapse of the network on exactly one crossbar with its weight, no
 * crossbar beyond its shape, indices valid. TRNNSF_E_CHECK with layer and crossbar otherwise. */
TRNNSF_API trnnsf_status trnnsf_mapping_check(trnnsf_context *context,
                                              const trnnsf_mapping *mapping,
                                              const trnnsf_network *network);
/** The network's outputs computed from the crossbars alone (ideal devices): partial sums added in
 * crossbar order, biases and activations of `network`. */
TRNNSF_API trnnsf_status trnnsf_mapping_forward(trnnsf_context *context,
                                                const trnnsf_mapping *mapping,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs, float *out_outputs);

TRNNSF_END_DECLS

#endif
