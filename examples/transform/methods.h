/* Running one method: schedule, training with checkpoints, mapping. */
#ifndef TRANSFORM_METHODS_H
#define TRANSFORM_METHODS_H

#include "settings.h"

/* What a method left. */
struct outcome {
    const char *method;
    trnnsf_network *network;
    trnnsf_run *run;
    trnnsf_search *search; /* instead of a run, where budgets were searched */
    trnnsf_mapping *mapping;
    trnnsf_spike_record *spikes; /* where costs are those of a spiking network */
    double seconds;
    double validation; /* accuracy, 0 where there is no validation part */
};

/* All that the methods share. */
struct experiment {
    struct program *program;
    const struct settings *settings;
    trnnsf_dataset *dataset;
    trnnsf_tech *tech;
    trnnsf_schedule *schedule; /* of the main method; the others' are copies with another method */
    trnnsf_network *initial;
};

/* One key of a schedule, a number or a word. */
trnnsf_status set_key(struct program *program, trnnsf_schedule *schedule,
                      const struct key_value *set);
/* The schedule that settings describe. EXIT_GO_ON or an exit code. */
int make_schedule(struct experiment *experiment);
/* The initial network: loaded, or random under the schedule's network keys. */
trnnsf_status make_initial(struct experiment *experiment);
/* `dense`, which targets are measured from, may be NULL. */
trnnsf_status run_method(const struct experiment *experiment, const char *method,
                         const struct outcome *dense, struct outcome *outcome);
/* The run that made the network; NULL where none did. */
const trnnsf_run *outcome_run(const struct outcome *outcome);
void outcome_free(struct outcome *outcome);

#endif
