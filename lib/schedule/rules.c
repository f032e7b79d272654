/* Thresholds, hard pruning, offline clustering, dropout. */
#include "schedule/rules.h"

#include <math.h>

#include "base/context.h"
#include "cluster/scic.h"
#include "map/count.h"
#include "prune/threshold.h"

/* 40 epochs is the authors' plan at slowdown 1 (run_fcn_general.m: slowdown = 40 / epochs). */
static double slowdown(const struct trnnsf_run *run)
{
    double given = run->schedule->number[TRN_PRUNE_SLOWDOWN];
    bool alone = run->schedule->word[TRN_METHOD] != TRN_METHOD_TRANSFORM;

    if (given <= 0)
        given = 40.0 / (double)run->epochs;
    return alone ? given * run->schedule->number[TRN_PRUNE_FACTOR_ALONE] : given;
}

/* With classic dropout the weights are 1 - p of those that the authors' thresholds are for. */
static double weight_scale(const struct trnnsf_run *run, size_t layer)
{
    const double *number = run->schedule->number;

    if (number[TRN_CLASSIC_DROPOUT] <= 0 || !trn_network_is_chain(run->network))
        return 1; /* in graphs dropout is always inverted */
    return 1 - number[layer == 0 ? TRN_INPUT_DROPOUT : TRN_HIDDEN_DROPOUT];
}

void trn_rule_grow_thresholds(struct trnnsf_run *run, bool error_fell)
{
    size_t n = run->network->n_layers;

    if (!error_fell)
        return;
    for (size_t i = 0; i < n; i++) {
        enum trn_schedule_number key = i + 1 == n && n > 1 ? TRN_PRUNE_STEP_LAST : TRN_PRUNE_STEP;

        run->layers[i].threshold +=
            slowdown(run) * run->schedule->number[key] * weight_scale(run, i);
    }
}

/* `mask` &= |w| >= threshold, cells of clusters excepted. */
static trnnsf_status prune_layer(trnnsf_context *ctx, struct trnnsf_run *run, size_t index)
{
    struct trn_layer *layer = &run->network->layers[index];
    struct trn_mask *mask = NULL, *cover = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &mask));
    trn_prune_threshold(layer->weights, layer->n_out, layer->n_in, run->layers[index].threshold,
                        mask);
    if (layer->mask)
        trn_mask_and(mask, layer->mask);
    if (layer->clusters) {
        TRN_TRY_OUT(trn_clusters_cover_mask(ctx, layer->clusters, &cover));
        trn_mask_or(mask, cover);
    }
    status = trn_network_set_mask(ctx, run->network, index, mask);
out:
    trn_mask_free(ctx, mask);
    trn_mask_free(ctx, cover);
    return status;
}

trnnsf_status trn_rule_prune(trnnsf_context *ctx, struct trnnsf_run *run)
{
    for (size_t i = 0; i < run->network->n_layers; i++) {
        if (run->layers[i].chosen)
            TRN_TRY(prune_layer(ctx, run, i));
    }
    return trn_trainer_masks_changed(ctx, run->trainer);
}

uint64_t trn_rule_seed(const struct trnnsf_run *run, size_t layer, uint64_t round)
{
    return (uint64_t)run->schedule->number[TRN_SEED] + 1000003u * round + 7919u * layer;
}

struct trnnsf_cluster_options trn_rule_cluster_options(const struct trnnsf_run *run, size_t layer,
                                                       uint64_t round)
{
    const double *number = run->schedule->number;
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;

    options.variant = run->schedule->word[TRN_VARIANT];
    options.k = (uint32_t)number[TRN_CLUSTER_GROUPS];
    options.inputs = (uint32_t)run->inputs;
    options.outputs = (uint32_t)run->outputs;
    options.quality_first = number[TRN_QUALITY_FIRST];
    options.quality_last = number[TRN_QUALITY_LAST];
    options.quality_step = number[TRN_QUALITY_STEP];
    options.seed = trn_rule_seed(run, layer, round);
    return options;
}

/* Do crossbars of clusters and their residue number no more than those without clusters? */
static trnnsf_status clusters_pay(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  const struct trn_mask *mask,
                                  const struct trnnsf_clusters *clusters, bool *out_pay)
{
    struct trn_map_counts with, without;

    TRN_TRY(trn_map_count(ctx, mask, clusters, run->inputs, run->outputs, &with));
    TRN_TRY(trn_map_count(ctx, mask, NULL, run->inputs, run->outputs, &without));
    *out_pay = with.total <= without.total;
    return TRNNSF_OK;
}

static trnnsf_status cluster_offline(trnnsf_context *ctx, struct trnnsf_run *run, size_t index)
{
    struct trn_layer *layer = &run->network->layers[index];
    struct trnnsf_cluster_options options = trn_rule_cluster_options(run, index, 0);
    struct trnnsf_matrix *matrix = NULL;
    struct trnnsf_clusters *clusters = NULL;
    bool pay = true;
    trnnsf_status status;

    TRN_TRY_OUT(trn_sparse_from_mask(ctx, layer->mask, NULL, layer->n_in, &matrix));
    TRN_TRY_OUT(trn_scic_find(ctx, matrix, &options, &clusters));
    if (options.variant == TRNNSF_CLUSTER_CORRECTED)
        TRN_TRY_OUT(clusters_pay(ctx, run, layer->mask, clusters, &pay));
    if (pay)
        status = trn_network_set_clusters(ctx, run->network, index, clusters);
out:
    trnnsf_matrix_free(matrix);
    trn_clusters_free(clusters);
    return status;
}

trnnsf_status trn_rule_offline(trnnsf_context *ctx, struct trnnsf_run *run)
{
    for (size_t i = 0; i < run->network->n_layers; i++) {
        if (run->layers[i].chosen)
            TRN_TRY(cluster_offline(ctx, run, i));
    }
    return TRNNSF_OK;
}

/* The density of the layers that feed a layer, taken together; above 1 where no round has clustered any
 * of them. */
static double density_below(const struct trnnsf_run *run, size_t layer)
{
    double kept = 0, all = 0;
    bool clustered = false;

    for (size_t l = 0; l < layer; l++) {
        const struct trn_layer *below = &run->network->layers[l];

        if (!trn_links_join(run->links, l, layer))
            continue;
        clustered = clustered || run->layers[l].clustered;
        kept += (double)trn_layer_synapses(below);
        all += (double)below->n_in * (double)below->n_out;
    }
    return clustered ? kept / all : INFINITY;
}

/* A thinner layer needs less noise: rate * density^exponent; exponent 0.5 is Han et al., "Learning both
 * weights and connections for efficient neural networks", NeurIPS 2015, section 3.2. */
void trn_rule_dropout(struct trnnsf_run *run)
{
    double rate = run->schedule->number[TRN_HIDDEN_DROPOUT];
    double exponent = run->schedule->number[TRN_DROPOUT_EXPONENT];

    for (size_t i = 1; i < run->network->n_layers; i++) {
        double density = density_below(run, i);

        if (density <= 1)
            trn_trainer_set_dropout(run->trainer, i, rate * pow(density, exponent));
    }
}
