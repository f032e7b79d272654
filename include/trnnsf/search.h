/** \file search.h
 * The cheapest network that still computes, or the best one that a budget buys: packs a network at
 * one number of crossbars after another, costs each result, and keeps the one that serves the target
 * best, with the whole trade-off curve. Mutable.
 */
#ifndef TRNNSF_SEARCH_H
#define TRNNSF_SEARCH_H

#include <trnnsf/run.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_search trnnsf_search;

/** What is to be kept, and so what is sought. */
enum trnnsf_target {
    /** At least `limit` (0 … 1) of validation accuracy; sought is the network that costs least, by
     * the schedule's "pack.cost". For "no worse than dense - 0.1 points", the dense network's
     * accuracy less 0.001. */
    TRNNSF_TARGET_ACCURACY = 0,
    /** At most `limit` crossbars, one a layer at least; sought is the most accurate network. */
    TRNNSF_TARGET_CROSSBARS = 1,
    TRNNSF_TARGET_AREA = 2,  /**< at most `limit` square metres, likewise */
    TRNNSF_TARGET_ENERGY = 3 /**< at most `limit` joules an inference, likewise */
};

/** Zero-filled means nothing here: use the initialiser, then set `limit`. */
struct trnnsf_search_options {
    size_t struct_size;
    uint32_t target; /**< enum trnnsf_target; default accuracy */
    uint32_t trials; /**< at most so many, 1 … 1000; default 10: bisection comes to neighbours from a
                          thousand crossbars in about so many, a budget mostly in two or three */
    double limit;    /**< of the target, in its unit; the default, -1, is refused */
    uint32_t spiking_steps; /**< trials are costed as spiking networks of so many steps, 0 … 65536;
                                 default 0: by the activity of the network itself */
    uint32_t reserved;      /**< 0 */
};
#define TRNNSF_SEARCH_OPTIONS_INIT {sizeof(struct trnnsf_search_options), 0, 10, -1, 0, 0}
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_search_options_init(struct trnnsf_search_options *options);

/** A search from `network`, which is trained and stays as it is; it, `dataset` and `tech` must outlive
 * the search. `schedule` (copied) says how each trial packs: its method is taken as "pack",
 * "cluster.first" and "target.loss" as 0, and "target.crossbars", the trial's budget, is the search's
 * own: one crossbar a layer at least, at most the dense count, for an accuracy "cluster.budget_first" of
 * it.
 * Trials for an accuracy bisect the logarithm of the budget; one that is below the floor is discarded.
 * Trials for a budget begin at limit / (cost of a crossbar of the dense network), go on where the
 * straight line through what two packed networks (of the first, it and the dense one) were measured to
 * cost reaches the limit, and end where one keeps the limit within 2 %, or the line says that another
 * crossbar would not; one beyond the limit is discarded. A network is costed as trnnsf_mapping_create() maps it by the rule CLUSTERED,
 * at the activity on the validation part: the test part is never read.
 * \param options `limit` has no default.
 * \param out_search the search; the caller owns it.
 * TRNNSF_E_INVALID: NULL, an option out of its range, fewer crossbars than layers, keys that
 * contradict one another, "train.distil" above 0 (a search has no teachers); TRNNSF_E_MISMATCH:
 * features, classes or loss do not fit, no training or no validation samples; TRNNSF_E_NO_MEMORY. Source: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_create(trnnsf_context *context,
                                              const trnnsf_network *network,
                                              const trnnsf_dataset *dataset,
                                              const trnnsf_schedule *schedule,
                                              const trnnsf_tech *tech,
                                              const struct trnnsf_search_options *options,
                                              trnnsf_search **out_search);

/** Adds another way to pack, such as other receptive fields ("pack.patches"): from now on each budget is
 * tried with every schedule, in the order in which they were added, as a trial each; for an accuracy up to the
 * first that keeps the floor. `schedule` is copied, and taken as that of
 * trnnsf_search_create() is; costs compare by the "pack.cost" of that one. At most 63 may be added.
 * TRNNSF_E_INVALID: NULL, keys that contradict one another, no epochs, "train.distil" above 0, a search of
 * another context; TRNNSF_E_MISMATCH: the loss does not fit the network; TRNNSF_E_LIMIT: too many; TRNNSF_E_STATE: trials
 * have begun; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_vary(trnnsf_context *context, trnnsf_search *search,
                                            const trnnsf_schedule *schedule);

/** A point of the trade-off curve. */
struct trnnsf_trial {
    size_t struct_size;
    uint64_t budget;            /**< crossbars that the trial was given ("target.crossbars") */
    uint64_t crossbars;         /**< that its mapping took */
    double validation_accuracy; /**< at its end */
    uint32_t met;               /**< 1: the target's limit is kept */
    uint32_t variant;           /**< the schedule: 0, or in the order of trnnsf_search_vary() */
    double area;   /**< square metres of the mapping */
    double energy; /**< joules an inference, at the activity on the validation part */
};
/** Runs one trial, "train.epochs" epochs, maps and costs what it leaves; `out_trial` (struct_size set
 * by the caller) may be NULL. Progress: phase "search", a step a trial, and the phases of runs,
 * mappings and activities.
 * TRNNSF_E_STATE: the search is done; TRNNSF_E_CANCELLED: the trial is lost and the next step begins
 * it again; TRNNSF_E_NUMERIC, TRNNSF_E_NO_MEMORY as trnnsf_run_step(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_step(trnnsf_context *context, trnnsf_search *search,
                                            struct trnnsf_trial *out_trial);
/** 1 when all trials are done, the budgets left to try are none, or a budget's limit is reached (and
 * for NULL), else 0. Since 0.1. */
TRNNSF_API int trnnsf_search_done(const trnnsf_search *search);
/** Finished trials; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_search_trials(const trnnsf_search *search);
/** The record of trial `index`. TRNNSF_E_INVALID: NULL, a bad struct_size, no such trial. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_search_trial(trnnsf_context *context, const trnnsf_search *search,
                                             size_t index, struct trnnsf_trial *out_trial);
/** The run of the trial that is best of those that kept the limit: for an accuracy the one that costs
 * least (the more accurate of equals), for a budget the most accurate (the cheaper of equals). NULL
 * while there is none, and for NULL. Belongs to the search, until the next step. Since 0.1. */
TRNNSF_API const trnnsf_run *trnnsf_search_run(const trnnsf_search *search);
/** That trial's network, the same way. Since 0.1. */
TRNNSF_API const trnnsf_network *trnnsf_search_network(const trnnsf_search *search);
/** Frees a search with its runs and networks; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_search_free(trnnsf_search *search);

TRNNSF_END_DECLS

#endif
