#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "network/build.h"
#include "network/fold.h"
#include "network/init.h"
#include "network/layers_text.h"

void trnnsf_node_options_init(struct trnnsf_node_options *options)
{
    if (options)
        *options = (struct trnnsf_node_options)TRNNSF_NODE_OPTIONS_INIT;
}

static trnnsf_status create(trnnsf_context *ctx, const struct trn_shape *shape,
                            trnnsf_graph **out_graph)
{
    trnnsf_graph *graph = TRN_NEW(ctx, trnnsf_graph);

    if (!graph)
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory");
    graph->ctx = trn_context_retain(ctx);

    trnnsf_status status =
        trn_graph_begin(ctx, &graph->graph, shape->channels, shape->height, shape->width);

    if (status == TRNNSF_OK)
        *out_graph = graph;
    else
        trnnsf_graph_free(graph);
    return status;
}

trnnsf_status trnnsf_graph_create(trnnsf_context *context, size_t channels, size_t height,
                                  size_t width, trnnsf_graph **out_graph)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_graph_create: out_graph is NULL");
    status = create(context, &(struct trn_shape){channels, height, width}, out_graph);
    return status == TRNNSF_OK ? status : trn_fail_in(context, status, "trnnsf_graph_create");
}

trnnsf_status trnnsf_graph_parse(trnnsf_context *context, const char *text, size_t channels,
                                 size_t height, size_t width,
                                 const struct trnnsf_network_options *options,
                                 trnnsf_graph **out_graph)
{
    static const char function[] = "trnnsf_graph_parse";
    struct trnnsf_network_options read = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph = NULL;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!text)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: text is NULL", function);
    if (!out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_graph is NULL", function);
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    TRN_TRY(trn_option_count(context, function, "hidden_activation", read.hidden_activation, 0,
                             TRNNSF_ACTIVATION_TANH));
    TRN_TRY(trn_option_count(context, function, "output_activation", read.output_activation, 0,
                             TRNNSF_ACTIVATION_SOFTMAX));
    TRN_TRY(trn_option_count(context, function, "bias", read.bias, 0, 1));
    status = create(context, &(struct trn_shape){channels, height, width}, &graph);
    if (status == TRNNSF_OK)
        status = trn_layers_parse(context, text, &read, &graph->graph);
    if (status == TRNNSF_OK) {
        *out_graph = graph;
        return status;
    }
    trnnsf_graph_free(graph);
    return trn_fail_in(context, status, "%s", function);
}

void trnnsf_graph_free(trnnsf_graph *graph)
{
    if (!graph)
        return;
    trnnsf_context *ctx = graph->ctx;

    trn_graph_clear(ctx, &graph->graph);
    trn_free(ctx, graph);
    trn_context_release(ctx);
}

trnnsf_status trnnsf_graph_add(trnnsf_context *context, trnnsf_graph *graph, const uint32_t *inputs,
                               size_t n_inputs, const struct trnnsf_node_options *options,
                               uint32_t *out_node)
{
    static const char function[] = "trnnsf_graph_add";
    struct trnnsf_node_options read = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: graph is NULL", function);
    if (!inputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: inputs is NULL", function);
    if (!options)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: options is NULL", function);
    if (!out_node)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_node is NULL", function);
    if (context != graph->ctx)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the graph belongs to another context",
                        function);
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    status = trn_graph_add(context, &graph->graph, inputs, n_inputs, &read);
    if (status != TRNNSF_OK)
        return trn_fail_in(context, status, "%s", function);
    *out_node = (uint32_t)(graph->graph.n_nodes - 1);
    return TRNNSF_OK;
}

size_t trnnsf_graph_nodes(const trnnsf_graph *graph)
{
    return graph ? graph->graph.n_nodes : 0;
}

trnnsf_status trnnsf_graph_shape(trnnsf_context *context, const trnnsf_graph *graph, uint32_t node,
                                 size_t *out_channels, size_t *out_height, size_t *out_width)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_graph_shape: graph is NULL");
    if (node >= graph->graph.n_nodes)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_graph_shape: node %u is not in [0, %zu)",
                        node, graph->graph.n_nodes);

    const struct trn_shape *shape = &graph->graph.nodes[node].shape;

    if (out_channels)
        *out_channels = shape->channels;
    if (out_height)
        *out_height = shape->height;
    if (out_width)
        *out_width = shape->width;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_build(trnnsf_context *context, const trnnsf_graph *graph,
                                   const struct trnnsf_network_options *options,
                                   trnnsf_network **out_network)
{
    static const char function[] = "trnnsf_network_build";
    struct trnnsf_network_options read = TRNNSF_NETWORK_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: graph is NULL", function);
    if (!out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_network is NULL", function);
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    TRN_TRY(trn_network_check_init(context, function, &read));
    return trn_network_build(context, &graph->graph, &read, out_network);
}

static const struct trn_node *node_at(const trnnsf_network *network, uint32_t node)
{
    return network && node < network->graph.n_nodes ? &network->graph.nodes[node] : NULL;
}

size_t trnnsf_network_nodes(const trnnsf_network *network)
{
    return network ? network->graph.n_nodes : 0;
}

trnnsf_status trnnsf_network_node(trnnsf_context *context, const trnnsf_network *network,
                                  uint32_t node, struct trnnsf_node_options *out_options)
{
    static const char function[] = "trnnsf_network_node";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (!out_options)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_options is NULL", function);
    if (!node_at(network, node))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: node %u is not in [0, %zu)", function, node,
                        network->graph.n_nodes);

    struct trnnsf_node_options options = network->graph.nodes[node].options;

    options.struct_size = sizeof options;
    TRN_TRY(trn_result_check(context, function, out_options, sizeof options));
    trn_result_write(out_options, &options);
    return TRNNSF_OK;
}

const uint32_t *trnnsf_network_node_inputs(const trnnsf_network *network, uint32_t node,
                                           size_t *out_count)
{
    const struct trn_node *at = node_at(network, node);

    if (out_count)
        *out_count = at ? at->n_inputs : 0;
    return at ? at->inputs : NULL;
}

uint32_t trnnsf_network_layer_node(const trnnsf_network *network, size_t layer)
{
    size_t node = network ? trn_graph_layer_node(&network->graph, layer) : TRN_NO_NODE;

    return node == TRN_NO_NODE ? UINT32_MAX : (uint32_t)node;
}

size_t trnnsf_network_count_nodes(const trnnsf_network *network, uint32_t kind)
{
    size_t count = 0;

    for (size_t i = 0; network && i < network->graph.n_nodes; i++)
        count += network->graph.nodes[i].options.kind == kind;
    return count;
}

trnnsf_status trnnsf_network_fold(trnnsf_context *context, const trnnsf_network *network,
                                  trnnsf_network **out_network)
{
    static const char function[] = "trnnsf_network_fold";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !network ? "network" : "out_network");

    trnnsf_status status = trn_network_fold(context, network, out_network);

    return status == TRNNSF_OK ? status : trn_fail_in(context, status, "%s", function);
}

const float *trnnsf_network_norm(const trnnsf_network *network, uint32_t node, uint32_t value)
{
    const struct trn_node *at = node_at(network, node);

    return at && value < TRN_NORM_VALUES ? at->norm[value] : NULL;
}

trnnsf_status trnnsf_network_set_norm(trnnsf_context *context, trnnsf_network *network,
                                      uint32_t node, uint32_t value, const float *values)
{
    static const char function[] = "trnnsf_network_set_norm";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (!values)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: values is NULL", function);
    if (value >= TRN_NORM_VALUES)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: value %u is not in [0, %d)", function, value,
                        TRN_NORM_VALUES);

    struct trn_node *at = (struct trn_node *)node_at(network, node);

    if (!at || !at->norm[value])
        return trn_fail(context, TRNNSF_E_INVALID, "%s: node %u is no batch norm", function, node);
    for (size_t c = 0; c < at->shape.channels; c++) {
        if (!isfinite(values[c]) || (value == TRNNSF_NORM_VARIANCE && values[c] < 0.0f))
            return trn_fail(context, TRNNSF_E_INVALID,
                            "%s: node %u: values[%zu] %g is not finite, or a variance below 0",
                            function, node, c, (double)values[c]);
    }
    memcpy(at->norm[value], values, at->shape.channels * sizeof *values);
    return TRNNSF_OK;
}
