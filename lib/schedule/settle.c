#include "schedule/settle.h"

#include <math.h>

#include "base/context.h"
#include "cluster/units.h"
#include "schedule/fields.h"
#include "schedule/rules.h"
#include "schedule/shapes.h"

struct trn_pack_goal trn_settle_goal(const struct trn_joint *joint, size_t index, size_t crossbars,
                                     double cost)
{
    const struct trnnsf_run *run = joint->run;
    bool by_cost = trn_shapes_differ(&run->pool);

    return (struct trn_pack_goal){.crossbars = by_cost ? SIZE_MAX : crossbars,
                                  .cost = by_cost ? cost : INFINITY,
                                  .effort = (uint32_t)run->schedule->number[TRN_PACK_EFFORT],
                                  .seed = trn_rule_seed(run, index, joint->epoch),
                                  .start = run->network->layers[index].clusters};
}

/* Blocks that hold all there is may be more than it takes: those that hold it at least cost, in
 * *blocks, where they are cheaper. */
static trnnsf_status spare(const struct trn_joint *joint, size_t index,
                           const struct trn_pack_goal *budget,
                           const struct trnnsf_matrix *salience, struct trnnsf_clusters **blocks)
{
    const struct trn_pack_pool *pool = &joint->run->pool;
    struct trn_pack_goal goal = {.bounded = true, .effort = budget->effort, .seed = budget->seed};
    double *score = TRN_NEW_ARRAY(joint->ctx, double, trn_clusters_count(*blocks));
    struct trnnsf_clusters *all;

    if (!score)
        return TRNNSF_E_NO_MEMORY;
    double left = trn_clusters_score(*blocks, salience, score, NULL);
    trn_free(joint->ctx, score);
    if (left > 0)
        return TRNNSF_OK;
    TRN_TRY(trn_pack_units(joint->ctx, salience, trn_run_unit(joint->run, index), pool, &goal, &all));
    if (trn_shapes_cost(pool, all) < trn_shapes_cost(pool, *blocks)) {
        trn_clusters_free(*blocks);
        *blocks = all;
    } else {
        trn_clusters_free(all);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_settle_layer(struct trn_joint *joint, size_t index,
                               const struct trnnsf_matrix *salience, struct trnnsf_clusters *kept)
{
    struct trn_pack_goal goal =
        trn_settle_goal(joint, index, trn_clusters_count(kept), trn_joint_allowance(joint, index));
    struct trnnsf_clusters *best;

    if (index == 0 && trn_fields_crossbars(joint->run) > 0)
        return trn_joint_apply(joint, 0, kept);
    goal.start = kept;
    TRN_TRY(trn_pack_units(joint->ctx, salience, trn_run_unit(joint->run, index), &joint->run->pool,
                           &goal, &best));
    trnnsf_status status = spare(joint, index, &goal, salience, &best);
    if (status == TRNNSF_OK)
        status = trn_joint_apply(joint, index, best);
    trn_clusters_free(best);
    return status;
}
