#include "network/calibrate.h"

#include <float.h>
#include <math.h>

#include "base/context.h"
#include "base/sort.h"
#include "network/node_pass.h"
#include "network/weight_range.h"

/* Samples and values of a panel at most: as for chains, and 16 MiB (chosen here). */
enum { SAMPLES = 512, FEWEST = 16, PANEL_VALUES = 1 << 22 };

struct work {
    trnnsf_context *ctx;
    struct trnnsf_network *network;
    const struct trnnsf_network *before;
    const struct trn_device *device;
    struct trn_pass *pass;
    float *values;  /* [a panel, or the inputs of a layer's groups] */
    float *range;   /* [n_layers + 1] of what feeds each layer, and of the last sums */
    bool *negative; /* [n_layers + 1] some of it is */
    float *factor;  /* [n_layers] of weights */
    /* Nodes whose values are scaled alike, by their class [n_nodes]. */
    size_t *class_of;
    double *scale;
    bool *fixed; /* it stays 1 */
};

static const struct trn_node *nodes_of(const struct work *work)
{
    return work->network->graph.nodes;
}

static size_t groups_of(const struct work *work, size_t l)
{
    size_t node = trn_graph_layer_node(&work->network->graph, l);

    return work->network->layers[l].grouped ? nodes_of(work)[node].options.groups : 1;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void end(struct work *work)
{
    trn_pass_free(work->pass);
    trn_free(work->ctx, work->values);
    trn_free(work->ctx, work->range);
    trn_free(work->ctx, work->negative);
    trn_free(work->ctx, work->factor);
    trn_free(work->ctx, work->class_of);
    trn_free(work->ctx, work->scale);
    trn_free(work->ctx, work->fixed);
}

static trnnsf_status begin(struct work *work, size_t n_samples)
{
    trnnsf_context *ctx = work->ctx;
    const struct trnnsf_network *network = work->network;
    size_t n = n_samples < SAMPLES ? n_samples : SAMPLES, widest = trn_network_widest(network);
    size_t inputs = 0;

    while (n > FEWEST && n * widest > PANEL_VALUES)
        n /= 2;
    for (size_t l = 0; l < network->n_layers; l++)
        inputs = largest(inputs, network->layers[l].n_in * groups_of(work, l));
    work->values = TRN_NEW_ARRAY(ctx, float, largest(inputs, widest * n));
    work->range = TRN_NEW_ARRAY(ctx, float, network->n_layers + 1);
    work->negative = TRN_NEW_ARRAY(ctx, bool, network->n_layers + 1);
    work->factor = TRN_NEW_ARRAY(ctx, float, network->n_layers);
    work->class_of = TRN_NEW_ARRAY(ctx, size_t, network->graph.n_nodes);
    work->scale = TRN_NEW_ARRAY(ctx, double, network->graph.n_nodes);
    work->fixed = TRN_NEW_ARRAY(ctx, bool, network->graph.n_nodes);
    if (!work->values || !work->range || !work->negative || !work->factor || !work->class_of ||
        !work->scale || !work->fixed)
        return TRN_NO_MEMORY;
    return trn_pass_create(ctx, work->network, n, false, &work->pass);
}

static void load(struct work *work, size_t n_samples, const float *inputs)
{
    size_t n = work->pass->capacity, stride = n_samples / n;
    uint32_t index[SAMPLES] = {0};

    for (size_t i = 0; i < n; i++)
        index[i] = (uint32_t)(i * stride);
    trn_pass_load(work->pass, n, inputs, index, NULL);
}

/* ---- biases ---- */

/* They get what a layer's sums lose on the average with the weights that went, as in chains; what feeds
 * the layer has been corrected before. */
static void correct_biases(struct work *work, size_t l)
{
    struct trn_layer *layer = &work->network->layers[l];
    const float *before = work->before->layers[l].weights;
    size_t groups = groups_of(work, l);

    for (size_t i = 0; i < layer->n_out; i++) {
        const float *mean = work->values + i / (layer->n_out / groups) * layer->n_in;
        double sum = 0;

        for (size_t j = 0; j < layer->n_in; j++) {
            size_t at = i * layer->n_in + j;

            sum += (double)(before[at] - layer->weights[at]) * (double)mean[j];
        }
        layer->biases[i] += (float)sum;
    }
}

static trnnsf_status correct_all_biases(struct work *work)
{
    for (size_t l = 0; l < work->network->n_layers; l++) {
        if (!work->network->layers[l].biases)
            continue;
        TRN_TRY(trn_pass_forward(work->pass, NULL));
        TRN_TRY(trn_node_pass_input_means(work->pass, l, work->values));
        correct_biases(work, l);
    }
    return TRNNSF_OK;
}

/* ---- ranges ---- */

static void measure_panel(struct work *work, const float *panel, size_t features, size_t which)
{
    const struct trn_pass *pass = work->pass;
    size_t count = 0;

    for (size_t f = 0; f < features; f++) {
        for (size_t s = 0; s < pass->n; s++) {
            float value = panel[f * pass->capacity + s];

            work->negative[which] = work->negative[which] || value < 0.0f;
            work->values[count++] = fabsf(value);
        }
    }

    float range = trn_select_quantile(work->values, count, work->device->quantile);
    if (!(range > 0.0f)) /* nearly all are 0: the largest */
        range = trn_select_quantile(work->values, count, 1.0);
    work->range[which] = range >= FLT_MIN && isfinite(range) ? range : 1.0f;
}

/* Of values that nothing has converted so far, and of the last sums without their activation. */
static trnnsf_status measure(struct work *work)
{
    const struct trn_graph *graph = &work->network->graph;
    struct trn_node *last = &graph->nodes[graph->n_nodes - 1];
    uint32_t activation = last->options.activation;

    last->options.activation = TRNNSF_ACTIVATION_LINEAR;
    trnnsf_status status = trn_pass_forward(work->pass, NULL);
    last->options.activation = activation;
    TRN_TRY(status);
    for (size_t l = 0; l < work->network->n_layers; l++) {
        size_t node = trn_graph_layer_node(graph, l);

        measure_panel(work, work->pass->panel[l],
                      trn_shape_size(&graph->nodes[graph->nodes[node].inputs[0]].shape), l);
    }
    measure_panel(work, trn_pass_outputs(work->pass), trn_network_outputs(work->network),
                  work->network->n_layers);
    return TRNNSF_OK;
}

/* ---- scales ---- */

static size_t class_of(const struct work *work, size_t node)
{
    while (work->class_of[node] != node)
        node = work->class_of[node];
    return node;
}

static void fix(struct work *work, size_t node)
{
    work->fixed[class_of(work, node)] = true;
}

static void join(struct work *work, size_t a, size_t b)
{
    size_t from = class_of(work, a), to = class_of(work, b);

    work->class_of[from] = to;
    work->fixed[to] = work->fixed[to] || work->fixed[from];
}

/* What goes in scaled comes out scaled. */
static bool is_homogeneous(const struct trn_node *node)
{
    uint32_t activation = node->options.activation;

    return activation == TRNNSF_ACTIVATION_LINEAR || activation == TRNNSF_ACTIVATION_RELU ||
           activation == TRNNSF_ACTIVATION_LEAKY_RELU;
}

/* Layers and batch norms can give their values any scale; others have that of what they read. */
static bool sets_scale(const struct trn_node *node)
{
    return trn_node_has_weights(node) || node->options.kind == TRNNSF_NODE_BATCH_NORM;
}

static void find_classes(struct work *work)
{
    size_t n_nodes = work->network->graph.n_nodes;

    for (size_t i = 0; i < n_nodes; i++) {
        work->class_of[i] = i;
        work->scale[i] = 1;
    }
    for (size_t i = 1; i < n_nodes; i++) {
        const struct trn_node *node = &nodes_of(work)[i];

        for (size_t k = 0; !sets_scale(node) && k < node->n_inputs; k++) {
            join(work, i, node->inputs[k]);
            if (!is_homogeneous(node))
                fix(work, i);
        }
        if (sets_scale(node) && !is_homogeneous(node))
            fix(work, i);
    }
    fix(work, 0);
    fix(work, n_nodes - 1);
}

static size_t input_class(const struct work *work, size_t l)
{
    size_t node = trn_graph_layer_node(&work->network->graph, l);

    return class_of(work, nodes_of(work)[node].inputs[0]);
}

static size_t output_class(const struct work *work, size_t l)
{
    return class_of(work, trn_graph_layer_node(&work->network->graph, l));
}

/* The largest range of a class's values that layers read; 0: none does. */
static float class_range(const struct work *work, size_t class)
{
    float most = 0.0f;

    for (size_t l = 0; l < work->network->n_layers; l++) {
        if (input_class(work, l) == class)
            most = fmaxf(most, work->range[l]);
    }
    return most;
}

/* One range for all converters: of what cannot be scaled, the samples among it. The last sums may widen it
 * so far that half of the bits are left for the rest. */
static float common_range(const struct work *work)
{
    const struct trn_device *device = work->device;
    float most = 0.0f, sums = work->range[work->network->n_layers];

    if (device->activation_range > 0)
        return (float)device->activation_range;
    for (size_t l = 0; l < work->network->n_layers; l++) {
        if (work->fixed[input_class(work, l)])
            most = fmaxf(most, work->range[l]);
    }
    if (!(most > 0.0f))
        return sums;
    if (device->exact_outputs)
        return most;
    return fmaxf(most, fminf(sums, most * (float)exp2(device->bits > 0 ? device->bits / 2.0 : 4)));
}

static void fill_range(struct work *work, float range)
{
    for (size_t i = 0; i < work->network->graph.n_nodes; i++) {
        float own = class_of(work, i) == i && !work->fixed[i] ? class_range(work, i) : 0.0f;

        if (own > 0.0f)
            work->scale[i] = (double)(range / own);
    }
}

/* Of a layer that a batch norm alone reads, say. */
static bool is_free(const struct work *work, size_t l)
{
    size_t class = output_class(work, l);

    return !work->fixed[class] && !(class_range(work, class) > 0.0f);
}

static double weights_range(struct work *work, size_t first, size_t end)
{
    double error;

    return (double)trn_weight_range(work->network, first, end, trn_device_grid(work->device),
                                    work->factor, &error);
}

/* Weights of free layers come to have the range that is best for the others; classes that several of them
 * share, on the geometric mean. */
static void fit_weights(struct work *work)
{
    size_t n = work->network->n_layers;
    double common = work->device->weight_range;

    for (size_t l = 0; l < n; l++) {
        double scale = work->scale[output_class(work, l)] / work->scale[input_class(work, l)];

        work->factor[l] = is_free(work, l) ? 0.0f : (float)scale;
    }
    if (!(common > 0))
        common = weights_range(work, 0, n);
    for (size_t i = 0; i < work->network->graph.n_nodes; i++) {
        double sum = 0, count = 0;

        for (size_t l = 0; l < n; l++) {
            if (class_of(work, i) != i || output_class(work, l) != i || !is_free(work, l))
                continue;
            work->factor[l] = (float)(1 / work->scale[input_class(work, l)]);
            sum += log(common / weights_range(work, l, l + 1));
            count++;
        }
        if (count > 0)
            work->scale[i] = exp(sum / count);
    }
}

static void multiply(float *values, size_t n, double factor)
{
    for (size_t i = 0; factor != 1 && i < n; i++)
        values[i] = (float)((double)values[i] * factor);
}

/* The running variance carries epsilon along, as far as it does not fall below 0. */
static void scale_norm(struct trn_node *node, double in, double out)
{
    double epsilon = node->options.epsilon;
    float *variance = node->norm[TRNNSF_NORM_VARIANCE];
    size_t n = node->shape.channels;

    multiply(node->norm[TRNNSF_NORM_SCALE], n, out);
    multiply(node->norm[TRNNSF_NORM_SHIFT], n, out);
    multiply(node->norm[TRNNSF_NORM_MEAN], n, in);
    for (size_t c = 0; in != 1 && c < n; c++)
        variance[c] = (float)fmax(((double)variance[c] + epsilon) * in * in - epsilon, 0);
}

static void apply_scales(struct work *work)
{
    for (size_t i = 1; i < work->network->graph.n_nodes; i++) {
        struct trn_node *node = &work->network->graph.nodes[i];
        double in = work->scale[class_of(work, node->inputs[0])];
        double out = work->scale[class_of(work, i)];

        if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
            scale_norm(node, in, out);
        if (!trn_node_has_weights(node))
            continue;

        struct trn_layer *layer = &work->network->layers[node->layer];
        multiply(layer->weights, layer->n_in * layer->n_out, out / in);
        if (layer->biases)
            multiply(layer->biases, layer->n_out, out);
    }
}

/* ---- the whole ---- */

static void set_converters(struct work *work, float range)
{
    const struct trn_device *device = work->device;
    size_t n = work->network->n_layers;

    for (size_t l = 0; l < n; l++)
        work->network->layers[l].input =
            (struct trn_converter){.range = range > 0.0f ? range : work->range[l],
                                   .bits = device->bits,
                                   .is_signed = work->negative[l]};
    if (!device->exact_outputs)
        work->network->layers[n - 1].output =
            (struct trn_converter){.range = range > 0.0f ? range : work->range[n],
                                   .bits = device->bits,
                                   .is_signed = true};
}

static trnnsf_status convert(struct work *work)
{
    float range = (float)work->device->activation_range;

    TRN_TRY(measure(work));
    if (work->device->uniform) {
        find_classes(work);
        range = common_range(work);
        fill_range(work, range);
        if (trn_device_holds_weights(work->device))
            fit_weights(work);
        apply_scales(work);
    }
    set_converters(work, range);
    return TRNNSF_OK;
}

trnnsf_status trn_calibrate_graph(trnnsf_context *ctx, struct trnnsf_network *network,
                                  const struct trnnsf_network *before,
                                  const struct trn_device *device, size_t n_samples,
                                  const float *inputs)
{
    struct work work = {.ctx = ctx, .network = network, .before = before, .device = device};
    bool unipolar = device->unipolar != TRNNSF_UNIPOLAR_NONE;
    trnnsf_status status = TRNNSF_OK;

    if (!inputs || (!unipolar && !trn_device_converts(device)))
        return TRNNSF_OK;
    TRN_TRY_OUT(begin(&work, n_samples));
    load(&work, n_samples, inputs);
    if (unipolar)
        TRN_TRY_OUT(correct_all_biases(&work));
    if (trn_device_converts(device))
        status = convert(&work);
out:
    end(&work);
    return status;
}
