#include "network/random_graphs.h"

#include <check.h>

#include "base/random.h"

enum { CHANNELS = 3, SIDE = 6, NODES_MOST = 64 };

struct drawing {
    trnnsf_context *ctx;
    trnnsf_graph *graph;
    struct trn_random random;
    bool grouped, plain;
    bool read[NODES_MOST];
};

static uint32_t below(struct drawing *d, size_t n)
{
    return trn_random_below(&d->random, (uint32_t)n);
}

static void add(struct drawing *d, const uint32_t *inputs, size_t n, struct trnnsf_node_options o)
{
    uint32_t node;

    ck_assert_msg(trnnsf_graph_add(d->ctx, d->graph, inputs, n, &o, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(d->ctx));
    for (size_t i = 0; i < n; i++)
        d->read[inputs[i]] = true;
}

static void shape_of(const struct drawing *d, uint32_t node, size_t *shape)
{
    ck_assert_int_eq(
        trnnsf_graph_shape(d->ctx, d->graph, node, &shape[0], &shape[1], &shape[2]), TRNNSF_OK);
}

/* Some node so far, the last one more often than others. */
static uint32_t some_node(struct drawing *d)
{
    uint32_t count = (uint32_t)trnnsf_graph_nodes(d->graph);

    return below(d, 3) > 0 ? count - 1 : below(d, count);
}

/* Another with the same height and width, and with `channels` as many; or the node itself. */
static uint32_t alike(struct drawing *d, uint32_t node, bool channels)
{
    uint32_t first = below(d, trnnsf_graph_nodes(d->graph));
    size_t shape[3], other[3];

    shape_of(d, node, shape);
    for (uint32_t i = first; i < trnnsf_graph_nodes(d->graph); i++) {
        shape_of(d, i, other);
        if (other[1] == shape[1] && other[2] == shape[2] && (!channels || other[0] == shape[0]))
            return i;
    }
    return node;
}

static void add_convolution(struct drawing *d, uint32_t input, struct trnnsf_node_options o)
{
    size_t shape[3];

    shape_of(d, input, shape);
    o.kernel_height = shape[1] > 2 && below(d, 2) ? 3 : 1;
    o.kernel_width = shape[2] > 2 && below(d, 2) ? 3 : 1;
    o.pad_top = o.pad_bottom = o.kernel_height / 2;
    o.pad_left = o.pad_right = o.kernel_width / 2;
    o.groups = d->grouped && below(d, 2) ? (uint32_t)shape[0] : 1;
    o.outputs = o.groups * (1 + below(d, 3));
    add(d, &input, 1, o);
}

static void add_pool(struct drawing *d, uint32_t input, struct trnnsf_node_options o)
{
    size_t shape[3];

    shape_of(d, input, shape);
    if (d->plain)
        o.kind = TRNNSF_NODE_MEAN_POOL;
    o.kernel_height = shape[1] > 3 ? 2 : 1;
    o.kernel_width = shape[2] > 3 ? 2 : 1;
    o.stride_height = shape[1] > 5 ? 2 : 1;
    add(d, &input, 1, o);
}

/* Channels become rows, rows channels. */
static void add_reshape(struct drawing *d, uint32_t input, struct trnnsf_node_options o)
{
    size_t shape[3];

    shape_of(d, input, shape);
    o.outputs = (uint32_t)shape[1];
    o.height = (uint32_t)shape[0];
    o.width = (uint32_t)shape[2];
    add(d, &input, 1, o);
}

static void add_node(struct drawing *d)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    uint32_t input = some_node(d), pair[2];

    o.kind = TRNNSF_NODE_CONVOLUTION + below(d, TRNNSF_NODE_ACTIVATION - 1);
    o.activation = below(d, 2) ? TRNNSF_ACTIVATION_RELU : TRNNSF_ACTIVATION_LINEAR;
    pair[0] = input;
    pair[1] = alike(d, input, o.kind == TRNNSF_NODE_ADD);
    switch (o.kind) {
    case TRNNSF_NODE_CONVOLUTION:
        add_convolution(d, input, o);
        break;
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        add_pool(d, input, o);
        break;
    case TRNNSF_NODE_RESHAPE:
        if (d->plain)
            break;
        add_reshape(d, input, o);
        break;
    default:
        add(d, pair, o.kind == TRNNSF_NODE_ADD || o.kind == TRNNSF_NODE_CONCAT ? 2 : 1, o);
        break;
    }
}

/* Whatever nothing reads, in one row, is read by the last node. */
static void end(struct drawing *d)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    uint32_t count = (uint32_t)trnnsf_graph_nodes(d->graph), rows[NODES_MOST];
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (d->read[i])
            continue;
        o.kind = TRNNSF_NODE_RESHAPE;
        add(d, &i, 1, o);
        rows[n++] = (uint32_t)trnnsf_graph_nodes(d->graph) - 1;
    }
    o.kind = TRNNSF_NODE_CONCAT;
    add(d, rows, n, o);
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 3;
    rows[0] = (uint32_t)trnnsf_graph_nodes(d->graph) - 1;
    add(d, rows, 1, o);
}

trnnsf_network *random_graph(trnnsf_context *ctx, uint32_t number, bool grouped, bool plain)
{
    struct drawing d = {.ctx = ctx, .grouped = grouped, .plain = plain};
    trnnsf_network *network;

    trn_random_init(&d.random, 50, TRN_RANDOM_TEST, number);
    ck_assert_int_eq(trnnsf_graph_create(ctx, CHANNELS, SIDE, SIDE, &d.graph), TRNNSF_OK);
    for (size_t i = 0, count = 1 + below(&d, 10); i < count; i++)
        add_node(&d);
    end(&d);
    ck_assert_msg(trnnsf_network_build(ctx, d.graph, NULL, &network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    trnnsf_graph_free(d.graph);
    return network;
}
