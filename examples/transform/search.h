/* Packing to a target: one budget after another, from the dense network of the same run. */
#ifndef TRANSFORM_SEARCH_H
#define TRANSFORM_SEARCH_H

#include "methods.h"

/* A target that the main method cannot have. EXIT_GO_ON or an exit code. */
int check_target(const struct experiment *experiment);

/* Whether a method's target has to be searched for: of pack, a cost, a number of crossbars in more than
 * one way, or an accuracy below that of `dense`, which may be NULL. */
bool is_searched(const struct experiment *experiment, const trnnsf_schedule *schedule,
                 const char *method, const struct outcome *dense);

/* The network that serves the target best, from dense's or the initial one; that where no trial kept the
 * target. Network and search are the outcome's. */
trnnsf_status search_budgets(const struct experiment *experiment, const trnnsf_schedule *schedule,
                             const struct outcome *dense, struct outcome *outcome);

/* The curve, a line a trial; nothing where none was searched. */
void print_search(const struct experiment *experiment, const struct outcome *outcome);

#endif
