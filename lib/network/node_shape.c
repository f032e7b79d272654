/* Shapes of nodes from those of what they read. */
#include <inttypes.h>

#include "base/context.h"
#include "network/node.h"

struct site {
    trnnsf_context *ctx;
    size_t at;
};

uint64_t trn_node_fan_in(const struct trn_node *node, const struct trn_shape *input)
{
    const struct trnnsf_node_options *o = &node->options;

    if (o->kind == TRNNSF_NODE_DENSE)
        return trn_shape_size(input);
    return (uint64_t)(input->channels / o->groups) * o->kernel_height * o->kernel_width;
}

/* Places of a window on an axis. Each argument is at most 2^24, so that nothing overflows. */
static trnnsf_status places(const struct site *site, const char *axis, size_t pixels,
                            uint32_t kernel, uint32_t stride, uint32_t dilation, uint64_t pad,
                            size_t *out)
{
    uint64_t extent = (uint64_t)(kernel - 1) * dilation + 1;

    if (extent > pixels + pad)
        return trn_fail(site->ctx, TRNNSF_E_MISMATCH,
                        "node %zu: a window %" PRIu64
                        " %s does not fit an image of %zu, padded by %" PRIu64,
                        site->at, extent, axis, pixels, pad);
    *out = (size_t)((pixels + pad - extent) / stride + 1);
    return TRNNSF_OK;
}

static trnnsf_status window_shape(const struct site *site, const struct trn_shape *input,
                                  struct trnnsf_node_options *o, struct trn_shape *out)
{
    if (o->kind != TRNNSF_NODE_CONVOLUTION && o->kernel_height == 0) {
        *o = (struct trnnsf_node_options){.struct_size = o->struct_size,
                                          .kind = o->kind,
                                          .activation = o->activation,
                                          .slope = o->slope,
                                          .dropout = o->dropout};
        if (input->height > TRN_NODE_WINDOW_MOST || input->width > TRN_NODE_WINDOW_MOST)
            return trn_fail(site->ctx, TRNNSF_E_LIMIT,
                            "node %zu: an image of %zux%zu is more than %d high or wide", site->at,
                            input->height, input->width, TRN_NODE_WINDOW_MOST);
        o->kernel_height = (uint32_t)input->height;
        o->kernel_width = (uint32_t)input->width;
        o->stride_height = o->stride_width = o->dilation_height = o->dilation_width = 1;
    }
    TRN_TRY(places(site, "high", input->height, o->kernel_height, o->stride_height,
                   o->dilation_height, (uint64_t)o->pad_top + o->pad_bottom, &out->height));
    return places(site, "wide", input->width, o->kernel_width, o->stride_width, o->dilation_width,
                  (uint64_t)o->pad_left + o->pad_right, &out->width);
}

static trnnsf_status convolution_shape(const struct site *site, const struct trn_shape *input,
                                       struct trnnsf_node_options *o, struct trn_shape *out)
{
    if (input->channels % o->groups != 0 || o->outputs % o->groups != 0)
        return trn_fail(site->ctx, TRNNSF_E_MISMATCH,
                        "node %zu: %u groups do not divide %zu input and %u output "
                        "channels",
                        site->at, o->groups, input->channels, o->outputs);
    out->channels = o->outputs;
    return window_shape(site, input, o, out);
}

static trnnsf_status reshape(const struct site *site, const struct trn_shape *input,
                             const struct trnnsf_node_options *o, struct trn_shape *out)
{
    uint64_t pixels = (uint64_t)o->height * o->width, size = trn_shape_size(input);
    uint64_t channels = o->outputs ? o->outputs : size / pixels;

    if (pixels > size || size % pixels != 0 || channels != size / pixels)
        return trn_fail(site->ctx, TRNNSF_E_MISMATCH,
                        "node %zu: %" PRIu64
                        " values cannot be %u channels of %u x %u",
                        site->at, size, o->outputs, o->height, o->width);
    *out = (struct trn_shape){(size_t)channels, o->height, o->width};
    return TRNNSF_OK;
}

static trnnsf_status joined_shape(const struct site *site, const struct trn_graph *graph,
                                  const struct trn_node *node, struct trn_shape *out)
{
    bool concat = node->options.kind == TRNNSF_NODE_CONCAT;

    for (size_t i = 1; i < node->n_inputs; i++) {
        const struct trn_shape *other = &graph->nodes[node->inputs[i]].shape;

        if (other->height != out->height || other->width != out->width ||
            (!concat && other->channels != out->channels))
            return trn_fail(site->ctx, TRNNSF_E_MISMATCH,
                            "node %zu: node %u is %zux%zux%zu, node %u %zux%zux%zu",
                            site->at, node->inputs[i], other->channels, other->height, other->width,
                            node->inputs[0], out->channels, out->height, out->width);
        if (concat)
            out->channels += other->channels;
        if (out->channels > TRN_NODE_VALUES_MOST)
            break;
    }
    return TRNNSF_OK;
}

static trnnsf_status check_values(const struct site *site, const struct trn_shape *shape)
{
    uint64_t size = (uint64_t)shape->height * shape->width;

    if (size <= TRN_NODE_VALUES_MOST)
        size *= shape->channels;
    if (size <= TRN_NODE_VALUES_MOST)
        return TRNNSF_OK;
    return trn_fail(site->ctx, TRNNSF_E_LIMIT,
                    "node %zu: %zux%zux%zu values are more than %d",
                    site->at, shape->channels, shape->height, shape->width, TRN_NODE_VALUES_MOST);
}

static trnnsf_status check_weights(const struct site *site, const struct trn_node *node,
                                   const struct trn_shape *input)
{
    uint64_t fan_in = trn_node_fan_in(node, input);

    if (fan_in <= TRN_NODE_WEIGHTS_MOST && fan_in * node->options.outputs <= TRN_NODE_WEIGHTS_MOST)
        return TRNNSF_OK;
    return trn_fail(site->ctx, TRNNSF_E_LIMIT,
                    "node %zu: %ux%" PRIu64 " weights are more than %d",
                    site->at, node->options.outputs, fan_in, TRN_NODE_WEIGHTS_MOST);
}

trnnsf_status trn_node_infer(trnnsf_context *ctx, const struct trn_graph *graph, size_t at,
                             struct trn_node *node)
{
    struct site site = {ctx, at};
    const struct trn_shape *input = &graph->nodes[node->inputs[0]].shape;

    node->shape = *input;
    switch (node->options.kind) {
    case TRNNSF_NODE_DENSE:
        node->shape = (struct trn_shape){node->options.outputs, 1, 1};
        break;
    case TRNNSF_NODE_CONVOLUTION:
        TRN_TRY(convolution_shape(&site, input, &node->options, &node->shape));
        break;
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        TRN_TRY(window_shape(&site, input, &node->options, &node->shape));
        break;
    case TRNNSF_NODE_ADD:
    case TRNNSF_NODE_CONCAT:
        TRN_TRY(joined_shape(&site, graph, node, &node->shape));
        break;
    case TRNNSF_NODE_RESHAPE:
        TRN_TRY(reshape(&site, input, &node->options, &node->shape));
        break;
    default:
        break;
    }
    TRN_TRY(check_values(&site, &node->shape));
    return trn_node_has_weights(node) ? check_weights(&site, node, input) : TRNNSF_OK;
}
