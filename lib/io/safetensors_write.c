#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/bytes.h"
#include "io/safetensors.h"
#if TRN_HAVE_JANSSON
#include <jansson.h>
#endif

struct entry {
    char *name;
    enum trn_tensor_type type;
    size_t rank;
    size_t shape[TRN_TENSOR_RANK_MAX];
    size_t size;
    const void *data;
    void *room; /* the data, where it belongs to the writer */
};

struct text {
    char *key;
    char *text;
};

struct trn_safetensors_writer {
    trnnsf_context *ctx;  /* held */
    trnnsf_status status; /* the first failure */
    struct entry *entries;
    size_t n_entries;
    struct text *texts;
    size_t n_texts;
};

/* Bytes reversed at a time on machines of the other byte order. */
enum { SWAP_ROOM = 4096 };

trnnsf_status trn_safetensors_writer_create(trnnsf_context *ctx,
                                            struct trn_safetensors_writer **out_writer)
{
#if TRN_HAVE_JANSSON
    struct trn_safetensors_writer *writer = TRN_NEW(ctx, struct trn_safetensors_writer);

    if (!writer)
        return TRNNSF_E_NO_MEMORY;
    writer->ctx = trn_context_retain(ctx);
    *out_writer = writer;
    return TRNNSF_OK;
#else
    (void)out_writer;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                    "safetensors files need jansson, and this library was built without it");
#endif
}

void trn_safetensors_writer_free(struct trn_safetensors_writer *writer)
{
    if (!writer)
        return;
    trnnsf_context *ctx = writer->ctx;

    for (size_t i = 0; i < writer->n_entries; i++) {
        trn_free(ctx, writer->entries[i].name);
        trn_free(ctx, writer->entries[i].room);
    }
    for (size_t i = 0; i < writer->n_texts; i++) {
        trn_free(ctx, writer->texts[i].key);
        trn_free(ctx, writer->texts[i].text);
    }
    trn_free(ctx, writer->entries);
    trn_free(ctx, writer->texts);
    trn_free(ctx, writer);
    trn_context_release(ctx);
}

static struct text *find_text(struct trn_safetensors_writer *writer, const char *key)
{
    for (size_t i = 0; i < writer->n_texts; i++) {
        if (strcmp(writer->texts[i].key, key) == 0)
            return &writer->texts[i];
    }
    return NULL;
}

static trnnsf_status append_text(struct trn_safetensors_writer *writer, const char *key, char *copy)
{
    struct text *more = trn_realloc(writer->ctx, writer->texts, writer->n_texts + 1, sizeof *more);

    if (!more)
        return TRNNSF_E_NO_MEMORY;
    writer->texts = more;
    more += writer->n_texts;
    more->key = trn_copy_text(writer->ctx, key);
    if (!more->key)
        return TRNNSF_E_NO_MEMORY;
    more->text = copy;
    writer->n_texts++;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_set(struct trn_safetensors_writer *writer, const char *key,
                                  const char *text)
{
    struct text *old = find_text(writer, key);
    char *copy;

    if (writer->status != TRNNSF_OK)
        return writer->status;
    copy = trn_copy_text(writer->ctx, text);
    if (!copy)
        return writer->status = TRNNSF_E_NO_MEMORY;
    if (old) {
        trn_free(writer->ctx, old->text);
        old->text = copy;
        return TRNNSF_OK;
    }
    writer->status = append_text(writer, key, copy);
    if (writer->status != TRNNSF_OK)
        trn_free(writer->ctx, copy);
    return writer->status;
}

trnnsf_status trn_safetensors_set_number(struct trn_safetensors_writer *writer, const char *key,
                                         uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    return trn_safetensors_set(writer, key, text);
}

static struct entry *append_entry(struct trn_safetensors_writer *writer, const char *name)
{
    struct entry *more =
        trn_realloc(writer->ctx, writer->entries, writer->n_entries + 1, sizeof *more);

    if (!more)
        return NULL;
    writer->entries = more;
    more += writer->n_entries;
    memset(more, 0, sizeof *more);
    more->name = trn_copy_text(writer->ctx, name);
    if (!more->name)
        return NULL;
    writer->n_entries++;
    return more;
}

static trnnsf_status add(struct trn_safetensors_writer *writer, const char *name,
                         enum trn_tensor_type type, size_t rank, const size_t *shape,
                         struct entry **out_entry)
{
    size_t size = trn_tensor_type_size(type);

    if (rank > TRN_TENSOR_RANK_MAX)
        return trn_fail(writer->ctx, TRNNSF_E_LIMIT, "tensor '%s' has %zu dimensions, more than %d",
                        name, rank, TRN_TENSOR_RANK_MAX);
    for (size_t i = 0; i < rank; i++) {
        if (!trn_size_multiply(size, shape[i], &size))
            return trn_fail(writer->ctx, TRNNSF_E_LIMIT, "tensor '%s' is too large", name);
    }
    for (size_t i = 0; i < writer->n_entries; i++) {
        if (strcmp(writer->entries[i].name, name) == 0)
            return trn_fail(writer->ctx, TRNNSF_E_INVALID, "tensor '%s' is added twice", name);
    }
    struct entry *entry = append_entry(writer, name);
    if (!entry)
        return TRNNSF_E_NO_MEMORY;
    entry->type = type;
    entry->rank = rank;
    if (rank > 0)
        memcpy(entry->shape, shape, rank * sizeof *shape);
    entry->size = size;
    *out_entry = entry;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_add(struct trn_safetensors_writer *writer, const char *name,
                                  enum trn_tensor_type type, size_t rank, const size_t *shape,
                                  const void *data)
{
    struct entry *entry = NULL;

    if (writer->status != TRNNSF_OK)
        return writer->status;
    writer->status = add(writer, name, type, rank, shape, &entry);
    if (writer->status == TRNNSF_OK)
        entry->data = data;
    return writer->status;
}

trnnsf_status trn_safetensors_add_room(struct trn_safetensors_writer *writer, const char *name,
                                       enum trn_tensor_type type, size_t rank, const size_t *shape,
                                       void **out_data)
{
    struct entry *entry = NULL;

    if (writer->status != TRNNSF_OK)
        return writer->status;
    writer->status = add(writer, name, type, rank, shape, &entry);
    if (writer->status != TRNNSF_OK)
        return writer->status;
    entry->room = trn_calloc(writer->ctx, entry->size, 1);
    if (!entry->room)
        return writer->status = TRNNSF_E_NO_MEMORY;
    entry->data = entry->room;
    *out_data = entry->room;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_add_sizes(struct trn_safetensors_writer *writer, const char *name,
                                        size_t count, const size_t *sizes)
{
    void *room = NULL;

    TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_U64, 1, &count, &room));
    uint64_t *data = room;
    for (size_t i = 0; i < count; i++)
        data[i] = sizes[i];
    return TRNNSF_OK;
}

#if TRN_HAVE_JANSSON

trnnsf_status trn_safetensors_set_real(struct trn_safetensors_writer *writer, const char *key,
                                       double number)
{
    char text[64];
    json_t *json = isfinite(number) ? json_real(number) : NULL;

    if (writer->status != TRNNSF_OK || !json) {
        json_decref(json);
        if (writer->status == TRNNSF_OK)
            writer->status = trn_fail(writer->ctx, TRNNSF_E_INVALID, "'%s' is not finite", key);
        return writer->status;
    }
    /* jansson writes a point whatever the locale. */
    size_t length = json_dumpb(json, text, sizeof text - 1, JSON_ENCODE_ANY);
    json_decref(json);
    text[length < sizeof text ? length : 0] = '\0';
    return trn_safetensors_set(writer, key, text);
}

static json_t *describe(const struct entry *entry, uint64_t begin)
{
    json_t *shape = json_array();

    for (size_t i = 0; i < entry->rank; i++) {
        if (json_array_append_new(shape, json_integer((json_int_t)entry->shape[i])) != 0) {
            json_decref(shape);
            return NULL;
        }
    }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", trn_tensor_type_name(entry->type), "shape",
                     shape, "data_offsets", (json_int_t)begin, (json_int_t)(begin + entry->size));
}

/* Wide elements first, so that each tensor lies on a multiple of its element size. `order` gets the
 * indices of the entries. */
static void order_entries(const struct trn_safetensors_writer *writer, size_t *order)
{
    size_t n = 0;

    for (size_t width = 8; width >= 1; width /= 2) {
        for (size_t i = 0; i < writer->n_entries; i++) {
            if (trn_tensor_type_size(writer->entries[i].type) == width)
                order[n++] = i;
        }
    }
}

static json_t *build_header(const struct trn_safetensors_writer *writer, const size_t *order)
{
    json_t *header = json_object(), *metadata = json_object();
    uint64_t begin = 0;
    int failed = 0;

    for (size_t i = 0; i < writer->n_texts; i++)
        failed |=
            json_object_set_new(metadata, writer->texts[i].key, json_string(writer->texts[i].text));
    failed |= json_object_set_new(header, "__metadata__", metadata);
    for (size_t i = 0; i < writer->n_entries; i++) {
        const struct entry *entry = &writer->entries[order[i]];

        failed |= json_object_set_new(header, entry->name, describe(entry, begin));
        begin += entry->size;
    }
    if (!failed)
        return header;
    json_decref(header);
    return NULL;
}

/* The 8 bytes of length and the header, padded with spaces so that the data begins on 8 bytes. */
static trnnsf_status encode_header(trnnsf_context *ctx, const json_t *header, uint8_t **out_bytes,
                                   size_t *out_size)
{
    const size_t flags = JSON_COMPACT;
    size_t length = json_dumpb(header, NULL, 0, flags);
    size_t padded = (length + 7) / 8 * 8;
    uint8_t *bytes;

    if (length == 0)
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for a safetensors header");
    bytes = trn_malloc(ctx, padded + 8, 1);
    if (!bytes)
        return TRNNSF_E_NO_MEMORY;
    trn_u64_put_little(bytes, padded);
    json_dumpb(header, (char *)bytes + 8, length, flags);
    memset(bytes + 8 + length, ' ', padded - length);
    *out_bytes = bytes;
    *out_size = padded + 8;
    return TRNNSF_OK;
}

static trnnsf_status append_data(struct trn_file_writer *file, const struct entry *entry)
{
    size_t width = trn_tensor_type_size(entry->type);
    const uint8_t *from = entry->data;
    uint8_t swapped[SWAP_ROOM];

    if (width == 1 || trn_machine_is_little())
        return trn_file_append(file, from, entry->size);
    for (size_t done = 0; done < entry->size;) {
        size_t piece = entry->size - done < SWAP_ROOM ? entry->size - done : SWAP_ROOM;

        trn_copy_little(swapped, from + done, piece / width, width);
        TRN_TRY(trn_file_append(file, swapped, piece));
        done += piece;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_write(struct trn_safetensors_writer *writer, const char *path)
{
    trnnsf_context *ctx = writer->ctx;
    trnnsf_status status = writer->status;
    struct trn_file_writer *file = NULL;
    json_t *header = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0, *order = NULL;

    if (status != TRNNSF_OK)
        return status;
    order = TRN_NEW_ARRAY(ctx, size_t, writer->n_entries);
    TRN_NEED_OUT(order);
    order_entries(writer, order);
    header = build_header(writer, order);
    if (!header) {
        status = trn_fail(ctx, TRNNSF_E_NO_MEMORY,
                          "no memory for a safetensors header, or a name in it is not UTF-8");
        goto out;
    }
    TRN_TRY_OUT(encode_header(ctx, header, &bytes, &size));
    TRN_TRY_OUT(trn_file_begin(ctx, path, &file));
    TRN_TRY_OUT(trn_file_append(file, bytes, size));
    for (size_t i = 0; i < writer->n_entries; i++)
        TRN_TRY_OUT(append_data(file, &writer->entries[order[i]]));
    status = trn_file_commit(file);
    file = NULL;
out:
    trn_file_discard(file);
    trn_free(ctx, bytes);
    trn_free(ctx, order);
    json_decref(header);
    return status;
}

#else

/* No writer can be made, so these are never reached. */
trnnsf_status trn_safetensors_set_real(struct trn_safetensors_writer *writer, const char *key,
                                       double number)
{
    (void)key;
    (void)number;
    return writer->status = TRNNSF_E_UNSUPPORTED;
}

trnnsf_status trn_safetensors_write(struct trn_safetensors_writer *writer, const char *path)
{
    (void)path;
    return writer->status = TRNNSF_E_UNSUPPORTED;
}

#endif
