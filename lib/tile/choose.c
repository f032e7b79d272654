#include "tile/choose.h"

#include <math.h>

#include "base/context.h"

/* Fan-ins that are tried, in 48ths of a tile's rows, and all rows but one: chosen here, closer to
 * each other than a factor of two above a sixth, where most networks have their best. Large ones
 * first: small ones then often have too many units to be mapped at all. */
static const uint32_t shares[] = {48, 40, 36, 32, 24, 18, 16, 12, 8, 6, 4, 3, 2};
enum { SHARES = sizeof shares / sizeof shares[0] };
/* Cuts that are tried: all neurons, or those alone that must be. */
static const struct {
    uint32_t cut;
    bool whole;
    uint32_t rules; /* bits: rules that it is tried for */
} cuts[] = {{TRNNSF_DECOMPOSE_OWN, false, 15},
            {TRNNSF_DECOMPOSE_SHARED, false, 15},
            {TRNNSF_DECOMPOSE_BUSY, false, 1 << TRNNSF_TILE_HYPERGRAPH},
            {TRNNSF_DECOMPOSE_SHARED, true, 1 << TRNNSF_TILE_HYPERGRAPH | 1 << TRNNSF_TILE_COMPACT},
            {TRNNSF_DECOMPOSE_BUSY, true, 1 << TRNNSF_TILE_HYPERGRAPH}};
enum { CUTS = sizeof cuts / sizeof cuts[0], TRIALS = (SHARES + 1) * CUTS };
/* Trials that are refined, and how much shorter than the map that is made of their best: chosen here,
 * for the time. */
enum { FINALISTS = 3, BRIEF = 8 };

/* Whether a neuron with more than one synapse has at most F: others are cut anyway. */
static bool has_whole(const struct trnnsf_spike_graph *graph, uint32_t fan_in)
{
    for (size_t i = 0; i < graph->n; i++) {
        if (trn_spike_fan_in(graph, i) > 1 && trn_spike_fan_in(graph, i) <= fan_in)
            return true;
    }
    return false;
}

/* The k-th decomposition; false: another one is the same, or the rule has no use for it. */
static bool trial(const struct trn_tile_fit *fit, uint32_t rule, size_t k,
                  struct trnnsf_decompose_options *decompose)
{
    uint32_t rows = fit->map->inputs;
    size_t share = k / CUTS;

    *decompose = *fit->decompose;
    decompose->cut = cuts[k % CUTS].cut;
    decompose->fan_in = share == SHARES ? rows - 1 : rows * shares[share] / 48;
    decompose->whole = cuts[k % CUTS].whole ? decompose->fan_in : 0;
    if (!(cuts[k % CUTS].rules >> rule & 1) ||
        (decompose->whole > 0 && !has_whole(fit->graph, decompose->fan_in)))
        return false;
    return decompose->fan_in > 2 || (decompose->fan_in == 2 && decompose->cut == 0);
}

/* What a map is measured by. HYPERGRAPH has as many tiles as another rule's best trial needs. */
struct aim {
    uint32_t rule;
    uint64_t limit; /* tiles */
};

static bool is_better(const struct aim *aim, const struct trn_tile_score *a,
                      const struct trn_tile_score *b)
{
    bool within =
        aim->rule == TRNNSF_TILE_HYPERGRAPH && a->tiles <= aim->limit && b->tiles <= aim->limit;

    if (within && (a->packets < b->packets || a->packets > b->packets))
        return a->packets < b->packets;
    if (a->tiles != b->tiles)
        return a->tiles < b->tiles;
    return a->packets < b->packets;
}

/* The best trials, the first one first, and behind them others that are refined as well: the best of
 * the first two rules, and the graph as it is. */
struct finalists {
    struct aim aim;
    size_t size, count; /* of those with a score */
    size_t count_all;
    struct trnnsf_decompose_options decompose[FINALISTS + 3];
    struct trn_tile_score scores[FINALISTS];
};

static void enter(struct finalists *best, const struct trnnsf_decompose_options *decompose,
                  const struct trn_tile_score *score)
{
    size_t k = best->count;

    while (k > 0 && is_better(&best->aim, score, &best->scores[k - 1]))
        k--;
    if (k == best->size)
        return;
    best->count += best->count < best->size;
    for (size_t i = best->count - 1; i > k; i--) {
        best->decompose[i] = best->decompose[i - 1];
        best->scores[i] = best->scores[i - 1];
    }
    best->decompose[k] = *decompose;
    best->scores[k] = *score;
}

/* Tiles above which no trial can enter any more. */
static uint64_t most_tiles(const struct finalists *best)
{
    uint64_t most = best->aim.limit;

    if (best->count < best->size)
        return UINT64_MAX;
    for (size_t k = 0; k < best->count; k++)
        most = best->scores[k].tiles > most ? best->scores[k].tiles : most;
    return most;
}

/* Enters a trial, but where its units need too many tiles whatever they read. TRNNSF_E_LIMIT from
 * the mapper, where sums take rows: not this one. */
static trnnsf_status try_one(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                             const struct trnnsf_decompose_options *decompose,
                             struct finalists *best)
{
    trnnsf_status status;
    struct trnnsf_tile_map_options options = *fit->map;
    struct trnnsf_spike_graph *graph = NULL;
    struct trn_tile_score score;
    uint64_t most = most_tiles(best);

    options.rule = best->aim.rule;
    options.passes = 0;
    TRN_TRY(trn_spike_graph_decompose(ctx, fit->graph, decompose, fit->n_samples, fit->samples,
                                      &graph));
    if ((graph->n - graph->n_inputs + options.outputs - 1) / options.outputs <= most) {
        status = trn_tile_map_score(ctx, graph, &options, most, &score);
        if (status == TRNNSF_OK)
            enter(best, decompose, &score);
        else if (status != TRNNSF_E_LIMIT)
            goto out;
    }
    status = TRNNSF_OK;
out:
    trn_spike_graph_free(graph);
    return status;
}

static trnnsf_status try_all(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                             struct finalists *best)
{
    for (size_t k = 0; k < TRIALS; k++) {
        struct trnnsf_decompose_options decompose;

        if (trial(fit, best->aim.rule, k, &decompose))
            TRN_TRY(try_one(ctx, fit, &decompose, best));
    }
    best->count_all = best->count;
    if (best->count > 0)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_LIMIT,
                    "trnnsf_tile_fit: no fan-in of 2 to %u rows gives units that fit a tile",
                    fit->map->inputs);
}

/* One more, unless it is among them; without refinement the trials have said all. */
static void add(const struct trn_tile_fit *fit, struct finalists *best,
                const struct trnnsf_decompose_options *decompose)
{
    for (size_t k = 0; k < best->count_all; k++) {
        if (best->decompose[k].fan_in == decompose->fan_in &&
            best->decompose[k].cut == decompose->cut &&
            best->decompose[k].whole == decompose->whole)
            return;
    }
    if (fit->map->passes > 0)
        best->decompose[best->count_all++] = *decompose;
}

/* Neurons that all fit a tile as they are may need fewest tiles that way, which shows only once
 * they are refined. */
static void add_whole(const struct trn_tile_fit *fit, struct finalists *best)
{
    struct trnnsf_decompose_options whole = *fit->decompose;

    whole.fan_in = fit->map->inputs;
    whole.cut = TRNNSF_DECOMPOSE_OWN;
    whole.whole = 0;
    if (fit->graph->fan_in <= fit->map->inputs)
        add(fit, best, &whole);
}

/* The best trials of SpiNeMap's rules, and the fewest tiles of theirs. */
static trnnsf_status find_limit(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                                struct trnnsf_decompose_options *decompose, uint64_t *out_limit)
{
    *out_limit = UINT64_MAX;
    for (uint32_t rule = 0; rule <= TRNNSF_TILE_MIN_COMMUNICATION; rule++) {
        struct finalists best = {.aim = {.rule = rule}, .size = 1};

        TRN_TRY(try_all(ctx, fit, &best));
        decompose[rule] = best.decompose[0];
        if (best.scores[0].tiles < *out_limit)
            *out_limit = best.scores[0].tiles;
    }
    return TRNNSF_OK;
}

static trnnsf_status find_finalists(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                                    struct finalists *best)
{
    bool is_limited = best->aim.rule == TRNNSF_TILE_HYPERGRAPH;
    struct trnnsf_decompose_options others[TRNNSF_TILE_MIN_COMMUNICATION + 1];

    if (is_limited)
        TRN_TRY(find_limit(ctx, fit, others, &best->aim.limit));
    TRN_TRY(try_all(ctx, fit, best));
    for (uint32_t rule = 0; is_limited && rule <= TRNNSF_TILE_MIN_COMMUNICATION; rule++)
        add(fit, best, &others[rule]);
    add_whole(fit, best);
    return TRNNSF_OK;
}

/* The best of the finalists; refined for less long than the map that is made of it. */
static trnnsf_status choose(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                            const struct finalists *best, struct trnnsf_decompose_options *chosen)
{
    struct trnnsf_tile_map_options options = *fit->map;
    struct trn_tile_score score, least = {UINT64_MAX, INFINITY};

    options.passes = (options.passes + BRIEF - 1) / BRIEF;
    *chosen = best->decompose[0];
    for (size_t k = 0; k < best->count_all && best->count_all > 1; k++) {
        struct trnnsf_spike_graph *graph;

        TRN_TRY(trn_spike_graph_decompose(ctx, fit->graph, &best->decompose[k], fit->n_samples,
                                          fit->samples, &graph));
        trnnsf_status status = trn_tile_map_score(ctx, graph, &options, UINT64_MAX, &score);
        trn_spike_graph_free(graph);
        TRN_TRY(status);
        if (k == 0 || is_better(&best->aim, &score, &least)) {
            *chosen = best->decompose[k];
            least = score;
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_tile_fit(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                           struct trnnsf_decompose_options *chosen,
                           struct trnnsf_spike_graph **out_graph, struct trnnsf_tile_map **out_map)
{
    struct finalists best = {.aim = {.rule = fit->map->rule}, .size = FINALISTS};
    struct trnnsf_decompose_options decompose;
    struct trnnsf_spike_graph *graph;

    TRN_TRY(find_finalists(ctx, fit, &best));
    TRN_TRY(choose(ctx, fit, &best, &decompose));
    TRN_TRY(trn_spike_graph_decompose(ctx, fit->graph, &decompose, fit->n_samples, fit->samples,
                                      &graph));
    trnnsf_status status = trn_tile_map_create(ctx, graph, fit->map, out_map);
    if (status != TRNNSF_OK) {
        trn_spike_graph_free(graph);
        return status;
    }
    *chosen = decompose;
    *out_graph = graph;
    return TRNNSF_OK;
}
