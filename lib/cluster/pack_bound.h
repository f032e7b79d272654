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

#endif
