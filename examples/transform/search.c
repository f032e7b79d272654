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

/* 0: the schedule has none. */
static double crossbars_of(const struct experiment *experiment, const trnnsf_schedule *schedule)
{
    double crossbars = 0;

    trnnsf_schedule_get(experiment->program->context, schedule, "target.crossbars", &crossbars);
    return crossbars;
}

static double loss_of(const struct experiment *experiment, const trnnsf_schedule *schedule)
{
    double loss = 0;

    trnnsf_schedule_get(experiment->program->context, schedule, "target.loss", &loss);
    return loss;
}

bool is_searched(const struct experiment *experiment, const trnnsf_schedule *schedule,
                 const char *method, const struct outcome *dense)
{
    if (strcmp(method, "pack") != 0)
        return false;
    if (experiment->settings->cost_target != COST_TARGET_NONE)
        return true;
    if (crossbars_of(experiment, schedule) > 0)
        return experiment->settings->n_variations > 0;
    return dense && loss_of(experiment, schedule) > 0;
}

static void read_options(const struct experiment *experiment, const trnnsf_schedule *schedule,
                         const struct outcome *dense, struct trnnsf_search_options *options)
{
    const struct settings *settings = experiment->settings;

    trnnsf_search_options_init(options);
    options->trials *= (uint32_t)settings->n_variations + 1;
    options->spiking_steps = settings->spiking;
    if (settings->cost_target != COST_TARGET_NONE) {
        options->target = settings->cost_target == COST_TARGET_AREA ? TRNNSF_TARGET_AREA
                                                                    : TRNNSF_TARGET_ENERGY;
        options->limit = settings->cost_limit;
    } else if (crossbars_of(experiment, schedule) > 0) {
        options->target = TRNNSF_TARGET_CROSSBARS;
        options->limit = crossbars_of(experiment, schedule);
    } else {
        double floor = dense->validation - 0.01 * loss_of(experiment, schedule);

        options->limit = floor > 0 ? floor : 0;
    }
}

static trnnsf_status add_variation(const struct experiment *experiment,
                                   const trnnsf_schedule *schedule,
                                   const struct variation *variation, trnnsf_search *search)
{
    trnnsf_context *context = experiment->program->context;
    trnnsf_schedule *copy = NULL;
    trnnsf_status status = trnnsf_schedule_copy(context, schedule, &copy);

    for (size_t i = 0; i < variation->n_sets && status == TRNNSF_OK; i++)
        status = set_key(experiment->program, copy, &variation->sets[i]);
    if (status == TRNNSF_OK)
        status = trnnsf_search_vary(context, search, copy);
    trnnsf_schedule_free(copy);
    return status;
}

trnnsf_status search_budgets(const struct experiment *experiment, const trnnsf_schedule *schedule,
                             const struct outcome *dense, struct outcome *outcome)
{
    const struct settings *settings = experiment->settings;
    const trnnsf_network *start = dense ? dense->network : experiment->initial;
    trnnsf_context *context = experiment->program->context;
    struct trnnsf_search_options options;

    read_options(experiment, schedule, dense, &options);
    trnnsf_status status = trnnsf_search_create(context, start, experiment->dataset, schedule,
                                                experiment->tech, &options, &outcome->search);
    for (size_t i = 0; i < settings->n_variations && status == TRNNSF_OK; i++)
        status = add_variation(experiment, schedule, &settings->variations[i], outcome->search);
    while (status == TRNNSF_OK && !trnnsf_search_done(outcome->search))
        status = trnnsf_search_step(context, outcome->search, NULL);
    if (status != TRNNSF_OK)
        return status;

    const trnnsf_network *best = trnnsf_search_network(outcome->search);
    return trnnsf_network_copy(context, best ? best : start, &outcome->network);
}

static void print_variation(const struct settings *settings, uint32_t variant)
{
    for (size_t i = 0; variant > 0 && i < settings->variations[variant - 1].n_sets; i++) {
        const struct key_value *set = &settings->variations[variant - 1].sets[i];

        printf(", %s %s", set->key, set->text);
    }
    printf("\n");
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
        printf("tried %6llu crossbars, %.4g mm2, %.4g nJ: validation %6.2f %%, %s",
               (unsigned long long)trial.crossbars, 1e6 * trial.area, 1e9 * trial.energy,
               100 * trial.validation_accuracy, trial.met ? "met" : "misses the target");
        print_variation(experiment->settings, trial.variant);
    }
    if (!trnnsf_search_network(outcome->search))
        printf("no number of crossbars met the target: the network stays as it was\n");
}
