/* What is computed while a file is read. */
#ifndef TRN_IO_ONNX_FOLD_H
#define TRN_IO_ONNX_FOLD_H

#include "io/onnx_read.h"

enum { TRN_ONNX_WHOLES_MAX = 4096 }; /* of a list that is computed; shapes have up to 8 */

/* Room for a tensor; counts are checked. */
trnnsf_status trn_onnx_fold_make(struct trn_onnx_reader *r, size_t rank, const size_t *dims,
                                 bool whole, struct trn_onnx_tensor *out);
/* An input that is a list of whole numbers, or one. */
trnnsf_status trn_onnx_fold_list(struct trn_onnx_reader *r, size_t input,
                                 const struct trn_onnx_tensor **out);

/* Operators; onnx_fold_lists.c */
trnnsf_status trn_onnx_fold_shape(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_gather(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_slice(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_concat(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_squeeze(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_unsqueeze(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_reshape(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_fold_transpose(struct trn_onnx_reader *r);

#endif
