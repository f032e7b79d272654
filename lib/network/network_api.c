#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/clusters.h"
#include "network/init.h"
#include "network/network.h"
#include "tensor/sparse.h"

static const size_t most_sizes = 64;
static const size_t largest_size = (size_t)1 << 24;

void trnnsf_network_options_init(struct trnnsf_network_options *options)
{
    if (options)
        *options = (struct trnnsf_network_options)TRNNSF_NETWORK_OPTIONS_INIT;
}

static trnnsf_status check_options(trnnsf_context *ctx, const struct trnnsf_network_options *o)
{
    if (o->hidden_activation > TRNNSF_ACTIVATION_TANH)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_network_create: hidden_activation %u is not in [0, 3]",
                        o->hidden_activation);
    if (o->output_activation > TRNNSF_ACTIVATION_SOFTMAX)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_network_create: output_activation %u is not in [0, 4]",
                        o->output_activation);
    if (o->bias > 1)
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_network_create: bias %u is not in [0, 1]",
                        o->bias);
    return trn_network_check_init(ctx, "trnnsf_network_create", o);
}

trnnsf_status trnnsf_network_create(trnnsf_context *context, const size_t *sizes, size_t n_sizes,
                                    const struct trnnsf_network_options *options,
                                    trnnsf_network **out_network)
{
    struct trnnsf_network_options read = TRNNSF_NETWORK_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!sizes)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_create: sizes is NULL");
    if (!out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_create: out_network is NULL");
    if (n_sizes < 2 || n_sizes > most_sizes)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_network_create: n_sizes %zu is not in [2, %zu]", n_sizes,
                        most_sizes);
    for (size_t i = 0; i < n_sizes; i++) {
        if (sizes[i] < 1 || sizes[i] > largest_size)
            return trn_fail(context, TRNNSF_E_INVALID,
                            "trnnsf_network_create: sizes[%zu] %zu is not in [1, %zu]", i, sizes[i],
                            largest_size);
    }
    TRN_TRY(trn_options_read(context, "trnnsf_network_create", options, &read, sizeof read));
    TRN_TRY(check_options(context, &read));
    return trn_network_create(context, sizes, n_sizes, &read, out_network);
}

trnnsf_status trnnsf_network_copy(trnnsf_context *context, const trnnsf_network *network,
                                  trnnsf_network **out_network)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_copy: network is NULL");
    if (!out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_copy: out_network is NULL");
    return trn_network_copy(context, network, out_network);
}

void trnnsf_network_free(trnnsf_network *network)
{
    trn_network_free(network);
}

static const struct trn_layer *layer_at(const trnnsf_network *network, size_t layer)
{
    return network && layer < network->n_layers ? &network->layers[layer] : NULL;
}

size_t trnnsf_network_layers(const trnnsf_network *network)
{
    return network ? network->n_layers : 0;
}

size_t trnnsf_network_inputs(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].n_in : 0;
}

size_t trnnsf_network_outputs(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].n_out : 0;
}

uint32_t trnnsf_network_activation(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].activation : 0;
}

const float *trnnsf_network_weights(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].weights : NULL;
}

const float *trnnsf_network_biases(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].biases : NULL;
}

size_t trnnsf_network_synapses(const trnnsf_network *network, size_t layer)
{
    const struct trn_layer *at = layer_at(network, layer);

    return at ? trn_layer_synapses(at) : 0;
}

const trnnsf_clusters *trnnsf_network_clusters(const trnnsf_network *network, size_t layer)
{
    return layer_at(network, layer) ? network->layers[layer].clusters : NULL;
}

static trnnsf_status check_layer(trnnsf_context *ctx, const char *function,
                                 const trnnsf_network *network, size_t layer)
{
    if (!ctx)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (layer >= network->n_layers)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: layer %zu is not in [0, %zu)", function, layer,
                        network->n_layers);
    return TRNNSF_OK;
}

static trnnsf_status check_finite(trnnsf_context *ctx, const char *function, const float *values,
                                  size_t count)
{
    if (!values)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: values is NULL", function);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: values[%zu] %g is not finite", function, i,
                            (double)values[i]);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_set_weights(trnnsf_context *context, trnnsf_network *network,
                                         size_t layer, const float *values)
{
    static const char function[] = "trnnsf_network_set_weights";

    TRN_TRY(check_layer(context, function, network, layer));

    struct trn_layer *at = &network->layers[layer];
    size_t count = at->n_in * at->n_out;

    TRN_TRY(check_finite(context, function, values, count));
    memmove(at->weights, values, count * sizeof(float));
    if (at->mask)
        trn_mask_apply(at->mask, at->weights, at->n_in);
    at->revision++;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_set_biases(trnnsf_context *context, trnnsf_network *network,
                                        size_t layer, const float *values)
{
    static const char function[] = "trnnsf_network_set_biases";

    TRN_TRY(check_layer(context, function, network, layer));

    struct trn_layer *at = &network->layers[layer];

    if (!at->biases)
        return trn_fail(context, TRNNSF_E_STATE, "%s: layer %zu has no biases", function, layer);
    TRN_TRY(check_finite(context, function, values, at->n_out));
    memmove(at->biases, values, at->n_out * sizeof(float));
    at->revision++;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_set_mask(trnnsf_context *context, trnnsf_network *network,
                                      size_t layer, const uint8_t *mask)
{
    static const char function[] = "trnnsf_network_set_mask";
    struct trn_mask *bits;

    TRN_TRY(check_layer(context, function, network, layer));
    if (!mask)
        return trn_network_set_mask(context, network, layer, NULL);

    const struct trn_layer *at = &network->layers[layer];

    for (size_t i = 0; i < at->n_in * at->n_out; i++) {
        if (mask[i] > 1)
            return trn_fail(context, TRNNSF_E_INVALID, "%s: mask[%zu] %u is not in [0, 1]",
                            function, i, mask[i]);
    }
    TRN_TRY(trn_mask_create(context, at->n_out, at->n_in, &bits));
    for (size_t i = 0; i < at->n_out; i++) {
        for (size_t j = 0; j < at->n_in; j++) {
            if (mask[i * at->n_in + j])
                trn_mask_set(bits, i, j);
        }
    }

    trnnsf_status status = trn_network_set_mask(context, network, layer, bits);
    trn_mask_free(context, bits);
    return status;
}

trnnsf_status trnnsf_network_get_mask(trnnsf_context *context, const trnnsf_network *network,
                                      size_t layer, uint8_t *out_mask)
{
    static const char function[] = "trnnsf_network_get_mask";

    TRN_TRY(check_layer(context, function, network, layer));
    if (!out_mask)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_mask is NULL", function);

    const struct trn_layer *at = &network->layers[layer];

    for (size_t i = 0; i < at->n_out; i++) {
        for (size_t j = 0; j < at->n_in; j++)
            out_mask[i * at->n_in + j] = at->mask ? trn_mask_get(at->mask, i, j) : 1;
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_network_set_clusters(trnnsf_context *context, trnnsf_network *network,
                                          size_t layer, const trnnsf_clusters *clusters)
{
    static const char function[] = "trnnsf_network_set_clusters";
    trnnsf_status status = TRNNSF_OK;
    struct trn_mask *joined = NULL;

    TRN_TRY(check_layer(context, function, network, layer));

    const struct trn_layer *at = &network->layers[layer];

    if (clusters &&
        (clusters->blocks->n_rows != at->n_out || clusters->blocks->n_columns != at->n_in))
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: clusters of a %zu x %zu matrix do not fit layer %zu, %zu x %zu",
                        function, clusters->blocks->n_rows, clusters->blocks->n_columns, layer,
                        at->n_out, at->n_in);
    if (clusters && at->mask) {
        TRN_TRY_OUT(trn_mask_copy(context, at->mask, &joined));
        trn_blocks_cover(clusters->blocks, joined);
    }
    TRN_TRY_OUT(trn_network_set_clusters(context, network, layer, clusters));
    if (joined)
        trn_network_take_mask(network, layer, joined);
    joined = NULL;
out:
    trn_mask_free(context, joined);
    return status;
}

trnnsf_status trnnsf_network_connectivity(trnnsf_context *context, const trnnsf_network *network,
                                          size_t layer, trnnsf_matrix **out_matrix)
{
    static const char function[] = "trnnsf_network_connectivity";

    TRN_TRY(check_layer(context, function, network, layer));
    if (!out_matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_matrix is NULL", function);
    return trn_layer_connectivity(context, &network->layers[layer], out_matrix);
}
