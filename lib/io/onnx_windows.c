/* Pooling, and padding that convolutions and pooling take up. */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

enum { SIDE_MOST = 65535 };

/* ---- Pad ---- */

static trnnsf_status check_pad(struct trn_onnx_reader *r)
{
    double value = 0;
    char mode[32];

    TRN_TRY(trn_onnx_text(r, "mode", mode));
    if (mode[0] != '\0' && strcmp(mode, "constant") != 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "mode '%s', not constant", mode);
    if (r->opset < 11)
        TRN_TRY(trn_onnx_float(r, "value", &value));
    else if (trn_onnx_has(r, 2))
        TRN_TRY(trn_onnx_scalar(r, 2, &value));
    if (value != 0.0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "padding with %g, not 0", value);
    if (trn_onnx_has(r, 3))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "axes as input 3");
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_pad(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL, padded;
    const int64_t *pads = NULL;
    size_t n = 0;

    TRN_TRY(trn_onnx_padded(r, 0, &x));
    TRN_TRY(trn_onnx_list(r, "pads", 11, 1, &pads, &n));
    TRN_TRY(check_pad(r));
    if (!pads || n != 2 * x->rank)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "%zu pads of %zu dimensions", n, x->rank);
    padded = *x;
    for (size_t i = 0; i < n; i++) {
        size_t axis = i % x->rank, side = i / x->rank; /* begins, then ends */
        bool vertical = x->rank == 4 && axis == 2;

        if (pads[i] == 0)
            continue;
        if (axis < 2 || x->rank > 4 || pads[i] < 0 || pads[i] > SIDE_MOST)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                            "a padding of %" PRId64 " on axis %zu of %zu", pads[i], axis, x->rank);
        padded.pads[2 * side + !vertical] += (uint32_t)pads[i];
    }
    trn_onnx_give_same(r, &padded);
    return TRNNSF_OK;
}

/* ---- pools ---- */

static bool is_padded(const struct trn_onnx_value *value)
{
    return value->pads[0] > 0 || value->pads[1] > 0 || value->pads[2] > 0 || value->pads[3] > 0;
}

/* With ceil_mode, a last window may begin inside and end outside: padding of its own. */
static trnnsf_status round_up(const struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                              struct trn_onnx_window *w, bool *out_more)
{
    int64_t ceil_mode = 0;

    *out_more = false;
    TRN_TRY(trn_onnx_int(r, "ceil_mode", 0, 1, &ceil_mode));
    for (size_t i = 4 - x->rank; ceil_mode && i < 2; i++) {
        uint64_t length = x->dims[x->rank - 2 + i], inside = length + w->begin[i];
        uint64_t extent = (uint64_t)(w->kernel[i] - 1) * w->dilation[i] + 1;
        uint64_t padded = inside + w->end[i], stride = w->stride[i];

        if (extent > padded || (padded - extent) % stride == 0)
            continue;

        uint64_t start = ((padded - extent) / stride + 1) * stride;

        if (start >= inside)
            continue;
        w->end[i] += (uint32_t)(start + extent - padded);
        *out_more = true;
    }
    return TRNNSF_OK;
}

/* Without padding at the end that no window reaches: exporters write more than there may be. */
static void trim(const struct trn_onnx_value *x, struct trn_onnx_window *w)
{
    for (size_t i = 4 - x->rank; i < 2; i++) {
        uint64_t padded = (uint64_t)x->dims[x->rank - 2 + i] + w->begin[i] + w->end[i];
        uint64_t extent = (uint64_t)(w->kernel[i] - 1) * w->dilation[i] + 1;
        uint64_t spare = padded > extent ? (padded - extent) % w->stride[i] : 0;

        w->end[i] -= (uint32_t)(spare < w->end[i] ? spare : w->end[i]);
    }
}

/* What a mean over a window is over: padding of the window itself, of a Pad before it. */
static trnnsf_status count_pads(const struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                                const struct trn_onnx_window *w, bool more, uint32_t *out_count)
{
    uint32_t sum = w->begin[0] + w->begin[1] + w->end[0] + w->end[1];
    uint32_t before = x->pads[0] + x->pads[1] + x->pads[2] + x->pads[3];
    int64_t include = 0;

    TRN_TRY(trn_onnx_int(r, "count_include_pad", 0, 1, &include));
    if (more && (include || before > 0))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "'ceil_mode' with padding that counts as values");
    if (before > 0 && before != sum && !include)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "padding that counts beside such that does not");
    *out_count = include || before > 0;
    return TRNNSF_OK;
}

/* Zeros around are no maxima of what is nowhere below 0. */
static trnnsf_status check_maxima(const struct trn_onnx_reader *r, const struct trn_onnx_value *x)
{
    uint32_t activation = r->graph.nodes[x->node].options.activation;

    if (is_padded(x) && activation != TRNNSF_ACTIVATION_RELU &&
        activation != TRNNSF_ACTIVATION_RELU6 && activation != TRNNSF_ACTIVATION_SIGMOID)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "maxima of zeros around values that may be negative");
    return TRNNSF_OK;
}

static trnnsf_status add_pool(struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                              struct trnnsf_node_options *options)
{
    uint32_t node = 0;

    TRN_TRY(trn_onnx_image(r, x, &node));
    TRN_TRY(trn_onnx_add(r, &node, 1, options));
    trn_onnx_give_node(r, x->rank);
    return TRNNSF_OK;
}

/* Where a pool looks; *out_more as of round_up(). */
static trnnsf_status read_pool(struct trn_onnx_reader *r, struct trn_onnx_value **out_x,
                               struct trn_onnx_window *window, bool *out_more)
{
    TRN_TRY(trn_onnx_padded(r, 0, out_x));
    TRN_TRY(trn_onnx_read_window(r, *out_x, NULL, window));
    return round_up(r, *out_x, window, out_more);
}

trnnsf_status trn_onnx_read_max_pool(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trn_onnx_value *x = NULL;
    struct trn_onnx_window window;
    bool more = false;

    TRN_TRY(read_pool(r, &x, &window, &more));
    TRN_TRY(check_maxima(r, x));
    trim(x, &window);
    options.kind = TRNNSF_NODE_MAX_POOL;
    trn_onnx_set_window(&window, &options);
    return add_pool(r, x, &options);
}

trnnsf_status trn_onnx_read_average_pool(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trn_onnx_value *x = NULL;
    struct trn_onnx_window window;
    bool more = false;

    TRN_TRY(read_pool(r, &x, &window, &more));
    TRN_TRY(count_pads(r, x, &window, more, &options.count_pad));
    trim(x, &window);
    options.kind = TRNNSF_NODE_MEAN_POOL;
    trn_onnx_set_window(&window, &options);
    return add_pool(r, x, &options);
}

/* Of the whole image. */
trnnsf_status trn_onnx_read_global_pool(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trn_onnx_value *x = NULL;
    bool maxima = strcmp(r->node->op_type, "GlobalMaxPool") == 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    options.kind = maxima ? TRNNSF_NODE_MAX_POOL : TRNNSF_NODE_MEAN_POOL;
    options.kernel_height = options.kernel_width = 0;
    return add_pool(r, x, &options);
}

/* The mean of all pixels. */
trnnsf_status trn_onnx_read_reduce_mean(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trn_onnx_value *x = NULL;
    const int64_t *axes = NULL;
    size_t n = 0;
    int64_t keep = 1, nothing = 0;
    uint32_t set = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_int(r, "keepdims", 0, 1, &keep));
    TRN_TRY(trn_onnx_int(r, "noop_with_empty_axes", 0, 0, &nothing));
    TRN_TRY(trn_onnx_list(r, "axes", 18, 1, &axes, &n));
    TRN_TRY(trn_onnx_axes(r, axes, n, x->rank, &set));
    if (x->rank < 3 || x->rank > 4 || set != (x->rank == 4 ? 12 : 4))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "a mean over other axes than all pixels of a channel");
    options.kind = TRNNSF_NODE_MEAN_POOL;
    options.kernel_height = options.kernel_width = 0;
    TRN_TRY(add_pool(r, x, &options));
    trn_onnx_give_node(r, keep ? x->rank : 2);
    return TRNNSF_OK;
}
