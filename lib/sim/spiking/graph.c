#include "sim/spiking/graph.h"

#include "base/context.h"

static const char function[] = "trnnsf_spiking_graph";

/* A layer's neurons in the graph. */
struct part {
    const struct trn_spiking_layer *layer;
    struct trnnsf_spike_graph *graph;
    size_t source; /* the first neuron that the layer reads */
    size_t neuron; /* the first one of its own */
    size_t *next;  /* [n] where a neuron's next synapse goes; NULL: they are counted */
};

static void add(const struct part *part, size_t output, size_t input, int32_t weight)
{
    struct trnnsf_spike_graph *graph = part->graph;
    size_t neuron = part->neuron + output;

    if (weight == 0)
        return;
    if (!part->next) {
        graph->starts[neuron + 1]++;
        return;
    }
    size_t s = part->next[neuron]++;
    graph->sources[s] = (uint32_t)(part->source + input);
    graph->weights[s] = (float)((double)weight * (double)part->layer->unit);
}

static void add_blocks(const struct part *part, size_t input, const uint32_t *place)
{
    const struct trn_synapses *synapses = &part->layer->synapses;

    for (size_t b = 0; b < synapses->n_blocks; b++) {
        const struct trn_spike_block *block = &synapses->blocks[b];
        size_t row = place[b];

        if (row == block->n_in || block->inputs[row] != input)
            continue;
        for (size_t o = 0; o < block->n_out; o++)
            add(part, block->outputs[o], input, block->weights[row * block->width + o]);
    }
}

/* Synapses input by input, so that each neuron's are in the order of their sources. `place`: the
 * row of each block that is next. */
static void add_layer(const struct part *part, uint32_t *place)
{
    const struct trn_synapses *synapses = &part->layer->synapses;

    for (size_t b = 0; b < synapses->n_blocks; b++)
        place[b] = 0;
    for (size_t i = 0; i < part->layer->n_in; i++) {
        add_blocks(part, i, place);
        for (size_t b = 0; b < synapses->n_blocks; b++) {
            const struct trn_spike_block *block = &synapses->blocks[b];
            place[b] += place[b] < block->n_in && block->inputs[place[b]] == i;
        }
        for (size_t k = synapses->start ? synapses->start[i] : 0;
             synapses->start && k < synapses->start[i + 1]; k++)
            add(part, synapses->target[k], i, synapses->weight[k]);
    }
}

static void each_layer(const struct trnnsf_spiking *spiking, struct trnnsf_spike_graph *graph,
                       size_t *next, uint32_t *place)
{
    size_t source = 0;

    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_spiking_layer *layer = &spiking->layers[l];
        const struct part part = {layer, graph, source, source + layer->n_in, next};

        add_layer(&part, place);
        source += layer->n_in;
    }
}

/* Kinds, biases and initial potentials; thresholds are 1. */
static void set_neurons(const struct trnnsf_spiking *spiking, struct trnnsf_spike_graph *graph)
{
    size_t i = spiking->layers[0].n_in;

    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_spiking_layer *layer = &spiking->layers[l];

        for (size_t o = 0; o < layer->n_out; o++, i++) {
            graph->kinds[i] = TRNNSF_SPIKE_NEURON;
            graph->biases[i] = layer->biases ? (double)layer->biases[o] : 0;
            graph->initials[i] = spiking->options.initial;
        }
    }
}

/* Spikes a sample; inputs that are currents have those that a rate code would send. */
static void set_traffic(const struct trnnsf_spike_record *record, struct trnnsf_spike_graph *graph)
{
    double samples = (double)record->n_samples;
    double steps = trn_spike_record_steps_sum(record) / samples;
    const double one = 1 << TRN_SPIKE_INPUT_BITS;

    for (size_t i = 0; i < graph->n; i++) {
        bool is_current = record->currents && i < record->start[1];

        graph->spikes[i] = is_current ? (double)record->totals.charge[i] / one / samples * steps
                                      : (double)record->totals.spikes[i] / samples;
    }
}

static size_t most_blocks(const struct trnnsf_spiking *spiking)
{
    size_t most = 0;

    for (size_t l = 0; l < spiking->n_layers; l++)
        most = spiking->layers[l].synapses.n_blocks > most ? spiking->layers[l].synapses.n_blocks
                                                           : most;
    return most;
}

trnnsf_status trn_spiking_graph(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                const struct trnnsf_spike_record *record,
                                struct trnnsf_spike_graph **out_graph)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = record->start[spiking->n_layers + 1], n_synapses = 0;
    struct trnnsf_spike_graph *counted = NULL, *graph = NULL;
    uint32_t *place = TRN_NEW_ARRAY(ctx, uint32_t, most_blocks(spiking) + 1);
    size_t *next = NULL;

    TRN_NEED_OUT(place);
    TRN_TRY_OUT(trn_spike_graph_new(ctx, n, 0, &counted));
    each_layer(spiking, counted, NULL, place);
    for (size_t i = 0; i < n; i++)
        n_synapses = counted->starts[i + 1] += n_synapses;
    if (n > TRN_SPIKE_NEURONS_MAX || n_synapses > UINT32_MAX)
        TRN_TRY_OUT(trn_fail(ctx, TRNNSF_E_LIMIT,
                             "%s: %zu neurons and %zu synapses are more than 2^31 - 1 and 2^32 - 1",
                             function, n, n_synapses));
    TRN_TRY_OUT(trn_spike_graph_new(ctx, n, n_synapses, &graph));
    next = trn_copy(ctx, counted->starts, n + 1, sizeof *next);
    TRN_NEED_OUT(next);
    for (size_t i = 0; i <= n; i++)
        graph->starts[i] = next[i];
    each_layer(spiking, graph, next, place);
    set_neurons(spiking, graph);
    set_traffic(record, graph);
    TRN_TRY_OUT(trn_spike_graph_finish(ctx, function, graph));
    *out_graph = graph;
    graph = NULL;
out:
    trn_free(ctx, next);
    trn_free(ctx, place);
    trn_spike_graph_free(counted);
    trn_spike_graph_free(graph);
    return status;
}
