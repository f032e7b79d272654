/* Spiking networks. */
#include <stdbool.h>

#include "makes.h"

static trnnsf_status convert(struct stage *s, uint32_t balance, trnnsf_spiking **out)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;

    options.balance = balance;
    options.calibration = 20;
    options.steps = 8;
    return trnnsf_spiking_convert(s->ctx, s->network, s->dataset, &options, out);
}

MAKES(by_currents, spiking, convert(s, TRNNSF_BALANCE_CURRENTS, &out))

static trnnsf_status run(struct stage *s)
{
    struct trnnsf_rate_report reports[4] = {{.struct_size = sizeof reports[0]},
                                            {.struct_size = sizeof reports[0]},
                                            {.struct_size = sizeof reports[0]},
                                            {.struct_size = sizeof reports[0]}};
    static uint8_t trains[1 << 14];
    trnnsf_spiking *spiking = NULL, *mapped = NULL;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_spike_traffic traffic = {.struct_size = sizeof traffic};
    trnnsf_spike_record *record = NULL;
    trnnsf_activity *activity = NULL;
    trnnsf_status status = convert(s, TRNNSF_BALANCE_ACTIVATIONS, &spiking);

    way.traffic = 1;
    expect((status == TRNNSF_OK) == (spiking != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_map(s->ctx, spiking, s->mapping, &mapped);
    expect((status == TRNNSF_OK) == (mapped != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status =
            trnnsf_spiking_evaluate(s->ctx, mapped, s->dataset, TRNNSF_PART_TEST, &way, &record);
    if (status == TRNNSF_OK)
        status = trnnsf_spike_record_activity(s->ctx, record, &activity);
    if (status == TRNNSF_OK)
        status = trnnsf_spike_record_traffic(s->ctx, record, s->mapping, s->tech, TRNNSF_ALL_LAYERS,
                                             &traffic);
    s->result = trnnsf_spike_record_rate(record);
    if (status == TRNNSF_OK)
        status =
            trnnsf_spiking_compare(s->ctx, spiking, s->network, 3, stage_features(), NULL, reports);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_trains(s->ctx, spiking, stage_features(), NULL, 1, trains);
    trnnsf_activity_free(activity);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(mapped);
    trnnsf_spiking_free(spiking);
    return status;
}

static trnnsf_status write(struct stage *s)
{
    trnnsf_analog *chip = NULL;
    trnnsf_spiking *spiking = NULL, *written = NULL;
    trnnsf_status status = convert(s, TRNNSF_BALANCE_ACTIVATIONS, &spiking);

    if (status == TRNNSF_OK)
        status =
            trnnsf_analog_create(s->ctx, s->network, s->mapping, s->tech, NULL, 0, NULL, &chip);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_write(s->ctx, spiking, chip, &written);
    expect((status == TRNNSF_OK) == (written != NULL), "a result without success, or the reverse");
    trnnsf_spiking_free(written);
    trnnsf_analog_free(chip);
    trnnsf_spiking_free(spiking);
    return status;
}

/* A noisy chip with converters, their range a percentile. */
static trnnsf_status on_chip(struct stage *s)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_tech *noisy = NULL, *tech = NULL;
    trnnsf_analog *chip = NULL;
    trnnsf_spiking *spiking = NULL, *on = NULL;
    trnnsf_spike_record *record = NULL;
    trnnsf_status status = convert(s, TRNNSF_BALANCE_ACTIVATIONS, &spiking);

    options.sum_percentile = 99;
    way.steps = 3;
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, s->tech, "read_sigma", 0.1, &noisy);
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, noisy, "adc_bits", 6, &tech);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_create(s->ctx, s->network, s->mapping, tech, &options, 3,
                                      stage_features(), &chip);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_on_chip(s->ctx, spiking, chip, 3, stage_features(), &way, &on);
    expect((status == TRNNSF_OK) == (on != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_evaluate(s->ctx, on, s->dataset, TRNNSF_PART_TEST, &way, &record);
    s->result = trnnsf_spike_record_rate(record);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(on);
    trnnsf_analog_free(chip);
    trnnsf_tech_free(tech);
    trnnsf_tech_free(noisy);
    trnnsf_spiking_free(spiking);
    return status;
}

/* As a graph, decomposed with cuts of its own choice, run on tiles. */
static trnnsf_status on_tiles(struct stage *s)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    trnnsf_spiking *spiking = NULL;
    trnnsf_spike_record *record = NULL;
    trnnsf_spike_graph *graph = NULL, *units = NULL;
    trnnsf_tile_map *map = NULL;
    uint32_t classes[3];
    trnnsf_status status = convert(s, TRNNSF_BALANCE_ACTIVATIONS, &spiking);

    way.steps = 6;
    way.coding = TRNNSF_CODING_POISSON;
    options.inputs = options.outputs = 4;
    options.rule = TRNNSF_TILE_COMPACT;
    options.passes = 1;
    if (status == TRNNSF_OK)
        status =
            trnnsf_spiking_evaluate(s->ctx, spiking, s->dataset, TRNNSF_PART_TEST, &way, &record);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_graph(s->ctx, spiking, record, &graph);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_fit(s->ctx, graph, NULL, 0, NULL, &options, NULL, &units, &map);
    expect((status == TRNNSF_OK) == (map != NULL), "a result without success, or the reverse");
    s->result = (double)trnnsf_tile_map_tiles(map);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_graph_run(s->ctx, spiking, units, 3, stage_features(), &way,
                                          classes, NULL, NULL);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(units);
    trnnsf_spike_graph_free(graph);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(spiking);
    return status;
}

/* Images of three rows of four: a convolution, a mean pool beside it, their sum, classes. */
static trnnsf_status make_graph(struct stage *s, trnnsf_network **out)
{
    static const uint32_t kinds[] = {TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_MEAN_POOL,
                                     TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_ADD, TRNNSF_NODE_DENSE};
    trnnsf_graph *graph = NULL;
    trnnsf_status status = trnnsf_graph_create(s->ctx, 1, 3, INPUTS / 3, &graph);
    uint32_t last[2] = {0, 0};

    for (size_t i = 0; status == TRNNSF_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
        bool sum = kinds[i] == TRNNSF_NODE_ADD;

        o.kind = kinds[i];
        o.outputs = kinds[i] == TRNNSF_NODE_DENSE ? CLASSES : 9;
        o.kernel_width = i == 1 ? 2 : 1;
        o.activation = i == 0 || sum ? TRNNSF_ACTIVATION_RELU : TRNNSF_ACTIVATION_LINEAR;
        last[1] = last[0] - sum;
        status = trnnsf_graph_add(s->ctx, graph, last, 1 + (size_t)sum, &o, &last[0]);
    }
    if (status == TRNNSF_OK)
        status = trnnsf_network_build(s->ctx, graph, NULL, out);
    trnnsf_graph_free(graph);
    return status;
}

static trnnsf_status run_graph(struct stage *s)
{
    struct trnnsf_rate_report reports[2] = {{.struct_size = sizeof reports[0]},
                                            {.struct_size = sizeof reports[0]}};
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_spiking *spiking = NULL, *mapped = NULL;
    trnnsf_spike_record *record = NULL;
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = make_graph(s, &network);

    options.balance = TRNNSF_BALANCE_CURRENTS;
    options.calibration = 20;
    options.steps = 8;
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_convert(s->ctx, network, s->dataset, &options, &spiking);
    expect((status == TRNNSF_OK) == (spiking != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_evaluate(s->ctx, spiking, s->dataset, TRNNSF_PART_TEST, NULL,
                                         &record);
    s->result = trnnsf_spike_record_rate(record);
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_create(s->ctx, network, s->tech, NULL, &mapping);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_map(s->ctx, spiking, mapping, &mapped);
    expect((status == TRNNSF_OK) == (mapped != NULL), "a result without success, or the reverse");
    trnnsf_mapping_free(mapping);
    trnnsf_spiking_free(mapped);
    if (status == TRNNSF_OK)
        status =
            trnnsf_spiking_compare(s->ctx, spiking, network, 3, stage_features(), NULL, reports);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(spiking);
    trnnsf_network_free(network);
    return status;
}

const struct scene spiking_scenes[] = {
    {"spiking-currents", NEED_NETWORK | NEED_DATASET, by_currents, NULL, NULL},
    {"spiking-tiles", NEED_NETWORK | NEED_DATASET, on_tiles, NULL, NULL},
    {"spiking-run", NEED_NETWORK | NEED_DATASET | NEED_TECH | NEED_MAPPING, run, NULL, NULL},
    {"spiking-on-chip", NEED_NETWORK | NEED_DATASET | NEED_TECH | NEED_MAPPING, on_chip, NULL,
     NULL},
    {"spiking-write", NEED_NETWORK | NEED_DATASET | NEED_TECH | NEED_MAPPING, write, NULL, NULL},
    {"spiking-graph", NEED_DATASET | NEED_TECH, run_graph, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL}};
