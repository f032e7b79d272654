/* What a run has met, as the activity that costs are computed from. */
#include "base/context.h"
#include "sim/common/activity.h"
#include "sim/spiking/run.h"

double trn_spike_record_steps_sum(const struct trnnsf_spike_record *record)
{
    double sum = 0;

    for (size_t s = 0; s < record->n_samples; s++)
        sum += record->steps[s];
    return sum;
}

trnnsf_status trn_spike_record_activity(trnnsf_context *ctx,
                                        const struct trnnsf_spike_record *record,
                                        struct trnnsf_activity **out_activity)
{
    struct trnnsf_activity *activity = NULL;
    double steps = trn_spike_record_steps_sum(record), samples = (double)record->n_samples;
    size_t *sizes = TRN_NEW_ARRAY(ctx, size_t, record->n_layers);

    if (!sizes)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < record->n_layers; l++)
        sizes[l] = record->start[l + 1] - record->start[l];
    trnnsf_status status = trn_activity_new(ctx, record->n_layers, sizes, &activity);
    trn_free(ctx, sizes);
    TRN_TRY(status);
    for (size_t i = 0; i < record->start[record->n_layers]; i++) {
        bool is_current = record->currents && i < record->start[1];
        double rate = is_current ? (double)record->totals.charge[i] /
                                       ((double)(1 << TRN_SPIKE_INPUT_BITS) * samples)
                                 : (double)record->totals.spikes[i] / steps;

        activity->rate[i] = rate > 1 ? 1.0f : (float)rate;
        activity->nonzero[i] = (float)((double)record->totals.seen[i] / samples);
    }
    activity->steps = steps / samples;
    status = record->mapping ? trn_spike_record_add_traffic(record, activity) : TRNNSF_OK;
    if (status != TRNNSF_OK) {
        trn_activity_free(activity);
        return status;
    }
    *out_activity = activity;
    return TRNNSF_OK;
}
