/* SGD and Adam, dropout in both styles, masks: against plain double-precision loops. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/activation.h"
#include "network/network.h"
#include "network/reference.h"
#include "train/cases.h"
#include "train/trainer.h"

enum { SAMPLES = 26, BATCH = 10, EPOCHS = 3 };

/* State of the plain optimiser: velocity, or both moments, of weights and biases. */
struct plain {
    struct reference net;
    struct trnnsf_trainer_options options;
    uint8_t *mask[MOST_LAYERS];
    double *state[MOST_LAYERS][2][2];
    uint64_t steps;
};

static void plain_init(struct plain *plain, trnnsf_context *ctx, const trnnsf_network *network,
                       const struct trnnsf_trainer_options *options)
{
    memset(plain, 0, sizeof *plain);
    reference_init(&plain->net, network, options->loss);
    plain->net.smoothing = options->label_smoothing;
    plain->options = *options;
    for (size_t l = 0; l < plain->net.n_layers; l++) {
        size_t n_out = plain->net.size[l + 1], count = plain->net.size[l] * n_out;

        plain->mask[l] = malloc(count);
        ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, l, plain->mask[l]), TRNNSF_OK);
        for (size_t t = 0; t < 2; t++) {
            plain->state[l][t][0] = calloc(count, sizeof(double));
            plain->state[l][t][1] = calloc(n_out, sizeof(double));
        }
    }
}

static void plain_free(struct plain *plain)
{
    for (size_t l = 0; l < plain->net.n_layers; l++) {
        free(plain->mask[l]);
        for (size_t t = 0; t < 4; t++)
            free(plain->state[l][t / 2][t % 2]);
    }
    reference_free(&plain->net);
}

static void plain_update(const struct plain *plain, size_t count, const uint8_t *mask, double l2,
                         const double *gradient, double *w, double *first, double *second)
{
    const struct trnnsf_trainer_options *o = &plain->options;
    double t = (double)plain->steps + 1.0;

    for (size_t i = 0; i < count; i++) {
        double g = gradient[i] + l2 * w[i];

        if (mask && !mask[i])
            continue;
        if (o->optimiser == TRNNSF_OPTIMISER_SGD) {
            first[i] = o->momentum * first[i] + o->rate * g;
            w[i] -= o->nesterov ? o->momentum * first[i] + o->rate * g : first[i];
            continue;
        }
        first[i] = o->adam_beta1 * first[i] + (1.0 - o->adam_beta1) * g;
        second[i] = o->adam_beta2 * second[i] + (1.0 - o->adam_beta2) * g * g;
        w[i] -= o->rate * (first[i] / (1.0 - pow(o->adam_beta1, t))) /
                (sqrt(second[i] / (1.0 - pow(o->adam_beta2, t))) + o->adam_epsilon);
    }
}

/* Dropout factors [n_features x n]; with test-time scaling, kept values are 1. */
static float *make_factors(const struct plain *plain, size_t l, uint32_t epoch, uint32_t batch,
                           size_t n)
{
    const struct trnnsf_trainer_options *o = &plain->options;
    struct trn_dropout dropout = {o->seed, epoch, batch, (uint32_t)l,
                                  (float)(l == 0 ? o->input_dropout : o->hidden_dropout)};
    float *factor = malloc(plain->net.size[l] * n * sizeof *factor);

    for (size_t f = 0; f < plain->net.size[l]; f++)
        trn_dropout_factors(&dropout, f, n, BATCH, factor + f * n);
    for (size_t i = 0; o->classic_dropout && i < plain->net.size[l] * n; i++)
        factor[i] = factor[i] > 0.0f ? 1.0f : 0.0f;
    return factor;
}

static void plain_step(struct plain *plain, uint32_t epoch, uint32_t batch, size_t n,
                       const float *inputs, const uint32_t *labels)
{
    struct reference *net = &plain->net;
    float *factor[MOST_LAYERS];

    for (size_t l = 0; l < net->n_layers; l++)
        net->factor[l] = factor[l] = make_factors(plain, l, epoch, batch, n);
    reference_gradient(net, n, inputs, labels);
    for (size_t l = 0; l < net->n_layers; l++) {
        size_t count = net->size[l] * net->size[l + 1];

        plain_update(plain, count, plain->mask[l], plain->options.l2, net->weight_gradient[l],
                     net->weights[l], plain->state[l][0][0], plain->state[l][1][0]);
        if (net->biases[l])
            plain_update(plain, net->size[l + 1], NULL, 0.0, net->bias_gradient[l], net->biases[l],
                         plain->state[l][0][1], plain->state[l][1][1]);
        net->factor[l] = NULL;
        free(factor[l]);
    }
    plain->steps++;
}

static void plain_epoch(struct plain *plain, const trnnsf_dataset *dataset, uint32_t epoch)
{
    size_t n_in = plain->net.size[0];
    const float *values = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    const uint32_t *labels = trnnsf_dataset_labels(dataset, TRNNSF_PART_TRAIN);
    float *inputs = malloc(BATCH * n_in * sizeof *inputs);
    uint32_t order[SAMPLES], chosen[BATCH];
    struct trn_random random;

    for (uint32_t i = 0; i < SAMPLES; i++)
        order[i] = i;
    trn_random_init(&random, plain->options.seed, TRN_RANDOM_SHUFFLE, epoch);
    trn_random_shuffle(&random, order, SAMPLES);
    for (uint32_t b = 0; b * BATCH < SAMPLES; b++) {
        size_t n = SAMPLES - b * BATCH < BATCH ? SAMPLES - b * BATCH : BATCH;

        for (size_t s = 0; s < n; s++) {
            memcpy(inputs + s * n_in, values + order[b * BATCH + s] * n_in, n_in * sizeof(float));
            chosen[s] = labels[order[b * BATCH + s]];
        }
        plain_step(plain, epoch, b, n, inputs, chosen);
    }
    free(inputs);
}

/* The factor between the weights of the two ways of counting. */
static double test_scale(const struct trnnsf_trainer_options *options, size_t l)
{
    if (!options->classic_dropout)
        return 1.0;
    return 1.0 - (l == 0 ? options->input_dropout : options->hidden_dropout);
}

static void compare(struct plain *plain, const trnnsf_network *network, double tolerance)
{
    for (size_t l = 0; l < plain->net.n_layers; l++) {
        size_t count = plain->net.size[l] * plain->net.size[l + 1];
        const float *weights = trnnsf_network_weights(network, l);
        const float *biases = trnnsf_network_biases(network, l);

        for (size_t i = 0; i < count; i++) {
            double expected = plain->net.weights[l][i] * test_scale(&plain->options, l);

            ck_assert_double_eq_tol((double)weights[i], expected, tolerance);
            ck_assert(plain->mask[l][i] || weights[i] == 0.0f);
        }
        ck_assert_double_lt(worst_error(biases, plain->net.biases[l], plain->net.size[l + 1]),
                            tolerance);
    }
}

static void check_training(const char *backend, const struct trnnsf_trainer_options *options,
                           uint32_t masks, double tolerance)
{
    trnnsf_context *ctx = open_context(2, backend);

    if (!ctx)
        return;
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, masks);
    trnnsf_dataset *dataset = make_dataset(ctx, SAMPLES, 40, 5);
    trnnsf_trainer *trainer;
    struct plain plain;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};

    plain_init(&plain, ctx, network, options);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, options, &trainer), TRNNSF_OK);
    for (uint32_t e = 0; e < EPOCHS; e++) {
        plain_epoch(&plain, dataset, e);
        ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, &epoch), TRNNSF_OK);
        ck_assert_uint_eq(epoch.epoch, e + 1);
        compare(&plain, network, tolerance);
    }
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    plain_free(&plain);
    trnnsf_context_free(ctx);
}

/* Every combination of optimiser, dropout style and masks, with L2 and a last batch of 6. */
START_TEST(against_plain_loops)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    uint32_t masks = (uint32_t)_i & 1, adam = (uint32_t)_i >> 1 & 1, style = (uint32_t)_i >> 2;

    options.batch = BATCH;
    options.loss = (uint32_t)_i % 3 ? TRNNSF_LOSS_CROSS_ENTROPY : TRNNSF_LOSS_SQUARED;
    options.optimiser = adam ? TRNNSF_OPTIMISER_ADAM : TRNNSF_OPTIMISER_SGD;
    options.rate = adam ? 0.003 : 0.2;
    options.l2 = 0.01;
    options.input_dropout = style ? 0.2 : 0.0;
    options.hidden_dropout = style ? 0.5 : 0.0;
    options.classic_dropout = style == 2;
    if (adam)
        options.adam_epsilon = 1e-3; /* so that rounding does not decide the sign of a step */
    check_training("reference", &options, masks, 2e-4);
    check_training("cblas", &options, masks, 2e-4);
}
END_TEST

/* Nesterov's momentum, and labels that are smoothed, with either loss. */
START_TEST(variants_against_plain_loops)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;

    options.batch = BATCH;
    options.loss = (uint32_t)_i & 1 ? TRNNSF_LOSS_CROSS_ENTROPY : TRNNSF_LOSS_SQUARED;
    options.nesterov = (uint32_t)_i >> 1 & 1;
    options.label_smoothing = (uint32_t)_i >> 2 ? 0.3 : 0.0;
    options.rate = 0.2;
    options.momentum = 0.8;
    options.l2 = 0.01;
    options.hidden_dropout = 0.0;
    options.classic_dropout = 0;
    check_training("reference", &options, (uint32_t)_i & 1, 2e-4);
    check_training("cblas", &options, (uint32_t)_i & 1, 2e-4);
}
END_TEST

TCase *optimisers_case(void)
{
    TCase *tcase = tcase_create("optimisers");

    tcase_add_loop_test(tcase, against_plain_loops, 0, 12);
    tcase_add_loop_test(tcase, variants_against_plain_loops, 0, 8);
    return tcase;
}
