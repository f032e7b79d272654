/** \file network.h
 * Networks of fully connected layers, y = f(W x + b), with a mask of kept synapses and clusters for
 * each layer. Mutable; belongs to the context that made it and is used by one thread at a time.
 * Weights are float [n_out x n_in], row-major, and exactly 0 outside the mask, always.
 *
 * Every call returns TRNNSF_E_INVALID where a pointer that must be given is NULL, a layer is past
 * the end or an enum has no such value, and TRNNSF_E_NO_MEMORY where memory is short; the network
 * is then as before. Heavy calls use all worker threads of the context, and no result depends on
 * how many.
 */
#ifndef TRNNSF_NETWORK_H
#define TRNNSF_NETWORK_H

#include <trnnsf/cluster.h>
#include <trnnsf/dataset.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_network trnnsf_network;

/** f in y = f(W x + b). */
enum trnnsf_activation {
    TRNNSF_ACTIVATION_LINEAR = 0,  /**< z */
    TRNNSF_ACTIVATION_RELU = 1,    /**< max(z, 0) */
    TRNNSF_ACTIVATION_SIGMOID = 2, /**< 1 / (1 + e^-z) */
    TRNNSF_ACTIVATION_TANH = 3,    /**< tanh z */
    TRNNSF_ACTIVATION_SOFTMAX = 4  /**< e^z_i / sum_k e^z_k; last layer only */
};

/** Loss of one sample with outputs y and one-hot target t. Source: Bishop, "Pattern Recognition and
 * Machine Learning" (2006), section 5.2; squared error with its factor as in the DeepLearnToolbox
 * that the TraNNsformer code trains with (nnff.m). */
enum trnnsf_loss {
    TRNNSF_LOSS_SQUARED = 0,      /**< 1/2 sum_i (y_i - t_i)^2 */
    TRNNSF_LOSS_CROSS_ENTROPY = 1 /**< softmax outputs: -sum_i t_i ln y_i; sigmoid outputs: the sum
                                     of -t_i ln y_i - (1 - t_i) ln(1 - y_i); undefined for others */
};

/** Initial weights; biases start at 0. */
enum trnnsf_init {
    TRNNSF_INIT_UNIFORM = 0, /**< uniform in ±init_scale */
    TRNNSF_INIT_HE = 1,      /**< normal, variance 2 / n_in (He et al. 2015, eq. 10) */
    TRNNSF_INIT_GLOROT = 2   /**< uniform in ±sqrt(6 / (n_in + n_out)) (Glorot, Bengio 2010, eq. 16) */
};

/** Weights of which one sign may be. A device's conductance is positive: weights of one sign need no second
 * column to subtract (García-Redondo et al. 2020). */
enum trnnsf_unipolar {
    TRNNSF_UNIPOLAR_NONE = 0,   /**< each weight has its own sign */
    TRNNSF_UNIPOLAR_MATRIX = 1, /**< those of a layer have one sign */
    TRNNSF_UNIPOLAR_OUTPUT = 2, /**< those of an output neuron, a crossbar's column, have one */
    TRNNSF_UNIPOLAR_BLOCK = 3,  /**< those of a cluster, and outside of clusters those of a tile */
    TRNNSF_UNIPOLAR_POSITIVE = 4 /**< none is negative, in any layer */
};

/** What a new network is like. */
struct trnnsf_network_options {
    size_t struct_size;
    uint32_t hidden_activation; /**< enum trnnsf_activation, not softmax; default RELU */
    uint32_t output_activation; /**< enum trnnsf_activation; default RELU (the papers' networks) */
    uint32_t bias;              /**< 1: each layer has biases; default 0 (the papers' networks) */
    uint32_t init;              /**< enum trnnsf_init; default HE */
    double init_scale;          /**< of UNIFORM; factor of the others; 0 … 1e6, default 1 */
    uint64_t seed;              /**< of the weights; default 1 */
};
#define TRNNSF_NETWORK_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_network_options), 1, 1, 0, 1, 1.0, 1}
/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_network_options_init(struct trnnsf_network_options *options);

/** Creates a multilayer perceptron with random weights, no masks and no clusters.
 *
 * `sizes` [n_sizes] are the neuron counts, inputs first, so there are n_sizes - 1 layers: 2 … 64
 * sizes, each 1 … 2^24. `options` NULL: the defaults. Weights are drawn from one random stream a
 * layer and one item an output neuron: the same seed gives the same weights on any machine with the
 * same C library's log and cos. The caller owns *out_network, and frees it by
 * trnnsf_network_free(). TRNNSF_E_INVALID: sizes or options out of range; TRNNSF_E_NO_MEMORY.
 * Source of the initialisations: enum trnnsf_init. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_create(trnnsf_context *context, const size_t *sizes,
                                               size_t n_sizes,
                                               const struct trnnsf_network_options *options,
                                               trnnsf_network **out_network);
/** Copies a network with its masks and clusters; the copy belongs to `context`, which may be
 * another than the network's. The caller owns *out_network. TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_copy(trnnsf_context *context, const trnnsf_network *network,
                                             trnnsf_network **out_network);
/** Writes a network as a safetensors file: "layer.N.weight" F32 [n_out × n_in], and where the
 * layer has them "layer.N.bias" F32 [n_out], "layer.N.mask" U8 [n_out × n_in] of 0 and 1, and
 * "layer.N.clusters.output_start", ".input_start" U64 [count + 1], ".output", ".input" U32; N
 * from 0. Metadata: format "trnnsf-network", format_version, library, layers,
 * "layer.N.activation" (linear, relu, sigmoid, tanh, softmax). The same network gives the same
 * bytes.
 * \param path the file, replaced when all is written and on the disk: a killed or failed save
 *        leaves the old one. What is no regular file, such as /dev/stdout, is written in place.
 * TRNNSF_E_IO: it cannot be written; TRNNSF_E_NOT_FOUND: no such folder; TRNNSF_E_UNSUPPORTED:
 * built without jansson; TRNNSF_E_NO_MEMORY. Source: the format is huggingface/safetensors; the
 * names are chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_save(trnnsf_context *context, const trnnsf_network *network,
                                             const char *path);
/** Reads what trnnsf_network_save() wrote, or another program in the same layout. Weights outside
 * a mask become exactly 0.
 * \param out_network the network; the caller owns it and frees it by trnnsf_network_free().
 * TRNNSF_E_NOT_FOUND: no such file; TRNNSF_E_IO: it cannot be read; TRNNSF_E_FORMAT: no such
 * network (the text names file and tensor); TRNNSF_E_NUMERIC: a weight or bias is not finite
 * (layer and index); TRNNSF_E_LIMIT: more than 63 layers, a side above 2^24, a header above 100
 * MB; TRNNSF_E_UNSUPPORTED: a newer version, an unknown activation, or built without jansson;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_load(trnnsf_context *context, const char *path,
                                             trnnsf_network **out_network);
/** Frees a network; NULL is fine. Trainers and runs on it must be freed before, or never used
 * again. Since 0.1. */
TRNNSF_API void trnnsf_network_free(trnnsf_network *network);

/** Number of layers of weights. Since 0.1. */
TRNNSF_API size_t trnnsf_network_layers(const trnnsf_network *network);
/** Inputs of a layer; 0 past the end. Since 0.1. */
TRNNSF_API size_t trnnsf_network_inputs(const trnnsf_network *network, size_t layer);
/** Outputs of a layer; 0 past the end. Since 0.1. */
TRNNSF_API size_t trnnsf_network_outputs(const trnnsf_network *network, size_t layer);
/** A layer's enum trnnsf_activation; 0 past the end. Since 0.1. */
TRNNSF_API uint32_t trnnsf_network_activation(const trnnsf_network *network, size_t layer);

/** A layer's weights [n_out x n_in], row-major; masked entries are exactly 0. Belongs to the
 * network and is valid as long as it; NULL past the end. While a trainer's epoch runs (in a
 * progress callback) the values may be older than the last batch. Since 0.1. */
TRNNSF_API const float *trnnsf_network_weights(const trnnsf_network *network, size_t layer);
/** A layer's biases [n_out]; NULL without biases or past the end. Belongs to the network.
 * Since 0.1. */
TRNNSF_API const float *trnnsf_network_biases(const trnnsf_network *network, size_t layer);
/** Sets a layer's weights: copies `values` [n_out x n_in]; masked entries become 0.
 * TRNNSF_E_INVALID: a value is not finite. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_set_weights(trnnsf_context *context,
                                                    trnnsf_network *network, size_t layer,
                                                    const float *values);
/** Sets a layer's biases: copies `values` [n_out]. TRNNSF_E_INVALID: a value is not finite;
 * TRNNSF_E_STATE: the network has no biases. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_set_biases(trnnsf_context *context, trnnsf_network *network,
                                                   size_t layer, const float *values);

/** Sets which synapses of a layer are kept: `mask` holds bytes 0 or 1 [n_out x n_in]; NULL keeps
 * all. Weights outside become 0 and are lost; weights that were outside before start at 0. Clusters
 * stay as they are: a cell of a cluster's rectangle that the mask excludes is 0 like any other. A
 * trainer on this network follows at its next epoch. TRNNSF_E_INVALID: a byte above 1.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_set_mask(trnnsf_context *context, trnnsf_network *network,
                                                 size_t layer, const uint8_t *mask);
/** Writes the kept synapses of a layer as bytes 0 or 1 into `out_mask` [n_out x n_in], of the
 * caller. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_get_mask(trnnsf_context *context,
                                                 const trnnsf_network *network, size_t layer,
                                                 uint8_t *out_mask);
/** Number of kept synapses of a layer (all of them where no mask is set); 0 past the end.
 * Since 0.1. */
TRNNSF_API size_t trnnsf_network_synapses(const trnnsf_network *network, size_t layer);

/** Sets (copies) or, with NULL, removes a layer's clusters. Where the layer has a mask, all cells
 * of the rectangles join it ("reinforcement": what lies in a cluster is kept and trained, pruned or
 * not); taking clusters away leaves the mask. Training and inference compute cluster rectangles as
 * small dense products where that is faster than the whole matrix. TRNNSF_E_MISMATCH: the clusters
 * are of a matrix of another shape. Source: the kept map of the TraNNsformer code, cdp.m. Since
 * 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_set_clusters(trnnsf_context *context,
                                                     trnnsf_network *network, size_t layer,
                                                     const trnnsf_clusters *clusters);
/** The layer's clusters, or NULL. Belongs to the network until its clusters are set anew.
 * Since 0.1. */
TRNNSF_API const trnnsf_clusters *trnnsf_network_clusters(const trnnsf_network *network,
                                                          size_t layer);
/** Makes a sparse matrix [n_out x n_in] of a layer's weights that are not 0; a kept synapse whose
 * weight is exactly 0 is left out, since matrices hold no zeros. The caller owns *out_matrix.
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_connectivity(trnnsf_context *context,
                                                     const trnnsf_network *network, size_t layer,
                                                     trnnsf_matrix **out_matrix);

/** Computes the outputs of samples.
 *
 * `inputs` [n_samples x n_in of the first layer], row-major, finite; `out_outputs` [n_samples x
 * n_out of the last layer], of the caller, must not overlap them. At least 1 sample; large numbers
 * are cut into batches inside. TRNNSF_E_INVALID: a value is not finite; TRNNSF_E_CANCELLED between
 * two batches: `out_outputs` is then written in part. Cost: n_samples times the kept synapses
 * (times all synapses where few are pruned). The first call after a change of the network looks at
 * each layer's mask, and the network keeps, until the next change, what was made of it: about the
 * memory of the kept synapses, where few are. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_forward(trnnsf_context *context,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs, float *out_outputs);

/** Written by trnnsf_network_evaluate(), struct_size included. */
struct trnnsf_evaluation {
    size_t struct_size;
    double accuracy;  /**< correct / samples, 0 … 1; the lowest class wins a tie */
    double loss;      /**< mean of a sample */
    uint64_t correct; /**< samples whose label is the index of the largest output */
    uint64_t samples;
};
/** Computes accuracy and loss on one part of a dataset.
 *
 * `part` is an enum trnnsf_part, `loss` an enum trnnsf_loss. *out_result, of the caller, is written
 * as a whole. TRNNSF_E_MISMATCH: the dataset's features are not the network's inputs, its classes
 * not the outputs, or cross-entropy with outputs that are neither softmax nor sigmoid;
 * TRNNSF_E_STATE: the part is empty; TRNNSF_E_CANCELLED. Cost as trnnsf_network_forward(). Since
 * 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_evaluate(trnnsf_context *context,
                                                 const trnnsf_network *network,
                                                 const trnnsf_dataset *dataset, uint32_t part,
                                                 uint32_t loss,
                                                 struct trnnsf_evaluation *out_result);

/** What a device makes of a network. Fields are those of struct trnnsf_trainer_options. */
struct trnnsf_quantise_options {
    size_t struct_size;
    uint32_t weight_levels;     /**< 2 … 65536 values of a weight; 0: any. Default 0 */
    uint32_t unipolar;          /**< enum trnnsf_unipolar; default NONE */
    uint32_t activation_bits;   /**< 1 … 16; 0: any. Default 0 */
    uint32_t uniform;           /**< 1: one weight range and one activation range for all layers */
    uint32_t exact_outputs;     /**< 1: the last layer's outputs are not converted; default 0 */
    uint32_t tile_inputs;       /**< of what has one sign with BLOCK, outside of clusters; 0: all */
    uint32_t tile_outputs;      /**< likewise */
    uint32_t reserved;          /**< 0 */
    double weight_range;        /**< weights are clipped to ± this; 0: found. [0, 10^6), default 0 */
    double activation_range;    /**< values are clipped to this; 0: found. [0, 10^6), default 0 */
    double activation_quantile; /**< what a found range holds of the values, (0, 1]; default 0.999 */
};
#define TRNNSF_QUANTISE_OPTIONS_INIT                                                               \
    {sizeof(struct trnnsf_quantise_options), 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.999}
/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_quantise_options_init(struct trnnsf_quantise_options *options);

/** Sets a network's weights to the levels of a device and gives it converters, without training: what is
 * evaluated, saved and mapped afterwards is the device's network.
 *
 * Ranges that are not given are found: of weights the one of least squared error; of activations that
 * which holds `activation_quantile` of the values that the training part of `dataset` (at most 512
 * samples of it) gives. With `uniform`, layers are scaled so that one range fits all, which of
 * max(z, 0) leaves what the network computes, of softmax which output is the largest; biases are scaled
 * with them, and stay what they are otherwise: they are no devices. With `unipolar`, weights of the lesser
 * sign (by sum w |w|) become 0, and biases make up for what the sums of samples lose on the average with
 * them (Nagel et al. 2019). Levels: doc/hardware-aware.md. Masks and clusters stay. `dataset` may be
 * NULL where neither activation_bits nor activation_range is given; `options` NULL: the defaults, which
 * change nothing. TRNNSF_E_INVALID: an option out of range; TRNNSF_E_MISMATCH: the dataset's features are
 * not the network's inputs; TRNNSF_E_STATE: it has no training samples; TRNNSF_E_NO_MEMORY. Cost: a
 * forward pass of 512 samples and 64 looks at 65536 weights of each layer. Source: García-Redondo et al.
 * 2020 (uniform, unipolar); ranges: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_quantise(trnnsf_context *context, trnnsf_network *network,
                                                 const trnnsf_dataset *dataset,
                                                 const struct trnnsf_quantise_options *options);

/** The device of one layer, as trnnsf_network_quantise() or a trainer gave it; written by
 * trnnsf_network_device(), struct_size included. A range of 0: all values are free. */
struct trnnsf_layer_device {
    size_t struct_size;
    uint32_t weight_levels; /**< 0: all within the range */
    uint32_t unipolar;      /**< 1: levels from 0 to ± range; 0: from -range to range */
    uint32_t input_bits;    /**< 0: it clips only */
    uint32_t input_signed;  /**< 1: from -range to range; 0: from 0 */
    uint32_t output_bits;   /**< of the last layer; before its activation */
    uint32_t output_signed; /**< likewise */
    double weight_range;
    double input_range;
    double output_range;
};
/** The device of a layer. TRNNSF_E_INVALID: NULL, no such layer, or a bad struct_size. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_device(trnnsf_context *context, const trnnsf_network *network,
                                               size_t layer, struct trnnsf_layer_device *out_device);

TRNNSF_END_DECLS

#endif
