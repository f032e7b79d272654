/* Whole runs of each method on a small network of convolutions. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "schedule/cases.h"
#include "schedule/pack_problems.h"

enum { CLASSES = 4, EPOCHS = 6, LAYERS = 5 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;

static void setup(void)
{
    ctx = make_context(2);
    dataset = make_dataset(ctx);
}

static void teardown(void)
{
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

static uint32_t add(trnnsf_context *context, trnnsf_graph *graph, uint32_t kind, uint32_t outputs,
                    uint32_t a, uint32_t b)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    const uint32_t inputs[2] = {a, b};
    uint32_t node;

    o.kind = kind;
    o.outputs = outputs;
    o.activation = kind == TRNNSF_NODE_BATCH_NORM || kind == TRNNSF_NODE_ADD
                       ? TRNNSF_ACTIVATION_RELU
                       : TRNNSF_ACTIVATION_LINEAR;
    o.kernel_height = o.kernel_width = kind == TRNNSF_NODE_MAX_POOL ? 2 : 3;
    o.stride_height = o.stride_width = kind == TRNNSF_NODE_MAX_POOL ? 2 : 1;
    if (kind == TRNNSF_NODE_CONVOLUTION)
        o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 1;
    if (kind == TRNNSF_NODE_CONVOLUTION && a == b) /* depthwise */
        o.groups = outputs;
    if (outputs == CLASSES)
        o.activation = TRNNSF_ACTIVATION_SOFTMAX;
    bool pair = kind == TRNNSF_NODE_ADD || kind == TRNNSF_NODE_CONCAT;
    ck_assert_msg(trnnsf_graph_add(context, graph, inputs, pair ? 2 : 1, &o, &node) == TRNNSF_OK,
                  "%s", trnnsf_context_error(context));
    return node;
}

/* A residual block with a depthwise convolution, joined with what it began with; two dense layers.
 */
static trnnsf_network *make_graph(trnnsf_context *context)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;
    uint32_t a, b;

    options.init = TRNNSF_INIT_HE;
    ck_assert_int_eq(trnnsf_graph_create(context, 1, 6, 6, &graph), TRNNSF_OK);
    a = add(context, graph, TRNNSF_NODE_CONVOLUTION, 12, 0, 1);
    a = add(context, graph, TRNNSF_NODE_BATCH_NORM, 0, a, 0);
    b = add(context, graph, TRNNSF_NODE_CONVOLUTION, 12, a, 0);
    b = add(context, graph, TRNNSF_NODE_BATCH_NORM, 0, b, 0);
    b = add(context, graph, TRNNSF_NODE_ADD, 0, b, a);
    b = add(context, graph, TRNNSF_NODE_CONVOLUTION, 12, b, b);
    b = add(context, graph, TRNNSF_NODE_CONCAT, 0, b, a);
    b = add(context, graph, TRNNSF_NODE_MAX_POOL, 0, b, 0);
    b = add(context, graph, TRNNSF_NODE_DENSE, 24, b, 0);
    b = add(context, graph, TRNNSF_NODE_BATCH_NORM, 0, b, 0);
    add(context, graph, TRNNSF_NODE_DENSE, CLASSES, b, 0);
    ck_assert_msg(trnnsf_network_build(context, graph, &options, &network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(context));
    trnnsf_graph_free(graph);
    return network;
}

static trnnsf_schedule *graph_schedule(trnnsf_context *context, const char *method,
                                       const char *variant)
{
    trnnsf_schedule *schedule = make_schedule(context, method, variant);

    set(context, schedule, "train.epochs", EPOCHS);
    set(context, schedule, "train.rate", 0.1);
    if (strcmp(method, "pack") == 0) { /* both optimisers are to be seen */
        ck_assert_int_eq(trnnsf_schedule_set_word(context, schedule, "train.optimiser", "adam"),
                         TRNNSF_OK);
        set(context, schedule, "train.rate", 0.01);
    }
    ck_assert_int_eq(trnnsf_schedule_set_word(context, schedule, "train.loss", "cross-entropy"),
                     TRNNSF_OK);
    return schedule;
}

static double accuracy(trnnsf_network *network)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_VALIDATION,
                                             TRNNSF_LOSS_CROSS_ENTROPY, &result),
                     TRNNSF_OK);
    return result.accuracy;
}

static size_t cells_of(const trnnsf_network *network, size_t l)
{
    return trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);
}

/* Masked weights are exactly 0, clusters fit, but those of the published variant, which keep
 * another rule; a layer that is not worked on has neither. */
static void check_layers(const trnnsf_network *network, const char *variant, const bool *worked_on)
{
    for (size_t l = 0; l < LAYERS; l++) {
        const float *weights = trnnsf_network_weights(network, l);
        const trnnsf_clusters *clusters = trnnsf_network_clusters(network, l);
        uint8_t mask[24 * 216];

        ck_assert_uint_le(cells_of(network, l), sizeof mask);
        ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, l, mask), TRNNSF_OK);
        for (size_t i = 0; i < cells_of(network, l); i++)
            ck_assert(mask[i] || weights[i] == 0.0f);
        if (clusters && strcmp(variant, "published") != 0)
            ck_assert_msg(trnnsf_clusters_check(ctx, clusters, 16, 8) == TRNNSF_OK, "%s",
                          trnnsf_context_error(ctx));
        if (worked_on[l]) /* blocks may hold all of a small layer */
            ck_assert(clusters || trnnsf_network_synapses(network, l) < cells_of(network, l));
        else
            ck_assert(!clusters && trnnsf_network_synapses(network, l) == cells_of(network, l));
    }
}

static uint64_t crossbars(const trnnsf_run *run)
{
    struct trnnsf_step step = {.struct_size = sizeof step};

    ck_assert_int_eq(trnnsf_run_history(ctx, run, trnnsf_run_steps(run) - 1, &step), TRNNSF_OK);
    return step.crossbars;
}

static const struct {
    const char *method, *variant;
} jobs[] = {{"dense", "corrected"},     {"prune", "corrected"}, {"offline", "corrected"},
            {"transform", "corrected"}, {"pack", "corrected"},  {"transform", "published"}};

/* All of it keeps what the network learns, on fewer crossbars. */
START_TEST(methods_learn)
{
    static const bool none[LAYERS] = {false}, all[LAYERS] = {true, true, false, true, true};
    trnnsf_network *network = make_graph(ctx);
    trnnsf_schedule *schedule = graph_schedule(ctx, jobs[_i].method, jobs[_i].variant);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);

    ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    ck_assert_double_gt(accuracy(network), 0.9);
    check_layers(network, jobs[_i].variant, _i == 0 ? none : all);
    if (_i == 3 || _i == 4)
        ck_assert_uint_lt(crossbars(run), 60);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(chosen_layers)
{
    static const bool dense[LAYERS] = {false, false, false, true, true};
    static const bool others[LAYERS] = {true, true};
    static const char *const words[] = {"dense", "convolutions"};

    for (size_t i = 0; i < 2; i++) {
        trnnsf_network *network = make_graph(ctx);
        trnnsf_schedule *schedule = graph_schedule(ctx, jobs[_i].method, jobs[_i].variant);

        ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "layers", words[i]), TRNNSF_OK);
        trnnsf_run *run = make_run(ctx, network, dataset, schedule);
        ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
        check_layers(network, jobs[_i].variant, i == 0 ? dense : others);
        ck_assert_double_gt(accuracy(network), 0.9);
        trnnsf_run_free(run);
        trnnsf_schedule_free(schedule);
        trnnsf_network_free(network);
    }
}
END_TEST

/* With pack.kernels an output reads all of an input channel's kernel in a block, or nothing. */
START_TEST(whole_kernels)
{
    trnnsf_network *network = make_graph(ctx);
    trnnsf_schedule *schedule = graph_schedule(ctx, "pack", "corrected");

    set(ctx, schedule, "pack.kernels", 1);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    ck_assert_double_gt(accuracy(network), 0.9);
    for (size_t l = 0; l < 2; l++) {
        const trnnsf_clusters *clusters = trnnsf_network_clusters(network, l);

        ck_assert_int_eq(trnnsf_clusters_check(ctx, clusters, 16, 8), TRNNSF_OK);
        for (size_t b = 0; b < trnnsf_clusters_count(clusters); b++) {
            size_t n;
            const uint32_t *input = trnnsf_clusters_inputs(clusters, b, &n);

            ck_assert_uint_eq(n % 9, 0);
            for (size_t j = 0; j < n; j++)
                ck_assert_uint_eq(input[j], input[j - j % 9] + j % 9);
            ck_assert(n == 0 || input[0] % 9 == 0);
        }
    }
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
}
END_TEST

static trnnsf_schedule *device_schedule(trnnsf_context *context, int job)
{
    static const char *const signs[] = {"none", "none", "block", "none", "output", "matrix"};
    trnnsf_schedule *schedule = graph_schedule(context, jobs[job].method, jobs[job].variant);

    set(context, schedule, "device.weight_levels", 15);
    set(context, schedule, "device.activation_bits", 6);
    set(context, schedule, "device.noise", 0.01);
    set(context, schedule, "device.uniform", job % 2);
    set(context, schedule, "device.first", 0.75);
    set(context, schedule, "device.rate", 0.2);
    ck_assert_int_eq(trnnsf_schedule_set_word(context, schedule, "device.unipolar", signs[job]),
                     TRNNSF_OK);
    return schedule;
}

/* For a device in the end: weights are its levels, and the network has learned; what is resumed
 * after each epoch has the same bits. */
START_TEST(devices)
{
    trnnsf_network *network = make_graph(ctx), *pieces;
    trnnsf_schedule *schedule = device_schedule(ctx, _i);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);

    ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    for (size_t l = 0; l < LAYERS; l++) {
        struct trnnsf_layer_device device = {.struct_size = sizeof device};
        const float *weights = trnnsf_network_weights(network, l);

        ck_assert_int_eq(trnnsf_network_device(ctx, network, l, &device), TRNNSF_OK);
        ck_assert_uint_eq(device.weight_levels, 15);
        ck_assert_double_gt(device.input_range, 0);
        for (size_t i = 0; i < cells_of(network, l); i++) {
            double at = (double)weights[i] / device.weight_range * (device.unipolar ? 14 : 7);

            ck_assert_double_eq_tol(at, floor(at + 0.5), 1e-4);
        }
    }
    ck_assert_double_gt(accuracy(network), 0.6);
    pieces = run_in_pieces(ctx, make_graph, dataset, schedule, EPOCHS, "run-device.safetensors");
    same_bits(network, pieces);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
    trnnsf_network_free(pieces);
}
END_TEST

/* Without data and training: all is kept in blocks, or what a few hold; grouped layers stay. */
START_TEST(packed_alone)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    const uint32_t inputs = 16, outputs = 8;
    trnnsf_network *whole = make_graph(ctx), *some = make_graph(ctx), *before = make_graph(ctx);

    options.shapes = 1;
    options.inputs = &inputs;
    options.outputs = &outputs;
    options.effort = 1;
    options.crossbars = 30;
    ck_assert_int_eq(trnnsf_network_pack(ctx, some, &options, NULL), TRNNSF_OK);
    options.goal = TRNNSF_PACK_BOUND;
    ck_assert_int_eq(trnnsf_network_pack(ctx, whole, &options, NULL), TRNNSF_OK);
    for (size_t l = 0, blocks = 0; l < LAYERS; l++) {
        ck_assert_mem_eq(trnnsf_network_weights(whole, l), trnnsf_network_weights(before, l),
                         cells_of(before, l) * sizeof(float));
        ck_assert(!trnnsf_network_clusters(some, l) == (l == 2));
        if (l != 2)
            blocks += trnnsf_clusters_count(trnnsf_network_clusters(some, l));
        ck_assert_uint_le(blocks, 30);
    }
    ck_assert_uint_lt(trnnsf_network_synapses(some, 3), cells_of(some, 3));
    ck_assert_uint_eq(trnnsf_network_synapses(some, 2), cells_of(some, 2));
    trnnsf_network_free(whole);
    trnnsf_network_free(some);
    trnnsf_network_free(before);
}
END_TEST

/* What belongs to chains is refused by name. */
START_TEST(refused)
{
    static const char *const keys[] = {"pack.patches", "pack.widen", "traffic.weight"};

    for (size_t i = 0; i < 3; i++) {
        trnnsf_network *network = make_graph(ctx);
        trnnsf_schedule *schedule = graph_schedule(ctx, "pack", "corrected");
        trnnsf_tech *tech = make_tech(ctx);
        trnnsf_run *run = NULL;

        set(ctx, schedule, keys[i], i == 1 ? 1 : 0.5);
        ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, 0, &run),
                         TRNNSF_E_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), keys[i]));
        ck_assert_ptr_null(run);
        trnnsf_tech_free(tech);
        trnnsf_schedule_free(schedule);
        trnnsf_network_free(network);
    }
}
END_TEST

static trnnsf_network *finished(trnnsf_context *context, size_t job)
{
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_graph(context);
    trnnsf_schedule *schedule = graph_schedule(context, jobs[job].method, jobs[job].variant);
    trnnsf_run *run = make_run(context, network, data, schedule);

    ck_assert_int_eq(trnnsf_run_finish(context, run), TRNNSF_OK);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_dataset_free(data);
    return network;
}

static void same_norms(const trnnsf_network *a, const trnnsf_network *b)
{
    for (uint32_t i = 0; i < trnnsf_network_nodes(a); i++) {
        for (uint32_t v = 0; v < 4 && trnnsf_network_norm(a, i, v); v++)
            ck_assert_mem_eq(trnnsf_network_norm(a, i, v), trnnsf_network_norm(b, i, v),
                             12 * sizeof(float)); /* channels at least */
    }
}

START_TEST(threads_do_not_matter)
{
    trnnsf_context *one = make_context(1), *three = make_context(3);
    trnnsf_network *a = finished(one, (size_t)_i), *b = finished(three, (size_t)_i);

    same_bits(a, b);
    same_norms(a, b);
    trnnsf_network_free(a);
    trnnsf_network_free(b);
    trnnsf_context_free(one);
    trnnsf_context_free(three);
}
END_TEST

START_TEST(resumed_equals_uninterrupted)
{
    trnnsf_network *whole = finished(ctx, (size_t)_i);
    trnnsf_schedule *schedule = graph_schedule(ctx, jobs[_i].method, jobs[_i].variant);
    trnnsf_network *pieces =
        run_in_pieces(ctx, make_graph, dataset, schedule, EPOCHS, "run-graph.safetensors");

    same_bits(whole, pieces);
    same_norms(whole, pieces);
    trnnsf_network_free(whole);
    trnnsf_network_free(pieces);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* Of steps and of epochs, with samples altered anew in each. */
START_TEST(averages_are_resumed)
{
    static const char *const kinds[] = {"exponential", "epochs"};
    trnnsf_schedule *schedule = graph_schedule(ctx, "dense", "corrected");
    trnnsf_network *whole = make_graph(ctx), *pieces;
    trnnsf_run *run;

    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "train.average", kinds[_i]),
                     TRNNSF_OK);
    set(ctx, schedule, "train.average_from", 0.3);
    set(ctx, schedule, "train.label_smoothing", 0.1);
    set(ctx, schedule, "train.nesterov", 1);
    run = make_run(ctx, whole, dataset, schedule);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    pieces = run_in_pieces(ctx, make_graph, dataset, schedule, EPOCHS, "run-average.safetensors");
    same_bits(whole, pieces);
    same_norms(whole, pieces);
    trnnsf_run_free(run);
    trnnsf_network_free(whole);
    trnnsf_network_free(pieces);
    trnnsf_schedule_free(schedule);
}
END_TEST

TCase *graph_runs_case(void)
{
    TCase *tests = tcase_create("graph runs");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, methods_learn, 0, some_of(6));
    tcase_add_loop_test(tests, chosen_layers, 3, 3 + some_of(3));
    tcase_add_test(tests, whole_kernels);
    tcase_add_test(tests, packed_alone);
    tcase_add_loop_test(tests, devices, 0, some_of(6));
    tcase_add_test(tests, refused);
    tcase_add_loop_test(tests, threads_do_not_matter, 3, 3 + some_of(3));
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, 2, 2 + some_of(4));
    tcase_add_loop_test(tests, averages_are_resumed, 0, 2);
    return tests;
}
