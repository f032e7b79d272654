/* Training for a device: levels, clipping, converters, straight-through gradients. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/clusters.h"
#include "network/reference.h"
#include "train/device_cases.h"
#include "train/step.h"
#include "train/trainer.h"

enum { SAMPLES = 60, LAYERS = DEVICE_LAYERS, WIDEST = 48 };

struct trnnsf_trainer_options device_options(uint32_t optimiser)
{
    struct trnnsf_trainer_options options = small_options(optimiser);

    options.weight_levels = 7;
    options.activation_bits = 4;
    options.classic_dropout = 0;
    options.hidden_dropout = 0.2;
    options.weight_noise = 0.05;
    options.stuck_on = options.stuck_off = 0.01;
    return options;
}

trnnsf_network *hidden_network(trnnsf_context *ctx, uint32_t hidden, uint32_t masks)
{
    static const size_t sizes[4] = {40, 48, 44, 5};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.hidden_activation = hidden;
    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    options.bias = 1;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 4, &options, &network), TRNNSF_OK);
    if (masks) {
        cluster_layer(ctx, network, 0);
        mask_layer(ctx, network, 1, 0.5, 9);
    }
    return network;
}

/* ---- the straight-through gradient, from its definition and in double precision ---- */

struct judge {
    const trnnsf_network *network;
    double value[LAYERS + 1][SAMPLES][WIDEST]; /* after converters */
    double slope[LAYERS + 1][SAMPLES][WIDEST]; /* of converter and activation */
    double delta[LAYERS][SAMPLES][WIDEST];
};

/* The nearest level, and whether the value is inside the range. */
static double convert(const struct trn_converter *c, double x, double *inside)
{
    double range = (double)c->range, size = fabs(x) < range ? fabs(x) : range;
    double steps = c->is_signed ? (double)((1u << c->bits) - 2) / 2 : (double)((1u << c->bits) - 1);

    *inside = fabs(x) < range ? 1 : 0;
    size = floor(size / range * steps + 0.5) * range / steps;
    return x < 0 ? (c->is_signed ? -size : 0) : size;
}

static double activate(uint32_t activation, double z, double *slope)
{
    double a = z;

    *slope = 1;
    if (activation == TRNNSF_ACTIVATION_RELU) {
        a = z > 0 ? z : 0;
        *slope = z > 0;
    } else if (activation == TRNNSF_ACTIVATION_SIGMOID) {
        a = 1 / (1 + exp(-z));
        *slope = a * (1 - a);
    } else if (activation == TRNNSF_ACTIVATION_TANH) {
        a = tanh(z);
        *slope = 1 - a * a;
    }
    return a;
}

static void judge_sample(struct judge *judge, size_t s, uint32_t label)
{
    for (size_t l = 0; l < LAYERS; l++) {
        const struct trn_layer *layer = &judge->network->layers[l];
        bool last = l + 1 == LAYERS;

        for (size_t i = 0; i < layer->n_out; i++) {
            double z = (double)layer->biases[i], slope = 1, inside;

            for (size_t j = 0; j < layer->n_in; j++)
                z += (double)layer->weights[i * layer->n_in + j] * judge->value[l][s][j];
            if (!last)
                z = activate(layer->activation, z, &slope);
            judge->value[l + 1][s][i] =
                convert(last ? &layer->output : &layer[1].input, z, &inside);
            judge->slope[l + 1][s][i] = slope * inside;
        }
    }

    double sum = 0;
    for (size_t i = 0; i < 5; i++)
        sum += exp(judge->value[LAYERS][s][i]);
    for (size_t i = 0; i < 5; i++)
        judge->delta[LAYERS - 1][s][i] =
            (exp(judge->value[LAYERS][s][i]) / sum - (i == label)) * judge->slope[LAYERS][s][i];
    for (size_t l = LAYERS - 1; l > 0; l--) {
        const struct trn_layer *layer = &judge->network->layers[l];

        for (size_t j = 0; j < layer->n_in; j++) {
            double d = 0;

            for (size_t i = 0; i < layer->n_out; i++)
                d += (double)layer->weights[i * layer->n_in + j] * judge->delta[l][s][i];
            judge->delta[l - 1][s][j] = d * judge->slope[l][s][j];
        }
    }
}

static void judge_all(struct judge *judge, const trnnsf_network *network, const float *inputs,
                      const uint32_t *labels)
{
    const struct trn_converter *first = &network->layers[0].input;
    double inside;

    judge->network = network;
    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t j = 0; j < 40; j++)
            judge->value[0][s][j] = convert(first, (double)inputs[s * 40 + j], &inside);
        judge_sample(judge, s, labels[s]);
    }
}

/* The optimiser's step in the masters is the rate times that gradient. */
static void assert_gradient(const struct judge *judge, size_t l, const float *before,
                            const float *after, double rate)
{
    const struct trn_layer *layer = &judge->network->layers[l];

    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            size_t at = i * layer->n_in + j;
            double gradient = 0;

            if (layer->mask && !trn_mask_get(layer->mask, i, j))
                continue;
            for (size_t s = 0; s < SAMPLES; s++)
                gradient += judge->delta[l][s][i] * judge->value[l][s][j] / SAMPLES;
            if (fabsf(after[at]) < layer->grid.range)
                ck_assert_double_eq_tol(((double)before[at] - (double)after[at]) / rate, gradient,
                                        2e-5 * (1 + fabs(gradient)));
        }
    }
}

/* Sums of levels are often 0, but for rounding, where max(z, 0) has no slope. */
static void set_biases(trnnsf_context *ctx, trnnsf_network *network)
{
    for (size_t l = 0; l < LAYERS; l++) {
        float *biases = random_floats(90 + (uint32_t)l, WIDEST);

        ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, l, biases), TRNNSF_OK);
        free(biases);
    }
}

/* Batches of all samples, no momentum, no noise: the step of one epoch is one gradient. */
static trnnsf_trainer *make_stepper(trnnsf_context *ctx, trnnsf_network *network,
                                    const trnnsf_dataset *dataset, uint32_t uniform)
{
    struct trnnsf_trainer_options options = device_options(TRNNSF_OPTIMISER_SGD);
    trnnsf_trainer *trainer;

    options.batch = SAMPLES;
    options.stuck_on = options.stuck_off = 0;
    options.momentum = options.weight_noise = options.input_dropout = options.hidden_dropout = 0;
    options.activation_quantile = 0.97; /* so that some values are clipped */
    options.uniform = uniform;
    options.rate = 0;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 1);
    trainer->options.rate = 0.01;
    return trainer;
}

START_TEST(straight_through)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_network *network = hidden_network(ctx, (uint32_t)_i % 4, (uint32_t)_i / 4 % 2), *before;
    trnnsf_dataset *dataset = make_dataset(ctx, SAMPLES, 40, 5);
    float *inputs = random_floats(31, SAMPLES * 40), *masters[2][LAYERS];
    uint32_t *labels = random_labels(32, SAMPLES, 5);
    set_biases(ctx, network);

    trnnsf_trainer *trainer = make_stepper(ctx, network, dataset, (uint32_t)_i / 8);
    struct judge *judge = calloc(1, sizeof *judge);

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &before), TRNNSF_OK);
    judge_all(judge, before, inputs, labels);
    for (size_t after = 0; after < 2; after++) {
        for (size_t l = 0; l < LAYERS; l++) {
            masters[after][l] = calloc(WIDEST * WIDEST, sizeof(float));
            ck_assert(trn_trainer_get_masters(trainer, l, masters[after][l], NULL));
        }
        if (!after)
            train(ctx, trainer, 1);
    }
    for (size_t l = 0; l < LAYERS; l++)
        assert_gradient(judge, l, masters[0][l], masters[1][l], 0.01);
    for (size_t l = 0; l < LAYERS; l++) {
        free(masters[0][l]);
        free(masters[1][l]);
    }
    free(judge);
    free(inputs);
    free(labels);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_network_free(before);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* ---- weights ---- */

/* Each is a level within rounding, and none outside the range; unipolar: of the sign of its group.
 */
void assert_levels(const trnnsf_network *network, size_t l, uint32_t levels)
{
    const struct trn_layer *layer = &network->layers[l];
    double range = (double)layer->grid.range;
    double steps = layer->grid.unipolar ? levels - 1 : (levels - 1) / 2.0;

    ck_assert_double_gt(range, 0);
    for (size_t i = 0; i < layer->n_out * layer->n_in; i++) {
        double at = (double)layer->weights[i] / range * steps;
        double shift = !layer->grid.unipolar && levels % 2 == 0 ? 0.5 : 0;

        ck_assert_double_le(fabs((double)layer->weights[i]), range);
        if (layer->mask && !trn_mask_get(layer->mask, i / layer->n_in, i % layer->n_in))
            ck_assert_float_eq(layer->weights[i], 0.0f);
        else
            ck_assert_double_eq_tol(at - shift, floor(at - shift + 0.5), 1e-4);
    }
}

START_TEST(levels_are_hit)
{
    static const uint32_t levels[] = {2, 3, 4, 7, 16, 31, 255};
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);

    for (size_t k = 0; k < sizeof levels / sizeof *levels; k++) {
        struct trnnsf_trainer_options options = device_options((uint32_t)k % 2);
        trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 1);
        trnnsf_trainer *trainer;

        options.weight_levels = levels[k];
        options.uniform = (uint32_t)_i % 2;
        options.unipolar = _i / 2 ? TRNNSF_UNIPOLAR_OUTPUT : TRNNSF_UNIPOLAR_NONE;
        ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer),
                         TRNNSF_OK);
        for (int epoch = 0; epoch < 3; epoch++) {
            train(ctx, trainer, 1);
            for (size_t l = 0; l < LAYERS; l++)
                assert_levels(network, l, levels[k]);
            if (_i % 2)
                ck_assert_float_eq(network->layers[0].grid.range, network->layers[2].grid.range);
        }
        trnnsf_trainer_free(trainer);
        trnnsf_network_free(network);
    }
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* A range alone clips, weights and masters; and the network's function is that of the clipped ones.
 */
START_TEST(clipping)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    struct trnnsf_trainer_options options = small_options((uint32_t)_i);
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_TANH, 0);
    float *masters = calloc(WIDEST * WIDEST, sizeof *masters);
    size_t at_range = 0;
    trnnsf_trainer *trainer;

    options.weight_range = 0.125;
    options.rate *= 3;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    for (int epoch = 0; epoch < 3; epoch++) {
        train(ctx, trainer, 1);
        for (size_t l = 0; l < LAYERS; l++) {
            const struct trn_layer *layer = &network->layers[l];

            ck_assert(trn_trainer_get_masters(trainer, l, masters, NULL));
            ck_assert_mem_eq(masters, layer->weights, layer->n_in * layer->n_out * sizeof(float));
            for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
                ck_assert_float_le(fabsf(layer->weights[i]), 0.125f);
                at_range += fabsf(layer->weights[i]) == 0.125f;
            }
        }
    }
    ck_assert_uint_gt(at_range, 100);
    free(masters);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* ---- what must not show ---- */

static trnnsf_network *trained(trnnsf_context *ctx, uint32_t optimiser, uint32_t unipolar)
{
    struct trnnsf_trainer_options options = device_options(optimiser);
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 1);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    trnnsf_trainer *trainer;

    options.unipolar = unipolar;
    options.uniform = optimiser;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 2);
    mask_layer(ctx, network, 1, 0.03, 11);
    train(ctx, trainer, 2);
    trnnsf_trainer_free(trainer);
    trnnsf_dataset_free(dataset);
    return network;
}

static void assert_same(const trnnsf_network *a, const trnnsf_network *b)
{
    for (size_t l = 0; l < LAYERS; l++) {
        const struct trn_layer *x = &a->layers[l], *y = &b->layers[l];

        ck_assert_mem_eq(x->weights, y->weights, x->n_in * x->n_out * sizeof(float));
        ck_assert_mem_eq(x->biases, y->biases, x->n_out * sizeof(float));
        ck_assert_float_eq(x->grid.range, y->grid.range);
        ck_assert_float_eq(x->input.range, y->input.range);
        ck_assert_float_eq(x->output.range, y->output.range);
    }
}

START_TEST(same_bits_for_any_thread_count)
{
    trnnsf_context *one = open_context(1, _i / 2 ? "cblas" : "reference");

    if (!one)
        return;
    trnnsf_network *expected = trained(one, (uint32_t)_i % 2, (uint32_t)_i);
    for (uint32_t threads = 2; threads < 4; threads++) {
        trnnsf_context *ctx = open_context(threads, _i / 2 ? "cblas" : "reference");
        trnnsf_network *network = trained(ctx, (uint32_t)_i % 2, (uint32_t)_i);

        assert_same(expected, network);
        trnnsf_network_free(network);
        trnnsf_context_free(ctx);
    }
    trnnsf_network_free(expected);
    trnnsf_context_free(one);
}
END_TEST

/* Weights given from outside become the masters; others keep theirs. */
START_TEST(follows_weights)
{
    trnnsf_context *ctx = open_context(1, "reference");
    struct trnnsf_trainer_options options = device_options(0);
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    float weights[48 * 40], before[48 * 40], after[48 * 40];
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 1);
    ck_assert(trn_trainer_get_masters(trainer, 0, before, NULL));
    memcpy(weights, trnnsf_network_weights(network, 0), sizeof weights);
    weights[17] += 0.01f;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    ck_assert_int_eq(trn_trainer_masks_changed(ctx, trainer), TRNNSF_OK);
    ck_assert(trn_trainer_get_masters(trainer, 0, after, NULL));
    before[17] =
        fminf(fmaxf(weights[17], -network->layers[0].grid.range), network->layers[0].grid.range);
    ck_assert_mem_eq(before, after, sizeof before);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Float epochs before the device are those of a trainer without one. */
START_TEST(begins_when_told)
{
    trnnsf_context *ctx = open_context(2, "reference");
    struct trnnsf_trainer_options options = device_options(1), plain = options;
    trnnsf_network *a = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 1);
    trnnsf_network *b = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 1);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    trnnsf_trainer *on, *off;

    plain.weight_levels = plain.activation_bits = 0;
    plain.weight_noise = plain.stuck_on = plain.stuck_off = 0;
    options.device_first = 2;
    options.device_rate = 0.25;
    options.epochs = 6;
    options.rate_schedule = TRNNSF_RATE_COSINE;
    plain.epochs = 6;
    plain.rate_schedule = TRNNSF_RATE_COSINE;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, a, dataset, &options, &on), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, b, dataset, &plain, &off), TRNNSF_OK);
    train(ctx, on, 2);
    train(ctx, off, 2);
    assert_same(a, b);

    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    ck_assert_int_eq(trnnsf_trainer_epoch(ctx, on, &epoch), TRNNSF_OK);
    ck_assert_double_eq_tol(epoch.rate, 0.25 * options.rate, 1e-12);
    assert_levels(a, 1, 7);
    trnnsf_trainer_free(on);
    trnnsf_trainer_free(off);
    trnnsf_network_free(a);
    trnnsf_network_free(b);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(hostile_options)
{
    trnnsf_context *ctx = open_context(1, "reference");
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_RELU, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 10, 40, 5);
    struct trnnsf_trainer_options good = device_options(0), bad[14];
    trnnsf_trainer *trainer = NULL;

    for (size_t i = 0; i < 14; i++)
        bad[i] = good;
    bad[0].weight_levels = 1;
    bad[1].weight_levels = 65537;
    bad[2].unipolar = 5;
    bad[3].activation_bits = 17;
    bad[4].uniform = 2;
    bad[5].exact_outputs = 2;
    bad[6].weight_range = -1;
    bad[7].activation_range = (double)NAN;
    bad[8].activation_quantile = 0;
    bad[9].weight_noise = (double)INFINITY;
    bad[10].device_rate = 0;
    bad[11].activation_quantile = 1.5;
    bad[12].stuck_on = -0.01;
    bad[13].stuck_off = (double)NAN;
    for (size_t i = 0; i < 14; i++) {
        ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &bad[i], &trainer),
                         TRNNSF_E_INVALID);
        ck_assert_ptr_null(trainer);
        ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "is not in ["));
    }
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

TCase *device_case(void)
{
    TCase *tcase = tcase_create("device");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, straight_through, 0, 16);
    tcase_add_loop_test(tcase, levels_are_hit, 0, 4);
    tcase_add_loop_test(tcase, clipping, 0, 2);
    tcase_add_loop_test(tcase, same_bits_for_any_thread_count, 0, 4);
    tcase_add_test(tcase, follows_weights);
    tcase_add_test(tcase, begins_when_told);
    tcase_add_test(tcase, hostile_options);
    return tcase;
}
