/* Clusters and masks of a whole network by the packer, without data and without training. */
#ifndef TRN_NETWORK_NETWORK_PACK_H
#define TRN_NETWORK_NETWORK_PACK_H

#include <trnnsf/pack.h>

#include "cluster/pack_pool.h"

/* Packs the weights that are not 0 (trn_pack_joint), keeps those in blocks and prunes the others.
 * `salience` is an enum trnnsf_pack_salience. Fills all of the report but struct_size. The network
 * is as before on failure; `function` begins texts. */
trnnsf_status trn_network_pack(trnnsf_context *ctx, const char *function,
                               struct trnnsf_network *network, const struct trn_pack_pool *pool,
                               const struct trn_pack_goal *goal, uint32_t salience,
                               struct trnnsf_pack_report *report);

#endif
