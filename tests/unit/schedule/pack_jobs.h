/* Runs of random problems for method `pack`, and what must hold after any step of one. */
#ifndef TEST_SCHEDULE_PACK_JOBS_H
#define TEST_SCHEDULE_PACK_JOBS_H

#include "schedule/pack_problems.h"

/* What belongs to one run of a problem. */
struct job {
    trnnsf_context *ctx;
    trnnsf_dataset *dataset;
    trnnsf_network *network;
    trnnsf_run *run;
    double begun_with; /* cost of the pruned tiling on the best shape */
};

struct job begin(trnnsf_context *ctx, const struct problem *p);
void end(struct job *job);
/* Steps until done; a loss that is not finite may end it. */
void go_on(const struct job *job);

void check_step(const struct job *job, const struct problem *p, const struct trnnsf_step *step);
void same_history(const trnnsf_run *a, trnnsf_context *ctx, const trnnsf_run *b,
                  trnnsf_context *other);
/* A layer where no connection carries salience is left as it is: that of a network whose outputs
 * have died, whatever comes in. */
bool is_alive(const struct job *job, const struct problem *p);
/* Each crossbar on the shape that costs least of those that hold it. */
double mapped_cost(trnnsf_context *ctx, const struct problem *p, const trnnsf_tech *tech,
                   const trnnsf_mapping *mapping);

#endif
