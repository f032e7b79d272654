/* Spiking networks as graphs: incoming synapses as compressed rows. */
#ifndef TRN_TILE_GRAPH_H
#define TRN_TILE_GRAPH_H

#include <stdbool.h>
#include <trnnsf/tile.h>

/* Ids stay below TRNNSF_NO_TILE with room for sums of two. */
#define TRN_SPIKE_NEURONS_MAX ((size_t)INT32_MAX)
/* Of a neuron in an inference. */
#define TRN_SPIKES_MAX 1e15

struct trnnsf_spike_graph {
    trnnsf_context *ctx; /* held */
    size_t n;
    size_t n_inputs;
    size_t fan_in;      /* the largest */
    size_t depth;       /* neurons and sums on the longest path */
    uint32_t *kinds;    /* [n] */
    size_t *starts;     /* [n + 1] */
    uint32_t *sources;  /* [synapses] */
    float *weights;     /* [synapses] */
    double *spikes;     /* [n] */
    double *thresholds; /* [n] */
    double *biases;     /* [n] */
    double *initials;   /* [n] potentials before the first step */
    uint32_t *origins;  /* [n] */
    uint32_t *order;    /* [n] each neuron after its sources */
};

/* All arrays zero-filled, thresholds 1, origins 0, 1, 2, … */
trnnsf_status trn_spike_graph_new(trnnsf_context *ctx, size_t n, size_t n_synapses,
                                  struct trnnsf_spike_graph **out_graph);
void trn_spike_graph_free(struct trnnsf_spike_graph *graph);
/* Inputs, fan-in, depth and order, once all arrays are filled; TRNNSF_E_INVALID: a cycle. */
trnnsf_status trn_spike_graph_finish(trnnsf_context *ctx, const char *function,
                                     struct trnnsf_spike_graph *graph);

/* Who reads each neuron: readers[starts[s] … starts[s + 1]], ascending. Free both. */
trnnsf_status trn_spike_graph_readers(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                      size_t **out_starts, uint32_t **out_readers);

trnnsf_status trn_spike_graph_of_network(trnnsf_context *ctx, const struct trnnsf_network *network,
                                         const double *spikes, const double *thresholds,
                                         struct trnnsf_spike_graph **out_graph);
trnnsf_status trn_spike_graph_trim(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   size_t fan_in, uint32_t rule,
                                   struct trnnsf_spike_graph **out_graph, double *out_synapses,
                                   double *out_drive);
trnnsf_status trn_spike_graph_decompose(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                        const struct trnnsf_decompose_options *options,
                                        size_t n_samples, const double *samples,
                                        struct trnnsf_spike_graph **out_graph);
trnnsf_status trn_spike_graph_simulate(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                       size_t n_steps, const uint8_t *input_spikes,
                                       uint32_t *counts, uint8_t *raster);

static inline size_t trn_spike_fan_in(const struct trnnsf_spike_graph *graph, size_t neuron)
{
    return graph->starts[neuron + 1] - graph->starts[neuron];
}

#endif
