/* Neurons that nothing reads any more come back to fill the spare lines of crossbars that are there
 * anyway. */
#ifndef TRN_SCHEDULE_WIDEN_H
#define TRN_SCHEDULE_WIDEN_H

#include "schedule/joint.h"

/* Between each layer and the next: an idle neuron joins all blocks of the same outputs in the one,
 * those with most room for outputs, and all blocks of the same inputs in the next, those with most
 * room for inputs; as long as there are idle neurons and room on both sides. What it feeds does not
 * change at first: its outgoing weights are 0, the incoming ones drawn as by He et al. 2015, eq.
 * 10, its bias is 0. (Wider without a change of function: Chen, Goodfellow and Shlens, "Net2Net",
 * ICLR 2016; outgoing weights of 0 for copied ones: chosen here.) No crossbar is added. */
trnnsf_status trn_joint_widen(struct trn_joint *joint);

#endif
