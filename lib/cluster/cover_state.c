/* Moves of connections between blocks. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "cluster/cover.h"

/* Chosen here, by the ten matrices of doc/reorder.md. */
enum {
    SINGLE = 4,      /* every fourth time one connection moves alone */
    FAR_TARGETS = 8, /* every 8th target that was none is any block */
    NEIGHBOURS = 2   /* tried for another block than the own one */
};

trnnsf_status trn_cover_state_init(trnnsf_context *ctx, const struct trn_cover_entries *entries,
                                   const uint32_t *block, uint64_t seed, uint32_t stream,
                                   struct trn_cover_state *state)
{
    size_t nonzeros = entries->graph->nonzeros, blocks = entries->blocks;

    *state = (struct trn_cover_state){.entries = entries};
    trn_draws_init(&state->draws, seed, stream);
    state->block = trn_copy(ctx, block, nonzeros, sizeof *block);
    state->best_block = trn_copy(ctx, block, nonzeros, sizeof *block);
    if (!state->block || !state->best_block)
        return TRNNSF_E_NO_MEMORY;
    for (int s = 0; s < TRN_SIDES; s++) {
        state->held[s] =
            trn_calloc(ctx, entries->graph->side[s].count, blocks * sizeof *state->held[s]);
        state->lines[s] = TRN_NEW_ARRAY(ctx, uint32_t, blocks);
        if (!state->held[s] || !state->lines[s])
            return TRNNSF_E_NO_MEMORY;
        for (size_t e = 0; e < nonzeros; e++)
            state->lines[s][block[e]] +=
                state->held[s][entries->line[s][e] * blocks + block[e]]++ == 0;
    }
    for (size_t b = 0; b < blocks; b++)
        state->filled += state->lines[TRN_OUTPUTS][b] > 0;
    state->best = state->filled;
    return TRNNSF_OK;
}

void trn_cover_state_free(trnnsf_context *ctx, struct trn_cover_state *state)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        trn_free(ctx, state->held[s]);
        trn_free(ctx, state->lines[s]);
    }
    trn_free(ctx, state->block);
    trn_free(ctx, state->best_block);
}

void trn_cover_keep(struct trn_cover_state *state)
{
    if (state->filled >= state->best)
        return;
    state->best = state->filled;
    memcpy(state->best_block, state->block,
           state->entries->graph->nonzeros * sizeof *state->best_block);
}

/* Connections of one line, all in one block, and what their move to another one changes. */
struct move {
    int s; /* side of the line */
    size_t line, from, to;
    size_t count;
    uint32_t entry[TRN_COVER_WHOLE];
    uint32_t leave[TRN_SIDES]; /* lines that `from` loses, lines that `to` gains */
    uint32_t come[TRN_SIDES];
};

static uint32_t *held(const struct trn_cover_state *state, int s, size_t line, size_t block)
{
    return &state->held[s][line * state->entries->blocks + block];
}

static uint32_t draw_entry(struct trn_cover_state *state, int s, size_t line)
{
    const struct trn_side *side = &state->entries->graph->side[s];
    size_t e = trn_draw_below(&state->draws, trn_degree(side, line));

    return state->entries->entry[s][side->start[line] + e];
}

/* The block of a neighbour of entry `e`, now and then any; `from` where none is found. */
static size_t draw_block(struct trn_cover_state *state, int s, size_t e, size_t from)
{
    const struct trn_cover_entries *entries = state->entries;

    for (int i = 0; i < NEIGHBOURS; i++) {
        size_t block = state->block[draw_entry(state, 1 - s, entries->line[1 - s][e])];

        if (block != from)
            return block;
    }
    size_t block = state->block[draw_entry(state, s, entries->line[s][e])];
    if (block == from && trn_draw_below(&state->draws, FAR_TARGETS) == 0)
        return trn_draw_below(&state->draws, entries->blocks);
    return block;
}

/* Entry `e` alone, or with it all of its line that are in its block. */
static void gather(struct trn_cover_state *state, size_t e, struct move *move)
{
    const struct trn_side *side = &state->entries->graph->side[move->s];
    const uint32_t *entry = state->entries->entry[move->s];
    bool whole = trn_degree(side, move->line) <= TRN_COVER_WHOLE &&
                 trn_draw_below(&state->draws, SINGLE) > 0;

    move->count = 0;
    for (size_t i = side->start[move->line]; whole && i < side->start[move->line + 1]; i++) {
        if (state->block[entry[i]] == move->from)
            move->entry[move->count++] = entry[i];
    }
    if (!whole)
        move->entry[move->count++] = (uint32_t)e;
}

static void weigh(const struct trn_cover_state *state, struct move *move)
{
    int s = move->s, o = 1 - s;
    const uint32_t *other = state->entries->line[o];
    uint32_t leave = 0, come = 0;

    for (size_t i = 0; i < move->count; i++) {
        const uint32_t *counts = held(state, o, other[move->entry[i]], 0);

        leave += counts[move->from] == 1;
        come += counts[move->to] == 0;
    }
    move->leave[s] = *held(state, s, move->line, move->from) == move->count;
    move->come[s] = *held(state, s, move->line, move->to) == 0;
    move->leave[o] = leave;
    move->come[o] = come;
}

/* What the cost falls by; false where the target has no room. */
static bool gain_of(const struct trn_cover_state *state, const struct move *move, float *out_gain)
{
    float gain = 0;

    for (int s = 0; s < TRN_SIDES; s++) {
        const float *cost = state->entries->cost[s];
        size_t from = state->lines[s][move->from], to = state->lines[s][move->to];

        if (to + move->come[s] > state->entries->limit[s])
            return false;
        gain += cost[from] - cost[from - move->leave[s]] + cost[to] - cost[to + move->come[s]];
    }
    *out_gain = gain;
    return true;
}

static void apply(struct trn_cover_state *state, const struct move *move)
{
    int s = move->s, o = 1 - s;

    state->filled += state->lines[s][move->to] == 0;
    for (size_t i = 0; i < move->count; i++) {
        uint32_t *counts = held(state, o, state->entries->line[o][move->entry[i]], 0);

        counts[move->from]--;
        counts[move->to]++;
        state->block[move->entry[i]] = (uint32_t)move->to;
    }
    *held(state, s, move->line, move->from) -= (uint32_t)move->count;
    *held(state, s, move->line, move->to) += (uint32_t)move->count;
    for (int k = 0; k < TRN_SIDES; k++) {
        state->lines[k][move->from] -= move->leave[k];
        state->lines[k][move->to] += move->come[k];
    }
    state->filled -= state->lines[s][move->from] == 0;
}

void trn_cover_step(struct trn_cover_state *state, double temperature)
{
    struct move move;
    float gain;
    size_t e = trn_draw_below(&state->draws, state->entries->graph->nonzeros);

    move.s = (int)trn_draw_below(&state->draws, TRN_SIDES);
    move.line = state->entries->line[move.s][e];
    move.from = state->block[e];
    move.to = draw_block(state, move.s, e, move.from);
    if (move.to == move.from)
        return;
    gather(state, e, &move);
    weigh(state, &move);
    if (!gain_of(state, &move, &gain))
        return;
    if (gain >= 0 || trn_draw_unit(&state->draws) < exp((double)gain / temperature))
        apply(state, &move);
}

/* Block b becomes part of block a. */
static void unite(struct trn_cover_state *state, size_t a, size_t b)
{
    const struct trn_bipartite *graph = state->entries->graph;

    for (size_t e = 0; e < graph->nonzeros; e++) {
        if (state->block[e] == b)
            state->block[e] = (uint32_t)a;
    }
    for (int s = 0; s < TRN_SIDES; s++) {
        state->lines[s][a] = state->lines[s][b] = 0;
        for (size_t i = 0; i < graph->side[s].count; i++) {
            uint32_t *counts = held(state, s, i, 0);

            counts[a] += counts[b];
            counts[b] = 0;
            state->lines[s][a] += counts[a] > 0;
        }
    }
    state->filled--;
}

/* The block with most lines that has room in block a beside all that a has; a itself where none
 * does. */
static size_t find_partner(const struct trn_cover_state *state, size_t a)
{
    const struct trn_cover_entries *entries = state->entries;
    size_t best = a, most = 0;

    for (size_t b = 0; b < entries->blocks; b++) {
        size_t size = 0;

        if (b == a || state->lines[0][b] == 0)
            continue;
        for (int s = 0; s < TRN_SIDES; s++) {
            if (state->lines[s][a] + state->lines[s][b] > entries->limit[s])
                size = SIZE_MAX;
            else if (size < SIZE_MAX)
                size += state->lines[s][b];
        }
        if (size < SIZE_MAX && size > most) {
            most = size;
            best = b;
        }
    }
    return best;
}

void trn_cover_merge(struct trn_cover_state *state)
{
    for (size_t a = 0; a < state->entries->blocks; a++) {
        size_t b = a;

        while (state->lines[0][a] > 0 && (b = find_partner(state, a)) != a)
            unite(state, a, b);
    }
}
