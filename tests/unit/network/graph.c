/* Graphs: forward, and gradients against differences of the reference; training. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/graph_reference.h"
#include "network/graph_scenes.h"
#include "network/node_pass.h"
#include "network/reference.h"

enum { SAMPLES = 5 };

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(forward_is_the_formula)
{
    trnnsf_network *network = build_graph(ctx, (size_t)_i);
    float *inputs = random_floats(1, SAMPLES * GRAPH_INPUTS), outputs[SAMPLES * GRAPH_CLASSES];
    uint32_t labels[SAMPLES] = {0};
    struct graph_reference r;

    graph_reference_init(&r, network, SAMPLES, false);
    graph_reference_loss(&r, inputs, labels);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
    ck_assert_double_lt(
        worst_error(outputs, r.values[network->graph.n_nodes - 1], SAMPLES * GRAPH_CLASSES), 1e-5);
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
    trnnsf_network *network = build_graph(ctx, (size_t)_i % GRAPH_SCENES);
    float *inputs = random_floats(1, SAMPLES * GRAPH_INPUTS);
    uint32_t *labels = random_labels(2, SAMPLES, GRAPH_CLASSES);
    struct graph_reference r;
    struct trn_pass *pass;

    if (_i >= GRAPH_SCENES)
        thin(network);
    graph_reference_init(&r, network, SAMPLES, true);
    ck_assert_int_eq(trn_pass_create(ctx, network, SAMPLES + 2, true, &pass), TRNNSF_OK);
    /* Twice, the first time a full batch: what it leaves past the second's samples must not count.
     */
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
/* The products of layers by plain loops, as somebody else would compute them. */
struct products {
    const trnnsf_network *network;
    size_t next; /* sample that is expected */
};

static double pixel(const struct trn_layer_product *p, size_t channel, size_t y, size_t x, size_t s)
{
    const struct trnnsf_window *w = &p->convolution->window;

    if (y >= w->height || x >= w->width)
        return 0;
    return (double)p->x[((channel * w->height + y) * w->width + x) * p->capacity + s];
}

static double product_at(const struct products *own, const struct trn_layer_product *p,
                         size_t output, size_t place, size_t s)
{
    const struct trn_convolution *c = p->convolution;
    const struct trnnsf_window *w = &c->window;
    const struct trn_layer *layer = &own->network->layers[p->layer];
    size_t cells = w->kernel_height * w->kernel_width, group = output / c->out_channels;
    size_t top = place / w->out_width * w->stride_height;
    size_t left = place % w->out_width * w->stride_width;
    double sum = 0;

    for (size_t i = 0; i < layer->n_in; i++) {
        size_t cell = i % cells, channel = group * c->in_channels + i / cells;
        size_t y = top + cell / w->kernel_width * w->dilation_height - w->pad_top;
        size_t x = left + cell % w->kernel_width * w->dilation_width - w->pad_left;

        sum += (double)layer->weights[output * layer->n_in + i] * pixel(p, channel, y, x, s);
    }
    return sum;
}

static trnnsf_status multiply_plainly(void *user, const struct trn_layer_product *p)
{
    struct products *own = user;
    const struct trnnsf_window *w = &p->convolution->window;
    size_t places = w->out_height * w->out_width;

    ck_assert_uint_eq(p->first, own->next);
    if (p->layer + 1 == own->network->n_layers)
        own->next += p->n;
    for (size_t o = 0; o < own->network->layers[p->layer].n_out; o++) {
        for (size_t q = 0; q < places; q++) {
            for (size_t s = 0; s < p->n; s++)
                p->y[(o * places + q) * p->capacity + s] = (float)product_at(own, p, o, q, s);
        }
    }
    return TRNNSF_OK;
}

START_TEST(products_by_others)
{
    enum { MANY = 530 }; /* more than a batch */
    trnnsf_network *network = build_graph(ctx, (size_t)_i);
    struct products own = {network, 0};
    const struct trn_layer_products products = {multiply_plainly, &own};
    float *inputs = random_floats(2, MANY * GRAPH_INPUTS);
    float outputs[2][MANY * GRAPH_CLASSES];

    ck_assert_int_eq(trnnsf_network_forward(ctx, network, MANY, inputs, outputs[0]), TRNNSF_OK);
    ck_assert_int_eq(trn_network_forward_by(ctx, network, &products, MANY, inputs, outputs[1]),
                     TRNNSF_OK);
    ck_assert_uint_eq(own.next, MANY);
    for (size_t k = 0; k < MANY * GRAPH_CLASSES; k++)
        ck_assert_float_eq_tol(outputs[0][k], outputs[1][k], 1e-5f);
    free(inputs);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(stripes_are_one_image)
{
    struct trnnsf_node_options o = node_convolution(4, 3, 1, TRNNSF_ACTIVATION_RELU);
    trnnsf_graph *graph;
    trnnsf_network *network;
    float *inputs = random_floats(1, 40 * 4 * 60 * 60), *outputs = calloc(40 * 4, sizeof *outputs);
    const uint32_t labels[40] = {0};
    struct graph_reference r;

    o.groups = 1 + (uint32_t)_i;
    ck_assert_int_eq(trnnsf_graph_create(ctx, 4, 60, 60, &graph), TRNNSF_OK);
    add_node(ctx, graph, 0, o);
    o = node_pool(TRNNSF_NODE_MEAN_POOL, 0, 1);
    o.activation = TRNNSF_ACTIVATION_SOFTMAX;
    add_node(ctx, graph, 1, o);
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
    uint32_t *labels = random_labels(8, N, GRAPH_CLASSES);
    trnnsf_dataset *dataset;

    for (size_t i = 0; i < N * FEATURES; i++) {
        size_t y = i / 6 % 7, x = i % 6;

        if (labels[i / FEATURES] == (y > 3) * 2u + (x > 2))
            values[i] += 0.7f;
    }
    ck_assert_int_eq(trnnsf_dataset_create(context, 2, 7, 6, GRAPH_CLASSES, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(context, dataset, TRNNSF_PART_TRAIN, N, values, labels),
                     TRNNSF_OK);
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
    trnnsf_network *network = build_graph(ctx, (size_t)_i % GRAPH_SCENES);
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_dataset *dataset = quarters(ctx);

    ck_assert_double_lt(train(ctx, network, (uint32_t)_i / GRAPH_SCENES, 50), 0.7);
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
    trnnsf_network *network = build_graph(ctx, (size_t)_i), *copy;

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

/* Training computes wide convolutions otherwise than inference does: without dropout and norms both give the
 * same but for rounding. */
START_TEST(training_and_inference_agree)
{
    enum { INPUTS = 2 * 9 * 8, CLASSES = 4 };
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    float *inputs = random_floats(5, SAMPLES * INPUTS), outputs[SAMPLES * CLASSES];
    trnnsf_graph *graph;
    trnnsf_network *network;
    struct trn_pass *pass;

    ck_assert_int_eq(trnnsf_graph_parse(ctx, "20c3-17c3:same-24c3:pad2x0-4", 2, 9, 8, &options,
                                        &graph),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
    ck_assert_int_eq(trn_pass_create(ctx, network, SAMPLES, true, &pass), TRNNSF_OK);
    ck_assert(pass->nodes->states[2].convolution.winograd);
    trn_pass_load(pass, SAMPLES, inputs, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);
    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t f = 0; f < CLASSES; f++)
            check_close(trn_pass_outputs(pass)[f * SAMPLES + s],
                        (double)outputs[s * CLASSES + f]);
    }
    trn_pass_free(pass);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
    free(inputs);
}
END_TEST

TCase *graph_case(void)
{
    TCase *tc = tcase_create("graph");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_is_the_formula, 0, GRAPH_SCENES);
    tcase_add_loop_test(tc, gradients_are_differences, 0, 2 * GRAPH_SCENES);
    tcase_add_loop_test(tc, products_by_others, 0, GRAPH_SCENES);
    tcase_add_loop_test(tc, stripes_are_one_image, 0, 2);
    tcase_add_test(tc, training_and_inference_agree);
    tcase_add_loop_test(tc, training_learns, 0, 2 * GRAPH_SCENES);
    tcase_add_loop_test(tc, threads_and_copies_have_the_same_bits, 0, GRAPH_SCENES);
    return tc;
}
