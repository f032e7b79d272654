/* Arguments that no graph, map or placement has; stopping; threads. */
#include <math.h>

#include "tile/common.h"

/* Two inputs, a sum of both, a neuron that reads sum and input. */
static struct {
    uint32_t kinds[4];
    size_t starts[5];
    uint32_t sources[4];
    float weights[4];
    double spikes[4], thresholds[4], biases[4];
} given;

static void reset(void)
{
    static const uint32_t kinds[4] = {0, 0, 2, 1}, sources[4] = {0, 1, 2, 0};
    static const size_t starts[5] = {0, 0, 0, 2, 4};

    memset(&given, 0, sizeof given);
    memcpy(given.kinds, kinds, sizeof kinds);
    memcpy(given.starts, starts, sizeof starts);
    memcpy(given.sources, sources, sizeof sources);
    for (size_t i = 0; i < 4; i++) {
        given.weights[i] = 1;
        given.thresholds[i] = 1;
    }
}

static trnnsf_status create(trnnsf_spike_graph **out)
{
    return trnnsf_spike_graph_create(ctx, 4, given.kinds, given.starts, given.sources,
                                     given.weights, given.spikes, given.thresholds, given.biases,
                                     out);
}

static void refuse(trnnsf_status status, const char *part)
{
    trnnsf_spike_graph *graph = NULL;

    REFUSED(create(&graph), status, part);
    ck_assert_ptr_null(graph);
    reset();
}

START_TEST(graphs)
{
    trnnsf_spike_graph *graph = NULL;

    reset();
    OK(create(&graph));
    trnnsf_spike_graph_free(graph);
    graph = NULL;
    REFUSED(trnnsf_spike_graph_create(ctx, 0, given.kinds, given.starts, given.sources,
                                      given.weights, given.spikes, NULL, NULL, &graph),
            TRNNSF_E_INVALID, "n_neurons 0");
    REFUSED(trnnsf_spike_graph_create(ctx, SIZE_MAX, given.kinds, given.starts, given.sources,
                                      given.weights, given.spikes, NULL, NULL, &graph),
            TRNNSF_E_LIMIT, "n_neurons");
    REFUSED(trnnsf_spike_graph_create(ctx, 4, given.kinds, given.starts, given.sources,
                                      given.weights, NULL, NULL, NULL, &graph),
            TRNNSF_E_INVALID, "spikes is NULL");
    given.kinds[1] = 3;
    refuse(TRNNSF_E_INVALID, "kinds[1] 3 is not in [0, 2]");
    given.kinds[2] = 0;
    refuse(TRNNSF_E_INVALID, "input 2 has 2 synapses");
    given.starts[0] = 1;
    refuse(TRNNSF_E_INVALID, "starts[0] 1 is not 0");
    given.starts[3] = 5;
    refuse(TRNNSF_E_INVALID, "starts[4] 4 is below starts[3] 5");
    given.starts[4] = SIZE_MAX;
    refuse(TRNNSF_E_LIMIT, "synapses are more than 2^32 - 1");
    given.sources[3] = 4;
    refuse(TRNNSF_E_INVALID, "sources[3] 4 of neuron 3 is not below 4");
    given.sources[1] = 0;
    refuse(TRNNSF_E_INVALID, "neuron 2 has source 0 twice (synapse 1)");
    given.sources[3] = 3;
    refuse(TRNNSF_E_INVALID, "neuron 3 is on a cycle");
    given.sources[1] = 3;
    refuse(TRNNSF_E_INVALID, "neuron 2 is on a cycle");
    given.weights[2] = 2;
    refuse(TRNNSF_E_INVALID, "weights[2] 2 of neuron 3 is not 1, but its source 2 is a sum");
    given.weights[0] = NAN;
    refuse(TRNNSF_E_INVALID, "weights[0]");
    given.weights[0] = 2e6F;
    refuse(TRNNSF_E_INVALID, "weights[0]");
    given.spikes[2] = -1;
    refuse(TRNNSF_E_INVALID, "spikes[2] -1");
    given.spikes[3] = INFINITY;
    refuse(TRNNSF_E_INVALID, "spikes[3]");
    given.thresholds[3] = 0;
    refuse(TRNNSF_E_INVALID, "thresholds[3] 0");
    given.biases[3] = NAN;
    refuse(TRNNSF_E_INVALID, "biases[3]");
    ck_assert_uint_eq(trnnsf_spike_graph_neurons(NULL), 0);
    ck_assert_ptr_null(trnnsf_spike_graph_weights(NULL));
    trnnsf_spike_graph_free(NULL);
}
END_TEST

START_TEST(calls)
{
    struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL, *out = NULL;
    uint8_t input[4] = {0, 1, 1, 2};
    uint32_t counts[4] = {7, 7, 7, 7};
    double samples[4] = {0, 0, 0, 3}, spikes[4] = {0, 0, NAN, 0};

    reset();
    OK(create(&graph));
    REFUSED(trnnsf_spike_graph_set_spikes(ctx, graph, spikes), TRNNSF_E_INVALID, "spikes[2]");
    REFUSED(trnnsf_spike_graph_trim(ctx, graph, 0, 0, &out, NULL, NULL), TRNNSF_E_INVALID,
            "fan_in 0");
    REFUSED(trnnsf_spike_graph_trim(ctx, graph, 1, 2, &out, NULL, NULL), TRNNSF_E_INVALID,
            "rule 2");
    REFUSED(trnnsf_spike_graph_simulate(ctx, graph, 0, input, counts, NULL), TRNNSF_E_INVALID,
            "n_steps 0");
    REFUSED(trnnsf_spike_graph_simulate(ctx, graph, SIZE_MAX, input, counts, NULL),
            TRNNSF_E_INVALID, "n_steps");
    REFUSED(trnnsf_spike_graph_simulate(ctx, graph, 2, input, counts, NULL), TRNNSF_E_INVALID,
            "input_spikes[1, 1] 2");
    options.fan_in = 1;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &out), TRNNSF_E_INVALID,
            "fan_in 1");
    options.fan_in = 2;
    options.rule = TRNNSF_DECOMPOSE_SPIKING;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &out), TRNNSF_E_INVALID,
            "steps 0");
    options.steps = 2;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &out), TRNNSF_E_INVALID,
            "neuron 2 is a sum");
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 1, NULL, &out), TRNNSF_E_INVALID,
            "n_samples is 1, but samples is NULL");
    options.k = NAN;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &out), TRNNSF_E_INVALID,
            "k ");
    trnnsf_spike_graph_free(graph);
    given.kinds[2] = TRNNSF_SPIKE_NEURON;
    OK(create(&graph));
    options.k = 1;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 1, samples, &out), TRNNSF_E_INVALID,
            "samples[0, 3] 3 is not in [0, steps 2]");
    options.rule = TRNNSF_DECOMPOSE_EXACT;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 1, samples, &out), TRNNSF_E_INVALID,
            "samples[0, 3] 3 is not in [0, steps 2]");
    options.steps = 0;
    samples[3] = INFINITY;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 1, samples, &out), TRNNSF_E_INVALID,
            "samples[0, 3] inf");
    options.reserved = 1;
    REFUSED(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &out), TRNNSF_E_INVALID,
            "reserved 1");
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(counts[0], 7);
    trnnsf_spike_graph_free(graph);

    /* Thousands of steps of a bias of a million. */
    given.biases[3] = 1e6;
    OK(create(&graph));
    uint8_t *long_input = zeros((size_t)1 << 21, 1);
    REFUSED(trnnsf_spike_graph_simulate(ctx, graph, (size_t)1 << 20, long_input, counts, NULL),
            TRNNSF_E_LIMIT, "neuron 3");
    free(long_input);
    trnnsf_spike_graph_free(graph);
}
END_TEST

START_TEST(maps)
{
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    struct trnnsf_tile_placement_options mesh = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
    struct trnnsf_tile_counts counts = {0};
    trnnsf_spike_graph *graph = NULL;
    trnnsf_tile_map *map = NULL;
    trnnsf_tile_placement *placement = NULL;

    reset();
    OK(create(&graph));
    for (options.rule = 0; options.rule < 4; options.rule++) {
        options.inputs = 1;
        REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_LIMIT,
                "neuron 2 needs 2 rows, a tile has 1");
    }
    REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_INVALID, "rule 4");
    options.rule = 0;
    options.inputs = 0;
    REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_INVALID, "inputs 0");
    options.inputs = 4;
    options.outputs = 65536;
    REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_INVALID, "outputs 65536");
    options.outputs = 1;
    options.steps = 0;
    REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_INVALID, "steps 0");
    options.steps = 1;
    options.cell_joule = -1;
    REFUSED(trnnsf_tile_map_create(ctx, graph, &options, &map), TRNNSF_E_INVALID, "cell_joule");
    REFUSED(trnnsf_tile_map_preset(ctx, 2, &options), TRNNSF_E_INVALID, "preset 2");
    OK(trnnsf_tile_map_preset(ctx, TRNNSF_TILE_RESPARC, &options));
    ck_assert_uint_eq(options.inputs, 64);
    ck_assert_ptr_null(map);
    options.outputs = 1;
    OK(trnnsf_tile_map_create(ctx, graph, &options, &map));
    REFUSED(trnnsf_tile_map_counts(ctx, map, &counts), TRNNSF_E_INVALID, "struct_size");
    mesh.width = 1;
    REFUSED(trnnsf_tile_placement_create(ctx, map, &mesh, &placement), TRNNSF_E_INVALID, "height");
    mesh.height = 1;
    REFUSED(trnnsf_tile_placement_create(ctx, map, &mesh, &placement), TRNNSF_E_LIMIT,
            "no room for 2 tiles");
    mesh.height = mesh.width = 65535;
    REFUSED(trnnsf_tile_placement_create(ctx, map, &mesh, &placement), TRNNSF_E_LIMIT, "2^16");
    mesh.width = 0;
    REFUSED(trnnsf_tile_placement_create(ctx, map, &mesh, &placement), TRNNSF_E_INVALID, "height");
    mesh.height = 0;
    mesh.link_joule = NAN;
    REFUSED(trnnsf_tile_placement_create(ctx, map, &mesh, &placement), TRNNSF_E_INVALID,
            "link_joule");
    ck_assert_ptr_null(placement);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(graph);

    /* Inputs alone: no tile, and a mesh of one router. */
    memset(given.kinds, 0, sizeof given.kinds);
    memset(given.starts, 0, sizeof given.starts);
    OK(create(&graph));
    OK(trnnsf_tile_map_create(ctx, graph, NULL, &map));
    OK(trnnsf_tile_map_check(ctx, map, graph));
    ck_assert_uint_eq(trnnsf_tile_map_tiles(map), 0);
    OK(trnnsf_tile_placement_create(ctx, map, NULL, &placement));
    trnnsf_tile_placement_free(placement);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(graph);
    trnnsf_tile_placement_free(NULL);
    trnnsf_tile_map_free(NULL);
}
END_TEST

static int stop(const struct trnnsf_progress *progress, void *user)
{
    (void)user;
    return strcmp(progress->phase, "tiles") == 0 || strcmp(progress->phase, "placement") == 0;
}

START_TEST(cancelled)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *mine = ctx, *stopped = NULL;
    trnnsf_spike_graph *graph = NULL;
    trnnsf_tile_map *map = NULL;
    trnnsf_tile_placement *placement = NULL;
    uint8_t input[2] = {0, 1}, raster[4] = {7, 7, 7, 7};
    uint32_t counts[4] = {7, 7, 7, 7};

    options.progress = stop;
    OK(trnnsf_context_create(&options, &stopped));
    reset();
    OK(create(&graph));
    ctx = stopped;
    REFUSED(trnnsf_tile_map_create(ctx, graph, NULL, &map), TRNNSF_E_CANCELLED, "tiles");
    ck_assert_ptr_null(map);
    OK(trnnsf_tile_map_create(mine, graph, NULL, &map));
    REFUSED(trnnsf_tile_placement_create(ctx, map, NULL, &placement), TRNNSF_E_CANCELLED,
            "placement");
    ck_assert_ptr_null(placement);
    trnnsf_context_cancel(ctx);
    REFUSED(trnnsf_spike_graph_simulate(ctx, graph, 1, input, counts, raster), TRNNSF_E_CANCELLED,
            "spikes");
    ck_assert_uint_eq(counts[0] + raster[0], 14);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(graph);
    ctx = mine;
    trnnsf_context_free(stopped);
}
END_TEST

/* The same places whatever the threads. */
START_TEST(threads)
{
    struct recipe recipe = {12, 60, 6, 0, 0, 0};
    uint32_t places[2][72], meshes[2][2 * 60];
    trnnsf_context *mine = ctx;

    memset(meshes, 0, sizeof meshes);
    for (uint32_t k = 0; k < 2; k++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        struct trnnsf_tile_map_options tiles = TRNNSF_TILE_MAP_OPTIONS_INIT;
        struct trn_random random;
        trnnsf_tile_map *map = NULL;
        trnnsf_tile_placement *placement = NULL;

        options.threads = 1 + 3 * k;
        ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
        trn_random_init(&random, 61, TRN_RANDOM_TEST, 0);
        trnnsf_spike_graph *graph = random_graph(&random, &recipe);
        tiles.inputs = tiles.outputs = 10;
        OK(trnnsf_tile_map_create(ctx, graph, &tiles, &map));
        memcpy(places[k], trnnsf_tile_map_places(map), sizeof places[k]);
        OK(trnnsf_tile_placement_create(ctx, map, NULL, &placement));
        memcpy(meshes[k], trnnsf_tile_placement_places(placement),
               2 * trnnsf_tile_map_tiles(map) * sizeof(uint32_t));
        trnnsf_tile_placement_free(placement);
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(graph);
        trnnsf_context_free(ctx);
    }
    ctx = mine;
    ck_assert_mem_eq(places[0], places[1], sizeof places[0]);
    ck_assert_mem_eq(meshes[0], meshes[1], sizeof meshes[0]);
}
END_TEST

TCase *hostile_case(void)
{
    TCase *tests = tcase_create("hostile");

    tcase_add_test(tests, graphs);
    tcase_add_test(tests, calls);
    tcase_add_test(tests, maps);
    tcase_add_test(tests, cancelled);
    tcase_add_test(tests, threads);
    return tests;
}
