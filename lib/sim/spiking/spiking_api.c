#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "sim/spiking/spiking.h"

enum { CALIBRATION_MAX = 1 << 24, STEPS_MAX = 65536 };

void trnnsf_spiking_options_init(struct trnnsf_spiking_options *options)
{
    static const struct trnnsf_spiking_options defaults = TRNNSF_SPIKING_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_spiking_options *given,
                                  struct trnnsf_spiking_options *options)
{
    *options = (struct trnnsf_spiking_options)TRNNSF_SPIKING_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, given, options, sizeof *options));
    TRN_TRY(trn_option_count(ctx, function, "reset", options->reset, 0, TRNNSF_RESET_ZERO));
    TRN_TRY(
        trn_option_count(ctx, function, "balance", options->balance, 0, TRNNSF_BALANCE_CURRENTS));
    TRN_TRY(
        trn_option_count(ctx, function, "calibration", options->calibration, 1, CALIBRATION_MAX));
    TRN_TRY(trn_option_count(ctx, function, "steps", options->steps, 1, STEPS_MAX));
    if (!(options->percentile > 0 && options->percentile <= 100))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: percentile %g is not in (0, 100]", function,
                        options->percentile);
    if (!(options->leak >= 0 && options->leak < 1))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: leak %g is not in [0, 1)", function,
                        options->leak);
    if (!(options->initial >= 0 && options->initial < 1))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: initial %g is not in [0, 1)", function,
                        options->initial);
    return TRNNSF_OK;
}

static trnnsf_status check_network(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_network *network,
                                   const struct trnnsf_dataset *dataset)
{
    size_t features = trn_dataset_features(dataset), n_in = trn_network_inputs(network);

    if (features != n_in)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", function,
                        features, n_in);
    if (dataset->part[TRNNSF_PART_TRAIN].n_samples == 0)
        return trn_fail(ctx, TRNNSF_E_STATE, "%s: the dataset has no training samples", function);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spiking_convert(trnnsf_context *context, const trnnsf_network *network,
                                     const trnnsf_dataset *dataset,
                                     const struct trnnsf_spiking_options *options,
                                     trnnsf_spiking **out_spiking)
{
    static const char function[] = "trnnsf_spiking_convert";
    struct trnnsf_spiking_options o;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !dataset || !out_spiking)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !network   ? "network"
                        : !dataset ? "dataset"
                                   : "out_spiking");
    TRN_TRY(read_options(context, function, options, &o));
    TRN_TRY(check_network(context, function, network, dataset));

    const struct trn_part *part = &dataset->part[TRNNSF_PART_TRAIN];
    size_t n = part->n_samples < o.calibration ? part->n_samples : o.calibration;
    return trn_spiking_convert(context, network, n, part->values, &o, out_spiking);
}

trnnsf_status trn_spiking_check_converted(trnnsf_context *ctx, const char *function,
                                          const struct trnnsf_spiking *spiking)
{
    if (trn_spiking_is_graph(spiking))
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "%s: spiking was converted from a graph of nodes; only that of a chain of "
                        "fully connected layers can be used here",
                        function);
    for (size_t l = 0; l < spiking->n_layers; l++) {
        if (spiking->layers[l].dynamics)
            return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                            "%s: spiking was made from a NIR graph, not converted from a network",
                            function);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_spiking_check_synapses(trnnsf_context *ctx, const char *function,
                                         const struct trnnsf_spiking *spiking)
{
    for (size_t l = 0; l < spiking->n_layers; l++) {
        if (spiking->layers[l].reads)
            return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                            "%s: spiking is of a chip that is read at each step and has no synapses",
                            function);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spiking_map(trnnsf_context *context, const trnnsf_spiking *spiking,
                                 const trnnsf_mapping *mapping, trnnsf_spiking **out_mapped)
{
    static const char function[] = "trnnsf_spiking_map";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !mapping || !out_mapped)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking   ? "spiking"
                        : !mapping ? "mapping"
                                   : "out_mapped");
    if (trn_spiking_is_graph(spiking))
        return trn_spiking_map(context, spiking, mapping, NULL, out_mapped);
    TRN_TRY(trn_spiking_check_converted(context, function, spiking));
    if (mapping->n_layers != spiking->n_layers)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the mapping has %zu layers, not %zu",
                        function, mapping->n_layers, spiking->n_layers);
    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_map_layer *layer = &mapping->layers[l];

        if (layer->n_in != spiking->layers[l].n_in || layer->n_out != spiking->layers[l].n_out)
            return trn_fail(context, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the mapping is %llu x %llu, not %zu x %zu", function,
                            l, (unsigned long long)layer->n_in, (unsigned long long)layer->n_out,
                            spiking->layers[l].n_in, spiking->layers[l].n_out);
    }
    return trn_spiking_map(context, spiking, mapping, NULL, out_mapped);
}

void trnnsf_spiking_free(trnnsf_spiking *spiking)
{
    trn_spiking_free(spiking);
}

size_t trnnsf_spiking_layers(const trnnsf_spiking *spiking)
{
    return spiking ? spiking->n_layers : 0;
}

double trnnsf_spiking_scale(const trnnsf_spiking *spiking, size_t layer)
{
    if (!spiking || layer > spiking->n_layers)
        return (double)NAN;
    return layer < spiking->n_layers ? spiking->layers[layer].scale : spiking->output_scale;
}
