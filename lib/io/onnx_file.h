/* Networks as ONNX files, made and read in memory. */
#ifndef TRN_IO_ONNX_FILE_H
#define TRN_IO_ONNX_FILE_H

#include <trnnsf/onnx.h>

/* `path` (may be NULL) is where tensors outside of the bytes are looked for, beside it.
 * TRNNSF_E_UNSUPPORTED where built without ONNX. */
trnnsf_status trn_onnx_parse(trnnsf_context *ctx, const char *path, const uint8_t *bytes,
                             size_t size, const struct trnnsf_onnx_options *options,
                             struct trnnsf_network **out_network);
/* The bytes are the caller's: trn_free(). */
trnnsf_status trn_onnx_format(trnnsf_context *ctx, const struct trnnsf_network *network,
                              uint8_t **out_bytes, size_t *out_size);

#endif
