/* What a graph's spiking neurons read: links, each from the neurons of one firing node, over a
 * layer's weights at each place of its window, or from neuron to neuron (sums, pools). Weights
 * stand once, however many places a convolution has. */
#ifndef TRN_SIM_SPIKING_LINKS_H
#define TRN_SIM_SPIKING_LINKS_H

#include "network/convolution.h"
#include "sim/spiking/kernel.h"
#include "sim/spiking/linear.h"

/* A column of a group's matrix: where it is in the window, and in the images of the group. */
struct trn_spike_cell {
    uint32_t y, x; /* pixels from the window's corner */
    uint32_t first; /* pixel 0 of its channel */
};

struct trn_spike_link {
    size_t source; /* the neurons that it reads: 0 the inputs, l + 1 those of spiking layer l */
    size_t layer;  /* of the network, whose weights it has; TRN_NO_LAYER: from neuron to neuron */
    size_t n_in;   /* neurons read */
    struct trn_convolution convolution;
    size_t n_groups;
    struct trn_synapses *synapses; /* [n_groups] */
    struct trn_spike_cell *cells;  /* [columns of a group's matrix] */
    /* The neurons whose sum is a pixel of the image; NULL: neuron i is pixel i. */
    size_t *tap_start; /* [pixels of all channels + 1] */
    uint32_t *taps;
    size_t most_taps;
    uint32_t *targets; /* [outputs of all places] the neuron that gets its sums; NULL: itself */
    size_t most_targets; /* outputs that one neuron gets */
    /* [channels of all groups] a weight of the layer times the gains of its channels, the layer's
     * factor and `share` is a number of units. */
    double *input_gain, *output_gain;
    double share; /* scale of what is read over that of the neurons */
    double bound; /* what a neuron's weights come to together, at most, over the threshold */
};

/* Makes spiking layer `l` of scales[linear->n_neurons]; it may hold an older one of the same. */
trnnsf_status trn_spike_links_make(trnnsf_context *ctx, const struct trn_linear *linear, size_t l,
                             const double *scales, struct trn_spiking_layer *layer);
void trn_spike_links_free(trnnsf_context *ctx, struct trn_spiking_layer *layer);

/* `to` becomes `from` with the synapses that a mapping has on its crossbars. TRNNSF_E_MISMATCH: the
 * mapping's layers are others; TRNNSF_E_UNSUPPORTED: one is read by more than a place at once. */
trnnsf_status trn_spike_links_map(trnnsf_context *ctx, const struct trn_spiking_layer *from,
                                  const struct trnnsf_mapping *mapping,
                                  struct trn_spiking_layer *to);

/* Events that one place can have at once; and floats, doubles of trn_spike_link_charge(). */
size_t trn_spike_link_events(const struct trn_spike_link *link);
size_t trn_spike_link_columns(const struct trn_spike_link *link);
size_t trn_spike_link_rows(const struct trn_spike_link *link);
/* Of the image that its layer reads; 0 where there is none. */
size_t trn_spike_link_values(const struct trn_spike_link *link);

/* One sample's spikes of up to 32 steps. */
struct trn_spike_trains {
    const uint32_t *masks; /* [n_in] */
    const float *sizes;    /* [n_in] a spike where it is below 0 counts negative; NULL: none is */
    size_t steps;
};
/* sums[steps x ld] += what they bring, in units. */
void trn_spike_link_add(const struct trn_spike_link *link, const struct trn_spike_trains *spikes,
                  struct trn_spike_event *events, int32_t *sums, size_t ld);
/* charges += what sizes[n_in] bring in a step, in units; columns and rows are scratch. */
void trn_spike_link_charge(const struct trn_spike_link *link, const float *sizes, float *columns,
                     double *rows, double *charges);

#endif
