/* Copies of a side without what is covered: late in a packing, searches would read mostly that. */
#ifndef TRN_CLUSTER_PACK_COPY_H
#define TRN_CLUSTER_PACK_COPY_H

#include "cluster/pack_search.h"

/* `out` becomes the side with its `opened` open entries alone, in the copy's memory, until the next
 * call with it. */
trnnsf_status trn_pack_copy_open(trnnsf_context *ctx, const struct trn_pack_side *side,
                                 size_t opened, struct trn_pack_copy *copy,
                                 struct trn_pack_side *out);
void trn_pack_copy_free(trnnsf_context *ctx, struct trn_pack_copy *copy);

#endif
