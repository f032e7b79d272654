/* What convolutions cost: their matrix, read after read; and the activity of images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/graph.h>

#include "cost/common.h"

enum { CHANNELS = 3, SIDE = 6, OUTPUTS = 20, FAN_IN = CHANNELS * 9 };

/* 3 x 3 without padding, so 4 x 4 places, and 2 classes. */
static trnnsf_network *make_convolution(void)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;
    uint32_t last = 0;

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.outputs = OUTPUTS;
    o.kernel_height = o.kernel_width = 3;
    o.activation = TRNNSF_ACTIVATION_RELU;
    ck_assert_int_eq(trnnsf_graph_create(ctx, CHANNELS, SIDE, SIDE, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &o, &last), TRNNSF_OK);
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 2;
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &o, &last), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    trnnsf_graph_free(graph);
    return network;
}

/* A fully connected layer with the convolution's matrix, and one after it as large as its own. */
static trnnsf_network *make_matrix(const trnnsf_network *convolution)
{
    static const size_t sizes[] = {FAN_IN, OUTPUTS, 2};
    trnnsf_network *network = make_network(sizes, 3, TRNNSF_ACTIVATION_RELU);

    ck_assert_int_eq(
        trnnsf_network_set_weights(ctx, network, 0, trnnsf_network_weights(convolution, 0)),
        TRNNSF_OK);
    return network;
}

static trnnsf_activity *constant(size_t first, size_t second, float rate)
{
    const size_t sizes[] = {first, second};
    trnnsf_activity *activity;

    ck_assert_int_eq(trn_activity_new(ctx, 2, sizes, &activity), TRNNSF_OK);
    for (size_t i = 0; i < first + second; i++)
        activity->rate[i] = activity->nonzero[i] = rate;
    return activity;
}

static trnnsf_cost *cost_of(const trnnsf_network *network, const trnnsf_tech *tech,
                            const trnnsf_activity *activity, uint32_t scheme)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping;
    trnnsf_cost *cost;

    options.rule = TRNNSF_MAP_TILES;
    options.scheme = scheme;
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &options, &mapping), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, activity, &cost), TRNNSF_OK);
    trnnsf_mapping_free(mapping);
    return cost;
}

static const char *const presets[] = {"resparc-45nm", "puma-32nm"};

/* By kernel columns, with every pixel alike and no padding, each part of the energy is that of the
 * matrix, as often as it is read; its area is not. */
START_TEST(reads_multiply)
{
    trnnsf_network *network = make_convolution(), *matrix = make_matrix(network);
    trnnsf_tech *tech = make_tech(presets[_i], "16x16");
    trnnsf_activity *pixels = constant(CHANNELS * SIDE * SIDE, OUTPUTS * 16, 0.25f);
    trnnsf_activity *inputs = constant(FAN_IN, OUTPUTS, 0.25f);
    trnnsf_cost *many = cost_of(network, tech, pixels, TRNNSF_MAP_KERNEL_COLUMN);
    trnnsf_cost *once = cost_of(matrix, tech, inputs, TRNNSF_MAP_KERNEL_COLUMN);

    for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++) {
        if (part != TRNNSF_COST_COMMUNICATION && part != TRNNSF_COST_TOTAL)
            ASSERT_CLOSE(trnnsf_cost_energy(many, 0, part), 16 * trnnsf_cost_energy(once, 0, part));
        ASSERT_CLOSE(trnnsf_cost_area(many, 0, part) + 1, trnnsf_cost_area(once, 0, part) + 1);
    }
    ASSERT_CLOSE(trnnsf_cost_latency(many, 0), 16 * trnnsf_cost_latency(once, 0));
    trnnsf_cost_free(many);
    trnnsf_cost_free(once);
    trnnsf_activity_free(pixels);
    trnnsf_activity_free(inputs);
    trnnsf_tech_free(tech);
    trnnsf_network_free(matrix);
    trnnsf_network_free(network);
}
END_TEST

/* Copies of kernels save reads and cost area; neurons have as much to do as ever. */
START_TEST(schemes_trade_area_for_time)
{
    trnnsf_network *network = make_convolution();
    trnnsf_tech *tech = make_tech("resparc-45nm", "64x64");
    trnnsf_activity *activity = constant(CHANNELS * SIDE * SIDE, OUTPUTS * 16, 0.25f);
    trnnsf_cost *column = cost_of(network, tech, activity, TRNNSF_MAP_KERNEL_COLUMN);
    trnnsf_cost *copies = cost_of(network, tech, activity, TRNNSF_MAP_DUPLICATED);
    trnnsf_cost *unrolled = cost_of(network, tech, activity, TRNNSF_MAP_UNROLLED);

    ck_assert_double_lt(trnnsf_cost_latency(unrolled, 0), trnnsf_cost_latency(copies, 0));
    ck_assert_double_lt(trnnsf_cost_latency(copies, 0), trnnsf_cost_latency(column, 0));
    ck_assert_double_gt(trnnsf_cost_area(unrolled, 0, TRNNSF_COST_ARRAY),
                        trnnsf_cost_area(column, 0, TRNNSF_COST_ARRAY));
    ASSERT_CLOSE(trnnsf_cost_energy(unrolled, 0, TRNNSF_COST_NEURON),
                 trnnsf_cost_energy(column, 0, TRNNSF_COST_NEURON));
    ASSERT_CLOSE(trnnsf_cost_energy(copies, 0, TRNNSF_COST_NEURON),
                 trnnsf_cost_energy(column, 0, TRNNSF_COST_NEURON));
    trnnsf_cost_free(column);
    trnnsf_cost_free(copies);
    trnnsf_cost_free(unrolled);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* Of a layer that reads the image the activity is the image's, over its largest value. */
START_TEST(activity_of_images)
{
    enum { VALUES = CHANNELS * SIDE * SIDE };
    trnnsf_network *network = make_convolution();
    float images[2 * VALUES];
    trnnsf_dataset *dataset;
    trnnsf_activity *activity;
    size_t count = 0;

    for (size_t i = 0; i < 2 * VALUES; i++)
        images[i] = i % 7 == 0 ? 0 : (float)(i % 11) - 4;
    dataset = make_dataset(VALUES, 2, 2, images);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, TRNNSF_PART_TEST, &activity),
                     TRNNSF_OK);
    const float *rate = trnnsf_activity_rate(activity, 0, &count);
    const float *nonzero = trnnsf_activity_nonzero(activity, 0, NULL);
    ck_assert_uint_eq(count, VALUES);
    for (size_t i = 0; i < VALUES; i++) {
        float a = fabsf(images[i]), b = fabsf(images[VALUES + i]);

        ck_assert_float_eq_tol(rate[i], (a + b) / 12, 1e-6f);
        ck_assert_float_eq_tol(nonzero[i], (a > 0 ? 0.5f : 0) + (b > 0 ? 0.5f : 0), 1e-6f);
    }
    trnnsf_activity_rate(activity, 1, &count);
    ck_assert_uint_eq(count, OUTPUTS * 16);
    trnnsf_activity_free(activity);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(network);
}
END_TEST

/* Array energy by its sum: V^2 t T over reads, crossbars, rows and columns. */
START_TEST(array_energy_by_hand)
{
    trnnsf_network *network = make_convolution();
    trnnsf_tech *tech = make_tech("resparc-45nm", "32x32");
    trnnsf_activity *activity = constant(CHANNELS * SIDE * SIDE, OUTPUTS * 16, 0);
    trnnsf_cost *cost;
    const float *w = trnnsf_network_weights(network, 0);
    double largest = 0, sum = 0, g_off = 1 / 2e5, g_on = 1 / 2e4;

    for (size_t i = 0; i < CHANNELS * SIDE * SIDE; i++)
        activity->rate[i] = (float)(i % 5) / 8;
    for (size_t i = 0; i < OUTPUTS * FAN_IN; i++)
        largest = fmax(largest, fabs((double)w[i]));
    for (size_t place = 0; place < 16; place++)
        for (size_t i = 0; i < FAN_IN; i++) {
            size_t pixel = i / 9 * SIDE * SIDE + (place / 4 + i % 9 / 3) * SIDE + place % 4 + i % 3;
            double row = (32 - OUTPUTS) * g_off;

            for (size_t o = 0; o < OUTPUTS; o++)
                row += g_off + (g_on - g_off) * fabs((double)w[o * FAN_IN + i]) / largest;
            sum += (double)activity->rate[pixel] * row;
        }
    cost = cost_of(network, tech, activity, TRNNSF_MAP_KERNEL_COLUMN);
    ASSERT_CLOSE(trnnsf_cost_energy(cost, 0, TRNNSF_COST_ARRAY), 32 * 0.25 * 5e-9 * sum);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

TCase *convolution_case(void)
{
    TCase *tcase = tcase_create("convolutions");

    tcase_add_loop_test(tcase, reads_multiply, 0, 2);
    tcase_add_test(tcase, schemes_trade_area_for_time);
    tcase_add_test(tcase, activity_of_images);
    tcase_add_test(tcase, array_energy_by_hand);
    return tcase;
}
