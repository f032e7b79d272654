/* Activations, dropout, inference and evaluation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/activation.h"
#include "network/cases.h"
#include "network/network.h"
#include "network/reference.h"
#include "network/vector_math.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(3, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(vector_functions)
{
    for (double x = -87.0; x < 88.0; x += 0.0137) {
        float v = (float)x;
        double exact = exp((double)v);

        ck_assert_double_eq_tol((double)trn_exp(v), exact, exact * 3e-7);
        ck_assert_double_eq_tol((double)trn_tanh(v), tanh((double)v), fabs(tanh((double)v)) * 3e-7);
        exact = 1.0 / (1.0 + exp(-(double)v));
        ck_assert_double_eq_tol((double)trn_logistic(v), exact, exact * 1e-6);
    }
    ck_assert_float_eq(trn_exp(0.0f), 1.0f);
    ck_assert_float_eq(trn_tanh(0.0f), 0.0f);
    ck_assert_float_eq(trn_tanh(1e30f), 1.0f);
    ck_assert_float_eq(trn_tanh(-INFINITY), -1.0f);
    ck_assert_float_eq(trn_logistic(INFINITY), 1.0f);
    ck_assert_float_lt(trn_logistic(-1e30f), 1e-37f);
    ck_assert_float_nan(trn_exp(NAN));
    ck_assert_float_nan(trn_tanh(NAN));
}
END_TEST

/* Dropped share and scale are as asked; the place in the batch decides, not the batch's size. */
START_TEST(dropout_statistics)
{
    struct trn_dropout dropout = {.seed = 5, .epoch = 2, .batch = 7, .layer = 1, .rate = 0.3f};
    enum { N = 1000, FEATURES = 200 };
    float *factor = malloc(N * sizeof *factor), *again = malloc(N * sizeof *again);
    size_t dropped = 0, both = 0;

    for (size_t f = 0; f < FEATURES; f++) {
        trn_dropout_factors(&dropout, f, N, N, factor);
        for (size_t i = 0; i < N; i++) {
            ck_assert(factor[i] == 0.0f || fabsf(factor[i] - 1.0f / 0.7f) < 1e-6f);
            dropped += factor[i] == 0.0f;
            both += i > 0 && factor[i] == 0.0f && factor[i - 1] == 0.0f;
        }
    }
    ck_assert_double_eq_tol((double)dropped / (N * FEATURES), 0.3, 0.005);
    ck_assert_double_eq_tol((double)both / (N * FEATURES), 0.09, 0.005);
    dropout.epoch = 3;
    trn_dropout_factors(&dropout, FEATURES - 1, N, N, again);
    ck_assert_mem_ne(factor, again, N * sizeof *again);
    free(factor);
    free(again);
}
END_TEST

/* What activates with dropout is what the factors say, for every activation. */
START_TEST(dropout_and_its_gradient)
{
    struct trn_dropout dropout = {.seed = 5, .epoch = 2, .batch = 7, .layer = 1, .rate = 0.4f};
    enum { N = 700, FEATURES = 5, LD = 777 };
    float *x = random_floats(3, FEATURES * LD), *y = malloc(FEATURES * LD * sizeof *y);
    float *d = random_floats(4, FEATURES * LD), *plain = malloc(FEATURES * LD * sizeof *plain);
    float *factor = malloc(N * sizeof *factor), *e = malloc(FEATURES * LD * sizeof *e);
    struct trn_panel panel = {FEATURES, N, LD, y, NULL}, without = {FEATURES, N, LD, plain, NULL};

    for (uint32_t a = 0; a < TRNNSF_ACTIVATION_SOFTMAX; a++) {
        memcpy(y, x, FEATURES * LD * sizeof *y);
        memcpy(plain, x, FEATURES * LD * sizeof *y);
        memcpy(e, d, FEATURES * LD * sizeof *e);
        trn_activate(ctx, a, NULL, &dropout, &panel);
        trn_activate(ctx, a, NULL, NULL, &without);
        trn_activate_backward(ctx, a, &dropout, &panel, e);
        for (size_t f = 0; f < FEATURES; f++) {
            trn_dropout_factors(&dropout, f, N, LD, factor);
            for (size_t i = 0; i < N; i++) {
                size_t at = f * LD + i;
                float v = plain[at], slope = 1.0f;

                ck_assert_float_eq(y[at], v * factor[i]);
                if (a == TRNNSF_ACTIVATION_RELU)
                    slope = v > 0.0f ? 1.0f : 0.0f;
                else if (a == TRNNSF_ACTIVATION_SIGMOID)
                    slope = v * (1.0f - v);
                else if (a == TRNNSF_ACTIVATION_TANH)
                    slope = 1.0f - v * v;
                ck_assert_float_eq_tol(e[at], d[at] * factor[i] * slope, 1e-6f);
            }
        }
    }
    free(x);
    free(y);
    free(d);
    free(e);
    free(plain);
    free(factor);
}
END_TEST

static trnnsf_network *make(uint32_t output, size_t n_in, size_t hidden, size_t n_out)
{
    size_t sizes[3] = {n_in, hidden, n_out};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.output_activation = output;
    options.bias = 1;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, &options, &network), TRNNSF_OK);
    return network;
}

/* Softmax stays finite for large arguments. */
START_TEST(softmax_of_large_values)
{
    trnnsf_network *network = make(TRNNSF_ACTIVATION_SOFTMAX, 2, 3, 3);
    float weights[9] = {0}, biases[3] = {1e30f, 0.0f, -1e30f}, inputs[2] = {1.0f, 2.0f}, out[3];

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 1, weights), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, 1, biases), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 1, inputs, out), TRNNSF_OK);
    ck_assert_float_eq(out[0], 1.0f);
    ck_assert_float_lt(out[1], 1e-37f);
    ck_assert_float_lt(out[2], 1e-37f);
    trnnsf_network_free(network);
}
END_TEST

/* More samples than one chunk; the same bits for any thread count. */
START_TEST(chunks_and_threads)
{
    enum { N = 1100 };
    trnnsf_network *network = make(TRNNSF_ACTIVATION_SOFTMAX, 40, 48, 5);
    float *inputs = random_floats(1, N * 40), *out = malloc(N * 5 * sizeof *out);
    float *other = malloc(N * 5 * sizeof *other);
    uint32_t *labels = random_labels(2, N, 5);
    struct reference reference;

    if (_i)
        cluster_layer(ctx, network, 0);
    reference_init(&reference, network, TRNNSF_LOSS_CROSS_ENTROPY);
    reference_loss(&reference, N, inputs, labels);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, N, inputs, out), TRNNSF_OK);
    ck_assert_double_lt(worst_error(out, reference.outputs, N * 5), 1e-5);
    for (uint32_t threads = 1; threads < 3; threads++) {
        trnnsf_context *second = open_context(threads, "reference");

        ck_assert_int_eq(trnnsf_network_forward(second, network, N, inputs, other), TRNNSF_OK);
        ck_assert_mem_eq(out, other, N * 5 * sizeof *out);
        trnnsf_context_free(second);
    }
    reference_free(&reference);
    trnnsf_network_free(network);
    free(inputs);
    free(out);
    free(other);
    free(labels);
}
END_TEST

START_TEST(evaluation)
{
    enum { N = 601 };
    trnnsf_network *network = make(TRNNSF_ACTIVATION_SIGMOID, 12, 9, 4);
    float *inputs = random_floats(1, N * 12);
    uint32_t *labels = random_labels(2, N, 4);
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    struct reference reference;
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 3, 4, 4, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, N, inputs, labels),
                     TRNNSF_OK);
    for (uint32_t loss = 0; loss < 2; loss++) {
        size_t correct = 0;

        reference_init(&reference, network, loss);
        double expected = reference_loss(&reference, N, inputs, labels);
        for (size_t s = 0; s < N; s++) {
            size_t best = 0;

            for (size_t i = 1; i < 4; i++)
                best = reference.outputs[s * 4 + i] > reference.outputs[s * 4 + best] ? i : best;
            correct += best == labels[s];
        }
        ck_assert_int_eq(
            trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_TEST, loss, &result),
            TRNNSF_OK);
        ck_assert_double_eq_tol(result.loss, expected, 1e-5);
        ck_assert_uint_eq(result.correct, correct);
        ck_assert_uint_eq(result.samples, N);
        ck_assert_double_eq(result.accuracy, (double)correct / N);
        reference_free(&reference);
    }
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    free(inputs);
    free(labels);
}
END_TEST

/* The lowest class wins a tie. */
START_TEST(ties)
{
    trnnsf_network *network = make(TRNNSF_ACTIVATION_LINEAR, 2, 2, 3);
    float zero[6] = {0}, inputs[4] = {1.0f, 2.0f, 3.0f, 4.0f};
    uint32_t labels[2] = {0, 1};
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 1, zero), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 2, 3, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, 0, 2, inputs, labels), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, 0, 0, &result), TRNNSF_OK);
    ck_assert_uint_eq(result.correct, 1);
    ck_assert_double_eq(result.loss, 0.5);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, 0, 1, &result),
                     TRNNSF_E_MISMATCH);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(hostile)
{
    trnnsf_network *network = make(TRNNSF_ACTIVATION_SOFTMAX, 2, 3, 3);
    float inputs[4] = {1.0f, 2.0f, NAN, 0.0f}, out[6] = {7.0f, 7.0f};
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_dataset *dataset, *wide;
    uint32_t label = 0;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 2, 3, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 4, 3, &wide), TRNNSF_OK);
    inputs[2] = 0.0f;
    ck_assert_int_eq(trnnsf_dataset_set(ctx, wide, 0, 1, inputs, &label), TRNNSF_OK);
    inputs[2] = NAN;
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 2, inputs, out), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "feature 0 of sample 1, nan"));
    ck_assert_float_eq(out[0], 7.0f);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 0, inputs, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SIZE_MAX, inputs, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 1, NULL, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, 1, inputs, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_forward(ctx, NULL, 1, inputs, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_forward(NULL, network, 1, inputs, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, 0, 0, &result), TRNNSF_E_STATE);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, wide, 0, 0, &result), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, wide, 3, 0, &result), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, wide, 0, 2, &result), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, wide, 0, 0, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, NULL, 0, 0, &result), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_evaluate(NULL, network, wide, 0, 0, &result), TRNNSF_E_INVALID);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_dataset_free(wide);
}
END_TEST

TCase *forward_case(void)
{
    TCase *tcase = tcase_create("forward");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, vector_functions);
    tcase_add_test(tcase, dropout_statistics);
    tcase_add_test(tcase, dropout_and_its_gradient);
    tcase_add_test(tcase, softmax_of_large_values);
    tcase_add_loop_test(tcase, chunks_and_threads, 0, 2);
    tcase_add_test(tcase, evaluation);
    tcase_add_test(tcase, ties);
    tcase_add_test(tcase, hostile);
    return tcase;
}
