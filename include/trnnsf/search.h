/** \file search.h
 * The fewest crossbars that still compute a network: packs it at one budget after another and keeps the
 * cheapest result that meets a floor of validation accuracy, with the whole trade-off curve. Mutable.
 */
#ifndef TRNNSF_SEARCH_H
#define TRNNSF_SEARCH_H

#include <trnnsf/run.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_search trnnsf_search;

/** A search from `network`, which is trained and stays as it is; it, `dataset` and `tech` must outlive
 * the search. `schedule` (copied) says how each trial packs: its method is taken as "pack",
 * "cluster.first" and "target.loss" as 0, and "target.crossbars" is the search's own.
 * `floor_accuracy` (0 … 1) is what a trial's validation accuracy must not be below: for "no worse than
 * dense - 0.1 points", the dense network's less 0.001. Trials bisect the logarithm of the budget
 * between one crossbar a layer and `cluster.budget_first` of the dense count; a trial that is below
 * the floor is discarded, so that the search always ends with what met it. The caller owns
 * `*out_search`.
 * TRNNSF_E_INVALID: NULL, a floor outside [0, 1], no trials, keys that contradict one another;
 * TRNNSF_E_MISMATCH: features, classes or loss do not fit, no training or no validation samples;
 * TRNNSF_E_NO_MEMORY. Bisection on a budget is chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_create(trnnsf_context *context,
                                              const trnnsf_network *network,
                                              const trnnsf_dataset *dataset,
                                              const trnnsf_schedule *schedule,
                                              const trnnsf_tech *tech, double floor_accuracy,
                                              uint32_t trials, trnnsf_search **out_search);

/** A point of the trade-off curve. */
struct trnnsf_trial {
    size_t struct_size;
    uint64_t budget;            /**< crossbars that the trial was given */
    uint64_t crossbars;         /**< that it took */
    double validation_accuracy; /**< at its end */
    uint32_t met;               /**< 1: not below the floor */
    uint32_t reserved;
};
/** Runs one trial, "train.epochs" epochs; `out_trial` (struct_size set by the caller) may be NULL. The
 * first one has the budget that lies in the middle. Progress: phase "search", a step a trial, and the
 * phases of runs.
 * TRNNSF_E_STATE: the search is done; TRNNSF_E_CANCELLED: the trial is lost and may be run again;
 * TRNNSF_E_NUMERIC, TRNNSF_E_NO_MEMORY as trnnsf_run_step(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_step(trnnsf_context *context, trnnsf_search *search,
                                            struct trnnsf_trial *out_trial);
/** 1 when all trials are done or the budgets left to try are neighbours (and for NULL), else 0. Since
 * 0.1. */
TRNNSF_API int trnnsf_search_done(const trnnsf_search *search);
/** Finished trials; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_search_trials(const trnnsf_search *search);
/** The record of trial `index`. TRNNSF_E_INVALID: NULL, a bad struct_size, no such trial. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_trial(trnnsf_context *context, const trnnsf_search *search,
                                             size_t index, struct trnnsf_trial *out_trial);
/** The run of the cheapest trial that met the floor; NULL while there is none, and for NULL. Belongs to
 * the search, until the next step. Since 0.1. */
TRNNSF_API const trnnsf_run *trnnsf_search_run(const trnnsf_search *search);
/** That trial's network, the same way. Since 0.1. */
TRNNSF_API const trnnsf_network *trnnsf_search_network(const trnnsf_search *search);
/** Frees a search with its runs and networks; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_search_free(trnnsf_search *search);

TRNNSF_END_DECLS

#endif
