#include <string.h>

#include "io/safetensors.h"

static const struct {
    const char *name;
    size_t size;
} tensor_types[TRN_TENSOR_TYPES] = {
    [TRN_TENSOR_U8] = {"U8", 1},     [TRN_TENSOR_U32] = {"U32", 4}, [TRN_TENSOR_U64] = {"U64", 8},
    [TRN_TENSOR_I64] = {"I64", 8},   [TRN_TENSOR_F32] = {"F32", 4}, [TRN_TENSOR_F64] = {"F64", 8},
    [TRN_TENSOR_BOOL] = {"BOOL", 1}, [TRN_TENSOR_I8] = {"I8", 1},   [TRN_TENSOR_I16] = {"I16", 2},
    [TRN_TENSOR_U16] = {"U16", 2},   [TRN_TENSOR_I32] = {"I32", 4}, [TRN_TENSOR_F16] = {"F16", 2},
    [TRN_TENSOR_BF16] = {"BF16", 2},
};

size_t trn_tensor_type_size(enum trn_tensor_type type)
{
    return tensor_types[type].size;
}

const char *trn_tensor_type_name(enum trn_tensor_type type)
{
    return tensor_types[type].name;
}
