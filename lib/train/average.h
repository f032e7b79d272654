/* Means of the weights that training passes through. */
#ifndef TRN_TRAIN_AVERAGE_H
#define TRN_TRAIN_AVERAGE_H

#include "train/step.h"

/* Room for the means of all layers; nothing where the options have none. Called again after a layer
 * has another packed form, they begin anew; on failure they are gone. */
trnnsf_status trn_average_create(struct trnnsf_trainer *trainer);
void trn_average_free(struct trnnsf_trainer *trainer);
/* After a step, and after an epoch: the weights as they are enter where the options say so. */
void trn_average_step(struct trnnsf_trainer *trainer);
void trn_average_epoch(struct trnnsf_trainer *trainer);
/* The means become what is trained, with batch norms' statistics of the training samples. Nothing where
 * none have been taken. */
trnnsf_status trn_average_take(struct trnnsf_trainer *trainer);

#endif
