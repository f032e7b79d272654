/* Fixed small runs on the digits with the reference backend, as lines of CSV: `regression DIGITS`
 * prints them, `regression DIGITS results.csv` compares them with the file, byte for byte. A change
 * of behaviour shows as a diff of that file, renewed in the commit that makes the change:
 * `regression examples/data/digits > tests/regression/results.csv`. The published rules are not among
 * the runs: they follow eigenvectors of whole layers, which LAPACK rounds as the processor has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

enum { SKIPPED = 77, TEXT_ROOM = 16384 };

static const char heading[] =
    "technology,shape,method,variant,accuracy_test,sparsity,dense,pruned,clustered,residue,total,"
    "lower_bound,utilisation,area_m2,energy_j,latency_s\n";

static const struct job {
    const char *technology;
    const char *shape;
    const char *method;
    const char *variant;
    uint32_t rule;
} jobs[] = {
    {"resparc-45nm", "16x16", "dense", "corrected", TRNNSF_MAP_DENSE},
    {"resparc-45nm", "16x16", "prune", "corrected", TRNNSF_MAP_PRUNED},
    {"resparc-45nm", "16x16", "offline", "corrected", TRNNSF_MAP_CLUSTERED},
    {"resparc-45nm", "16x16", "transform", "corrected", TRNNSF_MAP_CLUSTERED},
    {"puma-32nm", "32x8", "prune", "corrected", TRNNSF_MAP_TILES},
    {"puma-32nm", "32x8", "transform", "corrected", TRNNSF_MAP_CLUSTERED},
};

struct experiment {
    trnnsf_context *ctx;
    trnnsf_dataset *digits;
    trnnsf_network *network;
    trnnsf_tech *tech;
    trnnsf_run *run;
    trnnsf_mapping *mapping;
    trnnsf_activity *activity;
    trnnsf_cost *cost;
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        trnnsf_status try_status = (call);                                                         \
        if (try_status != TRNNSF_OK)                                                               \
            return try_status;                                                                     \
    } while (0)

static trnnsf_status set_up(struct experiment *e, const struct job *job)
{
    static const size_t sizes[] = {64, 96, 10};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_tech *preset = NULL;

    options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    options.seed = 3;
    TRY(trnnsf_network_create(e->ctx, sizes, 3, &options, &e->network));
    TRY(trnnsf_tech_preset(e->ctx, job->technology, &preset));
    trnnsf_status status = trnnsf_tech_with_shapes(e->ctx, preset, job->shape, &e->tech);
    trnnsf_tech_free(preset);
    return status;
}

static trnnsf_status train(struct experiment *e, const struct job *job)
{
    static const struct {
        const char *key;
        double value;
    } constants[] = {{"train.epochs", 15},
                     {"train.batch", 50},
                     {"train.rate", 0.05},
                     {"train.hidden_dropout", 0}};
    trnnsf_schedule *schedule = NULL;

    TRY(trnnsf_schedule_create(e->ctx, job->method, job->variant, &schedule));
    trnnsf_status status = TRNNSF_OK;
    for (size_t i = 0; status == TRNNSF_OK && i < sizeof constants / sizeof *constants; i++)
        status = trnnsf_schedule_set(e->ctx, schedule, constants[i].key, constants[i].value);
    if (status == TRNNSF_OK)
        status = trnnsf_run_create(e->ctx, e->network, e->digits, schedule, e->tech, 0, &e->run);
    trnnsf_schedule_free(schedule);
    TRY(status);
    return trnnsf_run_finish(e->ctx, e->run);
}

static trnnsf_status describe(struct experiment *e, const struct job *job, char *line, size_t room)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    struct trnnsf_evaluation test = {.struct_size = sizeof test};
    const size_t all = TRNNSF_ALL_LAYERS;

    options.rule = job->rule;
    TRY(trnnsf_mapping_create(e->ctx, e->network, e->tech, &options, &e->mapping));
    TRY(trnnsf_mapping_check(e->ctx, e->mapping, e->network));
    TRY(trnnsf_mapping_counts(e->ctx, e->mapping, all, &counts));
    TRY(trnnsf_network_evaluate(e->ctx, e->network, e->digits, TRNNSF_PART_TEST,
                                TRNNSF_LOSS_SQUARED, &test));
    TRY(trnnsf_activity_measure(e->ctx, e->network, e->digits, TRNNSF_PART_TEST, &e->activity));
    TRY(trnnsf_cost_evaluate(e->ctx, e->mapping, e->tech, e->activity, &e->cost));
    snprintf(
        line, room, "%s,%s,%s,%s,%.4f,%.4f,%llu,%llu,%llu,%llu,%llu,%llu,%.4f,%.6g,%.6g,%.6g\n",
        job->technology, job->shape, job->method, job->variant, test.accuracy,
        1 - (double)counts.synapses / (double)counts.synapses_dense,
        (unsigned long long)counts.dense, (unsigned long long)counts.pruned,
        (unsigned long long)counts.clustered, (unsigned long long)counts.residue,
        (unsigned long long)counts.total, (unsigned long long)counts.lower_bound,
        counts.utilisation, trnnsf_cost_area(e->cost, all, TRNNSF_COST_TOTAL),
        trnnsf_cost_energy(e->cost, all, TRNNSF_COST_TOTAL), trnnsf_cost_latency(e->cost, all));
    return TRNNSF_OK;
}

static trnnsf_status run_job(trnnsf_context *ctx, trnnsf_dataset *digits, const struct job *job,
                             char *line, size_t room)
{
    struct experiment e = {.ctx = ctx, .digits = digits};
    trnnsf_status status = set_up(&e, job);

    if (status == TRNNSF_OK)
        status = train(&e, job);
    if (status == TRNNSF_OK)
        status = describe(&e, job, line, room);
    trnnsf_cost_free(e.cost);
    trnnsf_activity_free(e.activity);
    trnnsf_mapping_free(e.mapping);
    trnnsf_run_free(e.run);
    trnnsf_tech_free(e.tech);
    trnnsf_network_free(e.network);
    return status;
}

static trnnsf_status run_all(const char *folder, uint32_t threads, char *text, size_t room)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *ctx = NULL;
    trnnsf_dataset *digits = NULL;

    options.threads = threads;
    TRY(trnnsf_context_create(&options, &ctx));
    trnnsf_status status = trnnsf_backend_select(ctx, "reference");
    if (status == TRNNSF_OK)
        status = trnnsf_dataset_load(ctx, folder, NULL, &digits);
    size_t used = (size_t)snprintf(text, room, "%s", heading);
    for (size_t i = 0; status == TRNNSF_OK && i < sizeof jobs / sizeof *jobs; i++) {
        status = run_job(ctx, digits, &jobs[i], text + used, room - used);
        used += strlen(text + used);
    }
    if (status != TRNNSF_OK)
        fprintf(stderr, "%s\n", trnnsf_context_error(ctx));
    trnnsf_dataset_free(digits);
    trnnsf_context_free(ctx);
    return status;
}

/* Prints the lines that differ. */
static int compare(const char *path, const char *text)
{
    static char recorded[TEXT_ROOM];
    FILE *file = fopen(path, "rb");
    char *old_rest, *new_rest;
    int differences = 0;

    if (!file)
        return -1;
    recorded[fread(recorded, 1, sizeof recorded - 1, file)] = '\0';
    fclose(file);
    if (strcmp(recorded, text) == 0)
        return 0;

    char *copy = strdup(text);
    char *old_line = strtok_r(recorded, "\n", &old_rest);
    char *new_line = strtok_r(copy, "\n", &new_rest);
    while (old_line || new_line) {
        if (!old_line || !new_line || strcmp(old_line, new_line) != 0) {
            printf("- %s\n+ %s\n", old_line ? old_line : "", new_line ? new_line : "");
            differences++;
        }
        old_line = old_line ? strtok_r(NULL, "\n", &old_rest) : NULL;
        new_line = new_line ? strtok_r(NULL, "\n", &new_rest) : NULL;
    }
    free(copy);
    return differences + 1;
}

int main(int argc, char **argv)
{
    static char one[TEXT_ROOM], two[TEXT_ROOM];

    if (argc < 2)
        return EXIT_FAILURE;
    trnnsf_status status = run_all(argv[1], 1, one, sizeof one);
    if (status == TRNNSF_E_UNSUPPORTED)
        return SKIPPED;
    if (status != TRNNSF_OK)
        return EXIT_FAILURE;
    if (argc < 3) {
        fputs(one, stdout);
        return EXIT_SUCCESS;
    }
    if (run_all(argv[1], 2, two, sizeof two) != TRNNSF_OK)
        return EXIT_FAILURE;
    if (strcmp(one, two) != 0) {
        printf("two threads give other results than one:\n%s%s", one, two);
        return EXIT_FAILURE;
    }
    int differences = compare(argv[2], one);
    if (differences == 0)
        printf("%zu runs as recorded, with one thread and two\n", sizeof jobs / sizeof *jobs);
    return differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
