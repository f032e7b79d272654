/* Neurons moved and exchanged between tiles. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/moves.h"

/* Where annealing begins, in mean spikes of a synapse. Chosen here: of 0.05, 0.15, 0.5 and 1.5 the
 * best on doc/tiles.md's image5 by an eighth, within 0.3 % of the others on its heartbeat. */
#define HOT 1.5

/* Partners that an exchange looks at in one tile, tiles it looks at, and how far into a tile's list
 * a random partner is: chosen here, to bound the time; not varied. */
enum { PARTNERS = 128, FULL_TILES = 2, WALK = 32 };

struct refinement {
    struct trn_tile_state *state;
    struct trn_random random;
    double least;       /* savings that count: above rounding */
    double temperature; /* 0: only savings are accepted */
};

/* The least saving that is accepted this time: above rounding, or below 0 while it is hot (the
 * Metropolis rule, drawn beforehand). */
static double threshold(struct refinement *refinement)
{
    if (refinement->temperature <= 0)
        return refinement->least;
    return refinement->temperature * log(1 - trn_random_double(&refinement->random));
}

/* Whether an exchange may be worth its trial. With both neurons where they are, rows and packets
 * that each would save with the other are counted as well: no less than truth. */
static bool promises(const struct trn_tile_state *state, uint32_t v, uint32_t u, double least)
{
    uint32_t a = state->place[v], b = state->place[u], shared_v, shared_u, shared;
    double save =
        trn_tile_state_saved(state, v, b, &shared_v) - trn_tile_state_saved(state, v, a, &shared);

    save += trn_tile_state_saved(state, u, a, &shared_u);
    save -= trn_tile_state_saved(state, u, b, &shared);
    /* u leaves at least nothing and at most all its rows behind, and so does v. */
    return save >= least &&
           state->rows_used[b] + state->need[v] - shared_v <= state->inputs + state->need[u] &&
           state->rows_used[a] + state->need[u] - shared_u <= state->inputs + state->need[v];
}

/* Exchanges two neurons of two tiles where both fit and the saving is accepted. */
static bool exchange(struct refinement *refinement, uint32_t v, uint32_t u)
{
    struct trn_tile_state *state = refinement->state;
    uint32_t a = state->place[v], b = state->place[u], shared;
    double least = threshold(refinement), before, after;

    if (state->outputs_used[a] + state->outputs_used[b] == 2 || !promises(state, v, u, least))
        return false;
    before = trn_tile_state_saved(state, v, a, &shared);
    trn_tile_state_remove(state, v);
    before += trn_tile_state_saved(state, u, b, &shared);
    trn_tile_state_remove(state, u);
    after = trn_tile_state_saved(state, v, b, &shared);
    if (trn_tile_state_fits(state, v, b, shared)) {
        trn_tile_state_add(state, v, b);
        after += trn_tile_state_saved(state, u, a, &shared);
        if (trn_tile_state_fits(state, u, a, shared) && after - before >= least) {
            trn_tile_state_add(state, u, a);
            return true;
        }
        trn_tile_state_remove(state, v);
    }
    trn_tile_state_add(state, u, b);
    trn_tile_state_add(state, v, a);
    return false;
}

static void move(struct trn_tile_state *state, uint32_t neuron, uint32_t tile)
{
    trn_tile_state_remove(state, neuron);
    trn_tile_state_add(state, neuron, tile);
}

/* The touched tile that saves most beyond `above`, below `below`, with or without room. */
static uint32_t best_tile(const struct trn_tile_state *state, uint32_t neuron, bool room,
                          double above, double below)
{
    uint32_t best = TRNNSF_NO_TILE;

    for (size_t k = 0; k < state->n_touched; k++) {
        uint32_t tile = state->touched[k];

        if (tile == state->place[neuron] || !(state->saved[tile] > above) ||
            !(state->saved[tile] < below) ||
            trn_tile_state_fits(state, neuron, tile, state->shared[tile]) != room)
            continue;
        if (best == TRNNSF_NO_TILE || state->saved[tile] > state->saved[best] ||
            (!(state->saved[tile] < state->saved[best]) && tile < best))
            best = tile;
    }
    return best;
}

/* One neuron's best move; else an exchange with some neuron of the best tiles that are full. */
static bool improve(struct refinement *refinement, uint32_t neuron)
{
    struct trn_tile_state *state = refinement->state;
    uint32_t full[FULL_TILES], shared;
    size_t n_full = 0;
    double own = trn_tile_state_saved(state, neuron, state->place[neuron], &shared);
    double above = own + refinement->least, below = INFINITY;

    trn_tile_state_score(state, neuron);
    uint32_t tile = best_tile(state, neuron, true, above, INFINITY);
    if (tile != TRNNSF_NO_TILE) {
        move(state, neuron, tile);
        return true;
    }
    while (n_full < FULL_TILES) {
        tile = best_tile(state, neuron, false, above, below);
        if (tile == TRNNSF_NO_TILE)
            break;
        below = state->saved[tile];
        full[n_full++] = tile;
    }
    for (size_t k = 0; k < n_full; k++) {
        uint32_t partner = state->first[full[k]];

        for (size_t p = 0; p < PARTNERS && partner != TRNNSF_NO_TILE; p++) {
            uint32_t next = state->next[partner];

            if (exchange(refinement, neuron, partner))
                return true;
            partner = next;
        }
    }
    return false;
}

double trn_tile_mean_spikes(const struct trn_tile_state *state)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    size_t n_synapses = graph->starts[graph->n];
    double sum = 0;

    for (size_t s = 0; s < n_synapses; s++)
        sum += graph->spikes[graph->sources[s]];
    return n_synapses ? sum / (double)n_synapses : 0;
}

trnnsf_status trn_tile_sweep(struct trn_tile_state *state, uint32_t passes)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    struct refinement refinement = {.state = state};

    refinement.least = 1e-9 * trn_tile_mean_spikes(state) + DBL_MIN;
    trn_tile_state_index(state);
    for (uint32_t pass = 0; pass < passes; pass++) {
        size_t moved = 0;

        for (uint32_t i = 0; i < graph->n; i++) {
            if (i % 64 == 0)
                TRN_TRY(trn_cancelled(state->ctx, "tiles"));
            if (state->place[i] != TRNNSF_NO_TILE)
                moved += improve(&refinement, i);
        }
        if (moved == 0)
            break;
    }
    trn_tile_state_compact(state);
    return TRNNSF_OK;
}

double trn_tile_cooled(double hot, uint64_t proposal, uint64_t proposals)
{
    return hot * exp(-log(100.0) * (double)proposal / (double)proposals);
}

uint32_t trn_tile_propose(const struct trn_tile_state *state, struct trn_random *random,
                          uint32_t neuron)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t fan_in = (uint32_t)trn_spike_fan_in(graph, neuron);
    uint32_t k = trn_random_below(random, fan_in + 1);

    if (k < fan_in) {
        uint32_t source = graph->sources[graph->starts[neuron] + k];
        uint32_t length = state->net_length[source];

        k = trn_random_below(random, length + 1);
        return k < length ? state->net_tile[state->reader_starts[source] + k]
                          : state->place[source];
    }
    k = trn_random_below(random, state->net_length[neuron]);
    return state->net_length[neuron] ? state->net_tile[state->reader_starts[neuron] + k]
                                     : TRNNSF_NO_TILE;
}

uint32_t trn_tile_partner(const struct trn_tile_state *state, struct trn_random *random,
                          uint32_t tile, uint32_t most)
{
    uint32_t count = state->outputs_used[tile], partner = state->first[tile];
    uint32_t steps = trn_random_below(random, count < most ? count : most);

    for (; steps > 0; steps--)
        partner = state->next[partner];
    return partner;
}

static void try_one(struct refinement *refinement, uint32_t neuron)
{
    struct trn_tile_state *state = refinement->state;
    uint32_t own = state->place[neuron], shared, ignored;
    uint32_t tile = trn_tile_propose(state, &refinement->random, neuron);

    if (tile == TRNNSF_NO_TILE || tile == own)
        return;
    double saved = trn_tile_state_saved(state, neuron, tile, &shared);
    if (trn_tile_state_fits(state, neuron, tile, shared)) {
        if (saved - trn_tile_state_saved(state, neuron, own, &ignored) >= threshold(refinement))
            move(state, neuron, tile);
        return;
    }
    /* Neurons that move come to the front of their lists, by which all get there. */
    exchange(refinement, neuron, trn_tile_partner(state, &refinement->random, tile, WALK));
}

trnnsf_status trn_tile_anneal(struct trn_tile_state *state, uint64_t proposals, uint64_t seed)
{
    trnnsf_status status = TRNNSF_OK;
    trnnsf_context *ctx = state->ctx;
    const struct trnnsf_spike_graph *graph = state->graph;
    struct refinement refinement = {.state = state};
    double packets = trn_tile_state_packets(state), hot = HOT * trn_tile_mean_spikes(state);
    uint32_t *start = trn_copy(ctx, state->place, graph->n, sizeof *start);
    uint32_t *placed = TRN_NEW_ARRAY(ctx, uint32_t, graph->n), n_placed = 0;

    TRN_NEED_OUT(start);
    TRN_NEED_OUT(placed);
    for (uint32_t i = 0; i < graph->n; i++) {
        if (state->place[i] != TRNNSF_NO_TILE)
            placed[n_placed++] = i;
    }
    trn_random_init(&refinement.random, seed, TRN_RANDOM_TILE, 0);
    trn_tile_state_index(state);
    for (uint64_t k = 0; k < proposals && state->n_tiles > 1; k++) {
        if (k % 1024 == 0) {
            TRN_TRY_OUT(trn_progress(ctx, "tiles", "annealing", k, proposals));
            refinement.temperature = trn_tile_cooled(hot, k, proposals);
        }
        try_one(&refinement, placed[trn_random_below(&refinement.random, n_placed)]);
    }
    trn_tile_state_compact(state);
    if (trn_tile_state_packets(state) > packets)
        trn_tile_state_set(state, start);
out:
    trn_free(ctx, placed);
    trn_free(ctx, start);
    return status;
}
