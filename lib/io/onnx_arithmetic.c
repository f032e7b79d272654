/* Sums, joins, and arithmetic with constants: biases, scales, the parts of hard swishes. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

/* ---- of signals ---- */

static bool same_shape(const struct trn_onnx_value *a, const struct trn_onnx_value *b,
                       size_t but_axis)
{
    bool same = a->rank == b->rank && memcmp(a->pads, b->pads, sizeof a->pads) == 0;

    for (size_t k = 1; same && k < a->rank; k++)
        same = k == but_axis || a->dims[k] == b->dims[k];
    return same;
}

/* A node of `kind` that reads all inputs; of one shape, but for `axis`. */
static trnnsf_status join(struct trn_onnx_reader *r, uint32_t kind, size_t axis)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    size_t n = r->node->n_input;
    struct trn_onnx_value *first = NULL, *x = NULL;
    trnnsf_status status;
    uint32_t *nodes = TRN_NEW_ARRAY(r->ctx, uint32_t, n);

    TRN_NEED_OUT(nodes);
    TRN_TRY_OUT(trn_onnx_signal(r, 0, &first));
    for (size_t i = 0; i < n; i++) {
        TRN_TRY_OUT(trn_onnx_signal(r, i, &x));
        if (!same_shape(first, x, axis)) {
            status = trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                              "inputs 0 and %zu, '%.100s', are of different shapes", i, x->name);
            goto out;
        }
        TRN_TRY_OUT(trn_onnx_image(r, x, &nodes[i]));
    }
    options.kind = kind;
    TRN_TRY_OUT(trn_onnx_add(r, nodes, n, &options));
    trn_onnx_give_node(r, first->rank);
out:
    trn_free(r->ctx, nodes);
    return status;
}

trnnsf_status trn_onnx_read_sum(struct trn_onnx_reader *r)
{
    return join(r, TRNNSF_NODE_ADD, 0);
}

trnnsf_status trn_onnx_read_concat(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    int64_t axis = 0;
    size_t place = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_int(r, "axis", -TRN_ONNX_RANK_MAX, TRN_ONNX_RANK_MAX, &axis));
    TRN_TRY(trn_onnx_axis(r, axis, x->rank, &place));
    if (place != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "along axis %zu, not 1", place);
    return join(r, TRNNSF_NODE_CONCAT, 1);
}

/* x times what hard swish gates it with. */
static trnnsf_status multiply_signals(struct trn_onnx_reader *r, const struct trn_onnx_value *a,
                                      const struct trn_onnx_value *b)
{
    const struct trn_onnx_value *x = a->stage == TRN_ONNX_WHOLE ? a : b, *gate = x == a ? b : a;
    struct trn_onnx_value product = *x;

    if (x->stage == TRN_ONNX_WHOLE && gate->node == x->node && same_shape(x, gate, 0)) {
        if (gate->stage == TRN_ONNX_SIXTH)
            return trn_onnx_activate(r, x, TRNNSF_ACTIVATION_HARD_SWISH, 0.01);
        if (gate->stage == TRN_ONNX_CLIPPED) {
            product.stage = TRN_ONNX_PRODUCT;
            trn_onnx_give_same(r, &product);
            return TRNNSF_OK;
        }
    }
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "a product of two signals that is no hard swish");
}

/* ---- with a constant ---- */

/* y = factor x + summand, of channel c. */
struct affine {
    const char *type;
    bool constant_first;
    const struct trn_onnx_tensor *tensor;
};

static void coefficients(const struct affine *affine, size_t c, double *factor, double *summand)
{
    double k = (double)affine->tensor->reals[affine->tensor->count == 1 ? 0 : c];

    *factor = 1.0;
    *summand = 0.0;
    switch (affine->type[0]) {
    case 'A':
        *summand = k;
        break;
    case 'S':
        *factor = affine->constant_first ? -1.0 : 1.0;
        *summand = affine->constant_first ? k : -k;
        break;
    case 'M':
        *factor = k;
        break;
    default:
        *factor = 1.0 / k;
        break;
    }
}

/* One number, or one a channel. */
static trnnsf_status check_constant(const struct trn_onnx_reader *r, const struct affine *affine,
                                    const struct trn_onnx_value *x)
{
    const struct trn_onnx_tensor *k = affine->tensor;

    if (affine->constant_first && affine->type[0] == 'D')
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of a constant by a signal");
    for (size_t i = 0; affine->type[0] == 'D' && i < k->count; i++) {
        if (k->reals[i] == 0.0f)
            return trn_fail(r->ctx, TRNNSF_E_NUMERIC, "by 0 at %zu", i);
    }
    if (k->count == 1 && k->rank <= x->rank)
        return TRNNSF_OK;
    if (k->rank <= x->rank && k->rank + 1 >= x->rank && k->count == x->dims[1] &&
        k->dims[k->rank + 1 - x->rank] == x->dims[1])
        return TRNNSF_OK;
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                    "with a constant of %zu values, neither one nor one for each of %zu channels",
                    k->count, x->dims[1]);
}

static struct trn_onnx_layer *layer_of(struct trn_onnx_reader *r, uint32_t node)
{
    for (size_t l = r->n_layers; l-- > 0;) {
        if (r->layers[l].node == node)
            return &r->layers[l];
    }
    return NULL;
}

static trnnsf_status scale_layer(struct trn_onnx_reader *r, const struct affine *affine,
                                 struct trn_onnx_layer *layer)
{
    double factor, summand;

    TRN_TRY(trn_onnx_need_biases(r, layer));
    for (size_t i = 0; i < layer->n_out; i++) {
        coefficients(affine, i, &factor, &summand);
        for (size_t j = 0; j < layer->n_in; j++)
            layer->weights[i * layer->n_in + j] =
                (float)(factor * (double)layer->weights[i * layer->n_in + j]);
        layer->biases[i] = (float)(factor * (double)layer->biases[i] + summand);
    }
    return TRNNSF_OK;
}

static void scale_norm(const struct affine *affine, struct trn_node *node)
{
    float *scale = node->norm[TRNNSF_NORM_SCALE], *shift = node->norm[TRNNSF_NORM_SHIFT];
    double factor, summand;

    for (size_t c = 0; c < node->shape.channels; c++) {
        coefficients(affine, c, &factor, &summand);
        scale[c] = (float)(factor * (double)scale[c]);
        shift[c] = (float)(factor * (double)shift[c] + summand);
    }
}

/* A convolution of one pixel, a group a channel. */
static trnnsf_status add_scale(struct trn_onnx_reader *r, const struct affine *affine,
                               const struct trn_onnx_value *x, uint32_t node)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trn_onnx_layer *layer = NULL;

    options.kind = TRNNSF_NODE_CONVOLUTION;
    options.outputs = options.groups = (uint32_t)x->dims[1];
    TRN_TRY(trn_onnx_add(r, &node, 1, &options));
    TRN_TRY(trn_onnx_add_layer(r, 1, x->dims[1], &layer));
    for (size_t c = 0; c < x->dims[1]; c++)
        layer->weights[c] = 1.0f;
    TRN_TRY(scale_layer(r, affine, layer));
    trn_onnx_give_node(r, x->rank);
    return TRNNSF_OK;
}

static trnnsf_status scale(struct trn_onnx_reader *r, const struct affine *affine,
                           const struct trn_onnx_value *x)
{
    struct trn_node *node;
    uint32_t at = 0;

    TRN_TRY(check_constant(r, affine, x));
    TRN_TRY(trn_onnx_image(r, x, &at));
    node = &r->graph.nodes[at];
    if (at != x->node || !trn_onnx_is_sole(x) ||
        node->options.activation != TRNNSF_ACTIVATION_LINEAR)
        return add_scale(r, affine, x, at);
    if (trn_node_has_weights(node))
        TRN_TRY(scale_layer(r, affine, layer_of(r, at)));
    else if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
        scale_norm(affine, node);
    else
        return add_scale(r, affine, x, at);
    trn_onnx_give_same(r, x);
    return TRNNSF_OK;
}

/* x + 3, clipped / 6, product / 6. */
static bool is_swish_part(const struct affine *affine, const struct trn_onnx_value *x,
                          enum trn_onnx_stage *out_stage)
{
    double factor, summand;

    if (affine->tensor->count != 1 || (affine->type[0] == 'D' && affine->constant_first))
        return false;
    coefficients(affine, 0, &factor, &summand);
    if (x->stage == TRN_ONNX_WHOLE && !trn_onnx_is_sole(x) && affine->type[0] == 'A' &&
        summand == 3.0)
        *out_stage = TRN_ONNX_PLUS_3;
    else if (x->stage == TRN_ONNX_CLIPPED && fabs(factor - 1.0 / 6.0) < 1e-6)
        *out_stage = TRN_ONNX_SIXTH;
    else if (x->stage == TRN_ONNX_PRODUCT && fabs(factor - 1.0 / 6.0) < 1e-6)
        *out_stage = TRN_ONNX_WHOLE;
    else
        return false;
    return true;
}

static trnnsf_status with_constant(struct trn_onnx_reader *r, const struct affine *affine,
                                   size_t input)
{
    enum trn_onnx_stage stage = TRN_ONNX_WHOLE;
    struct trn_onnx_value *x = NULL, part;

    TRN_TRY(trn_onnx_input(r, input, &x));
    if (!is_swish_part(affine, x, &stage)) {
        TRN_TRY(trn_onnx_signal(r, input, &x));
        return scale(r, affine, x);
    }
    part = *x;
    if (stage == TRN_ONNX_WHOLE)
        return trn_onnx_activate(r, x, TRNNSF_ACTIVATION_HARD_SWISH, 0.01);
    part.stage = stage;
    trn_onnx_give_same(r, &part);
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_arithmetic(struct trn_onnx_reader *r)
{
    struct affine affine = {.type = r->node->op_type};
    struct trn_onnx_value *a = NULL, *b = NULL;

    TRN_TRY(trn_onnx_input(r, 0, &a));
    TRN_TRY(trn_onnx_input(r, 1, &b));
    if (a->state == TRN_ONNX_CONSTANT || b->state == TRN_ONNX_CONSTANT) {
        affine.constant_first = a->state == TRN_ONNX_CONSTANT;
        TRN_TRY(trn_onnx_reals(r, affine.constant_first ? 0 : 1, &affine.tensor));
        return with_constant(r, &affine, affine.constant_first ? 1 : 0);
    }
    if (affine.type[0] == 'A')
        return join(r, TRNNSF_NODE_ADD, 0);
    if (affine.type[0] == 'M')
        return multiply_signals(r, a, b);
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "of two signals");
}
