/* A graph's links as nodes: SumPool2d, Flatten, Conv2d, Affine; each layer reads the one before. */
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "sim/spiking/links.h"
#include "sim/spiking/to_nir.h"
#include "tensor/window.h"

struct trn_nir_shape trn_nir_shape_of(const struct trn_shape *shape)
{
    if (trn_shape_pixels(shape) == 1)
        return (struct trn_nir_shape){.rank = 1, .length = {shape->channels}};
    return (struct trn_nir_shape){.rank = 3,
                                  .length = {shape->channels, shape->height, shape->width}};
}

static trnnsf_status refuse(const struct trn_nir_writer *writer, size_t node, const char *why)
{
    return trn_fail(writer->ctx, TRNNSF_E_UNSUPPORTED, "node %zu %s", node, why);
}

static trnnsf_status put_pair(struct trn_nir_writer *writer, struct trn_nir_node *node,
                              const char *name, size_t down, size_t across)
{
    const struct trn_nir_shape shape = {.rank = 1, .length = {2}};
    const double values[] = {(double)down, (double)across};

    return trn_nir_set_values(writer->nir, node, name, TRNNSF_NIR_INT64, &shape, values);
}

static bool is_even(const struct trnnsf_node_options *o)
{
    return o->pad_top == o->pad_bottom && o->pad_left == o->pad_right;
}

/* A sum; the mean's share is in the weights behind it. */
static trnnsf_status put_pool(struct trn_nir_writer *writer, size_t at)
{
    const struct trn_node *pool = &writer->spiking->graph.nodes[at];
    const struct trnnsf_node_options *o = &pool->options;
    struct trn_nir_node *node = NULL;
    char name[32];

    if (!is_even(o) || o->dilation_height > 1 || o->dilation_width > 1)
        return refuse(writer, at, "is a pool with dilation or uneven padding, which NIR has not");
    snprintf(name, sizeof name, "pool%zu", at);
    TRN_TRY(trn_nir_put_node(writer, name, TRN_NIR_SUM_POOL_2D, &node));
    writer->signals = (struct trn_nir_shape){
        .rank = 3, .length = {pool->shape.channels, pool->shape.height, pool->shape.width}};
    TRN_TRY(put_pair(writer, node, "kernel_size", o->kernel_height, o->kernel_width));
    TRN_TRY(put_pair(writer, node, "stride", o->stride_height, o->stride_width));
    return put_pair(writer, node, "padding", o->pad_top, o->pad_left);
}

static trnnsf_status put_flatten(struct trn_nir_writer *writer, size_t l)
{
    const struct trn_nir_shape number = {.rank = 0};
    const double first = 0, last = -1;
    struct trn_nir_node *node = NULL;
    size_t count = 0;
    char name[32];

    if (writer->signals.rank == 1)
        return TRNNSF_OK;
    snprintf(name, sizeof name, "flatten%zu", l + 1);
    TRN_TRY(trn_nir_put_node(writer, name, TRN_NIR_FLATTEN, &node));
    TRN_TRY(trn_nir_set_values(writer->nir, node, "start_dim", TRNNSF_NIR_INT64, &number, &first));
    TRN_TRY(trn_nir_set_values(writer->nir, node, "end_dim", TRNNSF_NIR_INT64, &number, &last));
    trn_nir_shape_count(&writer->signals, &count);
    writer->signals = (struct trn_nir_shape){.rank = 1, .length = {count}};
    return TRNNSF_OK;
}

/* From the neurons before to what the layer's node reads. */
static trnnsf_status put_pools(struct trn_nir_writer *writer, size_t l, size_t node)
{
    const struct trn_graph *graph = &writer->spiking->graph;
    size_t source = l > 0 ? writer->spiking->layers[l - 1].node : 0, way[16], n = 0;

    for (size_t at = graph->nodes[node].inputs[0]; at != source;
         at = graph->nodes[at].inputs[0]) {
        if (graph->nodes[at].options.kind != TRNNSF_NODE_MEAN_POOL || at == 0)
            return refuse(writer, at, "is no mean pool: sums, joins, norms and other shapes are "
                                      "not written");
        if (n == sizeof way / sizeof way[0])
            return refuse(writer, at, "is one of more than 16 pools in a row");
        way[n++] = at;
    }
    while (n > 0)
        TRN_TRY(put_pool(writer, way[--n]));
    return TRNNSF_OK;
}

/* One bias an output channel. */
static trnnsf_status put_biases(struct trn_nir_writer *writer, struct trn_nir_node *node, size_t l)
{
    const struct trn_spiking_layer *layer = &writer->spiking->layers[l];
    const struct trn_shape *shape = &writer->spiking->graph.nodes[layer->node].shape;
    const struct trn_nir_shape channels = {.rank = 1, .length = {shape->channels}};
    size_t pixels = trn_shape_pixels(shape);
    double *biases = TRN_NEW_ARRAY(writer->ctx, double, shape->channels);

    if (!biases)
        return TRN_NO_MEMORY;
    for (size_t i = 0; layer->biases && i < layer->n_out; i++)
        biases[i / pixels] = (double)layer->biases[i];
    return trn_nir_put_values(writer, node, "bias", &channels, biases);
}

/* [outputs x columns of a group's matrix] of all groups. */
static double *weights_of(const struct trn_nir_writer *writer, size_t l)
{
    const struct trn_spike_link *link = &writer->spiking->layers[l].links[0];
    size_t n_columns = trn_spike_link_columns(link), n_rows = trn_spike_link_rows(link), count;
    double *weights = NULL;

    if (trn_size_multiply(n_columns, n_rows * link->n_groups, &count))
        weights = TRN_NEW_ARRAY(writer->ctx, double, count);
    for (size_t g = 0; weights && g < link->n_groups; g++) {
        const struct trn_spiking_layer group = {.n_in = n_columns,
                                                .n_out = n_rows,
                                                .unit = writer->spiking->layers[l].unit,
                                                .synapses = link->synapses[g]};

        trn_synapses_to_dense(&group, weights + g * n_rows * n_columns);
    }
    return weights;
}

static trnnsf_status put_dense(struct trn_nir_writer *writer, size_t l)
{
    const struct trn_spiking_layer *layer = &writer->spiking->layers[l];
    struct trn_nir_node *node = NULL;
    struct trn_nir_shape shape = {.rank = 2, .length = {layer->n_out, 0}};
    char name[32];

    TRN_TRY(put_flatten(writer, l));
    shape.length[1] = writer->signals.length[0];
    snprintf(name, sizeof name, "fc%zu", l + 1);
    TRN_TRY(trn_nir_put_node(writer, name, TRN_NIR_AFFINE, &node));
    double *weights = weights_of(writer, l);
    if (!weights)
        return TRN_NO_MEMORY;
    TRN_TRY(trn_nir_put_values(writer, node, "weight", &shape, weights));
    writer->signals = (struct trn_nir_shape){.rank = 1, .length = {layer->n_out}};
    return put_biases(writer, node, l);
}

static trnnsf_status put_convolution(struct trn_nir_writer *writer, size_t l, size_t at)
{
    const struct trn_node *convolution = &writer->spiking->graph.nodes[at];
    const struct trnnsf_node_options *o = &convolution->options;
    const struct trn_spike_link *link = &writer->spiking->layers[l].links[0];
    const struct trn_nir_shape number = {.rank = 0};
    const struct trn_nir_shape shape = {.rank = 4,
                                        .length = {o->outputs, link->convolution.in_channels,
                                                   o->kernel_height, o->kernel_width}};
    const double groups = (double)o->groups;
    struct trn_nir_node *node = NULL;
    char name[32];

    if (!is_even(o) || writer->signals.rank != 3)
        return refuse(writer, at, "is a convolution with uneven padding or of no image, which NIR "
                                  "has not");
    snprintf(name, sizeof name, "conv%zu", l + 1);
    TRN_TRY(trn_nir_put_node(writer, name, TRN_NIR_CONV_2D, &node));
    double *weights = weights_of(writer, l);
    if (!weights)
        return TRN_NO_MEMORY;
    TRN_TRY(trn_nir_put_values(writer, node, "weight", &shape, weights));
    TRN_TRY(put_pair(writer, node, "stride", o->stride_height, o->stride_width));
    TRN_TRY(put_pair(writer, node, "padding", o->pad_top, o->pad_left));
    TRN_TRY(put_pair(writer, node, "dilation", o->dilation_height, o->dilation_width));
    TRN_TRY(put_pair(writer, node, "input_shape", link->convolution.window.height,
                     link->convolution.window.width));
    TRN_TRY(trn_nir_set_values(writer->nir, node, "groups", TRNNSF_NIR_INT64, &number, &groups));
    writer->signals = (struct trn_nir_shape){.rank = 3,
                                             .length = {convolution->shape.channels,
                                                        convolution->shape.height,
                                                        convolution->shape.width}};
    return put_biases(writer, node, l);
}

trnnsf_status trn_nir_put_links(struct trn_nir_writer *writer, size_t l)
{
    const struct trn_spiking_layer *layer = &writer->spiking->layers[l];
    const struct trn_spike_link *link = &layer->links[0];

    if (layer->n_links != 1 || link->source != l || link->layer == TRN_NO_LAYER || link->targets)
        return refuse(writer, layer->node, "does not get the spikes of the layer before alone, "
                                           "over weights; such graphs are not written");
    TRN_TRY(put_pools(writer, l, layer->node));
    if (writer->spiking->graph.nodes[layer->node].options.kind == TRNNSF_NODE_DENSE)
        return put_dense(writer, l);
    return put_convolution(writer, l, layer->node);
}
