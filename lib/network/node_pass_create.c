/* Memory of a pass through nodes. */
#include "base/context.h"
#include "network/node_convert.h"

void trn_node_pass_free(trnnsf_context *ctx, struct trn_node_pass *nodes)
{
    if (!nodes)
        return;
    for (size_t i = 0; nodes->states && i < nodes->graph->n_nodes; i++) {
        struct trn_node_state *state = &nodes->states[i];

        trn_free(ctx, state->values);
        trn_free(ctx, state->gradient);
        trn_free(ctx, state->mean);
        trn_node_converters_free(ctx, state);
    }
    trn_free(ctx, nodes->states);
    trn_free(ctx, nodes->lowered);
    trn_free(ctx, nodes->spare);
    trn_free(ctx, nodes->sums_slope);
    trn_free(ctx, nodes);
}

static bool wants_gradient(const struct trn_node_pass *nodes, const struct trn_node *node)
{
    if (trn_node_has_weights(node) || node->options.kind == TRNNSF_NODE_BATCH_NORM)
        return true;
    for (size_t i = 0; i < node->n_inputs; i++) {
        if (nodes->states[node->inputs[i]].wants_gradient)
            return true;
    }
    return false;
}

static size_t dense_layer(const struct trn_graph *graph, size_t at)
{
    const struct trn_node *reader = NULL;
    size_t readers = 0;

    for (size_t i = at + 1; i < graph->n_nodes; i++) {
        for (size_t k = 0; k < graph->nodes[i].n_inputs; k++) {
            readers += graph->nodes[i].inputs[k] == at;
            reader = graph->nodes[i].inputs[k] == at ? &graph->nodes[i] : reader;
        }
    }
    return readers == 1 && reader->options.kind == TRNNSF_NODE_DENSE ? reader->layer : TRN_NO_LAYER;
}

static trnnsf_status create_norm(trnnsf_context *ctx, size_t channels, struct trn_node_state *state)
{
    state->mean = TRN_NEW_ARRAY(ctx, float, 4 * channels);
    if (!state->mean)
        return TRN_NO_MEMORY;
    state->inverse = state->mean + channels;
    state->d_scale = state->inverse + channels;
    state->d_shift = state->d_scale + channels;
    return TRNNSF_OK;
}

static trnnsf_status create_state(trnnsf_context *ctx, struct trn_node_pass *nodes, size_t at,
                                  size_t capacity)
{
    const struct trn_node *node = &nodes->graph->nodes[at];
    struct trn_node_state *state = &nodes->states[at];

    state->wants_gradient = wants_gradient(nodes, node);
    state->values = trn_pass_make_panel(ctx, trn_shape_size(&node->shape), capacity);
    if (!state->values)
        return TRN_NO_MEMORY;
    if (nodes->training && state->wants_gradient) {
        state->gradient = trn_pass_make_panel(ctx, trn_shape_size(&node->shape), capacity);
        if (!state->gradient)
            return TRN_NO_MEMORY;
    }
    if (node->options.kind == TRNNSF_NODE_BATCH_NORM && nodes->training)
        TRN_TRY(create_norm(ctx, node->shape.channels, state));
    state->dense_layer = dense_layer(nodes->graph, at);
    if (trn_node_has_weights(node))
        state->convolution =
            trn_convolution_of(node, &nodes->graph->nodes[node->inputs[0]].shape, capacity);
    if (trn_node_has_weights(node) && nodes->training)
        trn_convolution_allow_winograd(&state->convolution, node, capacity);
    return TRNNSF_OK;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What the nodes share. */
static trnnsf_status create_scratch(trnnsf_context *ctx, struct trn_node_pass *nodes,
                                    size_t capacity)
{
    size_t lowered = 0, spare = 0;

    for (size_t i = 1; i < nodes->graph->n_nodes; i++) {
        const struct trn_node *node = &nodes->graph->nodes[i];
        const struct trn_convolution *convolution = &nodes->states[i].convolution;

        if (!trn_node_has_weights(node))
            continue;
        lowered = larger(lowered, trn_convolution_room(convolution, capacity));
        if (nodes->training && convolution->direct)
            spare = larger(spare,
                           capacity * trn_shape_size(&nodes->graph->nodes[node->inputs[0]].shape));
    }
    nodes->lowered = TRN_NEW_ARRAY(ctx, float, lowered + 1);
    nodes->spare = TRN_NEW_ARRAY(ctx, float, spare + 1);
    nodes->n_spare = spare;
    return nodes->lowered && nodes->spare ? TRNNSF_OK : TRN_NO_MEMORY;
}

trnnsf_status trn_node_pass_create(trnnsf_context *ctx, const struct trn_graph *graph,
                                   size_t capacity, bool training,
                                   struct trn_node_pass **out_nodes)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_node_pass *nodes = TRN_NEW(ctx, struct trn_node_pass);

    TRN_NEED_OUT(nodes);
    nodes->graph = graph;
    nodes->training = training;
    nodes->states = TRN_NEW_ARRAY(ctx, struct trn_node_state, graph->n_nodes);
    TRN_NEED_OUT(nodes->states);
    for (size_t i = 0; i < graph->n_nodes; i++)
        TRN_TRY_OUT(create_state(ctx, nodes, i, capacity));
    TRN_TRY_OUT(create_scratch(ctx, nodes, capacity));
    *out_nodes = nodes;
    nodes = NULL;
out:
    trn_node_pass_free(ctx, nodes);
    return status;
}
