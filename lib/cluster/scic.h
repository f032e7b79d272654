/* Size-constrained iterative clustering: the released code's rules, and the mended ones. */
#ifndef TRN_CLUSTER_SCIC_H
#define TRN_CLUSTER_SCIC_H

#include "cluster/builder.h"
#include "cluster/clusters.h"

/* Progress counts the share of the connections that is clustered, in this many steps. */
#define TRN_SCIC_PROGRESS 50u

/* Clusters of the matrix's connectivity; values are saliences for merging and growing. `options`
 * have been read and checked. */
trnnsf_status trn_scic_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                            const struct trnnsf_cluster_options *options,
                            struct trnnsf_clusters **out_clusters);

/* The two variants' rounds alone, added to `builder`. */
trnnsf_status trn_scic_published(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_cluster_options *options,
                                 struct trn_cluster_builder *builder);
trnnsf_status trn_scic_corrected(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_cluster_options *options,
                                 struct trn_cluster_builder *builder);

/* Removes the entries of rows x columns (any order) from the matrix; how many there were. `mark`
 * has n_columns bytes, all 0 before and after. */
size_t trn_scic_blank(struct trnnsf_matrix *matrix, const uint32_t *rows, size_t n_rows,
                      const uint32_t *columns, size_t n_columns, unsigned char *mark);

#endif
