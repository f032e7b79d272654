#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "sim/analog/analog.h"
#include "sim/analog/api.h"
#include "sim/analog/faults.h"
#include "sim/analog/lines.h"
#include "sim/analog/remap.h"

enum { PASSES_MAX = 100000 };
static const double SECONDS_MAX = 1e12;

void trnnsf_analog_options_init(struct trnnsf_analog_options *options)
{
    static const struct trnnsf_analog_options defaults = TRNNSF_ANALOG_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trn_analog_check_pointer(trnnsf_context *ctx, const char *function, const char *name,
                                       const void *pointer)
{
    return pointer ? TRNNSF_OK : trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s is NULL", function, name);
}

static trnnsf_status check_percentile(trnnsf_context *ctx, const char *function, const char *name,
                                      double value)
{
    if (value > 0 && value <= 100)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in (0, 100]", function, name, value);
}

trnnsf_status trn_analog_read_options(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_analog_options *given,
                                      struct trnnsf_analog_options *options)
{
    *options = (struct trnnsf_analog_options)TRNNSF_ANALOG_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, given, options, sizeof *options));
    TRN_TRY(trn_option_count(ctx, function, "effects", options->effects, 0, TRNNSF_ANALOG_ALL));
    TRN_TRY(trn_option_number(ctx, function, "time_second", options->time_second, 0, SECONDS_MAX));
    TRN_TRY(trn_option_count(ctx, function, "compensation", options->compensation, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "uniform", options->uniform, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "subtraction", options->subtraction, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "wires_passes", options->wires_passes, 0, PASSES_MAX));
    TRN_TRY(trn_option_count(ctx, function, "network_ranges", options->network_ranges, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "reserved", options->reserved, 0, 0));
    TRN_TRY(check_percentile(ctx, function, "input_percentile", options->input_percentile));
    TRN_TRY(check_percentile(ctx, function, "sum_percentile", options->sum_percentile));
    TRN_TRY(trn_option_count(ctx, function, "remap", options->remap, 0, TRNNSF_REMAP_ALL));
    return trn_option_count(ctx, function, "remap_starts", options->remap_starts, 1,
                            TRN_REMAP_STARTS_MAX);
}

trnnsf_status trn_analog_check_samples(trnnsf_context *ctx, const char *function, const char *name,
                                       size_t n_samples, size_t n_in, const float *inputs)
{
    size_t count;

    if (!trn_size_multiply(n_samples, n_in, &count) ||
        !trn_size_multiply(count, sizeof *inputs, &count))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %zu samples of %zu inputs are too many",
                        function, n_samples, n_in);
    count = n_samples * n_in;
    size_t bad = count > 0 ? trn_first_not_finite(inputs, count) : 0;
    if (bad < count)
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "%s: %s[%zu, %zu] is not finite", function, name,
                        bad / n_in, bad % n_in);
    return TRNNSF_OK;
}

trnnsf_status trn_analog_make_plan(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_network *network,
                                   const struct trnnsf_mapping *mapping,
                                   const struct trnnsf_tech *tech,
                                   const struct trnnsf_analog_options *options,
                                   size_t n_calibration, const float *calibration_inputs,
                                   struct trn_analog_plan **out_plan)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_analog_plan *plan = TRN_NEW(ctx, struct trn_analog_plan);

    if (!plan)
        return TRN_NO_MEMORY;
    TRN_TRY_OUT(trn_analog_plan_init(ctx, function, network, mapping, tech, options, plan));
    if (trn_analog_needs_ranges(plan)) {
        if (n_calibration == 0) {
            status = trn_fail(ctx, TRNNSF_E_INVALID,
                              "%s: n_calibration 0: converters and non-linear cells need "
                              "calibration inputs",
                              function);
            goto out;
        }
        TRN_TRY_OUT(
            trn_analog_calibrate(ctx, function, plan, network, n_calibration, calibration_inputs));
    }
    if (options->remap != TRNNSF_REMAP_NONE && n_calibration > 0)
        TRN_TRY_OUT(trn_analog_set_moments(ctx, plan, network, n_calibration, calibration_inputs));
out:
    if (status == TRNNSF_OK)
        *out_plan = plan;
    else
        trn_analog_plan_drop(ctx, plan);
    return status;
}

void trn_analog_plan_drop(trnnsf_context *ctx, struct trn_analog_plan *plan)
{
    if (!plan)
        return;
    plan->ctx = ctx;
    trn_analog_plan_clear(plan);
    trn_free(ctx, plan);
}

trnnsf_status trn_analog_check_design(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_network *network,
                                      const struct trnnsf_mapping *mapping,
                                      const struct trnnsf_tech *tech, size_t n_calibration,
                                      const float *calibration_inputs)
{
    TRN_TRY(trn_analog_check_pointer(ctx, function, "network", network));
    TRN_TRY(trn_analog_check_pointer(ctx, function, "mapping", mapping));
    TRN_TRY(trn_analog_check_pointer(ctx, function, "tech", tech));
    if (n_calibration > 0)
        TRN_TRY(trn_analog_check_pointer(ctx, function, "calibration_inputs", calibration_inputs));
    return trn_analog_check_samples(ctx, function, "calibration_inputs", n_calibration,
                                    trn_network_inputs(network), calibration_inputs);
}

trnnsf_status trn_analog_create(trnnsf_context *ctx, const char *function,
                                const struct trn_analog_design *design,
                                const struct trnnsf_fault_map *faults,
                                const struct trnnsf_remap *remap, struct trnnsf_analog **out_analog)
{
    struct trnnsf_analog_options given;
    struct trn_analog_plan *plan = NULL;
    trnnsf_status status;

    TRN_TRY(trn_analog_check_pointer(ctx, function, "out_analog", out_analog));
    TRN_TRY(trn_analog_check_design(ctx, function, design->network, design->mapping, design->tech,
                                    design->n_calibration, design->calibration_inputs));
    TRN_TRY(trn_analog_read_options(ctx, function, design->options, &given));
    TRN_TRY(trn_analog_make_plan(ctx, function, design->network, design->mapping, design->tech,
                                 &given, design->n_calibration, design->calibration_inputs, &plan));
    if (faults)
        TRN_TRY_OUT(trn_fault_map_fits(ctx, function, plan, faults));
    if (remap)
        TRN_TRY_OUT(trn_remap_fits(ctx, function, plan, remap));
    TRN_TRY_OUT(
        trn_analog_make_chip(ctx, function, plan, given.chip, faults, remap, plan, out_analog));
    plan = NULL; /* the chip's */
out:
    trn_analog_plan_drop(ctx, plan);
    return status;
}

trnnsf_status trnnsf_analog_create(trnnsf_context *context, const trnnsf_network *network,
                                   const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                                   const struct trnnsf_analog_options *options,
                                   size_t n_calibration, const float *calibration_inputs,
                                   trnnsf_analog **out_analog)
{
    const struct trn_analog_design design = {network, mapping,       tech,
                                             options, n_calibration, calibration_inputs};

    if (!context)
        return TRNNSF_E_INVALID;
    return trn_analog_create(context, "trnnsf_analog_create", &design, NULL, NULL, out_analog);
}

void trnnsf_analog_free(trnnsf_analog *analog)
{
    trn_analog_free(analog);
}

static trnnsf_status check_read(trnnsf_context *ctx, const char *function,
                                const struct trnnsf_analog *analog, size_t n_samples,
                                const float *inputs)
{
    TRN_TRY(trn_analog_check_pointer(ctx, function, "analog", analog));
    TRN_TRY(trn_analog_check_pointer(ctx, function, "inputs", inputs));
    if (n_samples == 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: n_samples is 0", function);
    return trn_analog_check_samples(ctx, function, "inputs", n_samples,
                                    analog->plan->n_features, inputs);
}

trnnsf_status trnnsf_analog_forward(trnnsf_context *context, const trnnsf_analog *analog,
                                    size_t n_samples, const float *inputs, uint64_t read,
                                    float *out_outputs)
{
    static const char function[] = "trnnsf_analog_forward";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_read(context, function, analog, n_samples, inputs));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_outputs", out_outputs));
    return trn_analog_forward(context, analog, 0, n_samples, inputs, read, out_outputs, NULL, NULL);
}

trnnsf_status trnnsf_analog_evaluate(trnnsf_context *context, const trnnsf_analog *analog,
                                     const trnnsf_dataset *dataset, uint32_t part, uint32_t loss,
                                     uint64_t read, struct trnnsf_evaluation *out_result)
{
    static const char function[] = "trnnsf_analog_evaluate";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "analog", analog));
    TRN_TRY(trn_analog_check_pointer(context, function, "dataset", dataset));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_result", out_result));
    TRN_TRY(trn_analog_check_part(context, function, analog->plan, dataset, part, loss));
    return trn_analog_evaluate(context, analog, dataset->part[part].n_samples,
                               dataset->part[part].values, dataset->part[part].labels, loss, read,
                               out_result);
}

static void write_saturation(size_t n_layers, const struct trn_analog_counts *counts, double *dac,
                             double *adc)
{
    for (size_t l = 0; l < n_layers; l++) {
        if (dac)
            dac[l] = counts[l].dac > 0 ? (double)counts[l].dac_beyond / (double)counts[l].dac : 0;
        if (adc)
            adc[l] = counts[l].adc > 0 ? (double)counts[l].adc_beyond / (double)counts[l].adc : 0;
    }
}

trnnsf_status trnnsf_analog_measure(trnnsf_context *context, const trnnsf_analog *analog,
                                    const trnnsf_network *network, size_t n_samples,
                                    const float *inputs, uint64_t read, double *out_errors,
                                    double *out_dac_saturation, double *out_adc_saturation)
{
    static const char function[] = "trnnsf_analog_measure";
    struct trn_analog_counts *counts = NULL;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_read(context, function, analog, n_samples, inputs));
    TRN_TRY(trn_analog_check_pointer(context, function, "network", network));
    TRN_TRY(trn_analog_check_network(context, function, analog->plan, network));
    counts = TRN_NEW_ARRAY(context, struct trn_analog_counts, analog->plan->n_layers);
    if (!counts)
        return TRN_NO_MEMORY;
    status =
        trn_analog_measure(context, analog, network, n_samples, inputs, read, out_errors, counts);
    if (status == TRNNSF_OK)
        write_saturation(analog->plan->n_layers, counts, out_dac_saturation, out_adc_saturation);
    trn_free(context, counts);
    return status;
}
