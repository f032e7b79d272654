/* What the activations of a network reach. */
#include <math.h>

#include "base/context.h"
#include "base/sort.h"
#include "network/pass.h"
#include "sim/spiking/spiking.h"

enum { BATCH = 256 }; /* samples at once: chosen here */

struct survey {
    trnnsf_context *ctx;
    struct trnnsf_network *network; /* a copy whose last layer gives its sums */
    struct trn_pass *pass;
    float **values; /* [n_layers + 1] positive activations so far; of the inputs, the largest |x| */
    size_t *count;
};

static void survey_clear(struct survey *survey)
{
    for (size_t l = 0; survey->values && l <= survey->network->n_layers; l++)
        trn_free(survey->ctx, survey->values[l]);
    trn_free(survey->ctx, survey->values);
    trn_free(survey->ctx, survey->count);
    trn_pass_free(survey->pass);
    trn_network_free(survey->network);
}

static trnnsf_status survey_init(trnnsf_context *ctx, const struct trnnsf_network *network,
                                 size_t n_samples, struct survey *survey)
{
    size_t n = network->n_layers;

    survey->ctx = ctx;
    TRN_TRY(trn_network_copy(ctx, network, &survey->network));
    struct trn_layer *last = &survey->network->layers[n - 1];
    last->activation = TRNNSF_ACTIVATION_LINEAR;
    last->output = (struct trn_converter){.range = 0};
    survey->values = TRN_NEW_ARRAY(ctx, float *, n + 1);
    survey->count = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    if (!survey->values || !survey->count)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l <= n; l++) {
        size_t room = 1;

        if (l > 0 && !trn_size_multiply(n_samples, network->layers[l - 1].n_out, &room))
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "trnnsf_spiking_convert: %zu samples of %zu neurons", n_samples,
                            network->layers[l - 1].n_out);
        survey->values[l] = TRN_NEW_ARRAY(ctx, float, room);
        if (!survey->values[l])
            return TRN_NO_MEMORY;
    }
    return trn_pass_create(ctx, survey->network, n_samples < BATCH ? n_samples : BATCH, false,
                           &survey->pass);
}

static trnnsf_status take_panel(struct survey *survey, size_t l, size_t n_features)
{
    const struct trn_pass *pass = survey->pass;
    float *values = survey->values[l];

    for (size_t f = 0; f < n_features; f++) {
        const float *x = pass->panel[l] + f * pass->capacity;

        for (size_t s = 0; s < pass->n; s++) {
            if (!isfinite(x[s]))
                return trn_fail(survey->ctx, TRNNSF_E_NUMERIC,
                                "trnnsf_spiking_convert: neuron %zu of layer %zu is not finite", f,
                                l);
            if (l == 0)
                values[0] = fmaxf(values[0], fabsf(x[s]));
            else if (x[s] > 0)
                values[survey->count[l]++] = x[s];
        }
    }
    return TRNNSF_OK;
}

static double scale_of(struct survey *survey, size_t l, double percentile)
{
    const struct trnnsf_network *network = survey->network;
    const struct trn_converter *converter =
        l < network->n_layers ? &network->layers[l].input : NULL;
    double scale = l == 0 ? (double)survey->values[0][0] : 0;

    if (l > 0 && survey->count[l] > 0)
        scale = (double)trn_select_quantile(survey->values[l], survey->count[l], percentile / 100);
    if (converter && converter->range > 0)
        scale = (double)converter->range;
    return scale > 0 ? scale : 1;
}

trnnsf_status trn_spiking_activation_scales(trnnsf_context *ctx,
                                            const struct trnnsf_network *network, size_t n_samples,
                                            const float *inputs, double percentile, double *scales)
{
    trnnsf_status status = TRNNSF_OK;
    struct survey survey = {0};
    size_t n = network->n_layers, n_in = network->layers[0].n_in;

    TRN_TRY_OUT(survey_init(ctx, network, n_samples, &survey));
    for (size_t s = 0; s < n_samples; s += BATCH) {
        TRN_TRY_OUT(trn_progress(ctx, "activations", NULL, s, n_samples));
        trn_pass_load(survey.pass, n_samples - s < BATCH ? n_samples - s : BATCH, inputs + s * n_in,
                      NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(survey.pass, NULL));
        for (size_t l = 0; l <= n; l++)
            TRN_TRY_OUT(take_panel(&survey, l, l ? network->layers[l - 1].n_out : n_in));
    }
    for (size_t l = 0; l <= n; l++)
        scales[l] = scale_of(&survey, l, percentile);
out:
    survey_clear(&survey);
    return status;
}
