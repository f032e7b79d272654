#include "network/build.h"

#include "base/context.h"
#include "network/init.h"

enum { LAYERS_MOST = 1024 };

static const char function[] = "trnnsf_network_build";

static trnnsf_status check_readers(trnnsf_context *ctx, const struct trn_graph *graph)
{
    trnnsf_status status = TRNNSF_OK;
    uint8_t *read = TRN_NEW_ARRAY(ctx, uint8_t, graph->n_nodes);

    if (!read)
        return TRN_NO_MEMORY;
    for (size_t i = 1; i < graph->n_nodes; i++) {
        for (size_t k = 0; k < graph->nodes[i].n_inputs; k++)
            read[graph->nodes[i].inputs[k]] = 1;
    }
    for (size_t i = 0; status == TRNNSF_OK && i + 1 < graph->n_nodes; i++) {
        if (!read[i])
            status = trn_fail(ctx, TRNNSF_E_STATE,
                              "%s: no node reads node %zu, which is not the last", function, i);
        else if (graph->nodes[i].options.activation == TRNNSF_ACTIVATION_SOFTMAX)
            status = trn_fail(ctx, TRNNSF_E_STATE,
                              "%s: node %zu has softmax outputs and is not the last", function, i);
    }
    trn_free(ctx, read);
    return status;
}

static size_t count_layers(const struct trn_graph *graph)
{
    size_t count = 0;

    for (size_t i = 0; i < graph->n_nodes; i++)
        count += trn_node_has_weights(&graph->nodes[i]);
    return count;
}

static trnnsf_status create_layer(trnnsf_context *ctx, struct trnnsf_network *network,
                                  struct trn_node *node, size_t l)
{
    const struct trn_shape *input = &network->graph.nodes[node->inputs[0]].shape;

    node->layer = l;
    network->layers[l].grouped =
        node->options.kind == TRNNSF_NODE_CONVOLUTION && node->options.groups > 1;
    return trn_layer_create(ctx, &network->layers[l], (size_t)trn_node_fan_in(node, input),
                            node->options.outputs, node->options.activation,
                            node->options.bias != 0);
}

trnnsf_status trn_network_build(trnnsf_context *ctx, const struct trn_graph *graph,
                                const struct trnnsf_network_options *options,
                                struct trnnsf_network **out_network)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_network *network = NULL;
    size_t n_layers = count_layers(graph), l = 0;

    if (n_layers < 1)
        return trn_fail(ctx, TRNNSF_E_STATE, "%s: the graph has no layer of weights", function);
    if (n_layers > LAYERS_MOST)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: %zu layers of weights are more than %d", function,
                        n_layers, LAYERS_MOST);
    TRN_TRY(check_readers(ctx, graph));
    TRN_TRY_OUT(trn_network_new(ctx, n_layers, &network));
    TRN_TRY_OUT(trn_graph_copy(ctx, graph, &network->graph));
    for (size_t i = 0; i < network->graph.n_nodes; i++) {
        if (trn_node_has_weights(&network->graph.nodes[i]))
            TRN_TRY_OUT(create_layer(ctx, network, &network->graph.nodes[i], l++));
    }
    trn_network_draw_weights(ctx, options, network);
    *out_network = network;
    network = NULL;
out:
    trn_network_free(network);
    return status;
}
