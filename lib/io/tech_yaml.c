#include "io/tech_yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"

enum { VERSION = 1, PLACE_LENGTH = 640 };

/* What a file has said so far. */
struct reading {
    const struct trn_yaml *yaml;
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
    if (strcmp(entry->path, "name") == 0 || strcmp(entry->path, "shapes") == 0)
        return TRNNSF_OK;
    return trn_yaml_fail(reading->yaml, entry, TRNNSF_E_FORMAT,
                         "unknown key (known are version, name, shapes, constants)");
}

static trnnsf_status complete(struct reading *reading)
{
    const struct trn_yaml *yaml = reading->yaml;

    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        const char *name = trn_tech_key_infos[key].name;

        if (!reading->has_value[key] && !reading->source[key]) {
            trn_tech_complete(key, &reading->value[key], &reading->source[key]);
            reading->has_value[key] = reading->source[key] != NULL;
        }
        if (!reading->has_value[key] || !reading->source[key])
            return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s: constants.%s.%s is missing",
                            yaml->name, name, reading->has_value[key] ? "source" : "value");
    }
    return TRNNSF_OK;
}

/* Refusals of the technology room are about the file here. */
static trnnsf_status of_file(trnnsf_status status)
{
    return status == TRNNSF_E_INVALID ? TRNNSF_E_FORMAT : status;
}

trnnsf_status trn_tech_read(const struct trn_yaml *yaml, struct trnnsf_tech **out_tech)
{
    struct reading reading = {.yaml = yaml};
    struct trn_tech_shape shapes[TRN_TECH_SHAPES_MAX];
    size_t n_shapes;
    char place[PLACE_LENGTH];
    const struct trn_yaml_entry *name = trn_yaml_find(yaml, "name");
    const struct trn_yaml_entry *shape = trn_yaml_find(yaml, "shapes");

    for (size_t i = 0; i < yaml->count; i++)
        TRN_TRY(read_entry(&reading, &yaml->entries[i]));
    if (!trn_yaml_find(yaml, "version") || !name || !shape)
        return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s: %s is missing", yaml->name,
                        !name    ? "name"
                        : !shape ? "shapes"
                                 : "version");
    TRN_TRY(complete(&reading));
    name_place(yaml, shape, place);
    TRN_TRY(of_file(trn_tech_parse_shapes(yaml->ctx, place, shape->text, shapes, &n_shapes)));
    return of_file(trn_tech_create(yaml->ctx, yaml->name, name->text, reading.value, reading.source,
                                   n_shapes, shapes, out_tech));
}

#if TRN_HAVE_YAML
#include <yaml.h>

static int append(void *data, unsigned char *bytes, size_t size)
{
    return trn_file_append(data, bytes, size) == TRNNSF_OK;
}

static bool emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    return made && yaml_emitter_emit(emitter, event);
}

static bool emit_text(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;

    return emit(emitter, &event,
                yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                             (int)strlen(text), 1, 1, style));
}

static bool emit_pair(yaml_emitter_t *emitter, const char *key, const char *text,
                      yaml_scalar_style_t style)
{
    return emit_text(emitter, key, YAML_PLAIN_SCALAR_STYLE) && emit_text(emitter, text, style);
}

static bool begin_map(yaml_emitter_t *emitter, yaml_mapping_style_t style)
{
    yaml_event_t event;

    return emit(emitter, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style));
}

static bool end_map(yaml_emitter_t *emitter)
{
    yaml_event_t event;

    return emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
}

static bool emit_constants(yaml_emitter_t *emitter, const struct trnnsf_tech *tech)
{
    char number[40];

    if (!emit_text(emitter, "constants", YAML_PLAIN_SCALAR_STYLE) ||
        !begin_map(emitter, YAML_BLOCK_MAPPING_STYLE))
        return false;
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        snprintf(number, sizeof number, "%.17g", tech->value[key]); /* reads back exactly */
        if (!emit_text(emitter, trn_tech_key_infos[key].name, YAML_PLAIN_SCALAR_STYLE) ||
            !begin_map(emitter, YAML_BLOCK_MAPPING_STYLE) ||
            !emit_pair(emitter, "value", number, YAML_PLAIN_SCALAR_STYLE) ||
            !emit_pair(emitter, "source", tech->source[key], YAML_DOUBLE_QUOTED_SCALAR_STYLE) ||
            !end_map(emitter))
            return false;
    }
    return end_map(emitter);
}

static bool emit_document(yaml_emitter_t *emitter, const struct trnnsf_tech *tech,
                          const char *shapes)
{
    yaml_event_t event;

    return emit(emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
           emit(emitter, &event,
                yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
           begin_map(emitter, YAML_BLOCK_MAPPING_STYLE) &&
           emit_pair(emitter, "version", "1", YAML_PLAIN_SCALAR_STYLE) &&
           emit_pair(emitter, "name", tech->name, YAML_DOUBLE_QUOTED_SCALAR_STYLE) &&
           emit_pair(emitter, "shapes", shapes, YAML_PLAIN_SCALAR_STYLE) &&
           emit_constants(emitter, tech) && end_map(emitter) &&
           emit(emitter, &event, yaml_document_end_event_initialize(&event, 1)) &&
           emit(emitter, &event, yaml_stream_end_event_initialize(&event));
}

trnnsf_status trn_tech_write(trnnsf_context *ctx, const struct trnnsf_tech *tech, const char *path)
{
    yaml_emitter_t emitter;
    struct trn_file_writer *writer;
    char shapes[TRN_TECH_SHAPES_MAX * 12] = "";
    size_t length = 0;

    for (size_t i = 0; i < tech->n_shapes; i++)
        length += (size_t)snprintf(shapes + length, sizeof shapes - length, "%s%zux%zu",
                                   i ? "," : "", tech->shapes[i].inputs, tech->shapes[i].outputs);
    TRN_TRY(trn_file_begin(ctx, path, &writer));
    if (!yaml_emitter_initialize(&emitter)) {
        trn_file_discard(writer);
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "trnnsf_tech_save: no memory for the emitter");
    }
    yaml_emitter_set_output(&emitter, append, writer);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    bool done = emit_document(&emitter, tech, shapes) && yaml_emitter_flush(&emitter);
    yaml_error_type_t problem = emitter.error;
    yaml_emitter_delete(&emitter);
    if (done)
        return trn_file_commit(writer);
    trn_file_discard(writer);
    if (problem == YAML_MEMORY_ERROR)
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "trnnsf_tech_save: no memory for the emitter");
    return trn_fail(ctx, TRNNSF_E_IO, "trnnsf_tech_save: %.500s could not be written", path);
}

#else

trnnsf_status trn_tech_write(trnnsf_context *ctx, const struct trnnsf_tech *tech, const char *path)
{
    (void)tech;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "trnnsf_tech_save: %.500s: built without libyaml",
                    path);
}

#endif

trnnsf_status trnnsf_tech_load(trnnsf_context *context, const char *path, trnnsf_tech **out_tech)
{
    struct trn_yaml *yaml;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_load: %s is NULL",
                        path ? "out_tech" : "path");
    TRN_TRY(trn_yaml_load(context, path, &yaml));
    trnnsf_status status = trn_tech_read(yaml, out_tech);
    trn_yaml_free(yaml);
    return status;
}

trnnsf_status trnnsf_tech_save(trnnsf_context *context, const trnnsf_tech *tech, const char *path)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!tech || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_save: %s is NULL",
                        tech ? "path" : "tech");
    return trn_tech_write(context, tech, path);
}
