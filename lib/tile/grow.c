/* Tiles grown one after the other. */
#include <string.h>

#include "base/context.h"
#include "tile/state.h"

/* Neurons looked at in search of seeds for a tile that has one; chosen here, to bound the time. */
#define SEED_LOOKS ((uint64_t)1 << 29)

struct growth {
    struct trn_tile_state *state;
    uint32_t *shared;     /* [n] rows that a neuron shares with the growing tile */
    uint32_t *border;     /* [n] sources of a neuron that some tile reads */
    uint32_t *candidates; /* [n] unplaced neurons that share rows */
    size_t n_candidates;
    uint8_t *is_candidate; /* [n] */
    uint8_t *is_read;      /* [n] sources that some tile reads */
    uint64_t looks;
};

/* Puts a neuron on the growing tile, the last one, and tells the readers of its new rows. */
static void take(struct growth *growth, uint32_t neuron, uint32_t tile)
{
    struct trn_tile_state *state = growth->state;
    const struct trnnsf_spike_graph *graph = state->graph;

    trn_tile_state_add(state, neuron, tile);
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s];
        size_t start = state->reader_starts[source];
        size_t net = start + state->net_length[source] - 1;

        /* A row that is new stands last in the net, with one reader. */
        if (state->net_tile[net] != tile || state->net_count[net] > 1)
            continue;
        for (size_t r = start; r < state->reader_starts[source + 1]; r++) {
            uint32_t reader = state->readers[r];

            growth->border[reader] += !growth->is_read[source];
            if (state->place[reader] != TRNNSF_NO_TILE)
                continue;
            growth->shared[reader] += state->takes_row[source];
            if (!growth->is_candidate[reader]) {
                growth->is_candidate[reader] = 1;
                growth->candidates[growth->n_candidates++] = reader;
            }
        }
        growth->is_read[source] = 1;
    }
}

/* The candidate that needs fewest new rows, of those with most sources that are read somewhere, so
 * that no neuron is left alone between tiles; TRNNSF_NO_TILE: none fits. Placed ones are dropped.
 */
static uint32_t choose(struct growth *growth, uint32_t tile)
{
    struct trn_tile_state *state = growth->state;
    uint32_t best = TRNNSF_NO_TILE, least = UINT32_MAX;
    size_t kept = 0;

    for (size_t k = 0; k < growth->n_candidates; k++) {
        uint32_t i = growth->candidates[k], fresh = state->need[i] - growth->shared[i];

        if (state->place[i] != TRNNSF_NO_TILE)
            continue;
        growth->candidates[kept++] = i;
        if (fresh > least || !trn_tile_state_fits(state, i, tile, growth->shared[i]))
            continue;
        if (fresh < least || growth->border[i] > growth->border[best] ||
            (growth->border[i] == growth->border[best] && i < best)) {
            best = i;
            least = fresh;
        }
    }
    growth->n_candidates = kept;
    return best;
}

/* The unplaced neuron with most sources that are read somewhere, of those that fit `tile`. */
static uint32_t seed(struct growth *growth, uint32_t tile)
{
    struct trn_tile_state *state = growth->state;
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t best = TRNNSF_NO_TILE;

    for (uint32_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT || state->place[i] != TRNNSF_NO_TILE)
            continue;
        if (tile < state->n_tiles && !trn_tile_state_fits(state, i, tile, growth->shared[i]))
            continue;
        if (best == TRNNSF_NO_TILE || growth->border[i] > growth->border[best])
            best = i;
    }
    growth->looks += graph->n;
    return best;
}

static void forget(struct growth *growth)
{
    for (size_t k = 0; k < growth->n_candidates; k++)
        growth->is_candidate[growth->candidates[k]] = 0;
    growth->n_candidates = 0;
    memset(growth->shared, 0, growth->state->graph->n * sizeof *growth->shared);
}

/* Rows that two tiles share, into the state's scores for all tiles beside `tile`. */
static void score_tile(struct trn_tile_state *state, uint32_t tile, uint32_t *shared)
{
    const struct trnnsf_spike_graph *graph = state->graph;

    memset(shared, 0, state->n_tiles * sizeof *shared);
    for (uint32_t i = 0; i < graph->n; i++) {
        const uint32_t *tiles = state->net_tile + state->reader_starts[i];
        size_t k = 0, length = state->net_length[i];

        while (k < length && tiles[k] != tile)
            k++;
        if (k == length || !state->takes_row[i])
            continue;
        for (k = 0; k < length; k++)
            shared[tiles[k]]++;
    }
}

/* Empties tiles, smallest first, into that which shares most rows of those that hold both. */
static trnnsf_status merge(struct growth *growth)
{
    struct trn_tile_state *state = growth->state;

    for (uint32_t tile = (uint32_t)state->n_tiles; tile-- > 0;) {
        uint32_t best = TRNNSF_NO_TILE, *shared = growth->shared;

        TRN_TRY(trn_cancelled(state->ctx, "tiles"));
        if (2 * state->outputs_used[tile] > state->outputs &&
            2 * state->rows_used[tile] > state->inputs)
            continue;
        score_tile(state, tile, shared);
        for (uint32_t t = 0; t < state->n_tiles; t++) {
            if (t == tile || state->outputs_used[t] == 0 ||
                state->outputs_used[t] + state->outputs_used[tile] > state->outputs ||
                state->rows_used[t] + state->rows_used[tile] - shared[t] > state->inputs)
                continue;
            if (best == TRNNSF_NO_TILE || shared[t] > shared[best])
                best = t;
        }
        while (best != TRNNSF_NO_TILE && state->first[tile] != TRNNSF_NO_TILE) {
            uint32_t i = state->first[tile];

            trn_tile_state_remove(state, i);
            trn_tile_state_add(state, i, best);
        }
    }
    trn_tile_state_compact(state);
    return TRNNSF_OK;
}

static trnnsf_status grow_all(struct growth *growth, bool fill)
{
    struct trn_tile_state *state = growth->state;

    for (;;) {
        uint32_t tile = (uint32_t)state->n_tiles, i;

        TRN_TRY(trn_cancelled(state->ctx, "tiles"));
        forget(growth);
        i = seed(growth, tile);
        if (i == TRNNSF_NO_TILE)
            return TRNNSF_OK;
        while (i != TRNNSF_NO_TILE) {
            take(growth, i, tile);
            i = choose(growth, tile);
            if (i == TRNNSF_NO_TILE && fill && growth->looks < SEED_LOOKS &&
                state->outputs_used[tile] < state->outputs)
                i = seed(growth, tile);
        }
    }
}

trnnsf_status trn_tile_grow(struct trn_tile_state *state, bool fill)
{
    trnnsf_status status = TRNNSF_OK;
    trnnsf_context *ctx = state->ctx;
    size_t n = state->graph->n;
    struct growth growth = {.state = state};

    TRN_NEED_OUT(growth.shared = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(growth.border = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(growth.candidates = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(growth.is_candidate = TRN_NEW_ARRAY(ctx, uint8_t, n));
    TRN_NEED_OUT(growth.is_read = TRN_NEW_ARRAY(ctx, uint8_t, n));
    trn_tile_state_clear(state);
    TRN_TRY_OUT(grow_all(&growth, fill));
    TRN_TRY_OUT(merge(&growth));
out:
    trn_free(ctx, growth.is_read);
    trn_free(ctx, growth.is_candidate);
    trn_free(ctx, growth.candidates);
    trn_free(ctx, growth.border);
    trn_free(ctx, growth.shared);
    return status;
}

/* The tile but `tile` that saves most of those with room; TRNNSF_NO_TILE: none. The neuron is on
 * no tile. */
static uint32_t best_other(struct trn_tile_state *state, uint32_t neuron, uint32_t tile)
{
    uint32_t best = TRNNSF_NO_TILE;

    trn_tile_state_score(state, neuron);
    for (uint32_t t = 0; t < state->n_tiles; t++) {
        if (t == tile || state->outputs_used[t] == 0 ||
            !trn_tile_state_fits(state, neuron, t, state->shared[t]))
            continue;
        if (best == TRNNSF_NO_TILE || state->saved[t] > state->saved[best])
            best = t;
    }
    return best;
}

trnnsf_status trn_tile_dissolve(struct trn_tile_state *state, size_t limit)
{
    size_t used = trn_tile_state_used(state);
    uint32_t bound = 0; /* tiles with fewer outputs have been tried */

    while (used > limit) {
        uint32_t tile = TRNNSF_NO_TILE, i;

        TRN_TRY(trn_cancelled(state->ctx, "tiles"));
        for (uint32_t t = 0; t < state->n_tiles; t++) {
            if (state->outputs_used[t] > bound &&
                (tile == TRNNSF_NO_TILE || state->outputs_used[t] < state->outputs_used[tile]))
                tile = t;
        }
        if (tile == TRNNSF_NO_TILE)
            break;
        bound = state->outputs_used[tile];
        for (uint32_t next = state->first[tile]; (i = next) != TRNNSF_NO_TILE;) {
            next = state->next[i];
            trn_tile_state_remove(state, i);
            uint32_t other = best_other(state, i, tile);
            trn_tile_state_add(state, i, other == TRNNSF_NO_TILE ? tile : other);
        }
        used -= state->outputs_used[tile] == 0;
    }
    trn_tile_state_compact(state);
    return TRNNSF_OK;
}
