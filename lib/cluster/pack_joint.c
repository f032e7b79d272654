#include "cluster/pack_joint.h"

#include "base/context.h"
#include "cluster/packer.h"

/* Rounding of sums must not refuse what fits. */
static const double slack = 1e-9;

/* What one matrix offers; `salience` of the offers is its share of the matrix's. */
struct shelf {
    struct trn_pack_offer *offers; /* none where the matrix has no salience */
    size_t count;
    size_t taken; /* the first so many are bought */
    double cost, kept;
};

struct joint {
    trnnsf_context *ctx;
    struct trnnsf_matrix *const *matrices;
    size_t count;
    const struct trn_pack_pool *pool;
    const struct trn_pack_goal *goal;
    struct trnnsf_clusters **clusters;
    struct shelf *shelves;    /* [count]: of the packer */
    struct shelf *tiles;      /* [count]: of a tiling */
    struct shelf *best_tiles; /* [count]: what was bought of the best tiling; no offers */
};

static double total_of(const struct trnnsf_matrix *matrix)
{
    double total = 0;

    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
        total += trn_salience(matrix, e);
    return total;
}

static size_t count_live(const struct joint *joint)
{
    size_t live = 0;

    for (size_t i = 0; i < joint->count; i++)
        live += total_of(joint->matrices[i]) > 0;
    return live;
}

static double cheapest(const struct trn_pack_pool *pool)
{
    double cost = pool->shape[0].cost;

    for (size_t s = 1; s < pool->count; s++)
        cost = pool->shape[s].cost < cost ? pool->shape[s].cost : cost;
    return cost;
}

/* The least share that a matrix with salience keeps. */
static double least_kept(const struct joint *joint, const struct shelf *shelves)
{
    double least = INFINITY;

    for (size_t i = 0; i < joint->count; i++) {
        if (joint->shelves[i].count > 0)
            least = fmin(least, shelves[i].kept);
    }
    return least;
}

/* Buying, one block after the other. */
struct purse {
    size_t crossbars;
    double cost;
};

static bool affords(const struct purse *purse, const struct trn_pack_offer *offer)
{
    return purse->crossbars > 0 && offer->cost <= purse->cost;
}

static void take(struct purse *purse, struct shelf *shelf)
{
    const struct trn_pack_offer *offer = &shelf->offers[shelf->taken++];

    shelf->cost += offer->cost;
    shelf->kept += offer->salience;
    purse->crossbars--;
    purse->cost -= offer->cost;
}

static struct shelf *next_shelf(const struct joint *joint, struct shelf *shelves,
                                const struct purse *purse)
{
    struct shelf *next = NULL;

    for (size_t i = 0; i < joint->count; i++) {
        struct shelf *shelf = &shelves[i];

        if (shelf->taken < shelf->count && affords(purse, &shelf->offers[shelf->taken]) &&
            (!next || shelf->kept < next->kept))
            next = shelf;
    }
    return next;
}

/* The first block of each, then the next of what keeps least; false where the first ones cost too
 * much. */
static bool buy(const struct joint *joint, struct shelf *shelves)
{
    const struct trn_pack_goal *goal = joint->goal;
    struct purse purse = {goal->crossbars, goal->cost * (1 + slack)};
    struct shelf *next;

    for (size_t i = 0; i < joint->count; i++) {
        shelves[i].taken = 0;
        shelves[i].cost = shelves[i].kept = 0;
        if (shelves[i].count == 0)
            continue;
        if (!affords(&purse, &shelves[i].offers[0]))
            return false;
        take(&purse, &shelves[i]);
    }
    while ((next = next_shelf(joint, shelves, &purse)))
        take(&purse, next);
    return true;
}

/* What a matrix may have at most: the others need one each. */
static trnnsf_status fill_shelf(struct joint *joint, size_t i, size_t live)
{
    const struct trnnsf_matrix *matrix = joint->matrices[i];
    struct trn_pack_goal goal = *joint->goal;
    double total = total_of(matrix);
    struct shelf *shelf = &joint->shelves[i];
    size_t others = live > 0 ? live - 1 : 0;

    if (goal.crossbars < SIZE_MAX)
        goal.crossbars -= others;
    goal.cost -= (double)others * cheapest(joint->pool);
    TRN_TRY(trn_pack_candidates(joint->ctx, matrix, joint->pool, &goal, &joint->clusters[i],
                                &shelf->offers));
    shelf->count = trn_clusters_count(joint->clusters[i]);
    for (size_t k = 0; k < shelf->count; k++)
        shelf->offers[k].salience /= total;
    return TRNNSF_OK;
}

/* Keeps only what was bought. */
static trnnsf_status cut(struct joint *joint, size_t i)
{
    const struct shelf *shelf = &joint->shelves[i];
    struct trnnsf_clusters *left = NULL;

    if (shelf->taken == shelf->count)
        return TRNNSF_OK;
    bool *keep = TRN_NEW_ARRAY(joint->ctx, bool, shelf->count);
    if (!keep)
        return TRNNSF_E_NO_MEMORY;
    for (size_t k = 0; k < shelf->taken; k++)
        keep[k] = true;
    trnnsf_status status = trn_clusters_select(joint->ctx, joint->clusters[i], keep, &left);
    trn_free(joint->ctx, keep);
    TRN_TRY(status);
    trn_clusters_free(joint->clusters[i]);
    joint->clusters[i] = left;
    return TRNNSF_OK;
}

/* Packs a matrix for just that budget; the result replaces what there is where it keeps more. */
static trnnsf_status pack_for(struct joint *joint, size_t i, size_t crossbars, double cost)
{
    struct trn_pack_goal goal = *joint->goal;
    struct trn_pack_offer *offers = NULL;
    struct trnnsf_clusters *found = NULL;
    double total = total_of(joint->matrices[i]), kept = 0;

    goal.crossbars = crossbars;
    if (goal.cost < INFINITY)
        goal.cost = cost;
    TRN_TRY(
        trn_pack_candidates(joint->ctx, joint->matrices[i], joint->pool, &goal, &found, &offers));
    for (size_t k = 0; k < trn_clusters_count(found); k++)
        kept += offers[k].salience / total;
    trn_free(joint->ctx, offers);
    if (kept > joint->shelves[i].kept) {
        joint->shelves[i].kept = kept;
        trn_clusters_free(joint->clusters[i]);
        joint->clusters[i] = found;
    } else {
        trn_clusters_free(found);
    }
    return TRNNSF_OK;
}

/* Each matrix searches again for what it was given: the first n of many blocks are good, but those
 * of a search for n are better. */
static trnnsf_status settle(struct joint *joint)
{
    for (size_t i = 0; i < joint->count; i++) {
        const struct shelf *shelf = &joint->shelves[i];

        TRN_TRY(cut(joint, i));
        if (shelf->taken < shelf->count)
            TRN_TRY(pack_for(joint, i, shelf->taken, shelf->cost));
    }
    return TRNNSF_OK;
}

/* Where the first blocks of all are too dear together, each has an equal part. */
static trnnsf_status split_evenly(struct joint *joint, size_t live)
{
    const struct trn_pack_goal *goal = joint->goal;
    size_t crossbars = goal->crossbars < SIZE_MAX ? goal->crossbars / live : SIZE_MAX;

    for (size_t i = 0; i < joint->count; i++) {
        joint->shelves[i].kept = 0;
        if (joint->shelves[i].count > 0)
            TRN_TRY(pack_for(joint, i, crossbars, goal->cost / (double)live));
    }
    return TRNNSF_OK;
}

static void empty_tiles(struct joint *joint)
{
    for (size_t i = 0; i < joint->count; i++) {
        trn_free(joint->ctx, joint->tiles[i].offers);
        joint->tiles[i] = (struct shelf){0};
    }
}

static trnnsf_status try_tiling(struct joint *joint, uint32_t shape, bool sorted)
{
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < joint->count; i++) {
        if (joint->shelves[i].count > 0)
            TRN_TRY_OUT(trn_pack_tile_offers(joint->ctx, joint->matrices[i], joint->pool, shape,
                                             sorted, &joint->tiles[i].offers,
                                             &joint->tiles[i].count));
    }
    if (buy(joint, joint->tiles) &&
        least_kept(joint, joint->tiles) > least_kept(joint, joint->best_tiles)) {
        for (size_t i = 0; i < joint->count; i++) {
            joint->best_tiles[i] = joint->tiles[i];
            joint->best_tiles[i].offers = NULL;
        }
    }
out:
    empty_tiles(joint);
    return status;
}

/* Where tiles with their own division of the budget are better, that division is taken: packing is
 * never worse than the tiling of the same budget. */
static trnnsf_status beat_tilings(struct joint *joint)
{
    for (uint32_t i = 0; i < 2 * joint->pool->count; i++) {
        if (!trn_pack_dominated(joint->pool, i / 2))
            TRN_TRY(try_tiling(joint, i / 2, i % 2));
    }
    if (least_kept(joint, joint->best_tiles) <= least_kept(joint, joint->shelves))
        return TRNNSF_OK;
    for (size_t i = 0; i < joint->count; i++) {
        joint->shelves[i].kept = 0;
        if (joint->best_tiles[i].taken > 0)
            TRN_TRY(pack_for(joint, i, joint->best_tiles[i].taken, joint->best_tiles[i].cost));
    }
    return TRNNSF_OK;
}

static trnnsf_status spend(struct joint *joint, const char *function)
{
    const struct trn_pack_goal *goal = joint->goal;
    size_t live = count_live(joint);
    double least = (double)live * cheapest(joint->pool);

    if (goal->crossbars < live)
        return trn_fail(joint->ctx, TRNNSF_E_INVALID, "%s: crossbars %zu: %zu layers need one each",
                        function, goal->crossbars, live);
    if (goal->cost * (1 + slack) < least)
        return trn_fail(joint->ctx, TRNNSF_E_INVALID,
                        "%s: cost_limit %g: %zu layers need %g at least", function, goal->cost,
                        live, least);
    for (size_t i = 0; i < joint->count; i++)
        TRN_TRY(fill_shelf(joint, i, live));
    if (!buy(joint, joint->shelves))
        TRN_TRY(split_evenly(joint, live));
    else
        TRN_TRY(settle(joint));
    return beat_tilings(joint);
}

trnnsf_status trn_pack_joint(trnnsf_context *ctx, const char *function,
                             struct trnnsf_matrix *const *matrices, size_t count,
                             const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                             struct trnnsf_clusters **clusters)
{
    struct joint joint = {.ctx = ctx,
                          .matrices = matrices,
                          .count = count,
                          .pool = pool,
                          .goal = goal,
                          .clusters = clusters};
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < count; i++)
        clusters[i] = NULL;
    joint.shelves = TRN_NEW_ARRAY(ctx, struct shelf, count);
    TRN_NEED_OUT(joint.shelves);
    joint.tiles = TRN_NEW_ARRAY(ctx, struct shelf, count);
    TRN_NEED_OUT(joint.tiles);
    joint.best_tiles = TRN_NEW_ARRAY(ctx, struct shelf, count);
    TRN_NEED_OUT(joint.best_tiles);
    if (goal->bounded) {
        for (size_t i = 0; i < count; i++)
            TRN_TRY_OUT(trn_pack(ctx, matrices[i], pool, goal, &clusters[i]));
    } else {
        TRN_TRY_OUT(spend(&joint, function));
    }
out:
    for (size_t i = 0; i < count; i++) {
        if (joint.shelves)
            trn_free(ctx, joint.shelves[i].offers);
        if (status != TRNNSF_OK) {
            trn_clusters_free(clusters[i]);
            clusters[i] = NULL;
        }
    }
    trn_free(ctx, joint.shelves);
    trn_free(ctx, joint.tiles);
    trn_free(ctx, joint.best_tiles);
    return status;
}
