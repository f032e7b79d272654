#include <math.h>

#include "base/context.h"
#include "cost/cost.h"

static trnnsf_status check_fit(trnnsf_context *context, const char *function,
                               const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                               const trnnsf_activity *activity)
{
    double columns = tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];

    if (mapping->columns_per_output != (uint32_t)columns)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the mapping has %u columns an output, the technology %g", function,
                        mapping->columns_per_output, columns);
    if (mapping->n_layers != activity->n_layers)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the mapping has %zu layers, the activity %zu", function,
                        mapping->n_layers, activity->n_layers);
    for (size_t l = 0; l < mapping->n_layers; l++) {
        size_t inputs = activity->start[l + 1] - activity->start[l];

        uint64_t values = trn_map_values(&mapping->layers[l].geometry);

        if (values != inputs)
            return trn_fail(context, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the mapping has %llu inputs, of the activity %zu",
                            function, l, (unsigned long long)values, inputs);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_cost_evaluate(trnnsf_context *context, const trnnsf_mapping *mapping,
                                   const trnnsf_tech *tech, const trnnsf_activity *activity,
                                   trnnsf_cost **out_cost)
{
    static const char function[] = "trnnsf_cost_evaluate";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !tech || !activity || !out_cost)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !mapping    ? "mapping"
                        : !tech     ? "tech"
                        : !activity ? "activity"
                                    : "out_cost");
    TRN_TRY(check_fit(context, function, mapping, tech, activity));
    return trn_cost_evaluate(context, mapping, tech, activity, out_cost);
}

void trnnsf_cost_free(trnnsf_cost *cost)
{
    trn_cost_free(cost);
}

/* The row of a layer, or of all; NULL where there is none. */
static const struct trn_layer_cost *find_layer(const trnnsf_cost *cost, size_t layer)
{
    if (!cost || (layer >= cost->n_layers && layer != TRNNSF_ALL_LAYERS))
        return NULL;
    return &cost->layers[layer == TRNNSF_ALL_LAYERS ? cost->n_layers : layer];
}

double trnnsf_cost_area(const trnnsf_cost *cost, size_t layer, uint32_t part)
{
    const struct trn_layer_cost *found = find_layer(cost, layer);

    return found && part < TRN_COST_PARTS ? found->area[part] : (double)NAN;
}

double trnnsf_cost_energy(const trnnsf_cost *cost, size_t layer, uint32_t part)
{
    const struct trn_layer_cost *found = find_layer(cost, layer);

    return found && part < TRN_COST_PARTS ? found->energy[part] : (double)NAN;
}

double trnnsf_cost_latency(const trnnsf_cost *cost, size_t layer)
{
    const struct trn_layer_cost *found = find_layer(cost, layer);

    return found ? found->latency : (double)NAN;
}
