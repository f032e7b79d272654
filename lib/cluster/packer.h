/* The packer: blocks (rows x columns, each within a shape) that hold the most salience of a matrix,
 * or that hold enough of it at the least cost. doc/pack.md says how. In all of it a matrix's
 * magnitudes are saliences, finite; an entry of salience 0 need not be kept. */
#ifndef TRN_CLUSTER_PACKER_H
#define TRN_CLUSTER_PACKER_H

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

/* Blocks in the order of what each adds to those before it, the most worth first (trn_pack_worth);
 * no block has a row or a column on which it owns nothing. */
trnnsf_status trn_pack(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                       const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                       struct trnnsf_clusters **out_clusters);

/* One block of a layer's that a caller may buy. */
struct trn_pack_offer {
    double salience; /* that it adds to those before it, in the matrix's units */
    double cost;     /* of its shape */
    uint32_t shape;
};

/* For budgets over several matrices: the clusters of trn_pack() and what each adds,
 * (*out_offers)[i] for cluster i, never rising in salience per cost (per block where the goal's
 * cost is infinite). Any leading part is a packing of its own. The offers are freed with
 * trn_free(). */
trnnsf_status trn_pack_candidates(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                  const struct trn_pack_pool *pool,
                                  const struct trn_pack_goal *goal,
                                  struct trnnsf_clusters **out_clusters,
                                  struct trn_pack_offer **out_offers);

/* The tiles of a tiling (pack_work.h) as offers, the most salient first; their `salience` is a share
 * of the matrix's. None are made of a matrix without salience. Freed with trn_free(). */
trnnsf_status trn_pack_tile_offers(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   const struct trn_pack_pool *pool, uint32_t shape, bool sorted,
                                   struct trn_pack_offer **out_offers, size_t *out_count);

#endif
