/* The packer's public options, read and checked. */
#ifndef TRN_CLUSTER_PACK_OPTIONS_H
#define TRN_CLUSTER_PACK_OPTIONS_H

#include <trnnsf/pack.h>

#include "cluster/pack_pool.h"
#include "tensor/sparse.h"

/* TRNNSF_E_INVALID with `function` before the text. */
trnnsf_status trn_pack_read_pool(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_pack_options *o, struct trn_pack_pool *pool);
trnnsf_status trn_pack_read_goal(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_pack_options *o, struct trn_pack_goal *goal);

/* Values become saliences of a kind (enum trnnsf_pack_salience): their squares,
 * the largest being 1 and none 0, or 1; magnitudes stay as they are. */
void trn_pack_weigh(struct trnnsf_matrix *matrix, uint32_t kind);
/* The kind to pack by: where all is to be kept, connections count alike, which finds fewer blocks.
 */
uint32_t trn_pack_kind(const struct trn_pack_goal *goal, uint32_t salience);
/* Checks that all values are finite. *out_own: the matrix whose magnitudes are the saliences of
 * `kind`, or NULL where `matrix` is that already. */
trnnsf_status trn_pack_saliences(trnnsf_context *ctx, const char *function, uint32_t kind,
                                 const struct trnnsf_matrix *matrix,
                                 struct trnnsf_matrix **out_own);

#endif
