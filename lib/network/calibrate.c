/* Ranges of weights and activations for a device, found from the network and from samples. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/sort.h"
#include "network/convert.h"
#include "network/calibrate.h"
#include "network/device.h"
#include "network/pass.h"
#include "network/weight_range.h"

/* Samples: chosen here, 512 of them make 10^4 values and more of any layer, of which the quantile
 * of one in a thousand is known well enough for a range. */
enum { SAMPLES = 512, MOST_OCTAVES = 4 };

struct calibration {
    trnnsf_context *ctx;
    struct trnnsf_network *network;
    const struct trn_device *device;
    struct trn_pass *pass;
    float *values; /* [widest x SAMPLES] */
    float *factor; /* [n_layers] */
    float *fill;   /* [n_layers + 1] share of the one activation range that a layer's inputs take */
    float output_range; /* of the last layer's sums */
    /* As it was before weights of the other sign went. */
    const struct trnnsf_network *signed_network;
};

/* The quantile of |values| of a panel; 1 where all are 0. */
static float panel_range(const struct calibration *work, size_t layer, size_t n_features)
{
    const struct trn_pass *pass = work->pass;
    size_t count = 0;

    for (size_t f = 0; f < n_features; f++) {
        for (size_t i = 0; i < pass->n; i++)
            work->values[count++] = fabsf(pass->panel[layer][f * pass->capacity + i]);
    }

    float range = trn_select_quantile(work->values, count, work->device->quantile);
    if (!(range > 0.0f)) /* nearly all are 0: the largest */
        range = trn_select_quantile(work->values, count, 1.0);
    return range >= FLT_MIN && isfinite(range) ? range : 1.0f;
}

static void multiply_panel(const struct calibration *work, size_t layer, size_t n_features,
                           float factor)
{
    const struct trn_pass *pass = work->pass;

    for (size_t i = 0; factor != 1.0f && i < n_features * pass->capacity; i++)
        pass->panel[layer][i] *= factor;
}

static void scale_layer(struct trn_layer *layer, float weights, float biases)
{
    for (size_t i = 0; weights != 1.0f && i < layer->n_in * layer->n_out; i++)
        layer->weights[i] *= weights;
    for (size_t i = 0; biases != 1.0f && layer->biases && i < layer->n_out; i++)
        layer->biases[i] *= biases;
}

/* What a hidden layer may be scaled by: of max(z, 0) and of z what comes out is scaled as what goes
 * in. Outputs keep their scale: of softmax the order would stay, but not what is learnt from. */
static bool is_homogeneous(uint32_t activation)
{
    return activation == TRNNSF_ACTIVATION_RELU || activation == TRNNSF_ACTIVATION_LINEAR;
}

/* W x + b, the layer's inputs being `scale` times those it was trained with; and its activation,
 * where it is a hidden one. Weights and biases are scaled so that the sums are `*scale` times those
 * that they were, which is 1 where another activation follows. */
static trnnsf_status layer_sums(struct calibration *work, size_t l, bool hidden, float *scale)
{
    struct trn_pass *pass = work->pass;
    struct trn_layer *layer = &work->network->layers[l];
    struct trn_panel panel = {layer->n_out, pass->n, pass->capacity, pass->panel[l + 1], NULL};
    bool free_scale = hidden && is_homogeneous(layer->activation);
    float back = free_scale ? 1.0f : 1.0f / *scale;

    *scale = free_scale ? *scale : 1.0f;
    TRN_TRY(trn_packed_multiply(work->ctx, pass->packed[l], pass->n, pass->panel[l], pass->capacity,
                                NULL, panel.values, pass->capacity));
    multiply_panel(work, l + 1, layer->n_out, back);
    scale_layer(layer, back, *scale);
    trn_activate(work->ctx, hidden ? layer->activation : TRNNSF_ACTIVATION_LINEAR, layer->biases,
                 NULL, &panel);
    return TRNNSF_OK;
}

/* Biases get what a layer's sums lose on the average with the weights that went (Nagel et al. 2019,
 * section 4.2): a column of negative weights, whose sums would all be below 0, goes on to rectify.
 * The layer's inputs are `scale` times those of its weights. */
static void correct_biases(const struct calibration *work, size_t l, float scale)
{
    const struct trn_pass *pass = work->pass;
    const float *before = work->signed_network->layers[l].weights;
    struct trn_layer *layer = &work->network->layers[l];

    for (size_t j = 0; j < layer->n_in; j++) {
        double sum = 0;

        for (size_t s = 0; s < pass->n; s++)
            sum += (double)pass->panel[l][j * pass->capacity + s];
        work->values[j] = (float)(sum / ((double)pass->n * (double)scale));
    }
    for (size_t i = 0; i < layer->n_out; i++) {
        double sum = 0;

        for (size_t j = 0; j < layer->n_in; j++) {
            size_t at = i * layer->n_in + j;

            sum += (double)(before[at] - layer->weights[at]) * (double)work->values[j];
        }
        layer->biases[i] += (float)sum;
    }
}

/* The converter after layer l. Where all layers are to have one range, a layer that may be scaled
 * is scaled to fill it. */
static trnnsf_status calibrate_layer(struct calibration *work, size_t l, float range, float *scale)
{
    struct trn_layer *layer = &work->network->layers[l];
    bool hidden = l + 1 < work->network->n_layers;
    struct trn_converter *converter = hidden ? &layer[1].input : &layer->output;
    struct trn_panel panel = {layer->n_out, work->pass->n, work->pass->capacity,
                              work->pass->panel[l + 1], NULL};
    bool scales = hidden && is_homogeneous(layer->activation);

    if (layer->biases && work->device->unipolar != TRNNSF_UNIPOLAR_NONE)
        correct_biases(work, l, *scale);
    TRN_TRY(layer_sums(work, l, hidden, scale));
    if (!trn_device_converts(work->device) || (!hidden && work->device->exact_outputs))
        return TRNNSF_OK;
    *converter = (struct trn_converter){
        .range = panel_range(work, l + 1, layer->n_out),
        .bits = work->device->bits,
        .is_signed = !hidden || layer->activation == TRNNSF_ACTIVATION_LINEAR ||
                     layer->activation == TRNNSF_ACTIVATION_TANH};
    work->output_range = converter->range;
    if (work->device->uniform && scales) {
        float factor = range * work->fill[l + 1] / converter->range;

        multiply_panel(work, l + 1, layer->n_out, factor);
        scale_layer(layer, factor, factor);
        *scale *= factor;
    }
    converter->range = range > 0.0f ? range : converter->range;
    trn_convert(work->ctx, TRNNSF_ACTIVATION_LINEAR, converter, NULL, &panel, NULL);
    return TRNNSF_OK;
}

static bool any_negative(const float *values, size_t n)
{
    size_t i = 0;

    while (i < n && !(values[i] < 0.0f))
        i++;
    return i < n;
}

static trnnsf_status calibrate_activations(struct calibration *work, size_t n_samples,
                                           const float *inputs)
{
    const struct trn_device *device = work->device;
    struct trnnsf_network *network = work->network;
    struct trn_layer *first = &network->layers[0];
    size_t n = n_samples < SAMPLES ? n_samples : SAMPLES, stride = n_samples / n;
    float range = (float)device->activation_range, scale = 1.0f;
    struct trn_panel panel = {first->n_in, n, work->pass->capacity, work->pass->panel[0], NULL};
    uint32_t index[SAMPLES] = {0};

    for (size_t i = 0; i < n; i++)
        index[i] = (uint32_t)(i * stride);
    trn_pass_load(work->pass, n, inputs, index, NULL);
    if (trn_device_converts(device)) {
        first->input.bits = device->bits;
        first->input.is_signed = any_negative(inputs, n_samples * first->n_in);
        first->input.range = range > 0.0f ? range : panel_range(work, 0, first->n_in);
        trn_convert(work->ctx, TRNNSF_ACTIVATION_LINEAR, &first->input, NULL, &panel, NULL);
    }
    if (device->uniform)
        range = first->input.range;
    for (size_t l = 0; l < network->n_layers; l++)
        TRN_TRY(calibrate_layer(work, l, range, &scale));
    return TRNNSF_OK;
}

/* ---- one range of weights ---- */

static bool all_scale(const struct trnnsf_network *network)
{
    for (size_t l = 0; l + 1 < network->n_layers; l++) {
        if (!is_homogeneous(network->layers[l].activation))
            return false;
    }
    return true;
}

/* log2 of what each layer's weights are to be scaled by for one range: the one given, or the
 * geometric mean of those that are best of each, which leaves the outputs as they are. */
static void find_steps(const struct calibration *work, double *step)
{
    const struct trnnsf_network *network = work->network;
    size_t n = network->n_layers;
    double common = 0, error;

    for (size_t l = 0; l < n; l++)
        work->factor[l] = 1.0f;
    for (size_t l = 0; l < n; l++) {
        step[l] = -log2(
            (double)trn_weight_range(network, l, l + 1, trn_device_grid(work->device), work->factor, &error));
        common -= step[l] / (double)n;
    }
    if (work->device->weight_range > 0)
        common = log2(work->device->weight_range);
    for (size_t l = 0; l < n; l++)
        step[l] += common;
}

/* A network whose layers all fill one activation range has weights of very different ranges. Where
 * layers fill less of it, one range of weights is the best of each: chosen for that, as far as no
 * converter leaves more than half of its bits unused, or MOST_OCTAVES. The activation range, over
 * that of the inputs. */
static trnnsf_status choose_fills(struct calibration *work, float *out_range)
{
    const struct trnnsf_network *network = work->network;
    size_t n = network->n_layers;
    double bits = work->device->bits > 0 ? work->device->bits / 2.0 : MOST_OCTAVES, most = 0,
           at = 0;
    double *step = TRN_NEW_ARRAY(work->ctx, double, n);

    if (!step)
        return TRN_NO_MEMORY;
    bits = fmin(bits, MOST_OCTAVES);
    find_steps(work, step);
    for (size_t l = 0; l + 1 < n; l++) {
        at += step[l];
        most = fmax(most, at);
    }
    most = fmax(most, log2((double)(work->output_range / network->layers[0].input.range)));
    most = fmin(most, bits);
    at = 0;
    for (size_t l = 0; l + 1 < n; l++) {
        at += step[l];
        work->fill[l + 1] = (float)exp2(fmin(fmax(at - most, -bits), 0));
    }
    *out_range = (float)exp2(most);
    trn_free(work->ctx, step);
    return TRNNSF_OK;
}

/* ---- the whole ---- */

static void end(struct calibration *work)
{
    trn_pass_free(work->pass);
    trn_free(work->ctx, work->values);
    trn_free(work->ctx, work->factor);
    trn_network_free(work->network);
    work->pass = NULL;
    work->values = work->factor = NULL;
    work->network = NULL;
}

static trnnsf_status prepare(struct calibration *work, size_t n_samples)
{
    struct trnnsf_network *network = work->network;
    size_t n = n_samples < SAMPLES ? n_samples : SAMPLES, widest = network->layers[0].n_in;

    for (size_t l = 0; l < network->n_layers; l++)
        widest = network->layers[l].n_out > widest ? network->layers[l].n_out : widest;
    work->values = trn_malloc(work->ctx, widest, n * sizeof *work->values);
    if (!work->values)
        return TRN_NO_MEMORY;
    return trn_pass_create(work->ctx, network, n, false, &work->pass);
}

/* Weights of the other sign go: ranges are those of what stays. */
static void apply_signs(const struct calibration *work, float *const *signs)
{
    for (size_t l = 0; l < work->network->n_layers; l++) {
        struct trn_layer *layer = &work->network->layers[l];
        const struct trn_level_grid all = {.range = INFINITY};

        layer->grid = (struct trn_level_grid){.range = 0.0f};
        layer->input = layer->output = (struct trn_converter){.range = 0.0f};
        if (signs && signs[l])
            trn_device_clip(work->ctx, &all, signs[l], layer->n_in * layer->n_out, layer->weights);
    }
}

static void take_over_norms(struct trn_graph *graph, const struct trn_graph *from)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        size_t n = graph->nodes[i].shape.channels;

        for (size_t v = 0; v < TRN_NORM_VALUES && graph->nodes[i].norm[v]; v++)
            memcpy(graph->nodes[i].norm[v], from->nodes[i].norm[v], n * sizeof(float));
    }
}

/* Cannot fail. */
static void take_over(struct trnnsf_network *network, const struct trnnsf_network *from)
{
    take_over_norms(&network->graph, &from->graph);
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_layer *layer = &network->layers[l], *other = &from->layers[l];

        memcpy(layer->weights, other->weights, layer->n_in * layer->n_out * sizeof(float));
        if (layer->biases)
            memcpy(layer->biases, other->biases, layer->n_out * sizeof(float));
        layer->grid = other->grid;
        layer->input = other->input;
        layer->output = other->output;
        layer->revision++;
    }
}

/* A copy of the network with its converters, scaled for them. */
static trnnsf_status calibrate_copy(struct calibration *work, const struct trnnsf_network *network,
                                    size_t n_samples, const float *inputs, float *const *signs)
{
    TRN_TRY(trn_network_copy(work->ctx, network, &work->network));
    work->factor = TRN_NEW_ARRAY(work->ctx, float, network->n_layers);
    if (!work->factor)
        return TRN_NO_MEMORY;
    apply_signs(work, signs);
    work->signed_network = network;
    if (!trn_network_is_chain(network))
        return trn_calibrate_graph(work->ctx, work->network, network, work->device, n_samples,
                                   inputs);
    if (!trn_device_converts(work->device) &&
        (work->device->unipolar == TRNNSF_UNIPOLAR_NONE || !network->layers[0].biases || !inputs))
        return TRNNSF_OK;
    TRN_TRY(prepare(work, n_samples));
    return calibrate_activations(work, n_samples, inputs);
}

trnnsf_status trn_device_calibrate(trnnsf_context *ctx, struct trnnsf_network *network,
                                   const struct trn_device *device, size_t n_samples,
                                   const float *inputs, float *const *signs)
{
    struct trn_device given = *device;
    struct calibration work = {.ctx = ctx, .device = &given};
    bool search = device->uniform && device->levels > 0 && trn_device_converts(device) &&
                  !(device->activation_range > 0) && trn_network_is_chain(network) &&
                  all_scale(network);
    trnnsf_status status;

    work.fill = TRN_NEW_ARRAY(ctx, float, network->n_layers + 1);
    TRN_NEED_OUT(work.fill);
    for (size_t l = 0; l <= network->n_layers; l++)
        work.fill[l] = 1.0f;
    TRN_TRY_OUT(calibrate_copy(&work, network, n_samples, inputs, signs));
    if (search) {
        float range = work.network->layers[0].input.range, more;

        work.output_range = device->exact_outputs ? range : work.output_range;
        TRN_TRY_OUT(choose_fills(&work, &more));
        given.activation_range = (double)(range * more);
        end(&work);
        TRN_TRY_OUT(calibrate_copy(&work, network, n_samples, inputs, signs));
    }
    if (trn_device_holds_weights(device))
        trn_calibrate_weights(work.network, device, work.factor);
    take_over(network, work.network);
out:
    end(&work);
    trn_free(ctx, work.fill);
    return status;
}

trnnsf_status trn_network_quantise(trnnsf_context *ctx, struct trnnsf_network *network,
                                   const struct trn_device *device, size_t n_samples,
                                   const float *inputs)
{
    float **signs = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_device_all_signs(ctx, network, device, &signs));
    TRN_TRY_OUT(trn_device_calibrate(ctx, network, device, n_samples, inputs, signs));
    for (size_t l = 0; trn_device_holds_weights(device) && l < network->n_layers; l++) {
        struct trn_layer *layer = &network->layers[l];

        trn_device_levels(ctx, &layer->grid, signs[l], NULL, layer->n_in * layer->n_out,
                          layer->weights, layer->weights);
        if (layer->mask)
            trn_mask_apply(layer->mask, layer->weights, layer->n_in);
        trn_layer_drop_ready(network, l);
    }
out:
    trn_device_free_signs(ctx, network, signs);
    return status;
}
