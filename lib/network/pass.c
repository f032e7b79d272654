#include "network/pass.h"

#include "base/context.h"
#include "base/pool.h"
#include "network/convert.h"
#include "network/node_convert.h"

void trn_pass_free(struct trn_pass *pass)
{
    if (!pass)
        return;
    trnnsf_context *ctx = pass->ctx;
    size_t n_layers = pass->network->n_layers;

    for (size_t l = 0; pass->packed && l < n_layers; l++)
        trn_packed_free(ctx, pass->packed[l]);
    for (size_t l = 0; pass->panel && !pass->nodes && l <= n_layers; l++)
        trn_free(ctx, pass->panel[l]);
    trn_node_pass_free(ctx, pass->nodes);
    for (size_t l = 0; pass->slope && l <= n_layers; l++)
        trn_free(ctx, pass->slope[l]);
    trn_free(ctx, pass->slope);
    trn_free(ctx, pass->packed);
    trn_free(ctx, pass->panel);
    trn_free(ctx, pass->gradient[0]);
    trn_free(ctx, pass->gradient[1]);
    trn_free(ctx, pass->sums);
    trn_free(ctx, pass);
}

float *trn_pass_make_panel(trnnsf_context *ctx, size_t n_features, size_t capacity)
{
    size_t count;

    if (!trn_size_multiply(n_features, capacity, &count)) {
        trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for %zu x %zu activations", n_features,
                 capacity);
        return NULL;
    }
    return TRN_NEW_ARRAY(ctx, float, count);
}

trnnsf_status trn_pass_need_slopes(struct trn_pass *pass)
{
    size_t n_layers = pass->network->n_layers;

    if (pass->nodes)
        return trn_node_converters_create(pass);
    for (size_t l = 1; l <= n_layers; l++) {
        if (!trn_converter_of(pass->network, l))
            continue;
        if (!pass->slope)
            pass->slope = TRN_NEW_ARRAY(pass->ctx, float *, n_layers + 1);
        if (!pass->slope)
            return TRN_NO_MEMORY;
        if (!pass->slope[l])
            pass->slope[l] =
                trn_pass_make_panel(pass->ctx, pass->network->layers[l - 1].n_out, pass->capacity);
        if (!pass->slope[l])
            return TRN_NO_MEMORY;
    }
    return TRNNSF_OK;
}

size_t trn_pass_batch(const struct trnnsf_network *network, size_t most, size_t fewest,
                      size_t values, size_t n_samples)
{
    size_t widest = trn_network_widest(network), batch = most;

    while (batch > fewest && batch * widest > values)
        batch /= 2;
    return n_samples < batch ? n_samples : batch;
}

size_t trn_pass_columns(const struct trn_pass *pass, size_t layer)
{
    return pass->nodes ? trn_node_pass_columns(pass, layer) : pass->capacity;
}

static trnnsf_status create_packed(struct trn_pass *pass, bool training)
{
    for (size_t l = 0; l < pass->network->n_layers; l++) {
        struct trn_layer *layer = &pass->network->layers[l];
        size_t columns = trn_pass_columns(pass, l);

        if (training || pass->network->ctx != pass->ctx)
            TRN_TRY(trn_packed_create(pass->ctx, layer, columns, training, &pass->packed[l]));
        else
            TRN_TRY(trn_packed_borrow(pass->ctx, layer, columns, &pass->packed[l]));
    }
    return TRNNSF_OK;
}

static trnnsf_status create_chain(struct trn_pass *pass, bool training)
{
    const struct trnnsf_network *network = pass->network;
    size_t widest = 0;

    for (size_t l = 0; l <= network->n_layers; l++) {
        size_t features = l > 0 ? network->layers[l - 1].n_out : network->layers[0].n_in;

        pass->panel[l] = trn_pass_make_panel(pass->ctx, features, pass->capacity);
        if (!pass->panel[l])
            return TRN_NO_MEMORY;
        widest = l > 0 && features > widest ? features : widest;
    }
    for (size_t i = 0; training && i < 2; i++) {
        pass->gradient[i] = trn_pass_make_panel(pass->ctx, widest, pass->capacity);
        if (!pass->gradient[i])
            return TRN_NO_MEMORY;
    }
    return training ? trn_pass_need_slopes(pass) : TRNNSF_OK;
}

static trnnsf_status create_graph(struct trn_pass *pass, bool training)
{
    const struct trnnsf_network *network = pass->network;
    const struct trn_graph *graph = &network->graph;

    TRN_TRY(trn_node_pass_create(pass->ctx, graph, pass->capacity, training, &pass->nodes));
    for (size_t i = 1; i < graph->n_nodes; i++) {
        if (trn_node_has_weights(&graph->nodes[i]))
            pass->panel[graph->nodes[i].layer] =
                pass->nodes->states[graph->nodes[i].inputs[0]].values;
    }
    pass->panel[network->n_layers] = pass->nodes->states[graph->n_nodes - 1].values;
    return trn_node_converters_create(pass);
}

trnnsf_status trn_pass_create(trnnsf_context *ctx, struct trnnsf_network *network, size_t capacity,
                              bool training, struct trn_pass **out_pass)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = TRN_NEW(ctx, struct trn_pass);

    TRN_NEED_OUT(pass);
    pass->ctx = ctx;
    pass->network = network;
    pass->capacity = capacity;
    pass->packed = TRN_NEW_ARRAY(ctx, struct trn_packed *, network->n_layers);
    pass->panel = TRN_NEW_ARRAY(ctx, float *, network->n_layers + 1);
    pass->sums = TRN_NEW_ARRAY(ctx, struct trn_loss_sum, capacity / TRN_LOSS_SAMPLES + 1);
    TRN_NEED_OUT(pass->packed);
    TRN_NEED_OUT(pass->panel);
    TRN_NEED_OUT(pass->sums);
    if (trn_network_is_chain(network))
        TRN_TRY_OUT(create_chain(pass, training));
    else
        TRN_TRY_OUT(create_graph(pass, training));
    TRN_TRY_OUT(create_packed(pass, training));
    *out_pass = pass;
    pass = NULL;
out:
    trn_pass_free(pass);
    return status;
}

/* A graph's first layer may read something else than the samples. */
static float *input_panel(const struct trn_pass *pass)
{
    return pass->nodes ? pass->nodes->states[0].values : pass->panel[0];
}

const uint8_t *trn_pass_used(const struct trn_pass *pass, size_t layer)
{
    return pass->lean && !pass->nodes && layer < pass->network->n_layers ? pass->packed[layer]->reads : NULL;
}

/* Layer 0 stands for the inputs, layer l + 1 for the outputs of layer l. The last layer drops
 * nothing. */
static struct trn_dropout layer_dropout(const struct trn_pass *pass,
                                        const struct trn_pass_dropout *dropout, size_t layer)
{
    struct trn_dropout result = {.rate = 0.0f};

    if (!dropout || layer == pass->network->n_layers)
        return result;
    result.seed = dropout->seed;
    result.epoch = dropout->epoch;
    result.batch = dropout->batch;
    result.layer = (uint32_t)layer;
    result.rate = dropout->rates[layer];
    return result;
}

/* Features and samples a tile of the gather: chosen here so that the lines read for 16 samples stay
 * in the first-level cache while their features are written out. Values a task: as many as are
 * worth handing out. */
enum { TILE_FEATURES = 64, TILE_SAMPLES = 16, TASK_VALUES = 16384 };

struct load {
    const struct trn_pass *pass;
    const float *inputs;
    const uint32_t *index;
    const uint8_t *used;
    size_t tiles; /* a task */
};

static void load_tile(const struct load *work, size_t feature, size_t n_features, size_t sample,
                      size_t n_samples)
{
    const struct trn_pass *pass = work->pass;
    size_t n_in = trn_network_inputs(pass->network), ld = pass->capacity;
    float *panel = input_panel(pass);
    const float *from[TILE_SAMPLES];

    for (size_t s = 0; s < n_samples; s++) {
        size_t at = work->index ? work->index[sample + s] : sample + s;
        from[s] = work->inputs + at * n_in + feature;
    }
    for (size_t f = 0; f < n_features; f++) {
        float *to = panel + (feature + f) * ld + sample;

        if (work->used && !work->used[feature + f])
            continue;
        for (size_t s = 0; s < n_samples; s++)
            to[s] = from[s][f];
    }
}

static void load_task(void *argument, size_t task, size_t worker)
{
    const struct load *work = argument;
    size_t n_in = trn_network_inputs(work->pass->network), n = work->pass->n;
    size_t feature = task * work->tiles * TILE_FEATURES,
           end = feature + work->tiles * TILE_FEATURES;

    (void)worker;
    for (; feature < n_in && feature < end; feature += TILE_FEATURES) {
        size_t n_features = n_in - feature < TILE_FEATURES ? n_in - feature : TILE_FEATURES;

        for (size_t s = 0; s < n; s += TILE_SAMPLES)
            load_tile(work, feature, n_features, s, n - s < TILE_SAMPLES ? n - s : TILE_SAMPLES);
    }
}

void trn_pass_load(struct trn_pass *pass, size_t n, const float *inputs, const uint32_t *index,
                   const struct trn_pass_dropout *dropout)
{
    size_t tiles = TASK_VALUES / (TILE_FEATURES * (n > 0 ? n : 1));
    struct load work = {pass, inputs, index, trn_pass_used(pass, 0), tiles > 0 ? tiles : 1};
    struct trn_dropout input = layer_dropout(pass, dropout, 0);
    size_t n_in = trn_network_inputs(pass->network);
    struct trn_panel panel = {n_in, n, pass->capacity, input_panel(pass), work.used};

    pass->n = n;
    tiles = (n_in + TILE_FEATURES - 1) / TILE_FEATURES;
    trn_parallel(pass->ctx, (tiles + work.tiles - 1) / work.tiles, load_task, &work);
    if (!pass->nodes && trn_converter_of(pass->network, 0))
        trn_convert(pass->ctx, TRNNSF_ACTIVATION_LINEAR, trn_converter_of(pass->network, 0), &input,
                    &panel, NULL);
    else
        trn_activate(pass->ctx, TRNNSF_ACTIVATION_LINEAR, NULL, &input, &panel);
}

trnnsf_status trn_pass_forward(struct trn_pass *pass, const struct trn_pass_dropout *dropout)
{
    if (pass->nodes)
        return trn_node_pass_forward(pass, dropout);
    for (size_t l = 0; l < pass->network->n_layers; l++) {
        const struct trn_layer *layer = &pass->network->layers[l];
        struct trn_panel panel = {layer->n_out, pass->n, pass->capacity, pass->panel[l + 1],
                                  trn_pass_used(pass, l + 1)};
        struct trn_dropout drop = layer_dropout(pass, dropout, l + 1);

        TRN_TRY(trn_packed_multiply(pass->ctx, pass->packed[l], pass->n, pass->panel[l],
                                    pass->capacity, panel.used, panel.values, pass->capacity));
        trn_activate_layer(pass->ctx, pass->network, l, &drop, &panel,
                           pass->slope ? pass->slope[l + 1] : NULL);
    }
    return TRNNSF_OK;
}

const float *trn_pass_outputs(const struct trn_pass *pass)
{
    return pass->panel[pass->network->n_layers];
}

struct trn_panel trn_pass_output_panel(const struct trn_pass *pass)
{
    return (struct trn_panel){trn_network_outputs(pass->network), pass->n, pass->capacity,
                              pass->panel[pass->network->n_layers], NULL};
}

struct trn_loss_sum trn_pass_loss(struct trn_pass *pass, uint32_t loss, const uint32_t *labels,
                                  bool gradient)
{
    struct trn_panel outputs = trn_pass_output_panel(pass);
    struct trn_loss_sum sum =
        trn_loss(pass->ctx, loss, trn_network_output_activation(pass->network), &outputs, labels,
                 gradient ? trn_pass_output_gradient(pass) : NULL, pass->sums);

    if (gradient && pass->nodes)
        trn_node_pass_begin(pass);
    return sum;
}

/* d loss / d (W x + b) of a layer of a chain. */
static float *gradient_of(const struct trn_pass *pass, size_t layer)
{
    return pass->gradient[layer % 2];
}

/* Of panel `layer`; all rows of it that are computed. */
static bool slope_of(const struct trn_pass *pass, size_t layer, struct trn_panel *slope)
{
    if (!pass->slope || !pass->slope[layer] || !trn_converter_of(pass->network, layer))
        return false;
    *slope = (struct trn_panel){pass->network->layers[layer - 1].n_out, pass->n, pass->capacity,
                                pass->slope[layer], trn_pass_used(pass, layer)};
    return true;
}

void trn_pass_clip_gradient(struct trn_pass *pass)
{
    size_t last = pass->network->n_layers;
    struct trn_panel slope;

    if (pass->nodes && trn_node_converts_sums(pass, pass->nodes->graph->n_nodes - 1)) {
        slope = trn_pass_output_panel(pass);
        slope.values = pass->nodes->sums_slope;
        trn_convert_backward(pass->ctx, &slope, trn_pass_output_gradient(pass));
    }
    if (slope_of(pass, last, &slope))
        trn_convert_backward(pass->ctx, &slope, gradient_of(pass, last - 1));
}

float *trn_pass_output_gradient(const struct trn_pass *pass)
{
    if (pass->nodes)
        return pass->nodes->states[pass->nodes->graph->n_nodes - 1].gradient;
    return gradient_of(pass, pass->network->n_layers - 1);
}

static trnnsf_status chain_backward(struct trn_pass *pass, size_t layer,
                                    const struct trn_pass_dropout *dropout)
{
    const struct trn_layer *below = &pass->network->layers[layer - 1];
    struct trn_panel values = {below->n_out, pass->n, pass->capacity, pass->panel[layer],
                               trn_pass_used(pass, layer)};
    const uint8_t *wanted = pass->lean ? pass->packed[layer - 1]->writes : NULL;
    struct trn_dropout drop = layer_dropout(pass, dropout, layer);
    float *gradient = gradient_of(pass, layer - 1);
    struct trn_panel slope;

    TRN_TRY(trn_packed_multiply_transposed(pass->ctx, pass->packed[layer], pass->n,
                                           gradient_of(pass, layer), pass->capacity, wanted,
                                           gradient, pass->capacity));
    if (slope_of(pass, layer, &slope))
        trn_convert_backward(pass->ctx, &slope, gradient);
    else
        trn_activate_backward(pass->ctx, below->activation, &drop, &values, gradient);
    return TRNNSF_OK;
}

trnnsf_status trn_pass_backward(struct trn_pass *pass, size_t layer,
                                const struct trn_pass_dropout *dropout)
{
    if (pass->nodes)
        return trn_node_pass_backward(pass, layer, dropout);
    return layer > 0 && layer < pass->network->n_layers ? chain_backward(pass, layer, dropout) : TRNNSF_OK;
}

trnnsf_status trn_pass_input_squares(struct trn_pass *pass, size_t layer, float scale, float *mean)
{
    if (pass->nodes)
        return trn_node_pass_input_squares(pass, layer, scale, mean);
    for (size_t i = 0; i < pass->network->layers[layer].n_in; i++) {
        const float *row = pass->panel[layer] + i * pass->capacity;
        double sum = 0;

        for (size_t s = 0; s < pass->n; s++)
            sum += (double)row[s] * (double)row[s];
        mean[i] += scale * (float)sum;
    }
    return TRNNSF_OK;
}

void trn_pass_freeze_norms(struct trn_pass *pass)
{
    if (pass->nodes)
        pass->nodes->frozen = true;
}

trnnsf_status trn_pass_weight_gradient(struct trn_pass *pass, size_t layer, float alpha, float beta,
                                       float *g)
{
    if (pass->nodes)
        return trn_node_pass_weight_gradient(pass, layer, alpha, beta, g);
    return trn_packed_gradient(pass->ctx, pass->packed[layer], alpha, pass->n,
                               gradient_of(pass, layer), pass->capacity, pass->panel[layer],
                               pass->capacity, beta, g);
}

struct trn_panel trn_pass_gradient(const struct trn_pass *pass, size_t layer)
{
    if (pass->nodes)
        return trn_node_pass_gradient(pass, layer);
    return (struct trn_panel){pass->network->layers[layer].n_out, pass->n, pass->capacity,
                              gradient_of(pass, layer), trn_pass_used(pass, layer + 1)};
}
