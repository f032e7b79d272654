/** \file mapping.h
 * Crossbar mappings: which synapse sits on which crossbar, with which weight. Immutable once made,
 * and so may be shared between threads and contexts. A mapping is a copy: neither network nor
 * technology is needed once it is there.
 */
#ifndef TRNNSF_MAPPING_H
#define TRNNSF_MAPPING_H

#include <trnnsf/network.h>
#include <trnnsf/tech.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_mapping trnnsf_mapping;

/** How the kept synapses of a layer get their crossbars. Each is on exactly one: where several
 * would cover it, on the first. A crossbar's rows and columns without synapses are left out, except
 * by the rules DENSE and PUBLISHED. Tiles are cut by the technology's first shape; each crossbar
 * then takes the shape of the technology that costs least of those that hold it
 * (enum trnnsf_map_cost). */
enum trnnsf_map_rule {
    /** Every tile of the matrix, in natural order: ceil(n_in / inputs) ceil(n_out / outputs). */
    TRNNSF_MAP_DENSE = 0,
    /** Rows and columns without synapses removed, the rest tiled, empty tiles skipped. */
    TRNNSF_MAP_PRUNED = 1,
    /** Each cluster a crossbar (tiles of it, where it fits no shape; none, where it has no
     * synapse); the rest, the residue, in windows of any outputs x any inputs, each the fullest
     * that an alternating search finds; or in compacted tiles, where those are as few. Source:
     * chosen here. */
    TRNNSF_MAP_CLUSTERED = 2,
    /** The released code's count, which permutes nothing: ceil x ceil crossbars a live cluster; the
     * residue is scanned row by row, each first synapse not yet on a crossbar opening a window at
     * its own place. Source: Aayush-Ankit/traNNsformers:NN/NN_withPrune/get_hardware_params.m and
     * map_unclustered.m. */
    TRNNSF_MAP_PUBLISHED = 3,
    /** Tiles in natural order, empty ones skipped: the usual count for sparse matrices. */
    TRNNSF_MAP_TILES = 4
};

/** What a crossbar's shape costs, where the technology has several; fewer cells win a tie, then the
 * first one. */
enum trnnsf_map_cost {
    TRNNSF_MAP_COST_CELLS = 0, /**< inputs x outputs */
    TRNNSF_MAP_COST_AREA = 1,  /**< trnnsf_tech_shape_area() */
    TRNNSF_MAP_COST_ENERGY = 2 /**< trnnsf_tech_shape_energy() */
};

/** Zero-filled means nothing here: use the initialiser. */
struct trnnsf_map_options {
    size_t struct_size;
    uint32_t rule; /**< enum trnnsf_map_rule; default CLUSTERED */
    uint32_t cost; /**< enum trnnsf_map_cost; default CELLS */
};
#define TRNNSF_MAP_OPTIONS_INIT {sizeof(struct trnnsf_map_options), 2, 0}
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_map_options_init(struct trnnsf_map_options *options);

/** Maps all kept synapses of all layers of a network, one layer after the other. A synapse is kept
 * where the mask has it, whatever its weight; without a mask all are. Biases are not on crossbars.
 * \param tech gives the MCA shapes and how many columns an output takes.
 * \param options NULL: the defaults.
 * \param out_mapping the mapping; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument or an option out of range; TRNNSF_E_CANCELLED;
 * TRNNSF_E_NO_MEMORY. Results do not depend on threads. Cost: some tens of milliseconds for a layer
 * of 1200 x 1200. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_create(trnnsf_context *context,
                                               const trnnsf_network *network,
                                               const trnnsf_tech *tech,
                                               const struct trnnsf_map_options *options,
                                               trnnsf_mapping **out_mapping);
/** Maps a bare matrix as one layer: rows are outputs, columns are inputs, its entries the synapses.
 * \param matrix at most 2^35 cells.
 * \param clusters of the matrix, for the rules CLUSTERED and PUBLISHED; NULL: all is residue.
 * \param options NULL: the defaults.
 * \param out_mapping the mapping; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument or an option out of range; TRNNSF_E_MISMATCH: clusters of
 * another size of matrix; TRNNSF_E_LIMIT: too many cells; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_from_matrix(trnnsf_context *context,
                                                    const trnnsf_matrix *matrix,
                                                    const trnnsf_clusters *clusters,
                                                    const trnnsf_tech *tech,
                                                    const struct trnnsf_map_options *options,
                                                    trnnsf_mapping **out_mapping);
/** Writes a mapping as a safetensors file. One U64 element a layer: "layer.n_in", "layer.n_out",
 * "layer.first", "layer.n_crossbars", "layer.counts.*"; one a crossbar: "crossbar.layer",
 * ".shape_inputs", ".shape_outputs", ".n_inputs", ".n_outputs", ".synapses", ".residue",
 * ".input_start", ".output_start" (where its neurons begin in "index", U32) and ".weight_start"
 * (where its [n_outputs × n_inputs] weights begin in "weights", F32). Metadata: format
 * "trnnsf-mapping", format_version, library, rule, columns_per_output. The same mapping gives
 * the same bytes.
 * \param path replaced when all is written, as by trnnsf_network_save().
 * TRNNSF_E_IO: it cannot be written; TRNNSF_E_NOT_FOUND: no such folder; TRNNSF_E_UNSUPPORTED:
 * built without jansson; TRNNSF_E_NO_MEMORY. Source: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_save(trnnsf_context *context, const trnnsf_mapping *mapping,
                                             const char *path);
/** Reads what trnnsf_mapping_save() wrote. All indices, sizes and counts are checked; whether it
 * fits a network is trnnsf_mapping_check()'s matter.
 * \param out_mapping the mapping; the caller owns it.
 * TRNNSF_E_NOT_FOUND: no such file; TRNNSF_E_IO: it cannot be read; TRNNSF_E_FORMAT: no such
 * mapping (the text names file and tensor or crossbar); TRNNSF_E_NUMERIC: a weight is not
 * finite; TRNNSF_E_LIMIT: more than 63 layers, a layer's side above 2^31 - 1;
 * TRNNSF_E_UNSUPPORTED: a newer version, or built without jansson; TRNNSF_E_NO_MEMORY. Since
 * 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_load(trnnsf_context *context, const char *path,
                                             trnnsf_mapping **out_mapping);
/** Frees a mapping; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_mapping_free(trnnsf_mapping *mapping);

/** How many layers a mapping has; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_mapping_layers(const trnnsf_mapping *mapping);
/** How many crossbars all layers have together, layer by layer; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_mapping_crossbars(const trnnsf_mapping *mapping);

/** One crossbar of a mapping. Neurons are those of its layer. */
struct trnnsf_crossbar {
    size_t struct_size;
    uint64_t layer;
    uint64_t shape_inputs;  /**< rows of the MCA */
    uint64_t shape_outputs; /**< physical columns of one array of it */
    uint64_t n_inputs;      /**< used rows of the crossbar */
    uint64_t n_outputs;     /**< outputs, each columns_per_output columns of the technology */
    uint64_t synapses;      /**< kept synapses on it */
    uint32_t residue;       /**< 1: a window of the residue; 0: a cluster or tile */
    uint32_t reserved;
    const uint32_t *inputs;  /**< [n_inputs] input neurons, ascending; belongs to the mapping */
    const uint32_t *outputs; /**< [n_outputs] output neurons, ascending; belongs to the mapping */
    const float *weights;    /**< [n_outputs x n_inputs], row-major; 0 where this crossbar has no
                                  synapse; belongs to the mapping */
};

/** Describes crossbar `index`.
 * \param out_crossbar its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, an index past the end, a struct_size that is none.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_crossbar(trnnsf_context *context,
                                                 const trnnsf_mapping *mapping, size_t index,
                                                 struct trnnsf_crossbar *out_crossbar);

/** For a layer's number: all of them together. */
#define TRNNSF_ALL_LAYERS SIZE_MAX

/** Counts that can be compared, all by the same code and for the technology's first shape. Outputs
 * are those that a shape serves: its columns / columns_per_output. */
struct trnnsf_crossbar_counts {
    size_t struct_size;
    uint64_t dense;       /**< sum of ceil(n_in / inputs) ceil(n_out / outputs) */
    uint64_t pruned;      /**< compacted tiling of the same kept synapses, empty tiles skipped */
    uint64_t clustered;   /**< crossbars of this mapping that are no residue: clusters or tiles */
    uint64_t residue;     /**< crossbars of this mapping that hold residue */
    uint64_t total;       /**< crossbars of this mapping */
    uint64_t lower_bound; /**< no mapping of these synapses has fewer: the larger of
                             ceil(sum over outputs of ceil(fan-in / inputs) / outputs) and the same
                             with inputs and outputs exchanged; of several shapes, for each output
                             those with the least sum of 1 / outputs that hold its fan-in */
    uint64_t synapses;    /**< kept */
    uint64_t synapses_dense;
    uint64_t inputs_used; /**< neurons with at least one kept synapse out of (into) the layer */
    uint64_t outputs_used;
    double utilisation; /**< synapses x columns_per_output / (rows x columns of all crossbars of
                             this mapping); 0 without crossbars */
};
/** Crossbars of a layer, or of TRNNSF_ALL_LAYERS, on MCAs of one shape: inputs (rows) x physical
 * columns of one array. 0 for NULL or no such layer. Cost: the crossbars. Since 0.1. */
TRNNSF_API size_t trnnsf_mapping_shape_crossbars(const trnnsf_mapping *mapping, size_t layer,
                                                 size_t shape_inputs, size_t shape_outputs);
/** Counts of one layer, or the sum of all layers.
 * \param layer below trnnsf_mapping_layers(), or TRNNSF_ALL_LAYERS.
 * \param out_counts its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, no such layer, a struct_size that is none. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_counts(trnnsf_context *context,
                                               const trnnsf_mapping *mapping, size_t layer,
                                               struct trnnsf_crossbar_counts *out_counts);

/** Checks a mapping against its network: every kept synapse is on exactly one crossbar with its
 * weight, all other cells are 0, no crossbar exceeds its shape, neurons are valid and ascending.
 * TRNNSF_E_CHECK: one of these does not hold; the text names layer, crossbar and cell;
 * TRNNSF_E_MISMATCH: the layers' sizes differ; TRNNSF_E_INVALID: a NULL argument;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_check(trnnsf_context *context,
                                              const trnnsf_mapping *mapping,
                                              const trnnsf_network *network);
/** The network's outputs computed from the crossbars alone (ideal devices): each output of each
 * crossbar is a partial sum over its inputs, the partial sums are added in the order of the
 * crossbars, biases and activations are those of `network`. Equal to trnnsf_network_forward() up to
 * rounding; the same bits for any number of threads.
 * \param n_samples at least 1.
 * \param inputs [n_samples x inputs of the first layer], row-major, finite.
 * \param out_outputs [n_samples x outputs of the last layer], row-major; the caller's.
 * TRNNSF_E_INVALID: a NULL argument or no samples; TRNNSF_E_MISMATCH: the layers' sizes differ;
 * TRNNSF_E_NUMERIC: an input is not finite; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_forward(trnnsf_context *context,
                                                const trnnsf_mapping *mapping,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs, float *out_outputs);

TRNNSF_END_DECLS

#endif
