/* Loads networks, data and technologies, and studies one network at one value after another. */
#include <stdlib.h>
#include <string.h>

#include "../common/networks.h"
#include "work.h"

/* The technology at a value of the sweep. */
static int load_tech(struct work *work, size_t value)
{
    int result = EXIT_GO_ON;

    trnnsf_tech_free(work->tech);
    work->tech = NULL;
    if (data_load_tech(&work->program, work->tech_name, sweep_mca(work, value), &work->tech) !=
        TRNNSF_OK)
        return program_failed(&work->program);
    for (size_t k = 0; result == EXIT_GO_ON && k < work->n_settings; k++)
        result = data_set_constant(&work->program, &work->tech, "--set", work->settings[k]);
    return result == EXIT_GO_ON ? sweep_apply(work, value) : result;
}

/* The file with the sweep's value in the place of {}; false where that is too long. */
static bool name_file(const struct work *work, size_t network, size_t value, char *file,
                      size_t size)
{
    const char *pattern = work->networks[network].file;
    const char *gap = work->sweep.keys[0] ? strstr(pattern, "{}") : NULL;
    size_t length = gap ? (size_t)(gap - pattern) : strlen(pattern);
    int written = snprintf(file, size, "%.*s%s%s", (int)length, pattern,
                           gap ? work->sweep.values[value] : "", gap ? gap + 2 : "");

    return written >= 0 && (size_t)written < size;
}

/* Leaves n_samples of the part, evenly spaced. */
static trnnsf_status thin_data(struct work *work)
{
    size_t all = trnnsf_dataset_samples(work->dataset, work->part), n = work->n_samples;
    size_t features = trnnsf_dataset_features(work->dataset);
    const float *values = trnnsf_dataset_values(work->dataset, work->part);
    const uint32_t *labels = trnnsf_dataset_labels(work->dataset, work->part);
    float *few = malloc(n < all ? n * features * sizeof *few : 1);
    uint32_t *few_labels = malloc(n < all ? n * sizeof *few_labels : 1);
    trnnsf_status status = few && few_labels ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    for (size_t k = 0; status == TRNNSF_OK && n < all && k < n; k++) {
        size_t from = (size_t)((uint64_t)k * all / n);

        memcpy(few + k * features, values + from * features, features * sizeof *few);
        few_labels[k] = labels[from];
    }
    if (status == TRNNSF_OK && n < all)
        status = trnnsf_dataset_set(work->program.context, work->dataset, work->part, n, few,
                                    few_labels);
    free(few);
    free(few_labels);
    return status;
}

static trnnsf_status load_data(struct work *work)
{
    trnnsf_status status = data_load(&work->program, work->data, &work->samples, &work->dataset);

    return status == TRNNSF_OK && work->n_samples > 0 ? thin_data(work) : status;
}

/* Reads the network and measures its activity, unless it is the one that was read last. */
static trnnsf_status load_network(struct work *work, const char *file)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status;

    if (work->network && strcmp(file, work->file) == 0)
        return TRNNSF_OK;
    trnnsf_activity_free(work->activity);
    trnnsf_network_free(work->network);
    work->activity = NULL;
    work->network = NULL;
    strcpy(work->file, file);
    status = networks_load(context, file, &work->network);
    if (status == TRNNSF_OK && !work->dataset)
        status = load_data(work);
    if (status == TRNNSF_OK)
        status = trnnsf_activity_measure(context, work->network, work->dataset, work->part,
                                         &work->activity);
    return status;
}

static trnnsf_status load(struct work *work, const char *file)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status = load_network(work, file);

    trnnsf_mapping_free(work->mapping);
    work->mapping = NULL;
    if (status != TRNNSF_OK)
        return status;
    if (work->mapping_file)
        return trnnsf_mapping_load(context, work->mapping_file, &work->mapping);
    return trnnsf_mapping_create(context, work->network, work->tech, NULL, &work->mapping);
}

size_t work_calibration(const struct work *work)
{
    size_t samples = trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TRAIN);

    return work->calibration < samples ? (size_t)work->calibration : samples;
}

/* Of the network itself, or as a spiking one. */
static trnnsf_status evaluate_cost(struct work *work, struct point *point)
{
    trnnsf_context *context = work->program.context;
    trnnsf_activity *activity = NULL;
    trnnsf_status status;

    if (work->spiking == 0)
        return trnnsf_cost_evaluate(context, work->mapping, work->tech, work->activity,
                                    &point->cost);
    status = spikes_run(&work->program, work->network, work->mapping, work->dataset, work->part,
                        work->spiking, &point->spikes);
    if (status == TRNNSF_OK)
        status = trnnsf_spike_record_activity(context, point->spikes, &activity);
    if (status == TRNNSF_OK)
        status = trnnsf_cost_evaluate(context, work->mapping, work->tech, activity, &point->cost);
    trnnsf_activity_free(activity);
    return status;
}

static trnnsf_status evaluate(struct work *work, struct point *point)
{
    trnnsf_context *context = work->program.context;
    double began = program_now();
    trnnsf_status status = evaluate_cost(work, point);

    point->crossbars = trnnsf_mapping_crossbars(work->mapping);
    if (status == TRNNSF_OK)
        status = trnnsf_analog_study_run(
            context, work->network, work->mapping, work->tech, &work->options, &work->study_options,
            work_calibration(work), trnnsf_dataset_values(work->dataset, TRNNSF_PART_TRAIN),
            work->dataset, work->part, TRNNSF_LOSS_SQUARED, &point->study);
    point->seconds = program_now() - began;
    return status;
}

/* A network at a value of the sweep. */
static int run_point(struct work *work, struct point *point)
{
    struct program *program = &work->program;
    char file[sizeof work->file];
    int result = load_tech(work, point->value);

    if (result != EXIT_GO_ON)
        return result;
    if (!name_file(work, point->network, point->value, file, sizeof file))
        return program_failed_at(program, work->networks[point->network].file, "too long a name");
    if (load(work, file) != TRNNSF_OK || evaluate(work, point) != TRNNSF_OK)
        return program_failed(program);
    if (point->network == 0 && point->value + 1 == work->sweep.n_values &&
        (work->wires_map || work->conductances) && figures_chip(work) != TRNNSF_OK)
        return program_failed(program);
    return EXIT_GO_ON;
}

int work_run(struct work *work)
{
    struct program *program = &work->program;

    work->options.seed = program->seed;
    work->samples.seed = program->seed; /* the parts of trnnsf-transform with this seed */
    work->n_points = work->n_networks * work->sweep.n_values;
    work->points = calloc(work->n_points, sizeof *work->points);
    if (!work->points)
        return program_failed_at(program, "points", "no memory");
    for (size_t k = 0; k < work->n_points; k++) {
        work->points[k].network = k / work->sweep.n_values;
        work->points[k].value = k % work->sweep.n_values;

        int result = run_point(work, &work->points[k]);
        if (result != EXIT_GO_ON)
            return result;
    }
    program_bar_end(program);
    if (work->figure && figures_sweep(work) != TRNNSF_OK)
        return program_failed(program);
    if (!program->quiet && !(program->json && strcmp(program->json, "-") == 0))
        work_print(work);
    return program->json ? work_write_json(work) : EXIT_DONE;
}
