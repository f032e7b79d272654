/* The same values in another shape. */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

trnnsf_status trn_onnx_read_flatten(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    int64_t axis = 1;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_int(r, "axis", -TRN_ONNX_RANK_MAX, TRN_ONNX_RANK_MAX, &axis));
    if (axis < 0)
        axis += (int64_t)x->rank;
    if (axis != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "from axis %" PRId64 " on, not 1", axis);
    return trn_onnx_give_shaped(r, x, 2, (const size_t[2]){1, trn_onnx_sample_size(x)});
}

/* ---- Reshape ---- */

/* Whether the first side is the batch; *open: it is -1. */
static trnnsf_status check_batch(const struct trn_onnx_reader *r, int64_t side, bool *open)
{
    *open = side == -1;
    if (side == TRN_ONNX_BATCH || side == 0 || side == -1 || (side == 1 && r->batch_is_1))
        return TRNNSF_OK;
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                    "the first dimension is %" PRId64 ", not the batch", side);
}

static trnnsf_status read_sides(const struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                                const struct trn_onnx_tensor *sides, size_t *dims)
{
    size_t size = trn_onnx_sample_size(x), known = 1, open = 0;
    bool batch_open = false;

    TRN_TRY(check_batch(r, sides->wholes[0], &batch_open));
    dims[0] = 1;
    for (size_t k = 1; k < sides->count; k++) {
        int64_t side = sides->wholes[k];

        if (side == 0 && k < x->rank)
            side = (int64_t)x->dims[k];
        if (side == -1 && open == 0 && !batch_open) {
            open = k;
            continue;
        }
        if (side < 1 || (uint64_t)side > size / known)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT,
                            "dimension %zu does not fit a sample of %zu values", k, size);
        dims[k] = (size_t)side;
        known *= dims[k];
    }
    if (open > 0) {
        dims[open] = size / known;
        known *= dims[open];
    }
    if (known != size)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "samples of %zu values do not become such of %zu",
                        size, known);
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_reshape(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *sides = NULL;
    struct trn_onnx_value *x = NULL;
    size_t dims[TRN_ONNX_RANK_MAX];
    int64_t allow_zero = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_int(r, "allowzero", 0, 0, &allow_zero));
    TRN_TRY(trn_onnx_constant(r, 1, &sides));
    if (!sides->wholes || sides->rank != 1 || sides->count < 1 || sides->count > TRN_ONNX_RANK_MAX)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "input 1 is no list of up to %d dimensions",
                        TRN_ONNX_RANK_MAX);
    TRN_TRY(read_sides(r, x, sides, dims));
    return trn_onnx_give_shaped(r, x, sides->count, dims);
}

/* ---- Squeeze, Unsqueeze, Transpose ---- */

trnnsf_status trn_onnx_read_squeeze(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    const int64_t *axes = NULL;
    size_t n = 0, rank = 0, dims[TRN_ONNX_RANK_MAX];
    uint32_t set = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_list(r, "axes", 13, 1, &axes, &n));
    TRN_TRY(trn_onnx_axes(r, axes, n, x->rank, &set));
    if (!axes || (set & 1))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of the batch");
    for (size_t k = 0; k < x->rank; k++) {
        if (!(set >> k & 1))
            dims[rank++] = x->dims[k];
        else if (x->dims[k] != 1)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "axis %zu has length %zu, not 1", k,
                            x->dims[k]);
    }
    return trn_onnx_give_shaped(r, x, rank, dims);
}

trnnsf_status trn_onnx_read_unsqueeze(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    const int64_t *axes = NULL;
    size_t n = 0, rank, k = 0, dims[TRN_ONNX_RANK_MAX];
    uint32_t set = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_list(r, "axes", 13, 1, &axes, &n));
    rank = x->rank + n;
    TRN_TRY(trn_onnx_axes(r, axes, n, rank, &set));
    if (set & 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "before the batch");
    for (size_t i = 0; i < rank; i++)
        dims[i] = set >> i & 1 ? 1 : x->dims[k++];
    return trn_onnx_give_shaped(r, x, rank, dims);
}

/* Of axes of length 1 alone: values stay where they are. */
trnnsf_status trn_onnx_read_transpose(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    const int64_t *order = NULL;
    size_t n = 0, last = 0, dims[TRN_ONNX_RANK_MAX];
    uint32_t set = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_ints(r, "perm", &order, &n));
    TRN_TRY(trn_onnx_axes(r, order, n, x->rank, &set));
    if (!order || n != x->rank || order[0] != 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of the batch");
    for (size_t k = 0; k < n; k++) {
        size_t axis = (size_t)order[k];

        if (order[k] < 0)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "axis %" PRId64, order[k]);
        dims[k] = x->dims[axis];
        if (dims[k] > 1 && axis < last)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                            "values change places: axis %zu comes after axis %zu", axis, last);
        last = dims[k] > 1 ? axis : last;
    }
    return trn_onnx_give_shaped(r, x, n, dims);
}

/* ---- Identity, Dropout, Cast ---- */

trnnsf_status trn_onnx_read_same(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    int64_t type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    double training = 0.0;

    TRN_TRY(trn_onnx_input(r, 0, &x));
    if (x->state == TRN_ONNX_CONSTANT)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of a constant");
    TRN_TRY(trn_onnx_int(r, "to", 0, 64, &type));
    if (type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT &&
        type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 &&
        type != ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "to type %d", (int)type);
    if (trn_onnx_has(r, 2))
        TRN_TRY(trn_onnx_scalar(r, 2, &training));
    if (training != 0.0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "in training mode");
    trn_onnx_give_same(r, x);
    return TRNNSF_OK;
}
