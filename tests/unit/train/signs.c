/* Weights of one sign: kept in training, and searched for. */
#include <stdlib.h>

#include "cluster/clusters.h"
#include "network/device.h"
#include "network/reference.h"
#include "train/device_cases.h"
#include "train/trainer.h"

enum { LAYERS = DEVICE_LAYERS };

/* The group of a cell by the definition, not by the library's table. */
static size_t group_of(const struct trn_layer *layer, uint32_t unipolar, size_t i, size_t j)
{
    const struct trn_blocks *blocks = layer->clusters ? layer->clusters->blocks : NULL;

    if (unipolar == TRNNSF_UNIPOLAR_MATRIX || unipolar == TRNNSF_UNIPOLAR_POSITIVE)
        return 0;
    if (unipolar == TRNNSF_UNIPOLAR_OUTPUT)
        return i;
    for (size_t b = 0; blocks && b < blocks->count; b++) {
        bool row = false, column = false;

        for (size_t k = blocks->row_start[b]; k < blocks->row_start[b + 1]; k++)
            row = row || blocks->row[k] == i;
        for (size_t k = blocks->column_start[b]; k < blocks->column_start[b + 1]; k++)
            column = column || blocks->column[k] == j;
        if (row && column)
            return 60 + b;
    }
    return i / 8 * 3 + j / 16;
}

static size_t count_signs(const trnnsf_network *network, uint32_t unipolar)
{
    size_t negative = 0;

    for (size_t l = 0; l < LAYERS; l++) {
        const struct trn_layer *layer = &network->layers[l];
        int sign[70] = {0};

        for (size_t i = 0; i < layer->n_out; i++) {
            for (size_t j = 0; j < layer->n_in; j++) {
                float w = layer->weights[i * layer->n_in + j];
                int *group = &sign[group_of(layer, unipolar, i, j)], own = (w > 0) - (w < 0);

                ck_assert(own == 0 || *group == 0 || own == *group);
                *group = own ? own : *group;
                negative += own < 0;
            }
        }
    }
    return negative;
}

START_TEST(signs_hold)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    uint32_t unipolar = 1 + (uint32_t)_i % 4;
    struct trnnsf_trainer_options options = device_options((uint32_t)_i / 4);
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_TANH, 1);
    trnnsf_trainer *trainer;

    options.unipolar = unipolar;
    options.tile_inputs = 16;
    options.tile_outputs = 8;
    options.device_first = 1;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 1);
    ck_assert(!trn_trainer_on_device(trainer));
    for (int epoch = 0; epoch < 6; epoch++) {
        if (epoch == 2)
            mask_layer(ctx, network, 1, 0.3, 77);
        if (epoch == 4)
            ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, NULL), TRNNSF_OK);
        train(ctx, trainer, 1);
        ck_assert(trn_trainer_on_device(trainer));
        size_t negative = count_signs(network, unipolar);
        if (unipolar == TRNNSF_UNIPOLAR_POSITIVE)
            ck_assert_uint_eq(negative, 0);
        else
            ck_assert(unipolar == TRNNSF_UNIPOLAR_MATRIX || negative > 0);
        for (size_t l = 0; l < LAYERS; l++)
            assert_levels(network, l, 7);
    }
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* The network with the weights of the given signs alone. */
static double loss_with(trnnsf_context *ctx, const trnnsf_network *network, float **signs, size_t n,
                        const float *inputs, const uint32_t *labels)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_network *copy;

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    for (size_t l = 0; l < LAYERS; l++) {
        struct trn_layer *layer = &copy->layers[l];

        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            layer->weights[i] = layer->weights[i] * signs[l][i] > 0 ? layer->weights[i] : 0;
    }
    ck_assert_int_eq(trn_network_evaluate(ctx, copy, n, inputs, labels, 1, &result), TRNNSF_OK);
    trnnsf_network_free(copy);
    return result.loss;
}

/* Turned signs lower the loss, the same on any number of threads; no single turn lowers it further.
 */
START_TEST(searched_signs)
{
    trnnsf_context *ctx = open_context(1, "reference"), *three = open_context(3, "reference");
    trnnsf_network *network = hidden_network(ctx, TRNNSF_ACTIVATION_TANH, 0);
    float *inputs = random_floats(31, 100 * 40), **signs, **again;
    uint32_t *labels = random_labels(32, 100, 5);
    const struct trn_device device = {
        .unipolar = (uint32_t)_i, .tile_inputs = 16, .tile_outputs = 8};
    const struct trn_sign_search how = {100, inputs, labels, 1, 50, 3};

    ck_assert_int_eq(trn_device_all_signs(ctx, network, &device, &signs), TRNNSF_OK);
    ck_assert_int_eq(trn_device_all_signs(ctx, network, &device, &again), TRNNSF_OK);
    double before = loss_with(ctx, network, signs, 100, inputs, labels);
    ck_assert_int_eq(trn_device_search_signs(ctx, network, &device, &how, signs), TRNNSF_OK);
    ck_assert_int_eq(trn_device_search_signs(three, network, &device, &how, again), TRNNSF_OK);
    double after = loss_with(ctx, network, signs, 100, inputs, labels);
    ck_assert(_i == TRNNSF_UNIPOLAR_MATRIX ? after <= before : after < before);
    for (size_t l = 0; l < LAYERS; l++)
        ck_assert_mem_eq(signs[l], again[l],
                         network->layers[l].n_in * network->layers[l].n_out * sizeof(float));
    for (size_t i = 0; _i == TRNNSF_UNIPOLAR_OUTPUT && i < 5; i++) {
        for (size_t j = 0; j < 44; j++)
            signs[2][i * 44 + j] = -signs[2][i * 44 + j];
        ck_assert_double_ge(loss_with(ctx, network, signs, 100, inputs, labels), after);
        for (size_t j = 0; j < 44; j++)
            signs[2][i * 44 + j] = -signs[2][i * 44 + j];
    }
    trn_device_free_signs(ctx, network, signs);
    trn_device_free_signs(ctx, network, again);
    free(inputs);
    free(labels);
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
    trnnsf_context_free(three);
}
END_TEST

TCase *signs_case(void)
{
    TCase *tcase = tcase_create("signs");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, signs_hold, 0, 8);
    tcase_add_loop_test(tcase, searched_signs, 1, 4);
    return tcase;
}
