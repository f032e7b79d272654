/* Magnitude pruning: which weights stay. */
#ifndef TRN_PRUNE_THRESHOLD_H
#define TRN_PRUNE_THRESHOLD_H

#include "tensor/mask.h"

/* mask[n_out x n_in] = |weights| >= threshold. */
void trn_prune_threshold(const float *weights, size_t n_out, size_t n_in, double threshold,
                         struct trn_mask *mask);

#endif
