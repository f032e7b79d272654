/* Packing: clustering steers the pruning. A round, on the layers that are chosen (schedule key layers):
 *   1. on each layer, salience of the kept synapses (pack.salience) and the blocks that hold most of
 *      it, from those that there are and anew; or receptive fields in the first one (receptive.h);
 *   2. over all layers, the candidates worth most (per cost, where shapes differ: shapes.h) share the
 *      round's budget of crossbars (joint.h);
 *   3. what leads nowhere is no longer worth anything (reach.h), and each layer is packed again for just
 *      its share (settle.h);
 *   4. what is left of the budget regrows blocks (regrow.h); lines that lead nowhere go, and blocks of
 *      the same outputs come to stand together (groups.h); with pack.widen, in the last round, idle
 *      neurons fill spare lines (widen.h).
 * Salience by loss is in units of the loss, so layers compare as they are; the other kinds are taken as
 * shares of their layer. Between rounds everything inside a rectangle is trained. */
#include <math.h>

#include "base/context.h"
#include "cluster/groups.h"
#include "cluster/units.h"
#include "schedule/fields.h"
#include "schedule/joint.h"
#include "schedule/reach.h"
#include "schedule/regrow.h"
#include "schedule/rules.h"
#include "schedule/salience.h"
#include "schedule/settle.h"
#include "schedule/shapes.h"
#include "schedule/widen.h"

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

    /* Where a round has failed packing begins again, but the network to learn from is that before it. */
    if (number[TRN_PACK_DISTIL] > 0 && !trn_trainer_teacher(run->trainer)) {
        const struct trnnsf_network *before = run->network;

        TRN_TRY(trn_trainer_set_teachers(ctx, run->trainer, &before, 1, number[TRN_PACK_DISTIL],
                                         number[TRN_PACK_TEMPERATURE]));
    }
    enter(run);
    return TRNNSF_OK;
}

void trn_rule_pack_resume(struct trnnsf_run *run)
{
    if (run->schedule->word[TRN_METHOD] == TRN_METHOD_PACK && run->n_steps > 0 &&
        run->n_steps >= trn_rule_pack_first(run))
        enter(run);
}

/* Blocks that a layer may ask for: a quarter and one more than it has, at most what a dense one
 * takes. */
static struct trn_pack_goal request_of(const struct trn_joint *joint, size_t index)
{
    const struct trnnsf_run *run = joint->run;
    const struct trnnsf_clusters *present = run->network->layers[index].clusters;
    size_t most = trn_run_dense_crossbars(run, index);
    double cost = trn_shapes_dense_cost(run, index, index);

    if (present && 5 * trn_clusters_count(present) / 4 + 1 < most)
        most = 5 * trn_clusters_count(present) / 4 + 1;
    if (present)
        cost = fmin(cost, 1.25 * trn_shapes_cost(&run->pool, present) + trn_shapes_most(&run->pool));
    return trn_settle_goal(joint, index, most, cost);
}

/* With receptive fields, what a block is worth to the network is not what it holds of the loss:
 * retraining makes up for most of that. It is how many synapses it brings, as far as they are as good as
 * those of the layer's best block; measured in doc/pack.md. */
static double worth_of(const struct trnnsf_run *run, const struct trnnsf_clusters *found,
                       const struct trn_pack_offer *offers, size_t i)
{
    double cells = (double)trn_block_cells(found->blocks, i);

    if (trn_fields_crossbars(run) == 0)
        return offers[i].salience;
    return offers[0].salience > 0 ? offers[i].salience / offers[0].salience * cells : 0;
}

static trnnsf_status propose(struct trn_joint *joint, size_t index,
                             const struct trn_pack_pool *pool, const struct trnnsf_matrix *salience)
{
    trnnsf_context *ctx = joint->ctx;
    struct trn_pack_goal goal = request_of(joint, index);
    struct trnnsf_clusters *found;
    struct trn_pack_offer *offers;
    double *worth;

    TRN_TRY(trn_pack_unit_candidates(ctx, salience, trn_run_unit(joint->run, index), pool, &goal,
                                     &found, &offers));
    worth = TRN_NEW_ARRAY(ctx, double, trn_clusters_count(found));
    if (worth) {
        for (size_t i = 0; i < trn_clusters_count(found); i++)
            worth[i] = worth_of(joint->run, found, offers, i);
    }
    trn_free(ctx, offers);
    if (!worth) {
        trn_clusters_free(found);
        return TRNNSF_E_NO_MEMORY;
    }
    trnnsf_status status = trn_joint_propose(joint, index, found, worth);
    trn_free(ctx, worth);
    return status;
}

/* Inputs from neurons that no synapse reaches are constants, which a bias can take over: their moments
 * are 0 then. */
static trnnsf_status forget_constants(const struct trn_joint *joint, size_t index, float *moments)
{
    const struct trnnsf_run *run = joint->run;
    const struct trn_links *links = run->links;
    bool *reached = TRN_NEW_ARRAY(joint->ctx, bool, trn_links_outputs(links));
    bool *lines = TRN_NEW_ARRAY(joint->ctx, bool, trn_links_lines(links, index));
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(reached);
    TRN_NEED_OUT(lines);
    trn_links_reached(links, run->network, reached);
    for (size_t j = 0; trn_fields_crossbars(run) > 0 && j < run->network->layers[0].n_out; j++)
        reached[j] = trn_clusters_has_row(joint->found[0], j);
    trn_links_feed(links, index, reached, lines);
    for (size_t j = 0; j < run->network->layers[index].n_in; j++) {
        if (!lines[trn_links_line(links, index, 0, j)])
            moments[j] = 0;
    }
out:
    trn_free(joint->ctx, reached);
    trn_free(joint->ctx, lines);
    return status;
}

static double sum_of(const struct trnnsf_matrix *salience)
{
    double sum = 0;

    for (size_t e = 0; e < trn_sparse_nonzeros(salience); e++)
        sum += (double)salience->value[e];
    return sum;
}

/* Where nothing is learnt through a layer, as in a saturated network, magnitudes must do. */
static trnnsf_status measure_layer(const struct trn_joint *joint, size_t index,
                                   const struct trn_moments *moments,
                                   struct trnnsf_matrix **out_salience)
{
    const struct trnnsf_network *network = joint->run->network;
    enum trn_salience_kind kind = joint->run->schedule->word[TRN_PACK_SALIENCE];
    const struct trn_mask *live = network->layers[index].mask;
    struct trnnsf_matrix *salience;

    TRN_TRY(trn_layer_salience(joint->ctx, network, index, moments, kind, live,
                               kind != TRN_SALIENCE_LOSS, &salience));
    if (sum_of(salience) > 0) {
        *out_salience = salience;
        return TRNNSF_OK;
    }
    trnnsf_matrix_free(salience);
    return trn_layer_salience(joint->ctx, network, index, moments, TRN_SALIENCE_MAGNITUDE, live,
                              true, out_salience);
}

static trnnsf_status propose_layers(struct trn_joint *joint, const struct trn_moments *moments,
                                    struct trnnsf_matrix **out_salience)
{
    const struct trnnsf_run *run = joint->run;

    for (size_t i = 0; i < run->network->n_layers; i++) {
        if (!run->layers[i].chosen)
            continue;
        if (i > 0)
            TRN_TRY(forget_constants(joint, i, moments->input[i]));
        TRN_TRY(measure_layer(joint, i, moments, &out_salience[i]));
        trn_traffic_charge(&joint->traffic, i, out_salience[i]);
        if (i == 0 && trn_fields_crossbars(run) > 0) {
            trn_fields_forget_dead(moments, out_salience[0]);
            TRN_TRY(trn_fields_propose(joint, out_salience[0], out_salience[0]->n_rows));
        } else {
            TRN_TRY(propose(joint, i, &run->pool, out_salience[i]));
        }
    }
    return TRNNSF_OK;
}

static void forget_kept(struct trn_joint *joint, struct trnnsf_clusters **kept)
{
    for (size_t i = 0; i < joint->run->network->n_layers; i++) {
        trn_clusters_free(kept[i]);
        kept[i] = NULL;
    }
}

/* Those that the network has in a layer that packing works on. */
static struct trnnsf_clusters *clusters_of(const struct trn_joint *joint, size_t index)
{
    return joint->run->layers[index].chosen ? joint->run->network->layers[index].clusters : NULL;
}

/* What was bought, and which neurons it leads through. */
static trnnsf_status keep_layers(struct trn_joint *joint, struct trnnsf_clusters **kept,
                                 struct trn_reach *reach)
{
    size_t n_layers = joint->run->network->n_layers;

    for (size_t i = 0; i < n_layers; i++) {
        if (joint->run->layers[i].chosen)
            TRN_TRY(trn_joint_keep(joint, i, &kept[i]));
    }
    return trn_reach_find(joint->ctx, joint->run->network, joint->run->links, kept, reach);
}

/* Layers choose apart from one another, so that some of what was bought leads nowhere: from the last
 * layer to the first, each chooses among what those below feed and the one above reads. */
static trnnsf_status settle_layers(struct trn_joint *joint, struct trnnsf_matrix *const *salience)
{
    trnnsf_context *ctx = joint->ctx;
    size_t n_layers = joint->run->network->n_layers;
    struct trnnsf_clusters **kept = TRN_NEW_ARRAY(ctx, struct trnnsf_clusters *, n_layers);
    struct trn_reach reach = {.links = NULL};
    trnnsf_status status;

    TRN_NEED_OUT(kept);
    TRN_TRY_OUT(keep_layers(joint, kept, &reach));
    if (reach.whole && trn_fields_crossbars(joint->run) > 0 && !joint->run->layers[0].clustered) {
        TRN_TRY_OUT(trn_fields_fit(joint, &reach, salience[0]));
        trn_reach_free(ctx, &reach);
        forget_kept(joint, kept);
        TRN_TRY_OUT(keep_layers(joint, kept, &reach));
    }
    trn_reach_forget_reads(&reach);
    for (size_t i = n_layers; i-- > 0;) {
        if (joint->run->layers[i].chosen) {
            trn_reach_filter(&reach, i, salience[i]);
            TRN_TRY_OUT(trn_settle_layer(joint, i, salience[i], kept[i]));
        }
        trn_reach_read(&reach, i, clusters_of(joint, i));
    }
out:
    trn_reach_free(ctx, &reach);
    if (kept)
        forget_kept(joint, kept);
    trn_free(ctx, kept);
    return status;
}

/* A layer without lines that lead nowhere and the crossbars that only these have, in the order in which
 * they share processing elements best: what sums an output up in one place moves no partial sums. */
static trnnsf_status trim_layer(struct trn_joint *joint, const struct trn_reach *reach, size_t index)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    size_t per_pe = run->pool.per_pe > 0 ? run->pool.per_pe : 1;
    struct trnnsf_clusters *trimmed = NULL, *grouped = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_reach_trim(ctx, reach, index, run->network->layers[index].clusters, &trimmed));
    TRN_TRY_OUT(trn_clusters_group(ctx, trimmed, per_pe, &grouped));
    status = trn_joint_apply(joint, index, grouped);
out:
    trn_clusters_free(trimmed);
    trn_clusters_free(grouped);
    return status;
}

static trnnsf_status trim_layers(struct trn_joint *joint)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_network *network = joint->run->network;
    struct trnnsf_clusters **held = TRN_NEW_ARRAY(ctx, struct trnnsf_clusters *, network->n_layers);
    struct trn_reach reach = {.links = NULL};
    trnnsf_status status;

    TRN_NEED_OUT(held);
    for (size_t i = 0; i < network->n_layers; i++)
        held[i] = clusters_of(joint, i);
    TRN_TRY_OUT(trn_reach_find(ctx, network, joint->run->links, held, &reach));
    for (size_t i = 0; reach.whole && i < network->n_layers; i++) {
        if (joint->run->layers[i].chosen)
            TRN_TRY_OUT(trim_layer(joint, &reach, i));
    }
out:
    trn_reach_free(ctx, &reach);
    trn_free(ctx, held);
    return status;
}

static trnnsf_status choose_blocks(struct trn_joint *joint, const struct trn_moments *moments,
                                   struct trnnsf_matrix *const *salience,
                                   double validation_accuracy)
{
    if (!trn_joint_complete(joint))
        return TRNNSF_OK;
    TRN_TRY(trn_joint_share(joint, validation_accuracy));
    TRN_TRY(settle_layers(joint, salience));
    TRN_TRY(trn_joint_regrow(joint, moments, trn_fields_crossbars(joint->run) > 0 ? 1 : 0));
    TRN_TRY(trim_layers(joint));
    if (joint->run->schedule->number[TRN_PACK_WIDEN] > 0 &&
        trn_run_past(joint->run, joint->epoch + 1, TRN_CLUSTER_UNTIL))
        return trn_joint_widen(joint);
    return TRNNSF_OK;
}

trnnsf_status trn_rule_pack(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                            double validation_accuracy)
{
    struct trn_moments moments = {NULL, NULL};
    struct trnnsf_matrix **salience = NULL;
    struct trn_joint joint;
    trnnsf_status status;

    TRN_TRY_OUT(trn_joint_init(&joint, ctx, run, epoch));
    salience = TRN_NEW_ARRAY(ctx, struct trnnsf_matrix *, run->network->n_layers);
    TRN_NEED_OUT(salience);
    TRN_TRY_OUT(trn_moments_measure(ctx, run->network, run->dataset, run->schedule->word[TRN_LOSS],
                                    &moments));
    TRN_TRY_OUT(propose_layers(&joint, &moments, salience));
    TRN_TRY_OUT(choose_blocks(&joint, &moments, salience, validation_accuracy));
    status = trn_trainer_masks_changed(ctx, run->trainer);
out:
    for (size_t i = 0; salience && i < run->network->n_layers; i++)
        trnnsf_matrix_free(salience[i]);
    trn_free(ctx, salience);
    trn_moments_free(ctx, run->network, &moments);
    trn_joint_free(&joint);
    return status;
}
