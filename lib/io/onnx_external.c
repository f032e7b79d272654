/* Tensors in files of their own, beside the model's: whoever sends a model must not read what lies
 * elsewhere. */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/onnx_tensor.h"

static const size_t file_max = (size_t)1 << 31; /* bytes: chosen here */

static const char *entry(const Onnx__TensorProto *proto, const char *key)
{
    for (size_t i = 0; i < proto->n_external_data; i++) {
        const Onnx__StringStringEntryProto *pair = proto->external_data[i];

        if (pair->key && pair->value && strcmp(pair->key, key) == 0)
            return pair->value;
    }
    return NULL;
}

/* A path from here downwards, whatever the machine's way to write it. */
static bool goes_down(const char *path)
{
    if (path[0] == '\0' || path[0] == '/' || strpbrk(path, "\\:"))
        return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}

/* Digits alone, below 2^48. */
static trnnsf_status number(trnnsf_context *ctx, const char *key, const char *text, uint64_t *out)
{
    uint64_t value = 0;
    size_t n = text ? strspn(text, "0123456789") : 0;

    if (!text)
        return TRNNSF_OK;
    if (n == 0 || n > 14 || text[n] != '\0')
        return trn_fail(ctx, TRNNSF_E_FORMAT, "external_data: %s '%.32s'", key, text);
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (uint64_t)(text[i] - '0');
    *out = value;
    return TRNNSF_OK;
}

static trnnsf_status open_location(struct trn_onnx_folder *folder, const char *location)
{
    trnnsf_status status = TRNNSF_OK;
    char *path = NULL;

    if (folder->location && strcmp(folder->location, location) == 0)
        return TRNNSF_OK;
    trn_onnx_folder_clear(folder);
    path = trn_file_beside(folder->ctx, folder->from, location);
    TRN_NEED_OUT(path);
    TRN_TRY_OUT(trn_file_check_below(folder->ctx, folder->from, path));
    TRN_TRY_OUT(trn_file_read(folder->ctx, path, file_max, &folder->bytes, &folder->size));
    folder->location = trn_copy_text(folder->ctx, location);
    TRN_NEED_OUT(folder->location);
out:
    trn_free(folder->ctx, path);
    return status;
}

void trn_onnx_folder_clear(struct trn_onnx_folder *folder)
{
    trn_free(folder->ctx, folder->location);
    trn_free(folder->ctx, folder->bytes);
    folder->location = NULL;
    folder->bytes = NULL;
}

trnnsf_status trn_onnx_external(struct trn_onnx_folder *folder, const Onnx__TensorProto *proto,
                                const uint8_t **out_bytes, size_t *out_size)
{
    const char *location = entry(proto, "location");
    uint64_t offset = 0, length = 0;

    if (!location || !goes_down(location))
        return trn_fail(folder->ctx, TRNNSF_E_FORMAT,
                        "external_data: location '%.200s' is no path below the file's folder",
                        location ? location : "");
    if (!folder->from)
        return trn_fail(folder->ctx, TRNNSF_E_UNSUPPORTED,
                        "external_data: '%.200s' is outside of the bytes at hand", location);
    TRN_TRY(open_location(folder, location));
    TRN_TRY(number(folder->ctx, "offset", entry(proto, "offset"), &offset));
    length = offset < folder->size ? folder->size - offset : 0;
    TRN_TRY(number(folder->ctx, "length", entry(proto, "length"), &length));
    if (offset > folder->size || length > folder->size - offset)
        return trn_fail(folder->ctx, TRNNSF_E_FORMAT,
                        "external_data: %" PRIu64 " bytes from %" PRIu64
                        " on are not in '%.200s', which has %zu",
                        length, offset, location, folder->size);
    *out_bytes = folder->bytes + offset;
    *out_size = (size_t)length;
    return TRNNSF_OK;
}
