#include "networks.h"

#include <string.h>

bool networks_is_onnx(const char *path)
{
    const char *suffix = strrchr(path, '.');

    return suffix && strcmp(suffix, ".onnx") == 0;
}

trnnsf_status networks_load(trnnsf_context *context, const char *path, trnnsf_network **out_network)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;

    options.mask_zeros = 1;
    return networks_is_onnx(path) ? trnnsf_network_load_onnx(context, path, &options, out_network)
                                  : trnnsf_network_load(context, path, out_network);
}

trnnsf_status networks_save(trnnsf_context *context, const trnnsf_network *network,
                            const char *path)
{
    return networks_is_onnx(path) ? trnnsf_network_save_onnx(context, network, path)
                                  : trnnsf_network_save(context, network, path);
}
