/* k-means (Lloyd) with k-means++ seeding. */
#ifndef TRN_CLUSTER_KMEANS_H
#define TRN_CLUSTER_KMEANS_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* Groups points[n x dimension] into k: assignment[n]. The best of `restarts` runs by the sum of
 * squared distances. A group that loses all points takes the farthest one (MATLAB's "singleton").
 * TRNNSF_E_NUMERIC where n < k or a coordinate is not finite: there is no such grouping. Source of
 * the seeding: Arthur and Vassilvitskii, "k-means++", SODA 2007. */
trnnsf_status trn_kmeans(trnnsf_context *ctx, size_t n, size_t k, size_t dimension,
                         const double *points, uint64_t seed, uint32_t stream, uint32_t restarts,
                         uint32_t *assignment);

#endif
