/* The last packed network that kept the floor of accuracy (target.loss below the reference), and the way
 * back to it. A network counts as packed after the first round. */
#ifndef TRN_SCHEDULE_ROLLBACK_H
#define TRN_SCHEDULE_ROLLBACK_H

#include "schedule/run.h"

/* Validation accuracy that is not too low; all is where there is no floor, and a NaN. */
bool trn_keeps_floor(const struct trnnsf_run *run, double accuracy);

/* Remembers the network as epoch `epoch` (from 1) has left it, if its accuracy keeps the floor. May be
 * called again for the same epoch. */
trnnsf_status trn_rollback_note(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                double accuracy);
/* Whether it is time to go back: pack.patience epochs below the floor while crossbars shrink, or the end
 * below it. */
bool trn_rollback_due(const struct trnnsf_run *run, uint64_t epoch);
/* The remembered network again, for good: its crossbars are polished until the end. */
trnnsf_status trn_rollback(trnnsf_context *ctx, struct trnnsf_run *run);

#endif
