#include "tile/choose.h"

#include "base/context.h"

/* Fan-ins that are tried, in 48ths of a tile's rows, and all rows but one: chosen here, closer to
 * each other than a factor of two above a sixth, where most networks have their best. Large ones
 * first: small ones then often have too many units to be mapped at all. */
static const uint32_t shares[] = {48, 40, 36, 32, 24, 18, 16, 12, 8, 6, 4, 3, 2};
enum { SHARES = sizeof shares / sizeof shares[0], CUTS = 3, TRIALS = (SHARES + 1) * CUTS };
/* Trials that are mapped in full: chosen here, for the time. */
enum { FINALISTS = 3 };

/* The k-th decomposition; false: another one is the same, or it saves packets alone where tiles
 * are counted first. */
static bool trial(const struct trn_tile_fit *fit, uint32_t rule, size_t k,
                  struct trnnsf_decompose_options *decompose)
{
    uint32_t rows = fit->map->inputs;
    size_t share = k / CUTS;

    *decompose = *fit->decompose;
    decompose->cut = (uint32_t)(k % CUTS);
    if (share == SHARES)
        decompose->fan_in = rows - 1;
    else
        decompose->fan_in = rows * shares[share] / 48;
    if (decompose->cut == TRNNSF_DECOMPOSE_BUSY && rule != TRNNSF_TILE_HYPERGRAPH)
        return false;
    return decompose->fan_in > 2 || (decompose->fan_in == 2 && decompose->cut == 0);
}

/* What a map is measured by. HYPERGRAPH has as many tiles as another rule's best trial needs. */
struct aim {
    uint32_t rule;
    uint64_t limit; /* tiles */
};

static bool is_better(const struct aim *aim, const struct trnnsf_tile_counts *a,
                      const struct trnnsf_tile_counts *b)
{
    bool within =
        aim->rule == TRNNSF_TILE_HYPERGRAPH && a->tiles <= aim->limit && b->tiles <= aim->limit;
    double packets_a = a->packets_between + a->packets_in;
    double packets_b = b->packets_between + b->packets_in;

    if (within && (packets_a < packets_b || packets_a > packets_b))
        return packets_a < packets_b;
    if (a->tiles != b->tiles)
        return a->tiles < b->tiles;
    return packets_a < packets_b;
}

/* Not `out_fits` where the units need more than `most` tiles whatever they read. TRNNSF_E_LIMIT
 * from the mapper, where sums take rows: not this one. */
static trnnsf_status try_one(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                             const struct trnnsf_decompose_options *decompose, uint32_t rule,
                             uint64_t most, struct trnnsf_tile_counts *counts, bool *out_fits)
{
    trnnsf_status status;
    struct trnnsf_tile_map_options options = *fit->map;
    struct trnnsf_spike_graph *graph = NULL;
    struct trnnsf_tile_map *map = NULL;

    options.rule = rule;
    options.passes = 0;
    *out_fits = false;
    TRN_TRY(trn_spike_graph_decompose(ctx, fit->graph, decompose, fit->n_samples, fit->samples,
                                      &graph));
    if ((graph->n - graph->n_inputs + options.outputs - 1) / options.outputs > most) {
        trn_spike_graph_free(graph);
        return TRNNSF_OK;
    }
    status = trn_tile_map_create(ctx, graph, &options, &map);
    if (status == TRNNSF_OK) {
        *counts = map->counts;
        *out_fits = true;
    } else if (status == TRNNSF_E_LIMIT) {
        status = TRNNSF_OK;
    }
    trn_tile_map_free(map);
    trn_spike_graph_free(graph);
    return status;
}

/* The best trials, the first one first. */
struct finalists {
    struct aim aim;
    size_t count;
    struct trnnsf_decompose_options decompose[FINALISTS + 1];
    struct trnnsf_tile_counts counts[FINALISTS];
};

static void enter(struct finalists *best, const struct trnnsf_decompose_options *decompose,
                  const struct trnnsf_tile_counts *counts)
{
    size_t k = best->count;

    while (k > 0 && is_better(&best->aim, counts, &best->counts[k - 1]))
        k--;
    if (k == FINALISTS)
        return;
    best->count += best->count < FINALISTS;
    for (size_t i = best->count - 1; i > k; i--) {
        best->decompose[i] = best->decompose[i - 1];
        best->counts[i] = best->counts[i - 1];
    }
    best->decompose[k] = *decompose;
    best->counts[k] = *counts;
}

/* Tiles above which no trial can enter any more. */
static uint64_t most_tiles(const struct finalists *best)
{
    uint64_t most = best->aim.limit;

    for (size_t k = 0; k < best->count; k++)
        most = best->counts[k].tiles > most ? best->counts[k].tiles : most;
    return most;
}

static trnnsf_status try_all(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                             struct finalists *best)
{
    for (size_t k = 0; k < TRIALS; k++) {
        uint64_t most = best->count < FINALISTS ? UINT64_MAX : most_tiles(best);
        struct trnnsf_decompose_options decompose;
        struct trnnsf_tile_counts counts;
        bool fits;

        if (!trial(fit, best->aim.rule, k, &decompose))
            continue;
        TRN_TRY(try_one(ctx, fit, &decompose, best->aim.rule, most, &counts, &fits));
        if (fits)
            enter(best, &decompose, &counts);
    }
    if (best->count > 0)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_LIMIT,
                    "trnnsf_tile_fit: no fan-in of 2 to %u rows gives units that fit a tile",
                    fit->map->inputs);
}

/* Neurons that all fit a tile as they are may need fewest tiles that way, which shows only once
 * they are mapped in full. */
static void enter_whole(const struct trn_tile_fit *fit, struct finalists *best)
{
    struct trnnsf_decompose_options whole = *fit->decompose;

    whole.fan_in = fit->map->inputs;
    whole.cut = TRNNSF_DECOMPOSE_OWN;
    for (size_t k = 0; k < best->count; k++) {
        if (best->decompose[k].fan_in == whole.fan_in && best->decompose[k].cut == whole.cut)
            return;
    }
    if (fit->graph->fan_in <= fit->map->inputs && fit->map->passes > 0)
        best->decompose[best->count++] = whole;
}

/* Fewest tiles by the rules of SpiNeMap, each at its best. */
static trnnsf_status find_limit(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                                uint64_t *out_limit)
{
    uint64_t least = UINT64_MAX;

    for (uint32_t rule = 0; rule <= TRNNSF_TILE_MIN_COMMUNICATION; rule++) {
        struct finalists best = {.aim = {.rule = rule}};

        TRN_TRY(try_all(ctx, fit, &best));
        least = best.counts[0].tiles < least ? best.counts[0].tiles : least;
    }
    *out_limit = least;
    return TRNNSF_OK;
}

trnnsf_status trn_tile_fit(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                           struct trnnsf_decompose_options *chosen,
                           struct trnnsf_spike_graph **out_graph, struct trnnsf_tile_map **out_map)
{
    trnnsf_status status = TRNNSF_OK;
    struct finalists best = {.aim = {.rule = fit->map->rule}};
    struct trnnsf_spike_graph *graph = NULL, *best_graph = NULL;
    struct trnnsf_tile_map *map = NULL, *best_map = NULL;

    if (best.aim.rule == TRNNSF_TILE_HYPERGRAPH)
        TRN_TRY(find_limit(ctx, fit, &best.aim.limit));
    TRN_TRY(try_all(ctx, fit, &best));
    enter_whole(fit, &best);
    for (size_t k = 0; k < best.count; k++) {
        TRN_TRY_OUT(trn_spike_graph_decompose(ctx, fit->graph, &best.decompose[k], fit->n_samples,
                                              fit->samples, &graph));
        TRN_TRY_OUT(trn_tile_map_create(ctx, graph, fit->map, &map));
        if (!best_map || is_better(&best.aim, &map->counts, &best_map->counts)) {
            struct trnnsf_tile_map *other_map = best_map;
            struct trnnsf_spike_graph *other_graph = best_graph;

            *chosen = best.decompose[k];
            best_map = map;
            best_graph = graph;
            map = other_map;
            graph = other_graph;
        }
        trn_tile_map_free(map);
        trn_spike_graph_free(graph);
        map = NULL;
        graph = NULL;
    }
    *out_graph = best_graph;
    *out_map = best_map;
    return TRNNSF_OK;
out:
    trn_spike_graph_free(graph);
    trn_tile_map_free(best_map);
    trn_spike_graph_free(best_graph);
    return status;
}
