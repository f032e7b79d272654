/* What a caller expects in a safetensors file, asked for with errors that name it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "io/safetensors.h"

static trnnsf_status need(const struct trn_safetensors *file, const char *name,
                          enum trn_tensor_type type, size_t rank, const struct trn_tensor **out)
{
    const struct trn_tensor *tensor = trn_safetensors_find(file, name);

    if (!tensor)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s': tensor '%s' is missing", trn_safetensors_name(file), name);
    if (tensor->type != type || tensor->rank != rank)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s': tensor '%s' is %s of %zu dimensions, not %s of %zu",
                        trn_safetensors_name(file), name, trn_tensor_type_name(tensor->type),
                        tensor->rank, trn_tensor_type_name(type), rank);
    *out = tensor;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_get(const struct trn_safetensors *file, const char *name,
                                  enum trn_tensor_type type, size_t rank, const size_t *shape,
                                  const void **out_data)
{
    const struct trn_tensor *tensor = NULL;

    TRN_TRY(need(file, name, type, rank, &tensor));
    for (size_t i = 0; i < rank; i++) {
        if (tensor->shape[i] != shape[i])
            return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                            "'%s': dimension %zu of tensor '%s' is %zu, not %zu",
                            trn_safetensors_name(file), i, name, tensor->shape[i], shape[i]);
    }
    *out_data = tensor->data;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_get_list(const struct trn_safetensors *file, const char *name,
                                       enum trn_tensor_type type, size_t *out_count,
                                       const void **out_data)
{
    const struct trn_tensor *tensor = NULL;

    TRN_TRY(need(file, name, type, 1, &tensor));
    *out_count = tensor->count;
    *out_data = tensor->data;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_get_finite(const struct trn_safetensors *file, const char *name,
                                         size_t rank, const size_t *shape, const float **out_data)
{
    const void *data;
    size_t count = 1;

    TRN_TRY(trn_safetensors_get(file, name, TRN_TENSOR_F32, rank, shape, &data));
    const float *values = data;
    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return trn_fail(trn_safetensors_context(file), TRNNSF_E_NUMERIC,
                            "'%s': element %zu of tensor '%s' is not finite",
                            trn_safetensors_name(file), i, name);
    }
    *out_data = values;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_get_sizes(const struct trn_safetensors *file, const char *name,
                                        size_t maximum, size_t *out_count, size_t **out_sizes)
{
    const void *data;
    size_t count;

    TRN_TRY(trn_safetensors_get_list(file, name, TRN_TENSOR_U64, &count, &data));
    const uint64_t *values = data;
    for (size_t i = 0; i < count; i++) {
        if (values[i] > maximum)
            return trn_fail(trn_safetensors_context(file), TRNNSF_E_LIMIT,
                            "'%s': element %zu of tensor '%s' is %" PRIu64 ", above %zu",
                            trn_safetensors_name(file), i, name, values[i], maximum);
    }
    size_t *sizes = TRN_NEW_ARRAY(trn_safetensors_context(file), size_t, count);
    if (!sizes)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        sizes[i] = (size_t)values[i];
    *out_count = count;
    *out_sizes = sizes;
    return TRNNSF_OK;
}

static bool parse_number(const char *text, uint64_t *out_number)
{
    uint64_t number = 0;

    if (*text == '\0')
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)*text - '0';

        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out_number = number;
    return true;
}

trnnsf_status trn_safetensors_number(const struct trn_safetensors *file, const char *key,
                                     uint64_t minimum, uint64_t maximum, uint64_t *out_number)
{
    const char *text = trn_safetensors_text(file, key);
    uint64_t number;

    if (!text)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s': __metadata__ '%s' is missing", trn_safetensors_name(file), key);
    if (!parse_number(text, &number) || number < minimum || number > maximum)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s': __metadata__ '%s' is '%.80s', not a number in [%" PRIu64 ", %" PRIu64
                        "]",
                        trn_safetensors_name(file), key, text, minimum, maximum);
    *out_number = number;
    return TRNNSF_OK;
}

trnnsf_status trn_safetensors_expect_format(const struct trn_safetensors *file, const char *format,
                                            uint64_t version)
{
    const char *text = trn_safetensors_text(file, "format");
    uint64_t found;

    if (!text || strcmp(text, format) != 0)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s' is no %s file: its format is %s%.80s%s", trn_safetensors_name(file),
                        format, text ? "'" : "", text ? text : "not stated", text ? "'" : "");
    TRN_TRY(trn_safetensors_number(file, "format_version", 1, UINT64_MAX, &found));
    if (found > version)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_UNSUPPORTED,
                        "'%s' has %s version %" PRIu64 "; this library reads up to %" PRIu64,
                        trn_safetensors_name(file), format, found, version);
    return TRNNSF_OK;
}
