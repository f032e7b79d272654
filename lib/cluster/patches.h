/* Groups of inputs that lie near one another. */
#ifndef TRN_CLUSTER_PATCHES_H
#define TRN_CLUSTER_PATCHES_H

#include <stdint.h>
#include <trnnsf/context.h>

/* `count` patches of `side` items each (1 <= side <= n, 1 <= count): input[count x side], ascending
 * in each patch. As evenly as n allows each item is in one patch, near a middle one; patches are then
 * filled up with the next nearest, so that they overlap where count x side is above n. Where it is
 * below n, the last items are in no patch. distance[n x n] is symmetric. Balanced k-medoids,
 * from several starts; the same for the same seed. */
trnnsf_status trn_patches(trnnsf_context *ctx, size_t n, const float *distance, size_t count,
                          size_t side, uint64_t seed, uint32_t *input);

#endif
