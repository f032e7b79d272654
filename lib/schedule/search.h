/* A search over budgets: each trial is a whole packing run from the same network. */
#ifndef TRN_SCHEDULE_SEARCH_H
#define TRN_SCHEDULE_SEARCH_H

#include <trnnsf/search.h>

#include "schedule/run.h"

struct trnnsf_search {
    trnnsf_context *ctx;                  /* held */
    const struct trnnsf_network *network; /* the caller's, as are the next two */
    const struct trnnsf_dataset *dataset;
    struct trnnsf_schedule *schedule; /* our copy, as trials need it */
    size_t inputs, outputs;           /* of the MCA */
    double floor;
    /* Budgets not above `failed` are taken to fail, those from `met` on to succeed. */
    uint64_t failed, met;
    uint32_t n_trials, planned;
    struct trnnsf_trial *trials; /* [planned] */
    struct trnnsf_network *best;
    struct trnnsf_run *best_run;
};

trnnsf_status trn_search_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                const struct trnnsf_dataset *dataset,
                                const struct trnnsf_schedule *schedule, size_t inputs,
                                size_t outputs, double floor, uint32_t trials,
                                struct trnnsf_search **out_search);
void trn_search_free(struct trnnsf_search *search);
bool trn_search_done(const struct trnnsf_search *search);
trnnsf_status trn_search_step(trnnsf_context *ctx, struct trnnsf_search *search,
                              struct trnnsf_trial *out_trial);

#endif
