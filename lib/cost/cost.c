#include "cost/cost.h"

#include "base/context.h"

void trn_cost_free(struct trnnsf_cost *cost)
{
    if (!cost)
        return;

    trnnsf_context *ctx = cost->ctx;
    trn_free(ctx, cost->layers);
    trn_free(ctx, cost);
    trn_context_release(ctx);
}

static void sum_parts(double *parts)
{
    parts[TRNNSF_COST_TOTAL] = 0;
    for (int part = 0; part < TRNNSF_COST_TOTAL; part++)
        parts[TRNNSF_COST_TOTAL] += parts[part];
}

static trnnsf_status evaluate_layer(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                    size_t layer, const struct trnnsf_tech *tech,
                                    const struct trnnsf_activity *activity,
                                    const struct trn_placement *placement,
                                    struct trn_layer_cost *out)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n_out = (size_t)mapping->layers[layer].n_out;
    uint32_t *counts = trn_calloc(ctx, n_out, 3 * sizeof *counts);

    TRN_NEED_OUT(counts);
    struct trn_spread spread = {counts, counts + n_out, counts + 2 * n_out};
    trn_cost_spread(mapping, layer, tech, &spread);
    trn_cost_area(mapping, layer, tech, placement, out->area);
    out->latency = trn_cost_latency(mapping, layer, tech, placement, &spread);
    TRN_TRY_OUT(
        trn_cost_energy(ctx, mapping, layer, tech, activity, placement, &spread, out->energy));
out:
    trn_free(ctx, counts);
    return status;
}

static void add_layer(struct trn_layer_cost *sum, const struct trn_layer_cost *layer)
{
    for (int part = 0; part < TRN_COST_PARTS; part++) {
        sum->area[part] += layer->area[part];
        sum->energy[part] += layer->energy[part];
    }
    sum->latency += layer->latency;
}

/* The technology as a spiking run used it: a view that shares what the technology points to. */
static struct trnnsf_tech as_run(const struct trnnsf_tech *given,
                                 const struct trnnsf_activity *activity)
{
    struct trnnsf_tech tech = *given;

    if (activity->steps > 0) {
        tech.value[TRN_TECH_TIME_STEPS] = activity->steps;
        tech.value[TRN_TECH_INPUT_CODING] = 0;
    }
    return tech;
}

trnnsf_status trn_cost_evaluate(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                const struct trnnsf_tech *given,
                                const struct trnnsf_activity *activity,
                                struct trnnsf_cost **out_cost)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trnnsf_tech used = as_run(given, activity), *tech = &used;
    size_t n_layers = mapping->n_layers;
    struct trn_placement *placements = NULL;
    struct trnnsf_cost *cost = TRN_NEW(ctx, struct trnnsf_cost);

    if (!cost)
        return TRNNSF_E_NO_MEMORY;
    cost->ctx = trn_context_retain(ctx);
    cost->n_layers = n_layers;
    cost->layers = TRN_NEW_ARRAY(ctx, struct trn_layer_cost, n_layers + 1);
    TRN_NEED_OUT(cost->layers);
    placements = TRN_NEW_ARRAY(ctx, struct trn_placement, n_layers);
    TRN_NEED_OUT(placements);
    trn_cost_place(mapping, tech, placements);
    for (size_t l = 0; l < n_layers; l++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "cost"));
        TRN_TRY_OUT(
            evaluate_layer(ctx, mapping, l, tech, activity, &placements[l], &cost->layers[l]));
    }
    if (tech->value[TRN_TECH_SHARED_ADC] > 0)
        trn_cost_share_converters(mapping, tech, cost->layers);
    for (size_t l = 0; l < n_layers; l++) {
        sum_parts(cost->layers[l].area);
        sum_parts(cost->layers[l].energy);
        add_layer(&cost->layers[n_layers], &cost->layers[l]);
    }
out:
    trn_free(ctx, placements);
    if (status == TRNNSF_OK)
        *out_cost = cost;
    else
        trn_cost_free(cost);
    return status;
}
