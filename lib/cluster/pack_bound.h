/* What no set of blocks can do better. */
#ifndef TRN_CLUSTER_PACK_BOUND_H
#define TRN_CLUSTER_PACK_BOUND_H

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

struct trn_pack_bounds {
    double
        kept_most; /* share of the salience that `blocks` blocks of cost `cost` can hold at most */
    double cost_least; /* of blocks that hold the share `kept` */
};

/* `all`: whether everything is held, by which each line's connections count. */
trnnsf_status trn_pack_bound(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                             const struct trn_pack_pool *pool, size_t blocks, double cost,
                             double kept, bool all, struct trn_pack_bounds *out);
/* The same for several matrices together: the mean share that so many blocks can hold of those with
 * salience, totals[i] being all of it in matrix i. */
trnnsf_status trn_pack_bound_joint(trnnsf_context *ctx, struct trnnsf_matrix *const *matrices,
                                   const double *totals, size_t count,
                                   const struct trn_pack_pool *pool, size_t blocks, double cost,
                                   double *out_kept_most);

/* The cost of crossbars that hold so many connections of each row and each column, at least. With
 * one shape of cost 1 this is the count of cluster/bound.h. */
trnnsf_status trn_pack_bound_lines(trnnsf_context *ctx, const struct trn_pack_pool *pool,
                                   const uint32_t *row_counts, size_t rows,
                                   const uint32_t *column_counts, size_t columns, double *out);

#endif
