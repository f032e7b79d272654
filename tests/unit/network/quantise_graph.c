/* Devices for graphs: fine converters and levels keep what a network says, whatever is scaled for one
 * range; coarse ones hold its values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/cases.h"
#include "network/network.h"
#include "network/node_pass.h"
#include "network/random_graphs.h"

enum { SAMPLES = 40, FEATURES = 108, CLASSES = 3, DRAWS = 60 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static float inputs[SAMPLES * FEATURES];

static void setup(void)
{
    uint32_t labels[SAMPLES] = {0};
    struct trn_random random;

    ctx = open_context(2, "reference");
    trn_random_init(&random, 53, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        inputs[i] = trn_random_float(&random);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 3, 6, 6, CLASSES, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, inputs, labels),
                     TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

/* Weights, biases and batch norms of either sign. */
static trnnsf_network *draw_network(uint32_t number)
{
    trnnsf_network *network = random_graph(ctx, number, true, false);
    struct trn_random random;

    trn_random_init(&random, 54, TRN_RANDOM_TEST, number);
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_layer *layer = &network->layers[l];

        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            layer->weights[i] = 2 * trn_random_float(&random) - 1;
        for (size_t i = 0; i < layer->n_out; i++)
            layer->biases[i] = trn_random_float(&random) - 0.5f;
    }
    for (size_t i = 0; i < network->graph.n_nodes; i++) {
        const struct trn_node *node = &network->graph.nodes[i];

        for (size_t v = 0; v < TRN_NORM_VALUES && node->norm[v]; v++) {
            for (size_t c = 0; c < node->shape.channels; c++)
                node->norm[v][c] = trn_random_float(&random) + (v == TRNNSF_NORM_VARIANCE);
        }
    }
    return network;
}

static float largest(const float *values, size_t n)
{
    float most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmaxf(most, fabsf(values[i]));
    return most;
}

static void quantise(trnnsf_network *network, const struct trnnsf_quantise_options *options)
{
    ck_assert_msg(trnnsf_network_quantise(ctx, network, dataset, options) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
}

/* Batch norms' epsilon is scaled along, so that only levels and converters leave errors. */
START_TEST(fine_devices_keep_the_function)
{
    for (uint32_t number = 0; number < DRAWS; number++) {
        struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
        trnnsf_network *network = draw_network(number);
        float before[SAMPLES * CLASSES], after[SAMPLES * CLASSES], most;

        ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, before), TRNNSF_OK);
        most = largest(before, SAMPLES * CLASSES);
        options.activation_bits = 16;
        options.activation_quantile = 1;
        options.uniform = (uint32_t)_i;
        quantise(network, &options);
        ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, after), TRNNSF_OK);
        for (size_t i = 0; i < SAMPLES * CLASSES; i++)
            ck_assert_msg(fabsf(after[i] - before[i]) <= 0.01f * most, "graph %u: %g, was %g of %g",
                          number, (double)after[i], (double)before[i], (double)most);
        trnnsf_network_free(network);
    }
}
END_TEST

/* One range of weights and one of activations; weights are levels, pruned ones 0. */
START_TEST(one_range)
{
    for (uint32_t number = 0; number < DRAWS; number++) {
        struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
        trnnsf_network *network = draw_network(number);

        mask_layer(ctx, network, 0, 0.5);
        options.activation_bits = 4;
        options.weight_levels = 7;
        options.uniform = 1;
        quantise(network, &options);
        for (size_t l = 0; l < network->n_layers; l++) {
            const struct trn_layer *layer = &network->layers[l];

            ck_assert(layer->grid.range == network->layers[0].grid.range);
            ck_assert(layer->input.range == network->layers[0].input.range);
            for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
                float at = 3 * layer->weights[i] / layer->grid.range;

                ck_assert_float_eq_tol(at, floorf(at + 0.5f), 1e-4f);
            }
            for (size_t i = 0; layer->mask && i < layer->n_in * layer->n_out; i++)
                ck_assert(trn_mask_get(layer->mask, i / layer->n_in, i % layer->n_in) ||
                          layer->weights[i] == 0.0f);
        }
        trnnsf_network_free(network);
    }
}
END_TEST

/* What layers are fed lies on their converters' levels, while other nodes read it as it is. */
START_TEST(converted_inputs)
{
    size_t apart = 0;

    for (uint32_t number = 0; number < DRAWS; number++) {
        struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
        trnnsf_network *network = draw_network(number);
        struct trn_pass *pass;

        options.activation_bits = 3;
        quantise(network, &options);
        ck_assert_int_eq(trn_pass_create(ctx, network, SAMPLES, false, &pass), TRNNSF_OK);
        trn_pass_load(pass, SAMPLES, inputs, NULL, NULL);
        ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);
        for (size_t l = 0; l < network->n_layers; l++) {
            const struct trn_converter *input = &network->layers[l].input;
            size_t node = trn_graph_layer_node(&network->graph, l);
            size_t read = network->graph.nodes[node].inputs[0];
            float step = input->range / (input->is_signed ? 3 : 7);

            for (size_t i = 0; i < trn_shape_size(&network->graph.nodes[read].shape) * SAMPLES; i++) {
                float at = pass->panel[l][i] / step;

                ck_assert_float_eq_tol(at, floorf(at + 0.5f), 1e-3f);
            }
            apart += pass->panel[l] != pass->nodes->states[read].values;
        }
        trn_pass_free(pass);
        trnnsf_network_free(network);
    }
    ck_assert_uint_ge(apart, DRAWS);
}
END_TEST

/* A matrix, an output or all of the network has weights of one sign. */
START_TEST(one_sign)
{
    static const uint32_t kinds[] = {TRNNSF_UNIPOLAR_MATRIX, TRNNSF_UNIPOLAR_OUTPUT,
                                     TRNNSF_UNIPOLAR_POSITIVE};

    for (uint32_t number = 0; number < DRAWS; number++) {
        struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
        trnnsf_network *network = draw_network(number);

        options.activation_bits = 6;
        options.weight_levels = 4;
        options.unipolar = kinds[number % 3];
        options.uniform = number % 2;
        quantise(network, &options);
        for (size_t l = 0; l < network->n_layers; l++) {
            const struct trn_layer *layer = &network->layers[l];
            size_t row = kinds[number % 3] == TRNNSF_UNIPOLAR_OUTPUT ? layer->n_in
                                                                    : layer->n_in * layer->n_out;

            for (size_t i = 0; i < layer->n_in * layer->n_out; i += row) {
                bool up = false, down = false;

                for (size_t j = i; j < i + row; j++) {
                    up = up || layer->weights[j] > 0;
                    down = down || layer->weights[j] < 0;
                }
                ck_assert(!(up && down));
                ck_assert(kinds[number % 3] != TRNNSF_UNIPOLAR_POSITIVE || !down);
            }
        }
        trnnsf_network_free(network);
    }
}
END_TEST

TCase *quantise_graph_case(void)
{
    TCase *tests = tcase_create("quantised graphs");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, fine_devices_keep_the_function, 0, 2);
    tcase_add_test(tests, one_range);
    tcase_add_test(tests, converted_inputs);
    tcase_add_test(tests, one_sign);
    return tests;
}
