/* train/: learning, determinism, masks, resuming. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/packed.h"
#include "network/reference.h"
#include "train/cases.h"
#include "train/step.h"
#include "train/trainer.h"

static const size_t sizes[4] = {40, 48, 44, 5};

trnnsf_context *open_context(uint32_t threads, const char *backend)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *opened;

    options.threads = threads;
    ck_assert_int_eq(trnnsf_context_create(&options, &opened), TRNNSF_OK);
    if (trnnsf_backend_select(opened, backend) == TRNNSF_OK)
        return opened;
    trnnsf_context_free(opened);
    return NULL;
}

trnnsf_dataset *make_dataset(trnnsf_context *ctx, size_t n, size_t features, uint32_t classes)
{
    float *values = random_floats(31, n * features);
    uint32_t *labels = random_labels(32, n, classes);
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, features, classes, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

void mask_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer, double density,
                uint32_t stream)
{
    size_t count = trnnsf_network_inputs(network, layer) * trnnsf_network_outputs(network, layer);
    uint8_t *mask = random_mask(stream, count, density);

    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, layer, mask), TRNNSF_OK);
    free(mask);
}

/* Two overlapping clusters in a sparse mask: the layer is computed packed. */
void cluster_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer)
{
    static const size_t row_start[3] = {0, 8, 14}, column_start[3] = {0, 6, 13};
    static const uint32_t row[14] = {0, 2, 3, 7, 11, 25, 26, 40, 2, 3, 30, 31, 35, 43};
    static const uint32_t column[13] = {1, 4, 5, 8, 20, 31, 4, 5, 6, 7, 10, 33, 39};
    trnnsf_clusters *clusters;

    mask_layer(ctx, network, layer, 0.02, 8);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, trnnsf_network_outputs(network, layer),
                                            trnnsf_network_inputs(network, layer), 2, row_start,
                                            row, column_start, column, &clusters),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, layer, clusters), TRNNSF_OK);
    trnnsf_clusters_free(clusters);
}

trnnsf_network *make_network(trnnsf_context *ctx, uint32_t output, uint32_t masks)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.output_activation = output;
    options.bias = 1;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 4, &options, &network), TRNNSF_OK);
    if (masks) {
        cluster_layer(ctx, network, 0);
        mask_layer(ctx, network, 1, 0.5, 9);
    }
    return network;
}

struct trnnsf_trainer_options small_options(uint32_t optimiser)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;

    options.batch = 32;
    options.optimiser = optimiser;
    options.loss = TRNNSF_LOSS_CROSS_ENTROPY;
    options.rate = optimiser == TRNNSF_OPTIMISER_ADAM ? 0.003 : 0.1;
    options.input_dropout = 0.1;
    return options;
}

void train(trnnsf_context *ctx, trnnsf_trainer *trainer, uint32_t epochs)
{
    for (uint32_t e = 0; e < epochs; e++)
        ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, NULL), TRNNSF_OK);
}

static void assert_same(const trnnsf_network *a, const trnnsf_network *b)
{
    for (size_t l = 0; l < 3; l++) {
        ck_assert_mem_eq(trnnsf_network_weights(a, l), trnnsf_network_weights(b, l),
                         sizes[l] * sizes[l + 1] * sizeof(float));
        ck_assert_mem_eq(trnnsf_network_biases(a, l), trnnsf_network_biases(b, l),
                         sizes[l + 1] * sizeof(float));
    }
}

START_TEST(options_init_equals_macro)
{
    struct trnnsf_trainer_options a, b = TRNNSF_TRAINER_OPTIONS_INIT;

    memset(&a, 0, sizeof a);
    trnnsf_trainer_options_init(&a);
    ck_assert_mem_eq(&a, &b, sizeof a);
    trnnsf_trainer_options_init(NULL);
}
END_TEST

START_TEST(rate_schedules)
{
    struct trnnsf_trainer_options o = TRNNSF_TRAINER_OPTIONS_INIT;

    o.rate = 0.8;
    o.rate_factor = 0.5;
    o.epochs = 10;
    o.rate_period = 3;
    ck_assert_double_eq(trn_rate(&o, 7), 0.8);
    o.rate_schedule = TRNNSF_RATE_STEP;
    ck_assert_double_eq_tol(trn_rate(&o, 2), 0.8, 1e-15);
    ck_assert_double_eq_tol(trn_rate(&o, 6), 0.2, 1e-15);
    o.rate_schedule = TRNNSF_RATE_EXPONENTIAL;
    ck_assert_double_eq_tol(trn_rate(&o, 3), 0.1, 1e-15);
    o.rate_schedule = TRNNSF_RATE_COSINE;
    ck_assert_double_eq_tol(trn_rate(&o, 0), 0.8, 1e-15);
    ck_assert_double_eq_tol(trn_rate(&o, 5), 0.6, 1e-15);
    ck_assert_double_eq_tol(trn_rate(&o, 10), 0.4, 1e-15);
    ck_assert_double_eq_tol(trn_rate(&o, 99), 0.4, 1e-15);
}
END_TEST

/* Trains with masks that change on the way; `threads` must not show in the result. */
static trnnsf_network *trained(trnnsf_context *ctx, uint32_t optimiser)
{
    struct trnnsf_trainer_options options = small_options(optimiser);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 1);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 2);
    mask_layer(ctx, network, 1, 0.03, 11);
    train(ctx, trainer, 2);
    trnnsf_trainer_free(trainer);
    trnnsf_dataset_free(dataset);
    return network;
}

START_TEST(same_bits_for_any_thread_count)
{
    static const char *const backend[2] = {"reference", "cblas"};
    trnnsf_context *one = open_context(1, backend[_i / 2]);

    if (!one)
        return;
    trnnsf_network *expected = trained(one, (uint32_t)_i % 2);
    for (uint32_t threads = 2; threads < 4; threads++) {
        trnnsf_context *ctx = open_context(threads, backend[_i / 2]);
        trnnsf_network *network = trained(ctx, (uint32_t)_i % 2);

        assert_same(expected, network);
        trnnsf_network_free(network);
        trnnsf_context_free(ctx);
    }
    trnnsf_network_free(expected);
    trnnsf_context_free(one);
}
END_TEST

void assert_masked_zero(const trnnsf_network *network)
{
    for (size_t l = 0; l < 3; l++) {
        const struct trn_layer *layer = &network->layers[l];

        for (size_t i = 0; layer->mask && i < layer->n_in * layer->n_out; i++) {
            if (!trn_mask_get(layer->mask, i / layer->n_in, i % layer->n_in))
                ck_assert_float_eq(layer->weights[i], 0.0f);
        }
    }
}

/* Weights outside the mask are 0 and stay so; their state is 0 when they come back. */
START_TEST(masks_hold_and_clear_state)
{
    trnnsf_context *ctx = open_context(2, "reference");
    struct trnnsf_trainer_options options = small_options((uint32_t)_i);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    float state[48 * 44], before[48 * 44];
    trnnsf_trainer *trainer;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 1);
    ck_assert_int_eq(trn_trainer_get_state(ctx, trainer, 1, 0, before, NULL), TRNNSF_OK);
    for (uint32_t round = 0; round < 3; round++) {
        const struct trn_layer *layer = &network->layers[1];

        mask_layer(ctx, network, 1, round % 2 ? 0.5 : 0.03, 20 + round);
        ck_assert_int_eq(trn_trainer_masks_changed(ctx, trainer), TRNNSF_OK);
        ck_assert_int_eq(trn_trainer_get_state(ctx, trainer, 1, 0, state, NULL), TRNNSF_OK);
        for (size_t i = 0; i < 48 * 44; i++)
            ck_assert_float_eq(state[i], trn_mask_get(layer->mask, i / 48, i % 48) ? before[i] : 0);
        if (round == 1)
            cluster_layer(ctx, network, 0);
        train(ctx, trainer, 1);
        assert_masked_zero(network);
        ck_assert_int_eq(trn_trainer_get_state(ctx, trainer, 1, 0, before, NULL), TRNNSF_OK);
        for (size_t i = 0; i < 48 * 44; i++)
            ck_assert(trn_mask_get(layer->mask, i / 48, i % 48) || before[i] == 0.0f);
    }
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* What the network computes is what a copy does, which has never computed. */
static void assert_fresh(trnnsf_context *ctx, const trnnsf_network *network)
{
    float *inputs = random_floats(51, 3 * sizes[0]), outputs[3 * 5], expected[3 * 5];
    trnnsf_network *copy;

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, copy, 3, inputs, expected), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 3, inputs, outputs), TRNNSF_OK);
    ck_assert_mem_eq(outputs, expected, sizeof outputs);
    trnnsf_network_free(copy);
    free(inputs);
}

/* Inference keeps what it has made of a network only until that changes. */
START_TEST(inference_follows)
{
    trnnsf_context *ctx = open_context(2, "reference");
    struct trnnsf_trainer_options options = small_options(0);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 1);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    float *weights = random_floats(52, 40 * 48);
    trnnsf_trainer *trainer;

    assert_fresh(ctx, network);
    ck_assert(!network->layers[0].ready->dense && network->layers[2].ready->dense);
    options.classic_dropout = TRNNSF_DROPOUT_CLASSIC;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    for (int epoch = 0; epoch < 3; epoch++) {
        train(ctx, trainer, 1);
        assert_fresh(ctx, network);
    }
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    assert_fresh(ctx, network);
    mask_layer(ctx, network, 1, 0.03, 12);
    assert_fresh(ctx, network);
    cluster_layer(ctx, network, 0);
    assert_fresh(ctx, network);
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, NULL), TRNNSF_OK);
    assert_fresh(ctx, network);
    train(ctx, trainer, 1);
    assert_fresh(ctx, network);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    free(weights);
}
END_TEST

/* Network and state copied into a new trainer go on with the same bits. */
START_TEST(resumed_equals_uninterrupted)
{
    trnnsf_context *ctx = open_context(2, _i / 2 ? "cblas" : "reference");

    if (!ctx)
        return;
    struct trnnsf_trainer_options options = small_options((uint32_t)_i % 2);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 1), *copy;
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    float weights[48 * 44], biases[48];
    trnnsf_trainer *trainer, *resumed;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 2);
    mask_layer(ctx, network, 2, 0.2, 40);
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, copy, dataset, &options, &resumed), TRNNSF_OK);
    for (size_t l = 0; l < 3; l++) {
        for (size_t t = 0; t < trn_trainer_tensors(trainer); t++) {
            ck_assert_int_eq(trn_trainer_get_state(ctx, trainer, l, t, weights, biases), TRNNSF_OK);
            ck_assert_int_eq(trn_trainer_set_state(ctx, resumed, l, t, weights, biases), TRNNSF_OK);
        }
    }
    trn_trainer_set_progress(resumed, trn_trainer_epochs(trainer), trn_trainer_steps(trainer));
    ck_assert_uint_eq(trnnsf_trainer_epochs_done(resumed), 2);
    train(ctx, trainer, 2);
    train(ctx, resumed, 2);
    assert_same(network, copy);
    trnnsf_trainer_free(trainer);
    trnnsf_trainer_free(resumed);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Five classes told by which of five groups of features is larger. */
static trnnsf_dataset *make_learnable(trnnsf_context *ctx, size_t n)
{
    float *values = random_floats(51, n * 40);
    uint32_t *labels = random_labels(52, n, 5);
    trnnsf_dataset *dataset;

    for (size_t s = 0; s < n; s++) {
        for (size_t j = 0; j < 8; j++)
            values[s * 40 + labels[s] * 8 + j] += 1.0f;
    }
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 5, 8, 5, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

START_TEST(learns)
{
    trnnsf_context *ctx = open_context(2, "reference");
    struct trnnsf_trainer_options options = small_options((uint32_t)_i % 2);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, (uint32_t)_i / 2);
    trnnsf_dataset *dataset = make_learnable(ctx, 500);
    struct trnnsf_epoch first = {.struct_size = sizeof first}, last = first;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_trainer *trainer;

    options.hidden_dropout = 0.2;
    if (_i / 2)
        mask_layer(ctx, network, 0, 0.3, 60);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, &first), TRNNSF_OK);
    for (int e = 0; e < 19; e++)
        ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, &last), TRNNSF_OK);
    ck_assert_double_lt(last.loss, 0.5 * first.loss);
    ck_assert_double_gt(last.train_accuracy, first.train_accuracy);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, 0, 1, &result), TRNNSF_OK);
    ck_assert_double_gt(result.accuracy, _i / 2 ? 0.8 : 0.97);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Classic dropout scales the initial weights once; a continued network's are left alone. */
START_TEST(classic_start)
{
    trnnsf_context *ctx = open_context(1, "reference");
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    struct trnnsf_trainer_options options = small_options(0);
    float before = trnnsf_network_weights(network, 1)[0];
    trnnsf_trainer *trainer;

    options.rate = 0.0;
    for (uint32_t style = 0; style < 3; style++) {
        options.classic_dropout = style;
        ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer),
                         TRNNSF_OK);
        ck_assert_float_eq(trnnsf_network_weights(network, 1)[0], before);
        train(ctx, trainer, 2);
        before *= style == TRNNSF_DROPOUT_CLASSIC ? 0.5f : 1.0f;
        ck_assert_float_eq(trnnsf_network_weights(network, 1)[0], before);
        trnnsf_trainer_free(trainer);
    }
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train");
    TCase *tcase = tcase_create("train");

    tcase_add_test(tcase, options_init_equals_macro);
    tcase_add_test(tcase, rate_schedules);
    tcase_add_loop_test(tcase, same_bits_for_any_thread_count, 0, 4);
    tcase_add_loop_test(tcase, masks_hold_and_clear_state, 0, 2);
    tcase_add_loop_test(tcase, resumed_equals_uninterrupted, 0, 4);
    tcase_add_loop_test(tcase, learns, 0, 4);
    tcase_add_test(tcase, classic_start);
    tcase_add_test(tcase, inference_follows);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, optimisers_case());
    suite_add_tcase(suite, trouble_case());
    suite_add_tcase(suite, augment_case());
    suite_add_tcase(suite, crop_case());
    suite_add_tcase(suite, average_case());
    suite_add_tcase(suite, device_case());
    suite_add_tcase(suite, noise_case());
    suite_add_tcase(suite, signs_case());

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
