#include <float.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "network/device.h"

static const char quantise[] = "trnnsf_network_quantise";

void trnnsf_quantise_options_init(struct trnnsf_quantise_options *options)
{
    if (options)
        *options = (struct trnnsf_quantise_options)TRNNSF_QUANTISE_OPTIONS_INIT;
}

static trnnsf_status check_options(trnnsf_context *ctx, const struct trnnsf_quantise_options *o)
{
    TRN_TRY(trn_option_count(ctx, quantise, "weight_levels", o->weight_levels,
                             o->weight_levels ? 2 : 0, TRN_LEVELS_MAX));
    TRN_TRY(trn_option_count(ctx, quantise, "unipolar", o->unipolar, 0, TRNNSF_UNIPOLAR_POSITIVE));
    TRN_TRY(
        trn_option_count(ctx, quantise, "activation_bits", o->activation_bits, 0, TRN_BITS_MAX));
    TRN_TRY(trn_option_count(ctx, quantise, "uniform", o->uniform, 0, 1));
    TRN_TRY(trn_option_count(ctx, quantise, "exact_outputs", o->exact_outputs, 0, 1));
    TRN_TRY(trn_option_count(ctx, quantise, "reserved", o->reserved, 0, 0));
    TRN_TRY(trn_option_number(ctx, quantise, "weight_range", o->weight_range, 0, 1e6));
    TRN_TRY(trn_option_number(ctx, quantise, "activation_range", o->activation_range, 0, 1e6));
    return trn_option_number(ctx, quantise, "activation_quantile", o->activation_quantile, DBL_MIN,
                             1);
}

static trnnsf_status check_samples(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   const struct trnnsf_dataset *dataset)
{
    size_t n_in = trn_network_inputs(network);

    if (!dataset)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: dataset is NULL, but activations are converted",
                        quantise);
    if (trn_dataset_features(dataset) != n_in)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", quantise,
                        trn_dataset_features(dataset), n_in);
    if (dataset->part[TRNNSF_PART_TRAIN].n_samples == 0)
        return trn_fail(ctx, TRNNSF_E_STATE, "%s: the training part has no samples", quantise);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_quantise(trnnsf_context *context, trnnsf_network *network,
                                      const trnnsf_dataset *dataset,
                                      const struct trnnsf_quantise_options *options)
{
    struct trnnsf_quantise_options o = TRNNSF_QUANTISE_OPTIONS_INIT;
    const struct trn_part *part = dataset ? &dataset->part[TRNNSF_PART_TRAIN] : NULL;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", quantise);
    TRN_TRY(trn_options_read(context, quantise, options, &o, sizeof o));
    TRN_TRY(check_options(context, &o));

    struct trn_device device = {.levels = o.weight_levels,
                                .unipolar = o.unipolar,
                                .bits = o.activation_bits,
                                .uniform = o.uniform,
                                .exact_outputs = o.exact_outputs,
                                .weight_range = o.weight_range,
                                .activation_range = o.activation_range,
                                .quantile = o.activation_quantile,
                                .tile_inputs = o.tile_inputs,
                                .tile_outputs = o.tile_outputs};
    if (trn_device_is_ideal(&device))
        return TRNNSF_OK;
    if (trn_device_converts(&device))
        TRN_TRY(check_samples(context, network, dataset));
    return trn_network_quantise(context, network, &device, part ? part->n_samples : 0,
                                part ? part->values : NULL);
}

trnnsf_status trnnsf_network_device(trnnsf_context *context, const trnnsf_network *network,
                                    size_t layer, struct trnnsf_layer_device *out_device)
{
    static const char function[] = "trnnsf_network_device";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !out_device)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        network ? "out_device" : "network");
    if (layer >= network->n_layers)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: layer %zu is not in [0, %zu)", function,
                        layer, network->n_layers);

    const struct trn_layer *from = &network->layers[layer];
    struct trnnsf_layer_device result = {.struct_size = sizeof result,
                                         .weight_levels = from->grid.levels,
                                         .unipolar = from->grid.unipolar,
                                         .input_bits = from->input.bits,
                                         .input_signed = from->input.is_signed,
                                         .output_bits = from->output.bits,
                                         .output_signed = from->output.is_signed,
                                         .weight_range = (double)from->grid.range,
                                         .input_range = (double)from->input.range,
                                         .output_range = (double)from->output.range};
    TRN_TRY(trn_result_check(context, function, out_device, sizeof result));
    trn_result_write(out_device, &result);
    return TRNNSF_OK;
}
