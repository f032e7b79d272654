#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/bytes.h"
#include "io/safetensors.h"
#if TRN_HAVE_JANSSON
#include <jansson.h>
#endif

/* The reference implementation's bound on the header (MAX_HEADER_SIZE in
 * safetensors/src/tensor.rs). */
#define HEADER_SIZE_MAX ((uint64_t)100000000)
/* Chosen here: far above any network that fits the limits of trnnsf_network_create(). */
#define FILE_SIZE_MAX ((uint64_t)1 << 40)
/* Tensors are kept at multiples of this, which serves every element type. */
#define ALIGNMENT ((size_t)8)

struct extent {
    struct trn_tensor tensor;
    uint64_t begin; /* in the data */
};

struct trn_safetensors {
    trnnsf_context *ctx; /* held */
    char *name;
    void *header; /* json_t */
    struct extent *extents;
    size_t count;
    uint8_t *data;
};

void trn_safetensors_free(struct trn_safetensors *file)
{
    if (!file)
        return;
    trnnsf_context *ctx = file->ctx;

#if TRN_HAVE_JANSSON
    json_decref(file->header);
#endif
    trn_free(ctx, file->extents);
    trn_free(ctx, file->data);
    trn_free(ctx, file->name);
    trn_free(ctx, file);
    trn_context_release(ctx);
}

const char *trn_safetensors_name(const struct trn_safetensors *file)
{
    return file->name;
}

trnnsf_context *trn_safetensors_context(const struct trn_safetensors *file)
{
    return file->ctx;
}

size_t trn_safetensors_count(const struct trn_safetensors *file)
{
    return file->count;
}

const struct trn_tensor *trn_safetensors_at(const struct trn_safetensors *file, size_t index)
{
    return index < file->count ? &file->extents[index].tensor : NULL;
}

const struct trn_tensor *trn_safetensors_find(const struct trn_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++) {
        if (strcmp(file->extents[i].tensor.name, name) == 0)
            return &file->extents[i].tensor;
    }
    return NULL;
}

#if TRN_HAVE_JANSSON

static trnnsf_status read_type(struct trn_safetensors *file, const json_t *json,
                               struct trn_tensor *tensor)
{
    const char *name = json_string_value(json);

    for (int type = 0; name && type < TRN_TENSOR_TYPES; type++) {
        if (strcmp(name, trn_tensor_type_name((enum trn_tensor_type)type)) == 0) {
            tensor->type = (enum trn_tensor_type)type;
            return TRNNSF_OK;
        }
    }
    if (!name)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': tensor '%.80s' has no dtype", file->name,
                        tensor->name);
    return trn_fail(file->ctx, TRNNSF_E_UNSUPPORTED,
                    "'%s': tensor '%.80s' has the unknown dtype '%.80s'",
                    file->name, tensor->name, name);
}

static trnnsf_status read_shape(struct trn_safetensors *file, const json_t *json,
                                struct trn_tensor *tensor)
{
    if (!json_is_array(json))
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': tensor '%.80s' has no shape", file->name,
                        tensor->name);
    tensor->rank = json_array_size(json);
    if (tensor->rank > TRN_TENSOR_RANK_MAX)
        return trn_fail(file->ctx, TRNNSF_E_LIMIT,
                        "'%s': tensor '%.80s' has %zu dimensions, more than %d", file->name,
                        tensor->name, tensor->rank, TRN_TENSOR_RANK_MAX);
    tensor->count = 1;
    for (size_t i = 0; i < tensor->rank; i++) {
        const json_t *item = json_array_get(json, i);
        json_int_t length = json_is_integer(item) ? json_integer_value(item) : -1;

        if (length < 0)
            return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                            "'%s': dimension %zu of tensor '%.80s' is not a size", file->name, i,
                            tensor->name);
        tensor->shape[i] = (size_t)length;
        if ((uint64_t)length > SIZE_MAX ||
            !trn_size_multiply(tensor->count, (size_t)length, &tensor->count))
            return trn_fail(file->ctx, TRNNSF_E_LIMIT,
                            "'%s': dimension %zu of tensor '%.80s' is too large (%" PRId64 ")",
                            file->name, i, tensor->name, (int64_t)length);
    }
    if (!trn_size_multiply(tensor->count, trn_tensor_type_size(tensor->type), &tensor->size))
        return trn_fail(file->ctx, TRNNSF_E_LIMIT, "'%s': tensor '%.80s' is too large", file->name,
                        tensor->name);
    return TRNNSF_OK;
}

static trnnsf_status read_offsets(struct trn_safetensors *file, const json_t *json,
                                  uint64_t data_size, struct extent *extent)
{
    const json_t *first = json_array_get(json, 0), *second = json_array_get(json, 1);
    json_int_t begin = json_integer_value(first), end = json_integer_value(second);

    if (json_array_size(json) != 2 || !json_is_integer(first) || !json_is_integer(second) ||
        begin < 0 || end < begin)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%.80s' has no valid data_offsets", file->name,
                        extent->tensor.name);
    if ((uint64_t)end > data_size)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%.80s' ends at byte %" PRId64 " of %" PRIu64
                        " bytes of data: the file is cut short or the offsets are wrong",
                        file->name, extent->tensor.name, (int64_t)end, data_size);
    if ((uint64_t)(end - begin) != extent->tensor.size)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%.80s' has %" PRId64 " bytes where its shape and dtype "
                        "need %zu",
                        file->name, extent->tensor.name, (int64_t)(end - begin),
                        extent->tensor.size);
    extent->begin = (uint64_t)begin;
    return TRNNSF_OK;
}

static trnnsf_status read_metadata(struct trn_safetensors *file, const json_t *json)
{
    const char *key;
    json_t *value;

    if (!json_is_object(json))
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': __metadata__ is not an object",
                        file->name);
    json_object_foreach((json_t *)json, key, value) {
        if (!json_is_string(value))
            return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': __metadata__ '%.80s' is not a text",
                            file->name, key);
    }
    return TRNNSF_OK;
}

static trnnsf_status read_entry(struct trn_safetensors *file, const char *name, const json_t *json,
                                uint64_t data_size)
{
    struct extent *extent = &file->extents[file->count];

    extent->tensor.name = name;
    if (json_object_size(json) != 3)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%.80s' is not an object of dtype, shape and data_offsets",
                        file->name, name);
    TRN_TRY(read_type(file, json_object_get(json, "dtype"), &extent->tensor));
    TRN_TRY(read_shape(file, json_object_get(json, "shape"), &extent->tensor));
    TRN_TRY(read_offsets(file, json_object_get(json, "data_offsets"), data_size, extent));
    file->count++;
    return TRNNSF_OK;
}

static int compare_extents(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->tensor.size > y->tensor.size) - (x->tensor.size < y->tensor.size);
}

/* In order of their offsets the tensors must touch: neither overlap nor hole. */
static trnnsf_status check_extents(struct trn_safetensors *file, uint64_t data_size)
{
    uint64_t end = 0;

    qsort(file->extents, file->count, sizeof *file->extents, compare_extents);
    for (size_t i = 0; i < file->count; i++) {
        const struct extent *extent = &file->extents[i];

        if (extent->begin != end)
            return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                            "'%s': tensor '%.80s' begins at byte %" PRIu64
                            " of the data and %s byte %" PRIu64,
                            file->name, extent->tensor.name, extent->begin,
                            extent->begin < end ? "overlaps the one before, which ends at"
                                                : "leaves a hole after",
                            end);
        end += extent->tensor.size;
    }
    if (end != data_size)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': %" PRIu64 " bytes of data belong to no tensor", file->name,
                        data_size - end);
    return TRNNSF_OK;
}

/* The file may place tensors anywhere; here each gets an aligned place and the machine's order. */
static trnnsf_status copy_data(struct trn_safetensors *file, const uint8_t *data)
{
    size_t room = 0;

    for (size_t i = 0; i < file->count; i++) {
        if (!trn_size_add(room, file->extents[i].tensor.size + ALIGNMENT, &room))
            return trn_fail(file->ctx, TRNNSF_E_LIMIT, "'%s' is too large", file->name);
    }
    file->data = trn_malloc(file->ctx, room, 1);
    if (!file->data)
        return TRNNSF_E_NO_MEMORY;
    uint8_t *next = file->data;
    for (size_t i = 0; i < file->count; i++) {
        struct trn_tensor *tensor = &file->extents[i].tensor;

        trn_copy_little(next, data + file->extents[i].begin, tensor->count,
                        trn_tensor_type_size(tensor->type));
        tensor->data = next;
        next += (tensor->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return TRNNSF_OK;
}

static trnnsf_status parse_header(struct trn_safetensors *file, const uint8_t *bytes, size_t size,
                                  size_t *out_header_size)
{
    json_error_t error;
    uint64_t length;

    if (size < 8)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s' has %zu bytes and is no safetensors file",
                        file->name, size);
    length = trn_u64_little(bytes);
    if (length > HEADER_SIZE_MAX)
        return trn_fail(file->ctx, TRNNSF_E_LIMIT,
                        "'%s': a safetensors header of %" PRIu64 " bytes exceeds %" PRIu64
                        "; probably this is another kind of file",
                        file->name, length, HEADER_SIZE_MAX);
    if (length > size - 8)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT,
                        "'%s': the header has %" PRIu64 " bytes but only %zu are left", file->name,
                        length, size - 8);
    if (length == 0 || bytes[8] != '{')
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': the header does not begin with '{'",
                        file->name);
    file->header =
        json_loadb((const char *)bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!file->header)
        return trn_fail(file->ctx,
                        json_error_code(&error) == json_error_out_of_memory ? TRNNSF_E_NO_MEMORY
                                                                            : TRNNSF_E_FORMAT,
                        "'%s': byte %d of the header: %s", file->name, error.position, error.text);
    *out_header_size = (size_t)length;
    return TRNNSF_OK;
}

static trnnsf_status parse(struct trn_safetensors *file, const uint8_t *bytes, size_t size)
{
    size_t header_size, data_size;
    const char *name;
    json_t *json;

    TRN_TRY(parse_header(file, bytes, size, &header_size));
    data_size = size - 8 - header_size;
    file->extents = TRN_NEW_ARRAY(file->ctx, struct extent, json_object_size(file->header));
    if (!file->extents)
        return TRNNSF_E_NO_MEMORY;
    json_object_foreach(file->header, name, json) {
        if (strcmp(name, "__metadata__") == 0)
            TRN_TRY(read_metadata(file, json));
        else
            TRN_TRY(read_entry(file, name, json, data_size));
    }
    TRN_TRY(check_extents(file, data_size));
    return copy_data(file, bytes + 8 + header_size);
}

const char *trn_safetensors_text(const struct trn_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

trnnsf_status trn_safetensors_real(const struct trn_safetensors *file, const char *key,
                                   double *out_number)
{
    const char *text = trn_safetensors_text(file, key);
    json_t *json = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    double number = json_number_value(json);
    bool valid = json_is_number(json) && isfinite(number);

    json_decref(json);
    if (!valid)
        return trn_fail(file->ctx, TRNNSF_E_FORMAT, "'%s': __metadata__ '%s' is %s%.80s%s",
                        file->name, key, text ? "'" : "", text ? text : "missing",
                        text ? "', not a number" : "");
    *out_number = number;
    return TRNNSF_OK;
}

#else

static trnnsf_status parse(struct trn_safetensors *file, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return trn_fail(file->ctx, TRNNSF_E_UNSUPPORTED,
                    "'%s': safetensors files need jansson, and this library was built without it",
                    file->name);
}

const char *trn_safetensors_text(const struct trn_safetensors *file, const char *key)
{
    (void)file;
    (void)key;
    return NULL;
}

trnnsf_status trn_safetensors_real(const struct trn_safetensors *file, const char *key,
                                   double *out_number)
{
    (void)file;
    (void)key;
    (void)out_number;
    return TRNNSF_E_UNSUPPORTED;
}

#endif

trnnsf_status trn_safetensors_parse(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                                    size_t size, struct trn_safetensors **out_file)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_safetensors *file = TRN_NEW(ctx, struct trn_safetensors);

    if (!file)
        return TRNNSF_E_NO_MEMORY;
    file->ctx = trn_context_retain(ctx);
    file->name = trn_copy_text(ctx, name);
    TRN_NEED_OUT(file->name);
    TRN_TRY_OUT(parse(file, bytes, size));
    *out_file = file;
    file = NULL;
out:
    trn_safetensors_free(file);
    return status;
}

trnnsf_status trn_safetensors_open(trnnsf_context *ctx, const char *path,
                                   struct trn_safetensors **out_file)
{
    trnnsf_status status;
    uint8_t *bytes;
    size_t size, limit = FILE_SIZE_MAX > SIZE_MAX ? SIZE_MAX : (size_t)FILE_SIZE_MAX;

    TRN_TRY(trn_file_read(ctx, path, limit, &bytes, &size));
    status = trn_safetensors_parse(ctx, path, bytes, size, out_file);
    trn_free(ctx, bytes);
    return status;
}
