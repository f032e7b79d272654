#include "spiking/convolution_scenes.h"

#include <stdlib.h>

#include "base/random.h"
#include "data/dataset.h"
#include "network/graph_scenes.h"
#include "network/network.h"

enum {
    LINEAR = TRNNSF_ACTIVATION_LINEAR,
    RELU = TRNNSF_ACTIVATION_RELU,
    RELU6 = TRNNSF_ACTIVATION_RELU6
};

static struct trn_random dice;

static uint32_t pool(trnnsf_graph *graph, uint32_t input, uint32_t kernel, uint32_t stride)
{
    return add_node(ctx, graph, input, node_pool(TRNNSF_NODE_MEAN_POOL, kernel, stride));
}

/* Uneven in all ways. */
static void plain(trnnsf_graph *graph)
{
    struct trnnsf_node_options o = node_convolution(5, 3, 1, RELU);
    uint32_t last;

    o.kernel_width = 2;
    o.pad_right = 0;
    last = add_node(ctx, graph, 0, o);
    last = pool(graph, last, 2, 2);
    o = node_convolution(9, 3, 1, RELU);
    o.stride_height = 2;
    o.dilation_width = 2;
    o.pad_left = o.pad_right = 2;
    last = add_node(ctx, graph, last, o);
    last = pool(graph, last, 2, 1);
    last = add_node(ctx, graph, last, node_dense(20, RELU));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, TRNNSF_ACTIVATION_SOFTMAX));
}

/* Two blocks: one whose shortcut is a convolution, and one whose shortcut are the spikes themselves. */
static void residual(trnnsf_graph *graph)
{
    struct trnnsf_node_options norm = node_of_kind(TRNNSF_NODE_BATCH_NORM, LINEAR);
    struct trnnsf_node_options first = node_convolution(6, 3, 1, LINEAR);
    uint32_t a, b, c;

    norm.activation = RELU;
    a = add_node(ctx, graph, add_node(ctx, graph, 0, first), norm);
    norm.activation = LINEAR;
    first.stride_height = first.stride_width = 2;
    b = add_node(ctx, graph, add_node(ctx, graph, a, first), norm);
    first = node_convolution(6, 1, 0, LINEAR);
    first.stride_height = first.stride_width = 2;
    c = add_node(ctx, graph, add_node(ctx, graph, a, first), norm);
    a = join_nodes(ctx, graph, TRNNSF_NODE_ADD, RELU, b, c);
    b = add_node(ctx, graph, a, node_convolution(6, 3, 1, RELU6));
    b = add_node(ctx, graph, b, node_convolution(6, 3, 1, LINEAR));
    a = join_nodes(ctx, graph, TRNNSF_NODE_ADD, RELU, b, a);
    add_node(ctx, graph, pool(graph, a, 0, 1), node_dense(GRAPH_OUTPUTS, LINEAR));
}

/* Sources of different scales are joined; the norm's offsets end at the image, so it stays. */
static void wide(trnnsf_graph *graph)
{
    struct trnnsf_node_options o = node_convolution(4, 3, 1, RELU);
    uint32_t a, b, c;

    o.groups = 2;
    a = add_node(ctx, graph, 0, o);
    b = pool(graph, a, 3, 1);
    b = add_node(ctx, graph, b, node_convolution(4, 3, 0, RELU));
    o.groups = 4;
    o.kernel_height = o.kernel_width = 5;
    o.activation = RELU6;
    c = add_node(ctx, graph, a, o);
    c = join_nodes(ctx, graph, TRNNSF_NODE_CONCAT, LINEAR, c, pool(graph, a, 3, 1));
    c = add_node(ctx, graph, c, node_of_kind(TRNNSF_NODE_BATCH_NORM, LINEAR));
    c = add_node(ctx, graph, c, node_convolution(3, 3, 1, LINEAR));
    o = node_of_kind(TRNNSF_NODE_RESHAPE, LINEAR);
    b = join_nodes(ctx, graph, TRNNSF_NODE_CONCAT, LINEAR, add_node(ctx, graph, b, o),
                   add_node(ctx, graph, c, o));
    b = add_node(ctx, graph, b, node_of_kind(TRNNSF_NODE_ACTIVATION, RELU));
    add_node(ctx, graph, b, node_dense(GRAPH_OUTPUTS, TRNNSF_ACTIVATION_SIGMOID));
}

/* Images of one row; sums that have no activation are joined, added to the input and pooled. */
static void flat(trnnsf_graph *graph)
{
    struct trnnsf_node_options o = node_of_kind(TRNNSF_NODE_RESHAPE, LINEAR);
    uint32_t image, a, b;

    o.outputs = 4;
    o.width = 32;
    image = add_node(ctx, graph, 0, o);
    o = node_convolution(2, 1, 0, LINEAR);
    o.kernel_width = 5;
    o.pad_left = o.pad_right = 2;
    a = add_node(ctx, graph, image, o);
    b = add_node(ctx, graph, image, o);
    a = join_nodes(ctx, graph, TRNNSF_NODE_CONCAT, LINEAR, a, b);
    a = join_nodes(ctx, graph, TRNNSF_NODE_ADD, RELU, a, image);
    o.outputs = GRAPH_OUTPUTS;
    o.pad_left = 0;
    a = add_node(ctx, graph, a, o);
    add_node(ctx, graph, pool(graph, a, 0, 1), node_of_kind(TRNNSF_NODE_ACTIVATION, LINEAR));
}

/* Even padding, pools without any, one after the other. */
static void even(trnnsf_graph *graph)
{
    struct trnnsf_node_options o = node_convolution(6, 3, 1, RELU);
    uint32_t last;

    o.groups = 2;
    last = pool(graph, add_node(ctx, graph, 0, o), 2, 2);
    o = node_convolution(8, 2, 1, RELU6);
    o.dilation_width = 2;
    o.stride_height = 2;
    last = pool(graph, add_node(ctx, graph, last, o), 2, 1);
    last = add_node(ctx, graph, last, node_dense(10, RELU));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, LINEAR));
}

static void (*const makers[GRAPH_KINDS])(trnnsf_graph *) = {plain, residual, wide, flat, even};

static void draw(float *values, size_t n, double low, double high, double zeros)
{
    for (size_t i = 0; i < n; i++) {
        double value = low + (high - low) * trn_random_double(&dice);

        values[i] = trn_random_double(&dice) < zeros ? 0.0f : (float)value;
    }
}

static void set_layer(trnnsf_network *network, size_t l, bool masked)
{
    size_t n_in = trnnsf_network_inputs(network, l), n_out = trnnsf_network_outputs(network, l);
    uint8_t *mask = malloc(n_in * n_out);
    float *biases = malloc(n_out * sizeof *biases);

    draw(biases, n_out, -0.1, 0.3, 0);
    OK(trnnsf_network_set_biases(ctx, network, l, biases));
    for (size_t k = 0; k < n_in * n_out; k++)
        mask[k] = trn_random_double(&dice) < 0.1 + 0.4 * (double)(l % 2);
    if (masked)
        OK(trnnsf_network_set_mask(ctx, network, l, mask));
    free(biases);
    free(mask);
}

static void set_norms(trnnsf_network *network)
{
    for (uint32_t i = 0; i < trnnsf_network_nodes(network); i++) {
        for (uint32_t v = 0; v < 4 && trnnsf_network_norm(network, i, v); v++) {
            float values[64];
            bool is_factor = v == TRNNSF_NORM_SCALE || v == TRNNSF_NORM_VARIANCE;

            draw(values, 64, is_factor ? 0.5 : -0.2, is_factor ? 1.5 : 0.2, 0);
            OK(trnnsf_network_set_norm(ctx, network, i, v, values));
        }
    }
}

static trnnsf_dataset *make_dataset(bool is_signed)
{
    trnnsf_dataset *dataset;
    float values[SAMPLES * IMAGE];
    uint32_t labels[SAMPLES];

    draw(values, SAMPLES * IMAGE, is_signed ? -1 : 0, 1, 0.5);
    for (size_t s = 0; s < SAMPLES; s++)
        labels[s] = trn_random_below(&dice, GRAPH_OUTPUTS);
    OK(trnnsf_dataset_create(ctx, 2, 8, 8, GRAPH_OUTPUTS, &dataset));
    for (uint32_t part = 0; part < TRN_PARTS; part++)
        OK(trnnsf_dataset_set(ctx, dataset, part, SAMPLES, values, labels));
    return dataset;
}

struct scene make_graph_scene(uint32_t kind, uint64_t seed,
                              const struct trnnsf_spiking_options *options)
{
    struct trnnsf_network_options drawn = TRNNSF_NETWORK_OPTIONS_INIT;
    struct scene scene = {.n_in = IMAGE, .n_out = GRAPH_OUTPUTS};
    trnnsf_graph *graph;

    trn_random_init(&dice, seed, TRN_RANDOM_TEST, 100 + kind);
    drawn.seed = seed + 1;
    OK(trnnsf_graph_create(ctx, 2, 8, 8, &graph));
    makers[kind](graph);
    OK(trnnsf_network_build(ctx, graph, &drawn, &scene.network));
    trnnsf_graph_free(graph);
    for (size_t l = 0; l < trnnsf_network_layers(scene.network); l++)
        set_layer(scene.network, l, seed % 3 == 1);
    set_norms(scene.network);
    scene.dataset = make_dataset(seed & 1);
    scene.inputs = scene.dataset->part[TRNNSF_PART_TEST].values;
    scene.labels = scene.dataset->part[TRNNSF_PART_TEST].labels;
    OK(trnnsf_spiking_convert(ctx, scene.network, scene.dataset, options, &scene.spiking));
    return scene;
}
