#include "sim/spiking/graph_convert.h"

#include "base/context.h"
#include "sim/spiking/links.h"

static void set_scales(const double *scales, struct trnnsf_spiking *spiking)
{
    for (size_t l = 0; l < spiking->n_layers; l++)
        spiking->layers[l].scale = scales[l];
    spiking->output_scale = scales[spiking->n_layers];
}

/* Layer by layer: its threshold by the currents met while those before it, whose scales are set,
 * spike. */
static trnnsf_status balance(trnnsf_context *ctx, const struct trn_linear *linear, size_t n_samples,
                             const float *inputs, double *scales, struct trnnsf_spiking *spiking)
{
    for (size_t l = 0; l < spiking->n_layers; l++) {
        double peak = 1;

        TRN_TRY(trn_spike_links_make(ctx, linear, l, scales, &spiking->layers[l]));
        TRN_TRY(trn_spiking_peak(ctx, spiking, l, n_samples, inputs, &peak));
        scales[l + 1] *= peak;
        TRN_TRY(trn_spike_links_make(ctx, linear, l, scales, &spiking->layers[l]));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_spiking_convert_graph(trnnsf_context *ctx, const struct trnnsf_network *network,
                                        size_t n_samples, const float *inputs,
                                        const struct trnnsf_spiking_options *options,
                                        struct trnnsf_spiking **out_spiking)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_linear linear = {0};
    struct trnnsf_spiking *spiking = NULL;
    double *scales = NULL;

    TRN_TRY_OUT(trn_linear_create(ctx, network, &linear));
    scales = TRN_NEW_ARRAY(ctx, double, linear.n_neurons);
    TRN_NEED_OUT(scales);
    TRN_TRY_OUT(trn_spiking_new(ctx, linear.n_neurons - 1, &spiking));
    spiking->options = *options;
    TRN_TRY_OUT(trn_graph_copy(ctx, &network->graph, &spiking->graph));
    TRN_TRY_OUT(trn_spiking_activation_scales(ctx, network, spiking->n_layers, linear.neurons,
                                              n_samples, inputs, options->percentile, scales));
    for (size_t l = 0; l < spiking->n_layers; l++)
        TRN_TRY_OUT(trn_spike_links_make(ctx, &linear, l, scales, &spiking->layers[l]));
    if (options->balance == TRNNSF_BALANCE_CURRENTS)
        TRN_TRY_OUT(balance(ctx, &linear, n_samples, inputs, scales, spiking));
    set_scales(scales, spiking);
    *out_spiking = spiking;
    spiking = NULL;
out:
    trn_spiking_free(spiking);
    trn_free(ctx, scales);
    trn_linear_clear(ctx, &linear);
    return status;
}
