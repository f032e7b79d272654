#include "schedule/joint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "schedule/rollback.h"
#include "schedule/shapes.h"

/* Budgets of costs that are sums are kept in spite of rounding. */
static const double rounding = 1e-9;

static double all_dense(const struct trnnsf_run *run)
{
    return trn_shapes_dense_cost(run, 0, run->network->n_layers - 1);
}

static uint64_t epoch_of(const struct trnnsf_run *run, enum trn_schedule_number fraction)
{
    return (uint64_t)ceil(run->schedule->number[fraction] * (double)run->epochs);
}

/* Crossbars of the layers that stay as they are: of all their cells, where they have no clusters. */
static size_t left_as_they_are(const struct trnnsf_run *run)
{
    size_t sum = 0;

    for (size_t l = 0; l < run->network->n_layers; l++)
        sum += run->layers[l].chosen ? 0 : trn_run_dense_crossbars(run, l);
    return sum;
}

size_t trn_joint_last_budget(const struct trnnsf_run *run)
{
    double target = run->schedule->number[TRN_TARGET_CROSSBARS];
    size_t least = trn_run_chosen(run), others = left_as_they_are(run);

    if (target > 0 && others > 0)
        return (size_t)target > others + least ? (size_t)target - others : least;
    if (target > 0)
        return (size_t)target;
    return (size_t)ceil(run->schedule->number[TRN_BUDGET_LAST] * all_dense(run));
}

static uint64_t planned_rounds(const struct trnnsf_run *run)
{
    uint64_t first = epoch_of(run, TRN_CLUSTER_FIRST), until = epoch_of(run, TRN_CLUSTER_UNTIL);

    if (first == 0)
        first = 1; /* the first round is after an epoch */
    return until > first ? until - first : 1;
}

/* From the first budget to the last in the rounds that are planned. */
static double shrink_factor(const struct trnnsf_run *run)
{
    uint64_t rounds = planned_rounds(run) > 1 ? planned_rounds(run) - 1 : 1;
    double ratio = run->budget_first > 0 ? (double)trn_joint_last_budget(run) / run->budget_first : 1;

    return ratio < 1 ? pow(ratio, 1 / (double)rounds) : 1;
}

trnnsf_status trn_joint_propose(struct trn_joint *joint, size_t index,
                                struct trnnsf_clusters *clusters, const double *salience)
{
    size_t count = trn_clusters_count(clusters);
    struct trn_candidate *more;

    joint->found[index] = clusters;
    more = trn_realloc(joint->ctx, joint->candidates, joint->n_candidates + count, sizeof *more);
    if (!more)
        return TRNNSF_E_NO_MEMORY;
    joint->candidates = more;
    for (size_t i = 0; i < count; i++) {
        double cost = trn_shapes_cluster_cost(&joint->run->pool, clusters, i);

        if (salience[i] > 0)
            more[joint->n_candidates++] = (struct trn_candidate){
                .worth = salience[i] / cost, .cost = cost, .layer = index, .cluster = i};
    }
    return TRNNSF_OK;
}

void trn_joint_withdraw(struct trn_joint *joint, size_t index)
{
    size_t left = 0;

    for (size_t i = 0; i < joint->n_candidates; i++) {
        if (joint->candidates[i].layer != index)
            joint->candidates[left++] = joint->candidates[i];
    }
    joint->n_candidates = left;
    trn_clusters_free(joint->found[index]);
    joint->found[index] = NULL;
}

bool trn_joint_complete(const struct trn_joint *joint)
{
    bool all = true;

    for (size_t l = 0; l < joint->run->network->n_layers; l++) {
        bool some = !joint->run->layers[l].chosen;

        for (size_t i = 0; i < joint->n_candidates && !some; i++)
            some = joint->candidates[i].layer == l;
        all = all && some;
    }
    return all;
}

/* Most worth first; layer and place settle ties, so that the order is one. */
static int by_worth(const void *a, const void *b)
{
    const struct trn_candidate *x = a, *y = b;

    if (x->worth != y->worth)
        return x->worth < y->worth ? 1 : -1;
    if (x->layer != y->layer)
        return x->layer < y->layer ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

trnnsf_status trn_joint_keep(const struct trn_joint *joint, size_t index,
                             struct trnnsf_clusters **out_clusters)
{
    trnnsf_context *ctx = joint->ctx;
    bool *keep = TRN_NEW_ARRAY(ctx, bool, trn_clusters_count(joint->found[index]));

    if (!keep)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < joint->n_candidates; i++) {
        if (joint->candidates[i].layer == index && joint->candidates[i].bought)
            keep[joint->candidates[i].cluster] = true;
    }
    trnnsf_status status = trn_clusters_select(ctx, joint->found[index], keep, out_clusters);
    trn_free(ctx, keep);
    return status;
}

trnnsf_status trn_joint_apply(struct trn_joint *joint, size_t index,
                              struct trnnsf_clusters *clusters)
{
    struct trnnsf_run *run = joint->run;
    struct trn_mask *mask;

    TRN_TRY(trn_clusters_cover_mask(joint->ctx, clusters, &mask));
    trnnsf_status status = trn_network_set_clusters(joint->ctx, run->network, index, clusters);
    if (status == TRNNSF_OK)
        status = trn_network_set_mask(joint->ctx, run->network, index, mask);
    trn_mask_free(joint->ctx, mask);
    if (status == TRNNSF_OK)
        run->layers[index].clustered = true;
    return status;
}

/* A round takes at most twice its share of a layer: crossbars of one lead through those of the next, and
 * many gone at once leave the others' idle. */
static size_t least_of(const struct trn_joint *joint, size_t index)
{
    const struct trnnsf_run *run = joint->run;
    const struct trnnsf_clusters *present = run->network->layers[index].clusters;

    if (!run->layers[index].clustered || !present)
        return 1;
    double least = floor((double)trn_clusters_count(present) * joint->shrink * joint->shrink);
    return least > 1 ? (size_t)least : 1;
}

/* Each layer's best come first: below the budget none is left out, or the network would be cut in two;
 * then its best up to least_of(). */
static trnnsf_status put_best_first(struct trn_joint *joint)
{
    size_t n_layers = joint->run->network->n_layers, placed = 0;
    struct trn_candidate *sorted = TRN_NEW_ARRAY(joint->ctx, struct trn_candidate, joint->n_candidates);
    size_t *met = TRN_NEW_ARRAY(joint->ctx, size_t, n_layers);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(sorted);
    TRN_NEED_OUT(met);
    for (int turn = 0; turn < 3; turn++) {
        memset(met, 0, n_layers * sizeof *met);
        for (size_t i = 0; i < joint->n_candidates; i++) {
            size_t layer = joint->candidates[i].layer, rank = met[layer]++;
            int due = rank == 0 ? 0 : rank < least_of(joint, layer) ? 1 : 2;

            if (due == turn)
                sorted[placed++] = joint->candidates[i];
        }
    }
    memcpy(joint->candidates, sorted, placed * sizeof *sorted);
out:
    trn_free(joint->ctx, sorted);
    trn_free(joint->ctx, met);
    return status;
}

static double candidates_cost(const struct trn_joint *joint)
{
    double sum = 0;

    for (size_t i = 0; i < joint->n_candidates; i++)
        sum += joint->candidates[i].cost;
    return sum;
}

static double next_budget(struct trn_joint *joint, double accuracy, double pruned)
{
    struct trnnsf_run *run = joint->run;
    size_t last = trn_joint_last_budget(run);

    if (run->budget == 0) {
        double first = run->schedule->number[TRN_BUDGET_FIRST] * all_dense(run);

        run->budget = fmin(first, candidates_cost(joint));
        if (run->budget < (double)last || planned_rounds(run) == 1)
            run->budget = (double)last;
        run->budget = fmin(run->budget, pruned);
        run->budget_first = run->budget;
    } else if (/* validation that has fallen too far holds it until it has recovered */
               trn_keeps_floor(run, accuracy) && run->budget > (double)last) {
        run->budget = fmax(run->budget * joint->shrink, (double)last);
    }
    if (trn_shapes_differ(&run->pool))
        return run->budget;
    return ceil(run->budget - 1e-6); /* rounding of the factors adds no crossbar */
}

trnnsf_status trn_joint_init(struct trn_joint *joint, trnnsf_context *ctx, struct trnnsf_run *run,
                             uint64_t epoch)
{
    *joint =
        (struct trn_joint){.ctx = ctx, .run = run, .epoch = epoch, .shrink = shrink_factor(run)};
    joint->found = TRN_NEW_ARRAY(ctx, struct trnnsf_clusters *, run->network->n_layers);
    if (!joint->found)
        return TRNNSF_E_NO_MEMORY;
    return trn_traffic_measure(ctx, run, &joint->traffic);
}

void trn_joint_free(struct trn_joint *joint)
{
    for (size_t i = 0; joint->found && i < joint->run->network->n_layers; i++)
        trn_clusters_free(joint->found[i]);
    trn_free(joint->ctx, joint->found);
    trn_free(joint->ctx, joint->candidates);
    trn_traffic_free(joint->ctx, &joint->traffic);
}

/* The layers' best stand first; a dear candidate that is too much does not keep out cheaper ones. */
static void buy(struct trn_joint *joint)
{
    double limit = joint->budget * (1 + rounding);
    size_t first = trn_run_chosen(joint->run);

    joint->spent = 0;
    for (size_t i = 0; i < joint->n_candidates; i++) {
        struct trn_candidate *candidate = &joint->candidates[i];

        candidate->bought = i < first || joint->spent + candidate->cost <= limit;
        if (candidate->bought)
            joint->spent += candidate->cost;
    }
}

double trn_joint_allowance(const struct trn_joint *joint, size_t index)
{
    double least = trn_shapes_least(&joint->run->pool);
    double all_least = least * (double)trn_run_chosen(joint->run);
    double cost = 0;

    for (size_t i = 0; i < joint->n_candidates; i++) {
        if (joint->candidates[i].layer == index && joint->candidates[i].bought)
            cost += joint->candidates[i].cost;
    }
    if (joint->spent <= joint->budget * (1 + rounding))
        return cost * (1 + rounding);
    if (joint->budget <= all_least)
        return least;
    return least + (cost - least) * (joint->budget - all_least) / (joint->spent - all_least);
}

trnnsf_status trn_joint_share(struct trn_joint *joint, double validation_accuracy)
{
    double pruned;

    qsort(joint->candidates, joint->n_candidates, sizeof *joint->candidates, by_worth);
    if (joint->budget <= 0) {
        TRN_TRY(trn_shapes_pruned_cost(joint->ctx, joint->run, &pruned));
        joint->budget = next_budget(joint, validation_accuracy, pruned);
    }
    TRN_TRY(put_best_first(joint));
    buy(joint);
    return TRNNSF_OK;
}

trnnsf_status trn_joint_select(struct trn_joint *joint, double validation_accuracy)
{
    if (!trn_joint_complete(joint))
        return TRNNSF_OK;
    TRN_TRY(trn_joint_share(joint, validation_accuracy));
    for (size_t i = 0; i < joint->run->network->n_layers; i++) {
        struct trnnsf_clusters *kept;

        if (!joint->run->layers[i].chosen)
            continue;
        TRN_TRY(trn_joint_keep(joint, i, &kept));
        trnnsf_status status = trn_joint_apply(joint, i, kept);
        trn_clusters_free(kept);
        TRN_TRY(status);
    }
    return TRNNSF_OK;
}
