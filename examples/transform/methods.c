#include "methods.h"
#include "search.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/data.h"
#include "../common/networks.h"

trnnsf_status set_key(struct program *program, trnnsf_schedule *schedule,
                      const struct key_value *set)
{
    double number;

    if (trnnsf_schedule_word(schedule, set->key))
        return trnnsf_schedule_set_word(program->context, schedule, set->key, set->text);
    if (options_number(set->text, &number))
        return trnnsf_schedule_set(program->context, schedule, set->key, number);
    /* No number, no key with words: this call says so. */
    return trnnsf_schedule_set_word(program->context, schedule, set->key, set->text);
}

static trnnsf_status apply_sets(const struct experiment *experiment, trnnsf_schedule *schedule,
                                const struct key_value **out_wrong)
{
    const struct settings *settings = experiment->settings;

    for (size_t i = 0; i < settings->n_sets; i++) {
        trnnsf_status status = set_key(experiment->program, schedule, &settings->sets[i]);

        if (status != TRNNSF_OK) {
            *out_wrong = &settings->sets[i];
            return status;
        }
    }
    return trnnsf_schedule_set(experiment->program->context, schedule, "train.seed",
                               (double)experiment->program->seed);
}

/* The authors' batch of 400 makes 150 steps an epoch of MNIST, but 9 of the bundled digits: 50
 * makes 69 (chosen here on validation accuracy). */
static const double digits_batch = 50;

static trnnsf_status default_schedule(const struct experiment *experiment, const char *method,
                                      trnnsf_schedule **out_schedule)
{
    const struct settings *settings = experiment->settings;
    trnnsf_context *context = experiment->program->context;
    trnnsf_status status =
        trnnsf_schedule_create(context, method ? method : "transform",
                               settings->variant ? settings->variant : "corrected", out_schedule);

    if (status == TRNNSF_OK && strcmp(settings->data, "digits") == 0)
        status = trnnsf_schedule_set(context, *out_schedule, "train.batch", digits_batch);
    return status;
}

/* From the file, the one that comes with the digits, or the defaults of the method. */
static trnnsf_status base_schedule(const struct experiment *experiment, const char *method,
                                   trnnsf_schedule **out_schedule)
{
    const struct settings *settings = experiment->settings;
    trnnsf_context *context = experiment->program->context;
    const char *path = settings->schedule;
    char beside[4096];

    if (!path && strcmp(settings->data, "digits") == 0) {
        snprintf(beside, sizeof beside, "%s/schedule.yaml", data_digits());
        path = beside;
    }
    if (!path)
        return default_schedule(experiment, method, out_schedule);

    trnnsf_schedule *schedule = NULL;
    trnnsf_status status = trnnsf_schedule_load(context, path, &schedule);
    if (status == TRNNSF_OK && method)
        status = trnnsf_schedule_set_word(context, schedule, "method", method);
    if (status == TRNNSF_OK && settings->variant)
        status = trnnsf_schedule_set_word(context, schedule, "variant", settings->variant);
    if (status == TRNNSF_OK)
        *out_schedule = schedule;
    else
        trnnsf_schedule_free(schedule);
    return status;
}

int make_schedule(struct experiment *experiment)
{
    const struct key_value *wrong = NULL;
    trnnsf_schedule *schedule = NULL;

    if (base_schedule(experiment, experiment->settings->method, &schedule) != TRNNSF_OK)
        return program_failed(experiment->program);
    if (apply_sets(experiment, schedule, &wrong) != TRNNSF_OK) {
        trnnsf_schedule_free(schedule);
        return options_error(&transform_usage, "%s: %s", wrong ? wrong->option : "--seed",
                             trnnsf_context_error(experiment->program->context));
    }
    experiment->schedule = schedule;
    return EXIT_GO_ON;
}

static uint32_t word_index(const trnnsf_schedule *schedule, const char *key,
                           const char *const *words)
{
    const char *word = trnnsf_schedule_word(schedule, key);
    uint32_t index = 0;

    while (word && words[index] && strcmp(words[index], word) != 0)
        index++;
    return index;
}

/* Words in the order of the enums in <trnnsf/network.h>. */
static trnnsf_status network_options(const struct experiment *experiment,
                                     struct trnnsf_network_options *options)
{
    static const char *const activations[] = {"linear", "relu", "sigmoid", "tanh", "softmax", NULL};
    static const char *const inits[] = {"uniform", "he", "glorot", NULL};
    trnnsf_context *context = experiment->program->context;
    const trnnsf_schedule *schedule = experiment->schedule;
    double bias = 0;

    trnnsf_network_options_init(options);
    options->seed = experiment->program->seed;
    options->hidden_activation = word_index(schedule, "network.hidden_activation", activations);
    options->output_activation = word_index(schedule, "network.output_activation", activations);
    options->init = word_index(schedule, "network.init", inits);
    trnnsf_status status = trnnsf_schedule_get(context, schedule, "network.bias", &bias);
    options->bias = bias != 0;
    return status != TRNNSF_OK
               ? status
               : trnnsf_schedule_get(context, schedule, "network.init_scale", &options->init_scale);
}

/* Two hidden layers: the papers' width for images of their size, less for smaller ones. */
static size_t default_sizes(const trnnsf_dataset *dataset, size_t *sizes)
{
    size_t features = trnnsf_dataset_features(dataset);

    sizes[0] = features;
    sizes[1] = sizes[2] = features < 256 ? 400 : 1200;
    sizes[3] = trnnsf_dataset_classes(dataset);
    return 4;
}

static trnnsf_status build_graph(struct experiment *experiment,
                                 const struct trnnsf_network_options *options)
{
    trnnsf_context *context = experiment->program->context;
    const trnnsf_dataset *dataset = experiment->dataset;
    trnnsf_graph *graph = NULL;
    trnnsf_status status = trnnsf_graph_parse(
        context, experiment->settings->layers, trnnsf_dataset_channels(dataset),
        trnnsf_dataset_height(dataset), trnnsf_dataset_width(dataset), options, &graph);

    if (status == TRNNSF_OK)
        status = trnnsf_network_build(context, graph, options, &experiment->initial);
    trnnsf_graph_free(graph);
    return status;
}

trnnsf_status make_initial(struct experiment *experiment)
{
    const struct settings *settings = experiment->settings;
    trnnsf_context *context = experiment->program->context;
    struct trnnsf_network_options options;
    size_t sizes[LAYERS_MAX], n_sizes = settings->n_sizes;

    if (settings->network)
        return networks_load(context, settings->network, &experiment->initial);
    memcpy(sizes, settings->sizes, sizeof sizes);
    if (n_sizes == 0)
        n_sizes = default_sizes(experiment->dataset, sizes);
    trnnsf_status status = network_options(experiment, &options);
    if (status != TRNNSF_OK)
        return status;
    if (settings->layers)
        return build_graph(experiment, &options);
    return trnnsf_network_create(context, sizes, n_sizes, &options, &experiment->initial);
}

/* A main method that was asked for has its schedule; others are run under a copy of it, so that all
 * train in the same regime. Defaults that go with the method alone come with
 * trnnsf_schedule_create. */
static trnnsf_status schedule_of(const struct experiment *experiment, const char *method,
                                 trnnsf_schedule **out_schedule)
{
    const struct key_value *wrong = NULL;
    trnnsf_status status = base_schedule(experiment, method, out_schedule);

    if (status != TRNNSF_OK)
        return status;
    status = apply_sets(experiment, *out_schedule, &wrong);
    /* --set method=… speaks of the main method only. */
    if (status == TRNNSF_OK)
        status =
            trnnsf_schedule_set_word(experiment->program->context, *out_schedule, "method", method);
    return status;
}

static trnnsf_status set_teachers(const struct experiment *experiment, trnnsf_run *run)
{
    const struct settings *settings = experiment->settings;
    trnnsf_context *context = experiment->program->context;
    trnnsf_network *teachers[TEACHERS_MAX] = {NULL};
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < settings->n_teachers && status == TRNNSF_OK; i++)
        status = networks_load(context, settings->teachers[i], &teachers[i]);
    if (status == TRNNSF_OK && settings->n_teachers > 0)
        status = trnnsf_run_set_teachers(context, run, (const trnnsf_network *const *)teachers,
                                         settings->n_teachers);
    for (size_t i = 0; i < settings->n_teachers; i++)
        trnnsf_network_free(teachers[i]);
    return status;
}

/* Epochs one by one, the checkpoint written after each. */
static trnnsf_status train(const struct experiment *experiment, const trnnsf_schedule *schedule,
                           double reference_accuracy, struct outcome *outcome)
{
    struct program *program = experiment->program;
    const char *checkpoint = experiment->settings->checkpoint;
    char path[4096];
    trnnsf_status status =
        trnnsf_network_copy(program->context, experiment->initial, &outcome->network);

    if (status == TRNNSF_OK)
        status = trnnsf_run_create(program->context, outcome->network, experiment->dataset,
                                   schedule, experiment->tech, reference_accuracy, &outcome->run);
    if (status == TRNNSF_OK)
        status = set_teachers(experiment, outcome->run);
    if (status == TRNNSF_OK && checkpoint) {
        snprintf(path, sizeof path, "%s.%s", checkpoint, outcome->method);
        if (access(path, F_OK) == 0)
            status = trnnsf_run_restore(program->context, outcome->run, path);
    }
    program_bar_begin(program, outcome->method, 0);
    while (status == TRNNSF_OK && !trnnsf_run_done(outcome->run)) {
        struct trnnsf_step step = {.struct_size = sizeof step};

        status = trnnsf_run_step(program->context, outcome->run, &step);
        if (status == TRNNSF_OK && checkpoint)
            status = trnnsf_run_save(program->context, outcome->run, path);
        if (status == TRNNSF_OK)
            program_bar_step(program, &step);
    }
    program_bar_end(program);
    return status;
}

static uint32_t map_rule(const char *method, const trnnsf_schedule *schedule)
{
    const char *variant = trnnsf_schedule_word(schedule, "variant");

    if (strcmp(method, "dense") == 0)
        return TRNNSF_MAP_DENSE;
    if (strcmp(method, "prune") == 0)
        return TRNNSF_MAP_PRUNED;
    return variant && strcmp(variant, "published") == 0 ? TRNNSF_MAP_PUBLISHED
                                                        : TRNNSF_MAP_CLUSTERED;
}

/* Shapes are chosen by what packing counted them by. */
static uint32_t map_cost(const char *method, const trnnsf_schedule *schedule)
{
    static const char *const costs[] = {"crossbars", "area", "energy", NULL};

    return strcmp(method, "pack") == 0 ? word_index(schedule, "pack.cost", costs)
                                       : (uint32_t)TRNNSF_MAP_COST_CELLS;
}

static trnnsf_status validate(const struct experiment *experiment, struct outcome *outcome)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    outcome->validation = 0;
    if (trnnsf_dataset_samples(experiment->dataset, TRNNSF_PART_VALIDATION) == 0)
        return TRNNSF_OK;
    trnnsf_status status =
        trnnsf_network_evaluate(experiment->program->context, outcome->network, experiment->dataset,
                                TRNNSF_PART_VALIDATION, TRNNSF_LOSS_SQUARED, &result);
    outcome->validation = result.accuracy;
    return status;
}

trnnsf_status run_method(const struct experiment *experiment, const char *method,
                         const struct outcome *dense, struct outcome *outcome)
{
    trnnsf_context *context = experiment->program->context;
    struct trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    double began = program_now();
    trnnsf_schedule *schedule = NULL;
    trnnsf_status status;

    outcome->method = method;
    status = schedule_of(experiment, method, &schedule);
    if (status == TRNNSF_OK && is_searched(experiment, schedule, method, dense))
        status = search_budgets(experiment, schedule, dense, outcome);
    else if (status == TRNNSF_OK)
        status = train(experiment, schedule, dense ? dense->validation : 0, outcome);
    if (status == TRNNSF_OK)
        status = validate(experiment, outcome);
    if (status == TRNNSF_OK) {
        map.rule = map_rule(method, schedule);
        map.cost = map_cost(method, schedule);
        status = trnnsf_mapping_create(context, outcome->network, experiment->tech, &map,
                                       &outcome->mapping);
    }
    if (status == TRNNSF_OK && experiment->settings->spiking > 0)
        status = spikes_run(experiment->program, outcome->network, outcome->mapping,
                            experiment->dataset, TRNNSF_PART_TEST, experiment->settings->spiking,
                            &outcome->spikes);
    outcome->seconds = program_now() - began;
    trnnsf_schedule_free(schedule);
    return status;
}

const trnnsf_run *outcome_run(const struct outcome *outcome)
{
    return outcome->search ? trnnsf_search_run(outcome->search) : outcome->run;
}

void outcome_free(struct outcome *outcome)
{
    trnnsf_search_free(outcome->search);
    trnnsf_spike_record_free(outcome->spikes);
    trnnsf_mapping_free(outcome->mapping);
    trnnsf_run_free(outcome->run);
    trnnsf_network_free(outcome->network);
}
