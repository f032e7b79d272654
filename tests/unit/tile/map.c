/* Maps: the checker's eyes, first fit by plain loops, the best partition by trying all. */
#include <math.h>

#include "tile/common.h"
#include "tile/tile_map.h"

enum { NEURONS_MOST = 400 };

static trnnsf_tile_map *make(const trnnsf_spike_graph *graph,
                             const struct trnnsf_tile_map_options *options)
{
    trnnsf_tile_map *map = NULL;

    OK(trnnsf_tile_map_create(ctx, graph, options, &map));
    OK(trnnsf_tile_map_check(ctx, map, graph));
    return map;
}

static double packets_of(const trnnsf_tile_map *map)
{
    return map->counts.packets_between + map->counts.packets_in;
}

/* Distinct sources of the neurons whose tile is `tile`; SIZE_MAX: more than `outputs` neurons. */
static size_t rows_of(const trnnsf_spike_graph *graph, const uint32_t *place, uint32_t tile,
                      const struct trnnsf_tile_map_options *options, size_t *out_outputs)
{
    uint8_t read[NEURONS_MOST] = {0};
    size_t rows = 0;

    *out_outputs = 0;
    for (size_t i = 0; i < graph->n; i++) {
        if (place[i] != tile)
            continue;
        ++*out_outputs;
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            uint32_t source = graph->sources[s];

            if (read[source] || (graph->kinds[source] == TRNNSF_SPIKE_SUM && !options->sum_rows))
                continue;
            read[source] = 1;
            rows++;
        }
    }
    return *out_outputs > options->outputs ? SIZE_MAX : rows;
}

/* First fit, all recounted at each try. */
static size_t plain_fit(const trnnsf_spike_graph *graph,
                        const struct trnnsf_tile_map_options *options, uint32_t *place)
{
    uint8_t done[NEURONS_MOST] = {0};
    size_t n_tiles = 0, outputs;

    for (size_t i = 0; i < graph->n; i++)
        place[i] = TRNNSF_NO_TILE;
    for (;;) {
        size_t next = graph->n, most = 0;
        uint32_t best = TRNNSF_NO_TILE;

        for (size_t i = 0; i < graph->n; i++) {
            if (graph->kinds[i] == TRNNSF_SPIKE_INPUT || done[i])
                continue;
            if (next == graph->n || (options->rule == TRNNSF_TILE_MIN_COMMUNICATION &&
                                     graph->spikes[i] > graph->spikes[next]))
                next = i;
        }
        if (next == graph->n)
            return n_tiles;
        done[next] = 1;
        for (uint32_t t = 0; t < n_tiles; t++) {
            size_t full = rows_of(graph, place, t, options, &outputs) + outputs;

            place[next] = t;
            if (rows_of(graph, place, t, options, &outputs) <= options->inputs &&
                (best == TRNNSF_NO_TILE || full > most)) {
                best = t;
                most = full;
            }
        }
        place[next] = best == TRNNSF_NO_TILE ? (uint32_t)n_tiles++ : best;
    }
}

/* Whether two assignments are one partition. */
static void same_partition(size_t n, const uint32_t *a, const uint32_t *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert_int_eq(a[i] == a[j], b[i] == b[j]);
    }
}

static trnnsf_spike_graph *graph_for_maps(struct trn_random *random, int k)
{
    struct recipe recipe = {20, 40, 1 + trn_random_below(random, 12), k % 3 == 0, k % 2, 0};
    struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = random_graph(random, &recipe), *units = NULL;

    if (k % 4 < 2)
        return graph;
    options.fan_in = 2 + trn_random_below(random, 6);
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    trnnsf_spike_graph_free(graph);
    return units;
}

START_TEST(rules)
{
    struct trn_random random;

    trn_random_init(&random, 41, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int k = 0; k < 4; k++) {
        trnnsf_spike_graph *graph = graph_for_maps(&random, k);
        struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
        uint32_t place[NEURONS_MOST];
        size_t tiles = SIZE_MAX;
        double packets = INFINITY;

        ck_assert_uint_le(graph->n, NEURONS_MOST);
        options.inputs = (uint32_t)graph->fan_in + 1 + trn_random_below(&random, 12);
        options.outputs = 1 + trn_random_below(&random, 20);
        options.sum_rows = trn_random_below(&random, 2);
        for (options.rule = 0; options.rule < 2; options.rule++) {
            trnnsf_tile_map *map = make(graph, &options);

            ck_assert_uint_eq(plain_fit(graph, &options, place), trnnsf_tile_map_tiles(map));
            same_partition(graph->n, place, trnnsf_tile_map_places(map));
            tiles = map->n_tiles < tiles ? map->n_tiles : tiles;
            packets = fmin(packets, packets_of(map));
            trnnsf_tile_map_free(map);
        }
        trnnsf_tile_map *ours = make(graph, &options), *again = make(graph, &options);
        ck_assert_uint_le(trnnsf_tile_map_tiles(ours), tiles);
        ck_assert_mem_eq(ours->place, again->place, graph->n * sizeof *ours->place);
        if (tiles > 1)
            ck_assert_double_le(packets_of(ours), packets * (1 + 1e-12));
        trnnsf_tile_map_free(again);
        trnnsf_tile_map_free(ours);
        trnnsf_spike_graph_free(graph);
    }
}
END_TEST

/* Packets of an assignment, by the definition. */
static double plain_packets(const trnnsf_spike_graph *graph, const uint32_t *place, size_t n_tiles)
{
    double packets = 0;

    for (uint32_t source = 0; source < graph->n; source++) {
        for (uint32_t tile = 0; tile < n_tiles; tile++) {
            int reads = 0;

            for (size_t i = 0; i < graph->n; i++) {
                for (size_t s = graph->starts[i]; place[i] == tile && s < graph->starts[i + 1]; s++)
                    reads |= graph->sources[s] == source;
            }
            if (reads && place[source] != tile)
                packets += graph->spikes[source];
        }
    }
    return packets;
}

struct all {
    const trnnsf_spike_graph *graph;
    const struct trnnsf_tile_map_options *options;
    size_t limit;
    uint32_t place[16];
    double least;
};

/* Neuron i and those after it, onto all tiles in use or a new one. */
static void try_all(struct all *all, size_t i, size_t n_tiles)
{
    size_t outputs;

    while (i < all->graph->n && all->graph->kinds[i] == TRNNSF_SPIKE_INPUT)
        i++;
    if (i == all->graph->n) {
        for (uint32_t t = 0; t < n_tiles; t++) {
            if (rows_of(all->graph, all->place, t, all->options, &outputs) > all->options->inputs)
                return;
        }
        all->least = fmin(all->least, plain_packets(all->graph, all->place, n_tiles));
        return;
    }
    for (uint32_t t = 0; t <= n_tiles && t < all->limit; t++) {
        all->place[i] = t;
        try_all(all, i + 1, n_tiles + (t == n_tiles));
    }
    all->place[i] = TRNNSF_NO_TILE;
}

/* As few packets as any assignment to as few tiles has; nearly always. */
START_TEST(best)
{
    struct trn_random random;
    size_t hits = 0, cases = 40;

    trn_random_init(&random, 42, TRN_RANDOM_TEST, (uint32_t)_i);
    for (size_t k = 0; k < cases; k++) {
        struct recipe recipe = {6, 7, 4, 0, (int)k % 2, 0};
        trnnsf_spike_graph *graph = random_graph(&random, &recipe);
        struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
        struct all all = {.graph = graph, .options = &options, .limit = SIZE_MAX};

        options.inputs = 4 + trn_random_below(&random, 4);
        options.outputs = 2 + trn_random_below(&random, 3);
        memset(all.place, 0xff, sizeof all.place);
        for (options.rule = 0; options.rule < 2; options.rule++) {
            trnnsf_tile_map *map = make(graph, &options);

            all.limit = map->n_tiles < all.limit ? map->n_tiles : all.limit;
            trnnsf_tile_map_free(map);
        }
        all.least = INFINITY;
        try_all(&all, 0, 0);
        trnnsf_tile_map *map = make(graph, &options);
        ck_assert_double_ge(packets_of(map), all.least * (1 - 1e-12));
        hits += packets_of(map) <= all.least * (1 + 1e-12);
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(graph);
    }
    ck_assert_msg(hits * 10 >= cases * 9, "%zu of %zu", hits, cases);
}
END_TEST

/* A filter of 3 x 3 over an image: patches, not lines. */
START_TEST(image)
{
    enum { SIDE = 20, OUT = SIDE - 2, N = SIDE * SIDE + OUT * OUT };
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    uint32_t *kinds = zeros(N, sizeof *kinds), *sources = zeros(9 * OUT * OUT, sizeof *sources);
    size_t *starts = zeros(N + 1, sizeof *starts), next = 0;
    float *weights = zeros(9 * OUT * OUT, sizeof *weights);
    double *spikes = zeros(N, sizeof *spikes), packets[4];
    size_t tiles[4];
    trnnsf_spike_graph *graph = NULL;

    for (size_t i = 0; i < N; i++) {
        spikes[i] = 1 + (double)(i * 7 % 5);
        for (size_t k = 0; k < 9 && i >= SIDE * SIDE; k++) {
            size_t x = (i - SIDE * SIDE) % OUT + k % 3, y = (i - SIDE * SIDE) / OUT + k / 3;

            sources[next] = (uint32_t)(y * SIDE + x);
            weights[next++] = 1;
            kinds[i] = TRNNSF_SPIKE_NEURON;
        }
        starts[i + 1] = next;
    }
    OK(trnnsf_spike_graph_create(ctx, N, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    options.inputs = options.outputs = 64;
    for (options.rule = 0; options.rule < 4; options.rule++) {
        trnnsf_tile_map *map = make(graph, &options);

        packets[options.rule] = packets_of(map);
        tiles[options.rule] = trnnsf_tile_map_tiles(map);
        trnnsf_tile_map_free(map);
    }
    ck_assert_double_le(packets[2], 0.8 * packets[1]);
    ck_assert_double_le(packets[2], 0.8 * packets[0]);
    ck_assert_double_le(packets[3], 0.8 * packets[0]);
    ck_assert_uint_lt(tiles[3], tiles[0]);
    ck_assert_uint_le(tiles[3], tiles[2]);
    trnnsf_spike_graph_free(graph);
    free(spikes);
    free(weights);
    free(starts);
    free(sources);
    free(kinds);
}
END_TEST

/* Each figure and list with a fault of its own is found. */
START_TEST(checker)
{
    struct trn_random random;
    struct recipe recipe = {10, 20, 6, 0, 0, 0};
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;

    trn_random_init(&random, 43, TRN_RANDOM_TEST, 0);
    trnnsf_spike_graph *graph = random_graph(&random, &recipe), *other = NULL;
    options.inputs = 12;
    options.outputs = 6;
    trnnsf_tile_map *map = make(graph, &options);
    struct trnnsf_tile_counts kept = map->counts;
#define FAULT(change, undo, part)                                                                  \
    do {                                                                                           \
        change;                                                                                    \
        REFUSED(trnnsf_tile_map_check(ctx, map, graph), TRNNSF_E_CHECK, part);                     \
        undo;                                                                                      \
        OK(trnnsf_tile_map_check(ctx, map, graph));                                                \
    } while (0)
    FAULT(map->place[12] ^= 1, map->place[12] ^= 1, "tile");
    FAULT(map->place[3] = 0, map->place[3] = TRNNSF_NO_TILE, "input 3 is on tile 0");
    FAULT(map->place[12] += 1000, map->place[12] -= 1000, "neuron 12 is on no tile");
    FAULT(map->rows[0]++, map->rows[0]--, "has no row for source");
    FAULT(map->options.inputs = 1, map->options.inputs = 12, "above 1");
    FAULT(map->options.outputs = 1, map->options.outputs = 6, "above 1");
    FAULT(map->counts.tiles++, map->counts = kept, "tiles");
    FAULT(map->counts.synapses++, map->counts = kept, "synapses");
    FAULT(map->counts.rows++, map->counts = kept, "rows");
    FAULT(map->counts.depth++, map->counts = kept, "depth");
    FAULT(map->counts.fan_in++, map->counts = kept, "fan_in");
    FAULT(map->counts.sums++, map->counts = kept, "sums");
    FAULT(map->counts.packets_in += 1, map->counts = kept, "packets_in");
    FAULT(map->counts.packets_between += 1, map->counts = kept, "packets_between");
    FAULT(map->counts.packets_local += 1, map->counts = kept, "packets_local");
    FAULT(map->counts.idle_joule *= 1.01, map->counts = kept, "idle_joule");
    FAULT(map->counts.driven_joule *= 1.01, map->counts = kept, "driven_joule");
    FAULT(map->counts.row_utilisation *= 1.01, map->counts = kept, "row_utilisation");
    FAULT(map->counts.neuron_utilisation *= 1.01, map->counts = kept, "neuron_utilisation");
    FAULT(map->counts.synapse_utilisation *= 1.01, map->counts = kept, "synapse_utilisation");
    recipe.n_neurons = 19;
    other = random_graph(&random, &recipe);
    REFUSED(trnnsf_tile_map_check(ctx, map, other), TRNNSF_E_MISMATCH, "30 neurons");
    trnnsf_spike_graph_free(other);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(graph);
}
END_TEST

/* The lists that a map hands out. */
START_TEST(lists)
{
    struct trn_random random;
    struct recipe recipe = {10, 20, 6, 0, 0, 0};
    size_t count, all = 0;

    trn_random_init(&random, 44, TRN_RANDOM_TEST, 0);
    trnnsf_spike_graph *graph = random_graph(&random, &recipe);
    trnnsf_tile_map *map = make(graph, NULL);
    struct trnnsf_tile_counts counts = {.struct_size = sizeof counts};

    OK(trnnsf_tile_map_counts(ctx, map, &counts));
    ck_assert_uint_eq(counts.tiles, trnnsf_tile_map_tiles(map));
    for (size_t t = 0; t < counts.tiles; t++) {
        const uint32_t *neurons = trnnsf_tile_map_neurons(map, t, &count);

        for (size_t k = 0; k < count; k++)
            ck_assert_uint_eq(trnnsf_tile_map_places(map)[neurons[k]], t);
        all += count;
        ck_assert_ptr_nonnull(trnnsf_tile_map_rows(map, t, NULL));
    }
    ck_assert_uint_eq(all, counts.neurons);
    ck_assert_uint_eq(all, 20);
    ck_assert_ptr_null(trnnsf_tile_map_rows(map, counts.tiles, &count));
    ck_assert_uint_eq(count, 0);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(graph);
}
END_TEST

TCase *map_case(void)
{
    TCase *tests = tcase_create("map");

    tcase_add_loop_test(tests, rules, 0, 20);
    tcase_add_loop_test(tests, best, 0, 4);
    tcase_add_test(tests, image);
    tcase_add_test(tests, checker);
    tcase_add_test(tests, lists);
    return tests;
}
