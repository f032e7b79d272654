#include "base/options.h"

#include <string.h>

#include "base/context.h"

/* No option struct is near this size; a larger one is a caller's garbage. */
enum { STRUCT_SIZE_MAX = 4096 };

trnnsf_status trn_options_read(trnnsf_context *ctx, const char *function, const void *given,
                               void *out, size_t size)
{
    size_t given_size;

    if (!given)
        return TRNNSF_OK;
    memcpy(&given_size, given, sizeof given_size);
    if (given_size < sizeof(size_t) || given_size > STRUCT_SIZE_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: struct_size %zu of the options is not in [%zu, %d]", function,
                        given_size, sizeof(size_t), STRUCT_SIZE_MAX);
    for (size_t i = size; i < given_size; i++) {
        if (((const unsigned char *)given)[i] != 0)
            return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                            "%s: byte %zu of the options is set, but this version knows %zu bytes",
                            function, i, size);
    }
    memcpy(out, given, given_size < size ? given_size : size);
    memcpy(out, &size, sizeof size);
    return TRNNSF_OK;
}

trnnsf_status trn_option_count(trnnsf_context *ctx, const char *function, const char *name,
                               uint32_t value, uint32_t minimum, uint32_t maximum)
{
    if (value >= minimum && value <= maximum)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %u is not in [%u, %u]", function, name, value,
                    minimum, maximum);
}

trnnsf_status trn_option_number(trnnsf_context *ctx, const char *function, const char *name,
                                double value, double minimum, double maximum)
{
    if (value >= minimum && value <= maximum)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in [%g, %g]", function, name, value,
                    minimum, maximum);
}

trnnsf_status trn_result_check(trnnsf_context *ctx, const char *function, const void *out,
                               size_t size)
{
    size_t given;

    memcpy(&given, out, sizeof given);
    if (given < sizeof given || given > size)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: struct_size %zu of the result is not in [%zu, %zu]", function, given,
                        sizeof given, size);
    return TRNNSF_OK;
}

void trn_result_write(void *out, const void *result)
{
    size_t given;

    memcpy(&given, out, sizeof given);
    memcpy(out, result, given);
    memcpy(out, &given, sizeof given);
}
