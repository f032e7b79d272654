/* Orders of a matrix's rows and columns that leave few tiles with connections. */
#ifndef TRN_CLUSTER_REORDER_H
#define TRN_CLUSTER_REORDER_H

#include <trnnsf/reorder.h>

#include "cluster/clusters.h"

/* rows[n_rows], columns[n_columns]: the index at each place. `options` have been read and
 * checked. */
trnnsf_status trn_reorder_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                               const struct trnnsf_reorder_options *options, uint32_t *rows,
                               uint32_t *columns);

/* The tiles with connections as clusters; rows and columns are permutations. */
trnnsf_status trn_reorder_tiles(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options, const uint32_t *rows,
                                const uint32_t *columns, struct trnnsf_clusters **out_clusters);

/* The larger of trn_order_bound() and trn_crossbar_lower_bound(). */
trnnsf_status trn_reorder_bound(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options, size_t *out_bound);

#endif
