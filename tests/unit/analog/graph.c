/* Chips of graphs: the ideal one is its network, one of dense layers is a chain's, a convolution is
 * its unrolled matrix, and each read has noise of its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"
#include "network/graph_scenes.h"

enum { MANY = 13 };

/* A graph on crossbars of `shapes`, all as windows of `side` x `side` places; 0: whole outputs. */
static struct design on_crossbars(trnnsf_network *network, const char *shapes,
                                  const struct constant *constants, uint32_t scheme, uint32_t side)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct design design = {.network = network, .n_in = GRAPH_INPUTS, .n_out = GRAPH_CLASSES};

    options.rule = TRNNSF_MAP_TILES;
    options.scheme = scheme;
    options.window_height = options.window_width = side;
    design.tech = make_tech(shapes, constants);
    OK(trnnsf_mapping_create(ctx, network, design.tech, &options, &design.mapping));
    return design;
}

static struct design of_scene(size_t scene, const struct constant *constants)
{
    return on_crossbars(build_graph(ctx, scene), "16x16", constants, TRNNSF_MAP_KERNEL_COLUMN, 1);
}

static float *network_outputs(const struct design *design, size_t n, const float *inputs)
{
    float *outputs = calloc(n * design->n_out, sizeof *outputs);

    OK(trnnsf_network_forward(ctx, design->network, n, inputs, outputs));
    return outputs;
}

START_TEST(ideal_is_its_network)
{
    static const struct {
        uint32_t scheme, side;
    } ways[] = {
        {TRNNSF_MAP_KERNEL_COLUMN, 1}, {TRNNSF_MAP_DUPLICATED, 2}, {TRNNSF_MAP_UNROLLED, 0}};
    enum { WAYS = sizeof ways / sizeof ways[0] };
    size_t scene = (size_t)_i / WAYS, way = (size_t)_i % WAYS;
    struct design design =
        on_crossbars(build_graph(ctx, scene), "24x24", NULL, ways[way].scheme, ways[way].side);
    float *inputs = values(MANY * design.n_in, -1, 1, 1);
    trnnsf_analog *chip = chip_of(&design, 0, 0, NULL);
    float *real = run(chip, &design, MANY, inputs, 0);
    float *ideal = network_outputs(&design, MANY, inputs);
    double errors[8];

    ck_assert_double_lt(largest_difference(MANY * design.n_out, real, ideal), 1e-4);
    OK(trnnsf_analog_measure(ctx, chip, design.network, MANY, inputs, 0, errors, NULL, NULL));
    for (size_t l = 0; l < trnnsf_network_layers(design.network); l++)
        ck_assert_double_lt(errors[l], 1e-4);
    free(ideal);
    free(real);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Fully connected nodes with the weights of a chain. */
static trnnsf_network *as_graph(const trnnsf_network *chain)
{
    size_t n_layers = trnnsf_network_layers(chain);
    trnnsf_graph *graph;
    trnnsf_network *network;
    uint32_t last = 0;

    OK(trnnsf_graph_create(ctx, trnnsf_network_inputs(chain, 0), 1, 1, &graph));
    for (size_t l = 0; l < n_layers; l++)
        last = add_node(
            ctx, graph, last,
            node_dense((uint32_t)trnnsf_network_outputs(chain, l),
                       l + 1 < n_layers ? TRNNSF_ACTIVATION_RELU : TRNNSF_ACTIVATION_LINEAR));
    OK(trnnsf_network_build(ctx, graph, NULL, &network));
    for (size_t l = 0; l < n_layers; l++) {
        OK(trnnsf_network_set_weights(ctx, network, l, trnnsf_network_weights(chain, l)));
        OK(trnnsf_network_set_biases(ctx, network, l, trnnsf_network_biases(chain, l)));
    }
    trnnsf_graph_free(graph);
    return network;
}

static const struct constant all_effects[] = {
    {"conductance_levels", 16}, {"adc_bits", 6},        {"dac_bits", 5},
    {"read_sigma", 0.05},       {"variation_on", 0.02}, {NULL, 0}};

/* The same bits, noise included, however many samples go at once. */
START_TEST(dense_nodes_are_a_chain)
{
    const size_t sizes[] = {20, 30, 10, 4};
    struct trnnsf_map_options tiles = TRNNSF_MAP_OPTIONS_INIT;
    struct design chain = make_design(sizes, 4, "16x16", all_effects), graph = chain;
    float *inputs = values(700 * 20, 0, 1, 2);

    tiles.rule = TRNNSF_MAP_DENSE;
    graph.network = as_graph(chain.network);
    OK(trnnsf_mapping_create(ctx, graph.network, graph.tech, &tiles, &graph.mapping));
    trnnsf_analog *a = chip_of(&chain, TRNNSF_ANALOG_ALL, 50, inputs);
    trnnsf_analog *b = chip_of(&graph, TRNNSF_ANALOG_ALL, 50, inputs);
    float *x = run(a, &chain, 700, inputs, 3), *y = run(b, &graph, 700, inputs, 3);
    ck_assert_mem_eq(x, y, 700 * 4 * sizeof *x);
    ck_assert_double_gt(largest_value(700 * 4, x), 0);
    free(x);
    free(y);
    free(inputs);
    trnnsf_analog_free(a);
    trnnsf_analog_free(b);
    trnnsf_mapping_free(graph.mapping);
    trnnsf_network_free(graph.network);
    free_design(&chain);
}
END_TEST

enum { CHANNELS = 3, SIDE = 6, KERNELS = 5, PLACES = SIDE * SIDE, IMAGE = CHANNELS * PLACES };

static trnnsf_network *one_convolution(void)
{
    trnnsf_graph *graph;
    trnnsf_network *network;

    OK(trnnsf_graph_create(ctx, CHANNELS, SIDE, SIDE, &graph));
    add_node(ctx, graph, 0, node_convolution(KERNELS, 3, 1, TRNNSF_ACTIVATION_LINEAR));
    OK(trnnsf_network_build(ctx, graph, NULL, &network));
    trnnsf_graph_free(graph);
    return network;
}

/* Its matrix from whole image to whole image. */
static float *unrolled(const float *weights)
{
    float *matrix = calloc((size_t)KERNELS * PLACES * IMAGE, sizeof *matrix);

    for (int o = 0; o < KERNELS * PLACES; o++) {
        for (int k = 0; k < CHANNELS * 9; k++) {
            int y = o % PLACES / SIDE + k % 9 / 3 - 1, x = o % SIDE + k % 3 - 1;

            if (y >= 0 && y < SIDE && x >= 0 && x < SIDE)
                matrix[o * IMAGE + k / 9 * PLACES + y * SIDE + x] =
                    weights[o / PLACES * CHANNELS * 9 + k];
        }
    }
    return matrix;
}

/* With levels and converters, of which few may fall on another code, as sums are in another order.
 */
START_TEST(convolution_is_its_matrix)
{
    static const struct constant constants[] = {
        {"conductance_levels", 16}, {"adc_bits", 6}, {"dac_bits", 5}, {NULL, 0}};
    const uint32_t effects = TRNNSF_ANALOG_LEVELS | TRNNSF_ANALOG_DAC | TRNNSF_ANALOG_ADC;
    struct design image =
        on_crossbars(one_convolution(), "1024x1024", constants, TRNNSF_MAP_KERNEL_COLUMN, 1);
    float *matrix = unrolled(trnnsf_network_weights(image.network, 0));
    struct design flat = make_layer(IMAGE, KERNELS * PLACES, matrix, constants);
    float *inputs = values(MANY * IMAGE, -1, 1, 5);
    size_t n = MANY * KERNELS * PLACES, off = 0;

    image.n_out = flat.n_out;
    trnnsf_analog *a = chip_of(&image, effects, MANY, inputs);
    trnnsf_analog *b = chip_of(&flat, effects, MANY, inputs);
    float *x = run(a, &image, MANY, inputs, 0), *y = run(b, &flat, MANY, inputs, 0);
    double step = 2.2 * largest_value(n, y) / 63;
    for (size_t k = 0; k < n; k++) {
        off += fabsf(x[k] - y[k]) > 1e-4f;
        ck_assert_double_lt(fabs((double)x[k] - (double)y[k]), step);
    }
    ck_assert_uint_lt(off, n / 100);
    free(x);
    free(y);
    free(inputs);
    free(matrix);
    trnnsf_analog_free(a);
    trnnsf_analog_free(b);
    free_design(&image);
    free_design(&flat);
}
END_TEST

/* Of an image of one value, on which only noise tells places apart. */
START_TEST(noise_of_places)
{
    enum { WIDE = 50, READS = WIDE * WIDE };
    static const struct constant noisy[] = {{"read_sigma", 0.2}, {NULL, 0}};
    const float weights[4] = {0.5f, -0.8f, 0.3f, 1};
    struct design flat = make_layer(4, 1, weights, noisy), image = flat;
    float *inputs = calloc(4 * READS, sizeof *inputs);
    trnnsf_graph *graph;
    double x[READS], y[READS];

    for (size_t k = 0; k < 4 * READS; k++)
        inputs[k] = 1;
    OK(trnnsf_graph_create(ctx, 1, WIDE + 1, WIDE + 1, &graph));
    add_node(ctx, graph, 0, node_convolution(1, 2, 0, TRNNSF_ACTIVATION_LINEAR));
    OK(trnnsf_network_build(ctx, graph, NULL, &image.network));
    trnnsf_graph_free(graph);
    OK(trnnsf_network_set_weights(ctx, image.network, 0, weights));
    OK(trnnsf_mapping_create(ctx, image.network, image.tech, NULL, &image.mapping));
    image.n_out = READS;
    trnnsf_analog *a = chip_of(&flat, TRNNSF_ANALOG_READ_NOISE, 0, NULL);
    trnnsf_analog *b = chip_of(&image, TRNNSF_ANALOG_READ_NOISE, 0, NULL);
    float *many = run(a, &flat, READS, inputs, 0), *places = run(b, &image, 1, inputs, 0);
    for (size_t k = 0; k < READS; k++) {
        x[k] = (double)many[k];
        y[k] = (double)places[k];
    }
    check_normal(READS, y, 1, deviation_of(READS, x));
    free(many);
    free(places);
    free(inputs);
    trnnsf_analog_free(a);
    trnnsf_analog_free(b);
    trnnsf_mapping_free(image.mapping);
    trnnsf_network_free(image.network);
    free_design(&flat);
}
END_TEST

/* Converters that the network was quantised for stand where there is no DAC, and a DAC of as many
 * bits in the place of theirs. */
START_TEST(networks_of_devices)
{
    static const struct constant bits[] = {{"dac_bits", 4}, {NULL, 0}};
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    trnnsf_network *network = build_graph(ctx, (size_t)_i), *plain = build_graph(ctx, (size_t)_i);
    float *inputs = values(MANY * GRAPH_INPUTS, 0, 1, 10);
    uint32_t labels[MANY] = {0};
    trnnsf_dataset *dataset;

    OK(trnnsf_dataset_create(ctx, 2, 7, 6, GRAPH_CLASSES, &dataset));
    OK(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, MANY, inputs, labels));
    options.activation_bits = 4;
    options.weight_levels = 15;
    OK(trnnsf_network_quantise(ctx, network, dataset, &options));
    struct design design = on_crossbars(network, "16x16", bits, TRNNSF_MAP_KERNEL_COLUMN, 1);
    float *right = network_outputs(&design, MANY, inputs), *other = calloc(MANY, 4 * sizeof *other);
    OK(trnnsf_network_forward(ctx, plain, MANY, inputs, other));
    ck_assert_double_gt(largest_difference(MANY * GRAPH_CLASSES, other, right), 1e-3);
    /* Inputs of both signs have other levels in a DAC: those behind tanh. */
    for (uint32_t k = 0; k < (_i == 0 ? 1 : 2); k++) {
        trnnsf_analog *chip = chip_of(&design, k ? TRNNSF_ANALOG_DAC : 0, MANY, inputs);
        float *outputs = run(chip, &design, MANY, inputs, 0);

        ck_assert_double_lt(largest_difference(MANY * GRAPH_CLASSES, outputs, right), 1e-4);
        free(outputs);
        trnnsf_analog_free(chip);
    }
    free(other);
    free(right);
    free(inputs);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(plain);
    free_design(&design);
}
END_TEST

/* Noise hangs on the sample's number and place: not on threads, nor on what is read together. */
START_TEST(samples_and_threads)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct design design = of_scene((size_t)_i, all_effects);
    float *inputs = values(MANY * design.n_in, 0, 1, 6), again[MANY * GRAPH_CLASSES];
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, MANY, inputs);
    float *all = run(chip, &design, MANY, inputs, 1);
    trnnsf_context *three;

    options.threads = 3;
    OK(trnnsf_context_create(&options, &three));
    ck_assert_int_eq(trnnsf_analog_forward(three, chip, MANY, inputs, 1, again), TRNNSF_OK);
    ck_assert_mem_eq(all, again, sizeof again);
    OK(trnnsf_analog_forward(ctx, chip, 5, inputs, 1, again));
    ck_assert_mem_eq(all, again, 5 * GRAPH_CLASSES * sizeof *all);
    OK(trnnsf_analog_forward(ctx, chip, MANY, inputs, 2, again));
    ck_assert_mem_ne(all, again, sizeof again);
    trnnsf_context_free(three);
    free(all);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Evaluation counts what forward gives, and measured errors are those of levels and converters. */
START_TEST(evaluation_and_errors)
{
    struct design design = of_scene((size_t)_i, all_effects);
    float *inputs = values(MANY * design.n_in, 0, 1, 7);
    trnnsf_analog *chip = chip_of(&design, TRNNSF_ANALOG_ALL, MANY, inputs);
    float *outputs = run(chip, &design, MANY, inputs, 0);
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    size_t n_layers = trnnsf_network_layers(design.network);
    double errors[8], dac[8], adc[8];
    uint32_t labels[MANY];
    trnnsf_dataset *dataset;

    for (size_t s = 0; s < MANY; s++) {
        labels[s] = 0;
        for (uint32_t c = 1; c < GRAPH_CLASSES; c++) {
            if (outputs[s * GRAPH_CLASSES + c] > outputs[s * GRAPH_CLASSES + labels[s]])
                labels[s] = c;
        }
    }
    OK(trnnsf_dataset_create(ctx, 2, 7, 6, GRAPH_CLASSES, &dataset));
    OK(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, MANY, inputs, labels));
    OK(trnnsf_analog_evaluate(ctx, chip, dataset, TRNNSF_PART_TEST, TRNNSF_LOSS_CROSS_ENTROPY, 0,
                              &result));
    ck_assert_double_eq(result.accuracy, 1);
    OK(trnnsf_analog_measure(ctx, chip, design.network, MANY, inputs, 0, errors, dac, adc));
    for (size_t l = 0; l < n_layers; l++) {
        ck_assert(errors[l] > 1e-3 && errors[l] < 1);
        ck_assert(dac[l] >= 0 && dac[l] < 1 && adc[l] >= 0 && adc[l] < 1);
    }
    trnnsf_dataset_free(dataset);
    free(outputs);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
}
END_TEST

/* Lines of a convolution are exchanged by what its image's values weigh. */
START_TEST(remapped)
{
    static const struct constant stuck[] = {
        {"stuck_on_fraction", 0.05}, {"stuck_off_fraction", 0.05}, {NULL, 0}};
    struct design design = of_scene((size_t)_i, stuck);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float *inputs = values(MANY * design.n_in, 0, 1, 8);
    double before[8], after[8], sums[2] = {0, 0};

    options.effects = TRNNSF_ANALOG_STUCK;
    trnnsf_analog *plain = make_chip(&design, &options, MANY, inputs);
    options.remap = TRNNSF_REMAP_ALL;
    trnnsf_analog *fitted = make_chip(&design, &options, MANY, inputs);
    OK(trnnsf_analog_measure(ctx, plain, design.network, MANY, inputs, 0, before, NULL, NULL));
    OK(trnnsf_analog_measure(ctx, fitted, design.network, MANY, inputs, 0, after, NULL, NULL));
    for (size_t l = 0; l < trnnsf_network_layers(design.network); l++) {
        sums[0] += before[l];
        sums[1] += after[l];
    }
    ck_assert_double_lt(sums[1], 0.8 * sums[0]);
    trnnsf_analog_free(plain);
    trnnsf_analog_free(fitted);
    free(inputs);
    free_design(&design);
}
END_TEST

START_TEST(others_are_refused)
{
    const size_t sizes[] = {GRAPH_INPUTS, GRAPH_CLASSES};
    struct design design = of_scene(0, NULL), chain = make_design(sizes, 2, "16x16", NULL);
    struct design other = of_scene(1, NULL);
    float *inputs = values(design.n_in, 0, 1, 9);
    trnnsf_analog *chip = chip_of(&design, 0, 0, NULL), *none = NULL;
    double errors[8];

    ck_assert_int_eq(
        trnnsf_analog_measure(ctx, chip, chain.network, 1, inputs, 0, errors, NULL, NULL),
        TRNNSF_E_MISMATCH);
    ck_assert_int_eq(
        trnnsf_analog_measure(ctx, chip, other.network, 1, inputs, 0, errors, NULL, NULL),
        TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_analog_create(ctx, other.network, design.mapping, design.tech, NULL, 1,
                                          inputs, &none),
                     TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_analog_create(ctx, chain.network, design.mapping, design.tech, NULL, 1,
                                          inputs, &none),
                     TRNNSF_E_MISMATCH);
    inputs[7] = NAN;
    ck_assert_int_eq(trnnsf_analog_forward(ctx, chip, 1, inputs, 0, inputs), TRNNSF_E_NUMERIC);
    ck_assert_ptr_null(none);
    free(inputs);
    trnnsf_analog_free(chip);
    free_design(&design);
    free_design(&chain);
    free_design(&other);
}
END_TEST

TCase *graph_case(void)
{
    TCase *tcase = tcase_create("graph");

    tcase_add_loop_test(tcase, ideal_is_its_network, 0, 3 * GRAPH_SCENES);
    tcase_add_test(tcase, dense_nodes_are_a_chain);
    tcase_add_test(tcase, convolution_is_its_matrix);
    tcase_add_test(tcase, noise_of_places);
    tcase_add_loop_test(tcase, networks_of_devices, 0, GRAPH_SCENES);
    tcase_add_loop_test(tcase, samples_and_threads, 0, GRAPH_SCENES);
    tcase_add_loop_test(tcase, evaluation_and_errors, 0, GRAPH_SCENES);
    tcase_add_loop_test(tcase, remapped, 0, GRAPH_SCENES);
    tcase_add_test(tcase, others_are_refused);
    return tcase;
}
