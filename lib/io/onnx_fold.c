/* What exporters write around Flatten and Reshape: shapes taken, cut, joined and computed with. All
 * of it is known while the file is read, but for the batch, which is carried along as itself. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_fold.h"

/* ---- making tensors ---- */

trnnsf_status trn_onnx_fold_make(struct trn_onnx_reader *r, size_t rank, const size_t *dims,
                                 bool whole, struct trn_onnx_tensor *out)
{
    uint64_t count = 1;

    for (size_t k = 0; k < rank; k++) {
        if (dims[k] > 0 && count > UINT64_C(0xffffffff) / dims[k])
            return trn_fail(r->ctx, TRNNSF_E_LIMIT, "too many values");
        count *= dims[k];
    }
    if (whole && count > TRN_ONNX_WHOLES_MAX)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT, "%zu whole numbers are more than %d", (size_t)count,
                        TRN_ONNX_WHOLES_MAX);
    TRN_TRY(trn_onnx_spend(r, count));
    *out = (struct trn_onnx_tensor){.rank = rank};
    if (rank > 0)
        memcpy(out->dims, dims, rank * sizeof *dims);
    return trn_onnx_tensor_room(r->ctx, out, whole);
}

/* A list, or one number. */
trnnsf_status trn_onnx_fold_list(struct trn_onnx_reader *r, size_t input,
                                 const struct trn_onnx_tensor **out)
{
    TRN_TRY(trn_onnx_constant(r, input, out));
    if (!(*out)->wholes || (*out)->rank > 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "input %zu, '%.100s', is no list of whole numbers", input,
                        r->node->input[input]);
    return TRNNSF_OK;
}

/* ---- operators ---- */

static trnnsf_status fold_constant(struct trn_onnx_reader *r)
{
    const Onnx__AttributeProto *attribute = r->node->n_attribute ? r->node->attribute[0] : NULL;
    struct trn_onnx_tensor tensor;
    const int64_t *values = NULL;
    size_t count = 0;
    double real = 0;
    int64_t whole = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "value value_int value_ints value_float"));
    if (r->node->n_attribute != 1)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "%zu values", r->node->n_attribute);
    if (attribute->t) {
        TRN_TRY(trn_onnx_tensor_decode(&r->folder, attribute->t, &tensor));
        return trn_onnx_give_tensor(r, &tensor);
    }
    if (trn_onnx_has_attribute(r, "value_float")) {
        TRN_TRY(trn_onnx_float(r, "value_float", &real));
        TRN_TRY(trn_onnx_fold_make(r, 0, NULL, false, &tensor));
        tensor.reals[0] = (float)real;
        return trn_onnx_give_tensor(r, &tensor);
    }
    if (trn_onnx_has_attribute(r, "value_int")) {
        TRN_TRY(trn_onnx_int(r, "value_int", INT64_MIN + 1, INT64_MAX, &whole));
        TRN_TRY(trn_onnx_fold_make(r, 0, NULL, true, &tensor));
        tensor.wholes[0] = whole;
        return trn_onnx_give_tensor(r, &tensor);
    }
    TRN_TRY(trn_onnx_ints(r, "value_ints", &values, &count));
    if (!values)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "no value");
    TRN_TRY(trn_onnx_fold_make(r, 1, &count, true, &tensor));
    memcpy(tensor.wholes, values, count * sizeof *values);
    return trn_onnx_give_tensor(r, &tensor);
}

/* Weights are real before and after; lists may change. */
static trnnsf_status give_cast(struct trn_onnx_reader *r, const struct trn_onnx_tensor *from,
                               bool whole)
{
    struct trn_onnx_tensor to;

    if (from->count > TRN_ONNX_WHOLES_MAX)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT, "%zu values are more than %d", from->count,
                        TRN_ONNX_WHOLES_MAX);
    TRN_TRY(trn_onnx_fold_make(r, from->rank, from->dims, whole, &to));
    for (size_t i = 0; i < to.count; i++) {
        double value = whole ? (double)from->reals[i] : (double)from->wholes[i];

        if (!(fabs(value) < 0x1p53)) {
            trn_onnx_tensor_clear(r->ctx, &to);
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of %g, or of the batch", value);
        }
        if (whole)
            to.wholes[i] = (int64_t)value;
        else
            to.reals[i] = (float)value;
    }
    return trn_onnx_give_tensor(r, &to);
}

static trnnsf_status fold_cast(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL;
    int64_t to = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "to"));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    TRN_TRY(trn_onnx_int(r, "to", 0, 64, &to));

    bool whole =
        to == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || to == ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
    bool real = to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
                to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ||
                to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;

    if (!whole && !real)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "to type %d", (int)to);
    if (whole != (from->wholes != NULL))
        return give_cast(r, from, whole);
    trn_onnx_give_same(r, trn_onnx_find(r, r->node->input[0]));
    return TRNNSF_OK;
}

static trnnsf_status fold_same(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *value = NULL;

    TRN_TRY(trn_onnx_input(r, 0, &value));
    trn_onnx_give_same(r, value);
    return TRNNSF_OK;
}

static trnnsf_status fold_fill(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *sides = NULL;
    const Onnx__AttributeProto *attribute = r->node->n_attribute ? r->node->attribute[0] : NULL;
    struct trn_onnx_tensor value = {.rank = 0}, tensor;
    size_t dims[TRN_ONNX_RANK_MAX];
    trnnsf_status status;

    TRN_TRY(trn_onnx_check_attributes(r, "value"));
    TRN_TRY(trn_onnx_fold_list(r, 0, &sides));
    for (size_t k = 0; k < sides->count; k++) {
        if (k == TRN_ONNX_RANK_MAX || sides->wholes[k] < 0 || sides->wholes[k] > INT32_MAX)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "dimension %zu is not in [0, 2^31)", k);
        dims[k] = (size_t)sides->wholes[k];
    }
    if (attribute && attribute->t)
        TRN_TRY(trn_onnx_tensor_decode(&r->folder, attribute->t, &value));
    if (attribute && value.count != 1)
        status = trn_fail(r->ctx, TRNNSF_E_FORMAT, "its value is %zu numbers", value.count);
    else
        status = trn_onnx_fold_make(r, sides->count, dims, value.wholes != NULL, &tensor);
    if (status == TRNNSF_OK) {
        for (size_t i = 0; i < tensor.count; i++) {
            if (tensor.wholes)
                tensor.wholes[i] = value.wholes[0];
            else
                tensor.reals[i] = value.reals ? value.reals[0] : 0.0f;
        }
        status = trn_onnx_give_tensor(r, &tensor);
    }
    trn_onnx_tensor_clear(r->ctx, &value);
    return status;
}

static double computed(char operator, double a, double b)
{
    switch (operator) {
    case 'A':
        return a + b;
    case 'S':
        return a - b;
    case 'M':
        return a * b;
    default:
        return a / b;
    }
}

/* Of whole numbers, as shapes are computed; a quotient's fraction is dropped. */
static trnnsf_status fold_arithmetic(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *a = NULL, *b = NULL, *larger;
    struct trn_onnx_tensor to;

    TRN_TRY(trn_onnx_check_attributes(r, ""));
    TRN_TRY(trn_onnx_constant(r, 0, &a));
    TRN_TRY(trn_onnx_constant(r, 1, &b));
    if (!a->wholes || !b->wholes || (a->count != b->count && a->count != 1 && b->count != 1))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of constants that are no equal lists");
    larger = a->count > b->count || (a->count == b->count && a->rank > b->rank) ? a : b;
    TRN_TRY(trn_onnx_fold_make(r, larger->rank, larger->dims, true, &to));
    for (size_t i = 0; i < to.count; i++) {
        int64_t x = a->wholes[a->count == 1 ? 0 : i], y = b->wholes[b->count == 1 ? 0 : i];
        double value = computed(r->node->op_type[0], (double)x, (double)y);

        if (x == TRN_ONNX_BATCH || y == TRN_ONNX_BATCH || !(fabs(value) < 0x1p53)) {
            trn_onnx_tensor_clear(r->ctx, &to);
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of the batch, or beyond 2^53");
        }
        to.wholes[i] = (int64_t)value;
    }
    return trn_onnx_give_tensor(r, &to);
}

static const struct {
    const char *type;
    trnnsf_status (*fold)(struct trn_onnx_reader *r);
} folds[] = {
    {"Constant", fold_constant},
    {"ConstantOfShape", fold_fill},
    {"Gather", trn_onnx_fold_gather},
    {"Unsqueeze", trn_onnx_fold_unsqueeze},
    {"Squeeze", trn_onnx_fold_squeeze},
    {"Concat", trn_onnx_fold_concat},
    {"Slice", trn_onnx_fold_slice},
    {"Cast", fold_cast},
    {"Identity", fold_same},
    {"Reshape", trn_onnx_fold_reshape},
    {"Transpose", trn_onnx_fold_transpose},
    {"Add", fold_arithmetic},
    {"Sub", fold_arithmetic},
    {"Mul", fold_arithmetic},
    {"Div", fold_arithmetic},
};

/* Shape alone does not ask what its signal is. */
static trnnsf_status has_constants(struct trn_onnx_reader *r, bool *out)
{
    *out = true;
    for (size_t i = 0; i < r->node->n_input; i++) {
        struct trn_onnx_value *value = NULL;

        if (!trn_onnx_has(r, i))
            continue;
        TRN_TRY(trn_onnx_input(r, i, &value));
        *out = *out && value->state == TRN_ONNX_CONSTANT;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_fold(struct trn_onnx_reader *r, bool *out_done)
{
    const char *type = r->node->op_type ? r->node->op_type : "";
    bool constants = false;

    *out_done = true;
    TRN_TRY(has_constants(r, &constants));
    if (strcmp(type, "Shape") == 0)
        return trn_onnx_fold_shape(r);
    for (size_t i = 0; constants && i < sizeof folds / sizeof *folds; i++) {
        if (strcmp(folds[i].type, type) == 0)
            return folds[i].fold(r);
    }
    *out_done = false;
    return TRNNSF_OK;
}
