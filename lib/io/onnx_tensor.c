#include "io/onnx_tensor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "io/bytes.h"

static const uint64_t values_most = UINT64_C(1) << 28; /* as of a layer's weights */

/* Where values lie that are not in raw_data. */
enum field { FLOATS, DOUBLES, INTS32, INTS64 };

static const struct element {
    const char *name;
    size_t width; /* in raw_data; 0: not read */
    enum field field;
    bool whole;
} elements[] = {
    [ONNX__TENSOR_PROTO__DATA_TYPE__UNDEFINED] = {"undefined", 0, FLOATS, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT] = {"float", 4, FLOATS, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT8] = {"uint8", 1, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT8] = {"int8", 1, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT16] = {"uint16", 0, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT16] = {"int16", 0, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT32] = {"int32", 4, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT64] = {"int64", 8, INTS64, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__STRING] = {"string", 0, FLOATS, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BOOL] = {"bool", 1, INTS32, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16] = {"float16", 2, INTS32, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE] = {"double", 8, DOUBLES, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT32] = {"uint32", 0, INTS64, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT64] = {"uint64", 0, INTS64, true},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX64] = {"complex64", 0, FLOATS, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX128] = {"complex128", 0, DOUBLES, false},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16] = {"bfloat16", 2, INTS32, false},
};

static const struct element *element_of(const Onnx__TensorProto *proto)
{
    static const struct element other = {"unknown", 0, FLOATS, false};
    int32_t type = proto->has_data_type ? proto->data_type : 0;
    bool known = type >= 0 && (size_t)type < sizeof elements / sizeof *elements;

    return known ? &elements[type] : &other;
}

/* IEEE 754 binary16. */
static float of_half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float value;

    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else if (exponent == 0)
        value = ldexpf((float)fraction, -24);
    else
        value = ldexpf((float)(fraction + 1024), exponent - 25);
    return bits >> 15 ? -value : value;
}

static float of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float of_16_bits(const Onnx__TensorProto *proto, uint16_t bits)
{
    return proto->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16
               ? of_half(bits)
               : of_bits((uint32_t)bits << 16);
}

static uint16_t u16_little(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static float raw_real(const Onnx__TensorProto *proto, const uint8_t *bytes)
{
    uint64_t bits;
    double value;

    switch (proto->data_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
        return of_bits(trn_u32_little(bytes));
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
        bits = trn_u64_little(bytes);
        memcpy(&value, &bits, sizeof value);
        return (float)value;
    default:
        return of_16_bits(proto, u16_little(bytes));
    }
}

static int64_t raw_whole(const Onnx__TensorProto *proto, const uint8_t *bytes)
{
    switch (proto->data_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
        return (int64_t)trn_u64_little(bytes);
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
        return (int32_t)trn_u32_little(bytes);
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
        return (int8_t)bytes[0];
    default:
        return bytes[0];
    }
}

static size_t typed_count(const Onnx__TensorProto *proto, enum field field)
{
    switch (field) {
    case FLOATS:
        return proto->n_float_data;
    case DOUBLES:
        return proto->n_double_data;
    case INTS32:
        return proto->n_int32_data;
    default:
        return proto->n_int64_data;
    }
}

static float typed_real(const Onnx__TensorProto *proto, enum field field, size_t i)
{
    switch (field) {
    case FLOATS:
        return proto->float_data[i];
    case DOUBLES:
        return (float)proto->double_data[i];
    default:
        return of_16_bits(proto, (uint16_t)proto->int32_data[i]);
    }
}

static trnnsf_status decode_raw(trnnsf_context *ctx, const Onnx__TensorProto *proto,
                                const uint8_t *bytes, size_t size, struct trn_onnx_tensor *out)
{
    const struct element *element = element_of(proto);

    if (size / element->width != out->count || size % element->width != 0)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "%zu bytes are not %zu values of %s", size,
                        out->count, element->name);
    TRN_TRY(trn_onnx_tensor_room(ctx, out, element->whole));
    for (size_t i = 0; i < out->count; i++) {
        if (out->wholes)
            out->wholes[i] = raw_whole(proto, bytes + i * element->width);
        else
            out->reals[i] = raw_real(proto, bytes + i * element->width);
    }
    return TRNNSF_OK;
}

static trnnsf_status decode_typed(trnnsf_context *ctx, const Onnx__TensorProto *proto,
                                  struct trn_onnx_tensor *out)
{
    const struct element *element = element_of(proto);
    size_t found = typed_count(proto, element->field);

    if (found != out->count)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "%zu values where its sides say %zu", found,
                        out->count);
    TRN_TRY(trn_onnx_tensor_room(ctx, out, element->whole));
    for (size_t i = 0; i < out->count; i++) {
        if (!out->wholes)
            out->reals[i] = typed_real(proto, element->field, i);
        else
            out->wholes[i] = element->field == INTS32 ? proto->int32_data[i] : proto->int64_data[i];
    }
    return TRNNSF_OK;
}

/* TRN_ONNX_BATCH stands for the batch and is no number. */
static trnnsf_status check_values(trnnsf_context *ctx, const struct trn_onnx_tensor *tensor)
{
    for (size_t i = 0; i < tensor->count; i++) {
        if (tensor->wholes ? tensor->wholes[i] == TRN_ONNX_BATCH : isnan(tensor->reals[i]))
            return trn_fail(ctx, TRNNSF_E_NUMERIC, "value %zu is %s", i,
                            tensor->wholes ? "the least number of 64 bits" : "not a number");
    }
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_tensor_room(trnnsf_context *ctx, struct trn_onnx_tensor *tensor, bool whole)
{
    tensor->count = 1;
    for (size_t k = 0; k < tensor->rank; k++)
        tensor->count *= tensor->dims[k];
    if (whole)
        tensor->wholes = trn_malloc(ctx, tensor->count, sizeof *tensor->wholes);
    else
        tensor->reals = trn_malloc(ctx, tensor->count, sizeof *tensor->reals);
    return tensor->wholes || tensor->reals ? TRNNSF_OK : TRN_NO_MEMORY;
}

void trn_onnx_tensor_clear(trnnsf_context *ctx, struct trn_onnx_tensor *tensor)
{
    trn_free(ctx, tensor->reals);
    trn_free(ctx, tensor->wholes);
    tensor->reals = NULL;
    tensor->wholes = NULL;
}

trnnsf_status trn_onnx_tensor_shape(trnnsf_context *ctx, const Onnx__TensorProto *proto,
                                    struct trn_onnx_tensor *out)
{
    const struct element *element = element_of(proto);
    struct trn_onnx_tensor tensor = {.rank = proto->n_dims};
    uint64_t count = 1;

    if (element->width == 0)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "values of type %d (%s)", proto->data_type,
                        element->name);
    if (proto->segment)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "a segment of a tensor");
    if (tensor.rank > TRN_ONNX_RANK_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%zu dimensions are more than %d", tensor.rank,
                        TRN_ONNX_RANK_MAX);
    for (size_t k = 0; k < tensor.rank; k++) {
        int64_t side = proto->dims[k];

        if (side < 0)
            return trn_fail(ctx, TRNNSF_E_FORMAT, "dimension %zu is %" PRId64, k, side);
        if ((uint64_t)side > values_most || (side > 0 && count > values_most / (uint64_t)side))
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "dimension %zu of %" PRId64 ": more than %" PRIu64 " values", k, side,
                            values_most);
        count *= (uint64_t)side;
        tensor.dims[k] = (size_t)side;
    }
    tensor.count = (size_t)count;
    *out = tensor;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_tensor_decode(struct trn_onnx_folder *folder, const Onnx__TensorProto *proto,
                                     struct trn_onnx_tensor *out)
{
    struct trn_onnx_tensor tensor;
    const uint8_t *bytes = proto->raw_data.data;
    size_t size = proto->raw_data.len;
    bool outside = proto->has_data_location &&
                   proto->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    trnnsf_status status;

    TRN_TRY(trn_onnx_tensor_shape(folder->ctx, proto, &tensor));
    if (outside)
        TRN_TRY(trn_onnx_external(folder, proto, &bytes, &size));
    if (outside || proto->has_raw_data)
        status = decode_raw(folder->ctx, proto, bytes, size, &tensor);
    else
        status = decode_typed(folder->ctx, proto, &tensor);
    if (status == TRNNSF_OK)
        status = check_values(folder->ctx, &tensor);
    if (status == TRNNSF_OK)
        *out = tensor;
    else
        trn_onnx_tensor_clear(folder->ctx, &tensor);
    return status;
}
