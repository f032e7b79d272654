#include "network/graph_scenes.h"

#include <stdlib.h>

#include "network/network.h"
#include "network/reference.h"

struct trnnsf_node_options node_of_kind(uint32_t kind, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kind;
    o.activation = activation;
    return o;
}

uint32_t add_node(trnnsf_context *ctx, trnnsf_graph *graph, uint32_t input,
                  struct trnnsf_node_options o)
{
    uint32_t node = 0;

    ck_assert_msg(trnnsf_graph_add(ctx, graph, &input, 1, &o, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return node;
}

uint32_t join_nodes(trnnsf_context *ctx, trnnsf_graph *graph, uint32_t kind, uint32_t activation,
                    uint32_t a, uint32_t b)
{
    struct trnnsf_node_options o = node_of_kind(kind, activation);
    const uint32_t inputs[2] = {a, b};
    uint32_t node = 0;

    ck_assert_msg(trnnsf_graph_add(ctx, graph, inputs, 2, &o, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return node;
}

struct trnnsf_node_options node_convolution(uint32_t outputs, uint32_t kernel, uint32_t pad,
                                            uint32_t activation)
{
    struct trnnsf_node_options o = node_of_kind(TRNNSF_NODE_CONVOLUTION, activation);

    o.outputs = outputs;
    o.kernel_height = o.kernel_width = kernel;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = pad;
    return o;
}

struct trnnsf_node_options node_pool(uint32_t kind, uint32_t kernel, uint32_t stride)
{
    struct trnnsf_node_options o = node_of_kind(kind, TRNNSF_ACTIVATION_LINEAR);

    o.kernel_height = o.kernel_width = kernel;
    o.stride_height = o.stride_width = stride;
    return o;
}

struct trnnsf_node_options node_dense(uint32_t outputs, uint32_t activation)
{
    struct trnnsf_node_options o = node_of_kind(TRNNSF_NODE_DENSE, activation);

    o.outputs = outputs;
    return o;
}

/* LeNet's way, with everything uneven. */
static void plain_graph(trnnsf_context *ctx, trnnsf_graph *graph)
{
    struct trnnsf_node_options first = node_convolution(5, 3, 1, TRNNSF_ACTIVATION_RELU), pooling;

    first.stride_width = 2;
    first.kernel_width = 2;
    first.pad_right = 0;
    pooling = node_pool(TRNNSF_NODE_MAX_POOL, 3, 2);
    pooling.pad_top = 1;
    pooling.kernel_width = 2;
    pooling.dilation_width = 2;
    add_node(ctx, graph, 0, first);
    add_node(ctx, graph, 1, pooling);
    first = node_convolution(6, 2, 0, TRNNSF_ACTIVATION_TANH);
    first.kernel_width = 1;
    add_node(ctx, graph, 2, first);
    add_node(ctx, graph, 3, node_dense(GRAPH_CLASSES, TRNNSF_ACTIVATION_SOFTMAX));
}

/* A residual block with batch norms, and a shortcut of 1 x 1. */
static void residual_graph(trnnsf_context *ctx, trnnsf_graph *graph)
{
    struct trnnsf_node_options first = node_convolution(4, 3, 1, TRNNSF_ACTIVATION_LINEAR);
    struct trnnsf_node_options norm = node_of_kind(TRNNSF_NODE_BATCH_NORM, TRNNSF_ACTIVATION_RELU);
    uint32_t a, b, c;

    first.stride_height = first.stride_width = 2;
    a = add_node(ctx, graph, 0, first);
    a = add_node(ctx, graph, a, norm);
    b = add_node(ctx, graph, a, node_convolution(4, 3, 1, TRNNSF_ACTIVATION_LINEAR));
    norm.activation = TRNNSF_ACTIVATION_LINEAR;
    b = add_node(ctx, graph, b, norm);
    c = add_node(ctx, graph, a, node_convolution(4, 1, 0, TRNNSF_ACTIVATION_LINEAR));
    a = join_nodes(ctx, graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_RELU6, b, c);
    a = join_nodes(ctx, graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_LEAKY_RELU, a, a);
    a = add_node(ctx, graph, a, node_pool(TRNNSF_NODE_MEAN_POOL, 0, 1));
    add_node(ctx, graph, a, node_dense(GRAPH_CLASSES, TRNNSF_ACTIVATION_SOFTMAX));
}

/* Depthwise and grouped convolutions, a join of channels, and a graph that ends without weights. */
static void wide_graph(trnnsf_context *ctx, trnnsf_graph *graph)
{
    struct trnnsf_node_options depthwise = node_convolution(4, 3, 2, TRNNSF_ACTIVATION_RELU6);
    struct trnnsf_node_options grouped = node_convolution(4, 2, 1, TRNNSF_ACTIVATION_LEAKY_RELU);
    struct trnnsf_node_options image = node_of_kind(TRNNSF_NODE_RESHAPE, TRNNSF_ACTIVATION_SIGMOID);
    struct trnnsf_node_options pooling = node_pool(TRNNSF_NODE_MEAN_POOL, 2, 2);
    uint32_t a, b;

    depthwise.groups = 2;
    depthwise.dilation_height = depthwise.dilation_width = 2;
    a = add_node(ctx, graph, 0, depthwise);
    grouped.groups = 2;
    grouped.outputs = 2;
    grouped.pad_bottom = grouped.pad_right = 0;
    b = add_node(ctx, graph, a, grouped);
    a = join_nodes(ctx, graph, TRNNSF_NODE_CONCAT, TRNNSF_ACTIVATION_LINEAR, a, b);
    a = add_node(ctx, graph, a, node_of_kind(TRNNSF_NODE_ACTIVATION, TRNNSF_ACTIVATION_HARD_SWISH));
    image.outputs = 3;
    image.height = 7;
    image.width = 12;
    a = add_node(ctx, graph, a, image);
    pooling.pad_top = pooling.pad_left = 1;
    pooling.count_pad = 1;
    a = add_node(ctx, graph, a, pooling);
    grouped = node_convolution(GRAPH_CLASSES, 4, 0, TRNNSF_ACTIVATION_LINEAR);
    grouped.kernel_width = 6;
    a = add_node(ctx, graph, a, grouped);
    pooling = node_pool(TRNNSF_NODE_MEAN_POOL, 0, 1);
    pooling.activation = TRNNSF_ACTIVATION_SOFTMAX;
    add_node(ctx, graph, a, pooling);
}

static void (*const makers[])(trnnsf_context *, trnnsf_graph *) = {plain_graph, residual_graph,
                                                                   wide_graph};
_Static_assert(sizeof makers / sizeof makers[0] == GRAPH_SCENES, "another number of scenes");

static void randomise(trnnsf_context *ctx, trnnsf_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        float *biases = random_floats(40 + (uint32_t)l, network->layers[l].n_out);

        ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, l, biases), TRNNSF_OK);
        free(biases);
    }
    for (uint32_t i = 0; i < trnnsf_network_nodes(network); i++) {
        for (uint32_t v = 0; v < 4 && trnnsf_network_norm(network, i, v); v++) {
            size_t n = network->graph.nodes[i].shape.channels;
            float *values = random_floats(60 + 4 * i + v, n);

            for (size_t c = 0; v == TRNNSF_NORM_VARIANCE && c < n; c++)
                values[c] += 2.0f;
            ck_assert_int_eq(trnnsf_network_set_norm(ctx, network, i, v, values), TRNNSF_OK);
            free(values);
        }
    }
}

trnnsf_network *build_graph(trnnsf_context *ctx, size_t scene)
{
    trnnsf_graph *graph;
    trnnsf_network *network;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 2, 7, 6, &graph), TRNNSF_OK);
    makers[scene](ctx, graph);
    ck_assert_msg(trnnsf_network_build(ctx, graph, NULL, &network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    trnnsf_graph_free(graph);
    randomise(ctx, network);
    return network;
}
