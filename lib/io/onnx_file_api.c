#include "base/context.h"
#include "base/file.h"
#include "base/options.h"
#include "io/onnx_file.h"
#include "network/network.h"

static const size_t file_max = (size_t)1 << 31; /* what protobuf allows a message */

void trnnsf_onnx_options_init(struct trnnsf_onnx_options *options)
{
    if (options)
        *options = (struct trnnsf_onnx_options)TRNNSF_ONNX_OPTIONS_INIT;
}

trnnsf_status trnnsf_network_load_onnx(trnnsf_context *context, const char *path,
                                       const struct trnnsf_onnx_options *options,
                                       trnnsf_network **out_network)
{
    static const char function[] = "trnnsf_network_load_onnx";
    struct trnnsf_onnx_options read = TRNNSF_ONNX_OPTIONS_INIT;
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        path ? "out_network" : "path");
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    TRN_TRY(trn_option_count(context, function, "mask_zeros", read.mask_zeros, 0, 1));
    TRN_TRY(trn_option_count(context, function, "reserved", read.reserved, 0, 0));

    trnnsf_status status = trn_file_read(context, path, file_max, &bytes, &size);

    if (status != TRNNSF_OK)
        return trn_fail_in(context, status, "%s", function);
    status = trn_onnx_parse(context, path, bytes, size, &read, out_network);
    trn_free(context, bytes);
    return status ? trn_fail_in(context, status, "%s: '%s'", function, path) : TRNNSF_OK;
}

trnnsf_status trnnsf_network_save_onnx(trnnsf_context *context, const trnnsf_network *network,
                                       const char *path)
{
    static const char function[] = "trnnsf_network_save_onnx";
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        network ? "path" : "network");

    trnnsf_status status = trn_onnx_format(context, network, &bytes, &size);

    if (status == TRNNSF_OK)
        status = trn_file_write(context, path, bytes, size);
    trn_free(context, bytes);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}
