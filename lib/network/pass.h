/* One batch through a network and back, in memory made beforehand. */
#ifndef TRN_NETWORK_PASS_H
#define TRN_NETWORK_PASS_H

#include "network/activation.h"
#include "network/loss.h"
#include "network/packed.h"

struct trn_pass {
    trnnsf_context *ctx; /* not held: a pass is part of what holds it */
    struct trnnsf_network *network;
    size_t capacity;            /* samples; leading dimension of every panel */
    size_t n;                   /* samples loaded */
    struct trn_packed **packed; /* [n_layers] */
    float **panel;      /* [n_layers + 1]: inputs, then each layer's outputs [n x capacity] */
    float *gradient[2]; /* for training: of a layer's outputs, in turn */
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
    const float *rates; /* [n_layers]: of what feeds each layer */
};

trnnsf_status trn_pass_create(trnnsf_context *ctx, struct trnnsf_network *network, size_t capacity,
                              bool training, struct trn_pass **out_pass);
void trn_pass_free(struct trn_pass *pass);
/* After creation for training: the network has got converters. */
trnnsf_status trn_pass_need_slopes(struct trn_pass *pass);

/* Makes samples inputs[index[s]] (or inputs[s] where index is NULL), s < n, the batch. */
void trn_pass_load(struct trn_pass *pass, size_t n, const float *inputs, const uint32_t *index,
                   const struct trn_pass_dropout *dropout);
trnnsf_status trn_pass_forward(struct trn_pass *pass, const struct trn_pass_dropout *dropout);
/* The last layer's outputs [n_out x capacity], feature-major. */
const float *trn_pass_outputs(const struct trn_pass *pass);
/* Loss of the batch; with `gradient` also its gradient at the last layer. labels[n]. */
struct trn_loss_sum trn_pass_loss(struct trn_pass *pass, uint32_t loss, const uint32_t *labels,
                                  bool gradient);
/* After trn_pass_loss() and what is added to its gradient: 0 where the last layer's converter clips. */
void trn_pass_clip_gradient(struct trn_pass *pass);
/* The gradient d loss / d (W x + b) of `layer`, [n_out x capacity]: trn_pass_loss() makes that of
 * the last layer, trn_pass_backward(l) that of layer l - 1 from that of layer l. */
float *trn_pass_gradient(const struct trn_pass *pass, size_t layer);
/* The features of panel `layer` (0: the inputs) that are computed; NULL: all. */
const uint8_t *trn_pass_used(const struct trn_pass *pass, size_t layer);
trnnsf_status trn_pass_backward(struct trn_pass *pass, size_t layer,
                                const struct trn_pass_dropout *dropout);

#endif
