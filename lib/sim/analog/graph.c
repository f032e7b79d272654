#include "sim/analog/graph.h"

#include <math.h>

#include "base/context.h"
#include "sim/analog/places.h"
#include "tensor/gemm.h"

enum { BATCH = 4 * TRN_ANALOG_CHUNK }; /* samples at once; chosen here */

/* Batches of samples on their way through a chip. */
struct walk {
    struct trn_places places;
    struct trn_layer_products products;
    struct trn_pass *pass;
};

static trnnsf_status multiply(void *user, const struct trn_layer_product *product)
{
    return trn_places_read(user, product);
}

static trnnsf_status walk_init(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                               size_t n_samples, uint64_t read, struct walk *walk)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t batch = trn_places_batch(plan->graph, BATCH, n_samples);

    TRN_TRY(trn_places_init(ctx, analog, batch, &walk->places));
    walk->places.noise_seed = trn_read_noise_seed(plan->options.seed, analog->chip, read);
    walk->products = (struct trn_layer_products){multiply, &walk->places};
    TRN_TRY(trn_pass_create(ctx, plan->graph, batch, false, &walk->pass));
    walk->pass->nodes->products = &walk->products;
    return TRNNSF_OK;
}

static void walk_clear(struct walk *walk)
{
    trn_pass_free(walk->pass);
    trn_places_clear(&walk->places);
}

/* The samples from `first` on, as many as go at once; how many they are. */
static trnnsf_status step(struct walk *walk, size_t first, size_t n_samples, const float *inputs,
                          size_t *out_n)
{
    struct trn_pass *pass = walk->pass;
    size_t left = n_samples - first, n = left < pass->capacity ? left : pass->capacity;

    pass->nodes->first = first;
    trn_pass_load(pass, n, inputs + first * trn_network_inputs(pass->network), NULL, NULL);
    *out_n = n;
    return trn_pass_forward(pass, NULL);
}

trnnsf_status trn_analog_graph_forward(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                       uint64_t numbered, size_t n_samples, const float *inputs,
                                       uint64_t read, float *outputs,
                                       struct trn_analog_counts *counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct walk walk = {.places = {.ctx = ctx, .numbered = numbered, .counts = counts}};
    size_t n_out = trn_network_outputs(analog->plan->graph);

    TRN_TRY_OUT(walk_init(ctx, analog, n_samples, read, &walk));
    for (size_t s = 0, n; s < n_samples; s += n) {
        TRN_TRY_OUT(step(&walk, s, n_samples, inputs, &n));
        trn_transpose(ctx, n_out, n, trn_pass_outputs(walk.pass), walk.pass->capacity,
                      outputs + s * n_out, n_out);
    }
out:
    walk_clear(&walk);
    return status;
}

trnnsf_status trn_analog_graph_evaluate(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                        size_t n_samples, const float *inputs,
                                        const uint32_t *labels, uint32_t loss, uint64_t read,
                                        struct trnnsf_evaluation *out_result)
{
    trnnsf_status status = TRNNSF_OK;
    struct walk walk = {.places = {.ctx = ctx}};
    struct trn_loss_sum total = {0, 0};

    TRN_TRY_OUT(walk_init(ctx, analog, n_samples, read, &walk));
    for (size_t s = 0, n; s < n_samples; s += n) {
        TRN_TRY_OUT(step(&walk, s, n_samples, inputs, &n));
        struct trn_loss_sum part = trn_pass_loss(walk.pass, loss, labels + s, false);
        total.loss += part.loss;
        total.correct += part.correct;
    }
    *out_result =
        (struct trnnsf_evaluation){sizeof *out_result, (double)total.correct / (double)n_samples,
                                   total.loss / (double)n_samples, total.correct, n_samples};
out:
    walk_clear(&walk);
    return status;
}

/* Sums over samples and values, row after row: no order hangs on threads. */
struct sums {
    double error, signal;
};

static void compare(const struct trn_pass *real, const struct trn_pass *ideal, size_t layer,
                    struct sums *sums)
{
    size_t node = trn_graph_layer_node(&ideal->network->graph, layer);
    const float *values = real->nodes->states[node].values;
    const float *right = ideal->nodes->states[node].values;
    size_t n_values = trn_shape_size(&ideal->network->graph.nodes[node].shape);

    for (size_t k = 0; k < n_values; k++) {
        for (size_t s = 0; s < ideal->n; s++) {
            double signal = (double)right[k * ideal->capacity + s];
            double error = (double)values[k * real->capacity + s] - signal;

            sums->error += error * error;
            sums->signal += signal * signal;
        }
    }
}

trnnsf_status trn_analog_graph_measure(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                       const struct trnnsf_network *network, size_t n_samples,
                                       const float *inputs, uint64_t read, double *errors,
                                       struct trn_analog_counts *counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct walk walk = {.places = {.ctx = ctx, .counts = counts}};
    struct trn_pass *ideal = NULL;
    struct sums *sums = TRN_NEW_ARRAY(ctx, struct sums, network->n_layers);
    size_t n_in = trn_network_inputs(network);

    TRN_NEED_OUT(sums);
    TRN_TRY_OUT(walk_init(ctx, analog, n_samples, read, &walk));
    TRN_TRY_OUT(
        trn_pass_create(ctx, (struct trnnsf_network *)network, walk.pass->capacity, false, &ideal));
    for (size_t s = 0, n; s < n_samples; s += n) {
        TRN_TRY_OUT(step(&walk, s, n_samples, inputs, &n));
        trn_pass_load(ideal, n, inputs + s * n_in, NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(ideal, NULL));
        for (size_t l = 0; l < network->n_layers; l++)
            compare(walk.pass, ideal, l, &sums[l]);
    }
    for (size_t l = 0; errors && l < network->n_layers; l++)
        errors[l] = sums[l].signal > 0 ? sqrt(sums[l].error / sums[l].signal) : 0;
out:
    walk_clear(&walk);
    trn_pass_free(ideal);
    trn_free(ctx, sums);
    return status;
}
