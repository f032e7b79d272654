/* The packer for several matrices under one budget, or each by itself under one bound. */
#ifndef TRN_CLUSTER_PACK_JOINT_H
#define TRN_CLUSTER_PACK_JOINT_H

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

/* clusters[count] of matrices whose magnitudes are saliences; a matrix without any gets an empty
 * set. Matrices compare by shares of their own salience: block by block, a budget is spent on the
 * matrix that keeps the least share, so that shares are even. Every matrix with salience has a
 * block at least: TRNNSF_E_INVALID, with `function` before the text, where the budget is too small
 * for that. The least share is never below that of any one tiling (trn_pack_tiling) of all matrices
 * whose best tiles are bought in the same way. All are NULL on failure.
 *
 * Measured on two dense networks (doc/pack.md): even shares keep more accuracy than the largest sum
 * of shares, or of their logarithms, which leave large layers with little. */
trnnsf_status trn_pack_joint(trnnsf_context *ctx, const char *function,
                             struct trnnsf_matrix *const *matrices, size_t count,
                             const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                             struct trnnsf_clusters **clusters);

#endif
