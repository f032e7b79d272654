/* trnnsf-analog: what a network is worth on the devices of a technology, and what it costs there.
 */
#include <stdlib.h>
#include <string.h>

#include "work.h"

enum {
    OPTION_DATA = OPTION_OWN,
    OPTION_GREY,
    OPTION_STANDARDISE,
    OPTION_MIRROR,
    OPTION_TECH,
    OPTION_SET,
    OPTION_MCA,
    OPTION_MAPPING,
    OPTION_CHIPS,
    OPTION_EACH,
    OPTION_TIME,
    OPTION_NO_COMPENSATION,
    OPTION_UNIFORM,
    OPTION_CODES,
    OPTION_CALIBRATION,
    OPTION_INPUT_PERCENTILE,
    OPTION_SUM_PERCENTILE,
    OPTION_WIRES_PASSES,
    OPTION_REMAP,
    OPTION_REMAP_STARTS
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Network and data:"},
    {"data", "DIR|digits", OPTION_DATA, "whose test part is classified; required"},
    {"grey", NULL, OPTION_GREY, "turn RGB images into grey ones"},
    {"standardise", NULL, OPTION_STANDARDISE, "centre and scale the features"},
    {"mirror", NULL, OPTION_MIRROR, "inputs twice, the second time negated"},
    {"mapping", "FILE", OPTION_MAPPING,
     "crossbars that trnnsf-transform or trnnsf-map saved;\ndefault: mapped here"},
    {NULL, NULL, 0, "Devices:"},
    {"tech", "NAME|FILE", OPTION_TECH, "technology; default: resparc-45nm"},
    {"set", "KEY=VALUE", OPTION_SET,
     "one of its constants, such as adc_bits=6; may be repeated\n"
     "(trnnsf-info --keys lists them)"},
    {"mca", "SHAPES", OPTION_MCA, "crossbars instead of the technology's, such as 64x64"},
    {"time", "SECONDS", OPTION_TIME, "of reading, after the technology's first; default 0"},
    {"no-compensation", NULL, OPTION_NO_COMPENSATION, "of what all devices have lost together"},
    {"uniform", NULL, OPTION_UNIFORM, "one scale of weights and converters for all layers"},
    {"codes", NULL, OPTION_CODES, "convert every column, and subtract afterwards"},
    {"wires-passes", "N", OPTION_WIRES_PASSES,
     "solve wires approximately, by so many passes; default 0: exactly"},
    {"remap", "MEANS", OPTION_REMAP,
     "fit the mapping to the defects of each chip:\n"
     "none (default), lines, compensation, both"},
    {"remap-starts", "N", OPTION_REMAP_STARTS, "places to begin from, 1 … 1000; default 1"},
    {NULL, NULL, 0, "Study:"},
    {"chips", "N", OPTION_CHIPS, "how many, 1 … 1000000; default 10"},
    {"each", NULL, OPTION_EACH, "also each effect of the technology alone"},
    {"calibration", "N", OPTION_CALIBRATION,
     "training samples from which ranges are found; default 500"},
    {"input-percentile", "P", OPTION_INPUT_PERCENTILE,
     "of inputs that a DAC takes without saturation, (0, 100]; default 100"},
    {"sum-percentile", "P", OPTION_SUM_PERCENTILE, "of sums that an ADC takes; likewise"},
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-analog",
    .synopsis = "NETWORK --data DIR|digits [OPTION]…",
    .description =
        "Writes a network (safetensors) onto the devices of many chips and reads them: "
        "accuracy with\n"
        "its spread, where it is lost, and what area, energy and time the mapping takes.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

static int take_number(const char *name, const char *value, double *out)
{
    if (options_number(value, out))
        return EXIT_GO_ON;
    return options_error(&usage, "--%s %s is no number", name, value);
}

static int take_whole(const char *name, const char *value, uint64_t least, uint64_t most,
                      uint32_t *out)
{
    uint64_t number;

    if (!options_whole(value, least, most, &number))
        return options_error(&usage, "--%s %s is not in [%llu, %llu]", name, value,
                             (unsigned long long)least, (unsigned long long)most);
    *out = (uint32_t)number;
    return EXIT_GO_ON;
}

static int take_remap(struct work *work, const char *value)
{
    for (uint32_t k = 0; k <= TRNNSF_REMAP_ALL; k++) {
        if (strcmp(value, work_remap_name(k)) == 0) {
            work->options.remap = k;
            return EXIT_GO_ON;
        }
    }
    return options_error(&usage, "--remap %s is none of none, lines, compensation, both", value);
}

static int take_study(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_CHIPS:
        return take_whole("chips", value, 1, 1000000, &work->study_options.chips);
    case OPTION_EACH:
        work->study_options.each = 1;
        return EXIT_GO_ON;
    case OPTION_CALIBRATION:
        if (!options_whole(value, 0, UINT32_MAX, &work->calibration))
            return options_error(&usage, "--calibration %s is no whole number below 2^32", value);
        return EXIT_GO_ON;
    case OPTION_INPUT_PERCENTILE:
        return take_number("input-percentile", value, &work->options.input_percentile);
    case OPTION_SUM_PERCENTILE:
        return take_number("sum-percentile", value, &work->options.sum_percentile);
    default:
        return program_option(&work->program, key, value);
    }
}

static int take_device(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_SET:
        if (work->n_settings == SETTINGS_MAX)
            return options_error(&usage, "--set: more than %d", SETTINGS_MAX);
        work->settings[work->n_settings++] = value;
        return EXIT_GO_ON;
    case OPTION_TIME:
        return take_number("time", value, &work->options.time_second);
    case OPTION_NO_COMPENSATION:
        work->options.compensation = 0;
        return EXIT_GO_ON;
    case OPTION_UNIFORM:
        work->options.uniform = 1;
        return EXIT_GO_ON;
    case OPTION_CODES:
        work->options.subtraction = TRNNSF_ANALOG_CODES;
        return EXIT_GO_ON;
    case OPTION_WIRES_PASSES:
        return take_whole("wires-passes", value, 0, 100000, &work->options.wires_passes);
    case OPTION_REMAP:
        return take_remap(work, value);
    case OPTION_REMAP_STARTS:
        return take_whole("remap-starts", value, 1, 1000, &work->options.remap_starts);
    default:
        return take_study(work, key, value);
    }
}

static int take(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_DATA:
        work->data = value;
        return EXIT_GO_ON;
    case OPTION_GREY:
        work->samples.grey = 1;
        return EXIT_GO_ON;
    case OPTION_STANDARDISE:
        work->samples.standardise = 1;
        return EXIT_GO_ON;
    case OPTION_MIRROR:
        work->samples.mirror = 1;
        return EXIT_GO_ON;
    case OPTION_TECH:
        work->tech_name = value;
        return EXIT_GO_ON;
    case OPTION_MCA:
        work->mca = value;
        return EXIT_GO_ON;
    case OPTION_MAPPING:
        work->mapping_file = value;
        return EXIT_GO_ON;
    default:
        return take_device(work, key, value);
    }
}

static int read_arguments(struct work *work, int argc, char **argv)
{
    const char *value;
    int key;

    while ((key = options_next(&usage, argc, argv, &value)) != OPTION_NONE) {
        int result = key < 0 ? EXIT_USAGE : take(work, key, value);

        if (result != EXIT_GO_ON)
            return result;
    }
    if (program_operand(&usage, argc, argv, "which network?", &work->file) != EXIT_GO_ON)
        return EXIT_USAGE;
    if (!work->data)
        return options_error(&usage, "--data is missing");
    return EXIT_GO_ON;
}

/* KEY=VALUE into the technology. EXIT_GO_ON or an exit code. */
static int apply_setting(struct work *work, const char *setting)
{
    const char *equals = strchr(setting, '=');
    char key[64];
    double value;
    trnnsf_tech *changed = NULL;

    if (!equals || (size_t)(equals - setting) >= sizeof key)
        return options_error(&usage, "--set %s: expected KEY=VALUE", setting);
    memcpy(key, setting, (size_t)(equals - setting));
    key[equals - setting] = '\0';
    if (!options_number(equals + 1, &value))
        return options_error(&usage, "--set %s: no number", setting);
    if (trnnsf_tech_with_value(work->program.context, work->tech, key, value, &changed) !=
        TRNNSF_OK)
        return options_error(&usage, "--set %s: %s", setting,
                             trnnsf_context_error(work->program.context));
    trnnsf_tech_free(work->tech);
    work->tech = changed;
    return EXIT_GO_ON;
}

static trnnsf_status load(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status = trnnsf_network_load(context, work->file, &work->network);

    if (status == TRNNSF_OK)
        status = data_load(&work->program, work->data, &work->samples, &work->dataset);
    if (status != TRNNSF_OK)
        return status;
    if (work->mapping_file)
        return trnnsf_mapping_load(context, work->mapping_file, &work->mapping);
    return trnnsf_mapping_create(context, work->network, work->tech, NULL, &work->mapping);
}

static trnnsf_status evaluate(struct work *work)
{
    trnnsf_context *context = work->program.context;
    size_t samples = trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TRAIN);
    double began = program_now();
    trnnsf_status status;

    status = trnnsf_activity_measure(context, work->network, work->dataset, TRNNSF_PART_TEST,
                                     &work->activity);
    if (status == TRNNSF_OK)
        status =
            trnnsf_cost_evaluate(context, work->mapping, work->tech, work->activity, &work->cost);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_study_run(
            context, work->network, work->mapping, work->tech, &work->options, &work->study_options,
            work->calibration < samples ? (size_t)work->calibration : samples,
            trnnsf_dataset_values(work->dataset, TRNNSF_PART_TRAIN), work->dataset,
            TRNNSF_PART_TEST, TRNNSF_LOSS_SQUARED, &work->study);
    work->seconds = program_now() - began;
    return status;
}

static int run(struct work *work)
{
    struct program *program = &work->program;

    work->options.seed = program->seed;
    if (data_load_tech(program, work->tech_name, work->mca, &work->tech) != TRNNSF_OK)
        return program_failed(program);
    for (size_t k = 0; k < work->n_settings; k++) {
        int result = apply_setting(work, work->settings[k]);

        if (result != EXIT_GO_ON)
            return result;
    }
    if (load(work) != TRNNSF_OK || evaluate(work) != TRNNSF_OK)
        return program_failed(program);
    program_bar_end(program);
    if (!program->quiet && !(program->json && strcmp(program->json, "-") == 0))
        work_print(work);
    return program->json ? work_write_json(work) : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct work work = {.program = {.usage = &usage, .seed = 1},
                        .tech_name = "resparc-45nm",
                        .calibration = 500,
                        .samples = TRNNSF_DATASET_OPTIONS_INIT,
                        .options = TRNNSF_ANALOG_OPTIONS_INIT,
                        .study_options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = run(&work);
    trnnsf_analog_study_free(work.study);
    trnnsf_cost_free(work.cost);
    trnnsf_activity_free(work.activity);
    trnnsf_mapping_free(work.mapping);
    trnnsf_tech_free(work.tech);
    trnnsf_dataset_free(work.dataset);
    trnnsf_network_free(work.network);
    program_end(&work.program);
    return code;
}
