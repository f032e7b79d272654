#include <math.h>

#include "base/context.h"
#include "sim/common/activity.h"

trnnsf_status trnnsf_activity_measure(trnnsf_context *context, const trnnsf_network *network,
                                      const trnnsf_dataset *dataset, uint32_t part,
                                      trnnsf_activity **out_activity)
{
    static const char function[] = "trnnsf_activity_measure";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !dataset || !out_activity)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !network   ? "network"
                        : !dataset ? "dataset"
                                   : "out_activity");
    if (part >= TRN_PARTS)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: part %u is not in [0, %d]", function, part,
                        TRN_PARTS - 1);
    if (trn_dataset_features(dataset) != trn_network_inputs(network))
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", function,
                        trn_dataset_features(dataset), trn_network_inputs(network));
    if (dataset->part[part].n_samples == 0)
        return trn_fail(context, TRNNSF_E_STATE, "%s: part %u of the dataset has no samples",
                        function, part);
    return trn_activity_measure(context, network, dataset->part[part].n_samples, 1,
                                dataset->part[part].values, out_activity);
}

void trnnsf_activity_free(trnnsf_activity *activity)
{
    trn_activity_free(activity);
}

static const float *layer_values(const trnnsf_activity *activity, const float *values, size_t layer,
                                 size_t *out_count)
{
    if (layer >= activity->n_layers)
        return NULL;
    if (out_count)
        *out_count = activity->start[layer + 1] - activity->start[layer];
    return values + activity->start[layer];
}

const float *trnnsf_activity_rate(const trnnsf_activity *activity, size_t layer, size_t *out_count)
{
    return activity ? layer_values(activity, activity->rate, layer, out_count) : NULL;
}

const float *trnnsf_activity_nonzero(const trnnsf_activity *activity, size_t layer,
                                     size_t *out_count)
{
    return activity ? layer_values(activity, activity->nonzero, layer, out_count) : NULL;
}

double trnnsf_activity_steps(const trnnsf_activity *activity)
{
    return activity && activity->steps > 0 ? activity->steps : (double)NAN;
}
