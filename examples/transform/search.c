#include "search.h"

#include <stdio.h>

/* Bisection comes to neighbours from a thousand crossbars in about so many trials. */
enum { TRIALS_MAX = 10 };

trnnsf_status search_budgets(const struct experiment *experiment, const trnnsf_schedule *schedule,
                             const struct outcome *dense, struct outcome *outcome)
{
    trnnsf_context *context = experiment->program->context;
    double loss = 0;
    trnnsf_status status = trnnsf_schedule_get(context, schedule, "target.loss", &loss);

    if (status == TRNNSF_OK) {
        double floor = dense->validation - 0.01 * loss;

        status = trnnsf_search_create(context, dense->network, experiment->dataset, schedule,
                                      experiment->tech, floor < 0 ? 0 : floor, TRIALS_MAX,
                                      &outcome->search);
    }
    while (status == TRNNSF_OK && !trnnsf_search_done(outcome->search))
        status = trnnsf_search_step(context, outcome->search, NULL);
    if (status != TRNNSF_OK)
        return status;

    const trnnsf_network *best = trnnsf_search_network(outcome->search);
    return trnnsf_network_copy(context, best ? best : dense->network, &outcome->network);
}

void print_search(const struct experiment *experiment, const struct outcome *outcome)
{
    for (size_t i = 0; i < trnnsf_search_trials(outcome->search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        if (trnnsf_search_trial(experiment->program->context, outcome->search, i, &trial) !=
            TRNNSF_OK)
            return;
        printf("tried %6llu crossbars: validation %6.2f %%, %s\n",
               (unsigned long long)trial.crossbars, 100 * trial.validation_accuracy,
               trial.met ? "met" : "below the target");
    }
    if (!trnnsf_search_network(outcome->search))
        printf("no number of crossbars met the target: the dense network stays\n");
}
