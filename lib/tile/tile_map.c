#include "tile/tile_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/sort.h"
#include "tile/state.h"

void trn_tile_map_free(struct trnnsf_tile_map *map)
{
    if (!map)
        return;
    trnnsf_context *ctx = map->ctx;
    trn_free(ctx, map->flows);
    trn_free(ctx, map->rows);
    trn_free(ctx, map->row_starts);
    trn_free(ctx, map->neurons);
    trn_free(ctx, map->neuron_starts);
    trn_free(ctx, map->place);
    trn_free(ctx, map);
    trn_context_release(ctx);
}

/* One source read on one tile. */
struct read {
    uint32_t tile;
    uint32_t source;
    uint32_t readers;
};

/* Numbers tiles by their lowest neuron; `number` [n] is scratch. */
static void place_all(struct trnnsf_tile_map *map, const uint32_t *place, uint32_t *number)
{
    memset(number, 0xff, map->n * sizeof *number);
    for (size_t i = 0; i < map->n; i++) {
        map->place[i] = TRNNSF_NO_TILE;
        if (place[i] == TRNNSF_NO_TILE)
            continue;
        if (number[place[i]] == TRNNSF_NO_TILE)
            number[place[i]] = (uint32_t)map->n_tiles++;
        map->place[i] = number[place[i]];
    }
}

/* `cursor` [n] is scratch. */
static void list_neurons(struct trnnsf_tile_map *map, uint32_t *cursor)
{
    for (size_t i = 0; i < map->n; i++) {
        if (map->place[i] != TRNNSF_NO_TILE)
            map->neuron_starts[map->place[i] + 1]++;
    }
    for (size_t t = 0; t < map->n_tiles; t++) {
        map->neuron_starts[t + 1] += map->neuron_starts[t];
        cursor[t] = (uint32_t)map->neuron_starts[t];
    }
    for (size_t i = 0; i < map->n; i++) {
        if (map->place[i] != TRNNSF_NO_TILE)
            map->neurons[cursor[map->place[i]]++] = (uint32_t)i;
    }
}

static int by_tile(const void *a, const void *b)
{
    const struct read *x = a, *y = b;

    if (x->tile != y->tile)
        return x->tile < y->tile ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static int by_pair(const void *a, const void *b)
{
    const struct trn_tile_flow *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* Every source that a tile reads, once, sorted; how many. */
static size_t list_reads(const struct trnnsf_tile_map *map, const struct trnnsf_spike_graph *graph,
                         struct read *reads)
{
    size_t n_reads = 0, n_kept = 0;

    for (size_t i = 0; i < map->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            reads[n_reads++] = (struct read){map->place[i], graph->sources[s], 1};
    }
    qsort(reads, n_reads, sizeof *reads, by_tile);
    for (size_t k = 0; k < n_reads; k++) {
        if (n_kept > 0 && reads[n_kept - 1].tile == reads[k].tile &&
            reads[n_kept - 1].source == reads[k].source)
            reads[n_kept - 1].readers++;
        else
            reads[n_kept++] = reads[k];
    }
    return n_kept;
}

/* Rows, flows (unsorted, one a read) and what is counted by them. */
static void count_reads(struct trnnsf_tile_map *map, const struct trnnsf_spike_graph *graph,
                        const struct read *reads, size_t n_reads)
{
    struct trnnsf_tile_counts *counts = &map->counts;
    const struct trnnsf_tile_map_options *options = &map->options;

    for (size_t k = 0; k < n_reads; k++) {
        uint32_t source = reads[k].source, from = map->place[source];
        double spikes = graph->spikes[source];

        if (from == reads[k].tile) {
            counts->packets_local += spikes;
        } else {
            if (from == TRNNSF_NO_TILE)
                counts->packets_in += spikes;
            else
                counts->packets_between += spikes;
            map->flows[map->n_flows++] = (struct trn_tile_flow){from, reads[k].tile, spikes};
        }
        if (graph->kinds[source] == TRNNSF_SPIKE_SUM && !options->sum_rows) {
            counts->sums += reads[k].readers;
            continue;
        }
        map->rows[(size_t)counts->rows++] = source;
        map->row_starts[reads[k].tile + 1] = (size_t)counts->rows;
        counts->synapses += reads[k].readers;
        counts->driven_joule +=
            spikes * (double)(options->outputs - reads[k].readers) * options->cell_joule;
    }
    /* Tiles without rows begin where the one before ends. */
    for (size_t t = 0; t < map->n_tiles; t++) {
        if (map->row_starts[t + 1] < map->row_starts[t])
            map->row_starts[t + 1] = map->row_starts[t];
    }
}

static void merge_flows(struct trnnsf_tile_map *map)
{
    struct trn_tile_flow *flows = map->flows;
    size_t n_kept = 0;

    qsort(flows, map->n_flows, sizeof *flows, by_pair);
    for (size_t k = 0; k < map->n_flows; k++) {
        if (n_kept > 0 && by_pair(&flows[n_kept - 1], &flows[k]) == 0)
            flows[n_kept - 1].packets += flows[k].packets;
        else
            flows[n_kept++] = flows[k];
    }
    map->n_flows = n_kept;
}

static void count_rest(struct trnnsf_tile_map *map, const struct trnnsf_spike_graph *graph)
{
    struct trnnsf_tile_counts *counts = &map->counts;
    const struct trnnsf_tile_map_options *options = &map->options;
    double tiles = (double)map->n_tiles, inputs = options->inputs, outputs = options->outputs;

    counts->struct_size = sizeof *counts;
    counts->tiles = map->n_tiles;
    counts->neurons = map->neuron_starts[map->n_tiles];
    counts->depth = graph->depth;
    for (size_t i = 0; i < graph->n; i++) {
        size_t rows = 0;

        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            rows += graph->kinds[graph->sources[s]] != TRNNSF_SPIKE_SUM || options->sum_rows;
        if (rows > counts->fan_in)
            counts->fan_in = rows;
    }
    if (map->n_tiles == 0)
        return;
    counts->neuron_utilisation = (double)counts->neurons / (outputs * tiles);
    counts->row_utilisation = (double)counts->rows / (inputs * tiles);
    counts->synapse_utilisation = (double)counts->synapses / (inputs * outputs * tiles);
    counts->idle_joule = (inputs * outputs * tiles - (double)counts->synapses) *
                         (double)options->steps * options->cell_joule;
}

trnnsf_status trn_tile_map_finish(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                  const struct trnnsf_tile_map_options *options,
                                  const uint32_t *place, struct trnnsf_tile_map **out_map)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = graph->n, n_synapses = graph->starts[n];
    struct trnnsf_tile_map *map = TRN_NEW(ctx, struct trnnsf_tile_map);
    struct read *reads = NULL;
    uint32_t *number = NULL;

    if (!map)
        return TRN_NO_MEMORY;
    map->ctx = trn_context_retain(ctx);
    map->options = *options;
    map->n = n;
    TRN_NEED_OUT(number = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(reads = TRN_NEW_ARRAY(ctx, struct read, n_synapses));
    TRN_NEED_OUT(map->place = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(map->neurons = TRN_NEW_ARRAY(ctx, uint32_t, n));
    place_all(map, place, number);
    size_t n_reads = list_reads(map, graph, reads);
    TRN_NEED_OUT(map->neuron_starts = TRN_NEW_ARRAY(ctx, size_t, map->n_tiles + 1));
    TRN_NEED_OUT(map->row_starts = TRN_NEW_ARRAY(ctx, size_t, map->n_tiles + 1));
    TRN_NEED_OUT(map->rows = TRN_NEW_ARRAY(ctx, uint32_t, n_reads));
    TRN_NEED_OUT(map->flows = TRN_NEW_ARRAY(ctx, struct trn_tile_flow, n_reads));
    list_neurons(map, number);
    count_reads(map, graph, reads, n_reads);
    merge_flows(map);
    count_rest(map, graph);
    *out_map = map;
    map = NULL;
out:
    trn_free(ctx, reads);
    trn_free(ctx, number);
    trn_tile_map_free(map);
    return status;
}

/* TRNNSF_E_LIMIT where some neuron fits no tile. */
static trnnsf_status check_fan_in(trnnsf_context *ctx, const struct trn_tile_state *state)
{
    for (size_t i = 0; i < state->graph->n; i++) {
        if (state->need[i] > state->inputs)
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "trnnsf_tile_map_create: neuron %zu needs %u rows, a tile has %u: "
                            "decompose or trim the graph",
                            i, state->need[i], state->inputs);
    }
    return TRNNSF_OK;
}

/* All neurons on tiles, or some on more than `most`. */
static trnnsf_status place_neurons(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   const struct trnnsf_tile_map_options *options, uint64_t most,
                                   struct trn_tile_state **out_state)
{
    trnnsf_status status;
    struct trn_tile_state *state;

    TRN_TRY(trn_progress(ctx, "tiles", NULL, 0, 1));
    TRN_TRY(trn_tile_state_create(ctx, graph, options, &state));
    TRN_TRY_OUT(check_fan_in(ctx, state));
    if (options->rule >= TRNNSF_TILE_HYPERGRAPH)
        TRN_TRY_OUT(trn_tile_hypergraph(state, options));
    else
        TRN_TRY_OUT(
            trn_tile_first_fit(state, options->rule == TRNNSF_TILE_MIN_COMMUNICATION, most));
    *out_state = state;
    return TRNNSF_OK;
out:
    trn_tile_state_free(state);
    return status;
}

trnnsf_status trn_tile_map_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                  const struct trnnsf_tile_map_options *options,
                                  struct trnnsf_tile_map **out_map)
{
    struct trn_tile_state *state;

    TRN_TRY(place_neurons(ctx, graph, options, UINT64_MAX, &state));
    trnnsf_status status = trn_tile_map_finish(ctx, graph, options, state->place, out_map);
    trn_tile_state_free(state);
    return status;
}

trnnsf_status trn_tile_map_score(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                 const struct trnnsf_tile_map_options *options, uint64_t most,
                                 struct trn_tile_score *out_score)
{
    struct trn_tile_state *state;

    TRN_TRY(place_neurons(ctx, graph, options, most, &state));
    *out_score =
        (struct trn_tile_score){trn_tile_state_used(state), trn_tile_state_packets(state)};
    trn_tile_state_free(state);
    return TRNNSF_OK;
}
