/* Windows of convolutions and pooling: where they lie. One axis is the image's width. */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

enum { SIDE_MOST = 65535, AXES = 2 };

/* A list of one number an axis; those of the first axis are left as they are where there is one
 * alone. */
static trnnsf_status read_list(const struct trn_onnx_reader *r, const char *name, size_t axes,
                               size_t lists, int64_t least, uint32_t *const out[2])
{
    const int64_t *values = NULL;
    size_t n = 0;

    TRN_TRY(trn_onnx_ints(r, name, &values, &n));
    if (values && n != axes * lists)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "%zu values of '%s' for %zu axes", n, name, axes);
    for (size_t i = 0; values && i < n; i++) {
        if (values[i] < least || values[i] > SIDE_MOST)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                            "'%s'[%zu] %" PRId64 " is not in [%" PRId64 ", %d]", name, i, values[i],
                            least, SIDE_MOST);
        out[i / axes][AXES - axes + i % axes] = (uint32_t)values[i];
    }
    return TRNNSF_OK;
}

static trnnsf_status read_kernel(const struct trn_onnx_reader *r, size_t axes, const size_t *kernel,
                                 struct trn_onnx_window *w)
{
    TRN_TRY(read_list(r, "kernel_shape", axes, 1, 1, (uint32_t *const[2]){w->kernel}));
    if (!kernel && !trn_onnx_has_attribute(r, "kernel_shape"))
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "attribute 'kernel_shape' is missing");
    for (size_t i = 0; kernel && i < axes; i++) {
        uint32_t *side = &w->kernel[AXES - axes + i];

        if (trn_onnx_has_attribute(r, "kernel_shape") ? *side != kernel[i] : kernel[i] > SIDE_MOST)
            return trn_fail(
                r->ctx, TRNNSF_E_FORMAT,
                "a kernel %zu long on axis %zu, where 'kernel_shape' or the limit is %u", kernel[i],
                i, *side > 1 ? *side : (uint32_t)SIDE_MOST);
        *side = (uint32_t)kernel[i];
    }
    return TRNNSF_OK;
}

/* As much around as makes every stride-th pixel a place; an odd one comes last, or first. */
static trnnsf_status pad_same(const struct trn_onnx_reader *r, const struct trn_onnx_value *value,
                              bool upper, struct trn_onnx_window *w)
{
    for (size_t i = AXES - (value->rank - 2); i < AXES; i++) {
        uint64_t length = value->dims[value->rank - AXES + i];
        uint64_t extent = (uint64_t)(w->kernel[i] - 1) * w->dilation[i] + 1;
        uint64_t places = (length + w->stride[i] - 1) / w->stride[i];
        uint64_t covered = (places - 1) * w->stride[i] + extent;
        uint64_t pad = covered > length ? covered - length : 0;

        if (pad > SIDE_MOST)
            return trn_fail(r->ctx, TRNNSF_E_LIMIT, "a padding of %" PRIu64 " on axis %zu", pad, i);
        w->begin[i] = (uint32_t)(upper ? pad / 2 : pad - pad / 2);
        w->end[i] = (uint32_t)(pad - w->begin[i]);
    }
    return TRNNSF_OK;
}

static trnnsf_status read_pads(const struct trn_onnx_reader *r, const struct trn_onnx_value *value,
                               struct trn_onnx_window *w)
{
    size_t axes = value->rank - 2;
    char word[32];

    TRN_TRY(trn_onnx_text(r, "auto_pad", word));
    if (word[0] == '\0' || strcmp(word, "NOTSET") == 0)
        return read_list(r, "pads", axes, 2, 0, (uint32_t *const[2]){w->begin, w->end});
    if (strcmp(word, "VALID") == 0)
        return TRNNSF_OK;
    if (strcmp(word, "SAME_UPPER") != 0 && strcmp(word, "SAME_LOWER") != 0)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "attribute 'auto_pad' '%s'", word);
    for (size_t k = 0; k < TRN_ONNX_SIDES; k++) {
        if (value->pads[k] > 0)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "'auto_pad' after a Pad");
    }
    return pad_same(r, value, word[5] == 'U', w);
}

trnnsf_status trn_onnx_read_window(const struct trn_onnx_reader *r,
                                   const struct trn_onnx_value *value, const size_t *kernel,
                                   struct trn_onnx_window *out)
{
    struct trn_onnx_window w = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    size_t axes = value->rank - 2;

    if (value->rank < 3 || value->rank > 4)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "over a signal of %zu dimensions, not a batch, channels and 1 or 2 axes",
                        value->rank);
    TRN_TRY(read_kernel(r, axes, kernel, &w));
    TRN_TRY(read_list(r, "strides", axes, 1, 1, (uint32_t *const[2]){w.stride}));
    TRN_TRY(read_list(r, "dilations", axes, 1, 1, (uint32_t *const[2]){w.dilation}));
    TRN_TRY(read_pads(r, value, &w));
    for (size_t i = 0; i < AXES; i++) {
        w.begin[i] += value->pads[i == 0 ? TRN_ONNX_TOP : TRN_ONNX_LEFT];
        w.end[i] += value->pads[i == 0 ? TRN_ONNX_BOTTOM : TRN_ONNX_RIGHT];
    }
    *out = w;
    return TRNNSF_OK;
}

void trn_onnx_set_window(const struct trn_onnx_window *w, struct trnnsf_node_options *o)
{
    o->kernel_height = w->kernel[0];
    o->kernel_width = w->kernel[1];
    o->stride_height = w->stride[0];
    o->stride_width = w->stride[1];
    o->dilation_height = w->dilation[0];
    o->dilation_width = w->dilation[1];
    o->pad_top = w->begin[0];
    o->pad_left = w->begin[1];
    o->pad_bottom = w->end[0];
    o->pad_right = w->end[1];
}
