/* Pruning by magnitude: masks from thresholds, thresholds from wanted ratios. */
#ifndef TRN_PRUNE_THRESHOLD_H
#define TRN_PRUNE_THRESHOLD_H

#include "tensor/mask.h"

/* mask[n_out x n_in] keeps |w| >= threshold, the released code's rule (Aayush-Ankit/traNNsformers:
 * adp.m, cdp.m). A threshold of 0 keeps all, weights of 0 too; NaN weights are never kept. */
void trn_prune_threshold(const float *weights, size_t n_out, size_t n_in, double threshold,
                         struct trn_mask *mask);

/* The threshold that prunes `ratio` of the weights, in [0, 1): the floor(ratio count)-th smallest
 * magnitude, counted from 0, so that at most that many fall below it and ties are kept. `among`,
 * where it is not NULL, tells the weights that count. 0 where none do. */
trnnsf_status trn_prune_find_threshold(trnnsf_context *ctx, const float *weights, size_t n_out,
                                       size_t n_in, const struct trn_mask *among, double ratio,
                                       double *out_threshold);

#endif
