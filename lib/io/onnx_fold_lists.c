/* Lists taken, cut, joined; constants in another shape. */
#include "io/onnx_fold.h"

#include <string.h>

#include "base/context.h"

/* ---- lists ---- */

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static int64_t from_end(int64_t place, int64_t length)
{
    return place < 0 ? place + length : place;
}

trnnsf_status trn_onnx_fold_shape(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *constant = NULL;
    struct trn_onnx_value *value = NULL;
    struct trn_onnx_tensor tensor;
    int64_t start = 0, end = TRN_ONNX_RANK_MAX;
    size_t rank, count;

    TRN_TRY(trn_onnx_check_attributes(r, "start end"));
    TRN_TRY(trn_onnx_input(r, 0, &value));
    if (value->state == TRN_ONNX_CONSTANT)
        TRN_TRY(trn_onnx_constant(r, 0, &constant));
    else
        TRN_TRY(trn_onnx_signal(r, 0, &value));
    rank = constant ? constant->rank : value->rank;
    TRN_TRY(trn_onnx_int(r, "start", -TRN_ONNX_RANK_MAX, TRN_ONNX_RANK_MAX, &start));
    TRN_TRY(trn_onnx_int(r, "end", -TRN_ONNX_RANK_MAX, TRN_ONNX_RANK_MAX, &end));
    start = clamp(from_end(start, (int64_t)rank), 0, (int64_t)rank);
    end = clamp(from_end(end, (int64_t)rank), start, (int64_t)rank);
    count = (size_t)(end - start);
    TRN_TRY(trn_onnx_fold_make(r, 1, &count, true, &tensor));
    for (size_t k = 0; k < count; k++) {
        size_t axis = (size_t)start + k;

        tensor.wholes[k] = (int64_t)(constant ? constant->dims[axis] : value->dims[axis]);
        if (axis == 0 && !constant && !r->batch_is_1)
            tensor.wholes[k] = TRN_ONNX_BATCH;
    }
    return trn_onnx_give_tensor(r, &tensor);
}

trnnsf_status trn_onnx_fold_gather(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *data = NULL, *at = NULL;
    struct trn_onnx_tensor tensor;
    int64_t axis = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "axis"));
    TRN_TRY(trn_onnx_int(r, "axis", -1, 0, &axis));
    TRN_TRY(trn_onnx_fold_list(r, 0, &data));
    TRN_TRY(trn_onnx_fold_list(r, 1, &at));
    TRN_TRY(trn_onnx_fold_make(r, at->rank, at->dims, true, &tensor));
    for (size_t i = 0; i < at->count; i++) {
        int64_t place = from_end(at->wholes[i], (int64_t)data->count);

        if (at->wholes[i] == TRN_ONNX_BATCH || place < 0 || place >= (int64_t)data->count) {
            trn_onnx_tensor_clear(r->ctx, &tensor);
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "index %zu is not in a list of %zu", i,
                            data->count);
        }
        tensor.wholes[i] = data->wholes[place];
    }
    return trn_onnx_give_tensor(r, &tensor);
}

/* One number of a list of one; `otherwise` where there is no such input. */
static trnnsf_status single(struct trn_onnx_reader *r, size_t input, int64_t otherwise,
                            int64_t *out)
{
    const struct trn_onnx_tensor *list = NULL;

    *out = otherwise;
    if (!trn_onnx_has(r, input))
        return TRNNSF_OK;
    TRN_TRY(trn_onnx_fold_list(r, input, &list));
    if (list->count != 1 || list->wholes[0] == TRN_ONNX_BATCH)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "input %zu is not one number", input);
    *out = list->wholes[0];
    return TRNNSF_OK;
}

/* Along one axis, up or down. */
struct slice {
    size_t axis;
    int64_t start, step;
    size_t count;
};

static trnnsf_status read_slice(struct trn_onnx_reader *r, const struct trn_onnx_tensor *from,
                                struct slice *out)
{
    const int64_t *starts = NULL, *ends = NULL, *axes = NULL;
    size_t n_starts = 0, n_ends = 0, n_axes = 0;
    int64_t step = 1, start, end, length;

    TRN_TRY(trn_onnx_list(r, "starts", 10, 1, &starts, &n_starts));
    TRN_TRY(trn_onnx_list(r, "ends", 10, 2, &ends, &n_ends));
    TRN_TRY(trn_onnx_list(r, "axes", 10, 3, &axes, &n_axes));
    TRN_TRY(single(r, 4, 1, &step));
    if (n_starts != 1 || n_ends != 1 || n_axes > 1 || step == 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of more than one axis, or in steps of 0");
    TRN_TRY(trn_onnx_axis(r, n_axes ? axes[0] : 0, from->rank, &out->axis));
    step = clamp(step, -TRN_ONNX_WHOLES_MAX, TRN_ONNX_WHOLES_MAX);
    length = (int64_t)from->dims[out->axis];
    start = from_end(starts[0], length);
    end = from_end(ends[0], length);
    if (step > 0) {
        start = clamp(start, 0, length);
        end = clamp(end, start, length);
        out->count = (size_t)((end - start + step - 1) / step);
    } else {
        start = clamp(start, -1, length - 1);
        end = clamp(end, -1, start);
        out->count = (size_t)((start - end - step - 1) / -step);
    }
    out->start = start;
    out->step = step;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_fold_slice(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL;
    struct trn_onnx_tensor to;
    struct slice slice;
    size_t dims[TRN_ONNX_RANK_MAX], inner = 1, n = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "starts ends axes"));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    if (!from->wholes || from->rank == 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of a constant that is no list or shape");
    TRN_TRY(read_slice(r, from, &slice));
    memcpy(dims, from->dims, from->rank * sizeof *dims);
    dims[slice.axis] = slice.count;
    TRN_TRY(trn_onnx_fold_make(r, from->rank, dims, true, &to));
    for (size_t k = slice.axis + 1; k < from->rank; k++)
        inner *= dims[k];
    for (size_t i = 0; n < to.count; i++) {
        int64_t place = slice.start + (int64_t)(i % slice.count) * slice.step;
        size_t row = i / slice.count * from->dims[slice.axis] + (size_t)place;

        for (size_t k = 0; k < inner; k++)
            to.wholes[n++] = from->wholes[row * inner + k];
    }
    return trn_onnx_give_tensor(r, &to);
}

/* ---- shapes of constants ---- */

/* The same values under other sides. */
static trnnsf_status give_reshaped(struct trn_onnx_reader *r, const struct trn_onnx_tensor *from,
                                   size_t rank, const size_t *dims)
{
    struct trn_onnx_tensor to;

    TRN_TRY(trn_onnx_fold_make(r, rank, dims, from->wholes != NULL, &to));
    if (from->wholes)
        memcpy(to.wholes, from->wholes, to.count * sizeof *to.wholes);
    else
        memcpy(to.reals, from->reals, to.count * sizeof *to.reals);
    return trn_onnx_give_tensor(r, &to);
}

/* Sides without those of length 1 that `set` names; all such where it is empty. */
trnnsf_status trn_onnx_fold_squeeze(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL;
    const int64_t *axes = NULL;
    size_t n_axes = 0, rank = 0, dims[TRN_ONNX_RANK_MAX];
    uint32_t set = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "axes"));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    TRN_TRY(trn_onnx_list(r, "axes", 13, 1, &axes, &n_axes));
    TRN_TRY(trn_onnx_axes(r, axes, n_axes, from->rank, &set));
    for (size_t k = 0; k < from->rank; k++) {
        bool goes = axes ? set >> k & 1 : from->dims[k] == 1;

        if (goes && from->dims[k] != 1)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "axis %zu has length %zu, not 1", k,
                            from->dims[k]);
        if (!goes)
            dims[rank++] = from->dims[k];
    }
    return give_reshaped(r, from, rank, dims);
}

trnnsf_status trn_onnx_fold_unsqueeze(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL;
    const int64_t *axes = NULL;
    size_t n_axes = 0, rank, dims[TRN_ONNX_RANK_MAX], k = 0;
    uint32_t set = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "axes"));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    TRN_TRY(trn_onnx_list(r, "axes", 13, 1, &axes, &n_axes));
    rank = from->rank + n_axes;
    TRN_TRY(trn_onnx_axes(r, axes, n_axes, rank, &set));
    for (size_t i = 0; i < rank; i++)
        dims[i] = set >> i & 1 ? 1 : from->dims[k++];
    return give_reshaped(r, from, rank, dims);
}

trnnsf_status trn_onnx_fold_concat(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *list = NULL;
    struct trn_onnx_tensor tensor;
    int64_t axis = 0;
    size_t count = 0, n = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "axis"));
    TRN_TRY(trn_onnx_int(r, "axis", -1, 0, &axis));
    for (size_t i = 0; i < r->node->n_input; i++) {
        TRN_TRY(trn_onnx_fold_list(r, i, &list));
        count += list->count;
    }
    TRN_TRY(trn_onnx_fold_make(r, 1, &count, true, &tensor));
    for (size_t i = 0; i < r->node->n_input; i++) {
        struct trn_onnx_value *value = trn_onnx_find(r, r->node->input[i]);

        list = value->tensor;
        memcpy(tensor.wholes + n, list->wholes, list->count * sizeof *tensor.wholes);
        n += list->count;
    }
    return trn_onnx_give_tensor(r, &tensor);
}

/* The sides of a reshaped tensor; the batch cannot be among them. */
trnnsf_status trn_onnx_fold_reshape(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL, *sides = NULL;
    size_t dims[TRN_ONNX_RANK_MAX], open = TRN_ONNX_RANK_MAX;
    uint64_t count = 1;
    int64_t allow_zero = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "allowzero"));
    TRN_TRY(trn_onnx_int(r, "allowzero", 0, 0, &allow_zero));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    TRN_TRY(trn_onnx_fold_list(r, 1, &sides));
    if (sides->count > TRN_ONNX_RANK_MAX)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT, "%zu dimensions", sides->count);
    for (size_t k = 0; k < sides->count; k++) {
        int64_t side = sides->wholes[k];

        if (side == 0 && k < from->rank)
            side = (int64_t)from->dims[k];
        if (side == -1 && open == TRN_ONNX_RANK_MAX)
            open = k;
        else if (side < 1 || side > INT32_MAX || count * (uint64_t)side > from->count)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "dimension %zu does not fit %zu values", k,
                            from->count);
        dims[k] = side == -1 ? 1 : (size_t)side;
        count *= dims[k];
    }
    if (open < TRN_ONNX_RANK_MAX && from->count % count == 0) {
        dims[open] = from->count / (size_t)count;
        count = from->count;
    }
    if (count != from->count)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "%zu values do not have that shape", from->count);
    return give_reshaped(r, from, sides->count, dims);
}

/* Of a matrix. */
trnnsf_status trn_onnx_fold_transpose(struct trn_onnx_reader *r)
{
    const struct trn_onnx_tensor *from = NULL;
    struct trn_onnx_tensor to;
    const int64_t *order = NULL;
    size_t n = 0;

    TRN_TRY(trn_onnx_check_attributes(r, "perm"));
    TRN_TRY(trn_onnx_constant(r, 0, &from));
    TRN_TRY(trn_onnx_ints(r, "perm", &order, &n));
    if (from->rank != 2 || (order && (n != 2 || order[0] != 1 || order[1] != 0)))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "of a constant of %zu dimensions, or not of both", from->rank);
    TRN_TRY(trn_onnx_fold_make(r, 2, (const size_t[2]){from->dims[1], from->dims[0]},
                               from->wholes != NULL, &to));
    for (size_t i = 0; i < to.count; i++) {
        size_t source = i % to.dims[1] * to.dims[0] + i / to.dims[1];

        if (to.wholes)
            to.wholes[i] = from->wholes[source];
        else
            to.reals[i] = from->reals[source];
    }
    return trn_onnx_give_tensor(r, &to);
}
