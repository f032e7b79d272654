/* Ranges of a node's options. */
#include "base/context.h"
#include "network/node.h"

static const char *const kind_names[] = {"input",     "dense",      "convolution", "max pool",
                                         "mean pool", "batch norm", "add",         "concat",
                                         "reshape",   "activation"};

struct checked {
    trnnsf_context *ctx;
    size_t at;
    const char *kind;
};

static trnnsf_status whole(const struct checked *c, const char *name, uint32_t value,
                           uint32_t least, uint32_t most)
{
    if (value >= least && value <= most)
        return TRNNSF_OK;
    return trn_fail(c->ctx, TRNNSF_E_INVALID,
                    "node %zu (%s): %s %u is not in [%u, %u]", c->at, c->kind,
                    name, value, least, most);
}

static trnnsf_status real(const struct checked *c, const char *name, double value, double least,
                          double most)
{
    if (value >= least && value <= most)
        return TRNNSF_OK;
    return trn_fail(c->ctx, TRNNSF_E_INVALID,
                    "node %zu (%s): %s %g is not in [%g, %g]", c->at, c->kind,
                    name, value, least, most);
}

static trnnsf_status check_window(const struct checked *c, const struct trnnsf_node_options *o)
{
    TRN_TRY(whole(c, "kernel_height", o->kernel_height, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "kernel_width", o->kernel_width, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "stride_height", o->stride_height, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "stride_width", o->stride_width, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "dilation_height", o->dilation_height, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "dilation_width", o->dilation_width, 1, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "pad_top", o->pad_top, 0, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "pad_left", o->pad_left, 0, TRN_NODE_WINDOW_MOST));
    TRN_TRY(whole(c, "pad_bottom", o->pad_bottom, 0, TRN_NODE_WINDOW_MOST));
    return whole(c, "pad_right", o->pad_right, 0, TRN_NODE_WINDOW_MOST);
}

/* So that no window lies on padding alone. */
static trnnsf_status check_pool(const struct checked *c, const struct trnnsf_node_options *o)
{
    uint32_t tall = (o->kernel_height - 1) * o->dilation_height;
    uint32_t wide = (o->kernel_width - 1) * o->dilation_width;

    TRN_TRY(whole(c, "pad_top", o->pad_top, 0, tall));
    TRN_TRY(whole(c, "pad_bottom", o->pad_bottom, 0, tall));
    TRN_TRY(whole(c, "pad_left", o->pad_left, 0, wide));
    TRN_TRY(whole(c, "pad_right", o->pad_right, 0, wide));
    return whole(c, "count_pad", o->count_pad, 0, 1);
}

static trnnsf_status check_activation(const struct checked *c, const struct trnnsf_node_options *o)
{
    TRN_TRY(whole(c, "activation", o->activation, 0, TRNNSF_ACTIVATION_HARD_SWISH));
    if (o->activation == TRNNSF_ACTIVATION_HARD_SWISH && o->kind != TRNNSF_NODE_ACTIVATION)
        return trn_fail(c->ctx, TRNNSF_E_INVALID,
                        "node %zu (%s): hard swish needs a node of its own",
                        c->at, c->kind);
    TRN_TRY(real(c, "slope", o->slope, 0.0, 10.0));
    if (!(o->dropout >= 0.0 && o->dropout < 1.0))
        return trn_fail(c->ctx, TRNNSF_E_INVALID,
                        "node %zu (%s): dropout %g is not in [0, 1)", c->at,
                        c->kind, o->dropout);
    return TRNNSF_OK;
}

trnnsf_status trn_node_check(trnnsf_context *ctx, size_t at, struct trnnsf_node_options *o)
{
    struct checked c = {ctx, at, ""};

    TRN_TRY(whole(&c, "kind", o->kind, TRNNSF_NODE_DENSE, TRNNSF_NODE_ACTIVATION));
    c.kind = kind_names[o->kind];
    TRN_TRY(check_activation(&c, o));
    switch (o->kind) {
    case TRNNSF_NODE_CONVOLUTION:
        TRN_TRY(check_window(&c, o));
        TRN_TRY(whole(&c, "groups", o->groups, 1, TRN_NODE_VALUES_MOST));
        /* fall through */
    case TRNNSF_NODE_DENSE:
        TRN_TRY(whole(&c, "bias", o->bias, 0, 1));
        return whole(&c, "outputs", o->outputs, 1, TRN_NODE_VALUES_MOST);
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        if (o->kernel_height == 0 && o->kernel_width == 0)
            return TRNNSF_OK;
        TRN_TRY(check_window(&c, o));
        return check_pool(&c, o);
    case TRNNSF_NODE_BATCH_NORM:
        TRN_TRY(real(&c, "epsilon", o->epsilon, 1e-12, 1.0));
        return real(&c, "momentum", o->momentum, 0.0, 1.0);
    case TRNNSF_NODE_RESHAPE:
        TRN_TRY(whole(&c, "outputs", o->outputs, 0, TRN_NODE_VALUES_MOST));
        TRN_TRY(whole(&c, "height", o->height, 1, TRN_NODE_VALUES_MOST));
        return whole(&c, "width", o->width, 1, TRN_NODE_VALUES_MOST);
    default:
        return TRNNSF_OK;
    }
}
