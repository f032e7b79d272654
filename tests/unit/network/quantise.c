/* A device's network without training: levels, converters, one range for all, files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "network/cases.h"
#include "network/network.h"
#include "network/reference.h"

enum { SAMPLES = 200, INPUTS = 30, OUTPUTS = 4 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static float *inputs;

static void setup(void)
{
    uint32_t *labels = random_labels(3, SAMPLES, OUTPUTS);

    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    inputs = random_floats(4, SAMPLES * INPUTS);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, INPUTS, OUTPUTS, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, inputs, labels),
                     TRNNSF_OK);
    free(labels);
}

static void teardown(void)
{
    free(inputs);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

static trnnsf_network *make(uint32_t hidden, uint32_t output)
{
    static const size_t sizes[4] = {INPUTS, 24, 20, OUTPUTS};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.hidden_activation = hidden;
    options.output_activation = output;
    options.bias = 1;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 4, &options, &network), TRNNSF_OK);
    for (size_t l = 0; l < 3; l++) {
        float *biases = random_floats(20 + (uint32_t)l, 24);

        ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, l, biases), TRNNSF_OK);
        free(biases);
    }
    return network;
}

static void forward(const trnnsf_network *network, float *outputs)
{
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
}

/* Fine converters, free weights: what the network says stays; all layers have one range. */
START_TEST(uniform_keeps_the_function)
{
    uint32_t hidden = (uint32_t)_i % 4, output = _i / 4 ? 4 : 0;
    trnnsf_network *network = make(hidden, output);
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    float before[SAMPLES * OUTPUTS], after[SAMPLES * OUTPUTS];
    size_t moved = 0;

    options.activation_bits = 16;
    options.activation_quantile = 1;
    options.activation_range = 20; /* wide, so that nothing is clipped */
    options.uniform = 1;
    forward(network, before);
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, dataset, &options), TRNNSF_OK);
    forward(network, after);
    for (size_t s = 0; s < SAMPLES; s++) {
        size_t a = 0, b = 0;

        for (size_t i = 0; i < OUTPUTS; i++) {
            a = before[s * OUTPUTS + i] > before[s * OUTPUTS + a] ? i : a;
            b = after[s * OUTPUTS + i] > after[s * OUTPUTS + b] ? i : b;
            ck_assert_float_eq_tol(after[s * OUTPUTS + i], before[s * OUTPUTS + i], 2e-2f);
        }
        moved += a != b;
    }
    ck_assert_uint_le(moved, 3);
    for (size_t l = 0; l < 3; l++) {
        struct trnnsf_layer_device device = {.struct_size = sizeof device};

        ck_assert_int_eq(trnnsf_network_device(ctx, network, l, &device), TRNNSF_OK);
        ck_assert_double_eq(device.input_range, 20);
        ck_assert_uint_eq(device.input_signed, l == 0 || hidden == 0 || hidden == 3);
        ck_assert_double_eq(device.output_range, l == 2 ? 20 : 0);
        ck_assert_double_eq(device.weight_range, 0);
    }
    trnnsf_network_free(network);
}
END_TEST

/* Mean distance of the outputs from those of the network without levels. */
static double error_of(uint32_t uniform, double first, double second)
{
    const double factor[] = {first, second};
    trnnsf_network *network = make(TRNNSF_ACTIVATION_RELU, TRNNSF_ACTIVATION_LINEAR);
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    float before[SAMPLES * OUTPUTS], after[SAMPLES * OUTPUTS];
    double sum = 0, size = 0;

    for (size_t l = 0; l < 2; l++) {
        struct trn_layer *layer = &network->layers[l];

        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            layer->weights[i] *= (float)factor[l];
        trn_layer_drop_ready(network, l);
    }
    forward(network, before);
    options.weight_levels = 31;
    options.activation_bits = 12;
    options.activation_quantile = 1;
    options.uniform = uniform;
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, dataset, &options), TRNNSF_OK);
    for (size_t l = 1; uniform && l < 3; l++) {
        ck_assert_float_eq(network->layers[l].grid.range, network->layers[0].grid.range);
        ck_assert_float_eq(network->layers[l].input.range, network->layers[0].input.range);
    }
    forward(network, after);
    for (size_t i = 0; i < SAMPLES * OUTPUTS; i++) {
        sum += fabs((double)(after[i] - before[i]));
        size += fabs((double)before[i]);
    }
    trnnsf_network_free(network);
    return sum / size;
}

/* Layers of very different weights lose no more with one range than with one each. */
START_TEST(uniform_ranges_suit_all)
{
    static const double factor[][2] = {{1, 1}, {4, 1}, {0.25, 1}, {1, 4}, {4, 0.25}, {0.25, 4}};

    for (size_t i = 0; i < sizeof factor / sizeof factor[0]; i++) {
        double own = error_of(0, factor[i][0], factor[i][1]);

        ck_assert_double_lt(own, 0.2);
        ck_assert_double_le(error_of(1, factor[i][0], factor[i][1]), 1.2 * own + 0.01);
    }
}
END_TEST

/* One layer of 1 shows what its converters make of an input. */
START_TEST(converters)
{
    static const float value[] = {-2.0f, -0.7f, -0.2f, 0.0f, 0.1f, 0.4f, 0.6f, 1.0f, 5.0f};
    static const float three[] = {-1, -1, 0, 0, 0, 0, 1, 1, 1}; /* signed, 2 bits: -1, 0, 1 */
    static const float one[] = {-1, -1, -1, 1, 1, 1, 1, 1, 1};  /* signed, 1 bit */
    static const size_t sizes[2] = {1, 1};
    struct trnnsf_network_options network_options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    const float unit = 1, *expected[] = {one, three};
    const uint32_t label[9] = {0};
    trnnsf_dataset *data;

    network_options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    options.activation_range = 1;
    options.exact_outputs = 1;
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 1, 1, &data), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, data, TRNNSF_PART_TRAIN, 9, value, label), TRNNSF_OK);
    for (uint32_t bits = 0; bits < 3; bits++) {
        trnnsf_network *network;
        float out[9];

        options.activation_bits = bits;
        ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 2, &network_options, &network),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, &unit), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_quantise(ctx, network, data, &options), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_forward(ctx, network, 9, value, out), TRNNSF_OK);
        for (size_t i = 0; i < 9; i++) {
            float clipped = fminf(fmaxf(value[i], -1), 1);

            ck_assert_float_eq(out[i], bits ? expected[bits - 1][i] : clipped);
        }
        trnnsf_network_free(network);
    }
    trnnsf_dataset_free(data);
}
END_TEST

/* The range is that of least error: no 64th of the largest weight gives less. */
START_TEST(range_of_least_error)
{
    trnnsf_network *network = make(1, 0), *copy;
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    double found = 0, largest = 0, best = INFINITY;

    options.weight_levels = 4 + (uint32_t)_i;
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, NULL, &options), TRNNSF_OK);

    const float *weights = trnnsf_network_weights(copy, 0),
                *levels = trnnsf_network_weights(network, 0);
    for (size_t i = 0; i < INPUTS * 24; i++) {
        found += pow((double)weights[i] - (double)levels[i], 2);
        largest = fmax(largest, fabs((double)weights[i]));
    }
    for (int k = 1; k <= 64; k++) {
        double range = largest * k / 64, step = 2 * range / (options.weight_levels - 1), error = 0;

        for (size_t i = 0; i < INPUTS * 24; i++) {
            double w = (double)weights[i], clipped = fmin(fmax(w, -range), range);
            double level = floor((clipped + range) / step + 0.5) * step - range;

            error += (w - level) * (w - level);
        }
        best = fmin(best, error);
    }
    ck_assert_double_eq_tol(found, best, 1e-5 * best);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
}
END_TEST

START_TEST(files_keep_the_device)
{
    const char *path = "quantised-test.safetensors";
    trnnsf_network *network = make(1, 4), *loaded = NULL;
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    float before[SAMPLES * OUTPUTS], after[SAMPLES * OUTPUTS];

    options.weight_levels = 4;
    options.unipolar = TRNNSF_UNIPOLAR_OUTPUT;
    options.activation_bits = 3;
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, dataset, &options), TRNNSF_OK);
    forward(network, before);
    trnnsf_status status = trnnsf_network_save(ctx, network, path);
    if (status == TRNNSF_OK) {
        struct trnnsf_layer_device a = {.struct_size = sizeof a}, b = a;

        ck_assert_int_eq(trnnsf_network_load(ctx, path, &loaded), TRNNSF_OK);
        forward(loaded, after);
        ck_assert_mem_eq(before, after, sizeof before);
        for (size_t l = 0; l < 3; l++) {
            ck_assert_int_eq(trnnsf_network_device(ctx, network, l, &a), TRNNSF_OK);
            ck_assert_int_eq(trnnsf_network_device(ctx, loaded, l, &b), TRNNSF_OK);
            ck_assert_mem_eq(&a, &b, sizeof a);
            ck_assert_uint_eq(a.unipolar, 1);
        }
    } else {
        ck_assert_int_eq(status, TRNNSF_E_UNSUPPORTED);
    }
    unlink(path);
    trnnsf_network_free(network);
    trnnsf_network_free(loaded);
}
END_TEST

START_TEST(hostile)
{
    trnnsf_network *network = make(1, 4), *copy;
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT, bad[8];
    struct trnnsf_layer_device device = {.struct_size = sizeof device};

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_quantise(NULL, network, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_quantise(ctx, NULL, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, NULL, NULL), TRNNSF_OK);
    for (size_t i = 0; i < 8; i++)
        bad[i] = options;
    bad[0].weight_levels = 1;
    bad[1].unipolar = 9;
    bad[2].activation_bits = 17;
    bad[3].weight_range = (double)NAN;
    bad[4].activation_range = -1;
    bad[5].activation_quantile = 0;
    bad[6].reserved = 1;
    bad[7].activation_bits = 4; /* without samples */
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(trnnsf_network_quantise(ctx, network, NULL, &bad[i]), TRNNSF_E_INVALID);
    for (size_t l = 0; l < 3; l++)
        ck_assert_mem_eq(network->layers[l].weights, copy->layers[l].weights, 80 * sizeof(float));
    ck_assert_int_eq(trnnsf_network_device(ctx, network, 3, &device), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_device(ctx, network, 0, NULL), TRNNSF_E_INVALID);
    device.struct_size = 4;
    ck_assert_int_eq(trnnsf_network_device(ctx, network, 0, &device), TRNNSF_E_INVALID);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
}
END_TEST

TCase *quantise_case(void)
{
    TCase *tests = tcase_create("quantise");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, uniform_keeps_the_function, 0, 8);
    tcase_add_test(tests, uniform_ranges_suit_all);
    tcase_add_test(tests, converters);
    tcase_add_loop_test(tests, range_of_least_error, 0, 4);
    tcase_add_test(tests, files_keep_the_device);
    tcase_add_test(tests, hostile);
    return tests;
}
