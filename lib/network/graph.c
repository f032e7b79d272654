#include <string.h>

#include "base/context.h"
#include "network/node.h"

static void free_node(trnnsf_context *ctx, struct trn_node *node)
{
    trn_free(ctx, node->inputs);
    for (size_t v = 0; v < TRN_NORM_VALUES; v++)
        trn_free(ctx, node->norm[v]);
}

void trn_graph_clear(trnnsf_context *ctx, struct trn_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        free_node(ctx, &graph->nodes[i]);
    trn_free(ctx, graph->nodes);
    *graph = (struct trn_graph){0};
}

static trnnsf_status copy_norm(trnnsf_context *ctx, const struct trn_node *from, struct trn_node *to)
{
    size_t n = from->shape.channels;

    for (size_t v = 0; v < TRN_NORM_VALUES; v++) {
        to->norm[v] = TRN_NEW_ARRAY(ctx, float, n);
        if (!to->norm[v])
            return TRN_NO_MEMORY;
        for (size_t c = 0; c < n; c++)
            to->norm[v][c] = v == TRNNSF_NORM_SCALE || v == TRNNSF_NORM_VARIANCE;
        if (from->norm[v])
            memcpy(to->norm[v], from->norm[v], n * sizeof(float));
    }
    return TRNNSF_OK;
}

static trnnsf_status copy_node(trnnsf_context *ctx, const struct trn_node *from,
                               struct trn_node *to)
{
    *to = *from;
    to->inputs = NULL;
    memset(to->norm, 0, sizeof to->norm);
    if (from->n_inputs > 0) {
        to->inputs = TRN_NEW_ARRAY(ctx, uint32_t, from->n_inputs);
        if (!to->inputs)
            return TRN_NO_MEMORY;
        memcpy(to->inputs, from->inputs, from->n_inputs * sizeof *to->inputs);
    }
    return from->options.kind == TRNNSF_NODE_BATCH_NORM ? copy_norm(ctx, from, to) : TRNNSF_OK;
}

static trnnsf_status grow(trnnsf_context *ctx, struct trn_graph *graph)
{
    size_t capacity = graph->capacity ? 2 * graph->capacity : 16;
    struct trn_node *nodes = trn_realloc(ctx, graph->nodes, capacity, sizeof *nodes);

    if (!nodes)
        return TRN_NO_MEMORY;
    graph->nodes = nodes;
    graph->capacity = capacity;
    return TRNNSF_OK;
}

/* Copies a node with all it holds. */
static trnnsf_status append(trnnsf_context *ctx, struct trn_graph *graph,
                            const struct trn_node *node)
{
    struct trn_node copy;

    if (graph->n_nodes == graph->capacity)
        TRN_TRY(grow(ctx, graph));

    trnnsf_status status = copy_node(ctx, node, &copy);

    if (status == TRNNSF_OK)
        graph->nodes[graph->n_nodes++] = copy;
    else
        free_node(ctx, &copy);
    return status;
}

static trnnsf_status check_inputs(trnnsf_context *ctx, const struct trn_graph *graph,
                                  const uint32_t *inputs, size_t n_inputs, uint32_t kind)
{
    size_t most = kind == TRNNSF_NODE_ADD || kind == TRNNSF_NODE_CONCAT ? TRN_NODE_INPUTS_MOST : 1;
    size_t n_nodes = graph->n_nodes;

    if (n_nodes >= TRN_GRAPH_NODES_MOST)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "the graph has %zu nodes already",
                        n_nodes);
    if (n_inputs < 1 || n_inputs > most)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "node %zu: n_inputs %zu is not in [1, %zu]", n_nodes,
                        n_inputs, most);
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i] >= n_nodes)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "node %zu: inputs[%zu] %u is not in [0, %zu)", n_nodes,
                            i, inputs[i], n_nodes);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_graph_begin(trnnsf_context *ctx, struct trn_graph *graph, size_t channels,
                              size_t height, size_t width)
{
    struct trn_node input = {.options = TRNNSF_NODE_OPTIONS_INIT,
                             .shape = {channels, height, width},
                             .layer = TRN_NO_LAYER};
    const size_t sides[] = {channels, height, width};
    static const char *const names[] = {"channels", "height", "width"};
    size_t product = 1;

    for (size_t i = 0; i < 3; i++) {
        if (sides[i] < 1 || sides[i] > TRN_NODE_VALUES_MOST)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s %zu is not in [1, %d]", names[i], sides[i],
                            TRN_NODE_VALUES_MOST);
        if (sides[i] > TRN_NODE_VALUES_MOST / product)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%zux%zux%zu values are more than %d", channels,
                            height, width, TRN_NODE_VALUES_MOST);
        product *= sides[i];
    }
    input.options.kind = TRNNSF_NODE_INPUT;
    return append(ctx, graph, &input);
}

trnnsf_status trn_graph_add(trnnsf_context *ctx, struct trn_graph *graph, const uint32_t *inputs,
                            size_t n_inputs, const struct trnnsf_node_options *options)
{
    struct trn_node node = {.options = *options,
                            .inputs = (uint32_t *)inputs, /* appending copies them */
                            .n_inputs = n_inputs,
                            .layer = TRN_NO_LAYER};

    TRN_TRY(trn_node_check(ctx, graph->n_nodes, &node.options));
    TRN_TRY(check_inputs(ctx, graph, inputs, n_inputs, node.options.kind));
    TRN_TRY(trn_node_infer(ctx, graph, graph->n_nodes, &node));
    return append(ctx, graph, &node);
}

trnnsf_status trn_graph_copy(trnnsf_context *ctx, const struct trn_graph *graph,
                             struct trn_graph *out_graph)
{
    struct trn_graph copy = {0};

    for (size_t i = 0; i < graph->n_nodes; i++) {
        trnnsf_status status = append(ctx, &copy, &graph->nodes[i]);

        if (status != TRNNSF_OK) {
            trn_graph_clear(ctx, &copy);
            return status;
        }
    }
    *out_graph = copy;
    return TRNNSF_OK;
}

void trn_graph_take_out(trnnsf_context *ctx, struct trn_graph *graph, uint32_t *numbers)
{
    size_t n = 0;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        struct trn_node *node = &graph->nodes[i];

        if (numbers[i] != i) {
            free_node(ctx, node);
            continue;
        }
        for (size_t k = 0; k < node->n_inputs; k++)
            node->inputs[k] = numbers[node->inputs[k]];
        numbers[i] = (uint32_t)n;
        graph->nodes[n++] = *node;
    }
    graph->n_nodes = n;
}

size_t trn_graph_layer_node(const struct trn_graph *graph, size_t layer)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (graph->nodes[i].layer == layer && layer != TRN_NO_LAYER)
            return i;
    }
    return TRN_NO_NODE;
}
