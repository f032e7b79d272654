/* The inner loops: spikes to currents, currents to spikes. A spike train of up to 32 steps is a
 * mask, step t its bit t. */
#ifndef TRN_SIM_SPIKING_KERNEL_H
#define TRN_SIM_SPIKING_KERNEL_H

#include "sim/spiking/spiking.h"

/* An input that spikes. */
struct trn_spike_event {
    uint32_t row;  /* of the rectangle */
    uint32_t mask; /* steps */
    bool is_negative;
};

/* Tiles of the block's outputs. */
static inline size_t trn_spike_tiles(const struct trn_spike_block *block)
{
    return (block->n_out + TRN_SPIKE_TILE - 1) / TRN_SPIKE_TILE;
}

/* sums[steps x ld] += the weights of each event's row at its steps, in units, by the outputs of one
 * tile of the block. */
void trn_spike_tile_add(const struct trn_spike_block *block, size_t tile, size_t n_events,
                        const struct trn_spike_event *events, size_t steps, int32_t *sums,
                        size_t ld);
/* The same of one input's scattered synapses; the event's row is the input. */
void trn_spike_scattered_add(const struct trn_synapses *synapses,
                             const struct trn_spike_event *event, int32_t *sums, size_t ld);

/* Where sums of outputs go that are those of one place of a window. */
struct trn_spike_target {
    size_t first, stride;    /* output o is the first + o stride-th of all places' */
    const uint32_t *targets; /* the neuron of each of these, or nowhere; NULL: the same one */
};
#define TRN_SPIKE_NOWHERE UINT32_MAX

static inline uint32_t trn_spike_target_of(const struct trn_spike_target *target, size_t output)
{
    size_t at = target->first + output * target->stride;

    return target->targets ? target->targets[at] : (uint32_t)at;
}
/* As trn_spike_tile_add(), at one place. */
void trn_spike_tile_put(const struct trn_spike_block *block, size_t tile, size_t n_events,
                        const struct trn_spike_event *events, size_t steps,
                        const struct trn_spike_target *target, int32_t *sums, size_t ld);
/* As trn_spike_scattered_add(), at one place. */
void trn_spike_scattered_put(const struct trn_synapses *synapses,
                             const struct trn_spike_event *event,
                             const struct trn_spike_target *target, int32_t *sums, size_t ld);

/* charges[n_out] += size times the weights of an input: exact in doubles. */
void trn_spike_charge(const struct trn_synapses *synapses, size_t n_in, const float *sizes,
                      double *charges);

/* How a layer's neurons go on. */
struct trn_neurons {
    size_t n;
    float unit, keep;    /* 1 - leak */
    bool to_zero;        /* reset */
    const float *biases; /* or NULL */
    const float *drive;  /* a further current a step, or NULL */
};
/* Integrates sums[n] (NULL: none) of step t and fires: potential[n], bit t of masks[n]. */
void trn_neurons_fire(const struct trn_neurons *neurons, const int32_t *sums, size_t step,
                      float *potential, uint32_t *masks);
/* Integrates only. */
void trn_neurons_integrate(const struct trn_neurons *neurons, const int32_t *sums,
                           float *potential);

#endif
