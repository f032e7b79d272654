/* A map against its graph, recounted by plain loops. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/tile_map.h"

static const char function[] = "trnnsf_tile_map_check";

struct recount {
    uint32_t *readers; /* [n] of each source on the tile at hand */
    struct trnnsf_tile_counts counts;
};

static bool placeable(const struct trnnsf_spike_graph *graph, size_t i)
{
    return graph->kinds[i] != TRNNSF_SPIKE_INPUT;
}

static trnnsf_status check_places(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                  const struct trnnsf_spike_graph *graph)
{
    for (size_t i = 0; i < map->n; i++) {
        uint32_t tile = map->place[i];
        bool found = false;

        if (!placeable(graph, i)) {
            if (tile != TRNNSF_NO_TILE)
                return trn_fail(ctx, TRNNSF_E_CHECK, "%s: input %zu is on tile %u", function, i,
                                tile);
            continue;
        }
        if (tile >= map->n_tiles)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: neuron %zu is on no tile", function, i);
        for (size_t k = map->neuron_starts[tile]; k < map->neuron_starts[tile + 1]; k++)
            found = found || map->neurons[k] == i;
        if (!found)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: tile %u does not list neuron %zu", function,
                            tile, i);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_ascending(trnnsf_context *ctx, const uint32_t *list,
                                     const size_t *starts, size_t tile, size_t limit,
                                     const char *what)
{
    size_t count = starts[tile + 1] - starts[tile];

    if (count > limit)
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: tile %zu has %zu %s, above %zu", function, tile,
                        count, what, limit);
    for (size_t k = starts[tile]; k + 1 < starts[tile + 1]; k++) {
        if (list[k] >= list[k + 1])
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: %s of tile %zu are not ascending", function,
                            what, tile);
    }
    return TRNNSF_OK;
}

/* Rows of one tile are what its neurons read; adds its figures. */
static trnnsf_status check_tile(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                const struct trnnsf_spike_graph *graph, size_t tile,
                                struct recount *recount)
{
    const struct trnnsf_tile_map_options *options = &map->options;
    struct trnnsf_tile_counts *counts = &recount->counts;
    size_t row = map->row_starts[tile];

    memset(recount->readers, 0, graph->n * sizeof *recount->readers);
    for (size_t k = map->neuron_starts[tile]; k < map->neuron_starts[tile + 1]; k++) {
        uint32_t i = map->neurons[k];
        uint64_t fan_in = 0;

        if (map->place[i] != tile)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: tile %zu lists neuron %u of another",
                            function, tile, i);
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            recount->readers[graph->sources[s]]++;
            fan_in += graph->kinds[graph->sources[s]] != TRNNSF_SPIKE_SUM || options->sum_rows;
        }
        counts->fan_in = fan_in > counts->fan_in ? fan_in : counts->fan_in;
        counts->neurons++;
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        uint32_t readers = recount->readers[i];

        if (readers == 0)
            continue;
        double *packets = !placeable(graph, i)    ? &counts->packets_in
                          : map->place[i] == tile ? &counts->packets_local
                                                  : &counts->packets_between;
        *packets += graph->spikes[i];
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM && !options->sum_rows) {
            counts->sums += readers;
            continue;
        }
        if (row >= map->row_starts[tile + 1] || map->rows[row++] != i)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: tile %zu has no row for source %u", function,
                            tile, i);
        counts->rows++;
        counts->synapses += readers;
        counts->driven_joule +=
            graph->spikes[i] * (double)(options->outputs - readers) * options->cell_joule;
    }
    if (row != map->row_starts[tile + 1])
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: tile %zu has a row that nothing reads", function,
                        tile);
    return TRNNSF_OK;
}

static trnnsf_status compare_whole(trnnsf_context *ctx, const char *name, uint64_t stored,
                                   uint64_t counted)
{
    if (stored == counted)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_CHECK, "%s: %s is %llu, counted %llu", function, name,
                    (unsigned long long)stored, (unsigned long long)counted);
}

static trnnsf_status compare(trnnsf_context *ctx, const char *name, double stored, double counted)
{
    if (fabs(stored - counted) <= 1e-9 * fmax(fabs(stored), fabs(counted)))
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_CHECK, "%s: %s is %g, counted %g", function, name, stored,
                    counted);
}

static trnnsf_status compare_all(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                 const struct trnnsf_tile_counts *counted)
{
    const struct trnnsf_tile_counts *stored = &map->counts;
    double cells = (double)map->options.inputs * map->options.outputs * (double)map->n_tiles;
    double tiles = map->n_tiles ? (double)map->n_tiles : 1;

    TRN_TRY(compare_whole(ctx, "tiles", stored->tiles, map->n_tiles));
    TRN_TRY(compare_whole(ctx, "neurons", stored->neurons, counted->neurons));
    TRN_TRY(compare_whole(ctx, "rows", stored->rows, counted->rows));
    TRN_TRY(compare_whole(ctx, "synapses", stored->synapses, counted->synapses));
    TRN_TRY(compare_whole(ctx, "sums", stored->sums, counted->sums));
    TRN_TRY(compare_whole(ctx, "fan_in", stored->fan_in, counted->fan_in));
    TRN_TRY(compare_whole(ctx, "depth", stored->depth, counted->depth));
    TRN_TRY(compare(ctx, "packets_in", stored->packets_in, counted->packets_in));
    TRN_TRY(compare(ctx, "packets_local", stored->packets_local, counted->packets_local));
    TRN_TRY(compare(ctx, "packets_between", stored->packets_between, counted->packets_between));
    TRN_TRY(compare(ctx, "neuron_utilisation", stored->neuron_utilisation,
                    (double)counted->neurons / (map->options.outputs * tiles)));
    TRN_TRY(compare(ctx, "row_utilisation", stored->row_utilisation,
                    (double)counted->rows / (map->options.inputs * tiles)));
    TRN_TRY(compare(ctx, "synapse_utilisation", stored->synapse_utilisation,
                    cells > 0 ? (double)counted->synapses / cells : 0));
    TRN_TRY(compare(ctx, "idle_joule", stored->idle_joule,
                    (cells - (double)counted->synapses) * (double)map->options.steps *
                        map->options.cell_joule));
    return compare(ctx, "driven_joule", stored->driven_joule, counted->driven_joule);
}

trnnsf_status trn_tile_map_check(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                 const struct trnnsf_spike_graph *graph)
{
    trnnsf_status status = TRNNSF_OK;
    struct recount recount = {.counts.depth = graph->depth};

    if (map->n != graph->n)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: a map of %zu neurons, a graph of %zu",
                        function, map->n, graph->n);
    TRN_NEED_OUT(recount.readers = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_TRY_OUT(check_places(ctx, map, graph));
    for (size_t t = 0; t < map->n_tiles; t++) {
        TRN_TRY_OUT(check_ascending(ctx, map->neurons, map->neuron_starts, t, map->options.outputs,
                                    "neurons"));
        TRN_TRY_OUT(
            check_ascending(ctx, map->rows, map->row_starts, t, map->options.inputs, "rows"));
        TRN_TRY_OUT(check_tile(ctx, map, graph, t, &recount));
    }
    TRN_TRY_OUT(compare_all(ctx, map, &recount.counts));
out:
    trn_free(ctx, recount.readers);
    return status;
}
