/* The optimiser's part in batch norms: scale and shift of each. */
#ifndef TRN_TRAIN_NORMS_H
#define TRN_TRAIN_NORMS_H

#include "train/step.h"

trnnsf_status trn_train_create_norms(struct trnnsf_trainer *trainer);
void trn_train_free_norms(struct trnnsf_trainer *trainer);
/* After all layers of a batch have been passed back. */
void trn_train_update_norms(struct trnnsf_trainer *trainer, double rate);

/* Running means and variances become the mean over batches of the training samples, in their order,
 * as the network now is (Izmailov et al. 2018, arXiv 1803.05407, section 3.2: of averaged weights they are
 * those of no network before). */
trnnsf_status trn_train_measure_norms(struct trnnsf_trainer *trainer);

#endif
