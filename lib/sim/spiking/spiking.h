/* A spiking network: synapses as whole numbers of a layer's unit, so that sums are exact and in any
 * order the same, and neurons with threshold 1. */
#ifndef TRN_SIM_SPIKING_SPIKING_H
#define TRN_SIM_SPIKING_SPIKING_H

#include <stdbool.h>
#include <trnnsf/spiking.h>

#include "map/mapping.h"
#include "network/network.h"
#include "sim/analog/analog.h"

enum {
    TRN_SPIKE_TILE = 64, /* outputs whose currents are summed at once: chosen here, 8 KiB of them */
    TRN_SPIKE_CHUNK = 32,     /* steps at once: the bits of a mask */
    TRN_SPIKE_WIDTH = 16,     /* rows of weights are padded to a multiple of it */
    TRN_SPIKE_SUM_BITS = 30,  /* a neuron's weights together are below 2^30 units */
    TRN_SPIKE_INPUT_BITS = 12 /* of an input current over its scale: with them, doubles are exact */
};

/* A rectangle of synapses; rows are inputs. */
struct trn_spike_block {
    size_t n_in, n_out, width;
    const uint32_t *inputs, *outputs;
    const int32_t *weights; /* [n_in x width] */
};

/* The synapses of one layer; those outside of rectangles are listed input by input. */
struct trn_synapses {
    size_t n_blocks;
    struct trn_spike_block *blocks;
    uint32_t *index;
    int32_t *weights;
    size_t *start; /* [n_in + 1]; NULL where all are in rectangles */
    uint32_t *target;
    int32_t *weight;
};

static inline size_t trn_spike_width(size_t n_out)
{
    return (n_out + TRN_SPIKE_WIDTH - 1) / TRN_SPIKE_WIDTH * TRN_SPIKE_WIDTH;
}

struct trn_dynamics;
/* A chip's reads (reads.h). */
struct trn_spike_reads;
/* What is read in a graph (links.h). */
struct trn_spike_link;

/* Neurons, [n_out], and what they read: in a chain the neurons before them, [n_in], in a graph what
 * their links say. */
struct trn_spiking_layer {
    size_t n_in, n_out;
    double scale;                  /* what a rate of 1 of the neurons before stands for */
    double factor;                 /* a weight times this is a number of units */
    float unit;                    /* of synaptic currents, over the threshold */
    float *biases;                 /* [n_out] over the threshold a step, or NULL */
    struct trn_synapses synapses;  /* none where there are: */
    struct trn_spike_reads *reads; /* of a chip with read noise or converters; or NULL */
    struct trn_dynamics *dynamics; /* NULL: neurons as the options say */
    size_t n_links;                /* of a graph, which has no `synapses`; */
    struct trn_spike_link *links;  /* NULL: a chain's */
    uint32_t node;                 /* of a graph: that of the network, folded */
};

struct trnnsf_spiking {
    trnnsf_context *ctx; /* held */
    struct trnnsf_spiking_options options;
    size_t n_layers;
    struct trn_spiking_layer *layers;
    double output_scale;
    struct trn_graph graph; /* of a graph: the network's, folded */
    uint64_t mapping;    /* fingerprint of the one whose crossbars the synapses are on; or 0 */
    uint64_t noise_seed; /* of the chip, and */
    uint32_t chip;       /* its number, where it is read */
};

static inline size_t trn_spiking_neurons(const struct trnnsf_spiking *spiking, size_t layer)
{
    return layer < spiking->n_layers ? spiking->layers[layer].n_in
                                     : spiking->layers[spiking->n_layers - 1].n_out;
}

/* Converted from a graph of nodes. */
static inline bool trn_spiking_is_graph(const struct trnnsf_spiking *spiking)
{
    return spiking->layers[0].links != NULL;
}

/* Layers without synapses. */
trnnsf_status trn_spiking_new(trnnsf_context *ctx, size_t n_layers,
                              struct trnnsf_spiking **out_spiking);
void trn_spiking_free(struct trnnsf_spiking *spiking);

/* inputs[n_samples x n_in of the first layer]; a graph is folded first. */
trnnsf_status trn_spiking_convert(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs,
                                  const struct trnnsf_spiking_options *options,
                                  struct trnnsf_spiking **out_spiking);
/* TRNNSF_E_UNSUPPORTED where `spiking` is from a NIR graph, whose weights no network has; and where
 * it is of a chip that is read at each step, and has no synapses of its own. */
trnnsf_status trn_spiking_check_converted(trnnsf_context *ctx, const char *function,
                                          const struct trnnsf_spiking *spiking);
trnnsf_status trn_spiking_check_synapses(trnnsf_context *ctx, const char *function,
                                         const struct trnnsf_spiking *spiking);
/* The same neurons with the synapses of a mapping, or, where that is NULL, of a chip. */
trnnsf_status trn_spiking_map(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                              const struct trnnsf_mapping *mapping,
                              const struct trnnsf_analog *analog,
                              struct trnnsf_spiking **out_mapped);

/* The same neurons on a chip as it is read; where it has an ADC, ranges are those of
 * inputs[n_samples x n_in] run so. */
trnnsf_status trn_spiking_on_chip(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_spiking *spiking,
                                  const struct trnnsf_analog *analog, size_t n_samples,
                                  const float *inputs,
                                  const struct trnnsf_spike_run_options *options,
                                  struct trnnsf_spiking **out_chip);
/* Neurons alone: all but synapses. */
trnnsf_status trn_spiking_copy_neurons(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                       struct trnnsf_spiking **out_copy);

/* What the activations of layer 0 (the inputs) ... n_layers reach: scales[n_layers + 1], positive.
 * Of a graph those of the firing nodes[n_layers + 1]; NULL: a chain. */
trnnsf_status trn_spiking_activation_scales(trnnsf_context *ctx,
                                            const struct trnnsf_network *network,
                                            size_t n_layers, const uint32_t *nodes,
                                            size_t n_samples, const float *inputs,
                                            double percentile, double *scales);

/* Such a unit of the layer that `most`, what a neuron's weights come to together, is in range. */
void trn_spiking_set_unit(double most, struct trn_spiking_layer *layer);

/* Makes a layer anew from the network's and the scales of its inputs and outputs. */
trnnsf_status trn_spiking_set_layer(trnnsf_context *ctx, const struct trn_layer *from, double scale,
                                    double next, struct trn_spiking_layer *layer);
/* Sets all scales by the currents met on inputs[n_samples x n_in]. */
trnnsf_status trn_spiking_balance(trnnsf_context *ctx, const struct trnnsf_network *network,
                                  size_t n_samples, const float *inputs,
                                  struct trnnsf_spiking *spiking);
/* The percentile of the largest currents that each neuron of a layer met in a step. */
trnnsf_status trn_spiking_peak(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                               size_t layer, size_t n_samples, const float *inputs,
                               double *out_peak);

/* A weight times these is a number of units. */
struct trn_synapse_factor {
    double factor;
    const double *inputs, *outputs; /* [n_in], [n_out] further ones; NULL: 1 */
};
/* Below 2^31. */
int32_t trn_synapse_units(float weight, const struct trn_synapse_factor *by, size_t input,
                          size_t output);
/* The synapses of a network's layer, and the same as lists alone. `to` is empty, and stays so on
 * failure. */
trnnsf_status trn_synapses_of_layer(trnnsf_context *ctx, const struct trn_layer *layer,
                                    const struct trn_synapse_factor *factor,
                                    struct trn_synapses *to);
trnnsf_status trn_synapses_scattered(trnnsf_context *ctx, const struct trn_layer *layer,
                                     const struct trn_synapse_factor *factor,
                                     struct trn_synapses *to);
/* One layer of a mapping, or, where that is NULL, of a chip: what its devices conduct, for inputs
 * of 1. */
struct trn_synapse_source {
    const struct trnnsf_mapping *mapping;
    const struct trnnsf_analog *analog;
    size_t layer;
};
/* Into the layer, whose unit becomes coarser where the weights ask for it. */
trnnsf_status trn_synapses_of_crossbars(trnnsf_context *ctx,
                                        const struct trn_synapse_source *source,
                                        struct trn_spiking_layer *layer);
void trn_synapses_clear(trnnsf_context *ctx, struct trn_synapses *synapses);

#endif
