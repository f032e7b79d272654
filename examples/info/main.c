/* trnnsf-info: describes any file of ours. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../common/data.h"
#include "../common/networks.h"
#include "describe.h"

enum { OPTION_TECHS = OPTION_OWN, OPTION_KEYS, OPTION_TECH, OPTION_TECH_KEYS };

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Instead of a file:"},
    {"techs", NULL, OPTION_TECHS, "list the built-in technologies"},
    {"tech", "NAME", OPTION_TECH, "describe a built-in technology, each constant with its source"},
    {"tech-keys", NULL, OPTION_TECH_KEYS, "list the constants of technologies with ranges"},
    {"keys", NULL, OPTION_KEYS, "list the keys of schedules with defaults and ranges"},
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-info",
    .synopsis = "FILE|FOLDER|digits [OPTION]…",
    .description =
        "Describes a network, mapping or checkpoint (safetensors), a network of ONNX (.onnx), a\n"
        "technology or schedule (YAML), a sparse matrix (Matrix Market), a NIR graph (.nir, .h5,\n"
        ".hdf5) or a data set's folder.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

struct work {
    struct program program;
    const char *path;
    const char *tech;
    bool techs;
    bool keys;
    bool tech_keys;
    struct facts facts;
};

static int take(struct work *work, int key, const char *value)
{
    switch (key) {
    case OPTION_TECHS:
        work->techs = true;
        return EXIT_GO_ON;
    case OPTION_KEYS:
        work->keys = true;
        return EXIT_GO_ON;
    case OPTION_TECH_KEYS:
        work->tech_keys = true;
        return EXIT_GO_ON;
    case OPTION_TECH:
        work->tech = value;
        return EXIT_GO_ON;
    default:
        return program_option(&work->program, key, value);
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
    int asked = work->techs + work->keys + work->tech_keys + (work->tech != NULL) + (argc - optind);
    if (asked != 1)
        return options_error(&usage, asked ? "only one thing at a time" : "which file?");
    work->path = optind < argc ? argv[optind] : NULL;
    return EXIT_GO_ON;
}

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), size = strlen(ending);

    return length > size && strcmp(path + length - size, ending) == 0;
}

/* What it is comes first, the tensors last. */
static trnnsf_status describe_safetensors(struct work *work, char *format)
{
    struct program *program = &work->program;
    trnnsf_status status = TRNNSF_OK;

    if (strcmp(format, "trnnsf-network") == 0)
        status = describe_network(program, work->path, &work->facts);
    else if (strcmp(format, "trnnsf-mapping") == 0)
        status = describe_mapping(program, work->path, &work->facts);
    else
        fact_text(&work->facts, "kind", "%s",
                  strcmp(format, "trnnsf-checkpoint") == 0 ? "checkpoint of a run" : "tensors");
    if (status == TRNNSF_OK)
        describe_tensors(work->path, &work->facts, format);
    return status;
}

static trnnsf_status describe_file(struct work *work)
{
    struct program *program = &work->program;
    struct facts tensors = {.list = NULL};
    struct stat status;
    char format[64];

    if (strcmp(work->path, "digits") == 0 && stat(work->path, &status) != 0)
        return describe_dataset(program, data_digits(), &work->facts);
    if (stat(work->path, &status) == 0 && S_ISDIR(status.st_mode))
        return describe_dataset(program, work->path, &work->facts);
    if (ends_with(work->path, ".mtx") || ends_with(work->path, ".mtx.gz") ||
        ends_with(work->path, ".mtx.xz"))
        return describe_matrix(program, work->path, &work->facts);
    if (ends_with(work->path, ".nir") || ends_with(work->path, ".h5") ||
        ends_with(work->path, ".hdf5"))
        return describe_nir(program, work->path, &work->facts);
    if (networks_is_onnx(work->path))
        return describe_network(program, work->path, &work->facts);
    if (!describe_tensors(work->path, &tensors, format)) {
        facts_free(&tensors);
        return describe_yaml(program, work->path, &work->facts);
    }
    facts_free(&tensors);
    return describe_safetensors(work, format);
}

static trnnsf_status describe_preset(struct work *work)
{
    trnnsf_tech *tech = NULL;
    trnnsf_status status = trnnsf_tech_preset(work->program.context, work->tech, &tech);

    if (status == TRNNSF_OK)
        describe_tech(&work->program, tech, &work->facts);
    trnnsf_tech_free(tech);
    return status;
}

static trnnsf_status describe(struct work *work)
{
    if (work->keys)
        return describe_keys(&work->program, &work->facts);
    if (work->tech_keys)
        return describe_tech_keys(&work->program, &work->facts);
    if (work->tech)
        return describe_preset(work);
    if (!work->techs)
        return describe_file(work);
    for (size_t i = 0; i < trnnsf_tech_preset_count(); i++)
        fact_text(&work->facts, trnnsf_tech_preset_name(i), "built in");
    return TRNNSF_OK;
}

static int run(struct work *work)
{
    struct program *program = &work->program;

    if (describe(work) != TRNNSF_OK)
        return work->facts.reason[0] ? program_failed_at(program, work->path, work->facts.reason)
                                     : program_failed(program);
    if (work->facts.failed)
        return program_failed_at(program, work->path ? work->path : "list", "no memory");
    program_bar_end(program);
    if (!program->quiet && !(program->json && strcmp(program->json, "-") == 0))
        facts_print(&work->facts);
    return program->json ? facts_write_json(&work->facts, program) : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct work work = {.program = {.usage = &usage, .seed = 1}};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = run(&work);
    facts_free(&work.facts);
    program_end(&work.program);
    return code;
}
