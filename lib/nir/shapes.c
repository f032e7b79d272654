/* Shapes of signals along the edges, as PyTorch's layers of the same names have them (without a
 * batch). */
#include <string.h>

#include "base/context.h"
#include "nir/nir.h"

size_t trn_nir_whole(const struct trn_nir_node *node, const char *name, size_t k, size_t fallback)
{
    const struct trn_nir_member *member = trn_nir_member(node, name);

    if (!member || !member->values || member->count == 0)
        return fallback;
    return (size_t)member->values[k < member->count ? k : member->count - 1];
}

static bool padding_is(const struct trn_nir_node *node, const char *text)
{
    const struct trn_nir_member *padding = trn_nir_member(node, "padding");

    return padding && padding->text && strcmp(padding->text, text) == 0;
}

size_t trn_nir_padding(const struct trn_nir_node *node, size_t k, size_t kernel, size_t dilation)
{
    return padding_is(node, "same") ? dilation * (kernel - 1) / 2
                                    : trn_nir_whole(node, "padding", k, 0);
}

static trnnsf_status fail_shape(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                const char *what, const struct trn_nir_shape *shape)
{
    char text[TRN_NIR_SHAPE_TEXT];

    return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s %s does not fit %s", node->name,
                    what, trn_nir_shape_text(shape, text), trn_nir_kinds[node->type].name);
}

/* floor((n + 2 p - d (k - 1) - 1) / s) + 1; n where padding is "same". */
static trnnsf_status slide(const struct trnnsf_nir *nir, const struct trn_nir_node *node, size_t k,
                           size_t n, size_t kernel, size_t *out)
{
    size_t stride = trn_nir_whole(node, "stride", k, 1);
    size_t dilation = trn_nir_whole(node, "dilation", k, 1);
    uint64_t reach = (uint64_t)dilation * (kernel - 1) + 1;
    size_t all = n + 2 * trn_nir_padding(node, k, 1, 1);

    if (padding_is(node, "same")) {
        if (stride != 1)
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                            "node \"%s\": padding \"same\" with stride %zu", node->name, stride);
        *out = n;
        return TRNNSF_OK;
    }
    if (reach > all)
        return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                        "node \"%s\": a kernel that reaches over %zu does not fit %zu with padding",
                        node->name, (size_t)reach, all);
    *out = (all - (size_t)reach) / stride + 1;
    return TRNNSF_OK;
}

static trnnsf_status infer_linear(const struct trnnsf_nir *nir, struct trn_nir_node *node)
{
    const struct trn_nir_shape *weight = &trn_nir_member(node, "weight")->shape;
    const struct trn_nir_member *bias = trn_nir_member(node, "bias");
    size_t last = weight->rank - 1;

    if (weight->rank < 2)
        return fail_shape(nir, node, "weight", weight);
    node->input = node->output = *weight;
    node->input.rank = node->output.rank = last;
    node->input.length[last - 1] = weight->length[last];
    if (bias && !trn_nir_shape_same(&bias->shape, &node->output))
        return fail_shape(nir, node, "bias", &bias->shape);
    return TRNNSF_OK;
}

/* Weights [C_out, C_in / groups, kernel...]. */
static trnnsf_status infer_convolution(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                       const struct trn_nir_shape *incoming)
{
    const struct trn_nir_shape *weight = &trn_nir_member(node, "weight")->shape;
    const struct trn_nir_member *bias = trn_nir_member(node, "bias");
    const struct trn_nir_member *said = trn_nir_member(node, "input_shape");
    size_t axes = node->type == TRN_NIR_CONV_1D ? 1 : 2;
    size_t groups = trn_nir_whole(node, "groups", 0, 1);

    if (weight->rank != axes + 2 || weight->length[0] % groups != 0)
        return fail_shape(nir, node, "weight", weight);
    if (bias && (bias->shape.rank != 1 || bias->count != weight->length[0]))
        return fail_shape(nir, node, "bias", &bias->shape);
    if (incoming->rank != axes + 1 || incoming->length[0] % groups != 0 ||
        incoming->length[0] / groups != weight->length[1])
        return fail_shape(nir, node, "input", incoming);
    if (said && said->count != axes)
        return fail_shape(nir, node, "input_shape", &said->shape);
    node->output = node->input = *incoming;
    node->output.length[0] = weight->length[0];
    for (size_t k = 0; k < axes; k++) {
        if (said && (size_t)said->values[k] != incoming->length[k + 1])
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                            "node \"%s\": input_shape says %zu, the input has %zu", node->name,
                            (size_t)said->values[k], incoming->length[k + 1]);
        TRN_TRY(slide(nir, node, k, incoming->length[k + 1], weight->length[k + 2],
                      &node->output.length[k + 1]));
    }
    return TRNNSF_OK;
}

static trnnsf_status infer_pool(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                const struct trn_nir_shape *incoming)
{
    if (incoming->rank != 3)
        return fail_shape(nir, node, "input", incoming);
    node->output = node->input = *incoming;
    for (size_t k = 0; k < 2; k++) {
        size_t kernel = trn_nir_whole(node, "kernel_size", k, 1);

        if (2 * trn_nir_padding(node, k, 1, 1) > kernel)
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                            "node \"%s\": padding %zu is more than half of kernel_size %zu",
                            node->name, trn_nir_padding(node, k, 1, 1), kernel);
        TRN_TRY(slide(nir, node, k, incoming->length[k + 1], kernel, &node->output.length[k + 1]));
    }
    return TRNNSF_OK;
}

/* Places count from the end where they are negative. */
static bool place(const struct trn_nir_node *node, const char *name, double fallback, size_t rank,
                  size_t *out)
{
    const struct trn_nir_member *member = trn_nir_member(node, name);
    double at = member ? member->values[0] : fallback;

    at += at < 0 ? (double)rank : 0;
    *out = at >= 0 && at < (double)rank ? (size_t)at : 0;
    return at >= 0 && at < (double)rank;
}

static trnnsf_status infer_flatten(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                   const struct trn_nir_shape *incoming)
{
    size_t first, last, rank = incoming->rank, product = 1;

    if (!place(node, "start_dim", 1, rank, &first) || !place(node, "end_dim", -1, rank, &last) ||
        first > last)
        return fail_shape(nir, node, "input", incoming);
    for (size_t k = first; k <= last; k++)
        product *= incoming->length[k];
    node->output = node->input = *incoming;
    node->output.rank = rank - (last - first);
    node->output.length[first] = product;
    for (size_t k = last + 1; k < rank; k++)
        node->output.length[k - (last - first)] = incoming->length[k];
    return TRNNSF_OK;
}

/* Each parameter has the shape that comes in, or is one number. */
static trnnsf_status infer_neurons(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                   const struct trn_nir_shape *incoming)
{
    char text[TRN_NIR_SHAPE_TEXT], other[TRN_NIR_SHAPE_TEXT];

    for (size_t k = 0; k < node->n_members; k++) {
        const struct trn_nir_member *member = &node->members[k];

        if (!trn_nir_parameter(node->type, member->name) || member->count == 1)
            continue;
        if (!trn_nir_shape_same(&member->shape, incoming))
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                            "node \"%s\": %s has shape %s, the input %s", node->name, member->name,
                            trn_nir_shape_text(&member->shape, text),
                            trn_nir_shape_text(incoming, other));
    }
    node->output = node->input = *incoming;
    return TRNNSF_OK;
}

/* The shape that the node itself says; where it says none, what comes in. */
static trnnsf_status infer_port(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                const struct trn_nir_shape *incoming)
{
    const struct trn_nir_member *member = trn_nir_member(node, "shape");

    if (!member && !incoming)
        return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": shape is missing", node->name);
    if (!member) {
        node->input = node->output = *incoming;
        return TRNNSF_OK;
    }
    if (member->count > TRN_NIR_RANK_MAX)
        return trn_fail(nir->ctx, TRNNSF_E_LIMIT, "node \"%s\": shape has more than %d lengths",
                        node->name, TRN_NIR_RANK_MAX);
    node->input.rank = member->count;
    for (size_t k = 0; k < member->count; k++)
        node->input.length[k] = (size_t)member->values[k];
    node->output = node->input;
    return TRNNSF_OK;
}

static trnnsf_status infer_type(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                                const struct trn_nir_shape *incoming)
{
    switch (node->type) {
    case TRN_NIR_INPUT:
    case TRN_NIR_OUTPUT:
        return infer_port(nir, node, incoming);
    case TRN_NIR_AFFINE:
    case TRN_NIR_LINEAR:
        return infer_linear(nir, node);
    case TRN_NIR_CONV_1D:
    case TRN_NIR_CONV_2D:
        return infer_convolution(nir, node, incoming);
    case TRN_NIR_AVG_POOL_2D:
    case TRN_NIR_SUM_POOL_2D:
        return infer_pool(nir, node, incoming);
    case TRN_NIR_FLATTEN:
        return infer_flatten(nir, node, incoming);
    default:
        return infer_neurons(nir, node, incoming);
    }
}

static trnnsf_status agree(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                           const char *what, const struct trn_nir_shape *said,
                           const struct trn_nir_shape *is)
{
    char text[TRN_NIR_SHAPE_TEXT], other[TRN_NIR_SHAPE_TEXT];

    if (!said || trn_nir_shape_same(said, is))
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s is %s, not %s", node->name, what,
                    trn_nir_shape_text(said, text), trn_nir_shape_text(is, other));
}

trnnsf_status trn_nir_infer(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                            const struct trn_nir_shape *incoming)
{
    size_t count;

    TRN_TRY(infer_type(nir, node, incoming));
    if (!trn_nir_shape_count(&node->output, &count) || !trn_nir_shape_count(&node->input, &count))
        return trn_fail(nir->ctx, TRNNSF_E_LIMIT, "node \"%s\": more than %d signals", node->name,
                        TRN_NIR_VALUES_MAX);
    TRN_TRY(agree(nir, node, "the shape that comes in", incoming, &node->input));
    TRN_TRY(agree(nir, node, "input_type", node->said_input, &node->input));
    return agree(nir, node, "output_type", node->said_output, &node->output);
}
