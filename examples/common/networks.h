/* Networks by file name: ONNX where it ends in .onnx, safetensors else. */
#ifndef COMMON_NETWORKS_H
#define COMMON_NETWORKS_H

#include "program.h"

bool networks_is_onnx(const char *path);
/* Weights that are exactly 0 in an ONNX file are pruned ones: it has no other word for them. */
trnnsf_status networks_load(trnnsf_context *context, const char *path,
                            trnnsf_network **out_network);
trnnsf_status networks_save(trnnsf_context *context, const trnnsf_network *network,
                            const char *path);

#endif
