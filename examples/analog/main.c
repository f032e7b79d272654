/* trnnsf-analog: what a network is worth on the devices of a technology, and what it costs there.
 */
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

enum {
    OPTION_TECH = OPTION_OWN,
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
    OPTION_REMAP_STARTS,
    OPTION_PART,
    OPTION_SAMPLES,
    OPTION_SPIKING,
    OPTION_SWEEP,
    OPTION_FIGURE,
    OPTION_FLOOR,
    OPTION_WIRES_MAP,
    OPTION_CROSSBAR,
    OPTION_CONDUCTANCES
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Network and data:"},
    {"data", "DIR|digits", OPTION_DATA, "whose test part is classified; required"},
    OPTIONS_OF_SAMPLES,
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
    {"part", "NAME", OPTION_PART,
     "train, validation or test, whose samples are classified;\ndefault: test"},
    {"samples", "N", OPTION_SAMPLES, "so many of them, evenly spaced; default: all"},
    {"spiking", "T", OPTION_SPIKING,
     "energy and latency are those of a spiking network of T time steps,\n"
     "1 … 65536 (trnnsf-spike); accuracies are not"},
    {"sweep", "KEY=VALUE,…", OPTION_SWEEP,
     "a study at each value of a constant of the technology, of several\n"
     "(KEY+KEY), or of mca, time, input-percentile or sum-percentile"},
    {NULL, NULL, 0, "Figures (.svg, .png or .pdf):"},
    {"figure", "FILE", OPTION_FIGURE, "accuracy over the sweep, from the worst chip to the best"},
    {"floor", "PERCENT", OPTION_FLOOR,
     "where its accuracy begins, [0, 100); default: by the values"},
    {"wires-map", "FILE", OPTION_WIRES_MAP,
     "share of the read voltage that each cell of a crossbar loses on the wires,\n"
     "all rows driven"},
    {"crossbar", "K", OPTION_CROSSBAR, "which one, counted from 0; default 0"},
    {"conductances", "FILE", OPTION_CONDUCTANCES, "histogram of what is written on a chip"},
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-analog",
    .synopsis = "[NAME=]NETWORK… --data DIR|digits [OPTION]…",
    .description =
        "Writes a network (safetensors, .onnx) onto the devices of many chips and reads them:\n"
        "accuracy with its spread, where it is lost, and what area, energy and time the mapping takes.\n"
        "Several networks are compared; NAME is what tables and figures call one. With --sweep,\n"
        "{} in NETWORK is the value. --wires-map and --conductances are of the first network's\n"
        "first chip at the last value.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

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

static int take_part(struct work *work, const char *value)
{
    static const char *const names[] = {"train", "validation", "test"}; /* enum trnnsf_part */

    for (uint32_t k = 0; k < 3; k++) {
        if (strcmp(names[k], value) == 0) {
            work->part = k;
            return EXIT_GO_ON;
        }
    }
    return options_error(&usage, "--part %s: expected train, validation or test", value);
}

static int take_figure(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_FIGURE:
        return figures_read(work, "--figure", value, &work->figure);
    case OPTION_FLOOR:
        if (options_number(value, &work->floor) && work->floor >= 0 && work->floor < 100)
            return EXIT_GO_ON;
        return options_error(&usage, "--floor %s is no number in [0, 100)", value);
    case OPTION_WIRES_MAP:
        return figures_read(work, "--wires-map", value, &work->wires_map);
    case OPTION_CONDUCTANCES:
        return figures_read(work, "--conductances", value, &work->conductances);
    case OPTION_CROSSBAR:
        return options_take_whole(&usage, "crossbar", value, 0, UINT32_MAX, &work->crossbar);
    default:
        return program_option(&work->program, key, value);
    }
}

static int take_study(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_PART:
        return take_part(work, value);
    case OPTION_SAMPLES:
        return options_take_whole(&usage, "samples", value, 1, UINT32_MAX, &work->n_samples);
    case OPTION_SWEEP:
        return sweep_read(work, value);
    case OPTION_CHIPS:
        return options_take_whole(&usage, "chips", value, 1, 1000000, &work->study_options.chips);
    case OPTION_EACH:
        work->study_options.each = 1;
        return EXIT_GO_ON;
    case OPTION_CALIBRATION:
        if (!options_whole(value, 0, UINT32_MAX, &work->calibration))
            return options_error(&usage, "--calibration %s is no whole number below 2^32", value);
        return EXIT_GO_ON;
    case OPTION_INPUT_PERCENTILE:
        return options_take_number(&usage, "input-percentile", value,
                                   &work->options.input_percentile);
    case OPTION_SUM_PERCENTILE:
        return options_take_number(&usage, "sum-percentile", value, &work->options.sum_percentile);
    default:
        return take_figure(work, key, value);
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
        return options_take_number(&usage, "time", value, &work->options.time_second);
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
        return options_take_whole(&usage, "wires-passes", value, 0, 100000,
                                  &work->options.wires_passes);
    case OPTION_REMAP:
        return take_remap(work, value);
    case OPTION_REMAP_STARTS:
        return options_take_whole(&usage, "remap-starts", value, 1, 1000,
                                  &work->options.remap_starts);
    default:
        return take_study(work, key, value);
    }
}

static int take(struct work *work, int key, const char *value)
{
    int result = data_option(&usage, key, value, &work->data, &work->samples);

    if (result != OPTION_NONE)
        return result;
    switch (key) {
    case OPTION_TECH:
        work->tech_name = value;
        return EXIT_GO_ON;
    case OPTION_SPIKING:
        return options_take_whole(&usage, "spiking", value, 1, SPIKES_STEPS_MAX, &work->spiking);
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

/* [NAME=]FILE; without a name, the file's without folder and ending. */
static int read_operand(struct work *work, const char *text)
{
    struct operand *operand = &work->networks[work->n_networks];
    size_t length = strcspn(text, "=/");
    const char *name = text;

    if (work->n_networks == NETWORKS_MAX)
        return options_error(&usage, "more than %d networks", NETWORKS_MAX);
    operand->file = text;
    if (length > 0 && text[length] == '=') {
        operand->file = text + length + 1;
    } else {
        name = strrchr(text, '/') ? strrchr(text, '/') + 1 : text;
        length = strrchr(name, '.') ? (size_t)(strrchr(name, '.') - name) : strlen(name);
    }
    if (length >= sizeof operand->name)
        length = sizeof operand->name - 1;
    memcpy(operand->name, name, length);
    operand->name[length] = '\0';
    work->n_networks++;
    return EXIT_GO_ON;
}

static int check(const struct work *work)
{
    if (work->n_networks == 0)
        return options_error(&usage, "which network?");
    if (!work->data)
        return options_error(&usage, "--data is missing");
    if (work->figure && !work->sweep.keys[0])
        return options_error(&usage, "--figure %s: needs --sweep", work->figure);
    for (size_t v = 0; work->figure && v < work->sweep.n_values; v++) {
        if (isnan(sweep_place(work, v)))
            return options_error(&usage, "--sweep: %s has no place on the axis of --figure",
                                 work->sweep.values[v]);
    }
    if (work->mapping_file && work->n_networks > 1)
        return options_error(&usage, "--mapping is of one network");
    return EXIT_GO_ON;
}

static int read_arguments(struct work *work, int argc, char **argv)
{
    const char *value;
    int key, result = EXIT_GO_ON;

    while ((key = options_next(&usage, argc, argv, &value)) != OPTION_NONE) {
        result = key < 0 ? EXIT_USAGE : take(work, key, value);
        if (result != EXIT_GO_ON)
            return result;
    }
    for (int k = optind; result == EXIT_GO_ON && k < argc; k++)
        result = read_operand(work, argv[k]);
    return result == EXIT_GO_ON ? check(work) : result;
}

int main(int argc, char **argv)
{
    struct work work = {.program = {.usage = &usage, .seed = 1},
                        .tech_name = "resparc-45nm",
                        .calibration = 500,
                        .part = TRNNSF_PART_TEST,
                        .sweep = {.n_values = 1},
                        .floor = -1,
                        .samples = TRNNSF_DATASET_OPTIONS_INIT,
                        .options = TRNNSF_ANALOG_OPTIONS_INIT,
                        .study_options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = work_run(&work);
    for (size_t k = 0; work.points && k < work.n_points; k++) {
        trnnsf_analog_study_free(work.points[k].study);
        trnnsf_spike_record_free(work.points[k].spikes);
        trnnsf_cost_free(work.points[k].cost);
    }
    free(work.points);
    trnnsf_activity_free(work.activity);
    trnnsf_mapping_free(work.mapping);
    trnnsf_tech_free(work.tech);
    trnnsf_dataset_free(work.dataset);
    trnnsf_network_free(work.network);
    program_end(&work.program);
    return code;
}
