#include "tile/graph.h"

#include <string.h>

#include "base/context.h"
#include "network/network.h"
#include "tensor/mask.h"

typedef unsigned long long number;

trnnsf_status trn_spike_graph_new(trnnsf_context *ctx, size_t n, size_t n_synapses,
                                  struct trnnsf_spike_graph **out_graph)
{
    struct trnnsf_spike_graph *graph = TRN_NEW(ctx, struct trnnsf_spike_graph);

    if (!graph)
        return TRN_NO_MEMORY;
    graph->ctx = trn_context_retain(ctx);
    graph->n = n;
    graph->kinds = TRN_NEW_ARRAY(ctx, uint32_t, n);
    graph->starts = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    graph->sources = TRN_NEW_ARRAY(ctx, uint32_t, n_synapses);
    graph->weights = TRN_NEW_ARRAY(ctx, float, n_synapses);
    graph->spikes = TRN_NEW_ARRAY(ctx, double, n);
    graph->thresholds = TRN_NEW_ARRAY(ctx, double, n);
    graph->biases = TRN_NEW_ARRAY(ctx, double, n);
    graph->initials = TRN_NEW_ARRAY(ctx, double, n);
    graph->origins = TRN_NEW_ARRAY(ctx, uint32_t, n);
    graph->order = TRN_NEW_ARRAY(ctx, uint32_t, n);
    if (!graph->kinds || !graph->starts || !graph->sources || !graph->weights || !graph->spikes ||
        !graph->thresholds || !graph->biases || !graph->initials || !graph->origins ||
        !graph->order) {
        trn_spike_graph_free(graph);
        return TRN_NO_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        graph->thresholds[i] = 1;
        graph->origins[i] = (uint32_t)i;
    }
    *out_graph = graph;
    return TRNNSF_OK;
}

void trn_spike_graph_free(struct trnnsf_spike_graph *graph)
{
    if (!graph)
        return;
    trnnsf_context *ctx = graph->ctx;
    trn_free(ctx, graph->order);
    trn_free(ctx, graph->origins);
    trn_free(ctx, graph->initials);
    trn_free(ctx, graph->biases);
    trn_free(ctx, graph->thresholds);
    trn_free(ctx, graph->spikes);
    trn_free(ctx, graph->weights);
    trn_free(ctx, graph->sources);
    trn_free(ctx, graph->starts);
    trn_free(ctx, graph->kinds);
    trn_free(ctx, graph);
    trn_context_release(ctx);
}

trnnsf_status trn_spike_graph_readers(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                      size_t **out_starts, uint32_t **out_readers)
{
    size_t n_synapses = graph->starts[graph->n];
    size_t *starts = TRN_NEW_ARRAY(ctx, size_t, graph->n + 2);
    uint32_t *readers = TRN_NEW_ARRAY(ctx, uint32_t, n_synapses);

    if (!starts || !readers) {
        trn_free(ctx, readers);
        trn_free(ctx, starts);
        return TRN_NO_MEMORY;
    }
    /* Two places on, so that filling the rows moves the starts to where they belong. */
    for (size_t s = 0; s < n_synapses; s++)
        starts[graph->sources[s] + 2]++;
    for (size_t i = 0; i < graph->n; i++)
        starts[i + 2] += starts[i + 1];
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            readers[starts[graph->sources[s] + 1]++] = (uint32_t)i;
    }
    *out_starts = starts;
    *out_readers = readers;
    return TRNNSF_OK;
}

/* Kahn's order; `waiting` and `level` are zero-filled. How many are in it. */
static size_t sort(struct trnnsf_spike_graph *graph, const size_t *starts, const uint32_t *readers,
                   size_t *waiting, uint32_t *level)
{
    size_t n_sorted = 0, depth = 0;

    for (size_t i = 0; i < graph->n; i++) {
        waiting[i] = trn_spike_fan_in(graph, i);
        if (waiting[i] == 0)
            graph->order[n_sorted++] = (uint32_t)i;
    }
    for (size_t k = 0; k < n_sorted; k++) {
        uint32_t i = graph->order[k];

        level[i] += graph->kinds[i] != TRNNSF_SPIKE_INPUT;
        if (level[i] > depth)
            depth = level[i];
        for (size_t r = starts[i]; r < starts[i + 1]; r++) {
            uint32_t reader = readers[r];

            if (level[reader] < level[i])
                level[reader] = level[i];
            if (--waiting[reader] == 0)
                graph->order[n_sorted++] = reader;
        }
    }
    graph->depth = depth;
    return n_sorted;
}

trnnsf_status trn_spike_graph_finish(trnnsf_context *ctx, const char *function,
                                     struct trnnsf_spike_graph *graph)
{
    trnnsf_status status = TRNNSF_OK;
    size_t *starts = NULL, *waiting = NULL;
    uint32_t *readers = NULL, *level = NULL;

    graph->n_inputs = 0;
    graph->fan_in = 0;
    for (size_t i = 0; i < graph->n; i++) {
        size_t fan_in = trn_spike_fan_in(graph, i);

        graph->n_inputs += graph->kinds[i] == TRNNSF_SPIKE_INPUT;
        if (fan_in > graph->fan_in)
            graph->fan_in = fan_in;
    }
    TRN_TRY_OUT(trn_spike_graph_readers(ctx, graph, &starts, &readers));
    TRN_NEED_OUT(waiting = TRN_NEW_ARRAY(ctx, size_t, graph->n));
    TRN_NEED_OUT(level = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    if (sort(graph, starts, readers, waiting, level) < graph->n) {
        size_t i = 0;

        while (waiting[i] == 0)
            i++;
        status = trn_fail(ctx, TRNNSF_E_INVALID, "%s: neuron %zu is on a cycle, or behind one",
                          function, i);
    }
out:
    trn_free(ctx, level);
    trn_free(ctx, waiting);
    trn_free(ctx, readers);
    trn_free(ctx, starts);
    return status;
}

static bool keeps(const struct trn_layer *layer, size_t o, size_t i)
{
    return !layer->mask || trn_mask_get(layer->mask, o, i);
}

static size_t layer_synapses(const struct trn_layer *layer)
{
    return layer->mask ? trn_mask_count(layer->mask) : layer->n_in * layer->n_out;
}

static void fill_layer(struct trnnsf_spike_graph *graph, const struct trn_layer *layer,
                       size_t source, size_t neuron, size_t *synapse)
{
    for (size_t o = 0; o < layer->n_out; o++, neuron++) {
        graph->kinds[neuron] = TRNNSF_SPIKE_NEURON;
        graph->biases[neuron] = layer->biases ? (double)layer->biases[o] : 0;
        for (size_t i = 0; i < layer->n_in; i++) {
            if (!keeps(layer, o, i))
                continue;
            graph->sources[*synapse] = (uint32_t)(source + i);
            graph->weights[*synapse] = layer->weights[o * layer->n_in + i];
            ++*synapse;
        }
        graph->starts[neuron + 1] = *synapse;
    }
}

trnnsf_status trn_spike_graph_of_network(trnnsf_context *ctx, const struct trnnsf_network *network,
                                         const double *spikes, const double *thresholds,
                                         struct trnnsf_spike_graph **out_graph)
{
    static const char function[] = "trnnsf_spike_graph_of_network";
    size_t n = network->layers[0].n_in, n_synapses = 0, synapse = 0, source = 0;
    struct trnnsf_spike_graph *graph;

    for (size_t l = 0; l < network->n_layers; l++) {
        n += network->layers[l].n_out;
        n_synapses += layer_synapses(&network->layers[l]);
    }
    if (n > TRN_SPIKE_NEURONS_MAX || n_synapses > UINT32_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT,
                        "%s: %llu neurons and %llu synapses are more than 2^31 - 1 and 2^32 - 1",
                        function, (number)n, (number)n_synapses);
    TRN_TRY(trn_spike_graph_new(ctx, n, n_synapses, &graph));
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        fill_layer(graph, layer, source, source + layer->n_in, &synapse);
        source += layer->n_in;
    }
    memcpy(graph->spikes, spikes, n * sizeof *spikes);
    if (thresholds)
        memcpy(graph->thresholds, thresholds, n * sizeof *thresholds);
    trnnsf_status status = trn_spike_graph_finish(ctx, function, graph);
    if (status != TRNNSF_OK) {
        trn_spike_graph_free(graph);
        return status;
    }
    *out_graph = graph;
    return TRNNSF_OK;
}
