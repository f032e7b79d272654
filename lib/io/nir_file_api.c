#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/nir_file.h"

static const size_t file_max = (size_t)1 << 31; /* bytes: chosen here */

trnnsf_status trnnsf_nir_read(trnnsf_context *context, const uint8_t *bytes, size_t size,
                              trnnsf_nir **out_nir)
{
    static const char function[] = "trnnsf_nir_read";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!bytes || !out_nir)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        bytes ? "out_nir" : "bytes");
    trnnsf_status status = trn_nir_file_parse(context, bytes, size, out_nir);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}

trnnsf_status trnnsf_nir_load(trnnsf_context *context, const char *path, trnnsf_nir **out_nir)
{
    static const char function[] = "trnnsf_nir_load";
    uint8_t *bytes = NULL;
    size_t size;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_nir)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        path ? "out_nir" : "path");
    trnnsf_status status = trn_file_read(context, path, file_max, &bytes, &size);
    if (status != TRNNSF_OK)
        return trn_fail_in(context, status, "%s", function);
    status = trn_nir_file_parse(context, bytes, size, out_nir);
    trn_free(context, bytes);
    return status ? trn_fail_in(context, status, "%s: %s", function, path) : TRNNSF_OK;
}

/* The graph, checked, as a file; failures have their text in `ctx`. */
static trnnsf_status format(trnnsf_context *ctx, const char *function, struct trnnsf_nir *nir,
                            uint8_t **out_bytes, size_t *out_size)
{
    trnnsf_status status = trn_nir_check(nir);

    if (status == TRNNSF_OK)
        status = trn_nir_file_format(nir, out_bytes, out_size);
    if (status == TRNNSF_OK)
        return TRNNSF_OK;
    return ctx == nir->ctx
               ? trn_fail_in(ctx, status, "%s", function)
               : trn_fail(ctx, status, "%s: %s", function, trnnsf_context_error(nir->ctx));
}

trnnsf_status trnnsf_nir_save(trnnsf_context *context, trnnsf_nir *nir, const char *path)
{
    static const char function[] = "trnnsf_nir_save";
    uint8_t *bytes = NULL;
    size_t size;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        nir ? "path" : "nir");
    TRN_TRY(format(context, function, nir, &bytes, &size));
    trnnsf_status status = trn_file_write(context, path, bytes, size);
    trn_free(nir->ctx, bytes);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}

trnnsf_status trnnsf_nir_write(trnnsf_context *context, trnnsf_nir *nir, size_t capacity,
                               uint8_t *out_bytes, size_t *out_size)
{
    static const char function[] = "trnnsf_nir_write";
    trnnsf_status status = TRNNSF_OK;
    uint8_t *bytes = NULL;
    size_t size;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !out_size || (capacity > 0 && !out_bytes))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !nir        ? "nir"
                        : !out_size ? "out_size"
                                    : "out_bytes");
    TRN_TRY(format(context, function, nir, &bytes, &size));
    if (capacity > 0 && capacity < size) {
        status = trn_fail(context, TRNNSF_E_INVALID, "%s: capacity %zu is below the file's %zu",
                          function, capacity, size);
    } else {
        if (capacity > 0)
            memcpy(out_bytes, bytes, size);
        *out_size = size;
    }
    trn_free(nir->ctx, bytes);
    return status;
}
