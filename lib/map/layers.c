/* Mappings and networks: made from them, held against them, computed with. */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "map/mapping.h"
#include "map/product.h"
#include "network/convert.h"
#include "network/node_pass.h"
#include "tensor/gemm.h"

trnnsf_status trn_mapping_of_network(trnnsf_context *ctx, const struct trnnsf_network *network,
                                     const struct trnnsf_tech *tech,
                                     const struct trnnsf_map_options *options,
                                     struct trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_source *sources = TRN_NEW_ARRAY(ctx, struct trn_map_source, network->n_layers);

    TRN_NEED_OUT(sources);
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        sources[l] = (struct trn_map_source){.geometry = trn_map_geometry_of(network, l),
                                             .mask = layer->mask,
                                             .clusters = layer->clusters,
                                             .dense = layer->weights};
    }
    TRN_TRY_OUT(trn_mapping_create(ctx, sources, network->n_layers, tech, options, out_mapping));
out:
    trn_free(ctx, sources);
    return status;
}

/* The mapping's layer, but for what the mapping chose. */
static bool layer_fits(const struct trn_map_geometry *mapped, struct trn_map_geometry layer)
{
    layer.scheme = mapped->scheme;
    for (int s = 0; s < 2; s++)
        layer.side[s].window = mapped->side[s].window;
    return memcmp(mapped, &layer, sizeof layer) == 0;
}

trnnsf_status trn_mapping_fits(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_mapping *mapping,
                               const struct trnnsf_network *network)
{
    if (mapping->n_layers != network->n_layers)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the mapping has %zu layers, the network %zu",
                        function, mapping->n_layers, network->n_layers);
    for (size_t l = 0; l < mapping->n_layers; l++) {
        const struct trn_map_geometry *mapped = &mapping->layers[l].geometry;
        struct trn_map_geometry layer = trn_map_geometry_of(network, l);

        if (mapped->outputs != layer.outputs || trn_map_fan_in(mapped) != trn_map_fan_in(&layer))
            return trn_fail(ctx, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the mapping is %" PRIu64 "x%" PRIu64
                            ", of the network %" PRIu64 "x%" PRIu64,
                            function, l, mapped->outputs, trn_map_fan_in(mapped), layer.outputs,
                            trn_map_fan_in(&layer));
        if (!layer_fits(mapped, layer))
            return trn_fail(
                ctx, TRNNSF_E_MISMATCH,
                "%s: layer %zu of the mapping is another convolution than the network's", function,
                l);
    }
    return TRNNSF_OK;
}

/* Of a chain: samples at once. */
enum { BATCH = 256 };

/* x[0] holds the inputs; returns which of the two holds the outputs. */
static int run_layers(trnnsf_context *ctx, const struct trn_map_products *products,
                      const struct trnnsf_network *network, size_t n, float *const *x)
{
    const struct trn_converter *converter = trn_converter_of(network, 0);
    int now = 0;

    if (converter) {
        struct trn_panel samples = {network->layers[0].n_in, n, BATCH, x[0], NULL};

        trn_convert(ctx, TRNNSF_ACTIVATION_LINEAR, converter, NULL, &samples, NULL);
    }
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_panel panel = {network->layers[l].n_out, n, BATCH, x[1 - now], NULL};

        trn_map_multiply(products, l, n, BATCH, x[now], x[1 - now]);
        trn_activate_layer(ctx, network, l, NULL, &panel, NULL);
        now = 1 - now;
    }
    return now;
}

static trnnsf_status forward_chain(trnnsf_context *ctx, const struct trn_map_products *products,
                                   const struct trnnsf_network *network, size_t n_samples,
                                   const float *inputs, float *outputs)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n_in = trn_network_inputs(network), n_out = trn_network_outputs(network);
    float *x[2] = {NULL, NULL};

    for (int i = 0; i < 2; i++) {
        x[i] = trn_calloc(ctx, trn_network_widest(network), BATCH * sizeof *x[i]);
        TRN_NEED_OUT(x[i]);
    }
    for (size_t s = 0; s < n_samples; s += BATCH) {
        size_t n = n_samples - s < BATCH ? n_samples - s : BATCH;

        TRN_TRY_OUT(trn_cancelled(ctx, "map"));
        memset(x[0], 0, n_in * BATCH * sizeof *x[0]);
        trn_transpose(ctx, n, n_in, inputs + s * n_in, n_in, x[0], BATCH);
        int last = run_layers(ctx, products, network, n, x);
        trn_transpose(ctx, n_out, n, x[last], BATCH, outputs + s * n_out, n_out);
    }
out:
    trn_free(ctx, x[0]);
    trn_free(ctx, x[1]);
    return status;
}

static trnnsf_status multiply(void *user, const struct trn_layer_product *product)
{
    trn_map_multiply(user, product->layer, product->n, product->capacity, product->x, product->y);
    return TRNNSF_OK;
}

trnnsf_status trn_mapping_forward(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                  const struct trnnsf_network *network, size_t n_samples,
                                  const float *inputs, float *outputs)
{
    struct trn_map_products *products;
    trnnsf_status status;

    TRN_TRY(trn_map_products_create(ctx, mapping, &products));

    const struct trn_layer_products by = {multiply, products};
    if (trn_network_is_chain(network))
        status = forward_chain(ctx, products, network, n_samples, inputs, outputs);
    else
        status = trn_network_forward_by(ctx, network, &by, n_samples, inputs, outputs);
    trn_map_products_free(products);
    return status;
}
