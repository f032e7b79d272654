/* The messages of an ONNX file: unpacked by protobuf-c, in memory of the context. */
#ifndef TRN_IO_ONNX_WIRE_H
#define TRN_IO_ONNX_WIRE_H

#include <trnnsf/context.h>

#include <onnx.pb-c.h> /* of the packaged onnx.proto, made by the build */

/* What the bytes hold is first looked over: how deep messages nest, how many fields there are. */
trnnsf_status trn_onnx_unpack(trnnsf_context *ctx, const uint8_t *bytes, size_t size,
                              Onnx__ModelProto **out_model);
/* NULL is fine. */
void trn_onnx_release(trnnsf_context *ctx, Onnx__ModelProto *model);
trnnsf_status trn_onnx_pack(trnnsf_context *ctx, const Onnx__ModelProto *model, uint8_t **out_bytes,
                            size_t *out_size);

#endif
