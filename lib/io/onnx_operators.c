/* The operators that are read, and the attributes that each may have. */
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

#define WINDOW "kernel_shape strides pads dilations auto_pad "

static const struct {
    const char *type;
    trnnsf_status (*read)(struct trn_onnx_reader *r);
    const char *attributes;
} operators[] = {
    {"Conv", trn_onnx_read_conv, WINDOW "group"},
    {"Gemm", trn_onnx_read_gemm, "alpha beta transA transB"},
    {"MatMul", trn_onnx_read_matmul, ""},
    {"BatchNormalization", trn_onnx_read_batch_norm, "epsilon momentum training_mode"},
    {"Pad", trn_onnx_read_pad, "mode pads value"},
    {"MaxPool", trn_onnx_read_max_pool, WINDOW "ceil_mode storage_order"},
    {"AveragePool", trn_onnx_read_average_pool, WINDOW "ceil_mode count_include_pad"},
    {"GlobalAveragePool", trn_onnx_read_global_pool, ""},
    {"GlobalMaxPool", trn_onnx_read_global_pool, ""},
    {"ReduceMean", trn_onnx_read_reduce_mean, "axes keepdims noop_with_empty_axes"},
    {"Relu", trn_onnx_read_activation, ""},
    {"LeakyRelu", trn_onnx_read_activation, "alpha"},
    {"Sigmoid", trn_onnx_read_activation, ""},
    {"Tanh", trn_onnx_read_activation, ""},
    {"HardSwish", trn_onnx_read_activation, ""},
    {"Clip", trn_onnx_read_clip, "min max"},
    {"HardSigmoid", trn_onnx_read_hard_sigmoid, "alpha beta"},
    {"Softmax", trn_onnx_read_softmax, "axis"},
    {"Add", trn_onnx_read_arithmetic, ""},
    {"Sub", trn_onnx_read_arithmetic, ""},
    {"Mul", trn_onnx_read_arithmetic, ""},
    {"Div", trn_onnx_read_arithmetic, ""},
    {"Sum", trn_onnx_read_sum, ""},
    {"Concat", trn_onnx_read_concat, "axis"},
    {"Flatten", trn_onnx_read_flatten, "axis"},
    {"Reshape", trn_onnx_read_reshape, "allowzero"},
    {"Squeeze", trn_onnx_read_squeeze, "axes"},
    {"Unsqueeze", trn_onnx_read_unsqueeze, "axes"},
    {"Transpose", trn_onnx_read_transpose, "perm"},
    {"Identity", trn_onnx_read_same, ""},
    {"Dropout", trn_onnx_read_same, "ratio seed"},
    {"Cast", trn_onnx_read_same, "to"},
};

trnnsf_status trn_onnx_operate(struct trn_onnx_reader *r)
{
    const char *type = r->node->op_type ? r->node->op_type : "";

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strcmp(operators[i].type, type) != 0)
            continue;
        TRN_TRY(trn_onnx_check_attributes(r, operators[i].attributes));
        return operators[i].read(r);
    }
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "this operator is not read");
}
