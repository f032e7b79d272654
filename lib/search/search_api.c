#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "network/network.h"
#include "search/search.h"

enum { TRIALS_MAX = 1000, STEPS_MAX = 65536 };

static trnnsf_status is_null(trnnsf_context *context, const char *function, const char *argument)
{
    return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function, argument);
}

static trnnsf_status check_parts(trnnsf_context *context, const char *function,
                                 const struct trnnsf_network *network,
                                 const struct trnnsf_dataset *dataset,
                                 const struct trnnsf_schedule *schedule)
{
    uint32_t loss = schedule->word[TRN_LOSS];

    TRN_TRY(trn_network_check_dataset(context, function, network, dataset, TRNNSF_PART_TRAIN,
                                      loss));
    if (dataset->part[TRNNSF_PART_VALIDATION].n_samples == 0)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has no validation samples to judge trials by",
                        function);
    if (schedule->number[TRN_EPOCHS] < 1)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: train.epochs 0 trains nothing", function);
    if (schedule->number[TRN_DISTIL] > 0)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: train.distil %g: a search has no teachers",
                        function, schedule->number[TRN_DISTIL]);
    return trn_schedule_check(context, function, schedule);
}

void trnnsf_search_options_init(struct trnnsf_search_options *options)
{
    static const struct trnnsf_search_options defaults = TRNNSF_SEARCH_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status check_limit(trnnsf_context *context, const char *function,
                                 const struct trnnsf_search_options *options, size_t n_layers)
{
    double limit = options->limit;

    if (options->target == TRNNSF_TARGET_ACCURACY && !(limit >= 0 && limit <= 1))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: limit %g of accuracy is not in [0, 1]",
                        function, limit);
    if (options->target == TRNNSF_TARGET_CROSSBARS && !(limit >= (double)n_layers && limit <= 1e9))
        return trn_fail(context, TRNNSF_E_INVALID,
                        "%s: limit %g is not in [%zu, 1e9]: one crossbar a layer at least",
                        function, limit, n_layers);
    if (options->target > TRNNSF_TARGET_CROSSBARS && !(limit > 0 && isfinite(limit)))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: limit %g is not finite and above 0",
                        function, limit);
    return TRNNSF_OK;
}

static trnnsf_status read_options(trnnsf_context *context, const char *function,
                                  const struct trnnsf_search_options *options, size_t n_layers,
                                  struct trnnsf_search_options *out)
{
    *out = (struct trnnsf_search_options)TRNNSF_SEARCH_OPTIONS_INIT;
    TRN_TRY(trn_options_read(context, function, options, out, sizeof *out));
    if (out->target > TRNNSF_TARGET_ENERGY)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: target %u is not in [0, %d]", function,
                        out->target, TRNNSF_TARGET_ENERGY);
    if (out->trials == 0 || out->trials > TRIALS_MAX)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: trials %u is not in [1, %d]", function,
                        out->trials, TRIALS_MAX);
    TRN_TRY(trn_option_count(context, function, "spiking_steps", out->spiking_steps, 0, STEPS_MAX));
    TRN_TRY(trn_option_count(context, function, "reserved", out->reserved, 0, 0));
    return check_limit(context, function, out, n_layers);
}

trnnsf_status trnnsf_search_create(trnnsf_context *context, const trnnsf_network *network,
                                   const trnnsf_dataset *dataset, const trnnsf_schedule *schedule,
                                   const trnnsf_tech *tech,
                                   const struct trnnsf_search_options *options,
                                   trnnsf_search **out_search)
{
    static const char *const function = "trnnsf_search_create";
    struct trnnsf_search_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !dataset || !schedule || !tech || !options || !out_search)
        return is_null(context, function,
                       !network    ? "network"
                       : !dataset  ? "dataset"
                       : !schedule ? "schedule"
                       : !tech     ? "tech"
                       : !options  ? "options"
                                   : "out_search");
    TRN_TRY(read_options(context, function, options, network->n_layers, &given));
    if (given.spiking_steps > 0)
        TRN_TRY(trn_network_need_chain(context, function, network));
    TRN_TRY(check_parts(context, function, network, dataset, schedule));
    return trn_search_create(context, network, dataset, schedule, tech, &given, out_search);
}

static trnnsf_status check_search(trnnsf_context *context, const char *function,
                                  const trnnsf_search *search)
{
    if (!search)
        return is_null(context, function, "search");
    if (search->ctx != context)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: the search belongs to another context",
                        function);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_search_vary(trnnsf_context *context, trnnsf_search *search,
                                 const trnnsf_schedule *schedule)
{
    static const char *const function = "trnnsf_search_vary";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_search(context, function, search));
    if (!schedule)
        return is_null(context, function, "schedule");
    if (search->n_trials > 0)
        return trn_fail(context, TRNNSF_E_STATE, "%s: %u trials have been made", function,
                        search->n_trials);
    if (search->n_variants == TRN_SEARCH_VARIANTS_MAX)
        return trn_fail(context, TRNNSF_E_LIMIT, "%s: there are %u schedules already, the most",
                        function, search->n_variants);
    TRN_TRY(check_parts(context, function, search->network, search->dataset, schedule));
    return trn_search_vary(context, search, schedule);
}

trnnsf_status trnnsf_search_step(trnnsf_context *context, trnnsf_search *search,
                                 struct trnnsf_trial *out_trial)
{
    static const char *const function = "trnnsf_search_step";
    struct trnnsf_trial trial;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_search(context, function, search));
    if (out_trial)
        TRN_TRY(trn_result_check(context, function, out_trial, sizeof *out_trial));
    if (trn_search_done(search))
        return trn_fail(context, TRNNSF_E_STATE, "%s: the search is done after %u trials", function,
                        search->n_trials);
    TRN_TRY(trn_search_step(context, search, &trial));
    if (out_trial)
        trn_result_write(out_trial, &trial);
    return TRNNSF_OK;
}

int trnnsf_search_done(const trnnsf_search *search)
{
    return !search || trn_search_done(search);
}

size_t trnnsf_search_trials(const trnnsf_search *search)
{
    return search ? search->n_trials : 0;
}

trnnsf_status trnnsf_search_trial(trnnsf_context *context, const trnnsf_search *search,
                                  size_t index, struct trnnsf_trial *out_trial)
{
    static const char *const function = "trnnsf_search_trial";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!search || !out_trial)
        return is_null(context, function, search ? "out_trial" : "search");
    TRN_TRY(trn_result_check(context, function, out_trial, sizeof *out_trial));
    if (index >= search->n_trials)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: index %zu is not below %u trials", function,
                        index, search->n_trials);
    trn_result_write(out_trial, &search->trials[index]);
    return TRNNSF_OK;
}

const trnnsf_run *trnnsf_search_run(const trnnsf_search *search)
{
    return search ? search->best_run : NULL;
}

const trnnsf_network *trnnsf_search_network(const trnnsf_search *search)
{
    return search ? search->best : NULL;
}

void trnnsf_search_free(trnnsf_search *search)
{
    trn_search_free(search);
}
