#include "sim/spiking/spiking.h"

#include <math.h>

#include "base/context.h"
#include "network/fold.h"
#include "sim/spiking/dynamics.h"
#include "sim/spiking/graph_convert.h"
#include "sim/spiking/links.h"
#include "sim/spiking/reads.h"

void trn_spiking_free(struct trnnsf_spiking *spiking)
{
    if (!spiking)
        return;

    trnnsf_context *ctx = spiking->ctx;
    for (size_t l = 0; spiking->layers && l < spiking->n_layers; l++) {
        trn_free(ctx, spiking->layers[l].biases);
        trn_dynamics_free(ctx, spiking->layers[l].dynamics);
        trn_synapses_clear(ctx, &spiking->layers[l].synapses);
        trn_spike_reads_free(ctx, spiking->layers[l].reads);
        trn_spike_links_free(ctx, &spiking->layers[l]);
    }
    trn_free(ctx, spiking->layers);
    trn_graph_clear(ctx, &spiking->graph);
    trn_free(ctx, spiking);
    trn_context_release(ctx);
}

trnnsf_status trn_spiking_new(trnnsf_context *ctx, size_t n_layers,
                              struct trnnsf_spiking **out_spiking)
{
    struct trnnsf_spiking *spiking = TRN_NEW(ctx, struct trnnsf_spiking);

    if (!spiking)
        return TRN_NO_MEMORY;
    spiking->ctx = trn_context_retain(ctx);
    spiking->n_layers = n_layers;
    spiking->layers = TRN_NEW_ARRAY(ctx, struct trn_spiking_layer, n_layers);
    if (!spiking->layers) {
        trn_spiking_free(spiking);
        return TRN_NO_MEMORY;
    }
    *out_spiking = spiking;
    return TRNNSF_OK;
}

void trn_spiking_set_unit(double most, struct trn_spiking_layer *layer)
{
    int exponent = 0;

    /* Rounding may add half a unit a weight: a bit is left for it. */
    frexp(most, &exponent);
    exponent = most > 0 ? TRN_SPIKE_SUM_BITS - 1 - exponent : 0;
    exponent = exponent > 100 ? 100 : exponent < -100 ? -100 : exponent;
    layer->factor = ldexp(1.0, exponent);
    layer->unit = (float)ldexp(1.0, -exponent);
}

/* Unit and factor from the weights [n_out x n_in]. */
static void set_unit(struct trn_spiking_layer *layer, const float *weights, double scale,
                     double next)
{
    double most = 0;

    for (size_t o = 0; o < layer->n_out; o++) {
        double sum = 0;

        for (size_t i = 0; i < layer->n_in; i++)
            sum += fabs((double)weights[o * layer->n_in + i]);
        most = fmax(most, sum);
    }
    trn_spiking_set_unit(most * scale / next, layer);
    layer->scale = scale;
    layer->factor *= scale / next;
}

trnnsf_status trn_spiking_set_layer(trnnsf_context *ctx, const struct trn_layer *from, double scale,
                                    double next, struct trn_spiking_layer *layer)
{
    layer->n_in = from->n_in;
    layer->n_out = from->n_out;
    set_unit(layer, from->weights, scale, next);
    if (from->biases && !layer->biases)
        layer->biases = TRN_NEW_ARRAY(ctx, float, from->n_out);
    if (from->biases && !layer->biases)
        return TRN_NO_MEMORY;
    for (size_t o = 0; from->biases && o < from->n_out; o++)
        layer->biases[o] = (float)((double)from->biases[o] / next);
    trn_synapses_clear(ctx, &layer->synapses);

    const struct trn_synapse_factor factor = {layer->factor, NULL, NULL};

    return trn_synapses_of_layer(ctx, from, &factor, &layer->synapses);
}

static trnnsf_status check_activations(trnnsf_context *ctx, const struct trnnsf_network *network)
{
    for (size_t l = 0; l + 1 < network->n_layers; l++) {
        if (network->layers[l].activation != TRNNSF_ACTIVATION_RELU)
            return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                            "trnnsf_spiking_convert: layer %zu has activation %u; only max(z, 0) "
                            "is a firing rate",
                            l, network->layers[l].activation);
    }
    return TRNNSF_OK;
}

static trnnsf_status convert_chain(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, const float *inputs,
                                   const struct trnnsf_spiking_options *options,
                                   struct trnnsf_spiking **out_spiking)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = network->n_layers;
    struct trnnsf_spiking *spiking = NULL;
    double *scales = TRN_NEW_ARRAY(ctx, double, n + 1);

    TRN_NEED_OUT(scales);
    TRN_TRY_OUT(check_activations(ctx, network));
    TRN_TRY_OUT(trn_spiking_new(ctx, n, &spiking));
    spiking->options = *options;
    TRN_TRY_OUT(trn_spiking_activation_scales(ctx, network, n, NULL, n_samples, inputs,
                                              options->percentile, scales));
    for (size_t l = 0; l < n; l++)
        TRN_TRY_OUT(trn_spiking_set_layer(ctx, &network->layers[l], scales[l], scales[l + 1],
                                          &spiking->layers[l]));
    spiking->output_scale = scales[n];
    if (options->balance == TRNNSF_BALANCE_CURRENTS)
        TRN_TRY_OUT(trn_spiking_balance(ctx, network, n_samples, inputs, spiking));
out:
    trn_free(ctx, scales);
    if (status == TRNNSF_OK)
        *out_spiking = spiking;
    else
        trn_spiking_free(spiking);
    return status;
}

trnnsf_status trn_spiking_convert(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs,
                                  const struct trnnsf_spiking_options *options,
                                  struct trnnsf_spiking **out_spiking)
{
    struct trnnsf_network *folded = NULL;
    trnnsf_status status;

    if (trn_network_is_chain(network))
        return convert_chain(ctx, network, n_samples, inputs, options, out_spiking);
    TRN_TRY(trn_network_fold(ctx, network, &folded));
    if (trn_network_is_chain(folded))
        status = convert_chain(ctx, folded, n_samples, inputs, options, out_spiking);
    else
        status = trn_spiking_convert_graph(ctx, folded, n_samples, inputs, options, out_spiking);
    trn_network_free(folded);
    return status;
}

trnnsf_status trn_spiking_copy_neurons(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                       struct trnnsf_spiking **out_copy)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_spiking *copy = NULL;

    TRN_TRY(trn_spiking_new(ctx, spiking->n_layers, &copy));
    copy->options = spiking->options;
    copy->output_scale = spiking->output_scale;
    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_spiking_layer *from = &spiking->layers[l];
        struct trn_spiking_layer *to = &copy->layers[l];

        *to = *from;
        to->biases = NULL;
        to->synapses = (struct trn_synapses){0};
        to->reads = NULL;
        to->n_links = 0;
        to->links = NULL;
        if (from->biases) {
            to->biases = trn_copy(ctx, from->biases, from->n_out, sizeof *from->biases);
            TRN_NEED_OUT(to->biases);
        }
    }
out:
    if (status == TRNNSF_OK)
        *out_copy = copy;
    else
        trn_spiking_free(copy);
    return status;
}

trnnsf_status trn_spiking_map(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                              const struct trnnsf_mapping *mapping,
                              const struct trnnsf_analog *analog,
                              struct trnnsf_spiking **out_mapped)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_spiking *mapped = NULL;

    TRN_TRY(trn_spiking_copy_neurons(ctx, spiking, &mapped));
    mapped->mapping = mapping ? trn_mapping_fingerprint(mapping) : 0;
    TRN_TRY_OUT(trn_graph_copy(ctx, &spiking->graph, &mapped->graph));
    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_synapse_source source = {mapping, analog, l};

        if (trn_spiking_is_graph(spiking)) {
            TRN_TRY_OUT(trn_spike_links_map(ctx, &spiking->layers[l], mapping, &mapped->layers[l]));
            continue;
        }
        TRN_TRY_OUT(trn_synapses_of_crossbars(ctx, &source, &mapped->layers[l]));
    }
out:
    if (status == TRNNSF_OK)
        *out_mapped = mapped;
    else
        trn_spiking_free(mapped);
    return status;
}
