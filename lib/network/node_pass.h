/* One batch through a graph's nodes and back. Panels are [channels x pixels x capacity], columns past
 * the batch's samples being of no account forward and 0 backward. */
#ifndef TRN_NETWORK_NODE_PASS_H
#define TRN_NETWORK_NODE_PASS_H

#include "network/convolution.h"
#include "network/norm.h"
#include "network/pass.h"

/* Of one node. */
struct trn_node_state {
    float *values;
    float *gradient;     /* for training */
    bool has_gradient;   /* some reader has given its share */
    bool wants_gradient; /* it has parameters, or reads from what has */
    struct trn_convolution convolution;
    float *converted; /* of a layer with a converter: what its input's become (node_convert.h) */
    float *slope;     /* likewise, for training */
    size_t dense_layer; /* which alone reads it; TRN_NO_LAYER: another node does, or several */
    /* Of a batch norm in training [channels]: its batch, and the gradients of scale and shift. */
    float *mean, *inverse, *d_scale, *d_shift;
};

/* A layer's W * x: y [output channels x places x capacity] of x [input channels x pixels x
 * capacity], both without gaps; samples past n are of no account. */
struct trn_layer_product {
    size_t layer;
    const struct trn_convolution *convolution;
    size_t first; /* sample of the call */
    size_t n;
    size_t capacity;
    const float *x;
    float *y;
};

/* Who computes it in the place of the network's own weights: crossbars. */
struct trn_layer_products {
    trnnsf_status (*multiply)(void *user, const struct trn_layer_product *product);
    void *user;
};

struct trn_node_pass {
    const struct trn_graph *graph;
    const struct trn_layer_products *products; /* not its own; NULL: the network's weights */
    size_t first;                              /* sample that was loaded, for these */
    bool training;
    bool frozen; /* batch norms by their running values, which stay */
    struct trn_node_state *states; /* [n_nodes] */
    float *lowered;                /* of the convolution that needs most */
    float *spare;                  /* for training: a gradient that is to be added */
    size_t n_spare;                /* floats of it */
    float *sums_slope;             /* for training, where the last layer's sums are converted */
    size_t next;                   /* the last node that is still to be passed back, plus 1 */
};

trnnsf_status trn_node_pass_create(trnnsf_context *ctx, const struct trn_graph *graph,
                                   size_t capacity, bool training,
                                   struct trn_node_pass **out_nodes);
void trn_node_pass_free(trnnsf_context *ctx, struct trn_node_pass *nodes);

/* The input's panel has been loaded. */
trnnsf_status trn_node_pass_forward(struct trn_pass *pass, const struct trn_pass_dropout *dropout);
/* The gradient of the last node is there, before its activation: a batch's way back begins. */
void trn_node_pass_begin(struct trn_pass *pass);
/* Passes back all nodes down to that of `layer`, it included. */
trnnsf_status trn_node_pass_backward(struct trn_pass *pass, size_t layer,
                                     const struct trn_pass_dropout *dropout);

/* As trn_network_forward(), of a graph whose layers' products are computed by others. */
trnnsf_status trn_network_forward_by(trnnsf_context *ctx, const struct trnnsf_network *network,
                                     const struct trn_layer_products *products, size_t n_samples,
                                     const float *inputs, float *outputs);

/* Panel columns that a layer's matrix is multiplied with at once. */
size_t trn_node_pass_columns(const struct trn_pass *pass, size_t layer);
/* As trn_pass_input_squares(). */
trnnsf_status trn_node_pass_input_squares(struct trn_pass *pass, size_t layer, float scale,
                                          float *mean);
/* Of what feeds a layer the mean over samples and places: mean[groups x its inputs]. */
trnnsf_status trn_node_pass_input_means(struct trn_pass *pass, size_t layer, float *mean);
/* As trn_pass_weight_gradient(). */
trnnsf_status trn_node_pass_weight_gradient(struct trn_pass *pass, size_t layer, float alpha,
                                            float beta, float *g);
/* The gradient before the activation of a layer's node, a row a channel. */
struct trn_panel trn_node_pass_gradient(const struct trn_pass *pass, size_t layer);

#endif
