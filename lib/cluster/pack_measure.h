/* What a set of blocks holds and costs, beside what no set could do better. */
#ifndef TRN_CLUSTER_PACK_MEASURE_H
#define TRN_CLUSTER_PACK_MEASURE_H

#include <trnnsf/pack.h>

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

/* All of the report but struct_size. TRNNSF_E_CHECK, with `function` before the text, where a block
 * fits no shape. */
trnnsf_status trn_pack_measure(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_matrix *matrix, const struct trn_pack_pool *pool,
                               const struct trnnsf_clusters *clusters,
                               struct trnnsf_pack_report *report);

#endif
