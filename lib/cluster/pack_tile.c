/* Tilings of what is open: what blocks have to beat, what they start from, and what takes their
 * rest. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack_work.h"
#include "cluster/packer.h"

/* A bound is kept in spite of the rounding of sums. */
static const double bound_slack = 1e-9;

struct tile {
    float gain;
    uint32_t down, across;
};

struct order {
    uint32_t *line; /* live lines in their order */
    size_t count;
    uint32_t *place; /* of each line: where it is in the order */
};

struct tiles {
    trnnsf_context *ctx;
    struct order rows, columns;
    size_t tile_rows, tile_columns;
    struct tile *tile;
    size_t count, room;
};

struct line_sum {
    double sum;
    uint32_t line;
};

static int heaviest_first(const void *a, const void *b)
{
    const struct line_sum *x = a, *y = b;

    if (x->sum != y->sum)
        return x->sum < y->sum ? 1 : -1;
    return (x->line > y->line) - (x->line < y->line);
}

static trnnsf_status find_order(trnnsf_context *ctx, const struct trn_pack_side *side, bool sorted,
                                struct order *order)
{
    trnnsf_status status = TRNNSF_OK;
    struct line_sum *sums = trn_malloc(ctx, side->lines, sizeof *sums);
    size_t live = 0;

    TRN_NEED_OUT(sums);
    order->line = trn_malloc(ctx, side->lines, sizeof *order->line);
    TRN_NEED_OUT(order->line);
    order->place = trn_malloc(ctx, side->lines, sizeof *order->place);
    TRN_NEED_OUT(order->place);
    for (size_t i = 0; i < side->lines; i++) {
        if (side->sum[i] > 0)
            sums[live++] = (struct line_sum){side->sum[i], (uint32_t)i};
    }
    if (sorted)
        qsort(sums, live, sizeof *sums, heaviest_first);
    for (size_t i = 0; i < live; i++) {
        order->line[i] = sums[i].line;
        order->place[sums[i].line] = (uint32_t)i;
    }
    order->count = live;
out:
    trn_free(ctx, sums);
    return status;
}

static trnnsf_status append(struct tiles *t, struct tile tile)
{
    if (t->count == t->room) {
        size_t room = 2 * t->room + 64;
        struct tile *moved = trn_realloc(t->ctx, t->tile, room, sizeof *moved);

        if (!moved)
            return TRNNSF_E_NO_MEMORY;
        t->tile = moved;
        t->room = room;
    }
    t->tile[t->count++] = tile;
    return TRNNSF_OK;
}

/* The tiles of one row of tiles; `gain` [tiles across] is 0 before and after. */
static trnnsf_status strip(struct trn_pack_work *work, struct tiles *t, size_t down,
                           struct trn_pack_scratch *scratch)
{
    const struct trn_pack_side *side = &work->field.rows;
    size_t first = down * t->tile_rows, end = first + t->tile_rows, touched = 0;

    if (end > t->rows.count)
        end = t->rows.count;
    for (size_t i = first; i < end; i++) {
        uint32_t row = t->rows.line[i];

        for (size_t e = side->start[row]; e < side->start[row + 1]; e++) {
            if (!(side->open[e] > 0))
                continue;
            size_t across = t->columns.place[side->index[e]] / t->tile_columns;
            if (!(scratch->gain[across] > 0))
                scratch->touched[touched++] = (uint32_t)across;
            scratch->gain[across] += side->open[e];
        }
    }
    trnnsf_status status = TRNNSF_OK;
    for (size_t i = 0; i < touched; i++) {
        uint32_t across = scratch->touched[i];

        if (status == TRNNSF_OK)
            status = append(t, (struct tile){scratch->gain[across], (uint32_t)down, across});
        scratch->gain[across] = 0;
    }
    return status;
}

static trnnsf_status find_tiles(struct trn_pack_work *work, uint32_t shape, bool sorted,
                                struct tiles *t)
{
    t->ctx = work->ctx;
    t->tile_rows = work->pool->shape[shape].rows;
    t->tile_columns = work->pool->shape[shape].columns;
    TRN_TRY(find_order(work->ctx, &work->field.rows, sorted, &t->rows));
    TRN_TRY(find_order(work->ctx, &work->field.columns, sorted, &t->columns));
    size_t strips = t->rows.count == 0 ? 0 : (t->rows.count - 1) / t->tile_rows + 1;
    for (size_t down = 0; down < strips; down++) {
        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        TRN_TRY(strip(work, t, down, &work->search.scratch[0]));
    }
    return TRNNSF_OK;
}

static void free_tiles(struct tiles *t)
{
    trn_free(t->ctx, t->rows.line);
    trn_free(t->ctx, t->rows.place);
    trn_free(t->ctx, t->columns.line);
    trn_free(t->ctx, t->columns.place);
    trn_free(t->ctx, t->tile);
}

/* Tiles by the leading bits of what they hold: 2^16 bins, near enough sorted in linear time. */
enum { BINS = 65536 };

static uint32_t bin_of(float gain)
{
    uint32_t bits;

    memcpy(&bits, &gain, sizeof bits);
    return BINS - 1 - (bits >> 16);
}

static int best_tile_first(const void *a, const void *b)
{
    const struct tile *x = a, *y = b;

    if (x->gain != y->gain)
        return x->gain < y->gain ? 1 : -1;
    if (x->down != y->down)
        return x->down < y->down ? -1 : 1;
    return (x->across > y->across) - (x->across < y->across);
}

/* Sorts by bins, and each bin where it is small enough to matter (all are but for hostile input,
 * which qsort sorts as well). */
static trnnsf_status sort_tiles(struct tiles *t)
{
    size_t *start = TRN_NEW_ARRAY(t->ctx, size_t, BINS + 1);
    struct tile *sorted = trn_malloc(t->ctx, t->count, sizeof *sorted);

    if (!start || !sorted) {
        trn_free(t->ctx, start);
        trn_free(t->ctx, sorted);
        return TRNNSF_E_NO_MEMORY;
    }
    for (size_t i = 0; i < t->count; i++)
        start[bin_of(t->tile[i].gain) + 1]++;
    for (size_t b = 0; b < BINS; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < t->count; i++)
        sorted[start[bin_of(t->tile[i].gain)]++] = t->tile[i];
    for (size_t b = 0, first = 0; b < BINS; first = start[b++]) {
        if (start[b] - first > 1)
            qsort(sorted + first, start[b] - first, sizeof *sorted, best_tile_first);
    }
    trn_free(t->ctx, t->tile);
    t->tile = sorted;
    t->room = t->count;
    trn_free(t->ctx, start);
    return TRNNSF_OK;
}

static size_t affordable(const struct trn_pack_work *work, uint32_t shape, size_t most)
{
    const struct trn_pack_goal *goal = work->goal;
    size_t left = goal->crossbars - work->set.count;
    double by_cost =
        (goal->cost * (1 + bound_slack) - work->set.cost) / work->pool->shape[shape].cost;

    if (left < most)
        most = left;
    if (by_cost < (double)most)
        most = by_cost > 0 ? (size_t)by_cost : 0;
    return most;
}

/* How many of the tiles, the most salient first, and what they hold. */
static trnnsf_status choose(struct trn_pack_work *work, struct tiles *t,
                            struct trn_pack_tiling *tiling)
{
    const struct trn_pack_goal *goal = work->goal;
    double dropped = 0, allowed = goal->discard * work->field.total * (1 - bound_slack);

    tiling->tiles = goal->bounded ? t->count : affordable(work, tiling->shape, t->count);
    if (tiling->tiles < t->count || allowed > 0)
        TRN_TRY(sort_tiles(t));
    while (goal->bounded && tiling->tiles > 0) {
        dropped += t->tile[tiling->tiles - 1].gain;
        if (dropped > allowed)
            break;
        tiling->tiles--;
    }
    tiling->kept = 0;
    for (size_t i = 0; i < tiling->tiles; i++)
        tiling->kept += t->tile[i].gain;
    tiling->cost = (double)tiling->tiles * work->pool->shape[tiling->shape].cost;
    return TRNNSF_OK;
}

static trnnsf_status try_tiling(struct trn_pack_work *work, struct trn_pack_tiling *tiling)
{
    struct tiles t = {.ctx = work->ctx};
    trnnsf_status status = find_tiles(work, tiling->shape, tiling->sorted, &t);

    if (status == TRNNSF_OK)
        status = choose(work, &t, tiling);
    free_tiles(&t);
    return status;
}

trnnsf_status trn_pack_tile_best(struct trn_pack_work *work, struct trn_pack_tiling *out)
{
    bool bounded = work->goal->bounded;
    struct trn_pack_tiling best = {.shape = TRN_PACK_NO_SHAPE};

    trn_pack_field_sum(&work->field);
    for (uint32_t i = 0; i < 2 * work->pool->count; i++) {
        struct trn_pack_tiling now = {.shape = i / 2, .sorted = i % 2};

        if (trn_pack_dominated(work->pool, now.shape))
            continue;
        TRN_TRY(try_tiling(work, &now));
        if (best.shape == TRN_PACK_NO_SHAPE ||
            (bounded ? now.cost < best.cost : now.kept > best.kept))
            best = now;
    }
    *out = best;
    return TRNNSF_OK;
}

static trnnsf_status add_tile(struct trn_pack_work *work, const struct tiles *t,
                              const struct tile *tile)
{
    size_t row = tile->down * t->tile_rows, column = tile->across * t->tile_columns;
    struct trn_pack_block block = {.row = t->rows.line + row, .column = t->columns.line + column};

    block.n_rows = t->rows.count - row < t->tile_rows ? t->rows.count - row : t->tile_rows;
    block.n_columns =
        t->columns.count - column < t->tile_columns ? t->columns.count - column : t->tile_columns;
    block.shape = trn_pack_cheapest(work->pool, block.n_rows, block.n_columns);
    TRN_TRY(trn_pack_set_add(&work->set, work->pool, &block));
    struct trn_pack_block *added = &work->set.block[work->set.count - 1];
    added->gain = trn_pack_take(&work->field, added);
    return TRNNSF_OK;
}

trnnsf_status trn_pack_tile_add(struct trn_pack_work *work, const struct trn_pack_tiling *tiling)
{
    struct tiles t = {.ctx = work->ctx};
    trnnsf_status status;

    trn_pack_field_sum(&work->field);
    TRN_TRY_OUT(find_tiles(work, tiling->shape, tiling->sorted, &t));
    if (tiling->tiles < t.count)
        TRN_TRY_OUT(sort_tiles(&t));
    for (size_t i = 0; i < tiling->tiles; i++)
        TRN_TRY_OUT(add_tile(work, &t, &t.tile[i]));
    work->open = trn_pack_field_sum(&work->field);
out:
    free_tiles(&t);
    return status;
}

trnnsf_status trn_pack_tile_offers(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   const struct trn_pack_pool *pool, uint32_t shape, bool sorted,
                                   struct trn_pack_offer **out_offers, size_t *out_count)
{
    static const struct trn_pack_goal any = {.crossbars = SIZE_MAX, .cost = INFINITY, .effort = 1};
    struct trn_pack_work work = {
        .ctx = ctx, .set = {.ctx = ctx}, .search = {.ctx = ctx}, .field = {.ctx = ctx}};
    struct tiles t = {.ctx = ctx};
    struct trn_pack_offer *offers;
    trnnsf_status status;

    TRN_TRY_OUT(trn_pack_work_init(&work, ctx, matrix, pool, &any));
    trn_pack_field_sum(&work.field);
    TRN_TRY_OUT(find_tiles(&work, shape, sorted, &t));
    TRN_TRY_OUT(sort_tiles(&t));
    offers = trn_malloc(ctx, t.count, sizeof *offers);
    TRN_NEED_OUT(offers);
    for (size_t i = 0; i < t.count; i++)
        offers[i] = (struct trn_pack_offer){(double)t.tile[i].gain / work.field.total,
                                            pool->shape[shape].cost, shape};
    *out_offers = offers;
    *out_count = t.count;
out:
    free_tiles(&t);
    trn_pack_work_free(&work);
    return status;
}
