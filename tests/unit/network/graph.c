/* Graphs: forward, and gradients against differences of the reference; training, shapes, what is
 * refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/cases.h"
#include "network/graph_reference.h"
#include "network/node_pass.h"
#include "network/reference.h"

enum { SAMPLES = 5, CLASSES = 4 };

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static struct trnnsf_node_options of_kind(uint32_t kind, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kind;
    o.activation = activation;
    return o;
}

static uint32_t add(trnnsf_graph *graph, uint32_t input, struct trnnsf_node_options o)
{
    uint32_t node = 0;

    ck_assert_msg(trnnsf_graph_add(ctx, graph, &input, 1, &o, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return node;
}

static uint32_t join(trnnsf_graph *graph, uint32_t kind, uint32_t activation, uint32_t a,
                     uint32_t b)
{
    struct trnnsf_node_options o = of_kind(kind, activation);
    const uint32_t inputs[2] = {a, b};
    uint32_t node = 0;

    ck_assert_msg(trnnsf_graph_add(ctx, graph, inputs, 2, &o, &node) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return node;
}

static struct trnnsf_node_options convolution(uint32_t outputs, uint32_t kernel, uint32_t pad,
                                              uint32_t activation)
{
    struct trnnsf_node_options o = of_kind(TRNNSF_NODE_CONVOLUTION, activation);

    o.outputs = outputs;
    o.kernel_height = o.kernel_width = kernel;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = pad;
    return o;
}

static struct trnnsf_node_options pool(uint32_t kind, uint32_t kernel, uint32_t stride)
{
    struct trnnsf_node_options o = of_kind(kind, TRNNSF_ACTIVATION_LINEAR);

    o.kernel_height = o.kernel_width = kernel;
    o.stride_height = o.stride_width = stride;
    return o;
}

static struct trnnsf_node_options dense(uint32_t outputs, uint32_t activation)
{
    struct trnnsf_node_options o = of_kind(TRNNSF_NODE_DENSE, activation);

    o.outputs = outputs;
    return o;
}

/* LeNet's way, with everything uneven. */
static void plain_graph(trnnsf_graph *graph)
{
    struct trnnsf_node_options first = convolution(5, 3, 1, TRNNSF_ACTIVATION_RELU), pooling;

    first.stride_width = 2;
    first.kernel_width = 2;
    first.pad_right = 0;
    pooling = pool(TRNNSF_NODE_MAX_POOL, 3, 2);
    pooling.pad_top = 1;
    pooling.kernel_width = 2;
    pooling.dilation_width = 2;
    add(graph, 0, first);
    add(graph, 1, pooling);
    first = convolution(6, 2, 0, TRNNSF_ACTIVATION_TANH);
    first.kernel_width = 1;
    add(graph, 2, first);
    add(graph, 3, dense(CLASSES, TRNNSF_ACTIVATION_SOFTMAX));
}

/* A residual block with batch norms, and a shortcut of 1 x 1. */
static void residual_graph(trnnsf_graph *graph)
{
    struct trnnsf_node_options first = convolution(4, 3, 1, TRNNSF_ACTIVATION_LINEAR);
    struct trnnsf_node_options norm = of_kind(TRNNSF_NODE_BATCH_NORM, TRNNSF_ACTIVATION_RELU);
    uint32_t a, b, c;

    first.stride_height = first.stride_width = 2;
    a = add(graph, 0, first);
    a = add(graph, a, norm);
    b = add(graph, a, convolution(4, 3, 1, TRNNSF_ACTIVATION_LINEAR));
    norm.activation = TRNNSF_ACTIVATION_LINEAR;
    b = add(graph, b, norm);
    c = add(graph, a, convolution(4, 1, 0, TRNNSF_ACTIVATION_LINEAR));
    a = join(graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_RELU6, b, c);
    a = join(graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_LEAKY_RELU, a, a);
    a = add(graph, a, pool(TRNNSF_NODE_MEAN_POOL, 0, 1));
    add(graph, a, dense(CLASSES, TRNNSF_ACTIVATION_SOFTMAX));
}

/* Depthwise and grouped convolutions, a join of channels, and a graph that ends without weights. */
static void wide_graph(trnnsf_graph *graph)
{
    struct trnnsf_node_options depthwise = convolution(4, 3, 2, TRNNSF_ACTIVATION_RELU6);
    struct trnnsf_node_options grouped = convolution(4, 2, 1, TRNNSF_ACTIVATION_LEAKY_RELU);
    struct trnnsf_node_options image = of_kind(TRNNSF_NODE_RESHAPE, TRNNSF_ACTIVATION_SIGMOID);
    struct trnnsf_node_options pooling = pool(TRNNSF_NODE_MEAN_POOL, 2, 2);
    uint32_t a, b;

    depthwise.groups = 2;
    depthwise.dilation_height = depthwise.dilation_width = 2;
    a = add(graph, 0, depthwise);
    grouped.groups = 2;
    grouped.outputs = 2;
    grouped.pad_bottom = grouped.pad_right = 0;
    b = add(graph, a, grouped);
    a = join(graph, TRNNSF_NODE_CONCAT, TRNNSF_ACTIVATION_LINEAR, a, b);
    a = add(graph, a, of_kind(TRNNSF_NODE_ACTIVATION, TRNNSF_ACTIVATION_HARD_SWISH));
    image.outputs = 3;
    image.height = 7;
    image.width = 12;
    a = add(graph, a, image);
    pooling.pad_top = pooling.pad_left = 1;
    pooling.count_pad = 1;
    a = add(graph, a, pooling);
    grouped = convolution(CLASSES, 4, 0, TRNNSF_ACTIVATION_LINEAR);
    grouped.kernel_width = 6;
    a = add(graph, a, grouped);
    pooling = pool(TRNNSF_NODE_MEAN_POOL, 0, 1);
    pooling.activation = TRNNSF_ACTIVATION_SOFTMAX;
    add(graph, a, pooling);
}

static void (*const makers[])(trnnsf_graph *) = {plain_graph, residual_graph, wide_graph};
enum { N_MAKERS = sizeof makers / sizeof makers[0] };

static void randomise(trnnsf_network *network)
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

static trnnsf_network *build(size_t maker)
{
    trnnsf_graph *graph;
    trnnsf_network *network;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 2, 7, 6, &graph), TRNNSF_OK);
    makers[maker](graph);
    ck_assert_msg(trnnsf_network_build(ctx, graph, NULL, &network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    trnnsf_graph_free(graph);
    randomise(network);
    return network;
}

START_TEST(forward_is_the_formula)
{
    trnnsf_network *network = build((size_t)_i);
    float *inputs = random_floats(1, SAMPLES * 84), outputs[SAMPLES * CLASSES];
    uint32_t labels[SAMPLES] = {0};
    struct graph_reference r;

    graph_reference_init(&r, network, SAMPLES, false);
    graph_reference_loss(&r, inputs, labels);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
    ck_assert_double_lt(
        worst_error(outputs, r.values[network->graph.n_nodes - 1], SAMPLES * CLASSES), 1e-5);
    graph_reference_free(&r);
    free(inputs);
    trnnsf_network_free(network);
}
END_TEST

/* What the loss changes by with one parameter. */
static double slope(struct graph_reference *r, double *parameter, const float *inputs,
                    const uint32_t *labels)
{
    const double step = 1e-5;
    double before = *parameter, up, down;

    *parameter = before + step;
    up = graph_reference_loss(r, inputs, labels);
    *parameter = before - step;
    down = graph_reference_loss(r, inputs, labels);
    *parameter = before;
    return (up - down) / (2.0 * step);
}

static void check_close(float value, double expected)
{
    ck_assert_double_lt(fabs((double)value - expected), 2e-5 * (1.0 + fabs(expected)));
}

static void check_layer(struct graph_reference *r, struct trn_pass *pass, size_t l,
                        const float *inputs, const uint32_t *labels)
{
    const struct trn_layer *layer = &pass->network->layers[l];
    const struct trn_packed *packed = pass->packed[l];
    size_t count = layer->n_in * layer->n_out;
    float *g = calloc(packed->n_values + 1, sizeof *g), *whole = calloc(count, sizeof *whole);
    float *sums = calloc(layer->n_out, sizeof *sums);

    ck_assert_int_eq(trn_pass_backward(pass, l, NULL), TRNNSF_OK);
    ck_assert_int_eq(trn_pass_weight_gradient(pass, l, 1.0f / SAMPLES, 0.0f, g), TRNNSF_OK);
    trn_packed_to_dense(packed, g, whole);

    struct trn_panel gradient = trn_pass_gradient(pass, l);
    trn_panel_row_sums(ctx, &gradient, 1.0f / SAMPLES, sums);
    for (size_t i = 0; i < count; i += count / 23 + 1) {
        if (!layer->mask || trn_mask_get(layer->mask, i / layer->n_in, i % layer->n_in))
            check_close(whole[i], slope(r, &r->weights[l][i], inputs, labels));
    }
    for (size_t i = 0; i < layer->n_out; i++)
        check_close(sums[i], slope(r, &r->biases[l][i], inputs, labels));
    free(g);
    free(whole);
    free(sums);
}

static void check_norms(struct graph_reference *r, struct trn_pass *pass, const float *inputs,
                        const uint32_t *labels)
{
    const struct trn_graph *graph = &pass->network->graph;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct trn_node_state *state = &pass->nodes->states[i];

        if (graph->nodes[i].options.kind != TRNNSF_NODE_BATCH_NORM)
            continue;
        for (size_t c = 0; c < graph->nodes[i].shape.channels; c++) {
            check_close(state->d_scale[c] / SAMPLES, slope(r, &r->scale[i][c], inputs, labels));
            check_close(state->d_shift[c] / SAMPLES, slope(r, &r->shift[i][c], inputs, labels));
        }
    }
}

/* Some convolutions are thinned: their packed form has rectangles and single synapses. */
static void thin(trnnsf_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++)
        mask_layer(ctx, network, l, l == 0 ? 0.1 : 0.5);
}

START_TEST(gradients_are_differences)
{
    trnnsf_network *network = build((size_t)_i % N_MAKERS);
    float *inputs = random_floats(1, SAMPLES * 84);
    uint32_t *labels = random_labels(2, SAMPLES, CLASSES);
    struct graph_reference r;
    struct trn_pass *pass;

    if (_i >= N_MAKERS)
        thin(network);
    graph_reference_init(&r, network, SAMPLES, true);
    ck_assert_int_eq(trn_pass_create(ctx, network, SAMPLES + 2, true, &pass), TRNNSF_OK);
    /* Twice, the first time a full batch: what it leaves past the second's samples must not count. */
    float *more = random_floats(3, (SAMPLES + 2) * 84);
    const uint32_t others[SAMPLES + 2] = {0};
    trn_pass_load(pass, SAMPLES + 2, more, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);
    trn_pass_loss(pass, TRNNSF_LOSS_CROSS_ENTROPY, others, true);
    ck_assert_int_eq(trn_pass_backward(pass, 0, NULL), TRNNSF_OK);

    trn_pass_load(pass, SAMPLES, inputs, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);
    struct trn_loss_sum sum = trn_pass_loss(pass, TRNNSF_LOSS_CROSS_ENTROPY, labels, true);
    double loss = graph_reference_loss(&r, inputs, labels);
    ck_assert_double_lt(fabs(sum.loss / SAMPLES - loss), 1e-5 * (1.0 + loss));
    for (size_t l = network->n_layers; l-- > 0;)
        check_layer(&r, pass, l, inputs, labels);
    check_norms(&r, pass, inputs, labels);
    trn_pass_free(pass);
    graph_reference_free(&r);
    free(more);
    free(inputs);
    free(labels);
    trnnsf_network_free(network);
}
END_TEST

/* An image so large that it is lowered in stripes, the last of them shorter, of two groups. */
START_TEST(stripes_are_one_image)
{
    struct trnnsf_node_options o = convolution(4, 3, 1, TRNNSF_ACTIVATION_RELU);
    trnnsf_graph *graph;
    trnnsf_network *network;
    float *inputs = random_floats(1, 40 * 4 * 60 * 60), *outputs = calloc(40 * 4, sizeof *outputs);
    const uint32_t labels[40] = {0};
    struct graph_reference r;

    o.groups = 1 + (uint32_t)_i;
    ck_assert_int_eq(trnnsf_graph_create(ctx, 4, 60, 60, &graph), TRNNSF_OK);
    add(graph, 0, o);
    o = pool(TRNNSF_NODE_MEAN_POOL, 0, 1);
    o.activation = TRNNSF_ACTIVATION_SOFTMAX;
    add(graph, 1, o);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    graph_reference_init(&r, network, 40, false);
    graph_reference_loss(&r, inputs, labels);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 40, inputs, outputs), TRNNSF_OK);
    ck_assert_double_lt(worst_error(outputs, r.values[2], 40 * 4), 1e-5);
    graph_reference_free(&r);
    free(inputs);
    free(outputs);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
}
END_TEST

/* Classes are bright quarters of a noisy image. */
static trnnsf_dataset *quarters(trnnsf_context *context)
{
    enum { N = 240, FEATURES = 2 * 7 * 6 };
    float *values = random_floats(7, N * FEATURES);
    uint32_t *labels = random_labels(8, N, CLASSES);
    trnnsf_dataset *dataset;

    for (size_t i = 0; i < N * FEATURES; i++) {
        size_t y = i / 6 % 7, x = i % 6;

        if (labels[i / FEATURES] == (y > 3) * 2u + (x > 2))
            values[i] += 0.7f;
    }
    ck_assert_int_eq(trnnsf_dataset_create(context, 2, 7, 6, CLASSES, &dataset), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_dataset_set(context, dataset, TRNNSF_PART_TRAIN, N, values, labels), TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

/* Trains and returns the last loss; the network is the caller's. */
static double train(trnnsf_context *context, trnnsf_network *network, uint32_t optimiser,
                    uint32_t epochs)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    trnnsf_dataset *dataset = quarters(context);
    trnnsf_trainer *trainer;

    options.optimiser = optimiser;
    options.loss = TRNNSF_LOSS_CROSS_ENTROPY;
    options.batch = 32;
    options.rate = optimiser == TRNNSF_OPTIMISER_ADAM ? 0.01 : 0.1;
    options.hidden_dropout = 0.2;
    ck_assert_msg(trnnsf_trainer_create(context, network, dataset, &options, &trainer) == TRNNSF_OK,
                  "%s", trnnsf_context_error(context));
    for (uint32_t e = 0; e < epochs; e++)
        ck_assert_int_eq(trnnsf_trainer_epoch(context, trainer, &epoch), TRNNSF_OK);
    trnnsf_trainer_free(trainer);
    trnnsf_dataset_free(dataset);
    return epoch.loss;
}

START_TEST(training_learns)
{
    trnnsf_network *network = build((size_t)_i % N_MAKERS);
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_dataset *dataset = quarters(ctx);

    ck_assert_double_lt(train(ctx, network, (uint32_t)_i / N_MAKERS, 50), 0.7);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_TRAIN,
                                             TRNNSF_LOSS_CROSS_ENTROPY, &result),
                     TRNNSF_OK);
    ck_assert_double_gt(result.accuracy, 0.8);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(threads_and_copies_have_the_same_bits)
{
    trnnsf_context *alone = open_context(1, "reference");
    trnnsf_network *network = build((size_t)_i), *copy;

    ck_assert_int_eq(trnnsf_network_copy(alone, network, &copy), TRNNSF_OK);
    ck_assert_double_eq(train(ctx, network, TRNNSF_OPTIMISER_ADAM, 2),
                        train(alone, copy, TRNNSF_OPTIMISER_ADAM, 2));
    for (size_t l = 0; l < network->n_layers; l++)
        ck_assert_mem_eq(network->layers[l].weights, copy->layers[l].weights,
                         network->layers[l].n_in * network->layers[l].n_out * sizeof(float));
    for (uint32_t i = 0; i < trnnsf_network_nodes(network); i++) {
        for (uint32_t v = 0; v < 4 && trnnsf_network_norm(network, i, v); v++)
            ck_assert_mem_eq(trnnsf_network_norm(network, i, v), trnnsf_network_norm(copy, i, v),
                             network->graph.nodes[i].shape.channels * sizeof(float));
    }
    trnnsf_network_free(copy);
    trnnsf_network_free(network);
    trnnsf_context_free(alone);
}
END_TEST

/* One call that must fail with `status`, its text naming `what`. */
static void refuse(trnnsf_graph *graph, uint32_t input, struct trnnsf_node_options o,
                   trnnsf_status status, const char *what)
{
    size_t before = trnnsf_graph_nodes(graph);
    uint32_t node = 77;

    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &input, 1, &o, &node), status);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), what) != NULL, "%s",
                  trnnsf_context_error(ctx));
    ck_assert_uint_eq(node, 77);
    ck_assert_uint_eq(trnnsf_graph_nodes(graph), before);
}

START_TEST(hostile_nodes)
{
    struct trnnsf_node_options o = convolution(4, 3, 0, TRNNSF_ACTIVATION_LINEAR);
    trnnsf_graph *graph;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 4097, 4096, 1, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, 0, 1, 1, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, SIZE_MAX, SIZE_MAX, 2, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, 6, 8, 8, &graph), TRNNSF_OK);
    refuse(graph, 1, o, TRNNSF_E_INVALID, "inputs[0] 1 is not in [0, 1)");
    o.groups = 4;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "4 groups do not divide 6 input");
    o = convolution(4, 9, 0, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "9 high does not fit an image of 8");
    o.kernel_height = o.kernel_width = o.dilation_height = o.dilation_width = 65535;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "4294770691 high");
    o = convolution(1u << 24, 60, 60, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_LIMIT, "are more than 16777216");
    o = convolution(4, 0, 0, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "node 1 (convolution): kernel_height 0");
    o = dense(1u << 24, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_LIMIT, "16777216x384 weights are more than 268435456");
    o = dense(4, TRNNSF_ACTIVATION_HARD_SWISH);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "hard swish");
    o = dense(4, 8);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "activation 8 is not in [0, 7]");
    o = pool(TRNNSF_NODE_MAX_POOL, 2, 2);
    o.pad_right = 2;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "pad_right 2 is not in [0, 1]");
    o = of_kind(TRNNSF_NODE_RESHAPE, 0);
    o.outputs = 5;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "384 values cannot be 5 channels of 1 x 1");
    o.outputs = 0;
    o.height = o.width = 1u << 24;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "384 values cannot be");
    o = of_kind(TRNNSF_NODE_BATCH_NORM, 0);
    o.epsilon = NAN;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "epsilon nan");
    o = of_kind(TRNNSF_NODE_INPUT, 0);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "kind 0 is not in [1, 9]");
    o = dense(4, 0);
    o.struct_size = 1;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "struct_size");
    trnnsf_graph_free(graph);
}
END_TEST

START_TEST(hostile_graphs)
{
    trnnsf_graph *graph;
    trnnsf_network *network = NULL;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 2, 4, 4, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    add(graph, 0, dense(4, TRNNSF_ACTIVATION_SOFTMAX));
    add(graph, 0, dense(4, TRNNSF_ACTIVATION_LINEAR));
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "no node reads node 1"));
    join(graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_LINEAR, 1, 2);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "node 1 has softmax outputs"));
    ck_assert_ptr_null(network);
    trnnsf_graph_free(graph);
}
END_TEST

START_TEST(getters)
{
    trnnsf_network *network = build(1);
    struct trnnsf_node_options o = {.struct_size = sizeof o};
    size_t count = 9;

    ck_assert_uint_eq(trnnsf_network_nodes(network), 10);
    ck_assert_uint_eq(trnnsf_network_layers(network), 4);
    ck_assert_uint_eq(trnnsf_network_inputs(network, 1), 4 * 9);
    ck_assert_uint_eq(trnnsf_network_layer_node(network, 2), 5);
    ck_assert_uint_eq(trnnsf_network_layer_node(network, 4), UINT32_MAX);
    ck_assert_int_eq(trnnsf_network_node(ctx, network, 6, &o), TRNNSF_OK);
    ck_assert_uint_eq(o.kind, TRNNSF_NODE_ADD);
    ck_assert_uint_eq(trnnsf_network_node_inputs(network, 6, &count)[1], 5);
    ck_assert_uint_eq(count, 2);
    ck_assert_ptr_null(trnnsf_network_node_inputs(network, 0, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(trnnsf_network_node(ctx, network, 10, &o), TRNNSF_E_INVALID);
    ck_assert_ptr_null(trnnsf_network_norm(network, 2, 4));
    ck_assert_ptr_null(trnnsf_network_norm(network, 1, 0));
    trnnsf_network_free(network);
}
END_TEST

TCase *graph_case(void)
{
    TCase *tc = tcase_create("graph");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_is_the_formula, 0, N_MAKERS);
    tcase_add_loop_test(tc, gradients_are_differences, 0, 2 * N_MAKERS);
    tcase_add_loop_test(tc, stripes_are_one_image, 0, 2);
    tcase_add_loop_test(tc, training_learns, 0, 2 * N_MAKERS);
    tcase_add_loop_test(tc, threads_and_copies_have_the_same_bits, 0, N_MAKERS);
    tcase_add_test(tc, hostile_nodes);
    tcase_add_test(tc, hostile_graphs);
    tcase_add_test(tc, getters);
    return tc;
}
