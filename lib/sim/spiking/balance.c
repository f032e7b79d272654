/* Thresholds from the currents that a layer meets while the layers before it spike. */
#include <math.h>

#include "base/context.h"
#include "base/sort.h"
#include "sim/spiking/run.h"

struct peaks {
    const struct trn_spiking_layer *layer;
    float *most; /* [n_samples x n_out] the largest current a step, over the threshold */
};

static void note_currents(void *user, size_t sample, size_t step, const int32_t *sums,
                          const float *drive)
{
    const struct peaks *peaks = user;
    const struct trn_spiking_layer *layer = peaks->layer;
    float *most = peaks->most + sample * layer->n_out;

    (void)step;
    for (size_t o = 0; o < layer->n_out; o++) {
        float current = sums ? (float)sums[o] * layer->unit : 0.0f;

        current += drive ? drive[o] : 0.0f;
        current += layer->biases ? layer->biases[o] : 0.0f;
        most[o] = fmaxf(most[o], current);
    }
}

/* The percentile of the positive peaks of one layer; 1 where there are none. */
trnnsf_status trn_spiking_peak(trnnsf_context *ctx, const struct trnnsf_spiking *spiking, size_t l,
                               size_t n_samples, const float *inputs, double *out_peak)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trnnsf_spike_run_options options = {.steps = spiking->options.steps};
    const struct trn_spiking_layer *layer = &spiking->layers[l];
    struct peaks peaks = {.layer = layer};
    const struct trn_spike_watch watch = {.currents = note_currents, .layer = l, .user = &peaks};
    struct trnnsf_spike_record *record = NULL;
    size_t room, count = 0;

    if (!trn_size_multiply(n_samples, layer->n_out, &room))
        return trn_fail(ctx, TRNNSF_E_LIMIT, "trnnsf_spiking_convert: %zu samples of %zu neurons",
                        n_samples, layer->n_out);
    peaks.most = TRN_NEW_ARRAY(ctx, float, room);
    TRN_NEED_OUT(peaks.most);
    TRN_TRY_OUT(trn_spiking_run(ctx, spiking, n_samples, inputs, NULL, &options, &watch, &record));
    for (size_t k = 0; k < room; k++) {
        if (peaks.most[k] > 0)
            peaks.most[count++] = peaks.most[k];
    }
    *out_peak = count > 0 ? (double)trn_select_quantile(peaks.most, count,
                                                        spiking->options.percentile / 100)
                          : 1;
out:
    trn_spike_record_free(record);
    trn_free(ctx, peaks.most);
    return status;
}

trnnsf_status trn_spiking_balance(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs,
                                  struct trnnsf_spiking *spiking)
{
    for (size_t l = 0; l < spiking->n_layers; l++) {
        double peak = 1, *next = l + 1 < spiking->n_layers ? &spiking->layers[l + 1].scale
                                                           : &spiking->output_scale;

        TRN_TRY(trn_spiking_peak(ctx, spiking, l, n_samples, inputs, &peak));
        *next *= peak;
        TRN_TRY(trn_spiking_set_layer(ctx, &network->layers[l], spiking->layers[l].scale, *next,
                                      &spiking->layers[l]));
    }
    return TRNNSF_OK;
}
