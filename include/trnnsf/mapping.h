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

/** How many output pixels of a convolution one read of its crossbars computes: a window of them,
 * its places. A convolution's mapped matrix has an output for each output channel and place, an
 * input for each input channel and pixel that the kernels at these places see; it is read once for
 * each window of the output. Groups of channels stand side by side: no crossbar holds tiles between
 * groups, and crossbars that have room for several groups' tiles take them. A fully connected layer
 * has one place, whatever the scheme. doc/mapping-convolutions.md. */
enum trnnsf_map_scheme {
    /** One place: each output channel a column of its kernel's weights. The mapped matrix is the
     * layer's own, masks and clusters are its own. */
    TRNNSF_MAP_KERNEL_COLUMN = 0,
    /** All places at once (a Toeplitz matrix); padding has no rows. One read. */
    TRNNSF_MAP_UNROLLED = 1,
    /** A window of places, each with copies of the kernels, which share the rows of the pixels that
     * they both see. Source: Zhang et al., "Efficient and robust RRAM-based convolutional weight
     * mapping with shifted and duplicated kernel", IEEE TCAD 2020. */
    TRNNSF_MAP_DUPLICATED = 2
};

/** Zero-filled means nothing here: use the initialiser. */
struct trnnsf_map_options {
    size_t struct_size;
    uint32_t rule;          /**< enum trnnsf_map_rule; default CLUSTERED */
    uint32_t cost;          /**< enum trnnsf_map_cost; default CELLS */
    uint32_t scheme;        /**< enum trnnsf_map_scheme, of convolutions; default KERNEL_COLUMN */
    uint32_t window_height; /**< of DUPLICATED: places of a window; 0, with window_width 0: of each
                                 layer the window with the least crossbars x reads of those whose
                                 pixels and places of one channel fit the first shape. Source: Rhe,
                                 Moon and Ko, "VW-SDK", DATE 2022, which counts arrays x windows.
                                 More than a layer has: all of its. Default 0 */
    uint32_t window_width;
    uint32_t reserved; /**< 0 */
};
#define TRNNSF_MAP_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(struct trnnsf_map_options), 2, 0, 0, 0, 0, 0                                        \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_map_options_init(struct trnnsf_map_options *options);

/** Maps all kept synapses of all layers of a network, one layer after the other. A synapse is kept
 * where the mask has it, whatever its weight; without a mask all are. Biases are not on crossbars.
 * Nor are a graph's nodes without weights: pools, norms, sums, activations.
 * \param tech gives the MCA shapes and how many columns an output takes.
 * \param options NULL: the defaults.
 * \param out_mapping the mapping; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument or an option out of range; TRNNSF_E_LIMIT: windows whose
 * crossbars are more than 2^22 (the text has layer and number), or lines more than 2^32 - 1;
 * TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Results do not depend on threads. Cost: some tens of
 * milliseconds for a layer of 1200 x 1200. Since 0.1. */
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
 * "trnnsf-mapping", format_version, library, rule, columns_per_output. With a convolution among the
 * layers format_version is 2, and there are also "layer.scheme", ".groups", ".in_channels",
 * ".out_channels", ".full", and of rows and columns ".in_height", ".out_height", ".kernel_height",
 * ".stride_height", ".dilation_height", ".pad_top", ".window_height", ".in_width", … , ".pad_left",
 * ".window_width". The same mapping gives the same bytes.
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
 * finite; TRNNSF_E_LIMIT: more than 1024 layers, a layer's side above 2^31 - 1;
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

/** How a layer is read. Its mapped matrix has n_outputs x n_inputs lines, by which crossbars have
 * theirs: outputs in the order channel, row, column of the place in the window; inputs in the order
 * channel, row, column of the pixel, of those that some place of the window sees. */
struct trnnsf_mapped_layer {
    size_t struct_size;
    uint32_t scheme; /**< enum trnnsf_map_scheme: what the window comes to */
    uint32_t groups; /**< of channels; 1: all inputs may meet all outputs */
    uint64_t n_inputs;
    uint64_t n_outputs;
    uint64_t reads; /**< of its crossbars an inference: windows that cover the output */
    uint64_t window_height;
    uint64_t window_width;
    uint64_t in_channels; /**< of the layer's input; the inputs of a fully connected layer */
    uint64_t in_height;
    uint64_t in_width;
    uint64_t out_channels;
    uint64_t out_height;
    uint64_t out_width;
    uint64_t full; /**< tiles of the first shape that n_outputs x n_inputs take where the cells
                        without synapses, between groups and beside kernels, have theirs too */
};

/** Describes layer `layer`.
 * \param out_layer its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, no such layer, a struct_size that is none. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_layer(trnnsf_context *context,
                                              const trnnsf_mapping *mapping, size_t layer,
                                              struct trnnsf_mapped_layer *out_layer);

/** Which values the lines of a layer's mapped matrix have in one read: indices into its input
 * [in_channels x in_height x in_width] and output [out_channels x out_height x out_width];
 * UINT32_MAX: padding, which is 0, or no pixel of the output, where the last windows reach past it.
 * \param read below the layer's reads; windows follow one another row by row.
 * \param out_inputs [n_inputs], of the caller; NULL: not wanted.
 * \param out_outputs [n_outputs], likewise; not both NULL.
 * TRNNSF_E_INVALID: a NULL argument, no such layer or read; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_read(trnnsf_context *context, const trnnsf_mapping *mapping,
                                             size_t layer, uint64_t read, uint32_t *out_inputs,
                                             uint32_t *out_outputs);

/** One crossbar of a mapping. Neurons are the lines of its layer's mapped matrix: of a fully
 * connected layer its neurons. */
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
    uint64_t dense;       /**< sum of ceil(n_in / inputs) ceil(n_out / outputs); of convolutions by
                               the rule DENSE with all synapses kept */
    uint64_t pruned;      /**< compacted tiling of the same kept synapses, empty tiles skipped */
    uint64_t clustered;   /**< crossbars of this mapping that are no residue: clusters or tiles */
    uint64_t residue;     /**< crossbars of this mapping that hold residue */
    uint64_t total;       /**< crossbars of this mapping */
    uint64_t lower_bound; /**< no mapping of these synapses has fewer: the larger of
                             ceil(sum over outputs of ceil(fan-in / inputs) / outputs) and the same
                             with inputs and outputs exchanged; of several shapes, for each output
                             those with the least sum of 1 / outputs that hold its fan-in */
    uint64_t synapses;    /**< kept; of a window each as often as it stands in it */
    uint64_t synapses_dense; /**< the same with all synapses kept */
    uint64_t inputs_used;    /**< neurons with at least one kept synapse out of (into) the layer */
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

/** Checks a mapping against its network: every kept synapse is at each place of the window on
 * exactly one crossbar with its weight, all other cells are 0, no crossbar exceeds its shape,
 * neurons are valid and ascending. TRNNSF_E_CHECK: one of these does not hold; the text names
 * layer, crossbar and cell; TRNNSF_E_MISMATCH: the layers' sizes or convolutions differ;
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_check(trnnsf_context *context,
                                              const trnnsf_mapping *mapping,
                                              const trnnsf_network *network);
/** The network's outputs computed from the crossbars alone (ideal devices): each output of each
 * crossbar is a partial sum over its inputs, the partial sums are added in the order of the
 * crossbars, biases and activations are those of `network`, as are a graph's nodes without weights.
 * Equal to trnnsf_network_forward() up to
 * rounding; the same bits for any number of threads.
 * \param n_samples at least 1.
 * \param inputs [n_samples x inputs of the network], row-major, finite.
 * \param out_outputs [n_samples x outputs of the network], row-major; the caller's.
 * TRNNSF_E_INVALID: a NULL argument or no samples; TRNNSF_E_MISMATCH: the layers' sizes or
 * convolutions differ;
 * TRNNSF_E_NUMERIC: an input is not finite; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_mapping_forward(trnnsf_context *context,
                                                const trnnsf_mapping *mapping,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs, float *out_outputs);

TRNNSF_END_DECLS

#endif
