/* The packer for several matrices under one budget, or each by itself under one bound. */
#ifndef TRN_CLUSTER_PACK_JOINT_H
#define TRN_CLUSTER_PACK_JOINT_H

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

/* clusters[count] of matrices whose magnitudes are saliences; a matrix without any gets an empty
 * set. Matrices compare by shares of their own salience. A budget is spent on the blocks that add
 * most (per cost, where the goal limits cost), wherever they are, but every matrix with salience
 * has one at least: TRNNSF_E_INVALID, with `function` before the text, where the budget is too
 * small for that. The sum of shares is never below that of any one tiling (trn_pack_tiling) of all
 * matrices, whose best tiles are chosen in the same way. All are NULL on failure. */
trnnsf_status trn_pack_joint(trnnsf_context *ctx, const char *function,
                             struct trnnsf_matrix *const *matrices, size_t count,
                             const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                             struct trnnsf_clusters **clusters);

#endif
