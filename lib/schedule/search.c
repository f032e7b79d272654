#include "schedule/search.h"

#include <math.h>

#include "base/context.h"
#include "network/network.h"

static size_t dense_crossbars(const struct trnnsf_search *search)
{
    size_t sum = 0;

    for (size_t i = 0; i < search->network->n_layers; i++) {
        const struct trn_layer *layer = &search->network->layers[i];

        sum += (layer->n_in + search->inputs - 1) / search->inputs *
               ((layer->n_out + search->outputs - 1) / search->outputs);
    }
    return sum;
}

trnnsf_status trn_search_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                const struct trnnsf_dataset *dataset,
                                const struct trnnsf_schedule *schedule, size_t inputs,
                                size_t outputs, double floor, uint32_t trials,
                                struct trnnsf_search **out_search)
{
    trnnsf_status status;
    struct trnnsf_search *search = TRN_NEW(ctx, struct trnnsf_search);

    if (!search)
        return TRNNSF_E_NO_MEMORY;
    *search = (struct trnnsf_search){.ctx = trn_context_retain(ctx),
                                     .network = network,
                                     .dataset = dataset,
                                     .inputs = inputs,
                                     .outputs = outputs,
                                     .floor = floor,
                                     .planned = trials};
    TRN_TRY_OUT(trn_schedule_copy(ctx, schedule, &search->schedule));
    search->schedule->word[TRN_METHOD] = TRN_METHOD_PACK;
    search->schedule->number[TRN_CLUSTER_FIRST] = 0;
    search->schedule->number[TRN_TARGET_LOSS] = 0;
    search->trials = TRN_NEW_ARRAY(ctx, struct trnnsf_trial, trials);
    TRN_NEED_OUT(search->trials);
    /* One crossbar a layer is the least there is; it is only tried as a neighbour of what met. */
    search->failed = network->n_layers - 1;
    search->met = (uint64_t)fmax(ceil(schedule->number[TRN_BUDGET_FIRST] *
                                      (double)dense_crossbars(search)),
                                 (double)network->n_layers) +
                  1;
out:
    if (status == TRNNSF_OK)
        *out_search = search;
    else
        trn_search_free(search);
    return status;
}

void trn_search_free(struct trnnsf_search *search)
{
    if (!search)
        return;

    trnnsf_context *ctx = search->ctx;
    trn_run_free(search->best_run);
    trn_network_free(search->best);
    trn_schedule_free(search->schedule);
    trn_free(ctx, search->trials);
    trn_free(ctx, search);
    trn_context_release(ctx);
}

bool trn_search_done(const struct trnnsf_search *search)
{
    return search->n_trials >= search->planned || search->met - search->failed <= 1;
}

/* The middle of both ends' logarithms, and between them. */
static uint64_t next_budget(const struct trnnsf_search *search)
{
    double low = (double)(search->failed > 0 ? search->failed : 1);
    uint64_t budget = (uint64_t)(sqrt(low * (double)search->met) + 0.5);

    if (budget <= search->failed)
        return search->failed + 1;
    return budget < search->met ? budget : search->met - 1;
}

/* A whole run at `budget`; both results are the caller's. */
static trnnsf_status pack(trnnsf_context *ctx, struct trnnsf_search *search, uint64_t budget,
                          struct trnnsf_network **out_network, struct trnnsf_run **out_run)
{
    struct trnnsf_network *network = NULL;
    struct trnnsf_run *run = NULL;
    trnnsf_status status;

    search->schedule->number[TRN_TARGET_CROSSBARS] = (double)budget;
    TRN_TRY_OUT(trn_network_copy(ctx, search->network, &network));
    TRN_TRY_OUT(trn_run_create(ctx, network, search->dataset, search->schedule, search->inputs,
                               search->outputs, 0, &run));
    while (!trn_run_done(run))
        TRN_TRY_OUT(trn_run_step(ctx, run, NULL));
    *out_network = network;
    *out_run = run;
    network = NULL;
    run = NULL;
out:
    trn_run_free(run);
    trn_network_free(network);
    return status;
}

/* Keeps the trial's network where it is the best so far, and narrows the range. */
static void judge(struct trnnsf_search *search, const struct trnnsf_trial *trial,
                  struct trnnsf_network *network, struct trnnsf_run *run)
{
    search->trials[search->n_trials++] = *trial;
    if (trial->met) {
        trn_run_free(search->best_run);
        trn_network_free(search->best);
        search->best_run = run;
        search->best = network;
        search->met = trial->budget;
        return;
    }
    trn_run_free(run);
    trn_network_free(network);
    search->failed = trial->budget;
}

trnnsf_status trn_search_step(trnnsf_context *ctx, struct trnnsf_search *search,
                              struct trnnsf_trial *out_trial)
{
    struct trnnsf_trial trial = {.struct_size = sizeof trial, .budget = next_budget(search)};
    struct trnnsf_network *network;
    struct trnnsf_run *run;

    TRN_TRY(trn_progress(ctx, "search", NULL, search->n_trials, search->planned));
    TRN_TRY(pack(ctx, search, trial.budget, &network, &run));
    trial.crossbars = run->steps[run->n_steps - 1].crossbars;
    trial.validation_accuracy = run->steps[run->n_steps - 1].validation_accuracy;
    trial.met = trial.validation_accuracy >= search->floor;
    judge(search, &trial, network, run);
    *out_trial = trial;
    return TRNNSF_OK;
}
