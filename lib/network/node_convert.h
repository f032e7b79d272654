/* Converters in a graph: of what a layer's crossbars are fed, a panel of its own, as other nodes read the
 * values as they are; and of the last layer's sums. */
#ifndef TRN_NETWORK_NODE_CONVERT_H
#define TRN_NETWORK_NODE_CONVERT_H

#include "network/node_pass.h"

/* Room for the converters that the network has. May be called again when it has got some. */
trnnsf_status trn_node_converters_create(struct trn_pass *pass);
void trn_node_converters_free(trnnsf_context *ctx, struct trn_node_state *state);

/* What a layer's matrix is multiplied with: its input node's values, or these converted. */
const float *trn_node_convert_input(struct trn_pass *pass, size_t node);
/* The gradient there, `dx` at first, becomes that of the input node's values. */
void trn_node_convert_backward(struct trn_pass *pass, size_t node, float *dx);
bool trn_node_converts(const struct trn_pass *pass, size_t node);

/* Whether the last node's sums are converted: that of a fully connected layer. */
bool trn_node_converts_sums(const struct trn_pass *pass, size_t node);
/* Bias, converter, activation of those sums, which the node's panel holds. */
void trn_node_convert_sums(struct trn_pass *pass, size_t node);

#endif
