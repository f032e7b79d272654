#include "cluster/packer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack.h"
#include "cluster/pack_work.h"

/* Passes of improvement, for each step of effort. */
enum { SWEEPS_AN_EFFORT = 2, RESEEDS_AN_EFFORT = 1 };
/* Blocks that keep so much more than the tiling stay ahead of what begins at it. (Measured: tiles
 * gain less by improvement than blocks found freely; where they keep 94 % as much before, they end
 * up behind.) The same for what costs so much more. */
static const double worth_a_try = 1.05;
/* A greedy start reads most of the matrix for each block and start: only where that is about a
 * tenth of a second, and not at the least effort. */
enum { GREEDY_STARTS = 4 };
static const double greedy_reads = 2e7;
/* The share of blocks that a reseeding drops. */
enum { DROPPED = 10 };

static trnnsf_status sweeps(struct trn_pack_work *work, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        double open = work->open;

        TRN_TRY(trn_pack_sweep(work));
        /* Below a ten-thousandth of what is kept, the time is better spent on reseeding. */
        if (!(open - work->open > 1e-4 * (work->field.total - open)))
            break;
    }
    return TRNNSF_OK;
}

static trnnsf_status restore(struct trn_pack_work *work, const struct trn_pack_set *set)
{
    TRN_TRY(trn_pack_set_copy(&work->set, work->pool, set));
    trn_pack_work_renew(work);
    return TRNNSF_OK;
}

/* Passes of reseeding: each searches for every block again. On large matrices there is time for
 * few, on small ones, but for the least effort, for many. `pass_reads` connections take about 2 s,
 * `small_reads` a tenth of that, on a processor of the 2020s. (Chosen here.) */
static uint32_t passes_for(const struct trn_pack_work *work, size_t blocks)
{
    static const double pass_reads = 2e8, small_reads = 2e7;
    enum { MORE = 4 };
    const struct trn_pack_field *field = &work->field;
    double by_row = (double)work->rows / (double)field->rows.lines;
    double by_column = (double)work->columns / (double)field->columns.lines;
    double reads = (double)blocks * (by_row + by_column) * (double)field->entries;
    uint32_t passes = RESEEDS_AN_EFFORT * work->goal->effort;

    if (reads < small_reads && work->goal->effort > 1)
        return MORE * passes;
    if (reads > pass_reads && work->goal->bounded)
        return (uint32_t)(passes * pass_reads / reads);
    return passes;
}

static uint32_t sweeps_for(const struct trn_pack_goal *goal)
{
    return goal->effort > 0 ? SWEEPS_AN_EFFORT * goal->effort : 1;
}

/* Sweeps, then drops the weakest and finds others, as long as it helps. */
static trnnsf_status improve(struct trn_pack_work *work)
{
    struct trn_pack_set best;
    double open;
    trnnsf_status status;

    trn_pack_set_init(&best, work->ctx);
    TRN_TRY_OUT(sweeps(work, sweeps_for(work->goal)));
    TRN_TRY_OUT(trn_pack_set_copy(&best, work->pool, &work->set));
    open = work->open;
    uint32_t passes = passes_for(work, work->set.count);
    for (uint32_t i = 0; i < passes && work->open > 0; i++) {
        TRN_TRY_OUT(trn_pack_drop_weakest(work, work->set.count / DROPPED + 1));
        TRN_TRY_OUT(trn_pack_generate(work));
        TRN_TRY_OUT(sweeps(work, 2));
        if (work->open < open) {
            open = work->open;
            TRN_TRY_OUT(trn_pack_set_copy(&best, work->pool, &work->set));
        } else {
            TRN_TRY_OUT(restore(work, &best));
        }
    }
out:
    trn_pack_set_free(&best);
    return status;
}

/* Adds clusters as blocks; where the matrix was turned, so are they. */
static trnnsf_status add_clusters(struct trn_pack_work *work,
                                  const struct trnnsf_clusters *clusters, bool turn)
{
    const struct trn_blocks *blocks = clusters->blocks;
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < blocks->count && status == TRNNSF_OK; i++) {
        uint32_t *row = blocks->row + blocks->row_start[i];
        uint32_t *column = blocks->column + blocks->column_start[i];
        size_t n_rows = trn_block_rows(blocks, i), n_columns = trn_block_columns(blocks, i);
        struct trn_pack_block block = {.row = turn ? column : row,
                                       .column = turn ? row : column,
                                       .n_rows = turn ? n_columns : n_rows,
                                       .n_columns = turn ? n_rows : n_columns};

        block.shape = trn_pack_cheapest(work->pool, block.n_rows, block.n_columns);
        status = trn_pack_set_add(&work->set, work->pool, &block);
    }
    trn_pack_work_renew(work);
    return status;
}

/* One block after the other, each the best of a few starts. */
static trnnsf_status start_greedily(struct trn_pack_work *work, size_t count)
{
    const struct trn_pack_shape *shape = &work->pool->shape[0];
    struct trnnsf_clusters *greedy = NULL;

    TRN_TRY(trn_clusters_seed(work->ctx, work->field.matrix, shape->columns, shape->rows, count,
                              GREEDY_STARTS, work->goal->seed, &greedy));
    trnnsf_status status = add_clusters(work, greedy, false);
    trn_clusters_free(greedy);
    return status;
}

/* What was there before, less the weakest blocks that the budget has no room for. */
static trnnsf_status start_from(struct trn_pack_work *work, const struct trnnsf_clusters *start)
{
    const struct trn_pack_goal *goal = work->goal;

    TRN_TRY(add_clusters(work, start, work->turned));
    if (work->set.count > goal->crossbars)
        TRN_TRY(trn_pack_drop_weakest(work, work->set.count - goal->crossbars));
    while (work->set.count > 0 && work->set.cost > goal->cost)
        TRN_TRY(trn_pack_drop_weakest(work, 1));
    return TRNNSF_OK;
}

static bool greed_is_cheap(const struct trn_pack_work *work, size_t count)
{
    double reads = (double)count * GREEDY_STARTS * (double)work->field.entries;

    return work->pool->count == 1 && work->goal->effort > 1 &&
           reads < greedy_reads * (double)(work->goal->effort - 1);
}

/* Fills up and improves the set; it becomes `best` where it keeps more. The work is empty then. */
static trnnsf_status compete(struct trn_pack_work *work, struct trn_pack_set *best,
                             double *best_open)
{
    TRN_TRY(trn_pack_generate(work));
    TRN_TRY(improve(work));
    if (work->open < *best_open) {
        *best_open = work->open;
        trn_pack_set_move(best, &work->set);
    }
    trn_pack_set_free(&work->set);
    trn_pack_work_renew(work);
    return TRNNSF_OK;
}

static trnnsf_status tidy_up(struct trn_pack_work *work)
{
    TRN_TRY(trn_pack_tidy(work));
    size_t count = work->set.count;
    TRN_TRY(trn_pack_generate(work)); /* cheaper shapes may have left some budget */
    return work->set.count > count ? trn_pack_tidy(work) : TRNNSF_OK;
}

/* The best of what begins free, at the tiling, at what the caller has and, where that is cheap,
 * greedily. */
static trnnsf_status pack_budget(struct trn_pack_work *work)
{
    struct trn_pack_tiling tiling;
    struct trn_pack_set best;
    double open = INFINITY;
    trnnsf_status status;

    trn_pack_set_init(&best, work->ctx);
    TRN_TRY_OUT(trn_pack_tile_best(work, &tiling));
    TRN_TRY_OUT(trn_pack_work_expect(work, tiling.tiles));
    TRN_TRY_OUT(compete(work, &best, &open));
    double enough = work->goal->effort > 0 ? worth_a_try * tiling.kept : tiling.kept;
    if (work->field.total - open < enough) {
        TRN_TRY_OUT(trn_pack_tile_add(work, &tiling));
        TRN_TRY_OUT(compete(work, &best, &open));
    }
    if (work->goal->start) {
        TRN_TRY_OUT(start_from(work, work->goal->start));
        TRN_TRY_OUT(compete(work, &best, &open));
    }
    if (greed_is_cheap(work, tiling.tiles)) {
        TRN_TRY_OUT(start_greedily(work, tiling.tiles));
        TRN_TRY_OUT(compete(work, &best, &open));
    }
    trn_pack_set_move(&work->set, &best);
    trn_pack_work_renew(work);
    status = tidy_up(work);
out:
    trn_pack_set_free(&best);
    return status;
}

/* Smaller blocks may do with cheaper shapes, where there are several. */
static trnnsf_status save(struct trn_pack_work *work)
{
    return work->pool->count > 1 ? trn_pack_tidy(work) : TRNNSF_OK;
}

/* Blocks alone, or the first of them and tiles over the rest; the set costs less than the tiling
 * alone then, and true. */
static trnnsf_status cover(struct trn_pack_work *work, bool *out_done)
{
    struct trn_pack_tiling tiling;

    work->prefix = 0;
    work->prefix_cost = INFINITY;
    TRN_TRY(trn_pack_generate(work));
    *out_done = trn_pack_work_enough(work) && work->set.cost < work->cost_limit;
    if (*out_done && work->set.cost <= work->prefix_cost)
        return TRNNSF_OK;
    *out_done = work->prefix_cost < work->cost_limit;
    if (!*out_done)
        return TRNNSF_OK;
    while (work->set.count > work->prefix)
        trn_pack_set_drop(&work->set, work->pool, work->set.count - 1);
    trn_pack_work_renew(work);
    TRN_TRY(trn_pack_tile_best(work, &tiling));
    return trn_pack_tile_add(work, &tiling);
}

/* Drops the weakest blocks and covers what they leave at less cost, as often as that works. */
static trnnsf_status squeeze(struct trn_pack_work *work, struct trn_pack_set *best)
{
    size_t dropped = best->count / DROPPED + 1;
    uint32_t passes = passes_for(work, best->count);

    for (uint32_t i = 0; i < passes && dropped > 0; i++) {
        bool done;

        work->cost_limit = best->cost;
        TRN_TRY(trn_pack_drop_weakest(work, dropped));
        TRN_TRY(sweeps(work, 1));
        TRN_TRY(cover(work, &done));
        if (done)
            TRN_TRY(save(work));
        if (done && work->set.cost < best->cost) {
            TRN_TRY(trn_pack_set_copy(best, work->pool, &work->set));
        } else {
            TRN_TRY(restore(work, best));
            dropped /= 2;
        }
    }
    return TRNNSF_OK;
}

/* The cheapest of the covers by each shape; none where no cover is cheaper than `cost`. */
static trnnsf_status best_cover(struct trn_pack_work *work, double cost, struct trn_pack_set *best)
{
    for (uint32_t shape = 0; shape < work->pool->count; shape++) {
        if (trn_pack_dominated(work->pool, shape))
            continue;
        TRN_TRY(trn_pack_cover_start(work, shape));
        if (trn_pack_work_enough(work) && work->set.cost < cost) {
            cost = work->set.cost;
            trn_pack_set_move(best, &work->set);
        }
    }
    return TRNNSF_OK;
}

/* The same from a free cover; `best` becomes what that leads to where it costs less. */
static trnnsf_status try_cover(struct trn_pack_work *work, struct trn_pack_set *best)
{
    struct trn_pack_set other;
    trnnsf_status status;

    trn_pack_set_init(&other, work->ctx);
    TRN_TRY_OUT(best_cover(work, worth_a_try * best->cost, &other));
    if (other.count > 0) {
        TRN_TRY_OUT(restore(work, &other));
        TRN_TRY_OUT(squeeze(work, &other));
        if (other.cost < best->cost)
            trn_pack_set_move(best, &other);
    }
out:
    trn_pack_set_free(&other);
    return status;
}

static trnnsf_status pack_bounded(struct trn_pack_work *work)
{
    struct trn_pack_tiling tiling;
    struct trn_pack_set best;
    trnnsf_status status;
    bool done;

    trn_pack_set_init(&best, work->ctx);
    TRN_TRY_OUT(trn_pack_tile_best(work, &tiling));
    TRN_TRY_OUT(trn_pack_work_expect(work, tiling.tiles));
    TRN_TRY_OUT(trn_pack_tile_add(work, &tiling));
    TRN_TRY_OUT(save(work));
    trn_pack_set_move(&best, &work->set);
    trn_pack_work_renew(work);
    work->cost_limit = best.cost;
    TRN_TRY_OUT(cover(work, &done));
    if (done)
        TRN_TRY_OUT(save(work));
    if (done && work->set.cost < best.cost)
        TRN_TRY_OUT(trn_pack_set_copy(&best, work->pool, &work->set));
    else
        TRN_TRY_OUT(restore(work, &best));
    TRN_TRY_OUT(squeeze(work, &best));
    if (trn_pack_cover_helps(work))
        TRN_TRY_OUT(try_cover(work, &best));
    trn_pack_set_move(&work->set, &best);
    trn_pack_work_renew(work);
    TRN_TRY_OUT(trn_pack_tidy(work));
out:
    trn_pack_set_free(&best);
    return status;
}

static trnnsf_status list_offers(const struct trn_pack_work *work, struct trn_pack_offer **out)
{
    const struct trnnsf_matrix *matrix = work->field.matrix;
    struct trn_pack_offer *offers =
        TRN_NEW_ARRAY(work->ctx, struct trn_pack_offer, work->set.count);
    double largest = 0;
    int exponent = 0;

    if (!offers)
        return TRNNSF_E_NO_MEMORY;
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
        largest = fmax(largest, trn_salience(matrix, e));
    frexp(largest, &exponent);
    for (size_t i = 0; i < work->set.count; i++) {
        const struct trn_pack_block *block = &work->set.block[i];

        offers[i] = (struct trn_pack_offer){ldexp(block->gain, exponent),
                                            work->pool->shape[block->shape].cost, block->shape};
    }
    *out = offers;
    return TRNNSF_OK;
}

/* Blocks are taken row by row, which costs the connections on their rows: the side on which those
 * are fewer serves as rows, where a transposed copy is worth it (chosen here). */
static const size_t worth_turning = 1000000;

static bool turned_is_cheaper(const struct trnnsf_matrix *matrix, const struct trn_pack_pool *pool)
{
    size_t rows, columns;

    trn_pack_sides(pool, matrix->n_rows, matrix->n_columns, &rows, &columns);
    return trn_sparse_nonzeros(matrix) > worth_turning &&
           (double)columns / (double)matrix->n_columns < (double)rows / (double)matrix->n_rows;
}

static void turn_pool(struct trn_pack_pool *pool)
{
    for (size_t s = 0; s < pool->count; s++) {
        size_t rows = pool->shape[s].rows;

        pool->shape[s].rows = pool->shape[s].columns;
        pool->shape[s].columns = rows;
    }
}

static void turn_set(struct trn_pack_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct trn_pack_block *block = &set->block[i];
        struct trn_pack_block was = *block;

        block->row = was.column;
        block->n_rows = was.n_columns;
        block->column = was.row;
        block->n_columns = was.n_rows;
    }
}

static trnnsf_status pack_into(struct trn_pack_work *work, trnnsf_context *ctx,
                               const struct trnnsf_matrix *matrix, const struct trn_pack_pool *pool,
                               const struct trn_pack_goal *goal, bool turned)
{
    TRN_TRY(trn_pack_work_init(work, ctx, matrix, pool, goal));
    work->turned = turned;
    TRN_TRY(trn_progress(ctx, "pack", NULL, 0, 1));
    TRN_TRY(goal->bounded ? pack_bounded(work) : pack_budget(work));
    return trn_progress(ctx, "pack", NULL, 1, 1);
}

trnnsf_status trn_pack_candidates(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                  const struct trn_pack_pool *pool,
                                  const struct trn_pack_goal *goal,
                                  struct trnnsf_clusters **out_clusters,
                                  struct trn_pack_offer **out_offers)
{
    struct trn_pack_work work = {
        .ctx = ctx, .set = {.ctx = ctx}, .search = {.ctx = ctx}, .field = {.ctx = ctx}};
    struct trn_pack_pool turned = *pool;
    struct trnnsf_matrix *transpose = NULL;
    struct trn_pack_offer *offers = NULL;
    trnnsf_status status;
    bool turn = turned_is_cheaper(matrix, pool);

    if (turn) {
        turn_pool(&turned);
        TRN_TRY_OUT(trn_sparse_transpose(ctx, matrix, NULL, &transpose));
    }
    TRN_TRY_OUT(pack_into(&work, ctx, turn ? transpose : matrix, &turned, goal, turn));
    if (out_offers)
        TRN_TRY_OUT(list_offers(&work, &offers));
    if (turn)
        turn_set(&work.set);
    TRN_TRY_OUT(trn_pack_set_finish(&work.set, matrix->n_rows, matrix->n_columns, out_clusters));
    if (out_offers)
        *out_offers = offers;
    offers = NULL;
out:
    trn_free(ctx, offers);
    trn_pack_work_free(&work);
    trnnsf_matrix_free(transpose);
    return status;
}

trnnsf_status trn_pack(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                       const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                       struct trnnsf_clusters **out_clusters)
{
    return trn_pack_candidates(ctx, matrix, pool, goal, out_clusters, NULL);
}
