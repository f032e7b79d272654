#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/tech_yaml.h"

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

trnnsf_status trnnsf_tech_save(trnnsf_context *context, const trnnsf_tech *tech, const char *path)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!tech || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_save: %s is NULL",
                        tech ? "path" : "tech");
    return trn_tech_write(context, tech, path);
}
