/* Packing: clustering steers the pruning. A round, on each layer:
 *   1. salience of the kept synapses (pack.salience);
 *   2. the weakest clusters dissolve;
 *   3. each cluster, strongest first, exchanges inputs and outputs for better ones;
 *   4. what is left becomes candidate windows, the densest first;
 * then, over all layers, the candidates with most salience share the round's budget of crossbars
 * (joint.h). Salience by loss is in units of the loss, so layers compare as they are; the other
 * kinds are taken as shares of their layer. Between rounds everything inside a rectangle is
 * trained. */
#include <math.h>

#include "base/context.h"
#include "cluster/refine.h"
#include "schedule/joint.h"
#include "schedule/rules.h"
#include "schedule/salience.h"

uint64_t trn_rule_pack_first(const struct trnnsf_run *run)
{
    return (uint64_t)ceil(run->schedule->number[TRN_CLUSTER_FIRST] * (double)run->epochs);
}

static void enter(struct trnnsf_run *run)
{
    const double *number = run->schedule->number;
    uint64_t first = trn_rule_pack_first(run);

    trn_trainer_restart_rate(run->trainer, first, run->epochs - first, number[TRN_PACK_RATE]);
    for (size_t l = 0; l < run->network->n_layers; l++)
        trn_trainer_set_dropout(run->trainer, l,
                                number[l == 0 ? TRN_PACK_INPUT_DROPOUT : TRN_PACK_HIDDEN_DROPOUT]);
}

trnnsf_status trn_rule_pack_begin(trnnsf_context *ctx, struct trnnsf_run *run)
{
    const double *number = run->schedule->number;

    if (number[TRN_PACK_DISTIL] > 0)
        TRN_TRY(trn_trainer_set_teacher(ctx, run->trainer, run->network, number[TRN_PACK_DISTIL],
                                        number[TRN_PACK_TEMPERATURE]));
    enter(run);
    return TRNNSF_OK;
}

void trn_rule_pack_resume(struct trnnsf_run *run)
{
    if (run->schedule->word[TRN_METHOD] == TRN_METHOD_PACK && run->n_steps > 0 &&
        run->n_steps >= trn_rule_pack_first(run))
        enter(run);
}

static trnnsf_status propose(struct trn_joint *joint, size_t index,
                             const struct trn_moments *moments)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    enum trn_salience_kind kind = run->schedule->word[TRN_PACK_SALIENCE];
    struct trnnsf_matrix *salience = NULL;
    struct trnnsf_clusters *kept = NULL, *refined = NULL, *proposal;
    trnnsf_status status;

    TRN_TRY_OUT(trn_layer_salience(ctx, run->network, index, moments, kind,
                                   run->network->layers[index].mask, kind != TRN_SALIENCE_LOSS,
                                   &salience));
    TRN_TRY_OUT(trn_joint_keep_strong(joint, index, salience, &kept));
    if (kept)
        TRN_TRY_OUT(trn_clusters_refine(ctx, salience, kept, run->inputs, run->outputs, &refined));
    TRN_TRY_OUT(trn_joint_add_windows(joint, index, salience, &refined));
    proposal = refined;
    refined = NULL;
    status = trn_joint_propose(joint, index, salience, proposal);
out:
    trnnsf_matrix_free(salience);
    trn_clusters_free(kept);
    trn_clusters_free(refined);
    return status;
}

trnnsf_status trn_rule_pack(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                            double validation_accuracy)
{
    struct trn_moments moments = {NULL, NULL};
    struct trn_joint joint;
    trnnsf_status status;

    TRN_TRY_OUT(trn_joint_init(&joint, ctx, run, epoch));
    TRN_TRY_OUT(trn_moments_measure(ctx, run->network, run->dataset, run->schedule->word[TRN_LOSS],
                                    &moments));
    for (size_t i = 0; i < run->network->n_layers; i++)
        TRN_TRY_OUT(propose(&joint, i, &moments));
    TRN_TRY_OUT(trn_joint_select(&joint, validation_accuracy));
    status = trn_trainer_masks_changed(ctx, run->trainer);
out:
    trn_joint_free(&joint);
    trn_moments_free(ctx, run->network, &moments);
    return status;
}
