#include "network/node_pass.h"

#include <string.h>

#include "base/context.h"
#include "network/node_activation.h"
#include "network/node_convert.h"
#include "network/pool.h"
#include "tensor/run.h"

/* What a call on one node needs. */
struct visit {
    struct trn_pass *pass;
    const struct trn_node *node;
    struct trn_node_state *state;
    size_t at;
};

static struct visit visit_of(struct trn_pass *pass, size_t at)
{
    return (struct visit){pass, &pass->nodes->graph->nodes[at], &pass->nodes->states[at], at};
}

static const struct trn_shape *input_shape(const struct visit *v, size_t i)
{
    return &v->pass->nodes->graph->nodes[v->node->inputs[i]].shape;
}

static struct trn_node_state *input_state(const struct visit *v, size_t i)
{
    return &v->pass->nodes->states[v->node->inputs[i]];
}

static size_t panel_size(const struct visit *v, const struct trn_shape *shape)
{
    return trn_shape_size(shape) * v->pass->capacity;
}

/* A row a channel, or of softmax, whose samples must stay apart, a row a value. */
static struct trn_panel panel_of(const struct visit *v, float *values)
{
    const struct trn_shape *shape = &v->node->shape;
    size_t capacity = v->pass->capacity, columns = trn_shape_pixels(shape) * capacity;

    if (v->node->options.activation == TRNNSF_ACTIVATION_SOFTMAX)
        return (struct trn_panel){trn_shape_size(shape), v->pass->n, capacity, values, NULL};
    return (struct trn_panel){shape->channels, columns, columns, values, NULL};
}

static struct trn_dropout dropout_of(const struct visit *v, const struct trn_pass_dropout *dropout)
{
    float rate = (float)v->node->options.dropout;

    if (!dropout)
        return (struct trn_dropout){.rate = 0.0f};
    if (rate == 0.0f && v->state->dense_layer != TRN_NO_LAYER)
        rate = dropout->rates[v->state->dense_layer];
    return (struct trn_dropout){dropout->seed, dropout->epoch, dropout->batch, (uint32_t)v->at,
                                rate};
}

static struct trn_norm norm_of(const struct visit *v)
{
    return (struct trn_norm){v->node, v->pass->n, v->pass->capacity, v->state->mean,
                             v->state->inverse};
}

static struct trn_pool pool_of(const struct visit *v)
{
    return (struct trn_pool){v->node, input_shape(v, 0), v->pass->n, v->pass->capacity};
}

struct sum {
    const float *from;
    float *to;
    size_t n;
    bool add;
};

enum { CHUNK = 16384 }; /* values a task, as elsewhere */

static void sum_task(void *argument, size_t task, size_t worker)
{
    const struct sum *work = argument;
    size_t first = task * CHUNK, n = work->n - first < CHUNK ? work->n - first : CHUNK;
    const float *restrict from = work->from + first;
    float *restrict to = work->to + first;

    (void)worker;
    if (!work->add) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* to = from, or to += from. */
static void put(trnnsf_context *ctx, size_t n, const float *from, bool add, float *to)
{
    struct sum work = {from, to, n, add};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, sum_task, &work);
}

static trnnsf_status multiply_by(const struct visit *v, const struct trn_layer_products *products)
{
    const struct trn_layer_product product = {
        v->node->layer,    &v->state->convolution,    v->pass->nodes->first, v->pass->n,
        v->pass->capacity, v->pass->panel[v->node->layer], v->state->values};

    return products->multiply(products->user, &product);
}

static trnnsf_status multiply(const struct visit *v)
{
    v->pass->panel[v->node->layer] = (float *)trn_node_convert_input(v->pass, v->at);
    if (v->pass->nodes->products)
        return multiply_by(v, v->pass->nodes->products);
    return trn_convolve(v->pass->ctx, &v->state->convolution, v->pass->packed[v->node->layer],
                        v->pass->capacity, v->pass->panel[v->node->layer], v->state->values,
                        v->pass->nodes->lowered);
}

static void join(const struct visit *v)
{
    bool concat = v->node->options.kind == TRNNSF_NODE_CONCAT;
    float *to = v->state->values;

    for (size_t i = 0; i < v->node->n_inputs; i++) {
        size_t n = panel_size(v, input_shape(v, i));

        put(v->pass->ctx, n, input_state(v, i)->values, !concat && i > 0, to);
        to += concat ? n : 0;
    }
}

static trnnsf_status forward(const struct visit *v, const struct trn_pass_dropout *dropout)
{
    struct trn_pool pool = pool_of(v);
    struct trn_norm norm = norm_of(v);
    const float *x = input_state(v, 0)->values;
    struct trn_panel y = panel_of(v, v->state->values);
    struct trn_dropout drop = dropout_of(v, dropout);
    const float *biases = NULL;

    switch (v->node->options.kind) {
    case TRNNSF_NODE_DENSE:
    case TRNNSF_NODE_CONVOLUTION:
        TRN_TRY(multiply(v));
        if (trn_node_converts_sums(v->pass, v->at)) {
            trn_node_convert_sums(v->pass, v->at);
            return TRNNSF_OK;
        }
        biases = v->pass->network->layers[v->node->layer].biases;
        break;
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        trn_pool_forward(v->pass->ctx, &pool, x, v->state->values);
        break;
    case TRNNSF_NODE_BATCH_NORM:
        if (v->pass->nodes->training && !v->pass->nodes->frozen)
            trn_norm_train(v->pass->ctx, &norm, x, v->state->values);
        else
            trn_norm_apply(v->pass->ctx, &norm, x, v->state->values);
        break;
    default:
        join(v);
        break;
    }
    trn_node_activate(v->pass->ctx, &v->node->options, biases, &drop, &y);
    return TRNNSF_OK;
}

trnnsf_status trn_node_pass_forward(struct trn_pass *pass, const struct trn_pass_dropout *dropout)
{
    for (size_t i = 1; i < pass->nodes->graph->n_nodes; i++) {
        struct visit v = visit_of(pass, i);

        TRN_TRY(forward(&v, dropout));
    }
    return TRNNSF_OK;
}

static trnnsf_status multiply_back(const struct visit *v)
{
    struct trn_node_state *input = input_state(v, 0);
    const struct trn_convolution *convolution = &v->state->convolution;
    bool converts = trn_node_converts(v->pass, v->at);
    bool apart = input->has_gradient && (convolution->direct || converts);
    float *dx = apart ? v->pass->nodes->spare : input->gradient;

    TRN_TRY(trn_convolve_transposed(v->pass->ctx, convolution, v->pass->packed[v->node->layer],
                                    v->pass->capacity, v->state->gradient,
                                    input->has_gradient && !apart, dx, v->pass->nodes->lowered));
    if (converts)
        trn_node_convert_backward(v->pass, v->at, dx);
    if (apart)
        put(v->pass->ctx, panel_size(v, input_shape(v, 0)), dx, true, input->gradient);
    return TRNNSF_OK;
}

static void pool_back(const struct visit *v)
{
    struct trn_node_state *input = input_state(v, 0);
    struct trn_pool pool = pool_of(v);

    if (!input->has_gradient)
        memset(input->gradient, 0, panel_size(v, pool.input) * sizeof *input->gradient);
    trn_pool_backward(v->pass->ctx, &pool, input->values, v->state->gradient, input->gradient);
}

static void norm_back(const struct visit *v)
{
    struct trn_node_state *input = input_state(v, 0), *state = v->state;
    struct trn_norm norm = norm_of(v);

    if (v->pass->nodes->frozen) {
        if (input->wants_gradient)
            trn_norm_apply_backward(v->pass->ctx, &norm, state->gradient, input->has_gradient,
                                    input->gradient);
        return;
    }
    trn_norm_backward(v->pass->ctx, &norm, input->values, state->gradient, input->has_gradient,
                      input->wants_gradient ? input->gradient : NULL, state->d_scale,
                      state->d_shift);
}

static void join_back(const struct visit *v)
{
    bool concat = v->node->options.kind == TRNNSF_NODE_CONCAT;
    const float *from = v->state->gradient;

    for (size_t i = 0; i < v->node->n_inputs; i++) {
        struct trn_node_state *input = input_state(v, i);
        size_t n = panel_size(v, input_shape(v, i));

        if (input->wants_gradient) {
            put(v->pass->ctx, n, from, input->has_gradient, input->gradient);
            input->has_gradient = true;
        }
        from += concat ? n : 0;
    }
}

static trnnsf_status backward(const struct visit *v)
{
    switch (v->node->options.kind) {
    case TRNNSF_NODE_DENSE:
    case TRNNSF_NODE_CONVOLUTION:
        if (input_state(v, 0)->wants_gradient)
            TRN_TRY(multiply_back(v));
        break;
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        pool_back(v);
        break;
    case TRNNSF_NODE_BATCH_NORM:
        norm_back(v);
        break;
    default:
        join_back(v);
        break;
    }
    input_state(v, 0)->has_gradient = true;
    return TRNNSF_OK;
}

/* The loss gives the last node's gradient before its activation. */
static void activate_back(const struct visit *v, const struct trn_pass_dropout *dropout)
{
    struct trn_panel y = panel_of(v, v->state->values);
    struct trn_dropout drop = dropout_of(v, dropout);

    if (v->at + 1 < v->pass->nodes->graph->n_nodes)
        trn_node_activate_backward(v->pass->ctx, &v->node->options, &drop, &y,
                                   input_state(v, 0)->values, v->state->gradient);
}

void trn_node_pass_begin(struct trn_pass *pass)
{
    struct trn_node_pass *nodes = pass->nodes;
    struct visit last = visit_of(pass, nodes->graph->n_nodes - 1);

    for (size_t i = 0; i < nodes->graph->n_nodes; i++)
        nodes->states[i].has_gradient = false;
    for (size_t f = 0; f < trn_shape_size(&last.node->shape); f++)
        memset(last.state->gradient + f * pass->capacity + pass->n, 0,
               (pass->capacity - pass->n) * sizeof *last.state->gradient);
    nodes->next = nodes->graph->n_nodes;
}

trnnsf_status trn_node_pass_backward(struct trn_pass *pass, size_t layer,
                                     const struct trn_pass_dropout *dropout)
{
    struct trn_node_pass *nodes = pass->nodes;

    while (nodes->next > 1) {
        struct visit v = visit_of(pass, --nodes->next);

        if (v.state->wants_gradient) {
            activate_back(&v, dropout);
            TRN_TRY(backward(&v));
        }
        if (v.node->layer == layer)
            break;
    }
    return TRNNSF_OK;
}

static struct visit visit_layer(const struct trn_pass *pass, size_t layer)
{
    return visit_of((struct trn_pass *)pass, trn_graph_layer_node(pass->nodes->graph, layer));
}

size_t trn_node_pass_columns(const struct trn_pass *pass, size_t layer)
{
    struct visit v = visit_layer(pass, layer);

    return trn_convolution_columns(&v.state->convolution, pass->capacity);
}

trnnsf_status trn_node_pass_input_squares(struct trn_pass *pass, size_t layer, float scale,
                                          float *mean)
{
    struct visit v = visit_layer(pass, layer);

    return trn_convolve_squares(pass->ctx, &v.state->convolution, pass->n, pass->capacity, scale,
                                pass->panel[layer], pass->nodes->lowered, mean);
}

trnnsf_status trn_node_pass_input_means(struct trn_pass *pass, size_t layer, float *mean)
{
    struct visit v = visit_layer(pass, layer);

    return trn_convolve_means(pass->ctx, &v.state->convolution, pass->n, pass->capacity,
                              pass->panel[layer], pass->nodes->lowered, mean);
}

trnnsf_status trn_node_pass_weight_gradient(struct trn_pass *pass, size_t layer, float alpha,
                                            float beta, float *g)
{
    struct visit v = visit_layer(pass, layer);

    return trn_convolve_gradient(pass->ctx, &v.state->convolution, pass->packed[layer], alpha,
                                 pass->capacity, v.state->gradient, pass->panel[layer], beta, g,
                                 pass->nodes->lowered);
}

struct trn_panel trn_node_pass_gradient(const struct trn_pass *pass, size_t layer)
{
    struct visit v = visit_layer(pass, layer);
    size_t columns = trn_shape_pixels(&v.node->shape) * pass->capacity;

    return (struct trn_panel){v.node->shape.channels, columns, columns, v.state->gradient, NULL};
}
