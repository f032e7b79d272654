/* Tensors of an ONNX file, and what is computed of them while it is read. */
#ifndef TRN_IO_ONNX_TENSOR_H
#define TRN_IO_ONNX_TENSOR_H

#include <stdbool.h>

#include "io/onnx_wire.h"

enum { TRN_ONNX_RANK_MAX = 8 };

/* Real numbers or whole ones; of the latter TRN_ONNX_BATCH is the number of samples. */
struct trn_onnx_tensor {
    size_t rank;
    size_t dims[TRN_ONNX_RANK_MAX];
    size_t count; /* their product */
    float *reals;
    int64_t *wholes;
};

#define TRN_ONNX_BATCH INT64_MIN

/* Where tensors outside of the file lie; the last one that was read is kept. */
struct trn_onnx_folder {
    trnnsf_context *ctx;
    const char *from; /* the file; NULL: there is no folder */
    char *location;
    uint8_t *bytes;
    size_t size;
};

void trn_onnx_folder_clear(struct trn_onnx_folder *folder);

/* The bytes of a tensor that lies outside; they live until the next call. TRNNSF_E_FORMAT: the file
 * leads out of the folder. */
trnnsf_status trn_onnx_external(struct trn_onnx_folder *folder, const Onnx__TensorProto *proto,
                                const uint8_t **out_bytes, size_t *out_size);

/* How many values; checks sides and type. */
trnnsf_status trn_onnx_tensor_shape(trnnsf_context *ctx, const Onnx__TensorProto *proto,
                                    struct trn_onnx_tensor *out);
/* Its values, too; trn_onnx_tensor_clear(). */
trnnsf_status trn_onnx_tensor_decode(struct trn_onnx_folder *folder, const Onnx__TensorProto *proto,
                                     struct trn_onnx_tensor *out);
void trn_onnx_tensor_clear(trnnsf_context *ctx, struct trn_onnx_tensor *tensor);

/* Room for dims' values; rank and dims are set. */
trnnsf_status trn_onnx_tensor_room(trnnsf_context *ctx, struct trn_onnx_tensor *tensor, bool whole);

#endif
