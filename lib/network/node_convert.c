#include "network/node_convert.h"

#include <string.h>

#include "base/context.h"
#include "network/convert.h"

static const struct trn_node *node_of(const struct trn_pass *pass, size_t node)
{
    return &pass->nodes->graph->nodes[node];
}

static const struct trn_layer *layer_of(const struct trn_pass *pass, size_t node)
{
    return &pass->network->layers[node_of(pass, node)->layer];
}

static size_t input_size(const struct trn_pass *pass, size_t node)
{
    return trn_shape_size(&node_of(pass, node_of(pass, node)->inputs[0])->shape);
}

bool trn_node_converts(const struct trn_pass *pass, size_t node)
{
    return trn_node_has_weights(node_of(pass, node)) && layer_of(pass, node)->input.range > 0.0f;
}

/* Activations that only nodes have are not taken apart from their sums. */
bool trn_node_converts_sums(const struct trn_pass *pass, size_t node)
{
    const struct trn_node *last = node_of(pass, node);

    return node + 1 == pass->nodes->graph->n_nodes && last->options.kind == TRNNSF_NODE_DENSE &&
           last->options.activation <= TRNNSF_ACTIVATION_SOFTMAX &&
           layer_of(pass, node)->output.range > 0.0f;
}

void trn_node_converters_free(trnnsf_context *ctx, struct trn_node_state *state)
{
    trn_free(ctx, state->converted);
    trn_free(ctx, state->slope);
}

static trnnsf_status need(struct trn_pass *pass, size_t features, float **panel)
{
    if (!*panel)
        *panel = trn_pass_make_panel(pass->ctx, features, pass->capacity);
    return *panel ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* A gradient that is to be added to another comes to lie in the spare panel. */
static trnnsf_status need_spare(struct trn_pass *pass, size_t features)
{
    float *spare;

    if (features * pass->capacity <= pass->nodes->n_spare)
        return TRNNSF_OK;
    spare = trn_pass_make_panel(pass->ctx, features, pass->capacity);
    if (!spare)
        return TRN_NO_MEMORY;
    trn_free(pass->ctx, pass->nodes->spare);
    pass->nodes->spare = spare;
    pass->nodes->n_spare = features * pass->capacity;
    return TRNNSF_OK;
}

trnnsf_status trn_node_converters_create(struct trn_pass *pass)
{
    struct trn_node_pass *nodes = pass->nodes;

    for (size_t i = 1; i < nodes->graph->n_nodes; i++) {
        struct trn_node_state *state = &nodes->states[i];

        if (trn_node_converts(pass, i)) {
            TRN_TRY(need(pass, input_size(pass, i), &state->converted));
            if (nodes->training) {
                TRN_TRY(need(pass, input_size(pass, i), &state->slope));
                TRN_TRY(need_spare(pass, input_size(pass, i)));
            }
        }
        if (nodes->training && trn_node_converts_sums(pass, i))
            TRN_TRY(need(pass, trn_network_outputs(pass->network), &nodes->sums_slope));
    }
    return TRNNSF_OK;
}

/* A row a value, of the samples that count. */
static struct trn_panel rows(const struct trn_pass *pass, size_t features, float *values)
{
    return (struct trn_panel){features, pass->n, pass->capacity, values, NULL};
}

const float *trn_node_convert_input(struct trn_pass *pass, size_t node)
{
    const float *x = pass->nodes->states[node_of(pass, node)->inputs[0]].values;
    struct trn_node_state *state = &pass->nodes->states[node];
    size_t features = input_size(pass, node);

    if (!trn_node_converts(pass, node))
        return x;

    struct trn_panel panel = rows(pass, features, state->converted);
    memcpy(state->converted, x, features * pass->capacity * sizeof *x);
    trn_convert(pass->ctx, TRNNSF_ACTIVATION_LINEAR, &layer_of(pass, node)->input, NULL, &panel,
                state->slope);
    return state->converted;
}

void trn_node_convert_backward(struct trn_pass *pass, size_t node, float *dx)
{
    struct trn_panel slope =
        rows(pass, input_size(pass, node), pass->nodes->states[node].slope);

    trn_convert_backward(pass->ctx, &slope, dx);
}

void trn_node_convert_sums(struct trn_pass *pass, size_t node)
{
    const struct trn_layer *layer = layer_of(pass, node);
    struct trn_panel panel =
        rows(pass, trn_network_outputs(pass->network), pass->nodes->states[node].values);

    trn_activate_converted(pass->ctx, layer->activation, layer->biases, &layer->output, true, NULL,
                           &panel, pass->nodes->sums_slope);
}
