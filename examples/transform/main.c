/* trnnsf-transform: train, prune, cluster, map and cost, beside the dense and the pruned network.
 */
#include <stdio.h>
#include <string.h>

#include "../common/data.h"
#include "../common/networks.h"
#include "methods.h"
#include "search.h"
#include "table.h"

enum { OUTCOMES_MAX = 4 };

static trnnsf_status add_to_report(const struct experiment *experiment, trnnsf_report *report,
                                   const struct outcome *outcome)
{
    const struct program *program = experiment->program;
    struct trnnsf_report_entry entry = {
        .struct_size = sizeof entry,
        .method = outcome->method,
        .network = outcome->network,
        .mapping = outcome->mapping,
        .tech = experiment->tech,
        .dataset = experiment->dataset,
        .run = outcome_run(outcome),
        .search = outcome->search,
        .spikes = outcome->spikes,
        .seed = program->seed,
        .seconds = program->reproducible ? -1 : outcome->seconds,
    };

    return trnnsf_report_add(program->context, report, &entry);
}

/* The main method is the last outcome and the report's first entry. */
static trnnsf_status make_report(const struct experiment *experiment,
                                 const struct outcome *outcomes, size_t count,
                                 trnnsf_report **out_report)
{
    trnnsf_status status = trnnsf_report_create(experiment->program->context, out_report);

    if (status == TRNNSF_OK)
        status = add_to_report(experiment, *out_report, &outcomes[count - 1]);
    for (size_t i = 0; i + 1 < count && status == TRNNSF_OK; i++)
        status = add_to_report(experiment, *out_report, &outcomes[i]);
    return status;
}

static trnnsf_status write_files(const struct experiment *experiment, trnnsf_report *report,
                                 const struct outcome *own)
{
    const struct settings *settings = experiment->settings;
    trnnsf_context *context = experiment->program->context;
    const char *json = experiment->program->json;
    trnnsf_status status = TRNNSF_OK;

    if (settings->save)
        status = networks_save(context, own->network, settings->save);
    if (status == TRNNSF_OK && settings->mapping)
        status = trnnsf_mapping_save(context, own->mapping, settings->mapping);
    if (status == TRNNSF_OK && json)
        status = trnnsf_report_save(context, report, strcmp(json, "-") ? json : "/dev/stdout");
    if (status == TRNNSF_OK && settings->figure)
        status = trnnsf_report_figure(context, report, settings->figure);
    return status;
}

/* dense, prune, offline, then the main method, each from the same initial network. */
static trnnsf_status run_all(const struct experiment *experiment, struct outcome *outcomes,
                             size_t *count)
{
    const struct settings *settings = experiment->settings;
    const char *method = trnnsf_schedule_word(experiment->schedule, "method");
    const bool others[] = {settings->compare_prune, settings->compare_offline};
    static const char *const names[] = {"prune", "offline"};
    bool is_dense = strcmp(method, "dense") == 0;
    const struct outcome *dense = NULL;
    trnnsf_status status = TRNNSF_OK;

    if (settings->compare_dense && !is_dense) {
        status = run_method(experiment, "dense", NULL, &outcomes[(*count)++]);
        dense = &outcomes[0];
    }
    for (size_t i = 0; i < 2; i++) {
        if (status == TRNNSF_OK && others[i] && !is_dense && strcmp(method, names[i]) != 0)
            status = run_method(experiment, names[i], dense, &outcomes[(*count)++]);
    }
    if (status == TRNNSF_OK)
        status = run_method(experiment, method, dense, &outcomes[(*count)++]);
    return status;
}

/* Layers as text can be judged with the samples' shape alone. */
static int prepare(struct experiment *experiment)
{
    const struct settings *settings = experiment->settings;
    struct program *program = experiment->program;
    struct trnnsf_dataset_options options = settings->dataset;

    options.seed = program->seed;
    if (data_load(program, settings->data, &options, &experiment->dataset) != TRNNSF_OK)
        return program_failed(program);

    trnnsf_status status = make_initial(experiment);

    if (status == TRNNSF_OK)
        return EXIT_GO_ON;
    if (settings->layers && status != TRNNSF_E_NO_MEMORY)
        return options_error(&transform_usage, "--layers: %s", trnnsf_context_error(program->context));
    return program_failed(program);
}

static int work(struct experiment *experiment)
{
    struct program *program = experiment->program;
    struct outcome outcomes[OUTCOMES_MAX] = {{0}};
    size_t count = 0;
    trnnsf_report *report = NULL;
    int code = prepare(experiment);

    if (code != EXIT_GO_ON)
        return code;

    trnnsf_status status = run_all(experiment, outcomes, &count);

    if (status == TRNNSF_OK)
        status = make_report(experiment, outcomes, count, &report);
    /* The table first: what was computed is seen even where a file cannot be written. */
    if (status == TRNNSF_OK && !program->quiet && !(program->json && !strcmp(program->json, "-"))) {
        print_table(program, report, outcomes, count);
        print_search(experiment, &outcomes[count - 1]);
        fflush(stdout);
    }
    if (status == TRNNSF_OK)
        status = write_files(experiment, report, &outcomes[count - 1]);

    code = status == TRNNSF_OK ? EXIT_DONE : program_failed(program);
    trnnsf_report_free(report);
    for (size_t i = 0; i < count; i++)
        outcome_free(&outcomes[i]);
    return code;
}

static int load_tech(struct experiment *experiment)
{
    const struct settings *settings = experiment->settings;
    trnnsf_status status =
        data_load_tech(experiment->program, settings->tech, settings->mca, &experiment->tech);

    if (status == TRNNSF_E_INVALID && settings->mca)
        return options_error(&transform_usage, "--mca %s: %s", settings->mca,
                             trnnsf_context_error(experiment->program->context));
    return status == TRNNSF_OK ? EXIT_GO_ON : program_failed(experiment->program);
}

int main(int argc, char **argv)
{
    struct program program = {.usage = &transform_usage, .seed = 1};
    struct settings settings;
    struct experiment experiment = {.program = &program, .settings = &settings};
    int code = settings_read(&settings, &program, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&program);
    if (code == EXIT_GO_ON)
        code = make_schedule(&experiment);
    if (code == EXIT_GO_ON)
        code = check_target(&experiment);
    if (code == EXIT_GO_ON)
        code = load_tech(&experiment);
    if (code == EXIT_GO_ON)
        code = work(&experiment);
    trnnsf_network_free(experiment.initial);
    trnnsf_schedule_free(experiment.schedule);
    trnnsf_tech_free(experiment.tech);
    trnnsf_dataset_free(experiment.dataset);
    program_end(&program);
    return code;
}
