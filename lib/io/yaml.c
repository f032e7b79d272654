#include "io/yaml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"

/* Chosen here: far above what a person writes, and small enough to be read at once. */
enum { FILE_MAX = 1 << 20, DEPTH_MAX = 8, ENTRIES_MAX = 4096, PATH_MAX_LENGTH = 512 };

void trn_yaml_free(struct trn_yaml *yaml)
{
    if (!yaml)
        return;

    trnnsf_context *ctx = yaml->ctx;
    for (size_t i = 0; i < yaml->count; i++) {
        trn_free(ctx, yaml->entries[i].path);
        trn_free(ctx, yaml->entries[i].text);
    }
    trn_free(ctx, yaml->entries);
    trn_free(ctx, yaml->name);
    trn_free(ctx, yaml);
    trn_context_release(ctx);
}

const struct trn_yaml_entry *trn_yaml_find(const struct trn_yaml *yaml, const char *path)
{
    for (size_t i = 0; i < yaml->count; i++) {
        if (strcmp(yaml->entries[i].path, path) == 0)
            return &yaml->entries[i];
    }
    return NULL;
}

trnnsf_status trn_yaml_fail(const struct trn_yaml *yaml, const struct trn_yaml_entry *entry,
                            trnnsf_status status, const char *what)
{
    return trn_fail(yaml->ctx, status, "%s:%zu: %s: %s", yaml->name, entry->line, entry->path, what);
}

trnnsf_status trn_yaml_number(const struct trn_yaml *yaml, const struct trn_yaml_entry *entry,
                              double *out_value)
{
    char *end;
    double value = strtod(entry->text, &end);

    if (end == entry->text || *end != '\0' || !isfinite(value))
        return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s: '%.40s' is not a finite number",
                        yaml->name, entry->line, entry->path, entry->text);
    *out_value = value;
    return TRNNSF_OK;
}

#if TRN_HAVE_YAML
#include <yaml.h>

static trnnsf_status fail_at(const struct trn_yaml *yaml, const yaml_node_t *node, const char *path,
                             trnnsf_status status, const char *what)
{
    return trn_fail(yaml->ctx, status, "%s:%zu: %s%s%s", yaml->name, node->start_mark.line + 1, path,
                    path[0] ? ": " : "", what);
}

static trnnsf_status add_scalar(struct trn_yaml *yaml, const yaml_node_t *node, const char *path)
{
    const char *text = (const char *)node->data.scalar.value;

    if (yaml->count == ENTRIES_MAX)
        return fail_at(yaml, node, path, TRNNSF_E_LIMIT, "more than 4096 values");
    if (strlen(text) != node->data.scalar.length)
        return fail_at(yaml, node, path, TRNNSF_E_FORMAT, "a zero byte in the text");
    if (trn_yaml_find(yaml, path))
        return fail_at(yaml, node, path, TRNNSF_E_FORMAT, "the key stands here twice");

    struct trn_yaml_entry *entry = &yaml->entries[yaml->count];
    entry->path = trn_copy_text(yaml->ctx, path);
    entry->text = trn_copy_text(yaml->ctx, text);
    entry->line = node->start_mark.line + 1;
    yaml->count++;
    return entry->path && entry->text ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

/* "path.key", or the key alone at the top. */
static trnnsf_status extend_path(const struct trn_yaml *yaml, const yaml_node_t *node,
                                 const char *path, const char *key, char *out)
{
    int length = snprintf(out, PATH_MAX_LENGTH, "%s%s%s", path, path[0] ? "." : "", key);

    if (length < 0 || length >= PATH_MAX_LENGTH)
        return fail_at(yaml, node, path, TRNNSF_E_LIMIT, "a key longer than 511 bytes");
    return TRNNSF_OK;
}

static trnnsf_status add_node(struct trn_yaml *yaml, yaml_document_t *document, int index,
                              const char *path, int depth);

static trnnsf_status add_mapping(struct trn_yaml *yaml, yaml_document_t *document,
                                 const yaml_node_t *node, const char *path, int depth)
{
    char below[PATH_MAX_LENGTH];

    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(document, pair->key);

        if (!key || key->type != YAML_SCALAR_NODE)
            return fail_at(yaml, node, path, TRNNSF_E_FORMAT, "a key that is no plain word");
        TRN_TRY(extend_path(yaml, key, path, (const char *)key->data.scalar.value, below));
        TRN_TRY(add_node(yaml, document, pair->value, below, depth + 1));
    }
    return TRNNSF_OK;
}

static trnnsf_status add_sequence(struct trn_yaml *yaml, yaml_document_t *document,
                                  const yaml_node_t *node, const char *path, int depth)
{
    char below[PATH_MAX_LENGTH], number[24];
    size_t at = 0;

    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        snprintf(number, sizeof number, "%zu", at++);
        TRN_TRY(extend_path(yaml, node, path, number, below));
        TRN_TRY(add_node(yaml, document, *item, below, depth + 1));
    }
    return TRNNSF_OK;
}

static trnnsf_status add_node(struct trn_yaml *yaml, yaml_document_t *document, int index,
                              const char *path, int depth)
{
    yaml_node_t *node = yaml_document_get_node(document, index);

    if (!node)
        return trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s: a node is missing", yaml->name);
    if (depth > DEPTH_MAX)
        return fail_at(yaml, node, path, TRNNSF_E_LIMIT, "more than 8 levels");
    switch (node->type) {
    case YAML_SCALAR_NODE:
        return add_scalar(yaml, node, path);
    case YAML_MAPPING_NODE:
        return add_mapping(yaml, document, node, path, depth);
    case YAML_SEQUENCE_NODE:
        return add_sequence(yaml, document, node, path, depth);
    default:
        return fail_at(yaml, node, path, TRNNSF_E_FORMAT, "neither a value, a list nor a map");
    }
}

/* Anchors make small files huge ("billion laughs"), and our files have no use for them. */
static trnnsf_status refuse_aliases(const struct trn_yaml *yaml, const uint8_t *bytes, size_t size)
{
    yaml_parser_t parser;
    trnnsf_status status = TRNNSF_OK;
    bool done = false;

    if (!yaml_parser_initialize(&parser))
        return trn_fail(yaml->ctx, TRNNSF_E_NO_MEMORY, "%s: no memory for the parser", yaml->name);
    yaml_parser_set_input_string(&parser, bytes, size);
    while (!done && status == TRNNSF_OK) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            status = trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s", yaml->name,
                              parser.problem_mark.line + 1,
                              parser.problem ? parser.problem : "no valid YAML");
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_ALIAS_EVENT)
            status = trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: an alias (*name) is refused",
                              yaml->name, event.start_mark.line + 1);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

static trnnsf_status read_document(struct trn_yaml *yaml, const uint8_t *bytes, size_t size)
{
    yaml_parser_t parser;
    yaml_document_t document;
    trnnsf_status status;

    TRN_TRY(refuse_aliases(yaml, bytes, size));
    if (!yaml_parser_initialize(&parser))
        return trn_fail(yaml->ctx, TRNNSF_E_NO_MEMORY, "%s: no memory for the parser", yaml->name);
    yaml_parser_set_input_string(&parser, bytes, size);
    if (!yaml_parser_load(&parser, &document)) {
        status = trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s", yaml->name,
                          parser.problem_mark.line + 1,
                          parser.problem ? parser.problem : "no valid YAML");
        goto no_document;
    }

    yaml_node_t *root = yaml_document_get_root_node(&document);
    if (!root || root->type != YAML_MAPPING_NODE)
        status = trn_fail(yaml->ctx, TRNNSF_E_FORMAT, "%s:1: no map of keys at the top", yaml->name);
    else
        status = add_mapping(yaml, &document, root, "", 0);
    yaml_document_delete(&document);
no_document:
    yaml_parser_delete(&parser);
    return status;
}

trnnsf_status trn_yaml_parse(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                             size_t size, struct trn_yaml **out_yaml)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_yaml *yaml = TRN_NEW(ctx, struct trn_yaml);

    if (!yaml)
        return TRNNSF_E_NO_MEMORY;
    yaml->ctx = trn_context_retain(ctx);
    yaml->name = trn_copy_text(ctx, name);
    yaml->entries = TRN_NEW_ARRAY(ctx, struct trn_yaml_entry, ENTRIES_MAX);
    TRN_NEED_OUT(yaml->name);
    TRN_NEED_OUT(yaml->entries);
    TRN_TRY_OUT(read_document(yaml, bytes, size));
out:
    if (status == TRNNSF_OK)
        *out_yaml = yaml;
    else
        trn_yaml_free(yaml);
    return status;
}

#else

trnnsf_status trn_yaml_parse(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                             size_t size, struct trn_yaml **out_yaml)
{
    (void)bytes;
    (void)size;
    (void)out_yaml;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "%s: built without libyaml", name);
}

#endif

trnnsf_status trn_yaml_load(trnnsf_context *ctx, const char *path, struct trn_yaml **out_yaml)
{
    uint8_t *bytes;
    size_t size;

    TRN_TRY(trn_file_read(ctx, path, FILE_MAX, &bytes, &size));
    trnnsf_status status = trn_yaml_parse(ctx, path, bytes, size, out_yaml);
    trn_free(ctx, bytes);
    return status;
}
