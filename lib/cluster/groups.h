/* The order of clusters on a chip: crossbars follow one another into processing elements, and an output
 * whose crossbars share one needs no partial sums from elsewhere. */
#ifndef TRN_CLUSTER_GROUPS_H
#define TRN_CLUSTER_GROUPS_H

#include "cluster/clusters.h"

/* The same clusters, ordered so that each `size` (at least 1) from the first on share outputs: a group
 * begins with the first one left, and again and again takes the one that shares most outputs with it,
 * the first of equals. Cost: about the clusters on each output, summed over the outputs of all. */
trnnsf_status trn_clusters_group(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                 size_t size, struct trnnsf_clusters **out_clusters);

#endif
