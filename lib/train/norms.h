/* The optimiser's part in batch norms: scale and shift of each. */
#ifndef TRN_TRAIN_NORMS_H
#define TRN_TRAIN_NORMS_H

#include "train/step.h"

trnnsf_status trn_train_create_norms(struct trnnsf_trainer *trainer);
void trn_train_free_norms(struct trnnsf_trainer *trainer);
/* After all layers of a batch have been passed back. */
void trn_train_update_norms(struct trnnsf_trainer *trainer, double rate);

#endif
