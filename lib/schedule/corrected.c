/* The corrected loop's clustering round: the paper's steps (prune, cluster, reinforce, prune clusters)
 * with the released code's faults mended. A round, on each layer that the method works on:
 *   1. salience of the live synapses, w^2 E[x^2] E[d^2], as a share of the layer's whole;
 *   2. the weakest clusters dissolve into the residue;
 *   3. SCIC on the residue; clusters that fit one MCA together merge;
 *   4. each cluster, strongest first, exchanges its weakest inputs and outputs for better ones and fills
 *      its spare ones: everything inside its rectangle will be trained;
 *   5. what SCIC leaves becomes candidate windows of the residue, the densest first;
 * then, over all layers, the candidates with most salience are kept, as many as the round's budget of
 * crossbars has room for, and the rest is pruned: residue that costs more than it is worth goes. The
 * budget falls geometrically from cluster.budget_first to cluster.budget_last of the dense count. */
#include <stdlib.h>

#include "base/context.h"
#include "cluster/pack.h"
#include "cluster/refine.h"
#include "cluster/scic.h"
#include "prune/threshold.h"
#include "schedule/joint.h"
#include "schedule/rules.h"
#include "schedule/salience.h"

/* Chosen here: starts of the search for a residue window; two find nearly what four do. */
enum { SEED_STARTS = 2 };

/* Live: in a cluster, or above the threshold and not yet pruned. */
static trnnsf_status live_mask(struct trn_joint *joint, size_t index, struct trn_mask **out_mask)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trn_layer *layer = &joint->run->network->layers[index];
    struct trn_mask *mask = NULL, *cover = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &mask));
    trn_prune_threshold(layer->weights, layer->n_out, layer->n_in,
                        joint->run->layers[index].threshold, mask);
    if (layer->mask)
        trn_mask_and(mask, layer->mask);
    if (layer->clusters) {
        TRN_TRY_OUT(trn_clusters_cover_mask(ctx, layer->clusters, &cover));
        trn_mask_or(mask, cover);
    }
    *out_mask = mask;
    mask = NULL;
out:
    trn_mask_free(ctx, mask);
    trn_mask_free(ctx, cover);
    return status;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The score below which clusters dissolve: a share cluster.dissolve of this round's shrinkage. */
static trnnsf_status dissolve_limit(const struct trn_joint *joint, const double *score,
                                    size_t count, double *out_limit)
{
    double share = joint->run->schedule->number[TRN_DISSOLVE] * (1 - joint->shrink);
    size_t weak = (size_t)(share * (double)count);
    double *sorted = trn_copy(joint->ctx, score, count, sizeof *score);

    if (!sorted)
        return TRNNSF_E_NO_MEMORY;
    qsort(sorted, count, sizeof *sorted, ascending);
    *out_limit = sorted[weak];
    trn_free(joint->ctx, sorted);
    return TRNNSF_OK;
}

/* Step 2: the present clusters but the weakest; NULL where the layer has none. */
static trnnsf_status keep_strong(const struct trn_joint *joint, size_t index,
                                 const struct trnnsf_matrix *salience,
                                 struct trnnsf_clusters **out_clusters)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_clusters *clusters = joint->run->network->layers[index].clusters;
    size_t count = clusters ? trn_clusters_count(clusters) : 0;
    double *score = NULL, limit;
    bool *keep = NULL;
    trnnsf_status status;

    *out_clusters = NULL;
    if (count == 0)
        return TRNNSF_OK;
    score = TRN_NEW_ARRAY(ctx, double, count);
    TRN_NEED_OUT(score);
    keep = TRN_NEW_ARRAY(ctx, bool, count);
    TRN_NEED_OUT(keep);
    trn_clusters_score(clusters, salience, score, NULL);
    TRN_TRY_OUT(dissolve_limit(joint, score, count, &limit));
    for (size_t i = 0; i < count; i++)
        keep[i] = score[i] >= limit;
    status = trn_clusters_select(ctx, clusters, keep, out_clusters);
out:
    trn_free(ctx, score);
    trn_free(ctx, keep);
    return status;
}

/* Step 3. `*clusters` (may be NULL) is replaced. */
static trnnsf_status cluster_residue(struct trn_joint *joint, size_t index,
                                     const struct trnnsf_matrix *salience,
                                     struct trnnsf_clusters **clusters)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    struct trnnsf_cluster_options options = trn_rule_cluster_options(run, index, joint->epoch);
    struct trnnsf_matrix *residue = NULL;
    struct trnnsf_clusters *found = NULL, *joined = NULL, *merged = NULL;
    trnnsf_status status;

    options.merge = 0;
    options.grow = 0;
    TRN_TRY_OUT(trn_clusters_residue_matrix(ctx, *clusters, salience, &residue));
    TRN_TRY_OUT(trn_scic_find(ctx, residue, &options, &found));
    TRN_TRY_OUT(trn_clusters_join(ctx, *clusters, found, &joined));
    TRN_TRY_OUT(
        trn_clusters_merge(ctx, salience, joined, run->inputs, run->outputs, &merged));
    trn_clusters_free(*clusters);
    *clusters = merged;
out:
    trnnsf_matrix_free(residue);
    trn_clusters_free(found);
    trn_clusters_free(joined);
    return status;
}

/* Step 5: the densest windows of what `*clusters` (NULL: none) leave join them. */
static trnnsf_status add_windows(const struct trn_joint *joint, size_t index,
                                 const struct trnnsf_matrix *salience,
                                 struct trnnsf_clusters **clusters)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    size_t count = *clusters ? trn_clusters_count(*clusters) : 0;
    struct trnnsf_matrix *residue = NULL;
    struct trnnsf_clusters *windows = NULL, *joined = NULL;
    trnnsf_status status;

    /* The first round may need as many as the dense layer; later ones replace a share. */
    if (run->layers[index].clustered)
        count = count / 2 > 4 ? count / 2 : 4;
    else
        count = trn_run_dense_crossbars(run, index);
    TRN_TRY_OUT(trn_clusters_residue_matrix(ctx, *clusters, salience, &residue));
    TRN_TRY_OUT(trn_clusters_seed(ctx, residue, run->inputs, run->outputs, count, SEED_STARTS,
                                  trn_rule_seed(run, index, joint->epoch), &windows));
    TRN_TRY_OUT(trn_clusters_join(ctx, *clusters, windows, &joined));
    trn_clusters_free(*clusters);
    *clusters = joined;
out:
    trnnsf_matrix_free(residue);
    trn_clusters_free(windows);
    return status;
}

static trnnsf_status propose(struct trn_joint *joint, size_t index,
                             const struct trn_moments *moments)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    struct trn_mask *live = NULL;
    struct trnnsf_matrix *salience = NULL;
    struct trnnsf_clusters *clusters = NULL, *refined = NULL, *proposal;
    double *worth = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(live_mask(joint, index, &live));
    TRN_TRY_OUT(trn_layer_salience(ctx, run->network, index, moments, TRN_SALIENCE_LOSS, live,
                                   true, &salience));
    trn_traffic_charge(&joint->traffic, index, salience);
    TRN_TRY_OUT(keep_strong(joint, index, salience, &clusters));
    TRN_TRY_OUT(cluster_residue(joint, index, salience, &clusters));
    TRN_TRY_OUT(
        trn_clusters_refine(ctx, salience, clusters, run->inputs, run->outputs, &refined));
    TRN_TRY_OUT(add_windows(joint, index, salience, &refined));
    worth = TRN_NEW_ARRAY(ctx, double, trn_clusters_count(refined));
    TRN_NEED_OUT(worth);
    trn_clusters_score(refined, salience, worth, NULL);
    proposal = refined;
    refined = NULL;
    status = trn_joint_propose(joint, index, proposal, worth);
out:
    trn_free(ctx, worth);
    trn_mask_free(ctx, live);
    trnnsf_matrix_free(salience);
    trn_clusters_free(clusters);
    trn_clusters_free(refined);
    return status;
}

trnnsf_status trn_rule_corrected(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 double validation_accuracy)
{
    struct trn_moments moments = {NULL, NULL};
    struct trn_joint joint;
    trnnsf_status status;

    TRN_TRY_OUT(trn_joint_init(&joint, ctx, run, epoch));
    TRN_TRY_OUT(trn_moments_measure(ctx, run->network, run->dataset, run->schedule->word[TRN_LOSS],
                                    &moments));
    for (size_t i = 0; i < run->network->n_layers; i++) {
        if (run->layers[i].chosen)
            TRN_TRY_OUT(propose(&joint, i, &moments));
    }
    TRN_TRY_OUT(trn_joint_select(&joint, validation_accuracy));
    trn_rule_dropout(run);
    status = trn_trainer_masks_changed(ctx, run->trainer);
out:
    trn_joint_free(&joint);
    trn_moments_free(ctx, run->network, &moments);
    return status;
}
