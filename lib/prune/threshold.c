#include "prune/threshold.h"

#include <math.h>

void trn_prune_threshold(const float *weights, size_t n_out, size_t n_in, double threshold,
                         struct trn_mask *mask)
{
    trn_mask_fill(mask, false);
    for (size_t i = 0; i < n_out; i++) {
        for (size_t j = 0; j < n_in; j++) {
            if (fabs((double)weights[i * n_in + j]) >= threshold)
                trn_mask_set(mask, i, j);
        }
    }
}
