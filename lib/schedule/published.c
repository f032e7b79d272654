/* The released code's loop (Aayush-Ankit/traNNsformers: NN/NN_withPrune, rules in papers.md 1.4). Its
 * masks act at the end of an epoch alone: weights regrow inside one and can come back. */
#include "base/context.h"
#include "cluster/scic.h"
#include "prune/threshold.h"
#include "schedule/rules.h"

/* Clusters the pruned connections that are in no cluster, and adds what is found. */
static trnnsf_status cluster_rest(trnnsf_context *ctx, struct trnnsf_run *run, size_t index,
                                  const struct trn_mask *pruned, uint64_t epoch)
{
    struct trn_layer *layer = &run->network->layers[index];
    struct trnnsf_cluster_options options = trn_rule_cluster_options(run, index, epoch);
    struct trn_mask *rest = NULL;
    struct trnnsf_matrix *matrix = NULL;
    struct trnnsf_clusters *found = NULL, *joined = NULL;
    trnnsf_status status;

    if (layer->clusters)
        TRN_TRY_OUT(trn_clusters_residue_mask(ctx, layer->clusters, pruned, &rest));
    TRN_TRY_OUT(trn_sparse_from_mask(ctx, rest ? rest : pruned, NULL, layer->n_in, &matrix));
    TRN_TRY_OUT(trn_scic_find(ctx, matrix, &options, &found));
    TRN_TRY_OUT(trn_clusters_join(ctx, layer->clusters, found, &joined));
    status = trn_network_set_clusters(ctx, run->network, index, joined);
out:
    trn_mask_free(ctx, rest);
    trnnsf_matrix_free(matrix);
    trn_clusters_free(found);
    trn_clusters_free(joined);
    return status;
}

/* cluster_prune.m: score = density x live synapses; at most `fraction` of the best goes. */
static trnnsf_status drop_clusters(trnnsf_context *ctx, struct trnnsf_run *run, size_t index,
                                   const struct trn_mask *pruned)
{
    struct trn_layer *layer = &run->network->layers[index];
    size_t count = layer->clusters ? trn_clusters_count(layer->clusters) : 0;
    struct trnnsf_matrix *matrix = NULL;
    struct trnnsf_clusters *left = NULL;
    double *score = NULL, best = 0;
    bool *keep = NULL;
    trnnsf_status status;

    if (count == 0)
        return TRNNSF_OK;
    score = TRN_NEW_ARRAY(ctx, double, count);
    TRN_NEED_OUT(score);
    keep = TRN_NEW_ARRAY(ctx, bool, count);
    TRN_NEED_OUT(keep);
    TRN_TRY_OUT(trn_sparse_from_mask(ctx, pruned, NULL, layer->n_in, &matrix));
    trn_clusters_score(layer->clusters, matrix, score, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct trn_blocks *blocks = layer->clusters->blocks;
        double cells = (double)trn_block_cells(blocks, i);

        score[i] *= score[i] / cells;
        best = score[i] > best ? score[i] : best;
    }
    for (size_t i = 0; i < count; i++)
        keep[i] = score[i] > run->drop_fraction * best;
    TRN_TRY_OUT(trn_clusters_select(ctx, layer->clusters, keep, &left));
    status = trn_network_set_clusters(ctx, run->network, index, left);
out:
    trnnsf_matrix_free(matrix);
    trn_clusters_free(left);
    trn_free(ctx, score);
    trn_free(ctx, keep);
    return status;
}

/* The share of pruned connections in no cluster. */
static trnnsf_status unclustered_share(trnnsf_context *ctx, const struct trn_layer *layer,
                                       const struct trn_mask *pruned, double *out_share)
{
    size_t all = trn_mask_count(pruned);
    struct trn_mask *rest;

    *out_share = 1;
    if (!layer->clusters || all == 0)
        return TRNNSF_OK;
    TRN_TRY(trn_clusters_residue_mask(ctx, layer->clusters, pruned, &rest));
    *out_share = (double)trn_mask_count(rest) / (double)all;
    trn_mask_free(ctx, rest);
    return TRNNSF_OK;
}

/* Clusters at the first round, and later where pruning alone no longer changes the unclustered share by
 * cluster.change; from drop.from on, weak clusters go. */
static trnnsf_status steer_layer(trnnsf_context *ctx, struct trnnsf_run *run, size_t index,
                                 const struct trn_mask *pruned, uint64_t epoch,
                                 enum trn_phase *phase)
{
    struct trn_layer *layer = &run->network->layers[index];
    double share, before = run->layers[index].unclustered;

    TRN_TRY(unclustered_share(ctx, layer, pruned, &share));
    if (!layer->clusters || before - share < run->schedule->number[TRN_CLUSTER_CHANGE]) {
        TRN_TRY(cluster_rest(ctx, run, index, pruned, epoch));
        TRN_TRY(unclustered_share(ctx, layer, pruned, &share));
        *phase = TRN_PHASE_CLUSTER;
    }
    run->layers[index].unclustered = share;
    if (trn_run_past(run, epoch, TRN_DROP_FROM)) {
        TRN_TRY(drop_clusters(ctx, run, index, pruned));
        *phase = TRN_PHASE_DROP;
    }
    return TRNNSF_OK;
}

/* Kept = clusters' rectangles and what is above the threshold (cdp.m). */
static trnnsf_status keep_layer(trnnsf_context *ctx, struct trnnsf_run *run, size_t index,
                                struct trn_mask *kept, bool last)
{
    struct trn_layer *layer = &run->network->layers[index];
    struct trn_mask *cover = NULL;
    trnnsf_status status = TRNNSF_OK;

    if (layer->clusters) {
        TRN_TRY(trn_clusters_cover_mask(ctx, layer->clusters, &cover));
        trn_mask_or(kept, cover);
        trn_mask_free(ctx, cover);
    }
    trn_mask_apply(kept, layer->weights, layer->n_in);
    if (last)
        status = trn_network_set_mask(ctx, run->network, index, kept);
    return status;
}

trnnsf_status trn_rule_published(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 bool error_fell, enum trn_phase *out_phase)
{
    bool last = epoch == run->epochs;

    *out_phase = TRN_PHASE_PRUNE;
    for (size_t i = 0; i < run->network->n_layers; i++) {
        const struct trn_layer *layer = &run->network->layers[i];
        struct trn_mask **kept = &run->layers[i].kept;

        if (!run->layers[i].chosen)
            continue;
        if (!*kept)
            TRN_TRY(trn_mask_create(ctx, layer->n_out, layer->n_in, kept));
        trn_prune_threshold(layer->weights, layer->n_out, layer->n_in, run->layers[i].threshold,
                            *kept);
        if (trn_run_past(run, epoch, TRN_CLUSTER_FIRST))
            TRN_TRY(steer_layer(ctx, run, i, *kept, epoch, out_phase));
        TRN_TRY(keep_layer(ctx, run, i, *kept, last));
    }
    if (trn_run_past(run, epoch, TRN_DROP_FROM) && error_fell)
        run->drop_fraction += run->schedule->number[TRN_DROP_GROWTH];
    return trn_trainer_masks_changed(ctx, run->trainer);
}
