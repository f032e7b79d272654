#include "search.h"

#include <stdio.h>
#include <string.h>

int check_target(const struct experiment *experiment)
{
    const char *method = trnnsf_schedule_word(experiment->schedule, "method");

    if (experiment->settings->cost_target == COST_TARGET_NONE || strcmp(method, "pack") == 0)
        return EXIT_GO_ON;
    return options_error(&transform_usage, "--target area and energy are for --method pack, not %s",
                         method);
}

bool is_searched(const struct experiment *experiment, const trnnsf_schedule *schedule,
                 const char *method)
{
    trnnsf_context *context = experiment->program->context;
    double loss = 0, crossbars = 0;

    if (strcmp(method, "pack") != 0)
        return false;
    if (experiment->settings->cost_target != COST_TARGET_NONE)
        return true;
    return trnnsf_schedule_get(context, schedule, "target.loss", &loss) == TRNNSF_OK && loss > 0 &&
           trnnsf_schedule_get(context, schedule, "target.crossbars", &crossbars) == TRNNSF_OK &&
           crossbars <= 0;
}

static trnnsf_status options_of(const struct experiment *experiment,
                                const trnnsf_schedule *schedule, const struct outcome *dense,
                                struct trnnsf_search_options *options)
{
    const struct settings *settings = experiment->settings;
    double loss = 0;
    trnnsf_status status =
        trnnsf_schedule_get(experiment->program->context, schedule, "target.loss", &loss);

    trnnsf_search_options_init(options);
    options->limit = dense->validation - 0.01 * loss;
    if (options->limit < 0)
        options->limit = 0;
    if (settings->cost_target == COST_TARGET_NONE)
        return status;
    options->target =
        settings->cost_target == COST_TARGET_AREA ? TRNNSF_TARGET_AREA : TRNNSF_TARGET_ENERGY;
    options->limit = settings->cost_limit;
    return status;
}

trnnsf_status search_budgets(const struct experiment *experiment, const trnnsf_schedule *schedule,
                             const struct outcome *dense, struct outcome *outcome)
{
    trnnsf_context *context = experiment->program->context;
    struct trnnsf_search_options options;
    trnnsf_status status = options_of(experiment, schedule, dense, &options);

    if (status == TRNNSF_OK)
        status = trnnsf_search_create(context, dense->network, experiment->dataset, schedule,
                                      experiment->tech, &options, &outcome->search);
    while (status == TRNNSF_OK && !trnnsf_search_done(outcome->search))
        status = trnnsf_search_step(context, outcome->search, NULL);
    if (status != TRNNSF_OK)
        return status;

    const trnnsf_network *best = trnnsf_search_network(outcome->search);
    return trnnsf_network_copy(context, best ? best : dense->network, &outcome->network);
}

void print_search(const struct experiment *experiment, const struct outcome *outcome)
{
    if (!outcome->search)
        return;
    for (size_t i = 0; i < trnnsf_search_trials(outcome->search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        if (trnnsf_search_trial(experiment->program->context, outcome->search, i, &trial) !=
            TRNNSF_OK)
            return;
        printf("tried %6llu crossbars, %.4g mm2, %.4g nJ: validation %6.2f %%, %s\n",
               (unsigned long long)trial.crossbars, 1e6 * trial.area, 1e9 * trial.energy,
               100 * trial.validation_accuracy, trial.met ? "met" : "misses the target");
    }
    if (!trnnsf_search_network(outcome->search))
        printf("no number of crossbars met the target: the dense network stays\n");
}
