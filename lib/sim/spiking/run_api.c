#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "network/fold.h"
#include "sim/spiking/run.h"

enum { STEPS_MAX = 1048576 };
static const size_t samples_max = (size_t)1 << 31;

void trnnsf_spike_run_options_init(struct trnnsf_spike_run_options *options)
{
    static const struct trnnsf_spike_run_options defaults = TRNNSF_SPIKE_RUN_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trn_spike_run_options_read(trnnsf_context *ctx, const char *function,
                                         const struct trnnsf_spike_run_options *given,
                                         struct trnnsf_spike_run_options *options)
{
    *options = (struct trnnsf_spike_run_options)TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, given, options, sizeof *options));
    TRN_TRY(trn_option_count(ctx, function, "steps", options->steps, 1, STEPS_MAX));
    TRN_TRY(
        trn_option_count(ctx, function, "coding", options->coding, 0, TRNNSF_CODING_FIRST_SPIKE));
    TRN_TRY(trn_option_count(ctx, function, "traffic", options->traffic, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "readout", options->readout, 0, TRNNSF_READOUT_SPIKES));
    return trn_option_count(ctx, function, "patience", options->patience, 0, STEPS_MAX);
}

trnnsf_status trn_spike_check_inputs(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_spiking *spiking, size_t n_samples,
                                     const float *inputs)
{
    size_t n_in = spiking->layers[0].n_in, count;

    if (n_samples == 0 || n_samples > samples_max ||
        !trn_size_multiply(n_samples, n_in * sizeof *inputs, &count))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: n_samples %zu is not in [1, 2^31]", function,
                        n_samples);
    count = trn_first_not_finite(inputs, n_samples * n_in);
    if (count < n_samples * n_in)
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "%s: inputs[%zu, %zu] is not finite", function,
                        count / n_in, count % n_in);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spiking_run(trnnsf_context *context, const trnnsf_spiking *spiking,
                                 size_t n_samples, const float *inputs, const uint32_t *labels,
                                 const struct trnnsf_spike_run_options *options,
                                 trnnsf_spike_record **out_record)
{
    static const char function[] = "trnnsf_spiking_run";
    struct trnnsf_spike_run_options o;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !inputs || !labels || !out_record)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking  ? "spiking"
                        : !inputs ? "inputs"
                        : !labels ? "labels"
                                  : "out_record");
    TRN_TRY(trn_spike_run_options_read(context, function, options, &o));
    TRN_TRY(trn_spike_check_inputs(context, function, spiking, n_samples, inputs));
    size_t n_classes = trn_spiking_neurons(spiking, spiking->n_layers);
    for (size_t s = 0; s < n_samples; s++) {
        if (labels[s] >= n_classes)
            return trn_fail(context, TRNNSF_E_INVALID,
                            "%s: label %u of sample %zu is not below %zu", function, labels[s], s,
                            n_classes);
    }
    return trn_spiking_run(context, spiking, n_samples, inputs, labels, &o, NULL, out_record);
}

trnnsf_status trnnsf_spiking_evaluate(trnnsf_context *context, const trnnsf_spiking *spiking,
                                      const trnnsf_dataset *dataset, uint32_t part,
                                      const struct trnnsf_spike_run_options *options,
                                      trnnsf_spike_record **out_record)
{
    static const char function[] = "trnnsf_spiking_evaluate";
    struct trnnsf_spike_run_options o;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !dataset || !out_record)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking   ? "spiking"
                        : !dataset ? "dataset"
                                   : "out_record");
    TRN_TRY(trn_option_count(context, function, "part", part, 0, TRN_PARTS - 1));
    TRN_TRY(trn_spike_run_options_read(context, function, options, &o));
    size_t n_in = spiking->layers[0].n_in, n_out = trn_spiking_neurons(spiking, spiking->n_layers);
    if (trn_dataset_features(dataset) != n_in || dataset->n_classes > n_out)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features and %zu classes, the network %zu inputs "
                        "and %zu outputs",
                        function, trn_dataset_features(dataset), dataset->n_classes, n_in, n_out);
    const struct trn_part *samples = &dataset->part[part];
    if (samples->n_samples == 0)
        return trn_fail(context, TRNNSF_E_STATE, "%s: part %u of the dataset has no samples",
                        function, part);
    return trn_spiking_run(context, spiking, samples->n_samples, samples->values, samples->labels,
                           &o, NULL, out_record);
}

trnnsf_status trnnsf_spiking_compare(trnnsf_context *context, const trnnsf_spiking *spiking,
                                     const trnnsf_network *network, size_t n_samples,
                                     const float *inputs,
                                     const struct trnnsf_spike_run_options *options,
                                     struct trnnsf_rate_report *out_reports)
{
    static const char function[] = "trnnsf_spiking_compare";
    struct trnnsf_spike_run_options o;
    trnnsf_status status = TRNNSF_OK;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !network || !inputs || !out_reports)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking   ? "spiking"
                        : !network ? "network"
                        : !inputs  ? "inputs"
                                   : "out_reports");
    TRN_TRY(trn_spike_run_options_read(context, function, options, &o));
    size_t count = spiking->n_layers - 1;
    struct trnnsf_network *folded = NULL;
    struct trnnsf_rate_report *reports = NULL;
    TRN_TRY_OUT(trn_network_fold(context, network, &folded));
    if (!trn_spiking_fits(spiking, folded)) {
        status = trn_fail(context, TRNNSF_E_MISMATCH, "%s: the network's layers are others",
                          function);
        goto out;
    }
    TRN_TRY_OUT(trn_spike_check_inputs(context, function, spiking, n_samples, inputs));
    for (size_t l = 0; l < count; l++)
        TRN_TRY_OUT(trn_result_check(context, function, &out_reports[l], sizeof *out_reports));
    reports = TRN_NEW_ARRAY(context, struct trnnsf_rate_report, count);
    TRN_NEED_OUT(reports);
    TRN_TRY_OUT(trn_spiking_compare(context, spiking, folded, n_samples, inputs, &o, reports));
    for (size_t l = 0; l < count; l++)
        trn_result_write(&out_reports[l], &reports[l]);
out:
    trn_free(context, reports);
    trn_network_free(folded);
    return status;
}

struct trains {
    size_t first, n, n_steps; /* neurons of the layer */
    uint8_t *spikes;
};

static void note_trains(void *user, size_t sample, size_t step, size_t count, const uint32_t *masks)
{
    const struct trains *trains = user;

    (void)sample;
    for (size_t i = 0; i < trains->n; i++) {
        for (size_t t = 0; t < count; t++)
            trains->spikes[i * trains->n_steps + step + t] =
                (uint8_t)(masks[trains->first + i] >> t & 1);
    }
}

trnnsf_status trnnsf_spiking_trains(trnnsf_context *context, const trnnsf_spiking *spiking,
                                    const float *inputs,
                                    const struct trnnsf_spike_run_options *options, size_t layer,
                                    uint8_t *out_trains)
{
    static const char function[] = "trnnsf_spiking_trains";
    struct trnnsf_spike_run_options o;
    struct trnnsf_spike_record *record = NULL;
    struct trains trains = {.spikes = out_trains};
    const struct trn_spike_watch watch = {.masks = note_trains, .user = &trains};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !inputs || !out_trains)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking  ? "spiking"
                        : !inputs ? "inputs"
                                  : "out_trains");
    if (layer > spiking->n_layers)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: layer %zu is not in [0, %zu]", function,
                        layer, spiking->n_layers);
    TRN_TRY(trn_spike_run_options_read(context, function, options, &o));
    TRN_TRY(trn_spike_check_inputs(context, function, spiking, 1, inputs));
    for (size_t l = 0; l < layer; l++)
        trains.first += trn_spiking_neurons(spiking, l);
    trains.n = trn_spiking_neurons(spiking, layer);
    trains.n_steps = o.steps;
    memset(out_trains, 0, trains.n * trains.n_steps);
    TRN_TRY(trn_spiking_run(context, spiking, 1, inputs, NULL, &o, &watch, &record));
    trn_spike_record_free(record);
    return TRNNSF_OK;
}
