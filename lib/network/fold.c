#include "network/fold.h"

#include <math.h>

#include "base/context.h"
#include "network/norm.h"

enum { CHAIN_LAYERS_MOST = 63 }; /* as trnnsf_network_create() has them */

struct folding {
    trnnsf_context *ctx;
    struct trnnsf_network *network; /* a copy, changed in place */
    struct trn_node *nodes;
    size_t n_nodes;
    uint32_t *instead; /* [n_nodes] what is read in a node's place: itself where it stays */
    uint32_t *readers; /* [n_nodes] */
    uint8_t *is_list;  /* [n_nodes] its readers look at its values, whatever image they are */
};

static bool is_linear(const struct trn_node *node)
{
    return node->options.activation == TRNNSF_ACTIVATION_LINEAR;
}

static bool same_shape(const struct trn_node *a, const struct trn_node *b)
{
    return a->shape.channels == b->shape.channels && a->shape.height == b->shape.height &&
           a->shape.width == b->shape.width;
}

static struct trn_layer *layer_of(const struct folding *f, size_t node)
{
    return &f->network->layers[f->nodes[node].layer];
}

static void count_readers(const struct folding *f)
{
    for (size_t i = 0; i < f->n_nodes; i++) {
        f->instead[i] = (uint32_t)i;
        f->is_list[i] = 1;
    }
    for (size_t i = f->n_nodes; i-- > 1;) {
        const struct trn_node *node = &f->nodes[i];
        bool takes_list = node->options.kind == TRNNSF_NODE_DENSE ||
                          (node->options.kind == TRNNSF_NODE_RESHAPE && is_linear(node) &&
                           f->is_list[i]);

        for (size_t k = 0; k < node->n_inputs; k++) {
            f->readers[node->inputs[k]]++;
            f->is_list[node->inputs[k]] = f->is_list[node->inputs[k]] && takes_list;
        }
    }
}

/* Its values are those of what it reads. */
static bool does_nothing(const struct folding *f, size_t i)
{
    const struct trn_node *node = &f->nodes[i];

    if (!is_linear(node))
        return false;
    switch (node->options.kind) {
    case TRNNSF_NODE_ACTIVATION:
        return true;
    case TRNNSF_NODE_ADD:
    case TRNNSF_NODE_CONCAT:
        return node->n_inputs == 1;
    case TRNNSF_NODE_RESHAPE:
        return f->is_list[i] || same_shape(node, &f->nodes[node->inputs[0]]);
    default:
        return false;
    }
}

/* The activation of node i, which stands alone, can be that of node j. */
static bool can_activate(const struct folding *f, size_t i, size_t j)
{
    const struct trnnsf_node_options *options = &f->nodes[i].options;

    return options->kind == TRNNSF_NODE_ACTIVATION &&
           options->activation != TRNNSF_ACTIVATION_HARD_SWISH && j > 0 && f->readers[j] == 1 &&
           is_linear(&f->nodes[j]);
}

/* Batch norm i of layer j. A layer whose weights are a device's levels, or whose sums are converted,
 * is no longer that when it is scaled. */
static bool can_fold_after(const struct folding *f, size_t i, size_t j)
{
    return f->nodes[i].options.kind == TRNNSF_NODE_BATCH_NORM && f->readers[j] == 1 &&
           trn_node_has_weights(&f->nodes[j]) && is_linear(&f->nodes[j]) &&
           layer_of(f, j)->grid.range == 0 && layer_of(f, j)->output.range == 0;
}

/* The activation that follows node i follows node j. */
static void activate(const struct folding *f, size_t i, size_t j)
{
    const struct trnnsf_node_options *from = &f->nodes[i].options;
    struct trn_node *to = &f->nodes[j];

    to->options.activation = from->activation;
    to->options.slope = from->slope;
    to->options.dropout = from->dropout;
    if (to->layer != TRN_NO_LAYER)
        layer_of(f, j)->activation = from->activation;
}

static trnnsf_status need_biases(const struct folding *f, size_t node)
{
    struct trn_layer *layer = layer_of(f, node);

    if (!layer->biases)
        layer->biases = TRN_NEW_ARRAY(f->ctx, float, layer->n_out);
    if (!layer->biases)
        return TRN_NO_MEMORY;
    f->nodes[node].options.bias = 1;
    return TRNNSF_OK;
}

/* What was 0 stays 0, and not a negative one. */
static trnnsf_status put(const struct folding *f, size_t node, double value, float *to)
{
    *to = value == 0.0 ? 0.0f : (float)value;
    if (isfinite(*to))
        return TRNNSF_OK;
    return trn_fail(f->ctx, TRNNSF_E_NUMERIC,
                    "node %zu: a batch norm beside it makes a weight or bias of %g", node, value);
}

/* factor (W x + b) + offset */
static trnnsf_status fold_after(const struct folding *f, size_t i, size_t j)
{
    struct trn_layer *layer = layer_of(f, j);

    TRN_TRY(need_biases(f, j));
    for (size_t o = 0; o < layer->n_out; o++) {
        double factor = trn_norm_factor(&f->nodes[i], o);
        float *row = layer->weights + o * layer->n_in;

        for (size_t k = 0; k < layer->n_in; k++)
            TRN_TRY(put(f, j, factor * (double)row[k], &row[k]));
        TRN_TRY(put(f, j, factor * (double)layer->biases[o] + trn_norm_offset(&f->nodes[i], o),
                    &layer->biases[o]));
    }
    activate(f, i, j);
    return TRNNSF_OK;
}

/* The zeros around an image are none after the batch norm, unless it adds nothing. */
static bool can_pad(const struct trn_node *layer, const struct trn_node *norm)
{
    const struct trnnsf_node_options *o = &layer->options;

    if (o->kind != TRNNSF_NODE_CONVOLUTION ||
        (o->pad_top == 0 && o->pad_left == 0 && o->pad_bottom == 0 && o->pad_right == 0))
        return true;
    for (size_t c = 0; c < norm->shape.channels; c++) {
        if (trn_norm_offset(norm, c) != 0)
            return false;
    }
    return true;
}

/* Layer i alone reads batch norm j. What a converter has made of the batch norm's values it does
 * not make of others. */
static bool can_fold_before(const struct folding *f, size_t i, size_t j)
{
    const struct trn_node *norm = &f->nodes[j];

    return trn_node_has_weights(&f->nodes[i]) && norm->options.kind == TRNNSF_NODE_BATCH_NORM &&
           f->readers[j] == 1 && is_linear(norm) && layer_of(f, i)->grid.range == 0 &&
           layer_of(f, i)->input.range == 0 && can_pad(&f->nodes[i], norm);
}

/* W (factor x + offset) + b */
static trnnsf_status fold_before(const struct folding *f, size_t i, size_t j)
{
    const struct trn_node *node = &f->nodes[i], *norm = &f->nodes[j];
    struct trn_layer *layer = layer_of(f, i);
    bool dense = node->options.kind == TRNNSF_NODE_DENSE;
    size_t groups = dense ? 1 : node->options.groups;
    size_t columns = layer->n_in / (norm->shape.channels / groups); /* of a channel */

    TRN_TRY(need_biases(f, i));
    for (size_t o = 0; o < layer->n_out; o++) {
        size_t first = o / (layer->n_out / groups) * (norm->shape.channels / groups);
        float *row = layer->weights + o * layer->n_in;
        double sum = (double)layer->biases[o];

        for (size_t k = 0; k < layer->n_in; k++) {
            size_t c = first + k / columns;

            sum += (double)row[k] * trn_norm_offset(norm, c);
            TRN_TRY(put(f, i, (double)row[k] * trn_norm_factor(norm, c), &row[k]));
        }
        TRN_TRY(put(f, i, sum, &layer->biases[o]));
    }
    return TRNNSF_OK;
}

/* From the input on: what a node in front can do as well. */
static trnnsf_status fold_forward(const struct folding *f)
{
    for (size_t i = 1; i < f->n_nodes; i++) {
        struct trn_node *node = &f->nodes[i];

        for (size_t k = 0; k < node->n_inputs; k++)
            node->inputs[k] = f->instead[node->inputs[k]];

        uint32_t j = node->inputs[0];

        if (can_fold_after(f, i, j))
            TRN_TRY(fold_after(f, i, j));
        else if (can_activate(f, i, j))
            activate(f, i, j);
        else if (!does_nothing(f, i))
            continue;
        f->instead[i] = j;
        f->readers[j] += f->readers[i] - 1;
    }
    return TRNNSF_OK;
}

/* And back: batch norms that the layer behind can take. */
static trnnsf_status fold_backward(const struct folding *f)
{
    for (size_t i = f->n_nodes; i-- > 1;) {
        uint32_t *reads = f->nodes[i].inputs;

        while (f->instead[i] == i && can_fold_before(f, i, *reads)) {
            TRN_TRY(fold_before(f, i, *reads));
            f->instead[*reads] = 0;
            *reads = f->nodes[*reads].inputs[0];
        }
    }
    return TRNNSF_OK;
}

/* A graph of fully connected layers, each of which reads the last, is what chains are. */
static bool is_chain(const struct trnnsf_network *network)
{
    const struct trn_graph *graph = &network->graph;

    for (size_t i = 1; i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];

        if (node->options.kind != TRNNSF_NODE_DENSE || node->inputs[0] != i - 1 ||
            node->options.activation > TRNNSF_ACTIVATION_SOFTMAX)
            return false;
    }
    return network->n_layers <= CHAIN_LAYERS_MOST;
}

static trnnsf_status fold_once(trnnsf_context *ctx, struct trnnsf_network *network)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = network->graph.n_nodes;
    struct folding f = {ctx, network, network->graph.nodes, n, NULL, NULL, NULL};

    f.instead = TRN_NEW_ARRAY(ctx, uint32_t, n);
    TRN_NEED_OUT(f.instead);
    f.readers = TRN_NEW_ARRAY(ctx, uint32_t, n);
    TRN_NEED_OUT(f.readers);
    f.is_list = TRN_NEW_ARRAY(ctx, uint8_t, n);
    TRN_NEED_OUT(f.is_list);
    count_readers(&f);
    TRN_TRY_OUT(fold_forward(&f));
    TRN_TRY_OUT(fold_backward(&f));
    trn_graph_take_out(ctx, &network->graph, f.instead);
out:
    trn_free(ctx, f.instead);
    trn_free(ctx, f.readers);
    trn_free(ctx, f.is_list);
    return status;
}

trnnsf_status trn_network_fold(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trnnsf_network **out_network)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_network *folded = NULL;

    TRN_TRY_OUT(trn_network_copy(ctx, network, &folded));
    /* What has gone may leave a node that now does nothing. */
    for (size_t before = 0; before != folded->graph.n_nodes && folded->graph.n_nodes > 0;) {
        before = folded->graph.n_nodes;
        TRN_TRY_OUT(fold_once(ctx, folded));
    }
    if (is_chain(folded))
        trn_graph_clear(ctx, &folded->graph);
    *out_network = folded;
    folded = NULL;
out:
    trn_network_free(folded);
    return status;
}
