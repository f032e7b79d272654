/* One batch through a network and back, in memory made beforehand. */
#ifndef TRN_NETWORK_PASS_H
#define TRN_NETWORK_PASS_H

#include "network/activation.h"
#include "network/loss.h"
#include "network/packed.h"

struct trn_node_pass;

struct trn_pass {
    trnnsf_context *ctx; /* not held: a pass is part of what holds it */
    struct trnnsf_network *network;
    size_t capacity;            /* samples; leading dimension of every panel */
    size_t n;                   /* samples loaded */
    struct trn_packed **packed; /* [n_layers] */
    /* [n_layers + 1]: what feeds each layer, then the last outputs, [features x capacity]. Of a chain
     * they are the pass's own. */
    float **panel;
    float *gradient[2]; /* for training, of a chain: of a layer's outputs, in turn */
    struct trn_node_pass *nodes; /* of a graph; NULL: a chain */
    /* [n_layers + 1]: of each panel, where a network with converters is trained (convert.h). NULL, and
     * panels without converter have none. */
    float **slope;
    struct trn_loss_sum *sums;
    /* Rows of the panels and gradients that no layer reads need not be written; set after creation,
     * where only outputs and the gradients of weights and biases are wanted. */
    bool lean;
};

/* What a training batch drops; NULL in the calls below: nothing. */
struct trn_pass_dropout {
    uint64_t seed;
    uint32_t epoch;
    uint32_t batch;
    /* [n_layers]: of what feeds each layer; of a graph's those count that are fully connected, and
     * the first one is of the samples. */
    const float *rates;
};

/* Samples at once: `most`, halved while the widest panel has more than `values` of them, down to
 * `fewest`; never more than there are. */
size_t trn_pass_batch(const struct trnnsf_network *network, size_t most, size_t fewest,
                      size_t values, size_t n_samples);
/* [n_features x capacity]; NULL without memory. */
float *trn_pass_make_panel(trnnsf_context *ctx, size_t n_features, size_t capacity);
trnnsf_status trn_pass_create(trnnsf_context *ctx, struct trnnsf_network *network, size_t capacity,
                              bool training, struct trn_pass **out_pass);
void trn_pass_free(struct trn_pass *pass);
/* Panel columns that a layer's packed form is multiplied with at once. */
size_t trn_pass_columns(const struct trn_pass *pass, size_t layer);
/* After creation for training: the network has got converters. */
trnnsf_status trn_pass_need_slopes(struct trn_pass *pass);

/* Makes samples inputs[index[s]] (or inputs[s] where index is NULL), s < n, the batch. */
void trn_pass_load(struct trn_pass *pass, size_t n, const float *inputs, const uint32_t *index,
                   const struct trn_pass_dropout *dropout);
trnnsf_status trn_pass_forward(struct trn_pass *pass, const struct trn_pass_dropout *dropout);
/* The last outputs [outputs x capacity], feature-major. */
const float *trn_pass_outputs(const struct trn_pass *pass);
struct trn_panel trn_pass_output_panel(const struct trn_pass *pass);
/* Loss of the batch; with `gradient` also its gradient at the last layer. labels[n]. */
struct trn_loss_sum trn_pass_loss(struct trn_pass *pass, uint32_t loss, const uint32_t *labels,
                                  bool gradient);
/* After trn_pass_loss() and what is added to its gradient: 0 where the last layer's converter clips. */
void trn_pass_clip_gradient(struct trn_pass *pass);
/* The gradient of the last outputs, before their activation, [outputs x capacity]. */
float *trn_pass_output_gradient(const struct trn_pass *pass);
/* The features of panel `layer` (0: the inputs) that are computed; NULL: all. */
const uint8_t *trn_pass_used(const struct trn_pass *pass, size_t layer);
/* After the same of all later layers, the last one's after trn_pass_loss(): passes the gradient on to what
 * feeds the layer. Then the two below may be asked for, and the weights be changed. After the first
 * layer, with TRN_NO_LAYER: the nodes before it. */
trnnsf_status trn_pass_backward(struct trn_pass *pass, size_t layer,
                                const struct trn_pass_dropout *dropout);
/* mean[inputs of the layer] += `scale` times what feeds them, squared and summed over the samples; of a
 * convolution the mean over its places. */
trnnsf_status trn_pass_input_squares(struct trn_pass *pass, size_t layer, float scale, float *mean);
/* After creation for training: batch norms go by their running values, which stay as they are. */
void trn_pass_freeze_norms(struct trn_pass *pass);
/* g = alpha sum over samples of the weights' gradient + beta g, in the layout of the packed values. */
trnnsf_status trn_pass_weight_gradient(struct trn_pass *pass, size_t layer, float alpha, float beta,
                                       float *g);
/* The gradient d loss / d (W x + b), a row an output of the layer. */
struct trn_panel trn_pass_gradient(const struct trn_pass *pass, size_t layer);

#endif
