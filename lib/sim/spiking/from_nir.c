/* Chains of nodes as layers: linear nodes between neurons become one matrix. */
#include "sim/spiking/from_nir.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

enum { SIGNALS_MAX = 1 << 24 }; /* of a layer: chosen here */

struct builder {
    trnnsf_context *ctx;
    const struct trnnsf_nir *nir;
    const struct trnnsf_nir_import_options *options;
    double dt;
    size_t *chain, n_chain; /* nodes from the input to the output */
    struct trnnsf_spiking *spiking;
    size_t layer;           /* the next one */
    struct trn_nir_map map; /* since the last neurons; empty: nothing yet */
    uint32_t *delay;        /* of their spikes, or NULL */
    size_t longest;
};

static trnnsf_status fail_node(const struct builder *builder, const struct trn_nir_node *node,
                               const char *why)
{
    return trn_fail(builder->ctx, TRNNSF_E_UNSUPPORTED, "node \"%s\" (%s): %s", node->name,
                    trn_nir_kinds[node->type].name, why);
}

static size_t signals(const struct trn_nir_shape *shape)
{
    size_t count = 1;

    trn_nir_shape_count(shape, &count);
    return count;
}

/* The one edge's other end; TRN_NIR_NONE where there is none. */
static trnnsf_status next_node(const struct builder *builder, size_t at, size_t *out_next)
{
    const struct trnnsf_nir *nir = builder->nir;
    size_t out = 0, in = 0;

    *out_next = TRN_NIR_NONE;
    for (size_t k = 0; k < nir->n_edges; k++) {
        in += nir->edges[k].to == at;
        out += nir->edges[k].from == at;
        if (nir->edges[k].from == at)
            *out_next = nir->edges[k].to;
    }
    if (in > 1)
        return fail_node(builder, &nir->nodes[at],
                         "more than one edge leads to it; only chains of nodes are simulated");
    if (out > 1)
        return fail_node(builder, &nir->nodes[at],
                         "more than one edge leaves it; only chains of nodes are simulated");
    return TRNNSF_OK;
}

static trnnsf_status find_chain(struct builder *builder)
{
    const struct trnnsf_nir *nir = builder->nir;
    size_t at = TRN_NIR_NONE;

    for (size_t i = 0; i < nir->n_nodes; i++) {
        if (nir->nodes[i].type != TRN_NIR_INPUT)
            continue;
        if (at != TRN_NIR_NONE)
            return fail_node(builder, &nir->nodes[i], "a second input");
        at = i;
    }
    builder->chain = TRN_NEW_ARRAY(builder->ctx, size_t, nir->n_nodes);
    if (!builder->chain)
        return TRN_NO_MEMORY;
    while (at != TRN_NIR_NONE) {
        if (signals(&nir->nodes[at].output) > SIGNALS_MAX)
            return trn_fail(builder->ctx, TRNNSF_E_LIMIT, "node \"%s\": more than %d signals",
                            nir->nodes[at].name, SIGNALS_MAX);
        builder->chain[builder->n_chain++] = at;
        TRN_TRY(next_node(builder, at, &at));
    }
    return TRNNSF_OK;
}

static const struct trn_nir_node *chain_node(const struct builder *builder, size_t k)
{
    return &builder->nir->nodes[builder->chain[k]];
}

/* Layers of the chain: one for each group of neurons, and one that sums up what no neurons do. */
static size_t count_layers(const struct builder *builder)
{
    size_t count = 0;
    bool is_open = true;

    for (size_t k = 0; k < builder->n_chain; k++) {
        uint32_t type = chain_node(builder, k)->type;

        count += trn_nir_is_neuron(type);
        is_open = trn_nir_is_neuron(type) ? false : trn_nir_is_linear(type) ? true : is_open;
    }
    return count + is_open;
}

static double number_of(const struct trn_nir_node *node, const char *name, double fallback)
{
    const struct trn_nir_member *member = trn_nir_member(node, name);
    bool is_good = member && member->values && member->count == 1 &&
                   isfinite(member->values[0]) && member->values[0] > 0;

    return is_good ? member->values[0] : fallback;
}

static trnnsf_status find_step(struct builder *builder)
{
    builder->dt = builder->options->dt;
    if (builder->dt == 0)
        builder->dt = number_of(&builder->nir->graph, TRN_NIR_DT, 0);
    for (size_t k = 0; k < builder->n_chain && builder->dt == 0; k++) {
        const struct trn_nir_node *node = chain_node(builder, k);

        if (trn_nir_has_time(node->type))
            return trn_fail(builder->ctx, TRNNSF_E_INVALID,
                            "node \"%s\" (%s) has times, and neither options.dt nor the file says "
                            "how long a step is",
                            node->name, trn_nir_kinds[node->type].name);
    }
    builder->dt = builder->dt > 0 ? builder->dt : 1;
    return TRNNSF_OK;
}

static bool is_reset_by_subtraction(const struct builder *builder, const struct trn_nir_node *node)
{
    const struct trn_nir_member *member = trn_nir_member(node, TRN_NIR_RESET);

    if (builder->options->reset != TRNNSF_NIR_RESET_FILE)
        return builder->options->reset == TRNNSF_NIR_RESET_SUBTRACT;
    return member && member->text && strcmp(member->text, "subtract") == 0;
}

/* Our own files say how much of a potential there is at first; others begin at 0. */
static trnnsf_status check_initial(const struct builder *builder, const struct trn_nir_node *node,
                                   size_t n)
{
    const struct trn_nir_member *initial = trn_nir_member(node, TRN_NIR_INITIAL);

    if (!initial || (initial->values && (initial->count == 1 || initial->count == n)))
        return TRNNSF_OK;
    return trn_fail(builder->ctx, TRNNSF_E_FORMAT,
                    "node \"%s\": metadata/initial has %zu values, not 1 or %zu", node->name,
                    initial->count, n);
}

/* Parameters of a layer's neurons; gain[n_out], and biases with what the leak adds. */
static trnnsf_status set_neurons(const struct builder *builder, const struct trn_nir_node *node,
                                 struct trn_spiking_layer *layer, double *gain)
{
    struct trn_dynamics *dynamics = layer->dynamics;
    bool any = false;

    TRN_TRY(check_initial(builder, node, layer->n_out));
    for (size_t o = 0; o < layer->n_out; o++) {
        struct trn_nir_fold fold = {.keep = 1, .gain = 1};
        double bias = builder->map.bias ? builder->map.bias[o] : 0;

        if (trn_nir_is_neuron(node->type))
            TRN_TRY(trn_nir_fold(builder->nir, node, builder->dt, !dynamics->to_zero, o, &fold));
        gain[o] = fold.gain;
        dynamics->keep[o] = (float)fold.keep;
        dynamics->initial[o] = (float)fold.initial;
        if (dynamics->keep_current) {
            dynamics->keep_current[o] = (float)fold.keep_current;
            dynamics->rest[o] = (float)fold.rest;
            fold.rest = 0;
        }
        layer->biases[o] = (float)(fold.gain * bias + fold.rest);
        any = any || layer->biases[o] != 0;
    }
    if (!any) {
        trn_free(builder->ctx, layer->biases);
        layer->biases = NULL;
    }
    return TRNNSF_OK;
}

/* `node`: neurons, or the output, which sums up what comes in. */
static trnnsf_status add_layer(struct builder *builder, const struct trn_nir_node *node)
{
    trnnsf_context *ctx = builder->ctx;
    trnnsf_status status = TRNNSF_OK;
    struct trn_spiking_layer *layer = &builder->spiking->layers[builder->layer++];
    const struct trn_nir_member *at = trn_nir_member(node, TRN_NIR_AT_THRESHOLD);
    size_t n_out = signals(&node->input);
    double *gain = TRN_NEW_ARRAY(ctx, double, n_out);

    TRN_NEED_OUT(gain);
    if (!builder->map.start)
        TRN_TRY_OUT(trn_nir_map_identity(ctx, n_out, &builder->map));
    layer->n_in = builder->map.n_in;
    layer->n_out = n_out;
    layer->biases = TRN_NEW_ARRAY(ctx, float, n_out);
    TRN_NEED_OUT(layer->biases);
    TRN_TRY_OUT(trn_dynamics_new(ctx, layer->n_in, n_out, trn_nir_has_currents(node->type),
                                 &layer->dynamics));
    layer->dynamics->to_zero = !is_reset_by_subtraction(builder, node);
    layer->dynamics->is_strict = !at || !at->values || at->values[0] == 0;
    layer->dynamics->is_silent = !trn_nir_can_fire(node->type);
    layer->dynamics->delay = builder->delay;
    layer->dynamics->longest = builder->longest;
    builder->delay = NULL;
    TRN_TRY_OUT(set_neurons(builder, node, layer, gain));
    status = trn_synapses_of_map(ctx, &builder->map, gain, layer);
    if (status == TRNNSF_E_UNSUPPORTED || status == TRNNSF_E_LIMIT)
        status = trn_fail_in(ctx, status, "node \"%s\"", node->name);
    trn_nir_map_clear(ctx, &builder->map);
    builder->spiking->output_scale = number_of(node, TRN_NIR_SCALE_OF, 1);
    if (builder->layer < builder->spiking->n_layers)
        builder->spiking->layers[builder->layer].scale = builder->spiking->output_scale;
out:
    trn_free(ctx, gain);
    return status;
}

static trnnsf_status add_linear(struct builder *builder, const struct trn_nir_node *node)
{
    struct trn_nir_map map = {0};
    trnnsf_status status = trn_nir_map_of_node(builder->nir, node, &map);

    if (status != TRNNSF_OK || !builder->map.start) {
        builder->map = status == TRNNSF_OK ? map : builder->map;
        return status;
    }
    status = trn_nir_map_follow(builder->ctx, &map, &builder->map);
    trn_nir_map_clear(builder->ctx, &map);
    return status == TRNNSF_E_LIMIT ? trn_fail_in(builder->ctx, status, "node \"%s\"", node->name)
                                    : status;
}

/* Spikes come later by whole steps. */
static trnnsf_status add_delay(struct builder *builder, const struct trn_nir_node *node)
{
    const struct trn_nir_member *delay = trn_nir_member(node, "delay");
    size_t n = signals(&node->input);

    if (builder->layer == 0 || builder->map.start)
        return fail_node(builder, node, "only spikes can be delayed, right behind their neurons");
    if (!builder->delay)
        builder->delay = TRN_NEW_ARRAY(builder->ctx, uint32_t, n);
    if (!builder->delay)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        double steps = rint(delay->values[delay->count > 1 ? i : 0] / builder->dt);

        steps += builder->delay[i];
        if (!(steps <= TRN_DELAY_MAX))
            return trn_fail(builder->ctx, TRNNSF_E_LIMIT,
                            "node \"%s\": delay[%zu] is %g steps, more than %d", node->name, i,
                            steps, TRN_DELAY_MAX);
        builder->delay[i] = (uint32_t)steps;
        builder->longest = builder->delay[i] > builder->longest ? builder->delay[i]
                                                                : builder->longest;
    }
    return TRNNSF_OK;
}

static trnnsf_status add_node(struct builder *builder, size_t k)
{
    const struct trn_nir_node *node = chain_node(builder, k);
    bool is_end = k + 1 == builder->n_chain;

    if (trn_nir_is_linear(node->type))
        return add_linear(builder, node);
    if (node->type == TRN_NIR_DELAY)
        return add_delay(builder, node);
    if (trn_nir_is_neuron(node->type)) {
        TRN_TRY(add_layer(builder, node));
        builder->longest = 0;
        if (!trn_nir_can_fire(node->type) && builder->layer < builder->spiking->n_layers)
            return fail_node(builder, node,
                             "what it gives is no spikes, and may only be the output");
        return TRNNSF_OK;
    }
    if (node->type == TRN_NIR_OUTPUT && !is_end)
        return fail_node(builder, node, "edges leave it");
    if (node->type == TRN_NIR_OUTPUT && builder->layer < builder->spiking->n_layers)
        return add_layer(builder, node);
    if (node->type == TRN_NIR_OUTPUT && builder->delay)
        return fail_node(builder, node, "a delay right before it");
    return TRNNSF_OK; /* Input, Flatten, Output */
}

static trnnsf_status build(struct builder *builder)
{
    const struct trn_nir_node *input;

    TRN_TRY(find_chain(builder));
    TRN_TRY(find_step(builder));
    TRN_TRY(trn_spiking_new(builder->ctx, count_layers(builder), &builder->spiking));
    trnnsf_spiking_options_init(&builder->spiking->options);
    input = chain_node(builder, 0);
    builder->spiking->layers[0].scale = number_of(input, TRN_NIR_SCALE_OF, 1);
    for (size_t k = 0; k < builder->n_chain; k++)
        TRN_TRY(add_node(builder, k));
    return TRNNSF_OK;
}

trnnsf_status trn_nir_to_spiking(trnnsf_context *ctx, const struct trnnsf_nir *nir,
                                 const struct trnnsf_nir_import_options *options,
                                 struct trnnsf_spiking **out_spiking)
{
    struct builder builder = {.ctx = ctx, .nir = nir, .options = options};
    trnnsf_status status = build(&builder);

    trn_nir_map_clear(ctx, &builder.map);
    trn_free(ctx, builder.delay);
    trn_free(ctx, builder.chain);
    if (status == TRNNSF_OK)
        *out_spiking = builder.spiking;
    else
        trn_spiking_free(builder.spiking);
    return status;
}
