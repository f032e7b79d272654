/* Columns that stay together: a matrix whose columns are units of as many that follow one another, such as
 * the kernel of an input channel. Blocks of whole units are blocks of the matrix that has a unit in each
 * column. */
#ifndef TRN_CLUSTER_UNITS_H
#define TRN_CLUSTER_UNITS_H

#include "cluster/packer.h"

/* Whether some shape has room for a unit. */
bool trn_units_fit(const struct trn_pack_pool *pool, size_t unit);

/* trn_pack() and trn_pack_candidates() of blocks that hold whole units of `unit` columns, of which the
 * matrix has a whole number and which fit. Blocks to start at give their whole units. */
trnnsf_status trn_pack_units(trnnsf_context *ctx, const struct trnnsf_matrix *matrix, size_t unit,
                             const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                             struct trnnsf_clusters **out_clusters);
trnnsf_status trn_pack_unit_candidates(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                       size_t unit, const struct trn_pack_pool *pool,
                                       const struct trn_pack_goal *goal,
                                       struct trnnsf_clusters **out_clusters,
                                       struct trn_pack_offer **out_offers);

#endif
