#include "mapping_networks.h"

#include <stdio.h>
#include <stdlib.h>

struct maker {
    trnnsf_context *ctx;
    trnnsf_graph *graph;
    uint32_t last;
};

static void check(const struct maker *m, trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "bench-mapping: %s\n", trnnsf_context_error(m->ctx));
    exit(EXIT_FAILURE);
}

static struct maker begin(trnnsf_context *ctx, size_t channels, size_t side)
{
    struct maker m = {ctx, NULL, 0};

    check(&m, trnnsf_graph_create(ctx, channels, side, side, &m.graph));
    return m;
}

static trnnsf_network *end(struct maker *m)
{
    trnnsf_network *network = NULL;

    check(m, trnnsf_network_build(m->ctx, m->graph, NULL, &network));
    trnnsf_graph_free(m->graph);
    return network;
}

static void add(struct maker *m, struct trnnsf_node_options o)
{
    check(m, trnnsf_graph_add(m->ctx, m->graph, &m->last, 1, &o, &m->last));
}

static void pool(struct maker *m, uint32_t kind, uint32_t kernel, uint32_t stride, uint32_t pad)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kind;
    o.kernel_height = o.kernel_width = kernel;
    o.stride_height = o.stride_width = stride;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = pad;
    add(m, o);
}

static void dense(struct maker *m, uint32_t outputs, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = outputs;
    o.activation = activation;
    add(m, o);
}

/* Padded so that stride 1 keeps the size, then a batch norm. */
static void convolve(struct maker *m, uint32_t outputs, uint32_t kernel, uint32_t stride,
                     uint32_t groups, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.outputs = outputs;
    o.bias = 0;
    o.kernel_height = o.kernel_width = kernel;
    o.stride_height = o.stride_width = stride;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = kernel / 2;
    o.groups = groups;
    add(m, o);
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_BATCH_NORM;
    o.activation = activation;
    add(m, o);
}

/* The sum of node `a` and the last one. */
static void sum(struct maker *m, uint32_t a, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    const uint32_t inputs[2] = {a, m->last};

    o.kind = TRNNSF_NODE_ADD;
    o.activation = activation;
    check(m, trnnsf_graph_add(m->ctx, m->graph, inputs, 2, &o, &m->last));
}

trnnsf_network *make_lenet(trnnsf_context *ctx)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    struct maker m = begin(ctx, 1, 28);

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.activation = TRNNSF_ACTIVATION_RELU;
    o.kernel_height = o.kernel_width = 5;
    o.outputs = 6;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 2;
    add(&m, o);
    pool(&m, TRNNSF_NODE_MEAN_POOL, 2, 2, 0);
    o.outputs = 16;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 0;
    add(&m, o);
    pool(&m, TRNNSF_NODE_MEAN_POOL, 2, 2, 0);
    dense(&m, 120, TRNNSF_ACTIVATION_RELU);
    dense(&m, 84, TRNNSF_ACTIVATION_RELU);
    dense(&m, 10, TRNNSF_ACTIVATION_SOFTMAX);
    return end(&m);
}

trnnsf_network *make_vgg8(trnnsf_context *ctx)
{
    struct maker m = begin(ctx, 3, 32);

    for (uint32_t channels = 64; channels <= 256; channels *= 2) {
        convolve(&m, channels, 3, 1, 1, TRNNSF_ACTIVATION_RELU);
        convolve(&m, channels, 3, 1, 1, TRNNSF_ACTIVATION_RELU);
        pool(&m, TRNNSF_NODE_MAX_POOL, 2, 2, 0);
    }
    pool(&m, TRNNSF_NODE_MEAN_POOL, 4, 4, 0);
    dense(&m, 1024, TRNNSF_ACTIVATION_RELU);
    dense(&m, 10, TRNNSF_ACTIVATION_SOFTMAX);
    return end(&m);
}

/* Expansion, depthwise convolution, projection; the input is added where it fits. */
static void invert_residual(struct maker *m, uint32_t *channels, uint32_t expansion,
                            uint32_t outputs, uint32_t stride)
{
    uint32_t input = m->last, wide = *channels * expansion;

    if (expansion > 1)
        convolve(m, wide, 1, 1, 1, TRNNSF_ACTIVATION_RELU6);
    convolve(m, wide, 3, stride, wide, TRNNSF_ACTIVATION_RELU6);
    convolve(m, outputs, 1, 1, 1, TRNNSF_ACTIVATION_LINEAR);
    if (stride == 1 && *channels == outputs)
        sum(m, input, TRNNSF_ACTIVATION_LINEAR);
    *channels = outputs;
}

trnnsf_network *make_mobilenet(trnnsf_context *ctx)
{
    static const struct {
        uint32_t expansion, outputs, times, stride;
    } blocks[] = {{1, 16, 1, 1}, {6, 24, 2, 1},  {6, 32, 3, 2}, {6, 64, 4, 2},
                  {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    struct maker m = begin(ctx, 3, 32);
    uint32_t channels = 32;

    convolve(&m, channels, 3, 1, 1, TRNNSF_ACTIVATION_RELU6);
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        for (uint32_t i = 0; i < blocks[b].times; i++)
            invert_residual(&m, &channels, blocks[b].expansion, blocks[b].outputs,
                            i == 0 ? blocks[b].stride : 1);
    }
    convolve(&m, 1280, 1, 1, 1, TRNNSF_ACTIVATION_RELU6);
    pool(&m, TRNNSF_NODE_MEAN_POOL, 4, 4, 0);
    dense(&m, 10, TRNNSF_ACTIVATION_SOFTMAX);
    return end(&m);
}

static void add_residual(struct maker *m, uint32_t outputs, uint32_t stride, uint32_t channels)
{
    uint32_t input = m->last;

    convolve(m, outputs, 3, stride, 1, TRNNSF_ACTIVATION_RELU);
    convolve(m, outputs, 3, 1, 1, TRNNSF_ACTIVATION_LINEAR);
    if (stride > 1 || channels != outputs) {
        uint32_t main = m->last;

        m->last = input;
        convolve(m, outputs, 1, stride, 1, TRNNSF_ACTIVATION_LINEAR);
        sum(m, main, TRNNSF_ACTIVATION_RELU);
    } else {
        sum(m, input, TRNNSF_ACTIVATION_RELU);
    }
}

trnnsf_network *make_resnet18(trnnsf_context *ctx)
{
    struct maker m = begin(ctx, 3, 224);
    uint32_t channels = 64;

    convolve(&m, channels, 7, 2, 1, TRNNSF_ACTIVATION_RELU);
    pool(&m, TRNNSF_NODE_MAX_POOL, 3, 2, 1);
    for (uint32_t outputs = 64; outputs <= 512; outputs *= 2) {
        add_residual(&m, outputs, outputs > 64 ? 2 : 1, channels);
        add_residual(&m, outputs, 1, outputs);
        channels = outputs;
    }
    pool(&m, TRNNSF_NODE_MEAN_POOL, 7, 7, 0);
    dense(&m, 1000, TRNNSF_ACTIVATION_SOFTMAX);
    return end(&m);
}
