#include "network/network.h"

#include <string.h>

#include "base/context.h"
#include "cluster/clusters.h"
#include "network/packed.h"
#include "tensor/sparse.h"

static void free_layer(trnnsf_context *ctx, struct trn_layer *layer)
{
    trn_free(ctx, layer->weights);
    trn_free(ctx, layer->biases);
    trn_mask_free(ctx, layer->mask);
    trnnsf_clusters_free(layer->clusters);
    trn_packed_free(ctx, layer->ready);
}

void trn_layer_drop_ready(struct trnnsf_network *network, size_t layer)
{
    trn_packed_free(network->ctx, network->layers[layer].ready);
    network->layers[layer].ready = NULL;
}

void trn_network_free(struct trnnsf_network *network)
{
    if (!network)
        return;
    trnnsf_context *ctx = network->ctx;

    for (size_t l = 0; network->layers && l < network->n_layers; l++)
        free_layer(ctx, &network->layers[l]);
    trn_free(ctx, network->layers);
    trn_graph_clear(ctx, &network->graph);
    trn_free(ctx, network);
    trn_context_release(ctx);
}

trnnsf_status trn_layer_create(trnnsf_context *ctx, struct trn_layer *layer, size_t n_in,
                               size_t n_out, uint32_t activation, bool bias)
{
    size_t count;

    layer->n_in = n_in;
    layer->n_out = n_out;
    layer->activation = activation;
    if (!trn_size_multiply(n_in, n_out, &count))
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for %zu x %zu weights", n_out, n_in);
    layer->weights = TRN_NEW_ARRAY(ctx, float, count);
    if (bias)
        layer->biases = TRN_NEW_ARRAY(ctx, float, n_out);
    return layer->weights && (!bias || layer->biases) ? TRNNSF_OK : TRN_NO_MEMORY;
}

trnnsf_status trn_network_new(trnnsf_context *ctx, size_t n_layers,
                              struct trnnsf_network **out_network)
{
    struct trnnsf_network *network = TRN_NEW(ctx, struct trnnsf_network);

    if (!network)
        return TRN_NO_MEMORY;
    network->ctx = trn_context_retain(ctx);
    network->n_layers = n_layers;
    network->layers = TRN_NEW_ARRAY(ctx, struct trn_layer, n_layers);
    if (!network->layers) {
        trn_network_free(network);
        return TRN_NO_MEMORY;
    }
    *out_network = network;
    return TRNNSF_OK;
}

trnnsf_status trn_network_create_empty(trnnsf_context *ctx, size_t n_layers, const size_t *sizes,
                                       const uint32_t *activations, bool bias,
                                       struct trnnsf_network **out_network)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_network *network = NULL;

    TRN_TRY_OUT(trn_network_new(ctx, n_layers, &network));
    for (size_t l = 0; l < n_layers; l++)
        TRN_TRY_OUT(trn_layer_create(ctx, &network->layers[l], sizes[l], sizes[l + 1],
                                     activations[l], bias));
    *out_network = network;
    network = NULL;
out:
    trn_network_free(network);
    return status;
}

size_t trn_network_inputs(const struct trnnsf_network *network)
{
    return trn_network_is_chain(network) ? network->layers[0].n_in
                                         : trn_shape_size(&network->graph.nodes[0].shape);
}

size_t trn_network_outputs(const struct trnnsf_network *network)
{
    const struct trn_graph *graph = &network->graph;

    return trn_network_is_chain(network) ? network->layers[network->n_layers - 1].n_out
                                         : trn_shape_size(&graph->nodes[graph->n_nodes - 1].shape);
}

uint32_t trn_network_output_activation(const struct trnnsf_network *network)
{
    const struct trn_graph *graph = &network->graph;

    return trn_network_is_chain(network) ? network->layers[network->n_layers - 1].activation
                                         : graph->nodes[graph->n_nodes - 1].options.activation;
}

size_t trn_network_widest(const struct trnnsf_network *network)
{
    size_t widest = trn_network_inputs(network);

    for (size_t l = 0; trn_network_is_chain(network) && l < network->n_layers; l++)
        widest = network->layers[l].n_out > widest ? network->layers[l].n_out : widest;
    for (size_t i = 0; i < network->graph.n_nodes; i++) {
        size_t size = trn_shape_size(&network->graph.nodes[i].shape);

        widest = size > widest ? size : widest;
    }
    return widest;
}

trnnsf_status trn_network_need_chain(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_network *network)
{
    if (trn_network_is_chain(network))
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                    "%s: the network is a graph of %zu nodes, and only chains of fully connected "
                    "layers can be used here",
                    function, network->graph.n_nodes);
}

static trnnsf_status copy_layer(trnnsf_context *ctx, const struct trn_layer *from,
                                struct trn_layer *to)
{
    TRN_TRY(trn_layer_create(ctx, to, from->n_in, from->n_out, from->activation,
                             from->biases != NULL));
    to->grouped = from->grouped;
    memcpy(to->weights, from->weights, from->n_in * from->n_out * sizeof(float));
    if (from->biases)
        memcpy(to->biases, from->biases, from->n_out * sizeof(float));
    to->grid = from->grid;
    to->input = from->input;
    to->output = from->output;
    if (from->mask)
        TRN_TRY(trn_mask_copy(ctx, from->mask, &to->mask));
    if (from->clusters)
        TRN_TRY(trn_clusters_copy(ctx, from->clusters, &to->clusters));
    return TRNNSF_OK;
}

trnnsf_status trn_network_copy(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trnnsf_network **out_network)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_network *copy = NULL;

    TRN_TRY_OUT(trn_network_new(ctx, network->n_layers, &copy));
    for (size_t l = 0; l < copy->n_layers; l++)
        TRN_TRY_OUT(copy_layer(ctx, &network->layers[l], &copy->layers[l]));
    TRN_TRY_OUT(trn_graph_copy(ctx, &network->graph, &copy->graph));
    *out_network = copy;
    copy = NULL;
out:
    trn_network_free(copy);
    return status;
}

void trn_network_swap_layers(struct trnnsf_network *a, struct trnnsf_network *b)
{
    struct trn_layer *layers = a->layers;
    struct trn_graph graph = a->graph;

    a->layers = b->layers;
    b->layers = layers;
    a->graph = b->graph;
    b->graph = graph;
    for (size_t l = 0; l < a->n_layers; l++) {
        struct trn_layer *x = &a->layers[l], *y = &b->layers[l];
        uint32_t newest = x->revision > y->revision ? x->revision : y->revision;

        x->revision = y->revision = newest + 1;
    }
}

trnnsf_status trn_network_set_mask(trnnsf_context *ctx, struct trnnsf_network *network,
                                   size_t layer_index, const struct trn_mask *mask)
{
    struct trn_mask *copy = NULL;

    if (mask)
        TRN_TRY(trn_mask_copy(ctx, mask, &copy));
    trn_network_take_mask(network, layer_index, copy);
    return TRNNSF_OK;
}

void trn_network_take_mask(struct trnnsf_network *network, size_t layer_index,
                           struct trn_mask *mask)
{
    struct trn_layer *layer = &network->layers[layer_index];

    if (mask)
        trn_mask_apply(mask, layer->weights, layer->n_in);
    trn_mask_free(network->ctx, layer->mask);
    layer->mask = mask;
    layer->revision++;
}

trnnsf_status trn_network_set_clusters(trnnsf_context *ctx, struct trnnsf_network *network,
                                       size_t layer_index, const struct trnnsf_clusters *clusters)
{
    struct trnnsf_clusters *copy = NULL;

    if (clusters)
        TRN_TRY(trn_clusters_copy(ctx, clusters, &copy));
    trn_network_take_clusters(network, layer_index, copy);
    return TRNNSF_OK;
}

void trn_network_take_clusters(struct trnnsf_network *network, size_t layer_index,
                               struct trnnsf_clusters *clusters)
{
    struct trn_layer *layer = &network->layers[layer_index];

    trnnsf_clusters_free(layer->clusters);
    layer->clusters = clusters;
    layer->revision++;
}

size_t trn_layer_synapses(const struct trn_layer *layer)
{
    return layer->mask ? trn_mask_count(layer->mask) : layer->n_in * layer->n_out;
}

trnnsf_status trn_layer_connectivity(trnnsf_context *ctx, const struct trn_layer *layer,
                                     struct trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *matrix;
    size_t count = layer->n_in * layer->n_out, nonzeros = 0, e = 0;

    for (size_t i = 0; i < count; i++)
        nonzeros += layer->weights[i] != 0.0f;
    TRN_TRY(trn_sparse_create(ctx, layer->n_out, layer->n_in, nonzeros, &matrix));
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            float value = layer->weights[i * layer->n_in + j];

            if (value == 0.0f)
                continue;
            matrix->column[e] = (uint32_t)j;
            matrix->value[e++] = value;
        }
        matrix->row_start[i + 1] = e;
    }
    *out_matrix = matrix;
    return TRNNSF_OK;
}
