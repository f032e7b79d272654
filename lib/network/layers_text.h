/* Layers as the papers write them, such as 12c5-2s-64c5-2s-1200-1200-10; the grammar is in graph.h. */
#ifndef TRN_NETWORK_LAYERS_TEXT_H
#define TRN_NETWORK_LAYERS_TEXT_H

#include "network/node.h"

/* Adds the layers of `text` to a graph that has its input alone. Activations and biases where the text
 * has none are those of `defaults`. Texts of failures name the place; the graph is then to be cleared. */
trnnsf_status trn_layers_parse(trnnsf_context *ctx, const char *text,
                               const struct trnnsf_network_options *defaults,
                               struct trn_graph *graph);

#endif
