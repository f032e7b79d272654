/* Averages of weights against plain ones of the weights that training passes through; batch norms'
 * statistics of the averaged network. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/network.h"
#include "network/reference.h"
#include "train/cases.h"

enum { SAMPLES = 60, FEATURES = 12, CLASSES = 3, EPOCHS = 9, CHANNELS = 4 };

/* Samples are 3 images of 2 x 2: a convolution of one pixel, a batch norm, classes. */
static trnnsf_network *make_graph(trnnsf_context *ctx)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;

    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    options.bias = 1;
    ck_assert_int_eq(trnnsf_graph_parse(ctx, "4c1:norm-3", 3, 2, 2, &options, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, &options, &network), TRNNSF_OK);
    trnnsf_graph_free(graph);
    return network;
}

static trnnsf_dataset *make_images(trnnsf_context *ctx)
{
    float *values = random_floats(51, SAMPLES * FEATURES);
    uint32_t *labels = random_labels(52, SAMPLES, CLASSES);
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 3, 2, 2, CLASSES, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

static struct trnnsf_trainer_options options_of(uint32_t kind, uint32_t batch)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;

    options.loss = TRNNSF_LOSS_CROSS_ENTROPY;
    options.batch = batch;
    options.rate = 0.3;
    options.hidden_dropout = 0;
    options.average = kind;
    options.average_from = 2;
    options.average_decay = 0.6;
    return options;
}

/* What is averaged, as one vector. */
enum { VALUES = CHANNELS * 3 + 2 * CHANNELS + CLASSES * CHANNELS * 4 + CLASSES };

static void collect(const trnnsf_network *network, double *values)
{
    const float *parts[] = {trnnsf_network_weights(network, 0), trnnsf_network_norm(network, 2, 0),
                            trnnsf_network_norm(network, 2, 1), trnnsf_network_weights(network, 1),
                            trnnsf_network_biases(network, 1)};
    static const size_t sizes[] = {CHANNELS * 3, CHANNELS, CHANNELS, CLASSES * CHANNELS * 4,
                                   CLASSES};

    for (size_t p = 0; p < 5; p++) {
        for (size_t i = 0; i < sizes[p]; i++)
            *values++ = (double)parts[p][i];
    }
}

/* An epoch is a step, so that each step's weights can be seen. */
START_TEST(means_of_what_was_passed_through)
{
    uint32_t kind = _i ? TRNNSF_AVERAGE_EPOCHS : TRNNSF_AVERAGE_EXPONENTIAL;
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    trnnsf_network *network = make_graph(ctx);
    struct trnnsf_trainer_options options = options_of(kind, SAMPLES);
    double mean[VALUES] = {0}, now[VALUES];
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_E_STATE);
    for (size_t e = 0; e < EPOCHS; e++) {
        double t = (double)e - 2, decay = fmin(0.6, (1 + t) / (10 + t));
        double share = kind == TRNNSF_AVERAGE_EPOCHS ? 1 / (t + 1) : 1 - decay;

        train(ctx, trainer, 1);
        collect(network, now);
        for (size_t i = 0; e >= 2 && i < VALUES; i++)
            mean[i] += (e == 2 ? 1 : share) * (now[i] - mean[i]);
    }
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_OK);
    collect(network, now);
    for (size_t i = 0; i < VALUES; i++)
        ck_assert_double_eq_tol(now[i], mean[i], 1e-5);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_E_STATE);
    train(ctx, trainer, 1); /* goes on from there */
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Mean and variance (of n - 1) of a channel of what the convolution gives for samples first … first + n - 1. */
static void moments(const trnnsf_network *network, const float *images, size_t first, size_t n,
                    size_t channel, double *mean, double *variance)
{
    const float *w = trnnsf_network_weights(network, 0) + channel * 3;
    double sum = 0, square = 0, count = (double)(4 * n);

    for (size_t i = 0; i < 4 * n; i++) {
        const float *x = images + (first + i / 4) * FEATURES + i % 4;
        double y = 0;

        for (size_t c = 0; c < 3; c++)
            y += (double)w[c] * (double)x[4 * c];
        sum += y;
        square += y * y;
    }
    *mean = sum / count;
    *variance = (square - sum * sum / count) / (count - 1);
}

/* Batches of 16: three whole ones, and a rest of 12 that does not count. */
START_TEST(norms_are_those_of_the_average)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    trnnsf_network *network = make_graph(ctx);
    struct trnnsf_trainer_options options = options_of(TRNNSF_AVERAGE_EXPONENTIAL, 16);
    struct trnnsf_node_options norm = {.struct_size = sizeof norm};
    const float *images = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 4);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_OK);
    for (size_t c = 0; c < CHANNELS; c++) {
        double mean = 0, variance = 0;

        for (size_t b = 0; b < 3; b++) {
            double m, v;

            moments(network, images, 16 * b, 16, c, &m, &v);
            mean += m / 3;
            variance += v / 3;
        }
        ck_assert_double_eq_tol((double)trnnsf_network_norm(network, 2, 2)[c], mean, 1e-5);
        ck_assert_double_eq_tol((double)trnnsf_network_norm(network, 2, 3)[c], variance, 1e-5);
    }
    ck_assert_int_eq(trnnsf_network_node(ctx, network, 2, &norm), TRNNSF_OK);
    ck_assert_double_eq(norm.momentum, 0.1);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

static void averaged(uint32_t threads, double *values)
{
    trnnsf_context *ctx = open_context(threads, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    trnnsf_network *network = make_graph(ctx);
    struct trnnsf_trainer_options options = options_of(TRNNSF_AVERAGE_EXPONENTIAL, 16);
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 4);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_OK);
    collect(network, values);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

START_TEST(same_bits_for_any_thread_count)
{
    double one[VALUES], two[VALUES], three[VALUES];

    averaged(1, one);
    averaged(2, two);
    averaged(3, three);
    ck_assert_mem_eq(one, two, sizeof one);
    ck_assert_mem_eq(one, three, sizeof one);
}
END_TEST

/* Masks come in between: weights that are gone stay gone, and the mean is of what came after. */
START_TEST(masks_begin_it_anew)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    trnnsf_network *network = make_graph(ctx);
    struct trnnsf_trainer_options options = options_of(TRNNSF_AVERAGE_EPOCHS, 16);
    double after[VALUES], now[VALUES];
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 4);
    mask_layer(ctx, network, 1, 0.3, 8);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_E_STATE);
    train(ctx, trainer, 1);
    collect(network, after);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_OK);
    collect(network, now);
    ck_assert_mem_eq(now, after, sizeof now);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(hostile)
{
    trnnsf_context *ctx = open_context(1, "reference"), *other = open_context(1, "reference");
    trnnsf_dataset *dataset = make_dataset(ctx, 50, 40, 5);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 0);
    struct trnnsf_trainer_options options = small_options(TRNNSF_OPTIMISER_SGD), wrong;
    trnnsf_trainer *trainer = NULL;

    wrong = options;
    wrong.average = 3;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &wrong, &trainer),
                     TRNNSF_E_INVALID);
    wrong.average = 1;
    wrong.average_decay = 1;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &wrong, &trainer),
                     TRNNSF_E_INVALID);
    wrong.average_decay = 0.9;
    wrong.weight_levels = 4;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &wrong, &trainer),
                     TRNNSF_E_UNSUPPORTED);
    wrong = options;
    wrong.label_smoothing = NAN;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &wrong, &trainer),
                     TRNNSF_E_INVALID);
    wrong = options;
    wrong.nesterov = 2;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &wrong, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(trainer);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_take_average(NULL, trainer), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_take_average(other, trainer), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_trainer_take_average(ctx, trainer), TRNNSF_E_STATE);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    trnnsf_context_free(other);
}
END_TEST

TCase *average_case(void)
{
    TCase *tcase = tcase_create("average");

    tcase_add_loop_test(tcase, means_of_what_was_passed_through, 0, 2);
    tcase_add_test(tcase, norms_are_those_of_the_average);
    tcase_add_test(tcase, same_bits_for_any_thread_count);
    tcase_add_test(tcase, masks_begin_it_anew);
    tcase_add_test(tcase, hostile);
    return tcase;
}
