#include "io/onnx_graphs.h"

#include "base/random.h"
#include "io/suite.h"

struct making {
    struct trn_random random;
    trnnsf_graph *graph;
    uint32_t open[4]; /* nodes that may still be read */
    size_t n_open;
};

static uint32_t below(struct making *m, uint32_t n)
{
    return trn_random_below(&m->random, n);
}

static void window(struct making *m, struct trnnsf_node_options *o)
{
    o->kernel_height = 1 + below(m, 3);
    o->kernel_width = 1 + below(m, 3);
    o->stride_height = 1 + below(m, 2);
    o->stride_width = 1 + below(m, 2);
    o->pad_top = below(m, o->kernel_height);
    o->pad_bottom = below(m, o->kernel_height);
    o->pad_left = below(m, o->kernel_width);
    o->pad_right = below(m, o->kernel_width);
}

static struct trnnsf_node_options random_node(struct making *m)
{
    static const uint32_t kinds[] = {
        TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_CONVOLUTION,
        TRNNSF_NODE_MAX_POOL,    TRNNSF_NODE_MEAN_POOL,   TRNNSF_NODE_BATCH_NORM,
        TRNNSF_NODE_ADD,         TRNNSF_NODE_CONCAT,      TRNNSF_NODE_RESHAPE,
        TRNNSF_NODE_ACTIVATION,  TRNNSF_NODE_DENSE};
    static const uint32_t activations[] = {TRNNSF_ACTIVATION_LINEAR,    TRNNSF_ACTIVATION_LINEAR,
                                           TRNNSF_ACTIVATION_RELU,      TRNNSF_ACTIVATION_SIGMOID,
                                           TRNNSF_ACTIVATION_TANH,      TRNNSF_ACTIVATION_RELU6,
                                           TRNNSF_ACTIVATION_LEAKY_RELU};
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kinds[below(m, sizeof kinds / sizeof *kinds)];
    o.activation = activations[below(m, sizeof activations / sizeof *activations)];
    o.slope = 0.125 * (1 + below(m, 8));
    o.epsilon = 1e-3;
    o.outputs = o.kind == TRNNSF_NODE_RESHAPE ? 0 : 1 + below(m, 6);
    o.bias = below(m, 2);
    if (o.kind == TRNNSF_NODE_ACTIVATION && below(m, 2))
        o.activation = TRNNSF_ACTIVATION_HARD_SWISH;
    if (o.kind == TRNNSF_NODE_RESHAPE)
        o.width = 1 + below(m, 3);
    if (o.kind == TRNNSF_NODE_MAX_POOL || o.kind == TRNNSF_NODE_MEAN_POOL ||
        o.kind == TRNNSF_NODE_CONVOLUTION)
        window(m, &o);
    o.count_pad = o.kind == TRNNSF_NODE_MEAN_POOL && below(m, 2);
    if (o.kind == TRNNSF_NODE_CONVOLUTION) {
        o.groups = below(m, 4) ? 1 : 2;
        o.dilation_height = 1 + below(m, 2);
        o.dilation_width = 1 + below(m, 2);
    }
    return o;
}

static size_t size_of(const struct making *m, uint32_t node)
{
    size_t channels = 0, height = 0, width = 0;

    EXPECT_OK(trnnsf_graph_shape(ctx, m->graph, node, &channels, &height, &width));
    return channels * height * width;
}

/* What does not fit is left out. */
static void add_random(struct making *m)
{
    struct trnnsf_node_options o = random_node(m);
    uint32_t inputs[2], node = 0;
    size_t at = below(m, (uint32_t)m->n_open), n = 1;
    bool joins = o.kind == TRNNSF_NODE_ADD || o.kind == TRNNSF_NODE_CONCAT;
    bool branch = m->n_open < 4 && below(m, 4) == 0;

    inputs[0] = m->open[at];
    if (joins) {
        inputs[n++] = m->open[below(m, (uint32_t)m->n_open)];
        branch = true;
        if (size_of(m, inputs[0]) + size_of(m, inputs[1]) > 1024)
            return;
    }
    if (trnnsf_graph_add(ctx, m->graph, inputs, n, &o, &node) != TRNNSF_OK)
        return;
    if (branch && m->n_open < 4)
        m->open[m->n_open++] = node;
    else
        m->open[at] = node;
}

/* All that is open is flattened, joined and classified. */
static void finish(struct making *m)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    uint32_t node = 0;

    o.kind = TRNNSF_NODE_RESHAPE;
    for (size_t i = 0; i < m->n_open; i++)
        EXPECT_OK(trnnsf_graph_add(ctx, m->graph, &m->open[i], 1, &o, &m->open[i]));
    o.kind = TRNNSF_NODE_CONCAT;
    EXPECT_OK(trnnsf_graph_add(ctx, m->graph, m->open, m->n_open, &o, &node));
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 3;
    o.activation = below(m, 2) ? TRNNSF_ACTIVATION_SOFTMAX : TRNNSF_ACTIVATION_LINEAR;
    EXPECT_OK(trnnsf_graph_add(ctx, m->graph, &node, 1, &o, &node));
}

static void set_norms(struct making *m, trnnsf_network *network)
{
    for (uint32_t node = 0; node < trnnsf_network_nodes(network); node++) {
        for (uint32_t v = 0; trnnsf_network_norm(network, node, v); v++) {
            float values[4096];

            for (size_t c = 0; c < 4096; c++)
                values[c] = 0.5f + trn_random_float(&m->random);
            EXPECT_OK(trnnsf_network_set_norm(ctx, network, node, v, values));
        }
    }
}

static void set_biases(struct making *m, trnnsf_network *network)
{
    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        float values[64];

        for (size_t i = 0; i < 64; i++)
            values[i] = trn_random_float(&m->random) - 0.5f;
        if (trnnsf_network_biases(network, l))
            EXPECT_OK(trnnsf_network_set_biases(ctx, network, l, values));
    }
}

trnnsf_network *random_graph(uint64_t seed)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct making m = {.n_open = 1};
    trnnsf_network *network = NULL;

    trn_random_init(&m.random, seed, TRN_RANDOM_TEST, 0);
    EXPECT_OK(trnnsf_graph_create(ctx, 1 + below(&m, 4), below(&m, 4) ? 1 + below(&m, 9) : 1,
                                  1 + below(&m, 9), &m.graph));
    for (uint32_t left = 1 + below(&m, 12); left > 0; left--)
        add_random(&m);
    finish(&m);
    options.seed = seed;
    EXPECT_OK(trnnsf_network_build(ctx, m.graph, &options, &network));
    trnnsf_graph_free(m.graph);
    set_norms(&m, network);
    set_biases(&m, network);
    return network;
}
