/* Inputs with their negatives. */
#ifndef TRN_DATA_MIRROR_H
#define TRN_DATA_MIRROR_H

#include "data/dataset.h"

/* x becomes (x, -x) in all parts, in twice as many channels. The dataset is unchanged on failure:
 * TRNNSF_E_LIMIT, TRNNSF_E_NO_MEMORY. */
trnnsf_status trn_dataset_mirror(trnnsf_context *ctx, struct trnnsf_dataset *dataset);

#endif
