#include "search/search.h"

#include <math.h>

#include "base/context.h"
#include "data/dataset.h"
#include "network/network.h"
#include "schedule/shapes.h"

trnnsf_status trn_search_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                const struct trnnsf_dataset *dataset,
                                const struct trnnsf_schedule *schedule,
                                const struct trnnsf_tech *tech,
                                const struct trnnsf_search_options *options,
                                struct trnnsf_search **out_search)
{
    trnnsf_status status;
    struct trnnsf_search *search = TRN_NEW(ctx, struct trnnsf_search);

    if (!search)
        return TRNNSF_E_NO_MEMORY;
    *search = (struct trnnsf_search){.ctx = trn_context_retain(ctx),
                                     .network = network,
                                     .dataset = dataset,
                                     .tech = tech,
                                     .options = *options,
                                     .unit_cost = NAN};
    TRN_TRY_OUT(trn_search_vary(ctx, search, schedule));
    search->trials = TRN_NEW_ARRAY(ctx, struct trnnsf_trial, options->trials);
    TRN_NEED_OUT(search->trials);

    bool accuracy = options->target == TRNNSF_TARGET_ACCURACY;
    double first = (accuracy ? schedule->number[TRN_BUDGET_FIRST] : 1) *
                   trn_search_dense_crossbars(search);
    double layers = (double)network->n_layers;
    /* One crossbar a layer is the least there is. */
    search->range = (struct trn_search_range){.low = network->n_layers - 1,
                                              .high = (uint64_t)fmax(ceil(first), layers) + 1,
                                              .low_cost = NAN,
                                              .high_cost = NAN};
    if (options->target == TRNNSF_TARGET_CROSSBARS)
        search->unit_cost = 1;
out:
    if (status == TRNNSF_OK)
        *out_search = search;
    else
        trn_search_free(search);
    return status;
}

trnnsf_status trn_search_vary(trnnsf_context *ctx, struct trnnsf_search *search,
                              const struct trnnsf_schedule *schedule)
{
    struct trnnsf_schedule *copy;

    TRN_TRY(trn_schedule_copy(ctx, schedule, &copy));
    copy->word[TRN_METHOD] = TRN_METHOD_PACK;
    copy->number[TRN_CLUSTER_FIRST] = 0;
    copy->number[TRN_TARGET_LOSS] = 0;
    search->variant[search->n_variants++] = copy;
    return TRNNSF_OK;
}

void trn_search_free(struct trnnsf_search *search)
{
    if (!search)
        return;

    trnnsf_context *ctx = search->ctx;
    trn_run_free(search->best_run);
    trn_network_free(search->best);
    for (uint32_t i = 0; i < search->n_variants; i++)
        trn_schedule_free(search->variant[i]);
    trn_free(ctx, search->trials);
    trn_free(ctx, search);
    trn_context_release(ctx);
}

bool trn_search_done(const struct trnnsf_search *search)
{
    return search->n_trials >= search->options.trials ||
           (search->next_variant == 0 && trn_search_narrowed(search));
}

/* A whole run at `budget`; both results are the caller's. */
static trnnsf_status pack(trnnsf_context *ctx, const struct trnnsf_search *search,
                          struct trnnsf_schedule *schedule, uint64_t budget,
                          struct trnnsf_network **out_network, struct trnnsf_run **out_run)
{
    struct trnnsf_network *network = NULL;
    struct trnnsf_run *run = NULL;
    struct trn_pack_pool pool;
    trnnsf_status status;

    schedule->number[TRN_TARGET_CROSSBARS] = (double)budget;
    TRN_TRY_OUT(trn_network_copy(ctx, search->network, &network));
    trn_shapes_pool(search->tech, schedule, &pool);
    TRN_TRY_OUT(trn_run_create(ctx, network, search->dataset, schedule, &pool, 0, &run));
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

static bool keeps_limit(const struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    if (search->options.target == TRNNSF_TARGET_ACCURACY)
        return trial->validation_accuracy >= search->options.limit;
    return trn_search_cost(search, trial) <= search->options.limit;
}

static bool is_better(const struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    const struct trnnsf_trial *best = &search->best_trial;
    double cost = trn_search_cost(search, trial), best_cost = trn_search_cost(search, best);
    double accuracy = trial->validation_accuracy, best_accuracy = best->validation_accuracy;

    if (!trial->met || !search->best)
        return trial->met;
    if (search->options.target == TRNNSF_TARGET_ACCURACY)
        return cost < best_cost || (cost == best_cost && accuracy > best_accuracy);
    return accuracy > best_accuracy || (accuracy == best_accuracy && cost < best_cost);
}

/* Of the trials of one budget, one that keeps the limit speaks for it; of others, the cheapest. */
static void speak_for_budget(struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    const struct trnnsf_trial *so_far = &search->budget;

    if (trial->variant == 0)
        search->before = search->budget;
    if (trial->variant == 0 || trial->met > so_far->met ||
        (trial->met == so_far->met &&
         trn_search_cost(search, trial) < trn_search_cost(search, so_far)))
        search->budget = *trial;
}

/* What is known of the budget goes to the range when its last trial is done. */
static void end_budget(struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    bool enough = search->options.target == TRNNSF_TARGET_ACCURACY && trial->met;

    speak_for_budget(search, trial);
    search->next_variant = enough ? 0 : (trial->variant + 1) % search->n_variants;
    if (search->next_variant == 0)
        trn_search_narrow(search, &search->budget);
}

/* Records the trial, and takes over its network and run or frees them. */
static void judge(struct trnnsf_search *search, const struct trnnsf_trial *trial,
                  struct trnnsf_network *network, struct trnnsf_run *run)
{
    search->trials[search->n_trials++] = *trial;
    end_budget(search, trial);
    if (is_better(search, trial)) {
        struct trnnsf_network *old = search->best;
        struct trnnsf_run *old_run = search->best_run;

        search->best_trial = *trial;
        search->best = network;
        search->best_run = run;
        network = old;
        run = old_run;
    }
    trn_run_free(run);
    trn_network_free(network);
}

/* What a crossbar of the dense network costs: the first guess at what packed ones will. */
static trnnsf_status guess_unit_cost(trnnsf_context *ctx, struct trnnsf_search *search)
{
    struct trnnsf_trial dense = {.struct_size = sizeof dense};

    if (search->options.target == TRNNSF_TARGET_ACCURACY || !isnan(search->unit_cost))
        return TRNNSF_OK;
    TRN_TRY(trn_search_measure(ctx, search, search->network, TRNNSF_MAP_DENSE, &dense));
    search->unit_cost = trn_search_cost(search, &dense) / trn_search_dense_crossbars(search);
    return TRNNSF_OK;
}

trnnsf_status trn_search_step(trnnsf_context *ctx, struct trnnsf_search *search,
                              struct trnnsf_trial *out_trial)
{
    struct trnnsf_trial trial = {.struct_size = sizeof trial};
    struct trnnsf_network *network = NULL;
    struct trnnsf_run *run = NULL;
    trnnsf_status status;

    TRN_TRY(trn_progress(ctx, "search", NULL, search->n_trials, search->options.trials));
    TRN_TRY(guess_unit_cost(ctx, search));
    trial.variant = search->next_variant;
    trial.budget = trial.variant > 0 ? search->budget.budget : trn_search_next_budget(search);
    TRN_TRY(pack(ctx, search, search->variant[trial.variant], trial.budget, &network, &run));
    TRN_TRY_OUT(trn_search_measure(ctx, search, network, TRNNSF_MAP_CLUSTERED, &trial));
    trial.validation_accuracy = run->steps[run->n_steps - 1].validation_accuracy;
    trial.met = keeps_limit(search, &trial);
    judge(search, &trial, network, run);
    *out_trial = trial;
    return TRNNSF_OK;
out:
    trn_run_free(run);
    trn_network_free(network);
    return status;
}
