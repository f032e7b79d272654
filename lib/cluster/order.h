/* Orders of a graph's lines, side by side. */
#ifndef TRN_CLUSTER_ORDER_H
#define TRN_CLUSTER_ORDER_H

#include "cluster/bipartite.h"

/* Breadth first from a line far out, neighbours by rising degree, one connected part after the
 * other (Cuthill, McKee 1969; the start by George, Liu 1979): order[s][place] is a line of side s.
 */
trnnsf_status trn_order_breadth_first(trnnsf_context *ctx, const struct trn_bipartite *graph,
                                      uint32_t *const *order);

/* No order of rows and columns leaves fewer tiles than this because parts hang together: see
 * trnnsf_reorder_bound(). limit[s] lines of side s are a stripe. */
trnnsf_status trn_order_bound(trnnsf_context *ctx, const struct trn_bipartite *graph,
                              const size_t *limit, size_t *out_bound);

#endif
