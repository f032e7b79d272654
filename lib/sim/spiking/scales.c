/* What the activations of a network reach. */
#include <math.h>

#include "base/context.h"
#include "base/sort.h"
#include "network/node_pass.h"
#include "sim/spiking/spiking.h"

enum { BATCH = 256, GRAPH_BATCH = 16 }; /* samples at once: chosen here */

/* Values kept of a firing node: chosen here. Of more, evenly spread ones stand for all. */
static const size_t values_most = (size_t)1 << 22;

struct survey {
    trnnsf_context *ctx;
    struct trnnsf_network *network; /* a copy whose last layer gives its sums */
    struct trn_pass *pass;
    size_t n_layers;
    const uint32_t *nodes; /* [n_layers + 1] of a graph */
    float **values; /* [n_layers + 1] positive activations so far; of the inputs, the largest |x| */
    size_t *count;
    size_t *stride; /* [n_layers + 1] of values that are kept, the largest apart */
    float *largest;
};

static size_t neurons_of(const struct survey *survey, size_t l)
{
    if (survey->nodes)
        return trn_shape_size(&survey->network->graph.nodes[survey->nodes[l]].shape);
    return l ? survey->network->layers[l - 1].n_out : survey->network->layers[0].n_in;
}

static const float *panel_of(const struct survey *survey, size_t l)
{
    return survey->nodes ? survey->pass->nodes->states[survey->nodes[l]].values
                         : survey->pass->panel[l];
}

static void survey_clear(struct survey *survey)
{
    for (size_t l = 0; survey->values && l <= survey->n_layers; l++)
        trn_free(survey->ctx, survey->values[l]);
    trn_free(survey->ctx, survey->values);
    trn_free(survey->ctx, survey->count);
    trn_free(survey->ctx, survey->stride);
    trn_free(survey->ctx, survey->largest);
    trn_pass_free(survey->pass);
    trn_network_free(survey->network);
}

/* Sums in the place of outputs. */
static void open_end(struct trnnsf_network *network)
{
    struct trn_layer *last = &network->layers[network->n_layers - 1];

    if (!trn_network_is_chain(network)) {
        network->graph.nodes[network->graph.n_nodes - 1].options.activation =
            TRNNSF_ACTIVATION_LINEAR;
        return;
    }
    last->activation = TRNNSF_ACTIVATION_LINEAR;
    last->output = (struct trn_converter){.range = 0};
}

static trnnsf_status make_values(struct survey *survey, size_t l, size_t n_samples)
{
    size_t room = 1, n = neurons_of(survey, l);

    if (l > 0 && !trn_size_multiply(n_samples, n, &room))
        return trn_fail(survey->ctx, TRNNSF_E_LIMIT,
                        "trnnsf_spiking_convert: %zu samples of %zu neurons", n_samples, n);
    survey->stride[l] = survey->nodes ? (room - 1) / values_most + 1 : 1;
    survey->values[l] = TRN_NEW_ARRAY(survey->ctx, float, room / survey->stride[l] + n_samples);
    return survey->values[l] ? TRNNSF_OK : TRN_NO_MEMORY;
}

static trnnsf_status survey_init(trnnsf_context *ctx, const struct trnnsf_network *network,
                                 size_t n_samples, struct survey *survey)
{
    size_t n = survey->n_layers, batch = survey->nodes ? GRAPH_BATCH : BATCH;

    survey->ctx = ctx;
    TRN_TRY(trn_network_copy(ctx, network, &survey->network));
    open_end(survey->network);
    survey->values = TRN_NEW_ARRAY(ctx, float *, n + 1);
    survey->count = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    survey->stride = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    survey->largest = TRN_NEW_ARRAY(ctx, float, n + 1);
    if (!survey->values || !survey->count || !survey->stride || !survey->largest)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l <= n; l++)
        TRN_TRY(make_values(survey, l, n_samples));
    return trn_pass_create(ctx, survey->network, n_samples < batch ? n_samples : batch, false,
                           &survey->pass);
}

/* Samples from `first` on. */
static trnnsf_status take_panel(struct survey *survey, size_t l, size_t first)
{
    const struct trn_pass *pass = survey->pass;
    float *values = survey->values[l];

    for (size_t f = 0; f < neurons_of(survey, l); f++) {
        const float *x = panel_of(survey, l) + f * pass->capacity;

        for (size_t s = 0; s < pass->n; s++) {
            if (!isfinite(x[s]))
                return trn_fail(survey->ctx, TRNNSF_E_NUMERIC,
                                "trnnsf_spiking_convert: neuron %zu of layer %zu is not finite", f,
                                l);
            survey->largest[l] = fmaxf(survey->largest[l], l == 0 ? fabsf(x[s]) : x[s]);
            if (l > 0 && x[s] > 0 && (f + first + s) % survey->stride[l] == 0)
                values[survey->count[l]++] = x[s];
        }
    }
    return TRNNSF_OK;
}

/* What feeds a layer goes through a converter. */
static double converter_range(const struct survey *survey, size_t l)
{
    const struct trnnsf_network *network = survey->network;

    return survey->nodes || l == network->n_layers ? 0 : (double)network->layers[l].input.range;
}

static double scale_of(struct survey *survey, size_t l, double percentile)
{
    double scale = (double)survey->largest[l], range = converter_range(survey, l);

    if (l > 0 && survey->count[l] > 0 && percentile < 100)
        scale = (double)trn_select_quantile(survey->values[l], survey->count[l], percentile / 100);
    if (range > 0)
        scale = range;
    return scale > 0 ? scale : 1;
}

trnnsf_status trn_spiking_activation_scales(trnnsf_context *ctx,
                                            const struct trnnsf_network *network,
                                            size_t n_layers, const uint32_t *nodes,
                                            size_t n_samples, const float *inputs,
                                            double percentile, double *scales)
{
    trnnsf_status status = TRNNSF_OK;
    struct survey survey = {.n_layers = n_layers, .nodes = nodes};
    size_t n_in = trn_network_inputs(network);

    TRN_TRY_OUT(survey_init(ctx, network, n_samples, &survey));
    for (size_t s = 0; s < n_samples; s += survey.pass->capacity) {
        size_t left = n_samples - s;

        TRN_TRY_OUT(trn_progress(ctx, "activations", NULL, s, n_samples));
        trn_pass_load(survey.pass, left < survey.pass->capacity ? left : survey.pass->capacity,
                      inputs + s * n_in, NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(survey.pass, NULL));
        for (size_t l = 0; l <= n_layers; l++)
            TRN_TRY_OUT(take_panel(&survey, l, s));
    }
    for (size_t l = 0; l <= n_layers; l++)
        scales[l] = scale_of(&survey, l, percentile);
out:
    survey_clear(&survey);
    return status;
}
