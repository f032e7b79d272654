/* Packing to a target of accuracy: one budget after another, from the dense network of the same run. */
#ifndef TRANSFORM_SEARCH_H
#define TRANSFORM_SEARCH_H

#include "methods.h"

/* The cheapest network that met the schedule's target.loss below `dense`; dense's own where no budget
 * did. Network and search are the outcome's. */
trnnsf_status search_budgets(const struct experiment *experiment, const trnnsf_schedule *schedule,
                             const struct outcome *dense, struct outcome *outcome);

/* The curve, a line a trial. */
void print_search(const struct experiment *experiment, const struct outcome *outcome);

#endif
