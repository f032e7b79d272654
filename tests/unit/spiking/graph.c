/* Spiking networks as graphs for tiles: the run's spikes, before and after decomposition. */
#include <stdlib.h>

#include "spiking/common.h"

enum { STEPS = 40 };

static struct trnnsf_spike_run_options way_of(uint32_t coding, uint32_t readout)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;

    way.steps = STEPS;
    way.coding = coding;
    way.readout = readout;
    way.seed = 5;
    return way;
}

static trnnsf_spike_graph *graph_of(const trnnsf_spiking *spiking,
                                    const trnnsf_spike_record *record)
{
    trnnsf_spike_graph *graph = NULL;

    OK(trnnsf_spiking_graph(ctx, spiking, record, &graph));
    return graph;
}

/* Spikes a sample and classes are those of the network's own run. */
static void assert_runs_as(const struct scene *scene, const trnnsf_spike_graph *graph,
                           const trnnsf_spike_record *record,
                           const struct trnnsf_spike_run_options *way)
{
    size_t n = trnnsf_spike_graph_neurons(graph), i = 0, count;
    double *spikes = calloc(n, sizeof *spikes);
    uint32_t classes[SAMPLES], *counts = calloc(SAMPLES * scene->n_out, sizeof *counts);

    OK(trnnsf_spiking_graph_run(ctx, scene->spiking, graph, SAMPLES, scene->inputs, way, classes,
                                counts, spikes));
    ck_assert_mem_eq(classes, trnnsf_spike_record_classes(record), sizeof classes);
    for (size_t l = 0; l <= 3; l++) {
        const uint64_t *expected = trnnsf_spike_record_spikes(record, l, &count);

        for (size_t k = 0; k < count; k++, i++) {
            if (l > 0 || way->coding != TRNNSF_CODING_CURRENT)
                ck_assert_double_eq_tol(spikes[i] * SAMPLES, (double)expected[k], 1e-9);
            ck_assert_double_eq_tol(spikes[i], trnnsf_spike_graph_spikes(graph)[i], 1e-9);
        }
    }
    ck_assert_uint_eq(i, n);
    for (size_t o = 0; o < scene->n_out; o++) {
        uint64_t sum = 0;

        for (size_t s = 0; s < SAMPLES; s++)
            sum += counts[s * scene->n_out + o];
        ck_assert_uint_eq(sum, trnnsf_spike_record_spikes(record, 3, NULL)[o]);
    }
    free(counts);
    free(spikes);
}

START_TEST(same_spikes)
{
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        struct scene scene = make_scene(kind, 20 + (uint64_t)_i, NULL);
        const struct trnnsf_spike_run_options way = way_of((uint32_t)_i % 3, (uint32_t)_i / 3);
        trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
        trnnsf_spike_graph *graph = graph_of(scene.spiking, record);

        assert_runs_as(&scene, graph, record, &way);
        trnnsf_spike_graph_free(graph);
        trnnsf_spike_record_free(record);
        free_scene(&scene);
    }
}
END_TEST

/* The plain simulator on the spikes of one sample's inputs. */
START_TEST(plain_simulator)
{
    const struct trnnsf_spike_run_options way =
        way_of(TRNNSF_CODING_POISSON, TRNNSF_READOUT_SPIKES);
    struct scene scene = make_scene(1, 31, NULL);
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    trnnsf_spike_graph *graph = graph_of(scene.spiking, record);
    size_t n = trnnsf_spike_graph_neurons(graph), first = 0;
    uint8_t *trains = malloc(STEPS * n), *input = malloc(STEPS * scene.n_in);
    uint8_t *raster = malloc(STEPS * n);
    uint32_t *counts = malloc(n * sizeof *counts);

    OK(trnnsf_spiking_trains(ctx, scene.spiking, scene.inputs, &way, 0, trains));
    for (size_t i = 0; i < scene.n_in; i++) {
        for (size_t t = 0; t < STEPS; t++)
            input[t * scene.n_in + i] = trains[i * STEPS + t];
    }
    OK(trnnsf_spike_graph_simulate(ctx, graph, STEPS, input, counts, raster));
    for (size_t l = 0; l <= 3; l++) {
        size_t count;

        trnnsf_spike_record_spikes(record, l, &count);
        OK(trnnsf_spiking_trains(ctx, scene.spiking, scene.inputs, &way, l, trains));
        for (size_t k = 0; k < count * STEPS; k++)
            ck_assert_uint_eq(trains[k], raster[k % STEPS * n + first + k / STEPS]);
        first += count;
    }
    free(counts);
    free(raster);
    free(input);
    free(trains);
    trnnsf_spike_graph_free(graph);
    trnnsf_spike_record_free(record);
    free_scene(&scene);
}
END_TEST

/* Exactly decomposed, whatever the code and the cut: the same classes and counts. */
START_TEST(decomposed)
{
    struct scene scene = make_scene((uint32_t)_i % KINDS, 40, NULL);
    const struct trnnsf_spike_run_options way = way_of((uint32_t)_i % 3, TRNNSF_READOUT_SPIKES);
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    trnnsf_spike_graph *graph = graph_of(scene.spiking, record);
    struct trnnsf_decompose_options cut = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    uint32_t one[SAMPLES], two[SAMPLES];
    uint32_t *counts = calloc(2 * SAMPLES * scene.n_out, sizeof *counts);

    OK(trnnsf_spiking_graph_run(ctx, scene.spiking, graph, SAMPLES, scene.inputs, &way, one, counts,
                                NULL));
    for (uint32_t k = 0; k < 4; k++) {
        trnnsf_spike_graph *units = NULL;

        cut.fan_in = 9;
        cut.form = k % 2;
        cut.cut = k / 2;
        OK(trnnsf_spike_graph_decompose(ctx, graph, &cut, 0, NULL, &units));
        OK(trnnsf_spiking_graph_run(ctx, scene.spiking, units, SAMPLES, scene.inputs, &way, two,
                                    counts + SAMPLES * scene.n_out, NULL));
        ck_assert_mem_eq(one, two, sizeof one);
        ck_assert_mem_eq(counts, counts + SAMPLES * scene.n_out,
                         SAMPLES * scene.n_out * sizeof *counts);
        trnnsf_spike_graph_free(units);
    }
    free(counts);
    trnnsf_spike_graph_free(graph);
    trnnsf_spike_record_free(record);
    free_scene(&scene);
}
END_TEST

START_TEST(refused)
{
    struct trnnsf_spiking_options leaky = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = way_of(TRNNSF_CODING_POISSON, TRNNSF_READOUT_SPIKES);
    struct scene scene = make_scene(0, 50, NULL), other;
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    trnnsf_spike_graph *graph = NULL, *one = NULL;
    static const uint32_t kinds[2] = {0, 1}, sources[1] = {0};
    static const size_t starts[3] = {0, 0, 1};
    static const float weights[1] = {1};
    static const double spikes[2] = {1, 1};
    uint32_t classes[SAMPLES];

    leaky.leak = 0.1;
    other = make_scene(0, 50, &leaky);
    ck_assert_int_eq(trnnsf_spiking_graph(ctx, other.spiking, record, &graph),
                     TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_spiking_graph(NULL, scene.spiking, record, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_graph(ctx, scene.spiking, NULL, &graph), TRNNSF_E_INVALID);
    ck_assert_ptr_null(graph);
    graph = graph_of(scene.spiking, record);
    OK(trnnsf_spike_graph_create(ctx, 2, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &one));
    ck_assert_int_eq(trnnsf_spiking_graph_run(ctx, scene.spiking, one, SAMPLES, scene.inputs, &way,
                                              classes, NULL, NULL),
                     TRNNSF_E_MISMATCH);
    way.patience = 1;
    ck_assert_int_eq(trnnsf_spiking_graph_run(ctx, scene.spiking, graph, SAMPLES, scene.inputs,
                                              &way, classes, NULL, NULL),
                     TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_spiking_graph_run(ctx, scene.spiking, graph, 0, scene.inputs, NULL,
                                              classes, NULL, NULL),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_graph_run(NULL, scene.spiking, graph, 1, scene.inputs, NULL,
                                              classes, NULL, NULL),
                     TRNNSF_E_INVALID);
    trnnsf_spike_graph_free(one);
    trnnsf_spike_graph_free(graph);
    trnnsf_spike_record_free(record);
    free_scene(&other);
    free_scene(&scene);
}
END_TEST

TCase *graph_case(void)
{
    TCase *tests = tcase_create("graph");

    tcase_add_loop_test(tests, same_spikes, 0, 6);
    tcase_add_test(tests, plain_simulator);
    tcase_add_loop_test(tests, decomposed, 0, 12);
    tcase_add_test(tests, refused);
    return tests;
}
