/* Mappings and networks: made from them, held against them, computed with. */
#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "map/mapping.h"
#include "network/convert.h"
#include "tensor/gemm.h"

trnnsf_status trn_mapping_of_network(trnnsf_context *ctx, const struct trnnsf_network *network,
                                     const struct trnnsf_tech *tech, uint32_t rule, uint32_t cost,
                                     struct trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n_layers = network->n_layers;
    struct trn_map_source *sources = TRN_NEW_ARRAY(ctx, struct trn_map_source, n_layers);
    struct trn_mask **full = TRN_NEW_ARRAY(ctx, struct trn_mask *, n_layers);

    TRN_NEED_OUT(sources);
    TRN_NEED_OUT(full);
    for (size_t l = 0; l < n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        if (!layer->mask) {
            TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &full[l]));
            trn_mask_fill(full[l], true);
        }
        sources[l].mask = layer->mask ? layer->mask : full[l];
        sources[l].clusters = layer->clusters;
        sources[l].dense = layer->weights;
    }
    TRN_TRY_OUT(trn_mapping_create(ctx, sources, n_layers, tech, rule, cost, out_mapping));
out:
    for (size_t l = 0; full && l < n_layers; l++)
        trn_mask_free(ctx, full[l]);
    trn_free(ctx, full);
    trn_free(ctx, sources);
    return status;
}

trnnsf_status trn_mapping_fits(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_mapping *mapping,
                               const struct trnnsf_network *network)
{
    TRN_TRY(trn_network_need_chain(ctx, function, network));
    if (mapping->n_layers != network->n_layers)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the mapping has %zu layers, the network %zu",
                        function, mapping->n_layers, network->n_layers);
    for (size_t l = 0; l < mapping->n_layers; l++) {
        if (mapping->layers[l].n_in != network->layers[l].n_in ||
            mapping->layers[l].n_out != network->layers[l].n_out)
            return trn_fail(ctx, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the mapping is %llux%llu, of the network %zux%zu",
                            function, l, (unsigned long long)mapping->layers[l].n_out,
                            (unsigned long long)mapping->layers[l].n_in, network->layers[l].n_out,
                            network->layers[l].n_in);
    }
    return TRNNSF_OK;
}

/* Samples at once, and of these a task's (chosen here: a partial sum stays in registers). */
enum { BATCH = 256, LANES = 32 };

struct layer_work {
    const struct trnnsf_mapping *mapping;
    const struct trn_map_layer *layer;
    const float *x; /* [n_in x BATCH] */
    float *y;       /* [n_out x BATCH], 0 at first */
};

/* One output's partial sums on one crossbar, then added: the order of addition is that of the
 * crossbars. */
static void add_row(const float *weights, const uint32_t *inputs, size_t n_inputs, const float *x,
                    float *y)
{
    float sum[LANES] = {0};

    for (size_t i = 0; i < n_inputs; i++) {
        const float *in = x + (size_t)inputs[i] * BATCH;
        float w = weights[i];

        for (int s = 0; s < LANES; s++)
            sum[s] += w * in[s];
    }
    for (int s = 0; s < LANES; s++)
        y[s] += sum[s];
}

static void layer_task(void *argument, size_t task, size_t worker)
{
    const struct layer_work *work = argument;
    const struct trnnsf_mapping *mapping = work->mapping;
    size_t first = task * LANES;

    (void)worker;
    for (size_t c = 0; c < work->layer->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[work->layer->first + c];
        const uint32_t *outputs = mapping->index + crossbar->output_start;
        const uint32_t *inputs = mapping->index + crossbar->input_start;
        const float *weights = mapping->weights + crossbar->weight_start;
        size_t n_inputs = (size_t)crossbar->n_inputs;

        for (size_t o = 0; o < crossbar->n_outputs; o++)
            add_row(weights + o * n_inputs, inputs, n_inputs, work->x + first,
                    work->y + (size_t)outputs[o] * BATCH + first);
    }
}

/* x[0] holds the inputs; returns which of the two holds the outputs. */
static int run_layers(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                      const struct trnnsf_network *network, size_t n, float *const *x)
{
    const struct trn_converter *converter = trn_converter_of(network, 0);
    int now = 0;

    if (converter) {
        struct trn_panel samples = {network->layers[0].n_in, n, BATCH, x[0], NULL};

        trn_convert(ctx, TRNNSF_ACTIVATION_LINEAR, converter, NULL, &samples, NULL);
    }
    for (size_t l = 0; l < mapping->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];
        struct layer_work work = {mapping, &mapping->layers[l], x[now], x[1 - now]};
        struct trn_panel panel = {layer->n_out, n, BATCH, x[1 - now], NULL};

        memset(work.y, 0, layer->n_out * BATCH * sizeof *work.y);
        trn_parallel(ctx, (n + LANES - 1) / LANES, layer_task, &work);
        trn_activate_layer(ctx, network, l, NULL, &panel, NULL);
        now = 1 - now;
    }
    return now;
}

trnnsf_status trn_mapping_forward(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                  const struct trnnsf_network *network, size_t n_samples,
                                  const float *inputs, float *outputs)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n_in = network->layers[0].n_in, widest = n_in;
    size_t n_out = network->layers[network->n_layers - 1].n_out;
    float *x[2] = {NULL, NULL};

    for (size_t l = 0; l < network->n_layers; l++)
        widest = network->layers[l].n_out > widest ? network->layers[l].n_out : widest;
    for (int i = 0; i < 2; i++) {
        x[i] = trn_calloc(ctx, widest, BATCH * sizeof *x[i]);
        TRN_NEED_OUT(x[i]);
    }
    for (size_t s = 0; s < n_samples; s += BATCH) {
        size_t n = n_samples - s < BATCH ? n_samples - s : BATCH;

        TRN_TRY_OUT(trn_cancelled(ctx, "map"));
        memset(x[0], 0, n_in * BATCH * sizeof *x[0]);
        trn_transpose(ctx, n, n_in, inputs + s * n_in, n_in, x[0], BATCH);
        int last = run_layers(ctx, mapping, network, n, x);
        trn_transpose(ctx, n_out, n, x[last], BATCH, outputs + s * n_out, n_out);
    }
out:
    trn_free(ctx, x[0]);
    trn_free(ctx, x[1]);
    return status;
}
