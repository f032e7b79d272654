/* Folding: random graphs compute what they did, and nothing is left that could have gone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/cases.h"
#include "network/network.h"
#include "network/reference.h"

enum { SAMPLES = 6, GRAPHS = 120, SIDE = 6, CHANNELS = 4, FEATURES = CHANNELS * SIDE * SIDE };

static trnnsf_context *ctx;
static struct trn_random dice;

static void setup(void)
{
    ctx = open_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static uint32_t below(uint32_t n)
{
    return trn_random_below(&dice, n);
}

static uint32_t add(trnnsf_graph *graph, const uint32_t *inputs, size_t n_inputs,
                    const struct trnnsf_node_options *options)
{
    uint32_t node = 0;

    ck_assert_msg(trnnsf_graph_add(ctx, graph, inputs, n_inputs, options, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return node;
}

/* An image keeps its size but for convolutions without padding and pools, and sums are of nodes of one
 * shape: so that any two nodes go together. */
static struct trnnsf_node_options random_node(void)
{
    static const uint32_t kinds[] = {TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_CONVOLUTION,
                                     TRNNSF_NODE_BATCH_NORM,  TRNNSF_NODE_BATCH_NORM,
                                     TRNNSF_NODE_BATCH_NORM,  TRNNSF_NODE_ACTIVATION,
                                     TRNNSF_NODE_ADD,         TRNNSF_NODE_MEAN_POOL,
                                     TRNNSF_NODE_RESHAPE};
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kinds[below(sizeof kinds / sizeof kinds[0])];
    o.activation = below(2) ? TRNNSF_ACTIVATION_LINEAR : below(8);
    if (o.activation == TRNNSF_ACTIVATION_SOFTMAX ||
        (o.activation == TRNNSF_ACTIVATION_HARD_SWISH && o.kind != TRNNSF_NODE_ACTIVATION))
        o.activation = TRNNSF_ACTIVATION_LEAKY_RELU;
    o.slope = 0.25;
    o.outputs = CHANNELS;
    o.bias = below(2);
    if (o.kind == TRNNSF_NODE_RESHAPE)
        o.height = o.width = SIDE;
    if (o.kind == TRNNSF_NODE_CONVOLUTION && below(2))
        o.groups = 1u << below(3);
    if (o.kind == TRNNSF_NODE_MEAN_POOL || (o.kind == TRNNSF_NODE_CONVOLUTION && below(2))) {
        o.kernel_height = o.kernel_width = 3;
        o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 1;
    }
    o.dropout = below(4) ? 0 : 0.5;
    return o;
}

/* Nodes of one shape, most of which read the last one, others any; a few behind, at smaller images. */
static trnnsf_graph *random_graph(void)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_graph *graph;
    uint32_t last = 0, n = 3 + below(9);

    ck_assert_int_eq(trnnsf_graph_create(ctx, CHANNELS, SIDE, SIDE, &graph), TRNNSF_OK);
    for (uint32_t i = 0; i < n; i++) {
        struct trnnsf_node_options node = random_node();
        /* A sum takes the last one along, so that each node has a reader. */
        uint32_t inputs[2] = {last, below(last + 1)};

        last = add(graph, inputs, node.kind == TRNNSF_NODE_ADD ? 1 + below(2) : 1, &node);
    }
    for (uint32_t i = 0; i < 3; i++) {
        struct trnnsf_node_options node = random_node();

        if (node.kind == TRNNSF_NODE_RESHAPE)
            continue;
        if (node.kind == TRNNSF_NODE_CONVOLUTION) {
            node.kernel_height = node.kernel_width = 2;
            node.pad_top = node.pad_left = node.pad_bottom = node.pad_right = 0;
        }
        last = add(graph, &last, 1, &node);
    }
    if (below(2)) {
        o.kind = TRNNSF_NODE_RESHAPE;
        last = add(graph, &last, 1, &o);
    }
    if (below(2)) {
        o.kind = TRNNSF_NODE_BATCH_NORM;
        last = add(graph, &last, 1, &o);
    }
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 5;
    o.bias = below(2);
    last = add(graph, &last, 1, &o);
    o.kind = below(2) ? TRNNSF_NODE_BATCH_NORM : TRNNSF_NODE_ACTIVATION;
    o.activation = below(2) ? TRNNSF_ACTIVATION_SOFTMAX : TRNNSF_ACTIVATION_LINEAR;
    add(graph, &last, 1, &o);
    return graph;
}

static void draw(float *values, size_t n, float centre)
{
    for (size_t i = 0; i < n; i++)
        values[i] = centre + 2.0f * trn_random_float(&dice) - 1.0f;
}

/* Norms of both signs and offsets, masks, biases. Of every third graph batch norms add nothing. */
static void fill(trnnsf_network *network, bool no_offset)
{
    float values[FEATURES];

    for (size_t l = 0; l < network->n_layers; l++) {
        draw(values, network->layers[l].n_out, 0.0f);
        if (network->layers[l].biases)
            ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, l, values), TRNNSF_OK);
        if (below(2))
            mask_layer(ctx, network, l, 0.5);
    }
    for (uint32_t i = 0; i < trnnsf_network_nodes(network); i++) {
        for (uint32_t v = 0; v < 4 && trnnsf_network_norm(network, i, v); v++) {
            draw(values, network->graph.nodes[i].shape.channels,
                 v == TRNNSF_NORM_VARIANCE ? 2.0f : 0.0f);
            if (no_offset && (v == TRNNSF_NORM_MEAN || v == TRNNSF_NORM_SHIFT))
                memset(values, 0, sizeof values);
            ck_assert_int_eq(trnnsf_network_set_norm(ctx, network, i, v, values), TRNNSF_OK);
        }
    }
}

static trnnsf_network *random_network(uint32_t seed)
{
    trnnsf_graph *graph;
    trnnsf_network *network;

    trn_random_init(&dice, seed, TRN_RANDOM_TEST, 0);
    graph = random_graph();
    ck_assert_msg(trnnsf_network_build(ctx, graph, NULL, &network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    trnnsf_graph_free(graph);
    fill(network, seed % 3 == 0);
    return network;
}

static void forward(const trnnsf_network *network, const float *inputs, float *outputs)
{
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
}

static void assert_close(const float *a, const float *b, size_t n)
{
    float most = 0.0f;

    for (size_t i = 0; i < n; i++)
        most = fmaxf(most, fabsf(a[i]));
    for (size_t i = 0; i < n; i++)
        ck_assert_float_le(fabsf(a[i] - b[i]), 1e-5f * most);
}

static void assert_layers_kept(const trnnsf_network *a, const trnnsf_network *b)
{
    ck_assert_uint_eq(a->n_layers, b->n_layers);
    for (size_t l = 0; l < a->n_layers; l++) {
        const struct trn_layer *x = &a->layers[l], *y = &b->layers[l];

        ck_assert_uint_eq(x->n_in, y->n_in);
        ck_assert_uint_eq(x->n_out, y->n_out);
        ck_assert_int_eq(x->mask != NULL, y->mask != NULL);
        for (size_t k = 0; x->mask && k < x->n_in * x->n_out; k++) {
            bool kept = trn_mask_get(x->mask, k / x->n_in, k % x->n_in);

            ck_assert_int_eq(kept, trn_mask_get(y->mask, k / x->n_in, k % x->n_in));
            ck_assert(kept || (y->weights[k] == 0.0f && !signbit(y->weights[k])));
        }
    }
}

static size_t readers(const trnnsf_network *network, uint32_t node)
{
    size_t count = 0;

    for (size_t i = 1; i < network->graph.n_nodes; i++) {
        for (size_t k = 0; k < network->graph.nodes[i].n_inputs; k++)
            count += network->graph.nodes[i].inputs[k] == node;
    }
    return count;
}

/* Each batch norm that is left stands behind what has an activation, several readers or no weights, and
 * before what has padding, no weights, or not before it alone. */
static void assert_nothing_to_fold(const trnnsf_network *network)
{
    const struct trn_node *nodes = network->graph.nodes;

    for (uint32_t i = 1; i < network->graph.n_nodes; i++) {
        uint32_t j = nodes[i].inputs[0];
        bool in_front = nodes[i].options.kind == TRNNSF_NODE_BATCH_NORM, behind;

        ck_assert(nodes[i].options.kind != TRNNSF_NODE_ACTIVATION || nodes[i].options.activation);
        in_front = in_front && trn_node_has_weights(&nodes[j]) && readers(network, j) == 1 &&
                   nodes[j].options.activation == TRNNSF_ACTIVATION_LINEAR;
        behind = trn_node_has_weights(&nodes[i]) && readers(network, j) == 1 &&
                 nodes[i].options.pad_top == 0 && nodes[j].options.kind == TRNNSF_NODE_BATCH_NORM &&
                 nodes[j].options.activation == TRNNSF_ACTIVATION_LINEAR;
        ck_assert_msg(!in_front && !behind, "node %u", i);
    }
}

START_TEST(random_graphs_compute_the_same)
{
    trnnsf_network *network = random_network((uint32_t)_i), *folded, *again;
    float *inputs = random_floats(1, SAMPLES * FEATURES), *a, *b;

    ck_assert_msg(trnnsf_network_fold(ctx, network, &folded) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    a = calloc(SAMPLES * FEATURES, sizeof *a);
    b = calloc(SAMPLES * FEATURES, sizeof *b);
    forward(network, inputs, a);
    forward(folded, inputs, b);
    assert_close(a, b, SAMPLES * trn_network_outputs(folded));
    assert_layers_kept(network, folded);
    assert_nothing_to_fold(folded);

    ck_assert_int_eq(trnnsf_network_fold(ctx, folded, &again), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_nodes(again), trnnsf_network_nodes(folded));
    for (size_t l = 0; l < folded->n_layers; l++)
        ck_assert_mem_eq(again->layers[l].weights, folded->layers[l].weights,
                         folded->layers[l].n_in * folded->layers[l].n_out * sizeof(float));
    free(a);
    free(b);
    free(inputs);
    trnnsf_network_free(again);
    trnnsf_network_free(folded);
    trnnsf_network_free(network);
}
END_TEST

/* Fully connected layers with batch norms and activations of their own become a chain. */
START_TEST(perceptrons_become_chains)
{
    static const uint32_t kinds[] = {TRNNSF_NODE_RESHAPE,    TRNNSF_NODE_BATCH_NORM,
                                     TRNNSF_NODE_DENSE,      TRNNSF_NODE_BATCH_NORM,
                                     TRNNSF_NODE_ACTIVATION, TRNNSF_NODE_DENSE,
                                     TRNNSF_NODE_BATCH_NORM, TRNNSF_NODE_ACTIVATION};
    float *inputs = random_floats(1, SAMPLES * FEATURES), a[SAMPLES * 5], b[SAMPLES * 5];
    trnnsf_graph *graph;
    trnnsf_network *network, *folded, *copy;
    uint32_t last = 0;

    trn_random_init(&dice, 5, TRN_RANDOM_TEST, 0);
    ck_assert_int_eq(trnnsf_graph_create(ctx, CHANNELS, SIDE, SIDE, &graph), TRNNSF_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

        o.kind = kinds[i];
        o.bias = 0;
        o.outputs = kinds[i] == TRNNSF_NODE_DENSE ? (i == 2 ? 40 : 5) : 0;
        o.activation = i == 4 ? TRNNSF_ACTIVATION_RELU : i == 7 ? TRNNSF_ACTIVATION_SOFTMAX : 0;
        last = add(graph, &last, 1, &o);
    }
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    fill(network, false);
    cluster_layer(ctx, network, 0);
    ck_assert_int_eq(trnnsf_network_fold(ctx, network, &folded), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_count_nodes(network, TRNNSF_NODE_BATCH_NORM), 3);
    ck_assert_uint_eq(trnnsf_network_nodes(folded), 0);
    ck_assert_uint_eq(trnnsf_network_activation(folded, 0), TRNNSF_ACTIVATION_RELU);
    ck_assert_uint_eq(trnnsf_network_activation(folded, 1), TRNNSF_ACTIVATION_SOFTMAX);
    ck_assert_ptr_nonnull(trnnsf_network_clusters(folded, 0));
    ck_assert_ptr_nonnull(trnnsf_network_biases(folded, 1));
    assert_layers_kept(network, folded);
    forward(network, inputs, a);
    forward(folded, inputs, b);
    assert_close(a, b, SAMPLES * 5);

    ck_assert_int_eq(trnnsf_network_fold(ctx, folded, &copy), TRNNSF_OK);
    forward(copy, inputs, a);
    ck_assert_mem_eq(a, b, sizeof a);
    trnnsf_network_free(copy);
    trnnsf_network_free(folded);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
    free(inputs);
}
END_TEST

START_TEST(hostile_folds)
{
    trnnsf_network *network = random_network(1), *out = network;
    float values[FEATURES];
    uint32_t norm = 0;

    ck_assert_int_eq(trnnsf_network_fold(NULL, network, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_fold(ctx, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_fold(ctx, network, NULL), TRNNSF_E_INVALID);
    ck_assert_uint_eq(trnnsf_network_count_nodes(NULL, TRNNSF_NODE_DENSE), 0);
    ck_assert_uint_eq(trnnsf_network_count_nodes(network, 99), 0);
    ck_assert_uint_eq(trnnsf_network_count_nodes(network, TRNNSF_NODE_INPUT), 1);
    trnnsf_network_free(network);

    /* A batch norm that is as large as numbers are. */
    for (uint32_t seed = 0; norm == 0; seed++) {
        network = random_network(seed);
        for (uint32_t i = 2; i < network->graph.n_nodes; i++) {
            if (trnnsf_network_norm(network, i, 0) && readers(network, i - 1) == 1 &&
                trn_node_has_weights(&network->graph.nodes[i - 1]) &&
                network->graph.nodes[i - 1].options.activation == TRNNSF_ACTIVATION_LINEAR)
                norm = i;
        }
        if (norm == 0)
            trnnsf_network_free(network);
    }
    for (size_t c = 0; c < FEATURES; c++)
        values[c] = 3e38f;
    ck_assert_int_eq(trnnsf_network_set_norm(ctx, network, norm, TRNNSF_NORM_SCALE, values),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_norm(ctx, network, norm, TRNNSF_NORM_MEAN, values),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_fold(ctx, network, &out), TRNNSF_E_NUMERIC);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), "trnnsf_network_fold: node ") != NULL, "%s",
                  trnnsf_context_error(ctx));
    trnnsf_network_free(network);
}
END_TEST

TCase *fold_case(void)
{
    TCase *tc = tcase_create("fold");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, random_graphs_compute_the_same, 0, GRAPHS);
    tcase_add_test(tc, perceptrons_become_chains);
    tcase_add_test(tc, hostile_folds);
    return tc;
}
