/* Forward and backward pass against the reference in double precision, and that against finite
 * differences. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/cases.h"
#include "network/pass.h"
#include "network/reference.h"

enum { SAMPLES = 13 };

static const size_t sizes[4] = {40, 48, 44, 5};

/* What a layer looks like. */
enum form { WHOLE, MASKED, SPARSE, CLUSTERED, BARE, FORMS };

/* Overlapping rectangles with cells that the mask excludes, and a share `outside` of synapses. */
static void rectangle_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer,
                            double outside)
{
    static const size_t row_start[4] = {0, 5, 9, 12}, column_start[4] = {0, 6, 10, 13};
    static const uint32_t row[12] = {0, 2, 3, 7, 11, 1, 2, 3, 30, 20, 21, 33};
    static const uint32_t column[13] = {1, 4, 5, 8, 20, 31, 4, 5, 6, 7, 0, 10, 38};
    size_t n_in = trnnsf_network_inputs(network, layer);
    size_t n_out = trnnsf_network_outputs(network, layer);
    uint8_t *mask = random_mask((uint32_t)layer, n_in * n_out, outside);
    trnnsf_clusters *clusters;

    ck_assert_int_eq(trnnsf_clusters_create(ctx, n_out, n_in, 3, row_start, row, column_start,
                                            column, &clusters),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, layer, clusters), TRNNSF_OK);
    for (size_t b = 0; b < 3; b++) {
        for (size_t i = row_start[b]; i < row_start[b + 1]; i++) {
            for (size_t j = column_start[b]; j < column_start[b + 1]; j++)
                mask[row[i] * n_in + column[j]] = (i + j) % 5 != 0;
        }
    }
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, layer, mask), TRNNSF_OK);
    trnnsf_clusters_free(clusters);
    free(mask);
}

void cluster_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer)
{
    rectangle_layer(ctx, network, layer, 0.02);
}

void mask_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer, double density)
{
    size_t count = trnnsf_network_inputs(network, layer) * trnnsf_network_outputs(network, layer);
    uint8_t *mask = random_mask((uint32_t)layer, count, density);

    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, layer, mask), TRNNSF_OK);
    free(mask);
}

static trnnsf_network *make_network(trnnsf_context *ctx, uint32_t hidden, uint32_t output,
                                    uint32_t bias, enum form form)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.hidden_activation = hidden;
    options.output_activation = output;
    options.bias = bias;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 4, &options, &network), TRNNSF_OK);
    for (size_t l = 0; l < 3; l++) {
        float *biases = random_floats(20 + (uint32_t)l, sizes[l + 1]);

        if (bias)
            ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, l, biases), TRNNSF_OK);
        free(biases);
        if (form == MASKED)
            mask_layer(ctx, network, l, 0.6);
        else if (form == SPARSE)
            mask_layer(ctx, network, l, 0.04);
        else if (form == CLUSTERED && l < 2)
            cluster_layer(ctx, network, l);
        else if (form == BARE && l < 2)
            rectangle_layer(ctx, network, l, 0.0);
    }
    return network;
}

/* Keeps the gradient's cells that the mask keeps; others have none. */
static void check_gradients(trnnsf_context *ctx, struct trn_pass *pass, struct reference *reference)
{
    for (size_t l = 3; l-- > 0;) {
        const struct trn_packed *packed = pass->packed[l];
        const struct trn_layer *layer = &pass->network->layers[l];
        size_t count = layer->n_in * layer->n_out;
        float *g = calloc(packed->n_values, sizeof *g);
        float *dense = malloc(count * sizeof *dense), *sums = malloc(layer->n_out * sizeof *sums);
        if (l < 2)
            ck_assert_int_eq(trn_pass_backward(pass, l + 1, NULL), TRNNSF_OK);

        struct trn_panel panel = trn_pass_gradient(pass, l);
        ck_assert_int_eq(trn_pass_weight_gradient(pass, l, 1.0f / SAMPLES, 0.0f, g), TRNNSF_OK);
        for (size_t v = 0; packed->keep && v < packed->n_values; v++)
            g[v] = packed->keep[v] ? g[v] : 0.0f;
        trn_packed_to_dense(packed, g, dense);
        for (size_t i = 0; layer->mask && i < count; i++) {
            if (!trn_mask_get(layer->mask, i / layer->n_in, i % layer->n_in))
                reference->weight_gradient[l][i] = 0.0;
        }
        ck_assert_double_lt(worst_error(dense, reference->weight_gradient[l], count), 2e-5);
        trn_panel_row_sums(ctx, &panel, 1.0f / SAMPLES, sums);
        ck_assert_double_lt(worst_error(sums, reference->bias_gradient[l], layer->n_out), 2e-5);
        free(g);
        free(dense);
        free(sums);
    }
}

static void check_finite_differences(struct reference *r, const float *inputs,
                                     const uint32_t *labels)
{
    const double step = 1e-6;

    reference_gradient(r, SAMPLES, inputs, labels);
    for (size_t l = 0; l < r->n_layers; l++) {
        size_t count = r->size[l] * r->size[l + 1];

        for (size_t i = l; i < count; i += count / 7) {
            double before = r->weights[l][i], up, down;

            r->weights[l][i] = before + step;
            up = reference_loss(r, SAMPLES, inputs, labels);
            r->weights[l][i] = before - step;
            down = reference_loss(r, SAMPLES, inputs, labels);
            r->weights[l][i] = before;
            ck_assert_double_eq_tol((up - down) / (2.0 * step), r->weight_gradient[l][i], 1e-6);
        }
        if (r->biases[l]) {
            double before = r->biases[l][1], up, down;

            r->biases[l][1] = before + step;
            up = reference_loss(r, SAMPLES, inputs, labels);
            r->biases[l][1] = before - step;
            down = reference_loss(r, SAMPLES, inputs, labels);
            r->biases[l][1] = before;
            ck_assert_double_eq_tol((up - down) / (2.0 * step), r->bias_gradient[l][1], 1e-6);
        }
    }
}

static void poison(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
}

/* A lean pass does not look at what it does not write. */
static void check_pass(trnnsf_context *ctx, trnnsf_network *network, struct reference *reference,
                       enum form form, double expected, const float *inputs, const uint32_t *labels,
                       uint32_t loss, bool lean)
{
    struct trn_pass *pass;

    ck_assert_int_eq(trn_pass_create(ctx, network, SAMPLES + 3, true, &pass), TRNNSF_OK);
    ck_assert_int_eq(pass->packed[0]->dense, form == WHOLE || form == MASKED);
    pass->lean = lean;
    for (size_t l = 0; l <= 3; l++)
        poison(pass->panel[l], sizes[l] * pass->capacity);
    poison(pass->gradient[0], sizes[1] * pass->capacity);
    poison(pass->gradient[1], sizes[1] * pass->capacity);
    trn_pass_load(pass, SAMPLES, inputs, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);

    struct trn_loss_sum sum = trn_pass_loss(pass, loss, labels, true);
    ck_assert_double_eq_tol(sum.loss / SAMPLES, expected, 1e-5 * (1.0 + expected));
    check_gradients(ctx, pass, reference);
    trn_pass_free(pass);
}

static void check_case(trnnsf_context *ctx, uint32_t hidden, uint32_t output, uint32_t loss,
                       uint32_t bias, enum form form)
{
    trnnsf_network *network = make_network(ctx, hidden, output, bias, form);
    float *inputs = random_floats(1, SAMPLES * sizes[0]);
    uint32_t *labels = random_labels(2, SAMPLES, (uint32_t)sizes[3]);
    struct reference reference;
    float outputs[SAMPLES * 5];

    reference_init(&reference, network, loss);
    if (bias)
        check_finite_differences(&reference, inputs, labels);

    double expected = reference_gradient(&reference, SAMPLES, inputs, labels);
    check_pass(ctx, network, &reference, form, expected, inputs, labels, loss, false);
    check_pass(ctx, network, &reference, form, expected, inputs, labels, loss, true);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
    ck_assert_double_lt(worst_error(outputs, reference.outputs, SAMPLES * 5), 1e-5);

    reference_free(&reference);
    trnnsf_network_free(network);
    free(inputs);
    free(labels);
}

static void check_all(const char *backend, uint32_t hidden)
{
    trnnsf_context *ctx = open_context(2, backend);

    for (uint32_t output = 0; ctx && output <= TRNNSF_ACTIVATION_SOFTMAX; output++) {
        for (uint32_t loss = 0; loss < 2; loss++) {
            if (!trn_loss_fits(loss, output))
                continue;
            for (enum form form = WHOLE; form < FORMS; form++)
                check_case(ctx, hidden, output, loss, form % 2 == 0, form);
        }
    }
    trnnsf_context_free(ctx);
}

START_TEST(every_activation_loss_and_form)
{
    check_all("reference", (uint32_t)_i);
    check_all("cblas", (uint32_t)_i);
}
END_TEST

/* The same network packed and dense: the mask decides, the results agree. */
START_TEST(packed_equals_dense)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_network *network = make_network(ctx, 1, 1, 0, CLUSTERED), *plain = NULL;
    float *inputs = random_floats(5, SAMPLES * sizes[0]);
    float a[SAMPLES * 5], b[SAMPLES * 5];

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &plain), TRNNSF_OK);
    for (size_t l = 0; l < 3; l++) {
        ck_assert_int_eq(trnnsf_network_set_mask(ctx, plain, l, NULL), TRNNSF_OK);
        ck_assert_mem_eq(trnnsf_network_weights(network, l), trnnsf_network_weights(plain, l),
                         sizes[l] * sizes[l + 1] * sizeof(float));
    }
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, a), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_forward(ctx, plain, SAMPLES, inputs, b), TRNNSF_OK);
    for (size_t i = 0; i < SAMPLES * 5; i++)
        ck_assert_float_eq_tol(a[i], b[i], 1e-5f);
    trnnsf_network_free(network);
    trnnsf_network_free(plain);
    trnnsf_context_free(ctx);
    free(inputs);
}
END_TEST

/* Packing, and what it leaves out, is undone by unpacking. */
START_TEST(packing_round_trip)
{
    trnnsf_context *ctx = open_context(1, "reference");

    for (enum form form = WHOLE; form < FORMS; form++) {
        trnnsf_network *network = make_network(ctx, 1, 1, 0, form);
        struct trn_packed *packed;
        size_t count = sizes[0] * sizes[1];
        float *dense = random_floats(7, count), *back = malloc(count * sizeof *back);
        float *values;

        ck_assert_int_eq(trn_packed_create(ctx, &network->layers[0], 8, true, &packed), TRNNSF_OK);
        values = malloc(packed->n_values * sizeof *values);
        trn_packed_from_dense(packed, dense, values);
        trn_packed_to_dense(packed, values, back);
        if (network->layers[0].mask)
            trn_mask_apply(network->layers[0].mask, dense, sizes[0]);
        for (size_t i = 0; i < count; i++)
            ck_assert_float_eq(dense[i], back[i]);
        free(dense);
        free(back);
        free(values);
        trn_packed_free(ctx, packed);
        trnnsf_network_free(network);
    }
    trnnsf_context_free(ctx);
}
END_TEST

/* A layer with nothing left. */
START_TEST(empty_mask)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_network *network = make_network(ctx, 1, 1, 1, WHOLE);
    uint8_t *none = calloc(sizes[0] * sizes[1], 1);
    float *inputs = random_floats(5, SAMPLES * sizes[0]);
    float outputs[SAMPLES * 5];

    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, none), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), 0);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
    for (size_t i = 5; i < SAMPLES * 5; i++)
        ck_assert_float_eq(outputs[i], outputs[i - 5]);
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
    free(none);
    free(inputs);
}
END_TEST

TCase *gradients_case(void)
{
    TCase *tcase = tcase_create("gradients");

    tcase_add_loop_test(tcase, every_activation_loss_and_form, 0, TRNNSF_ACTIVATION_SOFTMAX);
    tcase_add_test(tcase, packed_equals_dense);
    tcase_add_test(tcase, packing_round_trip);
    tcase_add_test(tcase, empty_mask);
    return tcase;
}
