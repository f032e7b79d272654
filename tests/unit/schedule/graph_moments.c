/* Moments of a convolution, a batch norm and a fully connected layer, against their formulas written out. */
#include <math.h>
#include <string.h>

#include "data/dataset.h"
#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/moments.h"

enum { SIDE = 6, PIXELS = SIDE * SIDE, CHANNELS = 3, KERNEL = 9, CLASSES = 4, INNER = 3 * PIXELS };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static trnnsf_network *network;

static void add(trnnsf_graph *graph, uint32_t kind, uint32_t outputs, uint32_t activation)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    uint32_t last = (uint32_t)trnnsf_graph_nodes(graph) - 1;

    o.kind = kind;
    o.outputs = outputs;
    o.activation = activation;
    o.kernel_height = o.kernel_width = 3;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 1;
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &o, &last), TRNNSF_OK);
}

static void setup(void)
{
    static const float values[4][CHANNELS] = {
        {0.7f, 1.2f, 2}, {0.3f, -0.1f, 0.2f}, {0.1f, 0.2f, -0.3f}, {0.5f, 1.5f, 0.9f}};
    trnnsf_graph *graph;

    ctx = make_context(2);
    dataset = make_dataset(ctx);
    ck_assert_int_eq(trnnsf_graph_create(ctx, 1, SIDE, SIDE, &graph), TRNNSF_OK);
    add(graph, TRNNSF_NODE_CONVOLUTION, CHANNELS, TRNNSF_ACTIVATION_LINEAR);
    add(graph, TRNNSF_NODE_BATCH_NORM, 0, TRNNSF_ACTIVATION_RELU);
    add(graph, TRNNSF_NODE_DENSE, CLASSES, TRNNSF_ACTIVATION_SOFTMAX);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    for (uint32_t v = 0; v < 4; v++)
        ck_assert_int_eq(trnnsf_network_set_norm(ctx, network, 2, v, values[v]), TRNNSF_OK);
    trnnsf_graph_free(graph);
}

static void teardown(void)
{
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

/* What the kernel's cell k sees at place p. */
static double seen(const float *image, size_t p, size_t k)
{
    long row = (long)(p / SIDE + k / 3) - 1, column = (long)(p % SIDE + k % 3) - 1;
    bool inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;

    return inside ? (double)image[row * SIDE + column] : 0;
}

struct sums {
    double seen[KERNEL], hidden[INNER], delta[CHANNELS], outer[CLASSES];
};

static double factor(size_t c)
{
    const struct trn_node *norm = &network->graph.nodes[2];

    return (double)norm->norm[TRNNSF_NORM_SCALE][c] /
           sqrt((double)norm->norm[TRNNSF_NORM_VARIANCE][c] + norm->options.epsilon);
}

static double hidden(const float *image, size_t c, size_t p)
{
    const struct trn_node *norm = &network->graph.nodes[2];
    const struct trn_layer *layer = &network->layers[0];
    double z = (double)layer->biases[c] - (double)norm->norm[TRNNSF_NORM_MEAN][c];

    for (size_t k = 0; k < KERNEL; k++)
        z += (double)layer->weights[c * KERNEL + k] * seen(image, p, k);
    return fmax(z * factor(c) + (double)norm->norm[TRNNSF_NORM_SHIFT][c], 0);
}

static void add_sample(const float *image, uint32_t label, const float *outputs, struct sums *sums)
{
    const struct trn_layer *last = &network->layers[1];
    double delta[CLASSES];

    for (size_t i = 0; i < CLASSES; i++) {
        delta[i] = (double)outputs[i] - (label == i);
        sums->outer[i] += delta[i] * delta[i];
    }
    for (size_t p = 0; p < PIXELS; p++) {
        for (size_t k = 0; k < KERNEL; k++)
            sums->seen[k] += seen(image, p, k) * seen(image, p, k) / PIXELS;
        for (size_t c = 0; c < CHANNELS; c++) {
            double value = hidden(image, c, p), back = 0;

            for (size_t i = 0; i < CLASSES && value > 0; i++)
                back += delta[i] * (double)last->weights[i * INNER + c * PIXELS + p] * factor(c);
            sums->hidden[c * PIXELS + p] += value * value;
            sums->delta[c] += back * back;
        }
    }
}

static void near(const float *got, const double *sum, size_t n, size_t samples)
{
    for (size_t i = 0; i < n; i++) {
        double expected = sum[i] / (double)samples;

        ck_assert_double_le(fabs((double)got[i] - expected), 1e-4 * (expected + 1e-3));
    }
}

START_TEST(as_written_out)
{
    const struct trn_part *part = &dataset->part[TRNNSF_PART_TRAIN];
    float outputs[CLASSES], norm[CHANNELS];
    struct trn_moments moments;
    struct sums sums = {{0}, {0}, {0}, {0}};

    memcpy(norm, trnnsf_network_norm(network, 2, TRNNSF_NORM_VARIANCE), sizeof norm);
    ck_assert_int_eq(
        trn_moments_measure(ctx, network, dataset, TRNNSF_LOSS_CROSS_ENTROPY, &moments), TRNNSF_OK);
    ck_assert_mem_eq(norm, trnnsf_network_norm(network, 2, TRNNSF_NORM_VARIANCE), sizeof norm);
    for (size_t s = 0; s < part->n_samples; s++) {
        const float *image = part->values + s * PIXELS;

        ck_assert_int_eq(trnnsf_network_forward(ctx, network, 1, image, outputs), TRNNSF_OK);
        add_sample(image, part->labels[s], outputs, &sums);
    }
    near(moments.input[0], sums.seen, KERNEL, part->n_samples);
    near(moments.output[0], sums.delta, CHANNELS, part->n_samples);
    near(moments.input[1], sums.hidden, INNER, part->n_samples);
    near(moments.output[1], sums.outer, CLASSES, part->n_samples);
    trn_moments_free(ctx, network, &moments);
}
END_TEST

TCase *graph_moments_case(void)
{
    TCase *tests = tcase_create("graph moments");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, as_written_out);
    return tests;
}
