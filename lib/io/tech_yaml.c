#include "io/tech_yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "tech/agreement.h"

/* More files, each like the next, than anybody writes on purpose; chosen here. */
enum { VERSION = 1, PLACE_LENGTH = 640, CHAIN_MAX = 8 };

/* The files whose `like` led here, the nearest first. */
struct chain {
    const char *path;
    const struct chain *above;
    int depth;
};

/* What a file has said so far. */
struct reading {
    const struct trn_yaml *yaml;
    const struct trnnsf_tech *base; /* NULL: like none */
    double value[TRN_TECH_KEYS];
    const char *source[TRN_TECH_KEYS];
    bool has_value[TRN_TECH_KEYS];
};

/* "FILE:LINE", as the error texts of the technology room begin. */
static void name_place(const struct trn_yaml *yaml, const struct trn_yaml_entry *entry,
                       char place[PLACE_LENGTH])
{
    snprintf(place, PLACE_LENGTH, "%.600s:%zu", yaml->name, entry->line);
}

static trnnsf_status read_value(struct reading *reading, const struct trn_yaml_entry *entry,
                                size_t key)
{
    char place[PLACE_LENGTH];

    TRN_TRY(trn_yaml_number(reading->yaml, entry, &reading->value[key]));
    name_place(reading->yaml, entry, place);
    if (trn_tech_check_value(reading->yaml->ctx, place, key, reading->value[key]) != TRNNSF_OK)
        return TRNNSF_E_FORMAT;
    reading->has_value[key] = true;
    return TRNNSF_OK;
}

/* "constants.KEY.value" and "constants.KEY.source" */
static trnnsf_status read_constant(struct reading *reading, const struct trn_yaml_entry *entry)
{
    static const char above[] = "constants.";
    char name[80];
    const char *key_text = entry->path + strlen(above);
    const char *dot = strchr(key_text, '.');
    size_t length = dot ? (size_t)(dot - key_text) : strlen(key_text);

    if (length >= sizeof name)
        return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT, "there is no such constant");
    memcpy(name, key_text, length);
    name[length] = '\0';

    size_t key = trn_tech_key_find(name);
    if (key == TRN_TECH_KEYS)
        return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT, "there is no such constant");
    if (!dot)
        return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT,
                             "a constant is {value: NUMBER, source: TEXT}");
    if (strcmp(dot, ".value") == 0)
        return read_value(reading, entry, key);
    if (strcmp(dot, ".source") != 0)
        return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT,
                             "a constant has only value and source");
    if (!entry->text[0] || strlen(entry->text) > TRN_TECH_SOURCE_MAX)
        return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT,
                             "a source is a text of 1 to 500 bytes");
    reading->source[key] = entry->text;
    return TRNNSF_OK;
}

static trnnsf_status read_entry(struct reading *reading, const struct trn_yaml_entry *entry)
{
    double version;

    if (strncmp(entry->path, "constants.", strlen("constants.")) == 0)
        return read_constant(reading, entry);
    if (strcmp(entry->path, "version") == 0) {
        TRN_TRY(trn_yaml_number(reading->yaml, entry, &version));
        if (version < VERSION || version > VERSION)
            return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_UNSUPPORTED,
                                 "only version 1 is known");
        return TRNNSF_OK;
    }
    if (strcmp(entry->path, "name") == 0 || strcmp(entry->path, "shapes") == 0 ||
        strcmp(entry->path, "like") == 0)
        return TRNNSF_OK;
    return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT,
                         "unknown key (known are version, name, like, shapes, constants)");
}

/* The line of a constant's value or source; NULL where this file does not say it. */
static const struct trn_yaml_entry *find_constant(const struct trn_yaml *yaml, size_t key,
                                                  const char *part)
{
    char path[128];

    snprintf(path, sizeof path, "constants.%s.%s", trn_tech_key_infos[key].name, part);
    return trn_yaml_find(yaml, path);
}

static trnnsf_status fail_missing(const struct reading *reading, size_t key)
{
    const struct trn_yaml *yaml = reading->yaml;
    const char *name = trn_tech_key_infos[key].name;
    const struct trn_yaml_entry *half =
        find_constant(yaml, key, reading->has_value[key] ? "value" : "source");

    if (half)
        return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: constants.%s.%s is missing",
                        yaml->name, half->line, name, reading->has_value[key] ? "source" : "value");
    return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s: constants.%s.value is missing", yaml->name,
                    name);
}

/* What the file does not say is as in its base, or as in an ideal device. */
static trnnsf_status complete(struct reading *reading)
{
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        if (!reading->has_value[key] && !reading->source[key]) {
            if (reading->base) {
                reading->value[key] = reading->base->value[key];
                reading->source[key] = reading->base->source[key];
            }
            trn_tech_complete(key, &reading->value[key], &reading->source[key]);
            reading->has_value[key] = reading->source[key] != NULL;
        }
        if (!reading->has_value[key] || !reading->source[key])
            return fail_missing(reading, key);
    }
    return TRNNSF_OK;
}

/* The last line that has to do with a contradiction is the one to look at. */
static trnnsf_status check_agreement(const struct reading *reading)
{
    const struct trn_yaml *yaml = reading->yaml;
    struct trn_tech_conflict conflict;
    size_t line = 0;

    if (trn_tech_agrees(reading->value, &conflict))
        return TRNNSF_OK;
    for (size_t i = 0; i < sizeof conflict.keys / sizeof conflict.keys[0]; i++) {
        const struct trn_yaml_entry *entry = conflict.keys[i] < TRN_TECH_KEYS
                                                 ? find_constant(yaml, conflict.keys[i], "value")
                                                 : NULL;

        line = entry && entry->line > line ? entry->line : line;
    }
    return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s", yaml->name, line, conflict.text);
}

/* Refusals of the technology room are about the file here. */
static trnnsf_status of_file(trnnsf_status status)
{
    return status == TRNNSF_E_INVALID ? TRNNSF_E_FORMAT : status;
}

/* The base's shapes where the file says none; then a refusal can only be about
 * columns_per_output. */
static trnnsf_status make(const struct reading *reading, const struct trn_yaml_entry *name,
                          struct trnnsf_tech **out_tech)
{
    const struct trn_yaml *yaml = reading->yaml;
    const struct trn_yaml_entry *entry = trn_yaml_find(yaml, "shapes");
    struct trn_tech_shape parsed[TRN_TECH_SHAPES_MAX];
    const struct trn_tech_shape *shapes = parsed;
    size_t n_shapes;
    char place[PLACE_LENGTH];

    if (entry) {
        name_place(yaml, entry, place);
        TRN_TRY(of_file(trn_tech_parse_shapes(yaml->ctx, place, entry->text, parsed, &n_shapes)));
    } else {
        entry = find_constant(yaml, TRN_TECH_COLUMNS_PER_OUTPUT, "value");
        name_place(yaml, entry ? entry : name, place);
        shapes = reading->base->shapes;
        n_shapes = reading->base->n_shapes;
    }
    return of_file(trn_tech_create(yaml->ctx, place, name->text, reading->value, reading->source,
                                   n_shapes, shapes, out_tech));
}

static trnnsf_status read_file(trnnsf_context *ctx, const char *path, const struct chain *above,
                               struct trnnsf_tech **out_tech);

static bool is_preset(const char *name)
{
    for (size_t i = 0; i < trn_tech_preset_count(); i++) {
        if (strcmp(trn_tech_preset_name(i), name) == 0)
            return true;
    }
    return false;
}

/* A built-in descriptor by its name, else a file as seen from this one. */
static trnnsf_status read_base(const struct trn_yaml *yaml, const struct trn_yaml_entry *like,
                               const struct chain *chain, struct trnnsf_tech **out_base)
{
    trnnsf_context *ctx = yaml->ctx;

    if (is_preset(like->text))
        return trn_tech_preset(ctx, like->text, out_base);
    if (!like->text[0] || !chain)
        return trn_yaml_fail(yaml, like, TRNNSF_E_FORMAT, "there is no such built-in technology");

    char *path = trn_file_beside(ctx, chain->path, like->text);
    if (!path)
        return TRNNSF_E_NO_MEMORY;
    trnnsf_status status = TRNNSF_OK;
    for (const struct chain *file = chain; file && status == TRNNSF_OK; file = file->above) {
        if (trn_file_same(path, file->path))
            status = trn_yaml_fail(yaml, like, TRNNSF_E_FORMAT,
                                   "the file is like itself, by way of the files that are like it");
    }
    if (status == TRNNSF_OK && chain->depth == CHAIN_MAX)
        status =
            trn_yaml_fail(yaml, like, TRNNSF_E_FORMAT, "more than 8 files, each like the next");
    if (status == TRNNSF_OK) {
        status = read_file(ctx, path, chain, out_base);
        if (status != TRNNSF_OK)
            trn_fail_in(ctx, status, "%.200s:%zu: like", yaml->name, like->line);
    }
    trn_free(ctx, path);
    return status;
}

static trnnsf_status read_descriptor(const struct trn_yaml *yaml, const struct chain *chain,
                                     struct trnnsf_tech **out_tech)
{
    trnnsf_status status = TRNNSF_OK;
    struct reading reading = {.yaml = yaml};
    struct trnnsf_tech *base = NULL;
    const struct trn_yaml_entry *name = trn_yaml_find(yaml, "name");
    const struct trn_yaml_entry *like = trn_yaml_find(yaml, "like");

    for (size_t i = 0; i < yaml->count; i++)
        TRN_TRY(read_entry(&reading, &yaml->entries[i]));
    if (!trn_yaml_find(yaml, "version") || !name || (!like && !trn_yaml_find(yaml, "shapes")))
        return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s: %s is missing", yaml->name,
                        !name                                     ? "name"
                        : !like && !trn_yaml_find(yaml, "shapes") ? "shapes"
                                                                  : "version");
    if (!name->text[0] || strlen(name->text) > TRN_TECH_SOURCE_MAX)
        return trn_yaml_fail(yaml, name, TRNNSF_E_FORMAT, "a name is a text of 1 to 500 bytes");
    if (like)
        TRN_TRY(read_base(yaml, like, chain, &base));
    reading.base = base;
    TRN_TRY_OUT(complete(&reading));
    TRN_TRY_OUT(check_agreement(&reading));
    status = make(&reading, name, out_tech);
out:
    trn_tech_free(base);
    return status;
}

static trnnsf_status read_file(trnnsf_context *ctx, const char *path, const struct chain *above,
                               struct trnnsf_tech **out_tech)
{
    struct chain chain = {path, above, above ? above->depth + 1 : 1};
    struct trn_yaml *yaml;

    TRN_TRY(trn_yaml_load(ctx, path, &yaml));
    trnnsf_status status = read_descriptor(yaml, &chain, out_tech);
    trn_yaml_free(yaml);
    return status;
}

trnnsf_status trn_tech_read(const struct trn_yaml *yaml, struct trnnsf_tech **out_tech)
{
    return read_descriptor(yaml, NULL, out_tech);
}

trnnsf_status trnnsf_tech_load(trnnsf_context *context, const char *path, trnnsf_tech **out_tech)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_load: %s is NULL",
                        path ? "out_tech" : "path");
    return read_file(context, path, NULL, out_tech);
}
