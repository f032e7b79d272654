#include "base/context.h"
#include "data/dataset.h"
#include "network/node_pass.h"
#include "tensor/gemm.h"

/* Samples at once: chosen here, large enough for the matrix product's full rate. Wide networks take
 * fewer, so that a panel has at most about 2^24 values; graphs, whose places are columns of products too, so that
 * the panels of two nodes stay in a third-level cache. */
enum {
    MOST_SAMPLES = 512,
    FEWEST_SAMPLES = 16,
    PANEL_VALUES = 1 << 24,
    GRAPH_PANEL_VALUES = 1 << 21
};

static size_t chunk_samples(const struct trnnsf_network *network, size_t n_samples)
{
    size_t values = trn_network_is_chain(network) ? PANEL_VALUES : GRAPH_PANEL_VALUES;

    return trn_pass_batch(network, MOST_SAMPLES, FEWEST_SAMPLES, values, n_samples);
}

/* A pass that does not train reads weights only. */
static trnnsf_status make_pass(trnnsf_context *ctx, const struct trnnsf_network *network,
                               size_t n_samples, struct trn_pass **out_pass)
{
    TRN_TRY(trn_pass_create(ctx, (struct trnnsf_network *)network,
                            chunk_samples(network, n_samples), false, out_pass));
    (*out_pass)->lean = true;
    return TRNNSF_OK;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

trnnsf_status trn_network_forward_by(trnnsf_context *ctx, const struct trnnsf_network *network,
                                     const struct trn_layer_products *products, size_t n_samples,
                                     const float *inputs, float *outputs)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    size_t n_in = trn_network_inputs(network), n_out = trn_network_outputs(network);

    if (n_samples == 0)
        return TRNNSF_OK;
    TRN_TRY_OUT(make_pass(ctx, network, n_samples, &pass));
    if (pass->nodes)
        pass->nodes->products = products;
    for (size_t s = 0; s < n_samples; s += pass->capacity) {
        size_t n = smaller(n_samples - s, pass->capacity);

        TRN_TRY_OUT(trn_cancelled(ctx, "forward"));
        if (pass->nodes)
            pass->nodes->first = s;
        trn_pass_load(pass, n, inputs + s * n_in, NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        trn_transpose(ctx, n_out, n, trn_pass_outputs(pass), pass->capacity, outputs + s * n_out,
                      n_out);
    }
out:
    trn_pass_free(pass);
    return status;
}

trnnsf_status trn_network_forward(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs, float *outputs)
{
    return trn_network_forward_by(ctx, network, NULL, n_samples, inputs, outputs);
}

trnnsf_status trn_network_check_dataset(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_network *network,
                                        const struct trnnsf_dataset *dataset, uint32_t part,
                                        uint32_t loss)
{
    size_t n_in = trn_network_inputs(network), n_out = trn_network_outputs(network);
    uint32_t activation = trn_network_output_activation(network);

    if (trn_dataset_features(dataset) != n_in)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", function,
                        trn_dataset_features(dataset), n_in);
    if (dataset->n_classes != n_out)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu classes, the network %zu outputs", function,
                        dataset->n_classes, n_out);
    if (dataset->part[part].n_samples == 0)
        return trn_fail(ctx, TRNNSF_E_STATE, "%s: part %u of the dataset has no samples", function,
                        part);
    if (!trn_loss_fits(loss, activation))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: cross-entropy needs softmax or sigmoid outputs, not activation %u",
                        function, activation);
    return TRNNSF_OK;
}

trnnsf_status trn_network_evaluate(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, const float *inputs, const uint32_t *labels,
                                   uint32_t loss, struct trnnsf_evaluation *out_result)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    struct trn_loss_sum sum = {0.0, 0};

    TRN_TRY_OUT(make_pass(ctx, network, n_samples, &pass));
    for (size_t s = 0; s < n_samples; s += pass->capacity) {
        size_t n = smaller(n_samples - s, pass->capacity);
        struct trn_loss_sum part;

        TRN_TRY_OUT(trn_cancelled(ctx, "evaluate"));
        trn_pass_load(pass, n, inputs + s * trn_network_inputs(network), NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        part = trn_pass_loss(pass, loss, labels + s, false);
        sum.loss += part.loss;
        sum.correct += part.correct;
    }
    out_result->accuracy = (double)sum.correct / (double)n_samples;
    out_result->loss = sum.loss / (double)n_samples;
    out_result->correct = sum.correct;
    out_result->samples = n_samples;
out:
    trn_pass_free(pass);
    return status;
}
