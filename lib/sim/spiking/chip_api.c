#include "base/context.h"
#include "sim/spiking/run.h"

static trnnsf_status check_chip(trnnsf_context *ctx, const char *function,
                                const struct trnnsf_spiking *spiking,
                                const struct trnnsf_analog *analog)
{
    if (!spiking || !analog)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking ? "spiking" : "analog");
    TRN_TRY(trn_spiking_check_converted(ctx, function, spiking));
    const struct trn_analog_plan *plan = analog->plan;
    if (plan->graph)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "%s: the chip is of a network that is a graph",
                        function);
    if (plan->n_layers != spiking->n_layers)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the chip has %zu layers, not %zu", function,
                        plan->n_layers, spiking->n_layers);
    for (size_t l = 0; l < spiking->n_layers; l++) {
        if (plan->layers[l].n_in != spiking->layers[l].n_in ||
            plan->layers[l].n_out != spiking->layers[l].n_out)
            return trn_fail(ctx, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the chip is %zu x %zu, not %zu x %zu", function, l,
                            plan->layers[l].n_in, plan->layers[l].n_out, spiking->layers[l].n_in,
                            spiking->layers[l].n_out);
    }
    if (plan->by_vector)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "%s: wires that are solved for each input (NONLINEAR, wires_passes)",
                        function);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spiking_write(trnnsf_context *context, const trnnsf_spiking *spiking,
                                   const trnnsf_analog *analog, trnnsf_spiking **out_written)
{
    static const char function[] = "trnnsf_spiking_write";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!out_written)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_written is NULL", function);
    TRN_TRY(check_chip(context, function, spiking, analog));
    return trn_spiking_map(context, spiking, NULL, analog, out_written);
}

trnnsf_status trnnsf_spiking_on_chip(trnnsf_context *context, const trnnsf_spiking *spiking,
                                     const trnnsf_analog *analog, size_t n_calibration,
                                     const float *calibration_inputs,
                                     const struct trnnsf_spike_run_options *options,
                                     trnnsf_spiking **out_chip)
{
    static const char function[] = "trnnsf_spiking_on_chip";
    struct trnnsf_spike_run_options o;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!out_chip)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_chip is NULL", function);
    TRN_TRY(check_chip(context, function, spiking, analog));
    TRN_TRY(trn_spike_run_options_read(context, function, options, &o));
    if (n_calibration > 0 && !calibration_inputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: calibration_inputs is NULL", function);
    if (n_calibration > 0)
        TRN_TRY(
            trn_spike_check_inputs(context, function, spiking, n_calibration, calibration_inputs));
    if (n_calibration == 0 && trn_analog_has(analog->plan, TRNNSF_ANALOG_ADC))
        return trn_fail(context, TRNNSF_E_INVALID,
                        "%s: n_calibration 0: converters need calibration inputs", function);
    return trn_spiking_on_chip(context, function, spiking, analog, n_calibration,
                               calibration_inputs, &o, out_chip);
}
