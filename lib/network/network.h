/* The network's inside. Weights are dense [n_out x n_in] masters, exactly 0 outside the mask; the
 * packed form that training and inference compute with is in packed.h. */
#ifndef TRN_NETWORK_NETWORK_H
#define TRN_NETWORK_NETWORK_H

#include <trnnsf/network.h>

#include "network/node.h"
#include "tensor/mask.h"

/* A DAC or ADC: values are clipped to [0, range], or [-range, range] where signed, and set to the
 * nearest of its levels. */
struct trn_converter {
    float range;   /* 0: there is none */
    uint32_t bits; /* 0: it clips only */
    bool is_signed;
};

/* Values that a weight may have. */
struct trn_level_grid {
    float range;     /* 0: any value */
    uint32_t levels; /* between -range and range, or 0 and range where unipolar; 0: all */
    bool unipolar;   /* what lies in one crossbar, output or matrix has one sign */
};

struct trn_layer {
    size_t n_in;  /* columns of its matrix: what feeds a neuron, or a place of a window */
    size_t n_out; /* rows: neurons, or output channels */
    bool grouped; /* a convolution of several groups: its matrix is one a group, one below the other */
    uint32_t activation;   /* enum trnnsf_activation */
    uint32_t revision;     /* counts changes of weights, biases, mask and clusters from outside */
    float *weights;        /* [n_out x n_in] */
    float *biases;         /* [n_out], or NULL */
    struct trn_mask *mask; /* kept synapses; NULL keeps all */
    struct trnnsf_clusters *clusters; /* or NULL */
    struct trn_level_grid grid;
    struct trn_converter input;  /* of what feeds the layer */
    struct trn_converter output; /* of W x + b, the last layer's alone; before its activation */
    /* What inference computes with, made by its first call (packed.h); NULL, or of another
     * revision: none. Whoever writes to the weights without a new revision drops it. */
    struct trn_packed *ready;
    uint32_t ready_revision;
};

struct trnnsf_network {
    trnnsf_context *ctx; /* held */
    size_t n_layers;
    struct trn_layer *layers;
    struct trn_graph graph; /* without nodes: layers feed one another, fully connected */
};

static inline bool trn_network_is_chain(const struct trnnsf_network *network)
{
    return network->graph.n_nodes == 0;
}

/* Features of a sample, outputs, and their activation. */
size_t trn_network_inputs(const struct trnnsf_network *network);
size_t trn_network_outputs(const struct trnnsf_network *network);
uint32_t trn_network_output_activation(const struct trnnsf_network *network);
/* The most values that a layer or node has. */
size_t trn_network_widest(const struct trnnsf_network *network);
/* TRNNSF_E_UNSUPPORTED where `function` cannot do with a graph. */
trnnsf_status trn_network_need_chain(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_network *network);

/* Without layers' content; and one layer of zero weights. */
trnnsf_status trn_network_new(trnnsf_context *ctx, size_t n_layers,
                              struct trnnsf_network **out_network);
trnnsf_status trn_layer_create(trnnsf_context *ctx, struct trn_layer *layer, size_t n_in,
                               size_t n_out, uint32_t activation, bool bias);

/* A network with zero weights, no masks and no clusters. sizes[n_layers + 1],
 * activations[n_layers]. */
trnnsf_status trn_network_create_empty(trnnsf_context *ctx, size_t n_layers, const size_t *sizes,
                                       const uint32_t *activations, bool bias,
                                       struct trnnsf_network **out_network);
trnnsf_status trn_network_copy(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trnnsf_network **out_network);
void trn_network_free(struct trnnsf_network *network);

/* Copies `mask` (NULL: keeps all); weights outside become exactly 0. The layer and its network are
 * unchanged on failure. */
trnnsf_status trn_network_set_mask(trnnsf_context *ctx, struct trnnsf_network *network,
                                   size_t layer, const struct trn_mask *mask);
/* Copies `clusters` (NULL: removes them). The mask stays as it is. */
trnnsf_status trn_network_set_clusters(trnnsf_context *ctx, struct trnnsf_network *network,
                                       size_t layer, const struct trnnsf_clusters *clusters);

/* The same, but `mask`, made with the network's context, becomes the network's own; cannot fail. */
void trn_network_take_mask(struct trnnsf_network *network, size_t layer, struct trn_mask *mask);

/* Likewise `clusters`. */
void trn_network_take_clusters(struct trnnsf_network *network, size_t layer,
                               struct trnnsf_clusters *clusters);

/* Exchanges the layers of two networks of one context and the same sizes. What follows either one
 * sees new revisions. */
void trn_network_swap_layers(struct trnnsf_network *a, struct trnnsf_network *b);

/* The layer's weights have changed in place. */
void trn_layer_drop_ready(struct trnnsf_network *network, size_t layer);
/* Whether some synapse reaches the layer's output; all are kept where there is no mask. */
static inline bool trn_layer_feeds(const struct trn_layer *layer, size_t output)
{
    return !layer->mask || trn_mask_count_row(layer->mask, output) > 0;
}

/* Kept synapses of a layer. */
size_t trn_layer_synapses(const struct trn_layer *layer);
/* The weights that are not 0. */
trnnsf_status trn_layer_connectivity(trnnsf_context *ctx, const struct trn_layer *layer,
                                     struct trnnsf_matrix **out_matrix);

/* Outputs [n_samples x n_out of the last layer] of sample-major inputs. */
trnnsf_status trn_network_forward(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs, float *outputs);
/* Do part and loss fit the network? TRNNSF_E_MISMATCH, or TRNNSF_E_STATE for an empty part;
 * `function` is the public call. */
trnnsf_status trn_network_check_dataset(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_network *network,
                                        const struct trnnsf_dataset *dataset, uint32_t part,
                                        uint32_t loss);
/* Mean loss and accuracy on samples with labels. */
trnnsf_status trn_network_evaluate(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, const float *inputs, const uint32_t *labels,
                                   uint32_t loss, struct trnnsf_evaluation *out_result);

#endif
