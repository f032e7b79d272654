/* Graphs: put together, built, copied, run and trained. */
#include "makes.h"

static struct trnnsf_node_options of_kind(uint32_t kind, uint32_t outputs)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;

    options.kind = kind;
    options.outputs = outputs;
    return options;
}

/* Samples are images of three rows of four: a convolution, a batch norm, a sum with itself, classes. */
static trnnsf_status make_graph(struct stage *s, trnnsf_graph **out)
{
    struct trnnsf_node_options nodes[] = {
        of_kind(TRNNSF_NODE_CONVOLUTION, 2), of_kind(TRNNSF_NODE_BATCH_NORM, 0),
        of_kind(TRNNSF_NODE_ADD, 0), of_kind(TRNNSF_NODE_DENSE, CLASSES)};
    trnnsf_graph *graph = NULL;
    trnnsf_status status = trnnsf_graph_create(s->ctx, 1, 3, INPUTS / 3, &graph);
    uint32_t last[2] = {0, 0};

    expect((status == TRNNSF_OK) == (graph != NULL),
           "a result without success, or the reverse");
    nodes[0].kernel_width = 3;
    nodes[0].pad_left = 1;
    nodes[3].activation = TRNNSF_ACTIVATION_SOFTMAX;
    for (size_t i = 0; status == TRNNSF_OK && i < sizeof nodes / sizeof nodes[0]; i++) {
        size_t before = trnnsf_graph_nodes(graph);

        status = trnnsf_graph_add(s->ctx, graph, last, nodes[i].kind == TRNNSF_NODE_ADD ? 2 : 1,
                                  &nodes[i], &last[0]);
        expect(trnnsf_graph_nodes(graph) == before + (status == TRNNSF_OK),
               "a failed call added a node, or a good one none");
        last[1] = last[0];
    }
    if (status == TRNNSF_OK)
        *out = graph;
    else
        trnnsf_graph_free(graph);
    return status;
}

static trnnsf_status parse(struct stage *s)
{
    trnnsf_graph *graph = NULL;
    trnnsf_status status = trnnsf_graph_parse(s->ctx, "3c2:same:norm:swish-2s-4:norm-5", 1, 3,
                                              INPUTS / 3, NULL, &graph);

    expect((status == TRNNSF_OK) == (graph != NULL),
           "a result without success, or the reverse");
    trnnsf_graph_free(graph);
    return status;
}

static trnnsf_status make_network(struct stage *s, trnnsf_network **out)
{
    trnnsf_graph *graph = NULL;
    trnnsf_status status = make_graph(s, &graph);

    if (status == TRNNSF_OK)
        status = trnnsf_network_build(s->ctx, graph, NULL, out);
    expect((status == TRNNSF_OK) == (*out != NULL), "a result without success, or the reverse");
    trnnsf_graph_free(graph);
    return status;
}

static trnnsf_status build_and_copy(struct stage *s)
{
    trnnsf_network *network = NULL, *copy = NULL;
    trnnsf_status status = make_network(s, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_network_copy(s->ctx, network, &copy);
    expect((status == TRNNSF_OK) == (copy != NULL), "a result without success, or the reverse");
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
    return status;
}

static trnnsf_status fold(struct stage *s)
{
    trnnsf_network *network = NULL, *folded = NULL;
    trnnsf_status status = make_network(s, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_network_fold(s->ctx, network, &folded);
    expect((status == TRNNSF_OK) == (folded != NULL), "a result without success, or the reverse");
    trnnsf_network_free(network);
    trnnsf_network_free(folded);
    return status;
}

static trnnsf_status run(struct stage *s)
{
    float outputs[4 * CLASSES];
    trnnsf_network *network = NULL;
    trnnsf_status status = make_network(s, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_network_forward(s->ctx, network, 4, stage_features(), outputs);
    if (status == TRNNSF_OK)
        s->result = (double)outputs[1];
    trnnsf_network_free(network);
    return status;
}

/* All that a mapping of convolutions is asked for, with windows of two places. */
static trnnsf_status use_mapping(struct stage *s, const trnnsf_network *network,
                                 const trnnsf_mapping *mapping)
{
    float outputs[4 * CLASSES];
    uint32_t inputs[64];
    trnnsf_activity *activity = NULL;
    trnnsf_cost *cost = NULL;
    trnnsf_status status = trnnsf_mapping_check(s->ctx, mapping, network);

    if (status == TRNNSF_OK)
        status = trnnsf_mapping_read(s->ctx, mapping, 0, 1, inputs, NULL);
    if (status == TRNNSF_OK)
        status =
            trnnsf_mapping_forward(s->ctx, mapping, network, 4, stage_features(), outputs);
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_save(s->ctx, mapping, stage_path(s, "windows.safetensors"));
    if (status == TRNNSF_OK)
        status = trnnsf_activity_measure(s->ctx, network, s->dataset, TRNNSF_PART_TEST, &activity);
    if (status == TRNNSF_OK)
        status = trnnsf_cost_evaluate(s->ctx, mapping, s->tech, activity, &cost);
    if (status == TRNNSF_OK)
        s->result = trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    return status;
}

static trnnsf_status map(struct stage *s)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = make_network(s, &network);

    options.scheme = TRNNSF_MAP_DUPLICATED;
    options.window_height = 1;
    options.window_width = 2;
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_create(s->ctx, network, s->tech, &options, &mapping);
    expect((status == TRNNSF_OK) == (mapping != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = use_mapping(s, network, mapping);
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status train(struct stage *s)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    trnnsf_network *network = NULL;
    trnnsf_trainer *trainer = NULL;
    trnnsf_status status = make_network(s, &network);

    options.optimiser = TRNNSF_OPTIMISER_ADAM;
    options.batch = 16;
    options.average = TRNNSF_AVERAGE_EXPONENTIAL;
    options.label_smoothing = 0.1;
    if (status == TRNNSF_OK)
        status = trnnsf_trainer_create(s->ctx, network, s->dataset, &options, &trainer);
    if (status == TRNNSF_OK)
        status = trnnsf_trainer_epoch(s->ctx, trainer, &epoch);
    if (status == TRNNSF_OK)
        status = trnnsf_trainer_take_average(s->ctx, trainer);
    s->result = epoch.loss;
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    return status;
}

/* A chip of a graph with stuck devices and converters, remapped, read and measured. */
static trnnsf_status write_chip(struct stage *s, const trnnsf_network *network)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float outputs[2 * CLASSES] = {0};
    double errors[8];
    trnnsf_mapping *mapping = NULL;
    trnnsf_tech *tech = NULL, *stuck = NULL;
    trnnsf_analog *chip = NULL;
    trnnsf_status status = trnnsf_mapping_create(s->ctx, network, s->tech, NULL, &mapping);

    options.remap = TRNNSF_REMAP_ALL;
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, s->tech, "stuck_on_fraction", 0.1, &stuck);
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, stuck, "adc_bits", 6, &tech);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_create(s->ctx, network, mapping, tech, &options, 4,
                                      stage_features(), &chip);
    expect((status == TRNNSF_OK) == (chip != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_analog_forward(s->ctx, chip, 2, stage_features(), 0, outputs);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_measure(s->ctx, chip, network, 2, stage_features(), 0, errors, NULL,
                                       NULL);
    s->result = (double)outputs[1];
    trnnsf_analog_free(chip);
    trnnsf_tech_free(stuck);
    trnnsf_tech_free(tech);
    trnnsf_mapping_free(mapping);
    return status;
}

static trnnsf_status analog(struct stage *s)
{
    trnnsf_network *network = NULL;
    trnnsf_status status = make_network(s, &network);

    if (status == TRNNSF_OK)
        status = write_chip(s, network);
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status whole_run(struct stage *s)
{
    trnnsf_network *network = NULL;
    trnnsf_run *run = NULL;
    trnnsf_status status = make_network(s, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_run_create(s->ctx, network, s->dataset, s->schedule, s->tech, 0, &run);
    if (status == TRNNSF_OK)
        status = trnnsf_run_step(s->ctx, run, NULL);
    if (status == TRNNSF_OK)
        status = trnnsf_run_save(s->ctx, run, stage_path(s, "graph.safetensors"));
    if (status == TRNNSF_OK)
        status = trnnsf_run_restore(s->ctx, run, stage_path(s, "graph.safetensors"));
    if (status == TRNNSF_OK)
        status = trnnsf_run_finish(s->ctx, run);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(network, 0)[1];
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status run_of_kernels(struct stage *s)
{
    trnnsf_status status = trnnsf_schedule_set(s->ctx, s->schedule, "pack.kernels", 1);

    return status == TRNNSF_OK ? whole_run(s) : status;
}

/* Levels, converters, noise and one sign, one range for all, from the fifth epoch on. */
static trnnsf_status run_on_device(struct stage *s)
{
    static const char *const keys[] = {"device.weight_levels", "device.activation_bits",
                                       "device.noise", "device.uniform", "device.first"};
    static const double values[] = {8, 6, 0.02, 1, 0.8};
    trnnsf_status status = trnnsf_schedule_set_word(s->ctx, s->schedule, "device.unipolar", "block");

    for (size_t i = 0; i < 5 && status == TRNNSF_OK; i++)
        status = trnnsf_schedule_set(s->ctx, s->schedule, keys[i], values[i]);
    return status == TRNNSF_OK ? whole_run(s) : status;
}

static trnnsf_status pack(struct stage *s)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    const uint32_t side = 4;
    trnnsf_network *network = NULL;
    trnnsf_status status = make_network(s, &network);

    options.shapes = 1;
    options.inputs = options.outputs = &side;
    options.crossbars = 4;
    if (status == TRNNSF_OK)
        status = trnnsf_network_pack(s->ctx, network, &options, NULL);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_synapses(network, 0);
    trnnsf_network_free(network);
    return status;
}

const struct scene graph_scenes[] = {
    {"graph_parse", 0, parse, NULL, NULL},
    {"network_build", 0, build_and_copy, NULL, NULL},
    {"network_fold", 0, fold, NULL, NULL},
    {"network_forward, graph", 0, run, NULL, NULL},
    {"mapping, graph", NEED_DATASET | NEED_TECH, map, NULL, NULL},
    {"trainer, graph", NEED_DATASET, train, NULL, NULL},
    {"analog, graph", NEED_TECH, analog, NULL, NULL},
    {"network_pack, graph", 0, pack, NULL, NULL},
    {"run prune, graph", NEED_RUN, whole_run, "prune", "corrected"},
    {"run offline, graph", NEED_RUN, whole_run, "offline", "corrected"},
    {"run transform, graph", NEED_RUN, whole_run, "transform", "corrected"},
    {"run pack, graph", NEED_RUN, whole_run, "pack", "corrected"},
    {"run dense, graph on a device", NEED_RUN, run_on_device, "dense", "corrected"},
    {"run pack, whole kernels", NEED_RUN, run_of_kernels, "pack", "corrected"},
    {NULL, 0, NULL, NULL, NULL},
};
