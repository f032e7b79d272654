/* Inputs centred and scaled by the training part. */
#ifndef TRN_DATA_STANDARDISE_H
#define TRN_DATA_STANDARDISE_H

#include "data/dataset.h"

/* x = (x - mean of the feature) / sigma in all parts; mean and sigma (one for all features, so that
 * their ratios stay) are the training part's. A training part without spread is only centred. */
trnnsf_status trn_dataset_standardise(trnnsf_context *ctx, struct trnnsf_dataset *dataset);
/* The same with one mean and one sigma of each channel. */
void trn_dataset_standardise_channels(struct trnnsf_dataset *dataset);

#endif
