/* Receptive fields in a round: what the first layer proposes instead of free blocks (receptive.h). */
#ifndef TRN_SCHEDULE_FIELDS_H
#define TRN_SCHEDULE_FIELDS_H

#include "schedule/joint.h"
#include "schedule/moments.h"
#include "schedule/reach.h"

/* Crossbars for receptive fields; 0: blocks are free. */
size_t trn_fields_crossbars(const struct trnnsf_run *run);

/* Neurons that never fire, or that nothing learns through, are no use as receptive fields. */
void trn_fields_forget_dead(const struct trn_moments *moments, struct trnnsf_matrix *salience);

/* The first layer's proposal: fields once made stay, and come before all others; the first round makes
 * them, for so many outputs. */
trnnsf_status trn_fields_propose(struct trn_joint *joint, const struct trnnsf_matrix *salience,
                                 size_t outputs);

/* Where the next layer reads fewer neurons than the fields have, fewer fields do, and others only fill
 * them up; what that saves is shared again. Afterwards one field less would be too few for the neurons
 * that are read and worth something, or there is but one. Takes nearly all salience off the others. */
trnnsf_status trn_fields_fit(struct trn_joint *joint, const struct trn_reach *reach,
                             struct trnnsf_matrix *salience);

#endif
