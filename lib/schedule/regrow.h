/* Blocks for what a round has left of its budget. */
#ifndef TRN_SCHEDULE_REGROW_H
#define TRN_SCHEDULE_REGROW_H

#include "schedule/joint.h"
#include "schedule/moments.h"

/* Pruning leaves cells that nothing holds between neurons that are fed and neurons that are read. Where
 * the network's clusters cost less than the round's budget, blocks of such cells join them, in the layers
 * `first` and above, those first whose synapses would see the largest gradients: the root of E[x^2]
 * E[d^2] each, by the moments of this round (RigL grows by gradients: Evci et al., "Rigging the lottery",
 * arXiv 1911.11134, section 3). Their weights begin at 0. */
trnnsf_status trn_joint_regrow(struct trn_joint *joint, const struct trn_moments *moments,
                               size_t first);

#endif
