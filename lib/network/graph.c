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
    struct trn_node *nodes = TRN_NEW_ARRAY(ctx, struct trn_node, capacity);

    if (!nodes)
        return TRN_NO_MEMORY;
    if (graph->n_nodes > 0)
        memcpy(nodes, graph->nodes, graph->n_nodes * sizeof *nodes);
    trn_free(ctx, graph->nodes);
    graph->nodes = nodes;
    graph->capacity = capacity;
    return TRNNSF_OK;
}

trnnsf_status trn_graph_append(trnnsf_context *ctx, struct trn_graph *graph,
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

trnnsf_status trn_graph_copy(trnnsf_context *ctx, const struct trn_graph *graph,
                             struct trn_graph *out_graph)
{
    struct trn_graph copy = {0};

    for (size_t i = 0; i < graph->n_nodes; i++) {
        trnnsf_status status = trn_graph_append(ctx, &copy, &graph->nodes[i]);

        if (status != TRNNSF_OK) {
            trn_graph_clear(ctx, &copy);
            return status;
        }
    }
    *out_graph = copy;
    return TRNNSF_OK;
}
