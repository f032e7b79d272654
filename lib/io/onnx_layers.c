/* Layers of weights, and batch norms. */
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

static trnnsf_status set_biases(struct trn_onnx_reader *r, struct trn_onnx_layer *layer,
                                size_t input, double factor)
{
    const struct trn_onnx_tensor *biases = NULL;

    TRN_TRY(trn_onnx_reals(r, input, &biases));
    for (size_t k = 0; k + 1 < biases->rank; k++) {
        if (biases->dims[k] != 1)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "biases of %zu samples", biases->dims[k]);
    }
    if (biases->count != layer->n_out && biases->count != 1)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "%zu biases of %zu outputs", biases->count,
                        layer->n_out);
    TRN_TRY(trn_onnx_need_biases(r, layer));
    for (size_t i = 0; i < layer->n_out; i++)
        layer->biases[i] = (float)(factor * (double)biases->reals[biases->count == 1 ? 0 : i]);
    return TRNNSF_OK;
}

/* ---- convolutions ---- */

static trnnsf_status check_kernel(const struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                                  const struct trn_onnx_tensor *w, size_t group)
{
    if (x->rank < 3 || x->rank > 4 || w->rank != x->rank)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "weights of %zu dimensions over a signal of %zu, not both of 3 or 4",
                        w->rank, x->rank);
    if (w->count == 0 || x->dims[1] % group != 0 || w->dims[0] % group != 0 ||
        w->dims[1] != x->dims[1] / group)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT,
                        "weights [%zu x %zu x …] and %zu groups do not fit %zu channels",
                        w->dims[0], w->dims[1], group, x->dims[1]);
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_conv(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    const struct trn_onnx_tensor *w = NULL;
    struct trn_onnx_value *x = NULL;
    struct trn_onnx_layer *layer = NULL;
    struct trn_onnx_window window;
    int64_t group = 1;
    uint32_t node = 0;

    TRN_TRY(trn_onnx_padded(r, 0, &x));
    TRN_TRY(trn_onnx_reals(r, 1, &w));
    TRN_TRY(trn_onnx_int(r, "group", 1, 1 << 24, &group));
    TRN_TRY(check_kernel(r, x, w, (size_t)group));
    TRN_TRY(trn_onnx_read_window(r, x, w->dims + 2, &window));
    TRN_TRY(trn_onnx_image(r, x, &node));
    options.kind = TRNNSF_NODE_CONVOLUTION;
    options.outputs = (uint32_t)w->dims[0];
    options.groups = (uint32_t)group;
    options.bias = 0;
    trn_onnx_set_window(&window, &options);
    TRN_TRY(trn_onnx_add(r, &node, 1, &options));
    TRN_TRY(trn_onnx_add_layer(r, w->count / w->dims[0], w->dims[0], &layer));
    memcpy(layer->weights, w->reals, w->count * sizeof *w->reals);
    if (trn_onnx_has(r, 2))
        TRN_TRY(set_biases(r, layer, 2, 1.0));
    trn_onnx_give_node(r, x->rank);
    return TRNNSF_OK;
}

/* ---- fully connected layers ---- */

/* W of x W, [n_in x n_out], or of x W^T, [n_out x n_in]. */
static trnnsf_status add_dense(struct trn_onnx_reader *r, bool transposed, double factor,
                               struct trn_onnx_layer **out)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    const struct trn_onnx_tensor *w = NULL;
    struct trn_onnx_value *x = NULL;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    TRN_TRY(trn_onnx_reals(r, 1, &w));
    if (w->rank != 2 || x->rank != 2 || w->count == 0 || w->dims[transposed] != x->dims[1])
        return trn_fail(
            r->ctx, TRNNSF_E_UNSUPPORTED,
            "weights of %zu values and %zu dimensions over a signal of %zu and %zu, not "
            "matrix and features",
            w->count, w->rank, trn_onnx_sample_size(x), x->rank);

    size_t n_in = w->dims[transposed], n_out = w->dims[!transposed];

    options.kind = TRNNSF_NODE_DENSE;
    options.outputs = (uint32_t)n_out;
    options.bias = 0;
    TRN_TRY(trn_onnx_add(r, &x->node, 1, &options));
    TRN_TRY(trn_onnx_add_layer(r, n_in, n_out, out));
    for (size_t i = 0; i < n_out; i++) {
        for (size_t j = 0; j < n_in; j++) {
            float weight = w->reals[transposed ? i * n_in + j : j * n_out + i];

            (*out)->weights[i * n_in + j] = (float)(factor * (double)weight);
        }
    }
    trn_onnx_give_node(r, 2);
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_gemm(struct trn_onnx_reader *r)
{
    struct trn_onnx_layer *layer = NULL;
    int64_t trans_a = 0, trans_b = 0;
    double alpha = 1, beta = 1;

    TRN_TRY(trn_onnx_int(r, "transA", 0, 0, &trans_a));
    TRN_TRY(trn_onnx_int(r, "transB", 0, 1, &trans_b));
    TRN_TRY(trn_onnx_float(r, "alpha", &alpha));
    TRN_TRY(trn_onnx_float(r, "beta", &beta));
    if (!(alpha >= -1e6 && alpha <= 1e6 && beta >= -1e6 && beta <= 1e6))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "alpha %g or beta %g is not in ±1e6", alpha,
                        beta);
    TRN_TRY(add_dense(r, trans_b != 0, alpha, &layer));
    return trn_onnx_has(r, 2) ? set_biases(r, layer, 2, beta) : TRNNSF_OK;
}

trnnsf_status trn_onnx_read_matmul(struct trn_onnx_reader *r)
{
    struct trn_onnx_layer *layer = NULL;

    return add_dense(r, false, 1.0, &layer);
}

/* ---- batch norms ---- */

static trnnsf_status norm_values(struct trn_onnx_reader *r, size_t channels,
                                 const struct trn_onnx_tensor *out[TRN_NORM_VALUES])
{
    for (size_t v = 0; v < TRN_NORM_VALUES; v++) {
        TRN_TRY(trn_onnx_reals(r, 1 + v, &out[v]));
        if (out[v]->count != channels)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "input %zu has %zu values for %zu channels",
                            1 + v, out[v]->count, channels);
    }
    for (size_t c = 0; c < channels; c++) {
        if (out[TRNNSF_NORM_VARIANCE]->reals[c] < 0.0f)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "the variance of channel %zu is below 0", c);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_read_batch_norm(struct trn_onnx_reader *r)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    const struct trn_onnx_tensor *values[TRN_NORM_VALUES];
    struct trn_onnx_value *x = NULL;
    int64_t training = 0;
    double momentum = 0.9; /* of what stays; ours is of what comes */
    uint32_t node = 0;

    TRN_TRY(trn_onnx_signal(r, 0, &x));
    options.kind = TRNNSF_NODE_BATCH_NORM;
    TRN_TRY(trn_onnx_int(r, "training_mode", 0, 0, &training));
    TRN_TRY(trn_onnx_float(r, "epsilon", &options.epsilon));
    TRN_TRY(trn_onnx_float(r, "momentum", &momentum));
    options.momentum = 1.0 - momentum;
    TRN_TRY(norm_values(r, x->dims[1], values));
    TRN_TRY(trn_onnx_spend(r, 4 * (uint64_t)x->dims[1]));
    TRN_TRY(trn_onnx_image(r, x, &node));
    TRN_TRY(trn_onnx_add(r, &node, 1, &options));
    for (size_t v = 0; v < TRN_NORM_VALUES; v++)
        memcpy(r->graph.nodes[r->graph.n_nodes - 1].norm[v], values[v]->reals,
               x->dims[1] * sizeof(float));
    trn_onnx_give_node(r, x->rank);
    return TRNNSF_OK;
}
