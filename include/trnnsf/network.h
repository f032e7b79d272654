/** \file network.h
 * Networks of dense layers with masks and clusters. Mutable; belongs to the context that made it.
 * Weights are float [n_out x n_in], row-major.
 */
#ifndef TRNNSF_NETWORK_H
#define TRNNSF_NETWORK_H

#include <trnnsf/cluster.h>
#include <trnnsf/dataset.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_network trnnsf_network;

enum trnnsf_activation {
    TRNNSF_ACTIVATION_LINEAR = 0,
    TRNNSF_ACTIVATION_RELU = 1,
    TRNNSF_ACTIVATION_SIGMOID = 2,
    TRNNSF_ACTIVATION_TANH = 3,
    TRNNSF_ACTIVATION_SOFTMAX = 4 /**< last layer only */
};

enum trnnsf_loss { TRNNSF_LOSS_SQUARED = 0, TRNNSF_LOSS_CROSS_ENTROPY = 1 };

enum trnnsf_init {
    TRNNSF_INIT_UNIFORM = 0, /**< in ±init_scale */
    TRNNSF_INIT_HE = 1,      /**< normal, variance 2 / n_in (He et al. 2015, eq. 10) */
    TRNNSF_INIT_GLOROT = 2   /**< uniform in ±sqrt(6 / (n_in + n_out)) (Glorot & Bengio 2010, eq. 16) */
};

struct trnnsf_network_options {
    size_t struct_size;
    uint32_t hidden_activation; /**< default RELU */
    uint32_t output_activation; /**< default RELU (the papers' networks) */
    uint32_t bias;              /**< 1: each layer has biases; default 0 */
    uint32_t init;              /**< default HE */
    double init_scale;          /**< of UNIFORM; factor of the others; default 1 */
    uint64_t seed;              /**< default 1 */
};
#define TRNNSF_NETWORK_OPTIONS_INIT {sizeof(struct trnnsf_network_options), 1, 1, 0, 1, 1.0, 1}
TRNNSF_API void trnnsf_network_options_init(struct trnnsf_network_options *options);

/** A multilayer perceptron: sizes[n_sizes] are the neuron counts, inputs first, so there are
 * n_sizes - 1 layers. 2 … 64 sizes, each 1 … 2^24. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_create(trnnsf_context *context, const size_t *sizes,
                                               size_t n_sizes,
                                               const struct trnnsf_network_options *options,
                                               trnnsf_network **out_network);
TRNNSF_API trnnsf_status trnnsf_network_copy(trnnsf_context *context, const trnnsf_network *network,
                                             trnnsf_network **out_network);
/** Safetensors with string metadata; written beside and renamed. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_save(trnnsf_context *context, const trnnsf_network *network,
                                             const char *path);
TRNNSF_API trnnsf_status trnnsf_network_load(trnnsf_context *context, const char *path,
                                             trnnsf_network **out_network);
TRNNSF_API void trnnsf_network_free(trnnsf_network *network);

TRNNSF_API size_t trnnsf_network_layers(const trnnsf_network *network);
TRNNSF_API size_t trnnsf_network_inputs(const trnnsf_network *network, size_t layer);
TRNNSF_API size_t trnnsf_network_outputs(const trnnsf_network *network, size_t layer);
TRNNSF_API uint32_t trnnsf_network_activation(const trnnsf_network *network, size_t layer);

/** [n_out x n_in]; masked entries are exactly 0. Belongs to the network; NULL past the end. */
TRNNSF_API const float *trnnsf_network_weights(const trnnsf_network *network, size_t layer);
/** [n_out], or NULL without biases. */
TRNNSF_API const float *trnnsf_network_biases(const trnnsf_network *network, size_t layer);
/** Copies `values` [n_out x n_in], finite; masked entries become 0. */
TRNNSF_API trnnsf_status trnnsf_network_set_weights(trnnsf_context *context, trnnsf_network *network,
                                                    size_t layer, const float *values);
TRNNSF_API trnnsf_status trnnsf_network_set_biases(trnnsf_context *context, trnnsf_network *network,
                                                   size_t layer, const float *values);

/** Kept synapses as bytes 0 or 1 [n_out x n_in]; NULL keeps all. Weights outside become 0. */
TRNNSF_API trnnsf_status trnnsf_network_set_mask(trnnsf_context *context, trnnsf_network *network,
                                                 size_t layer, const uint8_t *mask);
TRNNSF_API trnnsf_status trnnsf_network_get_mask(trnnsf_context *context,
                                                 const trnnsf_network *network, size_t layer,
                                                 uint8_t *out_mask);
/** Kept synapses of a layer (all of them where no mask is set). */
TRNNSF_API size_t trnnsf_network_synapses(const trnnsf_network *network, size_t layer);

/** Sets (copies) or, with NULL, removes a layer's clusters. Their rectangles join the mask. */
TRNNSF_API trnnsf_status trnnsf_network_set_clusters(trnnsf_context *context,
                                                     trnnsf_network *network, size_t layer,
                                                     const trnnsf_clusters *clusters);
/** The layer's clusters, or NULL. Belongs to the network until its clusters are set anew. */
TRNNSF_API const trnnsf_clusters *trnnsf_network_clusters(const trnnsf_network *network,
                                                          size_t layer);
/** The kept connectivity of a layer with its weights as values (kept zeros included as connections
 * of value 0 are not representable: they are left out). The caller owns the matrix. */
TRNNSF_API trnnsf_status trnnsf_network_connectivity(trnnsf_context *context,
                                                     const trnnsf_network *network, size_t layer,
                                                     trnnsf_matrix **out_matrix);

/** Outputs [n_samples x n_out of the last layer] of `inputs` [n_samples x n_in of the first]. */
TRNNSF_API trnnsf_status trnnsf_network_forward(trnnsf_context *context,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs, float *out_outputs);

struct trnnsf_evaluation {
    size_t struct_size;
    double accuracy; /**< 0 … 1; the lowest class wins a tie */
    double loss;     /**< mean of a sample */
    uint64_t correct;
    uint64_t samples;
};
/** Accuracy and loss on one part of a dataset. */
TRNNSF_API trnnsf_status trnnsf_network_evaluate(trnnsf_context *context,
                                                 const trnnsf_network *network,
                                                 const trnnsf_dataset *dataset, uint32_t part,
                                                 uint32_t loss, struct trnnsf_evaluation *out_result);

TRNNSF_END_DECLS

#endif
