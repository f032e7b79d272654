/* The corrected loop's clustering round: the paper's steps (prune, cluster, reinforce, prune clusters)
 * with the released code's faults mended. A round, on each layer:
 *   1. salience of the live synapses, w^2 E[x^2] E[d^2], as a share of the layer's whole;
 *   2. the weakest clusters dissolve into the residue;
 *   3. SCIC on the residue; clusters that fit one MCA together merge;
 *   4. each cluster, strongest first, exchanges its weakest inputs and outputs for better ones and fills
 *      its spare ones: everything inside its rectangle will be trained;
 *   5. what SCIC leaves becomes candidate windows of the residue, the densest first;
 * then, over all layers, the candidates with most salience are kept, as many as the round's budget of
 * crossbars has room for, and the rest is pruned: residue that costs more than it is worth goes. The
 * budget falls geometrically from cluster.budget_first to cluster.budget_last of the dense count. */
#include <math.h>
#include <stdlib.h>

#include "base/context.h"
#include "cluster/pack.h"
#include "cluster/refine.h"
#include "cluster/scic.h"
#include "prune/threshold.h"
#include "schedule/moments.h"
#include "schedule/rules.h"

/* Chosen here: starts of the search for a residue window; two find nearly what four do. */
enum { SEED_STARTS = 2 };

struct candidate {
    double salience;
    size_t layer;
    size_t cluster;
};

struct round {
    trnnsf_context *ctx;
    struct trnnsf_run *run;
    uint64_t epoch;
    double shrink;         /* the budget's factor from one round to the next */
    struct trn_moments moments;
    struct trnnsf_clusters **found; /* [layers] */
    size_t n_candidates;
    struct candidate *candidates;
};

static size_t all_dense_crossbars(const struct trnnsf_run *run)
{
    size_t sum = 0;

    for (size_t i = 0; i < run->network->n_layers; i++)
        sum += trn_run_dense_crossbars(run, i);
    return sum;
}

static uint64_t epoch_of(const struct trnnsf_run *run, enum trn_schedule_number fraction)
{
    return (uint64_t)ceil(run->schedule->number[fraction] * (double)run->epochs);
}

/* Crossbars that the last round leaves. */
static size_t last_budget(const struct trnnsf_run *run)
{
    double target = run->schedule->number[TRN_TARGET_CROSSBARS];
    double dense = (double)all_dense_crossbars(run);

    if (target > 0)
        return (size_t)target;
    return (size_t)ceil(run->schedule->number[TRN_BUDGET_LAST] * dense);
}

/* Live: in a cluster, or above the threshold and not yet pruned. */
static trnnsf_status live_mask(struct round *round, size_t index, struct trn_mask **out_mask)
{
    trnnsf_context *ctx = round->ctx;
    const struct trn_layer *layer = &round->run->network->layers[index];
    struct trn_mask *mask = NULL, *cover = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &mask));
    trn_prune_threshold(layer->weights, layer->n_out, layer->n_in,
                        round->run->layers[index].threshold, mask);
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

/* Saliences of the live synapses, summing to 1 over the layer. */
static trnnsf_status salience_matrix(struct round *round, size_t index,
                                     struct trnnsf_matrix **out_matrix)
{
    const float *input = round->moments.input[index], *output = round->moments.output[index];
    const struct trn_layer *layer = &round->run->network->layers[index];
    struct trn_mask *mask;
    struct trnnsf_matrix *matrix;
    double sum = 0;

    TRN_TRY(live_mask(round, index, &mask));
    trnnsf_status status =
        trn_sparse_from_mask(round->ctx, mask, layer->weights, layer->n_in, &matrix);
    trn_mask_free(round->ctx, mask);
    TRN_TRY(status);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            float w = matrix->value[e];

            matrix->value[e] = w * w * input[matrix->column[e]] * output[i];
            sum += (double)matrix->value[e];
        }
    }
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix) && sum > 0; e++)
        matrix->value[e] = (float)((double)matrix->value[e] / sum);
    *out_matrix = matrix;
    return TRNNSF_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The score below which clusters dissolve: a share cluster.dissolve of this round's shrinkage. */
static trnnsf_status dissolve_limit(struct round *round, const double *score, size_t count,
                                    double *out_limit)
{
    double share = round->run->schedule->number[TRN_DISSOLVE] * (1 - round->shrink);
    size_t weak = (size_t)(share * (double)count);
    double *sorted = trn_copy(round->ctx, score, count, sizeof *score);

    if (!sorted)
        return TRNNSF_E_NO_MEMORY;
    qsort(sorted, count, sizeof *sorted, ascending);
    *out_limit = sorted[weak];
    trn_free(round->ctx, sorted);
    return TRNNSF_OK;
}

static trnnsf_status keep_strong(struct round *round, size_t index,
                                 const struct trnnsf_matrix *salience,
                                 struct trnnsf_clusters **out_clusters)
{
    trnnsf_context *ctx = round->ctx;
    const struct trnnsf_clusters *clusters = round->run->network->layers[index].clusters;
    size_t count = clusters ? trn_clusters_count(clusters) : 0;
    double *score = NULL, limit;
    bool *keep = NULL;
    trnnsf_status status;

    if (count == 0)
        return TRNNSF_OK;
    score = TRN_NEW_ARRAY(ctx, double, count);
    TRN_NEED_OUT(score);
    keep = TRN_NEW_ARRAY(ctx, bool, count);
    TRN_NEED_OUT(keep);
    trn_clusters_score(clusters, salience, score, NULL);
    TRN_TRY_OUT(dissolve_limit(round, score, count, &limit));
    for (size_t i = 0; i < count; i++)
        keep[i] = score[i] >= limit;
    status = trn_clusters_select(ctx, clusters, keep, out_clusters);
out:
    trn_free(ctx, score);
    trn_free(ctx, keep);
    return status;
}

/* Step 3. `*clusters` (may be NULL) is replaced. */
static trnnsf_status cluster_residue(struct round *round, size_t index,
                                     const struct trnnsf_matrix *salience,
                                     struct trnnsf_clusters **clusters)
{
    trnnsf_context *ctx = round->ctx;
    const struct trnnsf_run *run = round->run;
    struct trnnsf_cluster_options options = trn_rule_cluster_options(run, index, round->epoch);
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

/* Step 5: windows of the residue join. */
static trnnsf_status add_windows(struct round *round, size_t index,
                                 const struct trnnsf_matrix *salience,
                                 struct trnnsf_clusters **clusters)
{
    trnnsf_context *ctx = round->ctx;
    const struct trnnsf_run *run = round->run;
    size_t count = trn_clusters_count(*clusters);
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
                                  trn_rule_seed(run, index, round->epoch), &windows));
    TRN_TRY_OUT(trn_clusters_join(ctx, *clusters, windows, &joined));
    trn_clusters_free(*clusters);
    *clusters = joined;
out:
    trnnsf_matrix_free(residue);
    trn_clusters_free(windows);
    return status;
}

static trnnsf_status add_candidates(struct round *round, size_t index,
                                    const struct trnnsf_matrix *salience)
{
    trnnsf_context *ctx = round->ctx;
    size_t count = trn_clusters_count(round->found[index]);
    struct candidate *more = trn_realloc(ctx, round->candidates, round->n_candidates + count,
                                         sizeof *more);
    double *score;

    if (!more)
        return TRNNSF_E_NO_MEMORY;
    round->candidates = more;
    score = TRN_NEW_ARRAY(ctx, double, count);
    if (!score)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_score(round->found[index], salience, score, NULL);
    for (size_t i = 0; i < count; i++) {
        if (score[i] > 0)
            round->candidates[round->n_candidates++] = (struct candidate){score[i], index, i};
    }
    trn_free(ctx, score);
    return TRNNSF_OK;
}

static trnnsf_status propose(struct round *round, size_t index)
{
    trnnsf_context *ctx = round->ctx;
    const struct trnnsf_run *run = round->run;
    struct trnnsf_matrix *salience = NULL;
    struct trnnsf_clusters *clusters = NULL, *refined = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(salience_matrix(round, index, &salience));
    TRN_TRY_OUT(keep_strong(round, index, salience, &clusters));
    TRN_TRY_OUT(cluster_residue(round, index, salience, &clusters));
    TRN_TRY_OUT(
        trn_clusters_refine(ctx, salience, clusters, run->inputs, run->outputs, &refined));
    TRN_TRY_OUT(add_windows(round, index, salience, &refined));
    round->found[index] = refined;
    refined = NULL;
    status = add_candidates(round, index, salience);
out:
    trnnsf_matrix_free(salience);
    trn_clusters_free(clusters);
    trn_clusters_free(refined);
    return status;
}

/* A layer without salience (a network that has learnt nothing so far) would be cut off. */
static bool all_proposed(const struct round *round)
{
    bool all = true;

    for (size_t l = 0; l < round->run->network->n_layers; l++) {
        bool some = false;

        for (size_t i = 0; i < round->n_candidates && !some; i++)
            some = round->candidates[i].layer == l;
        all = all && some;
    }
    return all;
}

/* Most salience first; layer and place settle ties, so that the order is one. */
static int by_salience(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->salience != y->salience)
        return x->salience < y->salience ? 1 : -1;
    if (x->layer != y->layer)
        return x->layer < y->layer ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

/* The clusters of one layer that are among the first `budget` candidates; each layer keeps at least its
 * best, or the network would be cut in two. */
static trnnsf_status select_layer(struct round *round, size_t index, size_t budget)
{
    trnnsf_context *ctx = round->ctx;
    struct trnnsf_run *run = round->run;
    size_t count = trn_clusters_count(round->found[index]), kept = 0;
    struct trnnsf_clusters *left = NULL;
    struct trn_mask *mask = NULL;
    bool *keep = TRN_NEW_ARRAY(ctx, bool, count);
    trnnsf_status status;

    TRN_NEED_OUT(keep);
    for (size_t i = 0; i < round->n_candidates && (i < budget || kept == 0); i++) {
        if (round->candidates[i].layer == index) {
            keep[round->candidates[i].cluster] = true;
            kept++;
        }
    }
    TRN_TRY_OUT(trn_clusters_select(ctx, round->found[index], keep, &left));
    TRN_TRY_OUT(trn_clusters_cover_mask(ctx, left, &mask));
    TRN_TRY_OUT(trn_network_set_clusters(ctx, run->network, index, left));
    TRN_TRY_OUT(trn_network_set_mask(ctx, run->network, index, mask));
    run->layers[index].clustered = true;
out:
    trn_free(ctx, keep);
    trn_clusters_free(left);
    trn_mask_free(ctx, mask);
    return status;
}

/* With target.loss, validation that has fallen too far holds the budget until it has recovered. */
static bool may_shrink(const struct trnnsf_run *run, double accuracy)
{
    double loss = run->schedule->number[TRN_TARGET_LOSS];

    return !(loss > 0 && run->reference_accuracy > 0) ||
           !(accuracy < run->reference_accuracy - 0.01 * loss);
}

static size_t next_budget(struct round *round, double accuracy)
{
    struct trnnsf_run *run = round->run;
    size_t last = last_budget(run);

    if (run->budget == 0) {
        double first = run->schedule->number[TRN_BUDGET_FIRST] * (double)all_dense_crossbars(run);

        run->budget = fmin(first, (double)round->n_candidates);
        if (run->budget < (double)last)
            run->budget = (double)last;
        run->budget_first = run->budget;
    } else if (may_shrink(run, accuracy) && run->budget > (double)last) {
        run->budget = fmax(run->budget * round->shrink, (double)last);
    }
    return (size_t)ceil(run->budget);
}

/* From the first budget to the last in the rounds that are planned. */
static double shrink_factor(const struct trnnsf_run *run)
{
    uint64_t first = epoch_of(run, TRN_CLUSTER_FIRST), until = epoch_of(run, TRN_CLUSTER_UNTIL);
    uint64_t rounds = until > first + 1 ? until - first - 1 : 1;
    double ratio = run->budget_first > 0 ? (double)last_budget(run) / run->budget_first : 1;

    return ratio < 1 ? pow(ratio, 1 / (double)rounds) : 1;
}

trnnsf_status trn_rule_corrected(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 double validation_accuracy)
{
    size_t n = run->network->n_layers;
    struct round round = {.ctx = ctx, .run = run, .epoch = epoch, .shrink = shrink_factor(run)};
    trnnsf_status status;

    TRN_TRY_OUT(trn_moments_measure(ctx, run->network, run->dataset, run->schedule->word[TRN_LOSS],
                                    &round.moments));
    round.found = TRN_NEW_ARRAY(ctx, struct trnnsf_clusters *, n);
    TRN_NEED_OUT(round.found);
    for (size_t i = 0; i < n; i++)
        TRN_TRY_OUT(propose(&round, i));
    if (!all_proposed(&round))
        goto out;
    qsort(round.candidates, round.n_candidates, sizeof *round.candidates, by_salience);

    size_t budget = next_budget(&round, validation_accuracy);
    for (size_t i = 0; i < n; i++)
        TRN_TRY_OUT(select_layer(&round, i, budget));
    trn_rule_dropout(run);
    status = trn_trainer_masks_changed(ctx, run->trainer);
out:
    for (size_t i = 0; round.found && i < n; i++)
        trn_clusters_free(round.found[i]);
    trn_free(ctx, round.found);
    trn_free(ctx, round.candidates);
    trn_moments_free(ctx, run->network, &round.moments);
    return status;
}
