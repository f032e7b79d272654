/* Activations of nodes, dropout included, over whole panels [channels x columns] without gaps. */
#ifndef TRN_NETWORK_NODE_ACTIVATION_H
#define TRN_NETWORK_NODE_ACTIVATION_H

#include "network/activation.h"
#include "network/node.h"

/* y = dropout(f(y + bias)); of hard swish y holds z. */
void trn_node_activate(trnnsf_context *ctx, const struct trnnsf_node_options *options,
                       const float *biases, const struct trn_dropout *dropout,
                       const struct trn_panel *y);
/* dy becomes the gradient before the activation; `z` [as y] is what hard swish was taken of. */
void trn_node_activate_backward(trnnsf_context *ctx, const struct trnnsf_node_options *options,
                                const struct trn_dropout *dropout, const struct trn_panel *y,
                                const float *z, float *dy);

#endif
