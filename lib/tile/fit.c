/* First fit, the fullest tile first. */
#include <stdlib.h>

#include "base/context.h"
#include "tile/state.h"

struct busy {
    double spikes;
    uint32_t neuron;
};

static int busiest_first(const void *a, const void *b)
{
    const struct busy *x = a, *y = b;

    if (x->spikes > y->spikes || x->spikes < y->spikes)
        return x->spikes > y->spikes ? -1 : 1;
    return (x->neuron > y->neuron) - (x->neuron < y->neuron);
}

static uint32_t fullness(const struct trn_tile_state *state, uint32_t tile)
{
    return state->rows_used[tile] + state->outputs_used[tile];
}

static bool stands_before(const struct trn_tile_state *state, uint32_t a, uint32_t b)
{
    uint32_t x = fullness(state, a), y = fullness(state, b);

    return x > y || (x == y && a < b);
}

/* Puts a neuron on the first of ranked[0 … n_ranked - 1] with room, or a new tile, and keeps the
 * ranks. How many are ranked now: tiles without a free output are not. */
static size_t put(struct trn_tile_state *state, uint32_t neuron, uint32_t *ranked, size_t n_ranked)
{
    size_t rank = 0;

    trn_tile_state_score(state, neuron);
    while (rank < n_ranked &&
           !trn_tile_state_fits(state, neuron, ranked[rank], state->shared[ranked[rank]]))
        rank++;
    if (rank == n_ranked)
        ranked[n_ranked++] = (uint32_t)state->n_tiles;
    uint32_t tile = ranked[rank];
    trn_tile_state_add(state, neuron, tile);
    if (state->outputs_used[tile] == state->outputs) {
        for (n_ranked--; rank < n_ranked; rank++)
            ranked[rank] = ranked[rank + 1];
        return n_ranked;
    }
    for (; rank > 0 && stands_before(state, tile, ranked[rank - 1]); rank--)
        ranked[rank] = ranked[rank - 1];
    ranked[rank] = tile;
    return n_ranked;
}

trnnsf_status trn_tile_first_fit(struct trn_tile_state *state, bool busy, uint64_t most)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trnnsf_spike_graph *graph = state->graph;
    size_t n = 0, n_ranked = 0;
    struct busy *order = TRN_NEW_ARRAY(state->ctx, struct busy, state->n_placeable);
    uint32_t *ranked = TRN_NEW_ARRAY(state->ctx, uint32_t, state->n_placeable);

    TRN_NEED_OUT(order);
    TRN_NEED_OUT(ranked);
    trn_tile_state_clear(state);
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] != TRNNSF_SPIKE_INPUT)
            order[n++] = (struct busy){graph->spikes[i], (uint32_t)i};
    }
    if (busy)
        qsort(order, n, sizeof *order, busiest_first);
    for (size_t k = 0; k < n && state->n_tiles <= most; k++) {
        if (k % 64 == 0)
            TRN_TRY_OUT(trn_cancelled(state->ctx, "tiles"));
        n_ranked = put(state, order[k].neuron, ranked, n_ranked);
    }
out:
    trn_free(state->ctx, ranked);
    trn_free(state->ctx, order);
    return status;
}
