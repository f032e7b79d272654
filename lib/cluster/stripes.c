#include "cluster/stripes.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

void trn_band_size(const struct trn_side *side, size_t limit, struct trn_band *band)
{
    band->limit = limit;
    band->stripes = side->count / limit + (side->count % limit != 0);
    band->places = band->stripes * limit;
}

void trn_stripes_table(float *table)
{
    for (size_t n = 0; n < TRN_STRIPES_TABLE; n++)
        table[n] = (float)log2(1 + (double)n);
}

trnnsf_status trn_stripes_init(trnnsf_context *ctx, const struct trn_bipartite *graph,
                               const size_t *limit, const float *table, struct trn_stripes *stripes)
{
    size_t most = 0, longest = 0;

    *stripes = (struct trn_stripes){.graph = graph, .table = table};
    for (int s = 0; s < TRN_SIDES; s++) {
        struct trn_band *band = &stripes->band[s];

        trn_band_size(&graph->side[s], limit[s], band);
        most = band->stripes > most ? band->stripes : most;
        longest = graph->side[s].longest > longest ? graph->side[s].longest : longest;
        band->stripe = TRN_NEW_ARRAY(ctx, uint32_t, band->places);
        band->place = TRN_NEW_ARRAY(ctx, uint32_t, band->places);
        band->line = TRN_NEW_ARRAY(ctx, uint32_t, band->places);
        if (!band->stripe || !band->place || !band->line)
            return TRNNSF_E_NO_MEMORY;
    }
    stripes->held = trn_calloc(ctx, stripes->band[TRN_OUTPUTS].stripes,
                               stripes->band[TRN_INPUTS].stripes * sizeof *stripes->held);
    stripes->change = TRN_NEW_ARRAY(ctx, int32_t, most);
    stripes->touched = TRN_NEW_ARRAY(ctx, uint32_t, 2 * longest);
    return stripes->held && stripes->change && stripes->touched ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

void trn_stripes_free(trnnsf_context *ctx, struct trn_stripes *stripes)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        trn_free(ctx, stripes->band[s].stripe);
        trn_free(ctx, stripes->band[s].place);
        trn_free(ctx, stripes->band[s].line);
    }
    trn_free(ctx, stripes->held);
    trn_free(ctx, stripes->change);
    trn_free(ctx, stripes->touched);
}

static void set_place(struct trn_band *band, size_t line, size_t place)
{
    band->line[place] = (uint32_t)line;
    band->place[line] = (uint32_t)place;
    band->stripe[line] = (uint32_t)(place / band->limit);
}

/* Step from tile to tile along a stripe of side s, and first tile of its stripe x. */
static size_t tile_step(const struct trn_stripes *stripes, int s)
{
    return s == TRN_OUTPUTS ? 1 : stripes->band[TRN_INPUTS].stripes;
}

static uint32_t *tiles_of(const struct trn_stripes *stripes, int s, size_t x)
{
    return stripes->held + (s == TRN_OUTPUTS ? x * stripes->band[TRN_INPUTS].stripes : x);
}

static void put(struct trn_stripes *stripes, uint32_t *tile)
{
    stripes->filled += (*tile)++ == 0;
}

static void take(struct trn_stripes *stripes, uint32_t *tile)
{
    stripes->filled -= --(*tile) == 0;
}

void trn_stripes_set(struct trn_stripes *stripes, uint32_t *const *order)
{
    const struct trn_side *rows = &stripes->graph->side[TRN_OUTPUTS];
    size_t columns = stripes->band[TRN_INPUTS].stripes;

    for (int s = 0; s < TRN_SIDES; s++) {
        struct trn_band *band = &stripes->band[s];
        size_t count = stripes->graph->side[s].count;

        for (size_t p = 0; p < band->places; p++)
            set_place(band, p < count ? order[s][p] : p, p);
    }
    memset(stripes->held, 0, stripes->band[TRN_OUTPUTS].stripes * columns * sizeof *stripes->held);
    stripes->filled = stripes->astray = 0; /* gaps are the last lines */
    for (size_t i = 0; i < rows->count; i++) {
        uint32_t *tiles = tiles_of(stripes, TRN_OUTPUTS, stripes->band[TRN_OUTPUTS].stripe[i]);

        for (size_t e = rows->start[i]; e < rows->start[i + 1]; e++)
            put(stripes, &tiles[stripes->band[TRN_INPUTS].stripe[rows->other[e]]]);
    }
}

int trn_stripes_strays(const struct trn_stripes *stripes, int s, size_t a, size_t b)
{
    const struct trn_band *band = &stripes->band[s];
    size_t all = stripes->graph->side[s].all, last = band->stripes - 1;
    int a_last = band->stripe[a] == last, b_last = band->stripe[b] == last;

    return (a >= all ? a_last - b_last : 0) + (b >= all ? b_last - a_last : 0);
}

static float energy(const float *table, int64_t n)
{
    return n < TRN_STRIPES_TABLE ? table[n] : log2f(1 + (float)n);
}

/* Adds `sign` to change[] at the stripes that a line meets; `touched` lists those that were 0, so a
 * stripe may stand there twice. */
static size_t touch(struct trn_stripes *stripes, int s, size_t line, int sign, size_t count)
{
    const struct trn_side *side = &stripes->graph->side[s];
    const uint32_t *stripe = stripes->band[1 - s].stripe;

    if (line >= side->count)
        return count;
    for (size_t e = side->start[line]; e < side->start[line + 1]; e++) {
        uint32_t x = stripe[side->other[e]];

        stripes->touched[count] = x;
        count += stripes->change[x] == 0;
        stripes->change[x] += sign;
    }
    return count;
}

float trn_stripes_gain(struct trn_stripes *stripes, int s, size_t a, size_t b)
{
    const struct trn_band *band = &stripes->band[s];
    const uint32_t *from = tiles_of(stripes, s, band->stripe[a]);
    const uint32_t *to = tiles_of(stripes, s, band->stripe[b]);
    size_t step = tile_step(stripes, s);
    const float *table = stripes->table;
    float gain = 0;
    size_t count = touch(stripes, s, a, -1, 0);

    count = touch(stripes, s, b, 1, count);
    for (size_t i = 0; i < count; i++) {
        size_t x = stripes->touched[i];
        int64_t change = stripes->change[x], n = from[x * step], m = to[x * step];

        /* 0 where the two lines cancel out, and where it stands a second time. */
        if (change == 0)
            continue;
        stripes->change[x] = 0;
        gain += energy(table, n) - energy(table, n + change) + energy(table, m) -
                energy(table, m - change);
    }
    return gain;
}

static void move(struct trn_stripes *stripes, int s, size_t line, uint32_t *from, uint32_t *to)
{
    const struct trn_side *side = &stripes->graph->side[s];
    const uint32_t *stripe = stripes->band[1 - s].stripe;
    size_t step = tile_step(stripes, s);

    if (line >= side->count)
        return;
    for (size_t e = side->start[line]; e < side->start[line + 1]; e++) {
        size_t x = stripe[side->other[e]] * step;

        take(stripes, &from[x]);
        put(stripes, &to[x]);
    }
}

void trn_stripes_swap(struct trn_stripes *stripes, int s, size_t a, size_t b)
{
    struct trn_band *band = &stripes->band[s];
    uint32_t *tiles_a = tiles_of(stripes, s, band->stripe[a]);
    uint32_t *tiles_b = tiles_of(stripes, s, band->stripe[b]);
    size_t place_a = band->place[a], place_b = band->place[b];

    stripes->astray += (size_t)trn_stripes_strays(stripes, s, a, b);
    move(stripes, s, a, tiles_a, tiles_b);
    move(stripes, s, b, tiles_b, tiles_a);
    set_place(band, a, place_b);
    set_place(band, b, place_a);
}

size_t trn_stripes_count(const struct trn_bipartite *graph, const size_t *limit,
                         uint32_t *const *order, uint32_t *place, uint32_t *mark)
{
    const struct trn_side *rows = &graph->side[TRN_OUTPUTS], *columns = &graph->side[TRN_INPUTS];
    size_t filled = 0;

    for (size_t p = 0; p < columns->count; p++)
        place[order[TRN_INPUTS][p]] = (uint32_t)p;
    for (size_t p = 0; p < rows->count; p++) {
        uint32_t line = order[TRN_OUTPUTS][p];
        uint32_t now = (uint32_t)(p / limit[TRN_OUTPUTS]) + 1;

        for (size_t e = rows->start[line]; e < rows->start[line + 1]; e++) {
            size_t x = place[rows->other[e]] / limit[TRN_INPUTS];

            filled += mark[x] != now;
            mark[x] = now;
        }
    }
    return filled;
}
