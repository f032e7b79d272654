/* Graphs, trimming, the simulator against floating-point loops. */
#include <math.h>

#include "tile/common.h"
#include "tile/graph.h"

START_TEST(of_network)
{
    static const size_t sizes[] = {5, 4, 3};
    double spikes[12], thresholds[12];
    trnnsf_network *network = NULL;
    trnnsf_spike_graph *graph = NULL;

    for (size_t i = 0; i < 12; i++) {
        spikes[i] = (double)i;
        thresholds[i] = 1 + (double)i / 8;
    }
    OK(trnnsf_network_create(ctx, sizes, 3, NULL, &network));
    OK(trnnsf_spike_graph_of_network(ctx, network, spikes, thresholds, &graph));
    ck_assert_uint_eq(trnnsf_spike_graph_neurons(graph), 12);
    ck_assert_uint_eq(trnnsf_spike_graph_inputs(graph), 5);
    ck_assert_uint_eq(trnnsf_spike_graph_synapses(graph), 32);
    ck_assert_uint_eq(trnnsf_spike_graph_fan_in(graph), 5);
    ck_assert_uint_eq(trnnsf_spike_graph_depth(graph), 2);
    for (size_t l = 0, first = 5, synapse = 0; l < 2; first += sizes[++l]) {
        const float *weights = trnnsf_network_weights(network, l);

        for (size_t w = 0; w < sizes[l] * sizes[l + 1]; w++, synapse++) {
            ck_assert_float_eq(trnnsf_spike_graph_weights(graph)[synapse], weights[w]);
            ck_assert_uint_eq(trnnsf_spike_graph_sources(graph)[synapse],
                              first - sizes[l] + w % sizes[l]);
        }
    }
    ck_assert_mem_eq(trnnsf_spike_graph_spikes(graph), spikes, sizeof spikes);
    ck_assert_mem_eq(trnnsf_spike_graph_thresholds(graph), thresholds, sizeof thresholds);
    trnnsf_spike_graph_free(graph);
    trnnsf_network_free(network);
}
END_TEST

/* How many synapses of the neuron are driven more, or as much and stand before. */
static size_t rank_of(const struct trnnsf_spike_graph *graph, size_t neuron, size_t synapse)
{
    size_t rank = 0;
    double own = fabs((double)graph->weights[synapse]) * graph->spikes[graph->sources[synapse]];

    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        double drive = fabs((double)graph->weights[s]) * graph->spikes[graph->sources[s]];

        rank += drive > own || (!(drive < own) && s < synapse);
    }
    return rank;
}

START_TEST(trim)
{
    struct trn_random random;
    struct recipe recipe = {12, 20, 15, 0, _i % 2, 1};

    trn_random_init(&random, 21, TRN_RANDOM_TEST, (uint32_t)_i);
    for (uint32_t limit = 1; limit < 16; limit += 3) {
        trnnsf_spike_graph *graph = random_graph(&random, &recipe), *less = NULL;
        uint32_t rule = limit % 2;
        size_t next = 0, n_all = trnnsf_spike_graph_synapses(graph);
        double share = 7, drive = 7, all = 0, kept = 0;

        OK(trnnsf_spike_graph_trim(ctx, graph, limit, rule, &less, &share, &drive));
        ck_assert_uint_le(trnnsf_spike_graph_fan_in(less), limit);
        for (size_t i = 0; i < graph->n; i++) {
            for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
                size_t rank = rule ? rank_of(graph, i, s) : s - graph->starts[i];
                double value = fabs((double)graph->weights[s]) * graph->spikes[graph->sources[s]];

                all += value;
                if (rank >= limit)
                    continue;
                kept += value;
                ck_assert_uint_eq(less->sources[next], graph->sources[s]);
                ck_assert_float_eq(less->weights[next++], graph->weights[s]);
            }
            ck_assert_uint_eq(less->starts[i + 1], next);
        }
        ck_assert_double_eq_tol(share, (double)(n_all - next) / (double)n_all, 1e-12);
        ck_assert_double_eq_tol(drive, 1 - kept / all, 1e-12);
        trnnsf_spike_graph_free(less);
        trnnsf_spike_graph_free(graph);
    }
}
END_TEST

/* One neuron after the other in doubles; values are exact there, so all must agree. */
START_TEST(simulator)
{
    enum { STEPS = 40 };
    struct trn_random random;
    struct recipe recipe = {10, 25, 9, 0, _i % 2, 1};

    trn_random_init(&random, 22, TRN_RANDOM_TEST, (uint32_t)_i);
    trnnsf_spike_graph *graph = random_graph(&random, &recipe);
    uint8_t *input = random_spikes(&random, STEPS, 10), *raster = zeros(STEPS * 35, 1);
    uint8_t *known = zeros(STEPS * 35, 1);
    uint32_t counts[35];

    OK(trnnsf_spike_graph_simulate(ctx, graph, STEPS, input, counts, raster));
    for (size_t k = 0; k < 35; k++) {
        /* By the recipe a neuron's sources are all before it, or all behind it. */
        size_t i = recipe.reversed ? 34 - k : k, input_index = recipe.reversed ? i - 25 : i;
        double potential = 0;
        uint32_t count = 0;

        for (size_t t = 0; t < STEPS; t++) {
            if (graph->kinds[i] == TRNNSF_SPIKE_INPUT) {
                known[t * 35 + i] = input[t * 10 + input_index];
            } else {
                potential += graph->biases[i];
                for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
                    potential += (double)graph->weights[s] * known[t * 35 + graph->sources[s]];
                known[t * 35 + i] = potential >= graph->thresholds[i];
                potential -= known[t * 35 + i] * graph->thresholds[i];
            }
            count += known[t * 35 + i];
        }
        ck_assert_uint_eq(counts[i], count);
    }
    ck_assert_mem_eq(raster, known, STEPS * 35);
    free(known);
    free(raster);
    free(input);
    trnnsf_spike_graph_free(graph);
}
END_TEST

TCase *graph_case(void)
{
    TCase *tests = tcase_create("graph");

    tcase_add_test(tests, of_network);
    tcase_add_loop_test(tests, trim, 0, 6);
    tcase_add_loop_test(tests, simulator, 0, 8);
    return tests;
}
