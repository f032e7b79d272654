/* Cuts that neurons share, the choice of fan-in, initial potentials. */
#include "tile/common.h"
#include "tile/groups.h"
#include "tile/tile_map.h"

static trnnsf_spike_graph *decompose(const trnnsf_spike_graph *graph,
                                     const struct trnnsf_decompose_options *options)
{
    trnnsf_spike_graph *units = NULL;

    OK(trnnsf_spike_graph_decompose(ctx, graph, options, 0, NULL, &units));
    return units;
}

/* Every source that some neuron of more than `whole` synapses reads is in one group, of which none
 * is too large. */
static void check_groups(const trnnsf_spike_graph *graph, size_t size, size_t whole,
                         const uint32_t *groups)
{
    uint8_t *is_read = zeros(graph->n, 1);
    size_t *counts = zeros(graph->n, sizeof *counts);

    for (size_t i = 0; i < graph->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            is_read[graph->sources[s]] |= trn_spike_fan_in(graph, i) > whole;
    }
    for (size_t i = 0; i < graph->n; i++) {
        ck_assert_int_eq(groups[i] != TRNNSF_NO_TILE, is_read[i]);
        if (is_read[i])
            ck_assert_uint_le(++counts[groups[i]], size);
    }
    free(counts);
    free(is_read);
}

/* Sources of one depth, none busier than those of the groups of that depth before. */
static void check_busy_groups(const trnnsf_spike_graph *graph, const uint32_t *groups)
{
    uint32_t *depths = zeros(graph->n, sizeof *depths);

    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];

        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            if (depths[i] <= depths[graph->sources[s]])
                depths[i] = depths[graph->sources[s]] + 1;
        }
    }
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t j = 0; j < graph->n; j++) {
            if (groups[i] == TRNNSF_NO_TILE || groups[j] == TRNNSF_NO_TILE)
                continue;
            if (groups[i] == groups[j])
                ck_assert_uint_eq(depths[i], depths[j]);
            else if (depths[i] == depths[j] && groups[i] < groups[j])
                ck_assert_double_ge(graph->spikes[i], graph->spikes[j]);
        }
    }
    free(depths);
}

/* A unit reads one group alone, and sums within their limit; a whole neuron is one. */
static void check_units(const trnnsf_spike_graph *graph, const trnnsf_spike_graph *units,
                        const struct trnnsf_decompose_options *options)
{
    uint32_t *groups = zeros(graph->n, sizeof *groups);
    size_t chain = options->form == TRNNSF_DECOMPOSE_CHAIN;
    size_t whole = options->whole < options->fan_in ? options->whole : options->fan_in;

    if (options->cut == TRNNSF_DECOMPOSE_BUSY) {
        OK(trn_tile_busy_groups(ctx, graph, options->fan_in - chain, whole, groups));
        check_busy_groups(graph, groups);
    } else {
        OK(trn_tile_groups(ctx, graph, options->fan_in - chain, whole, groups));
    }
    check_groups(graph, options->fan_in - chain, whole, groups);
    for (size_t u = 0; u < units->n; u++) {
        uint32_t group = TRNNSF_NO_TILE;
        size_t links = 0;

        if (trn_spike_fan_in(graph, units->origins[u]) <= whole) {
            ck_assert_uint_eq(trn_spike_fan_in(units, u),
                              trn_spike_fan_in(graph, units->origins[u]));
            continue;
        }
        for (size_t s = units->starts[u]; s < units->starts[u + 1]; s++) {
            uint32_t source = units->sources[s], origin = units->origins[source];

            if (origin == units->origins[u]) {
                links++;
                continue;
            }
            ck_assert(group == TRNNSF_NO_TILE || group == groups[origin]);
            group = groups[origin];
        }
        ck_assert_uint_le(links, chain ? 1 : options->fan_in);
    }
    free(groups);
}

/* What a neuron reads through all its units: each synapse once. */
static void check_synapses(const trnnsf_spike_graph *graph, const trnnsf_spike_graph *units)
{
    double *sums = zeros(graph->n * graph->n, sizeof *sums);

    for (size_t u = 0; u < units->n; u++) {
        for (size_t s = units->starts[u]; s < units->starts[u + 1]; s++) {
            uint32_t source = units->origins[units->sources[s]];

            if (source != units->origins[u])
                sums[units->origins[u] * graph->n + source] += 1 + (double)units->weights[s];
        }
    }
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            sums[i * graph->n + graph->sources[s]] -= 1 + (double)graph->weights[s];
    }
    for (size_t k = 0; k < graph->n * graph->n; k++)
        ck_assert_double_eq(sums[k], 0);
    free(sums);
}

static void same_spikes(struct trn_random *random, const trnnsf_spike_graph *graph,
                        const trnnsf_spike_graph *units)
{
    enum { STEPS = 25 };
    uint8_t *input = random_spikes(random, STEPS, graph->n_inputs);
    uint32_t *one = zeros(graph->n, sizeof *one), *two = zeros(units->n, sizeof *two);
    uint32_t *own = own_units(units, graph->n);

    OK(trnnsf_spike_graph_simulate(ctx, graph, STEPS, input, one, NULL));
    OK(trnnsf_spike_graph_simulate(ctx, units, STEPS, input, two, NULL));
    for (size_t i = 0; i < graph->n; i++)
        ck_assert_uint_eq(one[i], two[own[i]]);
    free(own);
    free(two);
    free(one);
    free(input);
}

static void start_somewhere(struct trn_random *random, trnnsf_spike_graph *graph)
{
    double *initials = zeros(graph->n, sizeof *initials);

    for (size_t i = 0; i < graph->n; i++)
        initials[i] = (double)trn_random_below(random, 33) / 16 - 1;
    OK(trnnsf_spike_graph_set_initials(ctx, graph, initials));
    ck_assert_mem_eq(trnnsf_spike_graph_initials(graph), initials, graph->n * sizeof *initials);
    free(initials);
}

START_TEST(shared)
{
    struct trn_random random;

    trn_random_init(&random, 52, TRN_RANDOM_TEST, (uint32_t)_i);
    for (uint32_t f = 2; f < 12; f++) {
        struct recipe recipe = {15, 25, 1 + trn_random_below(&random, 30), _i % 3 == 0, _i % 2, 1};
        struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
        trnnsf_spike_graph *graph = random_graph(&random, &recipe), *units;

        start_somewhere(&random, graph);
        options.fan_in = f;
        options.form = trn_random_below(&random, 2);
        options.cut = 1 + trn_random_below(&random, 2);
        options.whole = trn_random_below(&random, 2 * f);
        units = decompose(graph, &options);
        check_units(graph, units, &options);
        check_synapses(graph, units);
        same_spikes(&random, graph, units);
        trnnsf_spike_graph_free(units);
        options.rule = TRNNSF_DECOMPOSE_SPIKING;
        options.steps = 25;
        units = decompose(graph, &options);
        check_units(graph, units, &options);
        trnnsf_spike_graph_free(units);
        trnnsf_spike_graph_free(graph);
    }
}
END_TEST

/* 48 inputs, read by 20 neurons, half of them by each. Cut everywhere else, hardly two units share
 * a tile of 16 rows; cut alike, all units of 16 inputs do: three tiles would be enough. */
START_TEST(fewer_tiles)
{
    enum { INPUTS = 48, NEURONS = 20, ALL = INPUTS + NEURONS };
    uint32_t kinds[ALL] = {0}, sources[NEURONS * INPUTS];
    size_t starts[ALL + 1] = {0}, next = 0;
    float weights[NEURONS * INPUTS];
    double spikes[ALL] = {0};
    struct trnnsf_decompose_options chosen = {.struct_size = sizeof chosen};
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL, *units = NULL;
    trnnsf_tile_map *map = NULL;
    struct trn_random random;

    trn_random_init(&random, 53, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < ALL; i++) {
        kinds[i] = i >= INPUTS;
        for (uint32_t k = 0; kinds[i] && k < INPUTS; k++) {
            if (trn_random_below(&random, 2)) {
                sources[next] = k;
                weights[next++] = 1;
            }
        }
        starts[i + 1] = next;
    }
    OK(trnnsf_spike_graph_create(ctx, ALL, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    options.inputs = 16;
    options.outputs = 32;
    options.rule = TRNNSF_TILE_COMPACT;
    OK(trnnsf_tile_fit(ctx, graph, NULL, 0, NULL, &options, &chosen, &units, &map));
    OK(trnnsf_tile_map_check(ctx, map, units));
    ck_assert_uint_le(trnnsf_tile_map_tiles(map), 5);
    ck_assert_uint_eq(chosen.cut, TRNNSF_DECOMPOSE_SHARED);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(units);
    chosen.cut = TRNNSF_DECOMPOSE_OWN;
    units = decompose(graph, &chosen);
    OK(trnnsf_tile_map_create(ctx, units, &options, &map));
    ck_assert_uint_ge(trnnsf_tile_map_tiles(map), 15);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(units);
    trnnsf_spike_graph_free(graph);
}
END_TEST

static double packets_of(const struct trnnsf_tile_counts *counts)
{
    return counts->packets_between + counts->packets_in;
}

/* The best of all fan-ins and cuts that the header names, by plain trials: fewest tiles, then
 * fewest packets; where some map has no more than `limit` tiles, fewest packets of these. */
static struct trnnsf_tile_counts best_of(const trnnsf_spike_graph *graph,
                                         const struct trnnsf_tile_map_options *options,
                                         uint32_t rule, uint64_t limit)
{
    static const uint32_t shares[] = {2, 3, 4, 6, 8, 12, 16, 18, 24, 32, 36, 40, 48};
    struct trnnsf_tile_counts best = {.tiles = UINT64_MAX};

    for (uint32_t k = 0; k < 70; k++) {
        struct trnnsf_decompose_options decomposition = TRNNSF_DECOMPOSE_OPTIONS_INIT;
        struct trnnsf_tile_map_options quick = *options;
        trnnsf_spike_graph *units;
        trnnsf_tile_map *map = NULL;

        quick.passes = 0;
        quick.rule = rule;
        decomposition.fan_in =
            k / 5 < 13 ? options->inputs * shares[k / 5] / 48 : options->inputs - 1;
        decomposition.cut = k % 5 < 3 ? k % 5 : k % 5 - 2;
        decomposition.whole = k % 5 < 3 ? 0 : decomposition.fan_in;
        if (decomposition.fan_in < 2 + (decomposition.cut > 0) ||
            (decomposition.cut == TRNNSF_DECOMPOSE_BUSY && rule != TRNNSF_TILE_HYPERGRAPH) ||
            (decomposition.whole > 0 && rule <= TRNNSF_TILE_MIN_COMMUNICATION))
            continue;
        units = decompose(graph, &decomposition);
        OK(trnnsf_tile_map_create(ctx, units, &quick, &map));
        struct trnnsf_tile_counts counts = map->counts;
        bool fewer = packets_of(&counts) < packets_of(&best);
        bool is_better = counts.tiles <= limit && best.tiles <= limit
                             ? fewer
                             : counts.tiles < best.tiles || (counts.tiles == best.tiles && fewer);
        if (is_better)
            best = counts;
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(units);
    }
    return best;
}

START_TEST(fit)
{
    struct trn_random random;

    trn_random_init(&random, 54, TRN_RANDOM_TEST, (uint32_t)_i);
    for (uint32_t rule = 0; rule < 4; rule++) {
        struct recipe recipe = {30, 40, 20, _i % 2, 0, 0};
        struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
        trnnsf_spike_graph *graph = random_graph(&random, &recipe), *units = NULL;
        trnnsf_tile_map *map = NULL;

        options.inputs = 8 + trn_random_below(&random, 12);
        options.outputs = 8 + trn_random_below(&random, 12);
        options.rule = rule;
        options.passes = 0;
        OK(trnnsf_tile_fit(ctx, graph, NULL, 0, NULL, &options, NULL, &units, &map));
        OK(trnnsf_tile_map_check(ctx, map, units));
        uint64_t one = best_of(graph, &options, 0, 0).tiles,
                 two = best_of(graph, &options, 1, 0).tiles;
        uint64_t limit = rule == TRNNSF_TILE_HYPERGRAPH ? one < two ? one : two : 0;
        struct trnnsf_tile_counts best = best_of(graph, &options, rule, limit);
        ck_assert_double_eq(packets_of(&map->counts), packets_of(&best));
        if (limit == 0)
            ck_assert_uint_eq(map->counts.tiles, best.tiles);
        else
            ck_assert_uint_le(map->counts.tiles, limit);
        same_spikes(&random, graph, units);
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(units);
        trnnsf_spike_graph_free(graph);
    }
}
END_TEST

/* 64 inputs, every other one silent, read by 20 neurons: cut at the busy ones, half of the sums are
 * never sent, on no more tiles. */
START_TEST(quiet_sums)
{
    enum { INPUTS = 64, NEURONS = 20, ALL = INPUTS + NEURONS };
    uint32_t kinds[ALL] = {0}, sources[NEURONS * INPUTS];
    size_t starts[ALL + 1] = {0}, next = 0;
    float weights[NEURONS * INPUTS];
    double spikes[ALL] = {0}, packets[3];
    struct trnnsf_decompose_options cut = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL;

    for (size_t i = 0; i < ALL; i++) {
        kinds[i] = i >= INPUTS;
        spikes[i] = i < INPUTS && i % 2 ? 10 : 0;
        for (uint32_t k = 0; kinds[i] && k < INPUTS; k++, next++) {
            sources[next] = k;
            weights[next] = 1;
        }
        starts[i + 1] = next;
    }
    OK(trnnsf_spike_graph_create(ctx, ALL, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    cut.form = TRNNSF_DECOMPOSE_TREE;
    cut.fan_in = options.inputs = 16;
    cut.steps = 10;
    options.outputs = 40;
    for (cut.cut = TRNNSF_DECOMPOSE_SHARED; cut.cut <= TRNNSF_DECOMPOSE_BUSY; cut.cut++) {
        trnnsf_spike_graph *units = decompose(graph, &cut);
        trnnsf_tile_map *map = NULL;

        OK(trnnsf_tile_map_create(ctx, units, &options, &map));
        ck_assert_uint_eq(trnnsf_tile_map_tiles(map), 4);
        packets[cut.cut] = map->counts.packets_between;
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(units);
    }
    /* Of four groups' sums of each neuron three are sent; of the busy two's one is. */
    ck_assert_double_eq(packets[TRNNSF_DECOMPOSE_SHARED], 3 * NEURONS * 10);
    ck_assert_double_eq(packets[TRNNSF_DECOMPOSE_BUSY], NEURONS * 10);
    trnnsf_spike_graph_free(graph);
}
END_TEST

/* Two layers, of which the second alone must be cut: 16 neurons that read 8 of 32 inputs each, and
 * 8 that read those 16. Whole neurons need no sum. */
START_TEST(whole)
{
    enum { INPUTS = 32, FIRST = 16, SECOND = 8, ALL = INPUTS + FIRST + SECOND };
    uint32_t kinds[ALL] = {0}, sources[FIRST * 8 + SECOND * FIRST];
    size_t starts[ALL + 1] = {0}, next = 0, sums[2] = {0};
    float weights[FIRST * 8 + SECOND * FIRST];
    double spikes[ALL];
    struct trnnsf_decompose_options cut = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL;

    for (uint32_t i = 0; i < ALL; i++) {
        kinds[i] = i >= INPUTS;
        spikes[i] = i;
        for (uint32_t k = 0; i >= INPUTS && k < (i < INPUTS + FIRST ? 8 : FIRST); k++, next++) {
            sources[next] = i < INPUTS + FIRST ? (4 * i + k) % INPUTS : INPUTS + k;
            weights[next] = 1;
        }
        starts[i + 1] = next;
    }
    OK(trnnsf_spike_graph_create(ctx, ALL, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    cut.form = TRNNSF_DECOMPOSE_TREE;
    cut.fan_in = 8;
    for (cut.cut = TRNNSF_DECOMPOSE_SHARED; cut.cut <= TRNNSF_DECOMPOSE_BUSY; cut.cut++) {
        for (size_t k = 0; k < 2; k++) {
            cut.whole = k ? 8 : 0;
            trnnsf_spike_graph *units = decompose(graph, &cut);
            sums[k] = units->n - graph->n;
            check_units(graph, units, &cut);
            trnnsf_spike_graph_free(units);
        }
        ck_assert_uint_eq(sums[1], SECOND);
        ck_assert_uint_gt(sums[0], SECOND);
    }
    trnnsf_spike_graph_free(graph);
}
END_TEST

/* A sum of two inputs that spike in half of the steps of one sample of two, and never in the other:
 * three of eight steps in the mean, where the graph's own spikes let expect seven in sixteen. */
START_TEST(foreseen)
{
    static const uint32_t kinds[4] = {0, 0, 0, 1}, sources[3] = {0, 1, 2};
    static const size_t starts[5] = {0, 0, 0, 0, 3};
    static const float weights[3] = {1, 1, 1};
    static const double spikes[4] = {4, 4, 4, 0}, samples[8] = {8, 8, 8, 0, 0, 0, 0, 0};
    struct trnnsf_decompose_options cut = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL, *units = NULL;

    OK(trnnsf_spike_graph_create(ctx, 4, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    cut.fan_in = 2;
    cut.steps = 16;
    OK(trnnsf_spike_graph_decompose(ctx, graph, &cut, 2, samples, &units));
    ck_assert_uint_eq(units->kinds[3], TRNNSF_SPIKE_SUM);
    ck_assert_double_eq(units->spikes[3], 16 * 3 / 8.0);
    trnnsf_spike_graph_free(units);
    OK(trnnsf_spike_graph_decompose(ctx, graph, &cut, 0, NULL, &units));
    ck_assert_double_eq(units->spikes[3], 16 * 7 / 16.0);
    trnnsf_spike_graph_free(units);
    trnnsf_spike_graph_free(graph);
}
END_TEST

/* A neuron that gains 1 of 2 in each step and starts at 1 spikes a step earlier. */
START_TEST(initial)
{
    static const uint32_t kinds[2] = {0, 1}, sources[1] = {0};
    static const size_t starts[3] = {0, 0, 1};
    static const float weights[1] = {1};
    static const double spikes[2] = {4, 2}, thresholds[2] = {1, 2}, initials[2] = {0, 1};
    static const uint8_t input[4] = {1, 1, 1, 1}, expected[4] = {1, 0, 1, 0};
    uint8_t raster[8];
    uint32_t counts[2];
    trnnsf_spike_graph *graph = NULL;

    OK(trnnsf_spike_graph_create(ctx, 2, kinds, starts, sources, weights, spikes, thresholds, NULL,
                                 &graph));
    ck_assert_double_eq(trnnsf_spike_graph_initials(graph)[1], 0);
    OK(trnnsf_spike_graph_set_initials(ctx, graph, initials));
    OK(trnnsf_spike_graph_simulate(ctx, graph, 4, input, counts, raster));
    for (size_t t = 0; t < 4; t++)
        ck_assert_uint_eq(raster[2 * t + 1], expected[t]);
    trnnsf_spike_graph_free(graph);
}
END_TEST

START_TEST(refused)
{
    struct recipe recipe = {6, 6, 5, 0, 0, 0};
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    struct trnnsf_decompose_options cut = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph, *units = NULL;
    trnnsf_tile_map *map = NULL;
    double initials[12] = {0, 0, -2e6};
    struct trn_random random;

    trn_random_init(&random, 55, TRN_RANDOM_TEST, 0);
    graph = random_graph(&random, &recipe);
    REFUSED(trnnsf_spike_graph_set_initials(ctx, graph, initials), TRNNSF_E_INVALID,
            "initials[2] -2e+06");
    REFUSED(trnnsf_spike_graph_set_initials(ctx, graph, NULL), TRNNSF_E_INVALID, "initials");
    REFUSED(trnnsf_tile_fit(ctx, graph, NULL, 0, NULL, NULL, NULL, NULL, &map), TRNNSF_E_INVALID,
            "out_graph");
    options.inputs = 1;
    REFUSED(trnnsf_tile_fit(ctx, graph, NULL, 0, NULL, &options, NULL, &units, &map),
            TRNNSF_E_INVALID, "inputs 1");
    cut.cut = 3;
    REFUSED(trnnsf_tile_fit(ctx, graph, &cut, 0, NULL, NULL, NULL, &units, &map), TRNNSF_E_INVALID,
            "cut 3");
    ck_assert_int_eq(trnnsf_tile_fit(NULL, graph, NULL, 0, NULL, NULL, NULL, &units, &map),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spike_graph_set_initials(NULL, graph, initials), TRNNSF_E_INVALID);
    ck_assert_ptr_null(trnnsf_spike_graph_initials(NULL));
    ck_assert_ptr_null(units);
    ck_assert_ptr_null(map);
    trnnsf_spike_graph_free(graph);
}
END_TEST

TCase *shared_case(void)
{
    TCase *tests = tcase_create("shared");

    tcase_add_loop_test(tests, shared, 0, 12);
    tcase_add_test(tests, fewer_tiles);
    tcase_add_test(tests, quiet_sums);
    tcase_add_test(tests, whole);
    tcase_add_test(tests, foreseen);
    tcase_add_loop_test(tests, fit, 0, 4);
    tcase_add_test(tests, initial);
    tcase_add_test(tests, refused);
    return tests;
}
