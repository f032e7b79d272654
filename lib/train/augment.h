/* Training samples as they could have been: altered anew in each epoch (doc/schedule.md). */
#ifndef TRN_TRAIN_AUGMENT_H
#define TRN_TRAIN_AUGMENT_H

#include "data/dataset.h"

/* What is drawn, and for which epoch. */
struct trn_augment {
    uint64_t seed;
    uint32_t epoch;
    uint32_t shift;     /* places that a row moves at most */
    uint32_t crop;      /* pixels that an image moves at most, in height and width */
    uint32_t crop_fill; /* enum trnnsf_crop_fill */
    uint32_t flip;      /* 1: half of the images are seen from behind */
};

/* values[n x features] = training samples index[0 … n - 1] of the dataset, altered in this order, all
 * rows and channels of a sample alike:
 *
 * moved along the width by a number of places, uniform in -shift … shift, or among all places where
 * these are half the width or more; what leaves a row at one end comes back at the other;
 *
 * cut out of the image that is padded by `crop` pixels on each side, at a uniform place;
 *
 * mirrored left to right, with probability 1/2 where `flip` is 1.
 *
 * Draws follow from seed, epoch and the sample's number alone. */
void trn_augment_samples(trnnsf_context *ctx, const struct trn_augment *how,
                         const struct trnnsf_dataset *dataset, size_t n, const uint32_t *index,
                         float *values);

#endif
