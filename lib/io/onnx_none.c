/* Built without ONNX. */
#include "base/context.h"
#include "io/onnx_file.h"

trnnsf_status trn_onnx_parse(trnnsf_context *ctx, const char *path, const uint8_t *bytes,
                             size_t size, const struct trnnsf_onnx_options *options,
                             struct trnnsf_network **out_network)
{
    (void)path, (void)bytes, (void)size, (void)options, (void)out_network;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "built without ONNX");
}

trnnsf_status trn_onnx_format(trnnsf_context *ctx, const struct trnnsf_network *network,
                              uint8_t **out_bytes, size_t *out_size)
{
    (void)network, (void)out_bytes, (void)out_size;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "built without ONNX");
}
