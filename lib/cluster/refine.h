/* Exchange: clusters trade their weak inputs and outputs for better ones. */
#ifndef TRN_CLUSTER_REFINE_H
#define TRN_CLUSTER_REFINE_H

#include "cluster/clusters.h"

/* Each cluster, the one with most salience first, becomes the `outputs` rows with most salience over its
 * columns, and then the `inputs` columns with most over those rows, among cells that no stronger cluster has
 * taken. Clusters come out strongest first; those left without salience are gone. Values of `matrix` are
 * saliences, finite and not negative. */
trnnsf_status trn_clusters_refine(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                  const struct trnnsf_clusters *clusters, size_t inputs,
                                  size_t outputs, struct trnnsf_clusters **out_clusters);

#endif
