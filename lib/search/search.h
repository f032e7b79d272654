/* A search over budgets: each trial is a whole packing run from the same network, mapped and costed. */
#ifndef TRN_SEARCH_SEARCH_H
#define TRN_SEARCH_SEARCH_H

#include <trnnsf/search.h>

#include "schedule/run.h"
#include "tech/tech.h"

/* Budgets up to `low` lie on its side of the limit, those from `high` on beyond: an accuracy is kept
 * from `high` on, a budget up to `low`. Costs there are in the target's unit, NaN where none was
 * measured. */
struct trn_search_range {
    uint64_t low, high;
    double low_cost, high_cost;
};

enum { TRN_SEARCH_VARIANTS_MAX = 64 };

struct trnnsf_search {
    trnnsf_context *ctx;                  /* held */
    const struct trnnsf_network *network; /* the caller's, as are the next two */
    const struct trnnsf_dataset *dataset;
    const struct trnnsf_tech *tech;
    struct trnnsf_schedule *variant[TRN_SEARCH_VARIANTS_MAX]; /* our copies, as trials need them */
    uint32_t n_variants;
    struct trnnsf_search_options options;
    struct trn_search_range range;
    double unit_cost; /* of a crossbar before anything was measured; NaN: not known so far */
    uint32_t n_trials;
    struct trnnsf_trial *trials; /* [options.trials] */
    uint32_t next_variant;       /* above 0: of the budget of the last trial */
    struct trnnsf_trial budget;  /* the trial that speaks for all so far of that budget */
    struct trnnsf_trial before;  /* likewise, of the budget before; budget 0: none */
    struct trnnsf_trial best_trial;
    struct trnnsf_network *best;
    struct trnnsf_run *best_run;
};

trnnsf_status trn_search_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                const struct trnnsf_dataset *dataset,
                                const struct trnnsf_schedule *schedule,
                                const struct trnnsf_tech *tech,
                                const struct trnnsf_search_options *options,
                                struct trnnsf_search **out_search);
void trn_search_free(struct trnnsf_search *search);
bool trn_search_done(const struct trnnsf_search *search);
trnnsf_status trn_search_vary(trnnsf_context *ctx, struct trnnsf_search *search,
                              const struct trnnsf_schedule *schedule);
trnnsf_status trn_search_step(trnnsf_context *ctx, struct trnnsf_search *search,
                              struct trnnsf_trial *out_trial);

/* The crossbars of the first shape that the dense network takes. */
double trn_search_dense_crossbars(const struct trnnsf_search *search);
/* A trial's cost in the target's unit; of an accuracy, in that of pack.cost. */
double trn_search_cost(const struct trnnsf_search *search, const struct trnnsf_trial *trial);
/* Crossbars, area and energy of `network` by a rule of mapping. */
trnnsf_status trn_search_measure(trnnsf_context *ctx, const struct trnnsf_search *search,
                                 const struct trnnsf_network *network, uint32_t rule,
                                 struct trnnsf_trial *trial);

/* The budget to try next, above range.low and below range.high. */
uint64_t trn_search_next_budget(const struct trnnsf_search *search);
/* What trial.met says of the budgets on either side. */
void trn_search_narrow(struct trnnsf_search *search, const struct trnnsf_trial *trial);
/* Whether no budget is left that is worth a trial. */
bool trn_search_narrowed(const struct trnnsf_search *search);

#endif
