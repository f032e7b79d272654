/* The search for orders: simple ones first, then simulated annealing from these. */
#include "cluster/reorder.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/sort.h"
#include "base/pool.h"
#include "cluster/draws.h"
#include "cluster/order.h"
#include "cluster/stripes.h"

/* All chosen here, by the ten matrices of doc/reorder.md. */
enum {
    STARTS_MIN = 2,         /* from the natural and the breadth-first order in turn; */
    STARTS = 8,             /* more where each has few lines to move, for the same work */
    ROUNDS = 50,            /* in which progress is told */
    STEPS = 1024,           /* at one temperature, and until the best is looked at again */
    PARTNERS = 4,           /* lines tried for one place in the other stripe */
    FAR_TARGETS = 16,       /* every 16th stripe is any, the others a neighbour's */
    NEIGHBOURS = 3,         /* tried for another stripe than the line's own */
    STEPS_A_LINE = 64,      /* for an effort of 1 */
    WORK = 8 * 1024 * 1024, /* for an effort of 1: connections looked at, roughly */
    TILES_MAX = 1 << 22     /* for the table of tiles, 16 MiB each */
};
/* log2 units: an exchange that costs this much is still taken at the start every third time … */
#define TEMPERATURE_FIRST 0.3
/* … and at the end; the last tenth is all but greedy. */
#define TEMPERATURE_LAST 0.0005
/* Without gaps in the result, gaps may wander at first. To be away from the end costs more and
 * more, up to this many times the temperature; after this part of the search it is forbidden. */
#define ASTRAY_MOST 10
#define ASTRAY_PART 0.8
#define HUGE_COST 1e6

struct start {
    struct trn_stripes stripes;
    struct trn_draws draws;
    size_t best;                    /* tiles */
    uint32_t *best_line[TRN_SIDES]; /* [places] */
};

enum { NATURAL, BREADTH_FIRST, SIMPLE };

struct reorder {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *matrix;
    struct trn_bipartite *graph;
    size_t limit[TRN_SIDES];
    size_t bound;
    struct trn_band band[TRN_SIDES];    /* sizes only */
    uint32_t *order[SIMPLE][TRN_SIDES]; /* [places] */
    size_t tiles[SIMPLE];
    float *table;
    bool gaps; /* may be anywhere */
    size_t n_starts;
    struct start starts[STARTS];
    uint64_t steps_a_round, done; /* of each start */
};

static void reorder_free(struct reorder *r)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        for (int i = 0; i < SIMPLE; i++)
            trn_free(r->ctx, r->order[i][s]);
        for (int i = 0; i < STARTS; i++)
            trn_free(r->ctx, r->starts[i].best_line[s]);
    }
    for (int i = 0; i < STARTS; i++)
        trn_stripes_free(r->ctx, &r->starts[i].stripes);
    trn_free(r->ctx, r->table);
    trn_bipartite_free(r->ctx, r->graph);
}

/* Natural and breadth-first order, and their tiles. */
static trnnsf_status simple_orders(struct reorder *r)
{
    const struct trn_side *side = r->graph->side;
    size_t stripes = r->band[TRN_INPUTS].stripes;
    trnnsf_status status = TRNNSF_OK;
    uint32_t *place = TRN_NEW_ARRAY(r->ctx, uint32_t, side[TRN_INPUTS].count);
    uint32_t *mark = TRN_NEW_ARRAY(r->ctx, uint32_t, stripes);

    TRN_NEED_OUT(place);
    TRN_NEED_OUT(mark);
    for (int s = 0; s < TRN_SIDES; s++) {
        for (int i = 0; i < SIMPLE; i++) {
            r->order[i][s] = TRN_NEW_ARRAY(r->ctx, uint32_t, r->band[s].places);
            TRN_NEED_OUT(r->order[i][s]);
            for (size_t p = 0; p < r->band[s].places; p++)
                r->order[i][s][p] = (uint32_t)p;
        }
    }
    TRN_TRY_OUT(trn_order_breadth_first(r->ctx, r->graph, r->order[BREADTH_FIRST]));
    for (int i = 0; i < SIMPLE; i++) {
        memset(mark, 0, stripes * sizeof *mark);
        r->tiles[i] = trn_stripes_count(r->graph, r->limit, r->order[i], place, mark);
    }
out:
    trn_free(r->ctx, mark);
    trn_free(r->ctx, place);
    return status;
}

/* How many starts there are and how many steps each takes in a round; no step where a search cannot
 * help or would be too large. */
static void plan_steps(struct reorder *r, uint32_t effort)
{
    size_t lines = r->graph->side[TRN_OUTPUTS].count + r->graph->side[TRN_INPUTS].count;
    size_t rows = r->band[TRN_OUTPUTS].stripes, columns = r->band[TRN_INPUTS].stripes;

    if (r->graph->nonzeros == 0 || r->graph->nonzeros > INT32_MAX || rows > TILES_MAX / columns ||
        effort == 0)
        return;
    if (r->tiles[NATURAL] <= r->bound || r->tiles[BREADTH_FIRST] <= r->bound)
        return;
    uint64_t by_lines = (uint64_t)effort * STEPS_A_LINE * lines;
    uint64_t by_work = (uint64_t)effort * WORK / (4 + 2 * r->graph->nonzeros / lines);
    uint64_t steps = by_lines < by_work ? by_lines : by_work;
    uint64_t starts = STARTS_MIN * by_work / steps;

    r->n_starts = starts < STARTS ? (size_t)starts / 2 * 2 : STARTS;
    r->steps_a_round = (steps + ROUNDS - 1) / ROUNDS;
}

static trnnsf_status init_starts(struct reorder *r, uint64_t seed)
{
    r->table = TRN_NEW_ARRAY(r->ctx, float, TRN_STRIPES_TABLE);
    if (!r->table)
        return TRNNSF_E_NO_MEMORY;
    trn_stripes_table(r->table);
    for (size_t i = 0; i < r->n_starts; i++) {
        struct start *start = &r->starts[i];

        TRN_TRY(trn_stripes_init(r->ctx, r->graph, r->limit, r->table, &start->stripes));
        trn_stripes_set(&start->stripes, r->order[i % SIMPLE]);
        trn_draws_init(&start->draws, seed, (uint32_t)i);
        start->best = SIZE_MAX;
        for (int s = 0; s < TRN_SIDES; s++) {
            start->best_line[s] = TRN_NEW_ARRAY(r->ctx, uint32_t, r->band[s].places);
            if (!start->best_line[s])
                return TRNNSF_E_NO_MEMORY;
        }
    }
    return TRNNSF_OK;
}

static void keep_best(const struct reorder *r, struct start *start)
{
    if (start->stripes.filled >= start->best || (!r->gaps && start->stripes.astray > 0))
        return;
    start->best = start->stripes.filled;
    for (int s = 0; s < TRN_SIDES; s++)
        memcpy(start->best_line[s], start->stripes.band[s].line,
               start->stripes.band[s].places * sizeof *start->best_line[s]);
}

/* The stripe of a line that shares a neighbour with `line`, now and then any; `own` if none. */
static size_t draw_stripe(struct start *start, int s, size_t line, size_t own)
{
    const struct trn_side *side = start->stripes.graph->side;
    const struct trn_band *band = &start->stripes.band[s];

    if (trn_draw_below(&start->draws, FAR_TARGETS) == 0)
        return trn_draw_below(&start->draws, band->stripes);
    size_t e = trn_draw_below(&start->draws, trn_degree(&side[s], line));
    size_t met = side[s].other[side[s].start[line] + e];
    size_t degree = trn_degree(&side[1 - s], met);
    for (int i = 0; i < NEIGHBOURS; i++) {
        size_t other = trn_draw_below(&start->draws, degree);
        size_t stripe = band->stripe[side[1 - s].other[side[1 - s].start[met] + other]];

        if (stripe != own)
            return stripe;
    }
    return own;
}

/* One line seeks a place in another stripe; of a few lines there the one that suits best goes. */
static void step(struct start *start, double temperature, float astray)
{
    struct trn_stripes *stripes = &start->stripes;
    const struct trn_side *side = stripes->graph->side;
    size_t rows = side[TRN_OUTPUTS].count;
    size_t line = trn_draw_below(&start->draws, rows + side[TRN_INPUTS].count);
    int s = line < rows ? TRN_OUTPUTS : TRN_INPUTS;
    const struct trn_band *band = &stripes->band[s];
    size_t best = 0;
    float most = -INFINITY;

    line -= s == TRN_OUTPUTS ? 0 : rows;
    size_t stripe = draw_stripe(start, s, line, band->stripe[line]);
    if (stripe == band->stripe[line])
        return;
    size_t first = stripe * band->limit;
    for (int i = 0; i < PARTNERS; i++) {
        size_t partner = band->line[first + trn_draw_below(&start->draws, band->limit)];
        float gain = trn_stripes_gain(stripes, s, line, partner);

        if (astray > 0)
            gain -= astray * (float)trn_stripes_strays(stripes, s, line, partner);
        if (gain > most) {
            most = gain;
            best = partner;
        }
    }
    if (most >= 0 || trn_draw_unit(&start->draws) < exp((double)most / temperature))
        trn_stripes_swap(stripes, s, line, best);
}

/* Gaps that are left in other stripes change places with the lines of the last one that suit best.
 */
static void gather_gaps(struct start *start)
{
    struct trn_stripes *stripes = &start->stripes;

    for (int s = 0; s < TRN_SIDES; s++) {
        const struct trn_band *band = &stripes->band[s];
        size_t all = stripes->graph->side[s].all, last = band->places - band->limit;

        for (size_t gap = all; gap < band->places; gap++) {
            size_t best = SIZE_MAX;
            float most = -INFINITY;

            for (size_t p = last; p < band->places && band->place[gap] < last; p++) {
                float gain = band->line[p] < all ? trn_stripes_gain(stripes, s, band->line[p], gap)
                                                 : -INFINITY;

                if (gain > most) {
                    most = gain;
                    best = band->line[p];
                }
            }
            if (best != SIZE_MAX)
                trn_stripes_swap(stripes, s, best, gap);
        }
    }
}

/* What a gap away from the end costs now. */
static float cost_astray(const struct reorder *r, double part, double temperature)
{
    if (r->gaps)
        return 0;
    return (float)(part < ASTRAY_PART ? ASTRAY_MOST * part / ASTRAY_PART * temperature : HUGE_COST);
}

static void round_task(void *argument, size_t task, size_t worker)
{
    struct reorder *r = argument;
    struct start *start = &r->starts[task];
    uint64_t end = r->done + r->steps_a_round;

    (void)worker;
    for (uint64_t i = r->done; i < end;) {
        double part = (double)i / (double)(r->steps_a_round * ROUNDS);
        double temperature = TEMPERATURE_FIRST * pow(TEMPERATURE_LAST / TEMPERATURE_FIRST, part);
        float astray = cost_astray(r, part, temperature);
        uint64_t stop = end - i < STEPS ? end : i + STEPS;

        if (!r->gaps && part >= ASTRAY_PART && start->stripes.astray > 0)
            gather_gaps(start);
        for (; i < stop; i++)
            step(start, temperature, astray);
        keep_best(r, start);
    }
}

static trnnsf_status anneal(struct reorder *r)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        TRN_TRY(trn_progress(r->ctx, "reorder", NULL, i, ROUNDS));
        trn_parallel(r->ctx, r->n_starts, round_task, r);
        r->done += r->steps_a_round;
        for (size_t k = 0; k < r->n_starts; k++) {
            if (r->starts[k].best <= r->bound)
                return trn_progress(r->ctx, "reorder", NULL, ROUNDS, ROUNDS);
        }
    }
    return trn_progress(r->ctx, "reorder", NULL, ROUNDS, ROUNDS);
}

/* Matrix indices of a side by place, ascending in each stripe with gaps after them; the lines
 * beyond the stripes last. out[places of whole stripes]. */
static void write_side(const struct trn_side *side, const struct trn_band *band,
                       const uint32_t *line, uint32_t *out)
{
    size_t whole = (side->all + band->limit - 1) / band->limit * band->limit;

    for (size_t p = 0; p < whole; p++) {
        size_t i = p < band->places ? line[p] : p;

        out[p] = i < side->all ? side->index[i] : TRNNSF_NO_LINE;
    }
    for (size_t p = 0; p < band->places; p += band->limit)
        trn_sort_indices(out + p, band->limit);
}

/* Tiles of the matrix as it stands. */
static trnnsf_status count_natural(const struct reorder *r, size_t *out_tiles)
{
    const struct trnnsf_matrix *matrix = r->matrix;
    size_t tiles = 0;
    uint32_t *mark = TRN_NEW_ARRAY(r->ctx, uint32_t, matrix->n_columns / r->limit[TRN_INPUTS] + 1);

    if (!mark)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < matrix->n_rows; i++) {
        uint32_t now = (uint32_t)(i / r->limit[TRN_OUTPUTS]) + 1;

        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            size_t x = matrix->column[e] / r->limit[TRN_INPUTS];

            tiles += mark[x] != now;
            mark[x] = now;
        }
    }
    trn_free(r->ctx, mark);
    *out_tiles = tiles;
    return TRNNSF_OK;
}

static void write_natural(size_t n, size_t limit, uint32_t *out)
{
    for (size_t p = 0; p < (n + limit - 1) / limit * limit; p++)
        out[p] = p < n ? (uint32_t)p : TRNNSF_NO_LINE;
}

static trnnsf_status write_best(const struct reorder *r, uint32_t *rows, uint32_t *columns)
{
    uint32_t *const *line = r->order[NATURAL];
    size_t best = r->tiles[NATURAL], natural;

    if (r->tiles[BREADTH_FIRST] < best) {
        line = r->order[BREADTH_FIRST];
        best = r->tiles[BREADTH_FIRST];
    }
    for (size_t i = 0; i < r->n_starts && r->done > 0; i++) {
        if (r->starts[i].best < best) {
            line = r->starts[i].best_line;
            best = r->starts[i].best;
        }
    }
    TRN_TRY(count_natural(r, &natural));
    if (natural <= best) {
        write_natural(r->matrix->n_rows, r->limit[TRN_OUTPUTS], rows);
        write_natural(r->matrix->n_columns, r->limit[TRN_INPUTS], columns);
        return TRNNSF_OK;
    }
    write_side(&r->graph->side[TRN_OUTPUTS], &r->band[TRN_OUTPUTS], line[TRN_OUTPUTS], rows);
    write_side(&r->graph->side[TRN_INPUTS], &r->band[TRN_INPUTS], line[TRN_INPUTS], columns);
    return TRNNSF_OK;
}

trnnsf_status trn_reorder_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                               const struct trnnsf_reorder_options *options, uint32_t *rows,
                               uint32_t *columns)
{
    struct reorder r = {.ctx = ctx, .matrix = matrix};
    trnnsf_status status;

    r.gaps = options->gaps;
    r.limit[TRN_OUTPUTS] = options->outputs;
    r.limit[TRN_INPUTS] = options->inputs;
    TRN_TRY_OUT(trn_progress(ctx, "reorder", NULL, 0, ROUNDS));
    TRN_TRY_OUT(trn_bipartite_create(ctx, matrix, &r.graph));
    TRN_TRY_OUT(trn_reorder_bound(ctx, matrix, options, &r.bound));
    for (int s = 0; s < TRN_SIDES; s++)
        trn_band_size(&r.graph->side[s], r.limit[s], &r.band[s]);
    TRN_TRY_OUT(simple_orders(&r));
    plan_steps(&r, options->effort);
    if (r.steps_a_round > 0) {
        TRN_TRY_OUT(init_starts(&r, options->seed));
        TRN_TRY_OUT(anneal(&r));
    }
    status = write_best(&r, rows, columns);
out:
    reorder_free(&r);
    return status;
}
