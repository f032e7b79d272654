/* A chip beside its network, layer by layer. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "network/convert.h"
#include "network/pass.h"
#include "sim/analog/graph.h"
#include "tensor/gemm.h"

enum { BATCH = 2 * TRN_ANALOG_CHUNK };

/* Sums over samples and outputs, row after row: no order hangs on threads. */
struct sums {
    double error, signal;
};

struct compare {
    const struct trn_analog_plan *plan;
    const struct trn_pass *pass;
    struct sums *sums; /* [layers] */
};

static trnnsf_status compare_layer(void *user, size_t layer, size_t first, size_t n,
                                   const float *values, size_t ld)
{
    struct compare *compare = user;
    const struct trn_pass *pass = compare->pass;
    const float *ideal = pass->panel[layer + 1] + first;
    size_t n_out = pass->network->layers[layer].n_out;
    /* The next layer's DAC does what the network's converter did. */
    const struct trn_converter *converter = trn_analog_digital(compare->plan, layer + 1)
                                                ? NULL
                                                : trn_analog_converter(compare->plan, layer + 1);

    for (size_t o = 0; o < n_out; o++) {
        float row[BATCH];
        struct trn_panel panel = {1, n, BATCH, row, NULL};

        memcpy(row, values + o * ld, n * sizeof *row);
        if (converter)
            trn_convert(pass->ctx, TRNNSF_ACTIVATION_LINEAR, converter, NULL, &panel, NULL);
        for (size_t s = 0; s < n; s++) {
            double right = (double)ideal[o * pass->capacity + s];
            double off = (double)row[s] - right;

            compare->sums[layer].error += off * off;
            compare->sums[layer].signal += right * right;
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_analog_measure(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                 const struct trnnsf_network *network, size_t n_samples,
                                 const float *inputs, uint64_t number, double *errors,
                                 struct trn_analog_counts *counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    struct compare compare = {.plan = analog->plan};
    struct trn_analog_watch watch = {compare_layer, &compare};
    size_t n_in = network->layers[0].n_in;

    if (analog->plan->graph)
        return trn_analog_graph_measure(ctx, analog, network, n_samples, inputs, number, errors,
                                        counts);
    compare.sums = TRN_NEW_ARRAY(ctx, struct sums, network->n_layers);
    TRN_NEED_OUT(compare.sums);
    TRN_TRY_OUT(trn_pass_create(ctx, (struct trnnsf_network *)network,
                                n_samples < BATCH ? n_samples : BATCH, false, &pass));
    compare.pass = pass;
    for (size_t s = 0; s < n_samples; s += BATCH) {
        size_t n = n_samples - s < BATCH ? n_samples - s : BATCH;

        trn_pass_load(pass, n, inputs + s * n_in, NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        TRN_TRY_OUT(
            trn_analog_forward(ctx, analog, s, n, inputs + s * n_in, number, NULL, counts, &watch));
    }
    for (size_t l = 0; errors && l < network->n_layers; l++)
        errors[l] =
            compare.sums[l].signal > 0 ? sqrt(compare.sums[l].error / compare.sums[l].signal) : 0;
out:
    trn_pass_free(pass);
    trn_free(ctx, compare.sums);
    return status;
}
