#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "network/network.h"
#include "tile/graph.h"

#define VALUE_MAX 1e6
#define THRESHOLD_MIN 1e-6
#define STEPS_MAX ((size_t)1 << 20)

/* Values of one number a neuron, or none. */
static trnnsf_status check_values(trnnsf_context *ctx, const char *function, const char *name,
                                  const double *values, size_t count, double low, double high)
{
    for (size_t i = 0; values && i < count; i++) {
        if (!(values[i] >= low && values[i] <= high))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s[%zu] %g is not in [%g, %g]", function,
                            name, i, values[i], low, high);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_kinds(trnnsf_context *ctx, const char *function, size_t n,
                                 const uint32_t *kinds, const size_t *starts)
{
    if (starts[0] != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: starts[0] %zu is not 0", function, starts[0]);
    for (size_t i = 0; i < n; i++) {
        if (kinds[i] > TRNNSF_SPIKE_SUM)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: kinds[%zu] %u is not in [0, %d]", function,
                            i, kinds[i], TRNNSF_SPIKE_SUM);
        if (starts[i + 1] < starts[i])
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: starts[%zu] %zu is below starts[%zu] %zu",
                            function, i + 1, starts[i + 1], i, starts[i]);
        if (kinds[i] == TRNNSF_SPIKE_INPUT && starts[i + 1] > starts[i])
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: input %zu has %zu synapses", function, i,
                            starts[i + 1] - starts[i]);
    }
    if (starts[n] > UINT32_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: %zu synapses are more than 2^32 - 1", function,
                        starts[n]);
    return TRNNSF_OK;
}

/* `reader` [n], zero-filled: who named a source last. */
static trnnsf_status check_synapses(trnnsf_context *ctx, const char *function, size_t n,
                                    const uint32_t *kinds, const size_t *starts,
                                    const uint32_t *sources, const float *weights, uint32_t *reader)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t s = starts[i]; s < starts[i + 1]; s++) {
            double weight = (double)weights[s];

            if (sources[s] >= n)
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "%s: sources[%zu] %u of neuron %zu is not below %zu", function, s,
                                sources[s], i, n);
            if (reader[sources[s]] == i + 1)
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "%s: neuron %zu has source %u twice (synapse %zu)", function, i,
                                sources[s], s);
            reader[sources[s]] = (uint32_t)(i + 1);
            if (!(fabs(weight) <= VALUE_MAX))
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "%s: weights[%zu] %g of neuron %zu is not in [-1e6, 1e6]", function,
                                s, weight, i);
            if (kinds[sources[s]] == TRNNSF_SPIKE_SUM && (weight < 1 || weight > 1))
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "%s: weights[%zu] %g of neuron %zu is not 1, but its source %u is "
                                "a sum",
                                function, s, weight, i, sources[s]);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status check_neurons(trnnsf_context *ctx, const char *function, size_t n,
                                   const double *spikes, const double *thresholds,
                                   const double *biases)
{
    TRN_TRY(check_values(ctx, function, "spikes", spikes, n, 0, TRN_SPIKES_MAX));
    TRN_TRY(check_values(ctx, function, "thresholds", thresholds, n, THRESHOLD_MIN, VALUE_MAX));
    return check_values(ctx, function, "biases", biases, n, -VALUE_MAX, VALUE_MAX);
}

trnnsf_status trnnsf_spike_graph_create(trnnsf_context *context, size_t n_neurons,
                                        const uint32_t *kinds, const size_t *starts,
                                        const uint32_t *sources, const float *weights,
                                        const double *spikes, const double *thresholds,
                                        const double *biases, trnnsf_spike_graph **out_graph)
{
    static const char function[] = "trnnsf_spike_graph_create";
    struct trnnsf_spike_graph *graph;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!kinds || !starts || !sources || !weights || !spikes || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !kinds     ? "kinds"
                        : !starts  ? "starts"
                        : !sources ? "sources"
                        : !weights ? "weights"
                        : !spikes  ? "spikes"
                                   : "out_graph");
    if (n_neurons == 0 || n_neurons > TRN_SPIKE_NEURONS_MAX)
        return trn_fail(context, n_neurons ? TRNNSF_E_LIMIT : TRNNSF_E_INVALID,
                        "%s: n_neurons %zu is not in [1, 2^31 - 1]", function, n_neurons);
    TRN_TRY(check_kinds(context, function, n_neurons, kinds, starts));
    TRN_TRY(check_neurons(context, function, n_neurons, spikes, thresholds, biases));
    TRN_TRY(trn_spike_graph_new(context, n_neurons, starts[n_neurons], &graph));
    /* The order's place serves as scratch until it is made. */
    TRN_TRY_OUT(check_synapses(context, function, n_neurons, kinds, starts, sources, weights,
                               graph->order));
    memcpy(graph->kinds, kinds, n_neurons * sizeof *kinds);
    memcpy(graph->starts, starts, (n_neurons + 1) * sizeof *starts);
    memcpy(graph->sources, sources, starts[n_neurons] * sizeof *sources);
    memcpy(graph->weights, weights, starts[n_neurons] * sizeof *weights);
    memcpy(graph->spikes, spikes, n_neurons * sizeof *spikes);
    if (thresholds)
        memcpy(graph->thresholds, thresholds, n_neurons * sizeof *thresholds);
    if (biases)
        memcpy(graph->biases, biases, n_neurons * sizeof *biases);
    TRN_TRY_OUT(trn_spike_graph_finish(context, function, graph));
    *out_graph = graph;
    graph = NULL;
out:
    trn_spike_graph_free(graph);
    return status;
}

trnnsf_status trnnsf_spike_graph_of_network(trnnsf_context *context, const trnnsf_network *network,
                                            const double *spikes, const double *thresholds,
                                            trnnsf_spike_graph **out_graph)
{
    static const char function[] = "trnnsf_spike_graph_of_network";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !spikes || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !network  ? "network"
                        : !spikes ? "spikes"
                                  : "out_graph");
    TRN_TRY(trn_network_need_chain(context, function, network));
    size_t n = network->layers[0].n_in;
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        n += layer->n_out;
        for (size_t w = 0; w < layer->n_in * layer->n_out; w++) {
            if (!(fabs((double)layer->weights[w]) <= VALUE_MAX))
                return trn_fail(context, TRNNSF_E_INVALID,
                                "%s: a weight %g of layer %zu is not in [-1e6, 1e6]", function,
                                (double)layer->weights[w], l);
        }
        for (size_t o = 0; layer->biases && o < layer->n_out; o++) {
            if (!(fabs((double)layer->biases[o]) <= VALUE_MAX))
                return trn_fail(context, TRNNSF_E_INVALID,
                                "%s: bias %zu of layer %zu, %g, is not in [-1e6, 1e6]", function, o,
                                l, (double)layer->biases[o]);
        }
    }
    TRN_TRY(check_neurons(context, function, n, spikes, thresholds, NULL));
    return trn_spike_graph_of_network(context, network, spikes, thresholds, out_graph);
}

void trnnsf_spike_graph_free(trnnsf_spike_graph *graph)
{
    trn_spike_graph_free(graph);
}

size_t trnnsf_spike_graph_neurons(const trnnsf_spike_graph *graph)
{
    return graph ? graph->n : 0;
}

size_t trnnsf_spike_graph_inputs(const trnnsf_spike_graph *graph)
{
    return graph ? graph->n_inputs : 0;
}

size_t trnnsf_spike_graph_synapses(const trnnsf_spike_graph *graph)
{
    return graph ? graph->starts[graph->n] : 0;
}

size_t trnnsf_spike_graph_fan_in(const trnnsf_spike_graph *graph)
{
    return graph ? graph->fan_in : 0;
}

size_t trnnsf_spike_graph_depth(const trnnsf_spike_graph *graph)
{
    return graph ? graph->depth : 0;
}

const uint32_t *trnnsf_spike_graph_kinds(const trnnsf_spike_graph *graph)
{
    return graph ? graph->kinds : NULL;
}

const size_t *trnnsf_spike_graph_starts(const trnnsf_spike_graph *graph)
{
    return graph ? graph->starts : NULL;
}

const uint32_t *trnnsf_spike_graph_sources(const trnnsf_spike_graph *graph)
{
    return graph ? graph->sources : NULL;
}

const float *trnnsf_spike_graph_weights(const trnnsf_spike_graph *graph)
{
    return graph ? graph->weights : NULL;
}

const double *trnnsf_spike_graph_spikes(const trnnsf_spike_graph *graph)
{
    return graph ? graph->spikes : NULL;
}

const double *trnnsf_spike_graph_thresholds(const trnnsf_spike_graph *graph)
{
    return graph ? graph->thresholds : NULL;
}

const double *trnnsf_spike_graph_biases(const trnnsf_spike_graph *graph)
{
    return graph ? graph->biases : NULL;
}

const double *trnnsf_spike_graph_initials(const trnnsf_spike_graph *graph)
{
    return graph ? graph->initials : NULL;
}

const uint32_t *trnnsf_spike_graph_origins(const trnnsf_spike_graph *graph)
{
    return graph ? graph->origins : NULL;
}

trnnsf_status trnnsf_spike_graph_set_spikes(trnnsf_context *context, trnnsf_spike_graph *graph,
                                            const double *spikes)
{
    static const char function[] = "trnnsf_spike_graph_set_spikes";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !spikes)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "spikes" : "graph");
    TRN_TRY(check_neurons(context, function, graph->n, spikes, NULL, NULL));
    memcpy(graph->spikes, spikes, graph->n * sizeof *spikes);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spike_graph_set_initials(trnnsf_context *context, trnnsf_spike_graph *graph,
                                              const double *initials)
{
    static const char function[] = "trnnsf_spike_graph_set_initials";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !initials)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "initials" : "graph");
    TRN_TRY(check_values(context, function, "initials", initials, graph->n, -VALUE_MAX, VALUE_MAX));
    memcpy(graph->initials, initials, graph->n * sizeof *initials);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spike_graph_trim(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                      uint32_t fan_in, uint32_t rule,
                                      trnnsf_spike_graph **out_graph, double *out_synapses,
                                      double *out_drive)
{
    static const char function[] = "trnnsf_spike_graph_trim";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "out_graph" : "graph");
    TRN_TRY(trn_option_count(context, function, "fan_in", fan_in, 1, INT32_MAX));
    TRN_TRY(trn_option_count(context, function, "rule", rule, 0, TRNNSF_SPIKE_TRIM_LEAST));
    return trn_spike_graph_trim(context, graph, fan_in, rule, out_graph, out_synapses, out_drive);
}

trnnsf_status trnnsf_spike_graph_simulate(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                          size_t n_steps, const uint8_t *input_spikes,
                                          uint32_t *out_counts, uint8_t *out_raster)
{
    static const char function[] = "trnnsf_spike_graph_simulate";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !input_spikes || !out_counts)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !graph          ? "graph"
                        : !input_spikes ? "input_spikes"
                                        : "out_counts");
    if (n_steps == 0 || n_steps > STEPS_MAX)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_steps %zu is not in [1, 2^20]", function,
                        n_steps);
    for (size_t k = 0; k < n_steps * graph->n_inputs; k++) {
        if (input_spikes[k] > 1)
            return trn_fail(context, TRNNSF_E_INVALID,
                            "%s: input_spikes[%zu, %zu] %u is not in [0, 1]", function,
                            k / graph->n_inputs, k % graph->n_inputs, (unsigned)input_spikes[k]);
    }
    return trn_spike_graph_simulate(context, graph, n_steps, input_spikes, out_counts, out_raster);
}
