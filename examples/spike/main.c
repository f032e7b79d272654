/* trnnsf-spike: a network as a spiking one on its crossbars: accuracy over time, spikes, cost. */
#include <stdlib.h>
#include <string.h>

#include "work.h"

enum {
    OPTION_MAPPING = OPTION_OWN,
    OPTION_TECH,
    OPTION_MCA,
    OPTION_SET,
    OPTION_CHIPS,
    OPTION_SUM_PERCENTILE,
    OPTION_RESET,
    OPTION_BALANCE,
    OPTION_PERCENTILE,
    OPTION_LEAK,
    OPTION_INITIAL,
    OPTION_STEPS,
    OPTION_CODING,
    OPTION_READOUT,
    OPTION_PATIENCE,
    OPTION_FIGURE,
    OPTION_NIR,
    OPTION_DT,
    OPTION_SAMPLE
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Network and data:"},
    {"data", "DIR|digits", OPTION_DATA,
     "whose training part sets thresholds and whose test part is\nclassified; required"},
    OPTIONS_OF_SAMPLES,
    {"mapping", "FILE", OPTION_MAPPING,
     "crossbars that trnnsf-transform or trnnsf-map saved;\ndefault: mapped here"},
    {"tech", "NAME|FILE", OPTION_TECH, "technology of the cost; default: resparc-45nm"},
    {"mca", "SHAPES", OPTION_MCA, "crossbars instead of the technology's, such as 64x64"},
    {"set", "KEY=VALUE", OPTION_SET,
     "one of its constants, such as programming_sigma_constant=0.05;\nmay be repeated (trnnsf-info "
     "--keys lists them)"},
    {"chips", "N", OPTION_CHIPS,
     "run on the devices of so many chips as well, 0 … 10000;\ndefault 0: ideal ones alone"},
    {"sum-percentile", "P", OPTION_SUM_PERCENTILE,
     "of a step's sums that is the full scale of their ADC, (0, 100];\ndefault 100: the largest"},
    {NULL, NULL, 0, "Neurons:"},
    {"reset", "subtract|zero", OPTION_RESET,
     "what a spike does to the potential; default subtract"},
    {"balance", "activations|currents", OPTION_BALANCE,
     "what sets the thresholds; default activations"},
    {"percentile", "P", OPTION_PERCENTILE, "of them that a threshold is, (0, 100]; default 99.9"},
    {"leak", "L", OPTION_LEAK, "part of the potential lost in a step, [0, 1); default 0"},
    {"initial", "V", OPTION_INITIAL, "potential at the start, over the threshold; default 0.5"},
    {NULL, NULL, 0, "Run:"},
    {"steps", "T", OPTION_STEPS, "time steps, 1 … 1048576; default 32"},
    {"coding", "current|poisson|first-spike", OPTION_CODING, "of the inputs; default current"},
    {"readout", "potential|spikes", OPTION_READOUT,
     "what the class is read from; default potential"},
    {"patience", "N", OPTION_PATIENCE,
     "end a sample whose class has stood for N steps; default 0: never"},
    {"figure", "FILE", OPTION_FIGURE,
     "draw accuracy over time, a raster of one sample and the\nspikes of neurons, and the traffic "
     "of tiles\n(.svg, .png, .pdf)"},
    {"sample", "N", OPTION_SAMPLE, "test sample of the raster; default 0"},
    {"nir", "FILE", OPTION_NIR, "write the spiking network as a NIR graph (HDF5)"},
    {"dt", "SECONDS", OPTION_DT,
     "length of a step in NIR graphs; default: as the file says, and\n0.001 where one is written"},
    OPTIONS_OF_TILES,
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-spike",
    .synopsis = "NETWORK --data DIR|digits [OPTION]…",
    .description = "Turns a network (safetensors, .onnx) into a spiking one on its crossbars and runs\n"
                   "it: accuracy after each step, spikes, firing rates against activations, and what\n"
                   "area, energy and time it takes.\n"
                   "A NIR graph (.nir, .h5, .hdf5) in its place is run as it is, without crossbars.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

static int take_run(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_STEPS:
        return options_take_whole(&usage, "steps", value, 1, STEPS_MAX, &work->run.steps);
    case OPTION_CODING:
        return options_take_word(&usage, "coding", value, "current|poisson|first-spike",
                                 &work->run.coding);
    case OPTION_READOUT:
        work->readout_given = 1;
        return options_take_word(&usage, "readout", value, "potential|spikes", &work->run.readout);
    case OPTION_PATIENCE:
        return options_take_whole(&usage, "patience", value, 0, STEPS_MAX, &work->run.patience);
    case OPTION_FIGURE:
        work->figure = value;
        return EXIT_GO_ON;
    case OPTION_NIR:
        work->nir_file = value;
        return EXIT_GO_ON;
    case OPTION_DT:
        return options_take_number(&usage, "dt", value, &work->step_seconds);
    case OPTION_SAMPLE:
        if (!options_whole(value, 0, UINT32_MAX, &work->sample))
            return options_error(&usage, "--sample %s is no whole number below 2^32", value);
        return EXIT_GO_ON;
    default:
        return program_option(&work->program, key, value);
    }
}

static int take_neurons(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_RESET:
        work->reset_given = 1;
        return options_take_word(&usage, "reset", value, "subtract|zero", &work->options.reset);
    case OPTION_BALANCE:
        return options_take_word(&usage, "balance", value, "activations|currents",
                                 &work->options.balance);
    case OPTION_PERCENTILE:
        return options_take_number(&usage, "percentile", value, &work->options.percentile);
    case OPTION_LEAK:
        return options_take_number(&usage, "leak", value, &work->options.leak);
    case OPTION_INITIAL:
        return options_take_number(&usage, "initial", value, &work->options.initial);
    default:
        return take_run(work, key, value);
    }
}

static int take_devices(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_SET:
        if (work->n_settings == SETTINGS_MAX)
            return options_error(&usage, "--set: more than %d", SETTINGS_MAX);
        work->settings[work->n_settings++] = value;
        return EXIT_GO_ON;
    case OPTION_CHIPS:
        if (!options_whole(value, 0, CHIPS_MAX, &work->n_chips))
            return options_error(&usage, "--chips %s is not in [0, %d]", value, CHIPS_MAX);
        return EXIT_GO_ON;
    case OPTION_SUM_PERCENTILE:
        return options_take_number(&usage, "sum-percentile", value, &work->sum_percentile);
    default:
        return take_neurons(work, key, value);
    }
}

static int take(struct work *work, int key, const char *value)
{
    int result = tiles_option(&usage, &work->tiles, key, value);

    if (result != OPTION_NONE)
        return result;
    result = data_option(&usage, key, value, &work->data, &work->samples);
    if (result != OPTION_NONE)
        return result;
    switch (key) {
    case OPTION_MAPPING:
        work->mapping_file = value;
        return EXIT_GO_ON;
    case OPTION_TECH:
        work->tech_name = value;
        return EXIT_GO_ON;
    case OPTION_MCA:
        work->mca = value;
        return EXIT_GO_ON;
    default:
        return take_devices(work, key, value);
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

int main(int argc, char **argv)
{
    struct work work = {.program = {.usage = &usage, .seed = 1},
                        .tech_name = "resparc-45nm",
                        .samples = TRNNSF_DATASET_OPTIONS_INIT,
                        .options = TRNNSF_SPIKING_OPTIONS_INIT,
                        .sum_percentile = 100,
                        .run = TRNNSF_SPIKE_RUN_OPTIONS_INIT,
                        .tiles = tiles_init()};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = work_run(&work);
    free(work.chips);
    tiles_free(&work.tiles);
    trnnsf_cost_free(work.cost);
    trnnsf_activity_free(work.activity);
    trnnsf_spike_record_free(work.record);
    trnnsf_spiking_free(work.spiking);
    trnnsf_mapping_free(work.mapping);
    trnnsf_tech_free(work.tech);
    trnnsf_dataset_free(work.dataset);
    trnnsf_network_free(work.network);
    program_end(&work.program);
    return code;
}
