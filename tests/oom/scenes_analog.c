/* Analog chips. */
#include "makes.h"

/* An effect of every kind, devices in slices, inputs bit by bit. */
static trnnsf_tech *device(struct stage *s, int is_curved)
{
    static const struct {
        const char *key;
        double value;
    } constants[] = {{"weight_slices", 2}, {"slice_bits", 2},          {"input_coding", 1},
                     {"time_steps", 4},    {"variation_on", 0.1},      {"read_sigma", 0.05},
                     {"word_wire_ohm", 1}, {"sinh_alpha_per_volt", 0}, {"adc_bits", 6}};
    trnnsf_tech *tech = NULL, *changed = NULL;

    if (trnnsf_tech_with_value(s->ctx, s->tech, "stuck_on_fraction", 0.01, &tech) != TRNNSF_OK)
        return NULL;
    for (size_t k = 0; k < sizeof constants / sizeof constants[0]; k++) {
        double value = k == 7 && is_curved ? 3 : constants[k].value;
        trnnsf_status status =
            trnnsf_tech_with_value(s->ctx, tech, constants[k].key, value, &changed);

        trnnsf_tech_free(tech);
        if (status != TRNNSF_OK)
            return NULL;
        tech = changed;
    }
    return tech;
}

static trnnsf_status read_chip(struct stage *s, int is_curved)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    float outputs[2 * CLASSES] = {0};
    double errors[8], saturation[8];
    trnnsf_tech *tech = device(s, is_curved);
    trnnsf_analog *chip = NULL;
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    options.sum_percentile = 99;
    options.time_second = 100;
    if (tech)
        status = trnnsf_analog_create(s->ctx, s->network, s->mapping, tech, &options, 4,
                                      stage_features(), &chip);
    expect((status == TRNNSF_OK) == (chip != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_analog_forward(s->ctx, chip, 2, stage_features(), 0, outputs);
    s->result = (double)outputs[2 * CLASSES - 1];
    if (status == TRNNSF_OK && !is_curved)
        status = trnnsf_analog_evaluate(s->ctx, chip, s->dataset, TRNNSF_PART_TEST,
                                        TRNNSF_LOSS_SQUARED, 0, &result);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_measure(s->ctx, chip, s->network, 2, stage_features(), 0, errors,
                                       saturation, saturation);
    trnnsf_analog_free(chip);
    trnnsf_tech_free(tech);
    return status;
}

static trnnsf_status linear(struct stage *s)
{
    return read_chip(s, 0);
}

static trnnsf_status curved(struct stage *s)
{
    return read_chip(s, 1);
}

static trnnsf_status study(struct stage *s)
{
    struct trnnsf_analog_study_options options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT;
    struct trnnsf_analog_summary summary = {.struct_size = sizeof summary};
    trnnsf_analog_study *made = NULL;
    trnnsf_tech *tech = NULL;
    trnnsf_status status = trnnsf_tech_with_value(s->ctx, s->tech, "adc_bits", 6, &tech);

    options.chips = 2;
    options.each = 1;
    if (status == TRNNSF_OK)
        status = trnnsf_analog_study_run(s->ctx, s->network, s->mapping, tech, NULL, &options, 4,
                                         stage_features(), s->dataset, TRNNSF_PART_TEST,
                                         TRNNSF_LOSS_SQUARED, &made);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_study_summary(s->ctx, made, 0, &summary);
    s->result = summary.mean;
    trnnsf_analog_study_free(made);
    trnnsf_tech_free(tech);
    return status;
}

/* Read on numbers without effects; with them, most inputs being 0, sample by sample. */
static trnnsf_status run_quantised(struct stage *s, const trnnsf_network *network,
                                   const trnnsf_tech *tech, uint32_t effects)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    float inputs[4 * INPUTS] = {0}, outputs[4 * CLASSES] = {0};
    trnnsf_analog *chip = NULL;
    trnnsf_status status;

    for (size_t k = 0; k < 4 * INPUTS; k += 5)
        inputs[k] = stage_features()[k];
    options.effects = effects;
    status = trnnsf_analog_create(s->ctx, network, s->mapping, tech, &options, 4, inputs, &chip);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_forward(s->ctx, chip, 4, inputs, 0, outputs);
    s->result += (double)outputs[0];
    trnnsf_analog_free(chip);
    return status;
}

static trnnsf_status quantised(struct stage *s)
{
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_tech *tech = NULL;
    trnnsf_status status = trnnsf_network_copy(s->ctx, s->network, &network);

    s->result = 0;
    options.weight_levels = 7;
    options.activation_bits = 4;
    if (status == TRNNSF_OK)
        status = trnnsf_network_quantise(s->ctx, network, s->dataset, &options);
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, s->tech, "adc_bits", 6, &tech);
    if (status == TRNNSF_OK)
        status = run_quantised(s, network, tech, 0);
    if (status == TRNNSF_OK)
        status = run_quantised(s, network, tech, TRNNSF_ANALOG_ALL);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
    return status;
}

static trnnsf_status netlist(struct stage *s)
{
    static const double volts[INPUTS];
    trnnsf_wires *wires = NULL;
    trnnsf_analog *chip = NULL;
    trnnsf_status status =
        trnnsf_analog_create(s->ctx, s->network, s->mapping, s->tech, NULL, 0, NULL, &chip);

    if (status == TRNNSF_OK)
        status = trnnsf_analog_netlist(s->ctx, chip, 0, 0, volts, stage_path(s, "array.cir"));
    if (status == TRNNSF_OK)
        status = trnnsf_analog_wires(s->ctx, chip, 0, 0, &wires);
    trnnsf_wires_free(wires);
    trnnsf_analog_free(chip);
    return status;
}

/* A drawn fault map, saved and read again, a remapping to it and its chip. */
static trnnsf_status remap(struct stage *s)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trnnsf_remap_errors errors = {.struct_size = sizeof errors};
    trnnsf_fault_map *drawn = NULL, *read = NULL;
    trnnsf_remap *made = NULL;
    trnnsf_analog *chip = NULL, *own = NULL;
    trnnsf_tech *tech = device(s, 0);
    trnnsf_status status = TRNNSF_E_NO_MEMORY;
    const char *path = stage_path(s, "faults.csv");

    options.remap = TRNNSF_REMAP_ALL;
    if (tech)
        status = trnnsf_fault_map_draw(s->ctx, s->mapping, tech, &options, &drawn);
    if (status == TRNNSF_OK)
        status = trnnsf_fault_map_save(s->ctx, drawn, path);
    if (status == TRNNSF_OK)
        status = trnnsf_fault_map_load(s->ctx, s->mapping, tech, path, &read);
    expect((status == TRNNSF_OK) == (read != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_remap_create(s->ctx, s->network, s->mapping, tech, &options, read, NULL, 4,
                                     stage_features(), &made);
    expect((status == TRNNSF_OK) == (made != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_remap_expect(s->ctx, made, 0, &errors);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_create_with_faults(s->ctx, s->network, s->mapping, tech, &options,
                                                  read, made, 4, stage_features(), &chip);
    expect((status == TRNNSF_OK) == (chip != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_analog_create(s->ctx, s->network, s->mapping, tech, &options, 4,
                                      stage_features(), &own);
    s->result = errors.after;
    trnnsf_analog_free(own);
    trnnsf_analog_free(chip);
    trnnsf_remap_free(made);
    trnnsf_fault_map_free(read);
    trnnsf_fault_map_free(drawn);
    trnnsf_tech_free(tech);
    return status;
}

static trnnsf_status faults(struct stage *s)
{
    uint8_t fault[64 * 64] = {0};
    float on[64 * 64];
    trnnsf_fault_map *map = NULL;
    trnnsf_status status = trnnsf_fault_map_create(s->ctx, s->mapping, s->tech, &map);
    size_t n = trnnsf_fault_map_rows(map, 0) * trnnsf_fault_map_columns(map, 0);

    expect(n <= 64 * 64, "an array of the stage is larger than the scene's");
    for (size_t k = 0; k < n; k++)
        on[k] = 1;
    if (status == TRNNSF_OK)
        status = trnnsf_fault_map_set(s->ctx, map, 0, 0, fault, on, NULL);
    trnnsf_fault_map_free(map);
    return status;
}

const struct scene analog_scenes[] = {
    {"analog", NEED_DATASET | NEED_NETWORK | NEED_TECH | NEED_MAPPING, linear, NULL, NULL},
    {"analog curved", NEED_DATASET | NEED_NETWORK | NEED_TECH | NEED_MAPPING, curved, NULL, NULL},
    {"analog study", NEED_DATASET | NEED_NETWORK | NEED_TECH | NEED_MAPPING, study, NULL, NULL},
    {"analog quantised", NEED_DATASET | NEED_NETWORK | NEED_TECH | NEED_MAPPING, quantised, NULL,
     NULL},
    {"analog netlist", NEED_NETWORK | NEED_TECH | NEED_MAPPING | NEED_FILES, netlist, NULL, NULL},
    {"remap", NEED_DATASET | NEED_NETWORK | NEED_TECH | NEED_MAPPING | NEED_FILES, remap, NULL,
     NULL},
    {"fault map", NEED_NETWORK | NEED_TECH | NEED_MAPPING, faults, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
