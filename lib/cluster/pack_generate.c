/* New blocks in what is open, many at a time: candidates are searched for side by side, the best
 * that are not in each other's way become blocks, the others go on searching in what is left. */
#include <stdlib.h>

#include "base/context.h"
#include "base/pool.h"
#include "cluster/pack_work.h"

enum { GO_ON_TURNS = 1 };
/* A candidate that has lost more than this share to blocks taken before it waits for another round;
 * one that has lost more than half starts elsewhere. */
static const double keeps = 0.9, hopeless = 0.5;
/* The share of candidates that start anew each round. */
enum { RENEWED = 4 };
/* A bound's blocks are compared with tiles over the rest whenever their number has grown so much.
 */
static const double checkpoint_growth = 1.15;

struct generation {
    struct trn_pack_work *work;
    uint32_t useful[TRN_PACK_SHAPES_MAX]; /* shapes that can be afforded and are not dominated */
    size_t n_useful;
    size_t taken, offered, begun; /* this round */
};

static bool find_useful(struct generation *g)
{
    const struct trn_pack_work *work = g->work;

    g->n_useful = 0;
    for (uint32_t s = 0; s < work->pool->count; s++) {
        if (!trn_pack_dominated(work->pool, s) &&
            trn_pack_set_affords(&work->set, work->pool, work->goal, s))
            g->useful[g->n_useful++] = s;
    }
    /* A dominated shape cannot be cheaper than the one that dominates it. */
    return g->n_useful > 0;
}

static void draw_start(struct generation *g, struct trn_pack_candidate *candidate)
{
    struct trn_pack_work *work = g->work;
    uint64_t number = work->drawn++;
    size_t kind = g->begun / g->n_useful;

    candidate->block.shape = g->useful[g->begun++ % g->n_useful];
    candidate->start = kind == 0       ? TRN_PACK_FROM_COLUMNS
                       : kind == 1     ? TRN_PACK_FROM_ROWS
                       : kind % 2 == 0 ? TRN_PACK_FROM_ROW
                                       : TRN_PACK_FROM_COLUMN;
    trn_random_init(&candidate->random, work->goal->seed, TRN_RANDOM_PACK, 0);
    trn_random_seek(&candidate->random, number);
}

static void search_task(void *argument, size_t task, size_t worker)
{
    struct trn_pack_work *work = argument;
    struct trn_pack_candidate *candidate = &work->candidate[task];
    const struct trn_pack_shape *shape = &work->pool->shape[candidate->block.shape];
    size_t rows = shape->rows < work->rows ? shape->rows : work->rows;
    size_t columns = shape->columns < work->columns ? shape->columns : work->columns;

    if (candidate->fresh) {
        trn_pack_begin(&work->search, worker, candidate->start, &candidate->random, rows, columns,
                       &candidate->block);
    } else {
        trn_pack_alternate(&work->search, worker, rows, columns, GO_ON_TURNS, &candidate->block);
        trn_pack_fill(&work->search, worker, &candidate->random, rows, columns, &candidate->block);
    }
    candidate->fresh = false;
    candidate->worth =
        trn_pack_worth(work->goal, work->pool, candidate->block.shape, candidate->block.gain);
}

static int best_first(const void *a, const void *b)
{
    const struct trn_pack_candidate *x = a, *y = b;

    if (x->worth != y->worth)
        return x->worth < y->worth ? 1 : -1;
    return (x->block.row > y->block.row) - (x->block.row < y->block.row);
}

/* The candidate becomes a block, unless too much of it is gone. `first`: whatever it holds. */
static trnnsf_status offer(struct generation *g, struct trn_pack_candidate *candidate, bool first)
{
    struct trn_pack_work *work = g->work;
    struct trn_pack_block block = candidate->block;
    double promised = block.gain;

    if (!(promised > 0) || !trn_pack_set_affords(&work->set, work->pool, work->goal, block.shape)) {
        candidate->fresh = true;
        return TRNNSF_OK;
    }
    g->offered++;
    block.gain = trn_pack_take(&work->field, &block);
    if (!(block.gain > 0) || (!first && block.gain < keeps * promised)) {
        trn_pack_release(&work->field, &block);
        candidate->fresh = block.gain < hopeless * promised;
        return TRNNSF_OK;
    }
    block.shape = trn_pack_cheapest(work->pool, block.n_rows, block.n_columns);
    work->open -= block.gain;
    candidate->fresh = true;
    g->taken++;
    trnnsf_status status = trn_pack_set_add(&work->set, work->pool, &block);
    if (status != TRNNSF_OK)
        trn_pack_release(&work->field, &block);
    return status;
}

static trnnsf_status take_best(struct generation *g, size_t quota)
{
    struct trn_pack_work *work = g->work;
    size_t count = work->candidates;

    qsort(work->candidate, count, sizeof *work->candidate, best_first);
    g->taken = g->offered = 0;
    for (size_t i = 0; i < count; i++) {
        struct trn_pack_candidate *candidate = &work->candidate[i];

        if (i >= count - count / RENEWED)
            candidate->fresh = true;
        if (g->taken >= quota || g->offered > quota + quota / 2 || trn_pack_work_enough(work) ||
            work->set.cost >= work->cost_limit)
            continue;
        TRN_TRY(offer(g, candidate, g->taken == 0));
    }
    return TRNNSF_OK;
}

/* A bound: would tiles over the rest do now? */
static trnnsf_status look_at_tiles(struct trn_pack_work *work)
{
    struct trn_pack_tiling tiling;

    TRN_TRY(trn_pack_tile_best(work, &tiling));
    if (work->set.cost + tiling.cost < work->prefix_cost) {
        work->prefix = work->set.count;
        work->prefix_cost = work->set.cost + tiling.cost;
    }
    return TRNNSF_OK;
}

/* What the last round's blocks hold tells how many more it takes at least, as later ones hold less:
 * is that beyond what is known to do? (By experience, not proof: later blocks may hold a little
 * more.) */
static bool cannot_win(const struct trn_pack_work *work, double gained, double paid)
{
    double missing = work->open - work->goal->discard * work->field.total;
    double limit = work->prefix_cost < work->cost_limit ? work->prefix_cost : work->cost_limit;

    return gained > 0 && work->set.cost + 0.9 * paid * missing / gained > limit;
}

static trnnsf_status one_round(struct generation *g, size_t quota)
{
    struct trn_pack_work *work = g->work;

    g->begun = 0;
    for (size_t i = 0; i < work->candidates; i++) {
        struct trn_pack_candidate *candidate = &work->candidate[i];

        if (!trn_pack_set_affords(&work->set, work->pool, work->goal, candidate->block.shape))
            candidate->fresh = true;
        if (candidate->fresh)
            draw_start(g, candidate);
    }
    TRN_TRY(trn_pack_search_freeze(&work->search, &work->open));
    trn_parallel(work->ctx, work->candidates, search_task, work);
    return take_best(g, quota);
}

trnnsf_status trn_pack_generate(struct trn_pack_work *work)
{
    struct generation g = {.work = work};
    double next_look = 1;

    for (size_t i = 0; i < work->candidates; i++)
        work->candidate[i].fresh = true;
    while (find_useful(&g) && !trn_pack_work_enough(work) && work->field.opened > 0 &&
           work->set.cost < work->cost_limit) {
        double cost = work->set.cost, before = work->open;

        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        TRN_TRY(one_round(&g, trn_pack_work_quota(work)));
        if (g.taken == 0)
            break;
        if (!work->goal->bounded)
            continue;
        if (trn_pack_work_enough(work)) /* by differences: the sum decides */
            work->open = trn_pack_field_sum(&work->field);
        else if (cannot_win(work, before - work->open, work->set.cost - cost))
            break;
        if ((double)work->set.count >= next_look && !trn_pack_work_enough(work)) {
            next_look = checkpoint_growth * (double)work->set.count + 1;
            TRN_TRY(look_at_tiles(work));
        }
    }
    work->open = trn_pack_field_sum(&work->field);
    return TRNNSF_OK;
}
