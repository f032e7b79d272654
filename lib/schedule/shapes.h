/* The shapes that a run's clusters may take, and what they cost: in crossbars of the first shape, whose
 * cost is 1, so that budgets of one shape are numbers of crossbars. */
#ifndef TRN_SCHEDULE_SHAPES_H
#define TRN_SCHEDULE_SHAPES_H

#include "schedule/run.h"
#include "tech/tech.h"

/* Of method pack all shapes of the technology, with costs by pack.cost; of the others the first. */
void trn_shapes_pool(const struct trnnsf_tech *tech, const struct trnnsf_schedule *schedule,
                     struct trn_pack_pool *out_pool);

/* Whether some shapes cost more than others: budgets are costs then, not numbers. */
bool trn_shapes_differ(const struct trn_pack_pool *pool);
double trn_shapes_least(const struct trn_pack_pool *pool);
double trn_shapes_most(const struct trn_pack_pool *pool);

/* Of a cluster by the cheapest shape that holds it; 1 where none does. */
double trn_shapes_cluster_cost(const struct trn_pack_pool *pool,
                               const struct trnnsf_clusters *clusters, size_t cluster);
/* Of all; 0 for NULL. */
double trn_shapes_cost(const struct trn_pack_pool *pool, const struct trnnsf_clusters *clusters);

/* Of all synapses of the chosen layers among first … last, and of those of all chosen ones that are
 * kept in compacted tiles, on the one shape that is best for all these layers. */
double trn_shapes_dense_cost(const struct trnnsf_run *run, size_t first, size_t last);
trnnsf_status trn_shapes_pruned_cost(trnnsf_context *ctx, const struct trnnsf_run *run,
                                     double *out_cost);

/* Crossbars of a layer with that mask, on whatever shapes. */
trnnsf_status trn_shapes_count(trnnsf_context *ctx, const struct trnnsf_run *run,
                               const struct trn_mask *mask, const struct trnnsf_clusters *clusters,
                               uint64_t *out_crossbars);

#endif
