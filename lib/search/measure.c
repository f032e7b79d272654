/* What a trial's network costs. */
#include "base/context.h"
#include "cost/cost.h"
#include "data/dataset.h"
#include "map/mapping.h"
#include "search/search.h"
#include "sim/spiking/run.h"

/* Words of pack.cost are in the order of the costs that mappings choose shapes by. */
_Static_assert(TRNNSF_MAP_COST_CELLS == (uint32_t)TRN_PACK_COST_CROSSBARS &&
                   TRNNSF_MAP_COST_AREA == (uint32_t)TRN_PACK_COST_AREA &&
                   TRNNSF_MAP_COST_ENERGY == (uint32_t)TRN_PACK_COST_ENERGY,
               "pack.cost is a cost of mappings");

static size_t ceil_divide(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

double trn_search_dense_crossbars(const struct trnnsf_search *search)
{
    size_t inputs = trnnsf_tech_shape_inputs(search->tech, 0);
    size_t outputs = trn_tech_outputs(search->tech, search->tech->shapes[0].outputs);
    size_t sum = 0;

    for (size_t i = 0; i < search->network->n_layers; i++) {
        const struct trn_layer *layer = &search->network->layers[i];

        sum += ceil_divide(layer->n_in, inputs) * ceil_divide(layer->n_out, outputs);
    }
    return (double)sum;
}

double trn_search_cost(const struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    uint32_t cost = search->variant[0]->word[TRN_PACK_COST];
    uint32_t target = search->options.target;

    if (target == TRNNSF_TARGET_ACCURACY)
        target = cost == TRN_PACK_COST_AREA     ? TRNNSF_TARGET_AREA
                 : cost == TRN_PACK_COST_ENERGY ? TRNNSF_TARGET_ENERGY
                                                : TRNNSF_TARGET_CROSSBARS;
    if (target == TRNNSF_TARGET_AREA)
        return trial->area;
    return target == TRNNSF_TARGET_ENERGY ? trial->energy : (double)trial->crossbars;
}

/* As trnnsf_spiking_convert() has it by default, on the validation part. */
static trnnsf_status run_spiking(trnnsf_context *ctx, const struct trnnsf_search *search,
                                 const struct trnnsf_network *network,
                                 const struct trnnsf_mapping *mapping,
                                 struct trnnsf_activity **out_activity)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_part *train = &search->dataset->part[TRNNSF_PART_TRAIN];
    const struct trn_part *part = &search->dataset->part[TRNNSF_PART_VALIDATION];
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options run = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    size_t calibration =
        train->n_samples < options.calibration ? train->n_samples : options.calibration;
    struct trnnsf_spiking *spiking = NULL, *mapped = NULL;
    struct trnnsf_spike_record *record = NULL;

    run.steps = search->options.spiking_steps;
    run.traffic = 1;
    TRN_TRY_OUT(trn_spiking_convert(ctx, network, calibration, train->values, &options, &spiking));
    TRN_TRY_OUT(trn_spiking_map(ctx, spiking, mapping, NULL, &mapped));
    TRN_TRY_OUT(trn_spiking_run(ctx, mapped, part->n_samples, part->values, part->labels, &run,
                                NULL, &record));
    TRN_TRY_OUT(trn_spike_record_activity(ctx, record, out_activity));
out:
    trn_spike_record_free(record);
    trn_spiking_free(mapped);
    trn_spiking_free(spiking);
    return status;
}

trnnsf_status trn_search_measure(trnnsf_context *ctx, const struct trnnsf_search *search,
                                 const struct trnnsf_network *network, uint32_t rule,
                                 struct trnnsf_trial *trial)
{
    const struct trn_part *part = &search->dataset->part[TRNNSF_PART_VALIDATION];
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_mapping *mapping = NULL;
    struct trnnsf_activity *activity = NULL;
    struct trnnsf_cost *cost = NULL;
    trnnsf_status status;

    options.rule = rule;
    options.cost = search->variant[0]->word[TRN_PACK_COST];
    TRN_TRY_OUT(trn_mapping_of_network(ctx, network, search->tech, &options, &mapping));
    if (search->options.spiking_steps > 0)
        TRN_TRY_OUT(run_spiking(ctx, search, network, mapping, &activity));
    else
        TRN_TRY_OUT(trn_activity_measure(ctx, network, part->n_samples, 1, part->values, &activity));
    TRN_TRY_OUT(trn_cost_evaluate(ctx, mapping, search->tech, activity, &cost));
    trial->crossbars = mapping->n_crossbars;
    trial->area = cost->layers[cost->n_layers].area[TRNNSF_COST_TOTAL];
    trial->energy = cost->layers[cost->n_layers].energy[TRNNSF_COST_TOTAL];
out:
    trn_cost_free(cost);
    trn_activity_free(activity);
    trn_mapping_free(mapping);
    return status;
}
