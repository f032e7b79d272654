#include "tile/state.h"

#include <string.h>

#include "base/context.h"

/* Entries of the table, 64 MiB: chosen here. */
#define TABLE_MAX ((size_t)1 << 25)

static trnnsf_status allocate(trnnsf_context *ctx, struct trn_tile_state *state)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = state->graph->n, n_synapses = state->graph->starts[n], t = state->n_placeable;

    TRN_NEED_OUT(state->takes_row = TRN_NEW_ARRAY(ctx, uint8_t, n));
    TRN_NEED_OUT(state->need = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(state->net_tile = TRN_NEW_ARRAY(ctx, uint32_t, n_synapses));
    TRN_NEED_OUT(state->net_count = TRN_NEW_ARRAY(ctx, uint32_t, n_synapses));
    TRN_NEED_OUT(state->net_length = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(state->place = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(state->rows_used = TRN_NEW_ARRAY(ctx, uint32_t, t));
    TRN_NEED_OUT(state->outputs_used = TRN_NEW_ARRAY(ctx, uint32_t, t));
    TRN_NEED_OUT(state->first = TRN_NEW_ARRAY(ctx, uint32_t, t));
    TRN_NEED_OUT(state->next = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(state->previous = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(state->saved = TRN_NEW_ARRAY(ctx, double, t));
    TRN_NEED_OUT(state->shared = TRN_NEW_ARRAY(ctx, uint32_t, t));
    TRN_NEED_OUT(state->touched = TRN_NEW_ARRAY(ctx, uint32_t, t));
    TRN_NEED_OUT(state->is_touched = TRN_NEW_ARRAY(ctx, uint8_t, t));
out:
    return status;
}

trnnsf_status trn_tile_state_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                    const struct trnnsf_tile_map_options *options,
                                    struct trn_tile_state **out_state)
{
    trnnsf_status status;
    struct trn_tile_state *state = TRN_NEW(ctx, struct trn_tile_state);

    if (!state)
        return TRN_NO_MEMORY;
    state->ctx = ctx;
    state->graph = graph;
    state->inputs = options->inputs;
    state->outputs = options->outputs;
    state->n_placeable = graph->n - graph->n_inputs;
    TRN_TRY_OUT(allocate(ctx, state));
    TRN_TRY_OUT(trn_spike_graph_readers(ctx, graph, &state->reader_starts, &state->readers));
    for (size_t i = 0; i < graph->n; i++)
        state->takes_row[i] = graph->kinds[i] != TRNNSF_SPIKE_SUM || options->sum_rows;
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            state->need[i] += state->takes_row[graph->sources[s]];
    }
    trn_tile_state_clear(state);
    *out_state = state;
    state = NULL;
out:
    trn_tile_state_free(state);
    return status;
}

void trn_tile_state_free(struct trn_tile_state *state)
{
    if (!state)
        return;
    trnnsf_context *ctx = state->ctx;
    trn_free(ctx, state->table);
    trn_free(ctx, state->is_touched);
    trn_free(ctx, state->touched);
    trn_free(ctx, state->shared);
    trn_free(ctx, state->saved);
    trn_free(ctx, state->previous);
    trn_free(ctx, state->next);
    trn_free(ctx, state->first);
    trn_free(ctx, state->outputs_used);
    trn_free(ctx, state->rows_used);
    trn_free(ctx, state->place);
    trn_free(ctx, state->net_length);
    trn_free(ctx, state->net_count);
    trn_free(ctx, state->net_tile);
    trn_free(ctx, state->readers);
    trn_free(ctx, state->reader_starts);
    trn_free(ctx, state->need);
    trn_free(ctx, state->takes_row);
    trn_free(ctx, state);
}

static void forget_scores(struct trn_tile_state *state)
{
    for (size_t k = 0; k < state->n_touched; k++) {
        uint32_t tile = state->touched[k];

        state->is_touched[tile] = 0;
        state->saved[tile] = 0;
        state->shared[tile] = 0;
    }
    state->n_touched = 0;
}

void trn_tile_state_index(struct trn_tile_state *state)
{
    size_t n = state->graph->n;

    trn_tile_state_drop_index(state);
    if (state->n_tiles == 0 || n > TABLE_MAX / state->n_tiles)
        return;
    state->table = trn_calloc(state->ctx, n * state->n_tiles, sizeof *state->table);
    if (!state->table)
        return;
    state->table_tiles = state->n_tiles;
    for (size_t i = 0; i < n; i++) {
        size_t start = state->reader_starts[i];

        for (size_t k = start; k < start + state->net_length[i]; k++)
            state->table[i * state->table_tiles + state->net_tile[k]] =
                (uint16_t)state->net_count[k];
    }
}

void trn_tile_state_drop_index(struct trn_tile_state *state)
{
    trn_free(state->ctx, state->table);
    state->table = NULL;
}

void trn_tile_state_clear(struct trn_tile_state *state)
{
    trn_tile_state_drop_index(state);
    forget_scores(state);
    memset(state->net_length, 0, state->graph->n * sizeof *state->net_length);
    memset(state->place, 0xff, state->graph->n * sizeof *state->place);
    state->n_tiles = 0;
}

void trn_tile_state_set(struct trn_tile_state *state, const uint32_t *place)
{
    trn_tile_state_clear(state);
    /* Backwards: a tile's list then begins with its lowest neuron. */
    for (size_t i = state->graph->n; i-- > 0;) {
        if (place[i] == TRNNSF_NO_TILE)
            continue;
        while (state->n_tiles <= place[i]) {
            state->rows_used[state->n_tiles] = 0;
            state->outputs_used[state->n_tiles] = 0;
            state->first[state->n_tiles++] = TRNNSF_NO_TILE;
        }
        trn_tile_state_add(state, (uint32_t)i, place[i]);
    }
    trn_tile_state_compact(state);
}

void trn_tile_state_compact(struct trn_tile_state *state)
{
    uint32_t n_used = 0, *number = state->touched; /* free between scores */

    trn_tile_state_drop_index(state);
    forget_scores(state);
    for (size_t t = 0; t < state->n_tiles; t++) {
        number[t] = n_used;
        if (state->outputs_used[t] == 0)
            continue;
        state->rows_used[n_used] = state->rows_used[t];
        state->outputs_used[n_used] = state->outputs_used[t];
        state->first[n_used++] = state->first[t];
    }
    if (n_used == state->n_tiles)
        return;
    state->n_tiles = n_used;
    for (size_t i = 0; i < state->graph->n; i++) {
        uint32_t *tiles = state->net_tile + state->reader_starts[i];

        if (state->place[i] != TRNNSF_NO_TILE)
            state->place[i] = number[state->place[i]];
        for (size_t k = 0; k < state->net_length[i]; k++)
            tiles[k] = number[tiles[k]];
    }
}

/* Where a tile stands in a source's net; its length where it does not. */
static size_t find(const struct trn_tile_state *state, uint32_t source, uint32_t tile)
{
    const uint32_t *tiles = state->net_tile + state->reader_starts[source];
    size_t k = 0;

    while (k < state->net_length[source] && tiles[k] != tile)
        k++;
    return k;
}

void trn_tile_state_add(struct trn_tile_state *state, uint32_t neuron, uint32_t tile)
{
    const struct trnnsf_spike_graph *graph = state->graph;

    if (tile == state->n_tiles) {
        state->rows_used[tile] = 0;
        state->outputs_used[tile] = 0;
        state->first[tile] = TRNNSF_NO_TILE;
        state->n_tiles++;
    }
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s];
        size_t start = state->reader_starts[source], k = find(state, source, tile);

        if (k == state->net_length[source]) {
            state->net_tile[start + k] = tile;
            state->net_count[start + k] = 0;
            state->net_length[source]++;
            state->rows_used[tile] += state->takes_row[source];
        }
        state->net_count[start + k]++;
        if (state->table)
            state->table[source * state->table_tiles + tile]++;
    }
    state->place[neuron] = tile;
    state->outputs_used[tile]++;
    state->next[neuron] = state->first[tile];
    state->previous[neuron] = TRNNSF_NO_TILE;
    if (state->first[tile] != TRNNSF_NO_TILE)
        state->previous[state->first[tile]] = neuron;
    state->first[tile] = neuron;
}

void trn_tile_state_remove(struct trn_tile_state *state, uint32_t neuron)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t tile = state->place[neuron];

    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s];
        size_t start = state->reader_starts[source], k = find(state, source, tile);

        if (state->table)
            state->table[source * state->table_tiles + tile]--;
        if (--state->net_count[start + k] > 0)
            continue;
        size_t last = --state->net_length[source];
        state->net_tile[start + k] = state->net_tile[start + last];
        state->net_count[start + k] = state->net_count[start + last];
        state->rows_used[tile] -= state->takes_row[source];
    }
    if (state->previous[neuron] == TRNNSF_NO_TILE)
        state->first[tile] = state->next[neuron];
    else
        state->next[state->previous[neuron]] = state->next[neuron];
    if (state->next[neuron] != TRNNSF_NO_TILE)
        state->previous[state->next[neuron]] = state->previous[neuron];
    state->outputs_used[tile]--;
    state->place[neuron] = TRNNSF_NO_TILE;
}

static void touch(struct trn_tile_state *state, uint32_t tile, double saved, uint32_t shared)
{
    if (!state->is_touched[tile]) {
        state->is_touched[tile] = 1;
        state->touched[state->n_touched++] = tile;
    }
    state->saved[tile] += saved;
    state->shared[tile] += shared;
}

void trn_tile_state_score(struct trn_tile_state *state, uint32_t neuron)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t own = state->place[neuron];

    forget_scores(state);
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s], home = state->place[source];
        size_t start = state->reader_starts[source];

        for (size_t k = start; k < start + state->net_length[source]; k++) {
            uint32_t tile = state->net_tile[k];

            if (state->net_count[k] > (tile == own))
                touch(state, tile, tile == home ? 0 : graph->spikes[source],
                      state->takes_row[source]);
        }
        if (home != TRNNSF_NO_TILE)
            touch(state, home, graph->spikes[source], 0);
    }
    size_t start = state->reader_starts[neuron];
    for (size_t k = start; k < start + state->net_length[neuron]; k++)
        touch(state, state->net_tile[k], graph->spikes[neuron], 0);
}

static uint32_t readers_on(const struct trn_tile_state *state, uint32_t source, uint32_t tile)
{
    if (state->table)
        return state->table[source * state->table_tiles + tile];
    size_t k = find(state, source, tile);
    return k < state->net_length[source] ? state->net_count[state->reader_starts[source] + k] : 0;
}

double trn_tile_state_saved(const struct trn_tile_state *state, uint32_t neuron, uint32_t tile,
                            uint32_t *out_shared)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t self = state->place[neuron] == tile, shared = 0;
    double saved = 0;

    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s];
        bool others = readers_on(state, source, tile) > self;

        shared += others && state->takes_row[source];
        if (others || state->place[source] == tile)
            saved += graph->spikes[source];
    }
    if (readers_on(state, neuron, tile) > 0)
        saved += graph->spikes[neuron];
    *out_shared = shared;
    return saved;
}

double trn_tile_state_packets(const struct trn_tile_state *state)
{
    double packets = 0;

    for (uint32_t i = 0; i < state->graph->n; i++) {
        size_t tiles = state->net_length[i];

        if (state->place[i] != TRNNSF_NO_TILE && find(state, i, state->place[i]) < tiles)
            tiles--;
        packets += (double)tiles * state->graph->spikes[i];
    }
    return packets;
}

size_t trn_tile_state_used(const struct trn_tile_state *state)
{
    size_t used = 0;

    for (size_t t = 0; t < state->n_tiles; t++)
        used += state->outputs_used[t] > 0;
    return used;
}
