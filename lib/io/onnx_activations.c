/* Activations: of the node before, where nothing else sees what that computes, else nodes of their
 * own. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

trnnsf_status trn_onnx_activate(struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                                uint32_t activation, double slope)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    struct trnnsf_node_options *before = &r->graph.nodes[x->node].options;
    struct trn_onnx_value after = *x;

    if (trn_onnx_is_sole(x) && before->kind != TRNNSF_NODE_INPUT &&
        before->activation == TRNNSF_ACTIVATION_LINEAR &&
        activation != TRNNSF_ACTIVATION_HARD_SWISH) {
        if (!(slope >= 0.0 && slope <= 10.0))
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "a slope of %g, not in [0, 10]", slope);
        before->activation = activation;
        before->slope = slope;
        trn_onnx_give_same(r, x);
        return TRNNSF_OK;
    }
    options.kind = TRNNSF_NODE_ACTIVATION;
    options.activation = activation;
    options.slope = slope;
    TRN_TRY(trn_onnx_add(r, &x->node, 1, &options));
    after.node = (uint32_t)(r->graph.n_nodes - 1);
    after.stage = TRN_ONNX_WHOLE;
    after.sole = true;
    after.readers = 1;
    trn_onnx_give_same(r, &after);
    return TRNNSF_OK;
}

static void give_stage(struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                       enum trn_onnx_stage stage)
{
    struct trn_onnx_value part = *x;

    part.stage = stage;
    trn_onnx_give_same(r, &part);
}

trnnsf_status trn_onnx_read_activation(struct trn_onnx_reader *r)
{
    static const struct {
        const char *type;
        uint32_t activation;
    } kinds[] = {{"Relu", TRNNSF_ACTIVATION_RELU},
                 {"LeakyRelu", TRNNSF_ACTIVATION_LEAKY_RELU},
                 {"Sigmoid", TRNNSF_ACTIVATION_SIGMOID},
                 {"Tanh", TRNNSF_ACTIVATION_TANH},
                 {"HardSwish", TRNNSF_ACTIVATION_HARD_SWISH}};
    struct trn_onnx_value *x = NULL;
    double slope = 0.01; /* what ONNX has for LeakyRelu */
    size_t k = 0;

    while (strcmp(kinds[k].type, r->node->op_type) != 0)
        k++;
    TRN_TRY(trn_onnx_input(r, 0, &x));
    if (x->stage == TRN_ONNX_PLUS_3 && kinds[k].activation == TRNNSF_ACTIVATION_RELU) {
        give_stage(r, x, TRN_ONNX_ABOVE_0);
        return TRNNSF_OK;
    }
    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_float(r, "alpha", &slope));
    return trn_onnx_activate(r, x, kinds[k].activation, slope);
}

/* ---- Clip ---- */

static trnnsf_status clip_bounds(struct trn_onnx_reader *r, double *least, double *most)
{
    *least = -INFINITY;
    *most = INFINITY;
    if (r->opset < 11) {
        TRN_TRY(trn_onnx_float(r, "min", least));
        TRN_TRY(trn_onnx_float(r, "max", most));
    } else {
        if (trn_onnx_has(r, 1))
            TRN_TRY(trn_onnx_scalar(r, 1, least));
        if (trn_onnx_has(r, 2))
            TRN_TRY(trn_onnx_scalar(r, 2, most));
    }
    return TRNNSF_OK;
}

/* Exporters may write ReLU6 as the lesser of ReLU and 6. */
static bool is_above_0(const struct trn_onnx_reader *r, const struct trn_onnx_value *x)
{
    return r->graph.nodes[x->node].options.activation == TRNNSF_ACTIVATION_RELU;
}

static trnnsf_status relu6(struct trn_onnx_reader *r, const struct trn_onnx_value *x)
{
    struct trnnsf_node_options *before = &r->graph.nodes[x->node].options;

    if (trn_onnx_is_sole(x) && before->activation == TRNNSF_ACTIVATION_RELU)
        before->activation = TRNNSF_ACTIVATION_LINEAR; /* fused anew */
    return trn_onnx_activate(r, x, TRNNSF_ACTIVATION_RELU6, 0.01);
}

trnnsf_status trn_onnx_read_clip(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    double least, most;

    TRN_TRY(clip_bounds(r, &least, &most));
    TRN_TRY(trn_onnx_input(r, 0, &x));
    if (most == 6.0 && ((x->stage == TRN_ONNX_PLUS_3 && least == 0.0) ||
                        (x->stage == TRN_ONNX_ABOVE_0 && least <= 0.0))) {
        give_stage(r, x, TRN_ONNX_CLIPPED);
        return TRNNSF_OK;
    }
    TRN_TRY(trn_onnx_signal(r, 0, &x));
    if (most == 6.0 && (least == 0.0 || (least < 0.0 && is_above_0(r, x))))
        return relu6(r, x);
    if (least == 0.0 && most >= FLT_MAX)
        return trn_onnx_activate(r, x, TRNNSF_ACTIVATION_RELU, 0.01);
    return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "bounds %g and %g, not 0 and 6 or none", least,
                    most);
}

trnnsf_status trn_onnx_read_hard_sigmoid(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    double alpha = 0.2, beta = 0.5;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_float(r, "alpha", &alpha));
    TRN_TRY(trn_onnx_float(r, "beta", &beta));
    if (fabs(alpha - 1.0 / 6.0) > 1e-6 || fabs(beta - 0.5) > 1e-6)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "alpha %g and beta %g, not 1/6 and 1/2, of a hard swish", alpha, beta);
    give_stage(r, x, TRN_ONNX_SIXTH);
    return TRNNSF_OK;
}

/* ---- Softmax ---- */

/* Ours is over all outputs. Before opset 13 it was over all axes from `axis` on. */
trnnsf_status trn_onnx_read_softmax(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *x = NULL;
    int64_t axis = r->opset < 13 ? 1 : -1;
    size_t place = 0, apart = 1;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_int(r, "axis", -TRN_ONNX_RANK_MAX, TRN_ONNX_RANK_MAX, &axis));
    TRN_TRY(trn_onnx_axis(r, axis, x->rank, &place));
    for (size_t k = 1; k < x->rank; k++) {
        if (r->opset < 13 ? k < place : k != place)
            apart *= x->dims[k];
    }
    if (place == 0 || apart != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "over axis %zu, not over all outputs", place);
    return trn_onnx_activate(r, x, TRNNSF_ACTIVATION_SOFTMAX, 0.01);
}
