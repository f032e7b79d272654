/* Decomposed graphs: bounds, counts, the same weights along all paths, the same spikes. */
#include <math.h>

#include "tile/common.h"
#include "tile/graph.h"

static size_t units_of(size_t m, size_t f)
{
    return m <= f ? 1 : (size_t)ceil((double)(m - f) / (double)(f - 1)) + 1;
}

/* Adds what a unit reads, through its sums, to weights[origin]. */
static void collect(const trnnsf_spike_graph *graph, uint32_t unit, double factor, double *weights,
                    uint32_t *found)
{
    for (size_t s = graph->starts[unit]; s < graph->starts[unit + 1]; s++) {
        uint32_t source = graph->sources[s];
        double weight = factor * (double)graph->weights[s];

        if (graph->origins[source] == graph->origins[unit]) {
            collect(graph, source, weight, weights, found);
        } else {
            weights[graph->origins[source]] += weight;
            found[graph->origins[source]]++;
        }
    }
}

/* Every synapse of the neuron once, with its weight; `tolerance` relative. */
static void same_weights(const trnnsf_spike_graph *graph, const trnnsf_spike_graph *units,
                         uint32_t unit, size_t neuron, double tolerance)
{
    double *weights = zeros(graph->n, sizeof *weights);
    uint32_t *found = zeros(graph->n, sizeof *found);
    size_t n_found = 0;

    collect(units, unit, 1, weights, found);
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        double weight = (double)graph->weights[s];

        ck_assert_uint_eq(found[graph->sources[s]], 1);
        ck_assert_double_le(fabs(weights[graph->sources[s]] - weight), tolerance * fabs(weight));
    }
    for (size_t i = 0; i < graph->n; i++)
        n_found += found[i];
    ck_assert_uint_eq(n_found, trn_spike_fan_in(graph, neuron));
    free(found);
    free(weights);
}

static void check_units(const trnnsf_spike_graph *graph, const trnnsf_spike_graph *units,
                        const struct trnnsf_decompose_options *options)
{
    uint32_t *own = own_units(units, graph->n);
    size_t n_units = 0, depth = 0;

    ck_assert_uint_le(trnnsf_spike_graph_fan_in(units), options->fan_in);
    for (size_t i = 0; i < graph->n; i++) {
        size_t m = trn_spike_fan_in(graph, i), count = units_of(m, options->fan_in);

        depth = count > depth ? count : depth;
        for (size_t u = n_units; u < n_units + count; u++)
            ck_assert_uint_eq(units->origins[u], i);
        n_units += count;
        ck_assert_uint_eq(own[i], n_units - 1);
        ck_assert_uint_eq(units->kinds[own[i]], graph->kinds[i]);
        ck_assert_double_eq(units->thresholds[own[i]], graph->thresholds[i]);
        ck_assert_double_eq(units->biases[own[i]], graph->biases[i]);
        ck_assert_double_eq(units->spikes[own[i]], graph->spikes[i]);
        same_weights(graph, units, own[i], i, options->rule == TRNNSF_DECOMPOSE_EXACT ? 0 : 1e-5);
    }
    ck_assert_uint_eq(n_units, units->n);
    if (graph->depth == 1 && options->form == TRNNSF_DECOMPOSE_CHAIN)
        ck_assert_uint_eq(units->depth, depth);
    if (graph->depth == 1 && options->form == TRNNSF_DECOMPOSE_TREE)
        ck_assert_uint_le(units->depth, 1 + (size_t)ceil(log((double)graph->fan_in + 0.5) /
                                                         log((double)options->fan_in)));
    free(own);
}

/* The same spikes at every step, whatever the form. */
static void same_spikes(struct trn_random *random, const trnnsf_spike_graph *graph,
                        const trnnsf_spike_graph *units)
{
    enum { STEPS = 25 };
    uint8_t *input = random_spikes(random, STEPS, graph->n_inputs);
    uint8_t *one = zeros(STEPS * graph->n, 1), *two = zeros(STEPS * units->n, 1);
    uint32_t *counts = zeros(units->n, sizeof *counts), *own = own_units(units, graph->n);

    OK(trnnsf_spike_graph_simulate(ctx, graph, STEPS, input, counts, one));
    OK(trnnsf_spike_graph_simulate(ctx, units, STEPS, input, counts, two));
    for (size_t t = 0; t < STEPS; t++) {
        for (size_t i = 0; i < graph->n; i++)
            ck_assert_uint_eq(one[t * graph->n + i], two[t * units->n + own[i]]);
    }
    free(own);
    free(counts);
    free(two);
    free(one);
    free(input);
}

START_TEST(exact)
{
    struct trn_random random;

    trn_random_init(&random, 31, TRN_RANDOM_TEST, (uint32_t)_i);
    for (uint32_t f = 2; f < 12; f++) {
        struct recipe recipe = {15, 25, 1 + trn_random_below(&random, 30), _i % 3 == 0, _i % 2, 1};
        struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
        trnnsf_spike_graph *graph = random_graph(&random, &recipe), *units = NULL;

        options.fan_in = f;
        options.form = trn_random_below(&random, 2);
        options.order = trn_random_below(&random, 2);
        options.steps = 25 * trn_random_below(&random, 2);
        OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
        check_units(graph, units, &options);
        same_spikes(&random, graph, units);
        trnnsf_spike_graph_free(units);
        trnnsf_spike_graph_free(graph);
    }
}
END_TEST

/* A neuron of seven inputs, F = 3, by hand. */
START_TEST(by_hand)
{
    static const uint32_t kinds[8] = {0, 0, 0, 0, 0, 0, 0, 1}, sources[7] = {0, 1, 2, 3, 4, 5, 6};
    static const size_t starts[9] = {0, 0, 0, 0, 0, 0, 0, 0, 7};
    static const float weights[7] = {1, 2, 3, 4, -5, 6, 7};
    static const double spikes[8] = {4, 4, 4, 4, 4, 4, 4, 4};
    static const uint32_t chain[10] = {0, 1, 2, 7, 3, 4, 8, 5, 6, 0};
    static const uint32_t tree[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0};
    struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL, *units = NULL;

    OK(trnnsf_spike_graph_create(ctx, 8, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    options.fan_in = 3;
    options.steps = 8;
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    ck_assert_uint_eq(units->n, 10);
    ck_assert_mem_eq(units->sources, chain, 9 * sizeof *chain);
    /* 8 (1 - 1/8), 8 (1 - 1/32) */
    ck_assert_double_eq_tol(units->spikes[7], 7, 1e-12);
    ck_assert_double_eq_tol(units->spikes[8], 7.75, 1e-12);
    trnnsf_spike_graph_free(units);
    options.form = TRNNSF_DECOMPOSE_TREE;
    options.steps = 0;
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    ck_assert_mem_eq(units->sources, tree, 9 * sizeof *tree);
    ck_assert_double_eq_tol(units->spikes[8], 12, 1e-12);
    ck_assert_uint_eq(units->depth, 2);
    trnnsf_spike_graph_free(units);

    /* S1 = 2 (1 + 2 + 3) / 2 = 6; S2 = 2 (3 + (4 - 5) / 2) = 5. */
    options.form = TRNNSF_DECOMPOSE_CHAIN;
    options.rule = TRNNSF_DECOMPOSE_SPIKING;
    options.steps = 8;
    options.k = 2;
    static const float scaled[9] = {1.0F / 6, 2.0F / 6, 3.0F / 6, 6.0F / 5, 4.0F / 5,
                                    -1.0F,    5,        6,        7};
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    for (size_t s = 0; s < 9; s++)
        ck_assert_float_eq_tol(units->weights[s], scaled[s], 1e-6F);
    ck_assert_double_eq_tol(units->spikes[7], 8 * 3 / 6.0, 1e-12);
    ck_assert_double_eq_tol(units->spikes[8], 8 * 2.5 / 5, 1e-12);
    ck_assert_uint_eq(units->kinds[8], TRNNSF_SPIKE_NEURON);
    trnnsf_spike_graph_free(units);

    /* Samples, not the graph's own spikes: twice as many. */
    double samples[2 * 8] = {0};
    for (size_t i = 0; i < 8; i++)
        samples[8 + i] = 8;
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 2, samples, &units));
    ck_assert_float_eq_tol(units->weights[0], 1.0F / 12, 1e-6F);
    ck_assert_double_eq_tol(units->spikes[7], 8 * 3 / 12.0, 1e-12);
    trnnsf_spike_graph_free(units);
    trnnsf_spike_graph_free(graph);
}
END_TEST

/* Spikes of one layer over many steps beside those of its units; the mean of |difference| / steps.
 * `clipped`: neurons whose count differs by more than one per unit on the way, as a unit that
 * cannot pass on a negative sum makes it. */
static double rate_error(struct trn_random *random, uint32_t order, double *out_most)
{
    enum { STEPS = 2000, INPUTS = 30, NEURONS = 20, ALL = INPUTS + NEURONS };
    struct recipe recipe = {INPUTS, NEURONS, 25, 1, 0, 0};
    struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = random_graph(random, &recipe), *units = NULL;
    uint8_t *input = zeros((size_t)STEPS * INPUTS, 1);
    uint32_t before[ALL], *after;
    double spikes[ALL], sum = 0;

    for (size_t i = 0; i < INPUTS; i++) {
        double rate = trn_random_double(random) / 8;

        for (size_t t = 0; t < STEPS; t++)
            input[t * INPUTS + i] = trn_random_double(random) < rate;
    }
    OK(trnnsf_spike_graph_simulate(ctx, graph, STEPS, input, before, NULL));
    for (size_t i = 0; i < ALL; i++)
        spikes[i] = before[i];
    OK(trnnsf_spike_graph_set_spikes(ctx, graph, spikes));
    options.fan_in = 4;
    options.rule = TRNNSF_DECOMPOSE_SPIKING;
    options.order = order;
    options.steps = STEPS;
    OK(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    check_units(graph, units, &options);
    after = zeros(units->n, sizeof *after);
    OK(trnnsf_spike_graph_simulate(ctx, units, STEPS, input, after, NULL));
    uint32_t *own = own_units(units, graph->n);
    *out_most = 0;
    for (size_t i = INPUTS; i < ALL; i++) {
        double error = fabs((double)before[i] - (double)after[own[i]]) / STEPS;

        sum += error;
        *out_most = fmax(*out_most, error);
    }
    free(own);
    free(after);
    free(input);
    trnnsf_spike_graph_free(units);
    trnnsf_spike_graph_free(graph);
    return sum / NEURONS;
}

START_TEST(spiking)
{
    struct trn_random random;
    double given = 0, with_sign = 0, most, worst = 0;

    trn_random_init(&random, 33, TRN_RANDOM_TEST, 0);
    for (size_t k = 0; k < 10; k++) {
        given += rate_error(&random, TRNNSF_DECOMPOSE_GIVEN, &most) / 10;
        with_sign += rate_error(&random, TRNNSF_DECOMPOSE_SIGNED, &most) / 10;
        worst = fmax(worst, most);
    }
    ck_assert_msg(with_sign < 0.01 && worst < 0.1 && given < 0.2 && with_sign < given,
                  "mean %g, largest %g; in the order given %g", with_sign, worst, given);
}
END_TEST

TCase *decompose_case(void)
{
    TCase *tests = tcase_create("decompose");

    tcase_add_loop_test(tests, exact, 0, 24);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, spiking);
    return tests;
}
