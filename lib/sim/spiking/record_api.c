#include <math.h>

#include "base/context.h"
#include "sim/spiking/run.h"

void trnnsf_spike_record_free(trnnsf_spike_record *record)
{
    trn_spike_record_free(record);
}

size_t trnnsf_spike_record_samples(const trnnsf_spike_record *record)
{
    return record ? record->n_samples : 0;
}

const double *trnnsf_spike_record_accuracy(const trnnsf_spike_record *record, size_t *out_count)
{
    if (!record)
        return NULL;
    if (out_count)
        *out_count = record->n_steps;
    return record->accuracy;
}

const uint32_t *trnnsf_spike_record_classes(const trnnsf_spike_record *record)
{
    return record ? record->classes : NULL;
}

const uint32_t *trnnsf_spike_record_steps(const trnnsf_spike_record *record)
{
    return record ? record->steps : NULL;
}

const uint64_t *trnnsf_spike_record_spikes(const trnnsf_spike_record *record, size_t layer,
                                           size_t *out_count)
{
    if (!record || layer > record->n_layers)
        return NULL;
    if (out_count)
        *out_count = record->start[layer + 1] - record->start[layer];
    return record->totals.spikes + record->start[layer];
}

double trnnsf_spike_record_rate(const trnnsf_spike_record *record)
{
    double sum = 0;

    if (!record)
        return (double)NAN;
    for (size_t i = 0; i < record->start[record->n_layers + 1]; i++)
        sum += (double)record->totals.spikes[i];
    return sum / (double)record->n_samples;
}

double trnnsf_spike_record_saturation(const trnnsf_spike_record *record, size_t layer)
{
    if (!record || layer >= record->n_layers)
        return (double)NAN;
    return record->totals.made[layer] > 0
               ? (double)record->totals.beyond[layer] / (double)record->totals.made[layer]
               : 0;
}

double trnnsf_spike_record_mean_steps(const trnnsf_spike_record *record)
{
    return record ? trn_spike_record_steps_sum(record) / (double)record->n_samples : (double)NAN;
}

trnnsf_status trnnsf_spike_record_activity(trnnsf_context *context,
                                           const trnnsf_spike_record *record,
                                           trnnsf_activity **out_activity)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!record || !out_activity)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_spike_record_activity: %s is NULL",
                        !record ? "record" : "out_activity");
    return trn_spike_record_activity(context, record, out_activity);
}
