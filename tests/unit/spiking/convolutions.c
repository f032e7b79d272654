/* Spiking networks of graphs: against each node's formula at each step in double precision, threads,
 * rates against activations, what is refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/fold.h"
#include "network/graph_reference.h"
#include "network/graph_scenes.h"
#include "sim/common/activity.h"
#include "sim/spiking/run.h"
#include "spiking/convolution_scenes.h"

enum { STEPS = 40, LAYERS_MOST = 8, JUDGED = 5 };

/* Potentials so close to the threshold may be on the other side of it after rounding. */
static const double close_call = 2e-5;

struct judge {
    const struct trnnsf_spiking *spiking;
    const struct trnnsf_spike_run_options *options;
    struct graph_reference nodes; /* of the folded network, whose activations are taken away */
    trnnsf_network *network;
    size_t n_firing;
    uint32_t firing[LAYERS_MOST + 1]; /* nodes */
    double *potential[LAYERS_MOST + 1];
    uint8_t *trains[LAYERS_MOST + 1]; /* [neurons x STEPS] of the simulator */
};

static size_t size_of(const struct judge *judge, size_t f)
{
    return trn_shape_size(&judge->network->graph.nodes[judge->firing[f]].shape);
}

static void judge_init(struct judge *judge, const struct scene *scene,
                       const struct trnnsf_spike_run_options *options)
{
    struct trn_graph *graph;

    *judge = (struct judge){.spiking = scene->spiking, .options = options};
    OK(trn_network_fold(ctx, scene->network, &judge->network));
    graph = &judge->network->graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (i == 0 || i + 1 == graph->n_nodes || graph->nodes[i].options.activation)
            judge->firing[judge->n_firing++] = (uint32_t)i;
        graph->nodes[i].options.activation = TRNNSF_ACTIVATION_LINEAR;
    }
    ck_assert_uint_eq(judge->n_firing, trnnsf_spiking_layers(scene->spiking) + 1);
    for (size_t f = 0; f < judge->n_firing; f++) {
        judge->potential[f] = calloc(size_of(judge, f), sizeof(double));
        judge->trains[f] = calloc(size_of(judge, f), STEPS);
    }
    graph_reference_init(&judge->nodes, judge->network, 1, false);
}

static void judge_free(struct judge *judge)
{
    graph_reference_free(&judge->nodes);
    for (size_t f = 0; f < judge->n_firing; f++) {
        free(judge->potential[f]);
        free(judge->trains[f]);
    }
    trnnsf_network_free(judge->network);
}

/* What the input node shows at a step. `seen`: it has spiked. */
static void set_inputs(const struct judge *judge, size_t sample, const float *sizes, uint32_t t,
                       uint8_t *seen)
{
    const struct trn_spike_job job = {.spiking = judge->spiking, .options = judge->options};
    double scale = trnnsf_spiking_scale(judge->spiking, 0);
    uint32_t masks[IMAGE], left = judge->options->steps - t / 32 * 32;

    trn_spike_encode(&job, sample, sizes, t / 32 * 32, left < 32 ? left : 32, masks);
    for (size_t i = 0; i < IMAGE; i++) {
        bool spikes = masks[i] >> t % 32 & 1;
        double sign = sizes[i] < 0 ? -1 : 1, *to = &judge->nodes.values[0][i];

        seen[i] |= spikes;
        if (judge->options->coding == TRNNSF_CODING_CURRENT)
            *to = (double)sizes[i] * scale;
        else if (judge->options->coding == TRNNSF_CODING_POISSON)
            *to = spikes * sign * scale;
        else
            *to = seen[i] * sign * scale;
    }
}

/* The node's sums are there: its neurons take them and fire. False: it is not certain who does. */
static bool fire(const struct judge *judge, size_t f, uint32_t t)
{
    const struct trnnsf_spiking_options *o = &judge->spiking->options;
    bool is_last = f + 1 == judge->n_firing;
    bool fires = !is_last || judge->options->readout == TRNNSF_READOUT_SPIKES;
    double scale = trnnsf_spiking_scale(judge->spiking, f), *v = judge->potential[f];
    double *values = judge->nodes.values[judge->firing[f]];

    for (size_t i = 0; i < size_of(judge, f); i++) {
        uint8_t spikes;

        v[i] = (1 - o->leak) * v[i] + values[i] / scale;
        /* Exactly 1: what is constant and the percentile itself. */
        if (fires && v[i] != 1 && fabs(v[i] - 1) < close_call)
            return false;
        spikes = fires && v[i] >= 1;
        ck_assert_msg(spikes == judge->trains[f][i * judge->options->steps + t],
                      "neuron %zu of layer %zu at step %u: %g", i, f, t, v[i]);
        if (spikes)
            v[i] = o->reset == TRNNSF_RESET_ZERO ? 0 : v[i] - 1;
        values[i] = spikes * scale;
    }
    return true;
}

/* Steps that were certain. */
static uint32_t judge_sample(const struct judge *judge, size_t sample, const float *inputs)
{
    float sizes[IMAGE];
    uint8_t seen[IMAGE] = {0};

    trn_spike_sizes(judge->spiking, inputs, sizes);
    for (size_t f = 0; f < judge->n_firing; f++) {
        OK(trnnsf_spiking_trains(ctx, judge->spiking, inputs, judge->options, f, judge->trains[f]));
        for (size_t i = 0; i < size_of(judge, f); i++)
            judge->potential[f][i] = (float)judge->spiking->options.initial;
    }
    for (uint32_t t = 0; t < judge->options->steps; t++) {
        set_inputs(judge, sample, sizes, t, seen);
        for (size_t node = 1, f = 1; node < judge->network->graph.n_nodes; node++) {
            graph_reference_node((struct graph_reference *)&judge->nodes, node);
            if (judge->firing[f] == node && !fire(judge, f++, t))
                return t;
        }
    }
    return judge->options->steps;
}

/* All kinds of graphs, codes, resets and readouts. A sample of a run alone is number 0. */
START_TEST(equals_formulas)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    uint32_t kind = (uint32_t)_i % GRAPH_KINDS, turn = (uint32_t)_i / GRAPH_KINDS, certain = 0;
    struct judge judge;

    options.reset = turn & 1;
    options.leak = turn & 2 ? 0.125 : 0;
    options.percentile = turn & 2 ? 100 : 90;
    options.balance = turn == 4;
    way.coding = turn % 3;
    way.readout = turn / 2 % 2;
    way.steps = STEPS;
    way.seed = turn;
    struct scene scene = make_graph_scene(kind, turn, &options);
    judge_init(&judge, &scene, &way);
    for (size_t s = 0; s < JUDGED; s++)
        certain += judge_sample(&judge, 0, scene.inputs + s * IMAGE);
    ck_assert_uint_gt(certain, JUDGED * STEPS / 2);
    judge_free(&judge);
    free_scene(&scene);
}
END_TEST

/* Neither threads nor the place in a call show. */
START_TEST(same_bits)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *own = ctx;
    struct scene first;
    trnnsf_spike_record *one = NULL;

    way.coding = (uint32_t)_i / GRAPH_KINDS;
    way.patience = 5;
    for (uint32_t t = 1; t <= 3; t++) {
        trnnsf_spike_record *other;
        struct scene scene;

        threads.threads = t;
        OK(trnnsf_context_create(&threads, &ctx));
        scene = make_graph_scene((uint32_t)_i % GRAPH_KINDS, 9, NULL);
        other = run(scene.spiking, &scene, &way);
        trnnsf_context_free(ctx);
        if (t == 1) {
            first = scene;
            one = other;
            continue;
        }
        assert_same(one, other, trnnsf_spiking_layers(first.spiking));
        trnnsf_spike_record_free(other);
        free_scene(&scene);
    }
    trnnsf_spike_record_free(one);
    free_scene(&first);
    ctx = own;
}
END_TEST

/* After many steps rates are the activations, but for what is clipped: nothing, at percentile 100. */
START_TEST(rates_are_activations)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_rate_report reports[LAYERS_MOST];
    size_t n;

    options.percentile = 100;
    way.steps = 2000;
    struct scene scene = make_graph_scene((uint32_t)_i, 5, &options);
    n = trnnsf_spiking_layers(scene.spiking);
    for (size_t l = 0; l < n; l++)
        reports[l].struct_size = sizeof reports[l];
    OK(trnnsf_spiking_compare(ctx, scene.spiking, scene.network, SAMPLES, scene.inputs, &way,
                              reports));
    for (size_t l = 0; l + 1 < n; l++) {
        ck_assert_double_lt(reports[l].error, 0.01);
        ck_assert_double_gt(reports[l].activation, 0.005);
        ck_assert_double_lt(reports[l].clipped, 1e-9);
    }
    free_scene(&scene);
}
END_TEST

static void refuse(trnnsf_graph *graph, const char *what)
{
    trnnsf_network *network;
    trnnsf_dataset *dataset;
    trnnsf_spiking *out = NULL;
    float values[IMAGE] = {1};
    const uint32_t label = 0;

    OK(trnnsf_network_build(ctx, graph, NULL, &network));
    OK(trnnsf_dataset_create(ctx, 2, 8, 8, GRAPH_OUTPUTS, &dataset));
    OK(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, 1, values, &label));
    ck_assert_int_eq(trnnsf_spiking_convert(ctx, network, dataset, NULL, &out),
                     TRNNSF_E_UNSUPPORTED);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), what), "%s", trnnsf_context_error(ctx));
    ck_assert_ptr_null(out);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
}

static trnnsf_graph *begin(void)
{
    trnnsf_graph *graph;

    OK(trnnsf_graph_create(ctx, 2, 8, 8, &graph));
    return graph;
}

START_TEST(refused_nodes)
{
    struct trnnsf_node_options pool = node_pool(TRNNSF_NODE_MEAN_POOL, 3, 1);
    trnnsf_graph *graph = begin();
    uint32_t last = add_node(ctx, graph, 0, node_convolution(3, 3, 1, TRNNSF_ACTIVATION_RELU));

    last = add_node(ctx, graph, last, node_pool(TRNNSF_NODE_MAX_POOL, 2, 2));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, 0));
    refuse(graph, "node 2 is a max pool");

    graph = begin();
    last = add_node(ctx, graph, 0, node_convolution(3, 3, 1, TRNNSF_ACTIVATION_LEAKY_RELU));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, 0));
    refuse(graph, "node 1 has activation 6");

    graph = begin();
    last = add_node(ctx, graph, 0, node_convolution(3, 3, 1, TRNNSF_ACTIVATION_LINEAR));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, 0));
    refuse(graph, "node 2 reads sums that have no activation");

    graph = begin();
    pool.pad_top = 1;
    last = add_node(ctx, graph, 0, pool);
    last = add_node(ctx, graph, last, node_convolution(3, 3, 1, TRNNSF_ACTIVATION_RELU));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, 0));
    refuse(graph, "node 1: values of its channel 0 are sums with shares of");

    graph = begin();
    pool.pad_top = 0;
    pool.activation = TRNNSF_ACTIVATION_RELU;
    last = add_node(ctx, graph, 0, node_convolution(3, 3, 1, TRNNSF_ACTIVATION_LINEAR));
    last = add_node(ctx, graph, last, pool);
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, 0));
    refuse(graph, "node 1 has no activation, and several values behind it");
}
END_TEST

/* What takes chains alone says so. */
START_TEST(refused_calls)
{
    struct scene scene = make_graph_scene(0, 3, NULL);
    struct trnnsf_rate_report reports[LAYERS_MOST] = {{.struct_size = sizeof reports[0]}};
    trnnsf_spike_record *record = run(scene.spiking, &scene, NULL);
    trnnsf_spike_graph *graph = NULL;
    struct scene other = make_graph_scene(1, 3, NULL);

    ck_assert_int_eq(trnnsf_spiking_graph(ctx, scene.spiking, record, &graph),
                     TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_spiking_compare(ctx, scene.spiking, other.network, 1, scene.inputs,
                                            NULL, reports),
                     TRNNSF_E_MISMATCH);
    trnnsf_spike_record_free(record);
    free_scene(&other);
    free_scene(&scene);
}
END_TEST

/* What a pool's pixel brings to the crossbars are its four neurons' spikes; and a cost takes it. */
START_TEST(activity_of_spikes)
{
    struct scene scene = make_graph_scene((uint32_t)_i, 4, NULL);
    trnnsf_spike_record *record = run(scene.spiking, &scene, NULL);
    const uint64_t *spikes = trnnsf_spike_record_spikes(record, 1, NULL);
    trnnsf_network *folded;
    trnnsf_activity *activity;
    trnnsf_mapping *mapping;
    trnnsf_tech *tech;
    trnnsf_cost *cost;
    size_t count;

    OK(trnnsf_network_fold(ctx, scene.network, &folded));
    OK(trnnsf_spike_record_activity(ctx, record, &activity));
    for (size_t l = 0; l < trnnsf_network_layers(folded); l++) {
        const float *rate = trnnsf_activity_rate(activity, l, &count);

        ck_assert_uint_eq(count, trn_activity_values(folded, l));
        for (size_t v = 0; _i == 0 && l == 1 && v < count; v++) {
            size_t corner = (v / 4 * 2) * 8 + v % 4 * 2;
            uint64_t sum = spikes[corner] + spikes[corner + 1] + spikes[corner + 8] +
                           spikes[corner + 9];

            ck_assert_double_eq_tol((double)rate[v], fmin(1, (double)sum / (32.0 * SAMPLES)), 1e-6);
        }
    }
    ck_assert_ptr_null(trnnsf_activity_rate(activity, trnnsf_network_layers(folded), NULL));
    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_mapping_create(ctx, folded, tech, NULL, &mapping));
    OK(trnnsf_cost_evaluate(ctx, mapping, tech, activity, &cost));
    ck_assert_double_gt(trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL), 0);
    trnnsf_cost_free(cost);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_activity_free(activity);
    trnnsf_network_free(folded);
    trnnsf_spike_record_free(record);
    free_scene(&scene);
}
END_TEST

/* The crossbars of kernel columns, groups side by side, do not show. */
START_TEST(same_on_crossbars)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct scene scene = make_graph_scene((uint32_t)_i, 7, NULL), other;
    trnnsf_spike_record *one, *two;
    trnnsf_spiking *mapped = NULL, *none = NULL;
    trnnsf_network *folded;
    trnnsf_mapping *mapping;
    trnnsf_tech *tech, *shaped;

    way.coding = (uint32_t)_i % 3;
    way.traffic = 1;
    options.rule = _i % 2 ? TRNNSF_MAP_PRUNED : TRNNSF_MAP_CLUSTERED;
    OK(trnnsf_network_fold(ctx, scene.network, &folded));
    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_tech_with_shapes(ctx, tech, "12x8", &shaped));
    OK(trnnsf_mapping_create(ctx, folded, shaped, &options, &mapping));
    OK(trnnsf_spiking_map(ctx, scene.spiking, mapping, &mapped));
    one = run(scene.spiking, &scene, &way);
    two = run(mapped, &scene, &way);
    assert_same(one, two, trnnsf_spiking_layers(mapped));

    other = make_graph_scene(((uint32_t)_i + 1) % GRAPH_KINDS, 7, NULL);
    ck_assert_int_eq(trnnsf_spiking_map(ctx, other.spiking, mapping, &none), TRNNSF_E_MISMATCH);
    trnnsf_mapping_free(mapping);
    options.scheme = TRNNSF_MAP_UNROLLED;
    OK(trnnsf_mapping_create(ctx, folded, shaped, &options, &mapping));
    ck_assert_int_eq(trnnsf_spiking_map(ctx, scene.spiking, mapping, &none), TRNNSF_E_UNSUPPORTED);
    trnnsf_mapping_free(mapping);
    options.scheme = TRNNSF_MAP_KERNEL_COLUMN;
    for (size_t k = 0; k < folded->layers[0].n_in * folded->layers[0].n_out; k++)
        folded->layers[0].weights[k] *= 1e9f;
    OK(trnnsf_mapping_create(ctx, folded, shaped, &options, &mapping));
    ck_assert_int_eq(trnnsf_spiking_map(ctx, scene.spiking, mapping, &none), TRNNSF_E_MISMATCH);
    ck_assert_ptr_null(none);
    trnnsf_spike_record_free(one);
    trnnsf_spike_record_free(two);
    trnnsf_spiking_free(mapped);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(shaped);
    trnnsf_tech_free(tech);
    trnnsf_network_free(folded);
    free_scene(&other);
    free_scene(&scene);
}
END_TEST

/* A graph that NIR has words for comes back with the same spikes, as lists of synapses. */
START_TEST(written_and_read)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_spike_record *one, *other;
    trnnsf_spiking *read;
    trnnsf_nir *nir;

    options.reset = (uint32_t)_i & 1;
    options.leak = _i & 2 ? 0.25 : 0;
    way.coding = (uint32_t)_i % 3;
    struct scene scene = make_graph_scene(GRAPH_KIND_NIR, (uint64_t)_i, &options);
    OK(trnnsf_nir_of_spiking(ctx, scene.spiking, NULL, &nir));
    OK(trnnsf_nir_to_spiking(ctx, nir, NULL, &read));
    ck_assert_uint_eq(trnnsf_spiking_layers(read), trnnsf_spiking_layers(scene.spiking));
    one = run(scene.spiking, &scene, &way);
    other = run(read, &scene, &way);
    assert_same(one, other, trnnsf_spiking_layers(read));
    trnnsf_spike_record_free(one);
    trnnsf_spike_record_free(other);
    trnnsf_spiking_free(read);
    trnnsf_nir_free(nir);
    free_scene(&scene);
}
END_TEST

START_TEST(not_written)
{
    static const char *const why[] = {"node 1 is a convolution with uneven padding",
                                      "does not get the spikes of the layer before alone"};
    struct scene scene = make_graph_scene((uint32_t)_i, 3, NULL);
    trnnsf_nir *nir = NULL;

    ck_assert_int_eq(trnnsf_nir_of_spiking(ctx, scene.spiking, NULL, &nir), TRNNSF_E_UNSUPPORTED);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), why[_i]), "%s", trnnsf_context_error(ctx));
    ck_assert_ptr_null(nir);
    free_scene(&scene);
}
END_TEST

/* Fully connected layers with batch norms are a chain, folded, and all that chains are. */
START_TEST(perceptrons_are_chains)
{
    trnnsf_graph *graph = begin();
    trnnsf_network *network;
    struct scene scene = make_graph_scene(0, 2, NULL);
    trnnsf_spiking *spiking;
    trnnsf_nir *nir;
    uint32_t last = add_node(ctx, graph, 0, node_dense(30, TRNNSF_ACTIVATION_LINEAR));

    last = add_node(ctx, graph, last, node_of_kind(TRNNSF_NODE_BATCH_NORM, TRNNSF_ACTIVATION_RELU));
    add_node(ctx, graph, last, node_dense(GRAPH_OUTPUTS, TRNNSF_ACTIVATION_SOFTMAX));
    OK(trnnsf_network_build(ctx, graph, NULL, &network));
    OK(trnnsf_spiking_convert(ctx, network, scene.dataset, NULL, &spiking));
    ck_assert(!trn_spiking_is_graph(spiking));
    OK(trnnsf_nir_of_spiking(ctx, spiking, NULL, &nir));
    trnnsf_nir_free(nir);
    trnnsf_spiking_free(spiking);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
    free_scene(&scene);
}
END_TEST

TCase *convolutions_case(void)
{
    TCase *tcase = tcase_create("convolutions");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, equals_formulas, 0, 6 * GRAPH_KINDS);
    tcase_add_loop_test(tcase, same_bits, 0, 3 * GRAPH_KINDS);
    tcase_add_loop_test(tcase, rates_are_activations, 0, GRAPH_KINDS);
    tcase_add_loop_test(tcase, activity_of_spikes, 0, GRAPH_KINDS);
    tcase_add_loop_test(tcase, written_and_read, 0, 6);
    tcase_add_loop_test(tcase, same_on_crossbars, 0, GRAPH_KINDS);
    tcase_add_loop_test(tcase, not_written, 0, 2);
    tcase_add_test(tcase, refused_nodes);
    tcase_add_test(tcase, refused_calls);
    tcase_add_test(tcase, perceptrons_are_chains);
    return tcase;
}
