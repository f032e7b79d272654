/* What makes clusters pay for their crossbar: merging, growing, seeding. In all of them a matrix's
 * values are saliences, finite and not negative; cells without an entry have none. */
#ifndef TRN_CLUSTER_PACK_H
#define TRN_CLUSTER_PACK_H

#include "cluster/clusters.h"

/* Clusters whose unions of inputs and of outputs fit one MCA become one, the pair that gains most
 * residue salience first; among equals the pair with most neurons in common, then the largest, so
 * that the rest packs first-fit decreasing. Their number never rises. Clusters beyond the MCA
 * stay. */
trnnsf_status trn_clusters_merge(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_clusters *clusters, size_t inputs,
                                 size_t outputs, struct trnnsf_clusters **out_clusters);

/* Spare inputs and outputs of each cluster take the columns and rows with most residue salience, in
 * turns, until it is full or nothing is left to gain. Clusters keep their order and all they
 * had. */
trnnsf_status trn_clusters_grow(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_clusters *clusters, size_t inputs,
                                size_t outputs, struct trnnsf_clusters **out_clusters);

/* Up to `count` clusters of at most outputs x inputs, each the one with the most salience that
 * alternating between the best outputs for its inputs and the best inputs for its outputs reaches
 * from `starts` starts, in what the ones before it left. Fewer where no salience is left. */
trnnsf_status trn_clusters_seed(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                size_t inputs, size_t outputs, size_t count, uint32_t starts,
                                uint64_t seed, struct trnnsf_clusters **out_clusters);

#endif
