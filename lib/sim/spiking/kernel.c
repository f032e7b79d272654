#include "sim/spiking/kernel.h"

#include <string.h>

#include "base/wide.h"

enum { TILE = TRN_SPIKE_TILE, WIDTH = TRN_SPIKE_WIDTH };

static inline size_t next_step(uint32_t *mask)
{
    size_t step = (size_t)__builtin_ctz(*mask);

    *mask &= *mask - 1;
    return step;
}

/* A full tile: its width is known when compiled. */
TRN_INLINE void add_tile(const int32_t *weights, uint32_t mask, bool is_negative, int32_t *sums)
{
    while (mask) {
        int32_t *to = sums + next_step(&mask) * TILE;

        if (is_negative) {
            for (size_t o = 0; o < TILE; o++)
                to[o] -= weights[o];
        } else {
            for (size_t o = 0; o < TILE; o++)
                to[o] += weights[o];
        }
    }
}

TRN_INLINE void add_narrow(const int32_t *weights, uint32_t mask, bool is_negative, size_t width,
                           int32_t *sums)
{
    while (mask) {
        int32_t *to = sums + next_step(&mask) * TILE;

        for (size_t first = 0; first < width; first += WIDTH) {
            for (size_t o = first; o < first + WIDTH; o++)
                to[o] += is_negative ? -weights[o] : weights[o];
        }
    }
}

TRN_INLINE void scatter(const uint32_t *outputs, size_t n, size_t steps, const int32_t *tile,
                        int32_t *sums, size_t ld)
{
    bool adjoining = outputs[n - 1] - outputs[0] == n - 1;

    for (size_t t = 0; t < steps; t++) {
        const int32_t *from = tile + t * TILE;
        int32_t *to = sums + t * ld;

        if (adjoining) {
            for (size_t o = 0; o < n; o++)
                to[outputs[0] + o] += from[o];
        } else {
            for (size_t o = 0; o < n; o++)
                to[outputs[o]] += from[o];
        }
    }
}

/* Outputs of a tile. */
static inline size_t tile_outputs(const struct trn_spike_block *block, size_t tile)
{
    return block->n_out - tile * TILE < TILE ? block->n_out - tile * TILE : TILE;
}

/* part[steps x TILE] = the events' weights. */
TRN_INLINE void tile_sum(const struct trn_spike_block *block, size_t tile, size_t n_events,
                         const struct trn_spike_event *events, size_t steps, int32_t *part)
{
    size_t first = tile * TILE;
    size_t width = block->width - first < TILE ? block->width - first : TILE;

    memset(part, 0, steps * TILE * sizeof *part);
    for (size_t e = 0; e < n_events; e++) {
        const int32_t *weights = block->weights + events[e].row * block->width + first;

        if (width == TILE)
            add_tile(weights, events[e].mask, events[e].is_negative, part);
        else
            add_narrow(weights, events[e].mask, events[e].is_negative, width, part);
    }
}

TRN_INLINE void tile_add(const struct trn_spike_block *block, size_t tile, size_t n_events,
                         const struct trn_spike_event *events, size_t steps, int32_t *sums,
                         size_t ld)
{
    int32_t part[TRN_SPIKE_CHUNK * TILE];

    tile_sum(block, tile, n_events, events, steps, part);
    scatter(block->outputs + tile * TILE, tile_outputs(block, tile), steps, part, sums, ld);
}

TRN_INLINE void tile_put(const struct trn_spike_block *block, size_t tile, size_t n_events,
                         const struct trn_spike_event *events, size_t steps,
                         const struct trn_spike_target *target, int32_t *sums, size_t ld)
{
    int32_t part[TRN_SPIKE_CHUNK * TILE];
    uint32_t neurons[TILE];
    size_t n = tile_outputs(block, tile);

    tile_sum(block, tile, n_events, events, steps, part);
    for (size_t o = 0; o < n; o++)
        neurons[o] = trn_spike_target_of(target, block->outputs[tile * TILE + o]);
    for (size_t t = 0; t < steps; t++) {
        for (size_t o = 0; o < n; o++) {
            if (neurons[o] != TRN_SPIKE_NOWHERE)
                sums[t * ld + neurons[o]] += part[t * TILE + o];
        }
    }
}

TRN_WIDE static void tile_put_wide(const struct trn_spike_block *block, size_t tile,
                                   size_t n_events, const struct trn_spike_event *events,
                                   size_t steps, const struct trn_spike_target *target,
                                   int32_t *sums, size_t ld)
{
    tile_put(block, tile, n_events, events, steps, target, sums, ld);
}

void trn_spike_tile_put(const struct trn_spike_block *block, size_t tile, size_t n_events,
                        const struct trn_spike_event *events, size_t steps,
                        const struct trn_spike_target *target, int32_t *sums, size_t ld)
{
    if (trn_is_wide())
        tile_put_wide(block, tile, n_events, events, steps, target, sums, ld);
    else
        tile_put(block, tile, n_events, events, steps, target, sums, ld);
}

TRN_WIDE static void tile_add_wide(const struct trn_spike_block *block, size_t tile,
                                   size_t n_events, const struct trn_spike_event *events,
                                   size_t steps, int32_t *sums, size_t ld)
{
    tile_add(block, tile, n_events, events, steps, sums, ld);
}

void trn_spike_tile_add(const struct trn_spike_block *block, size_t tile, size_t n_events,
                        const struct trn_spike_event *events, size_t steps, int32_t *sums,
                        size_t ld)
{
    if (trn_is_wide())
        tile_add_wide(block, tile, n_events, events, steps, sums, ld);
    else
        tile_add(block, tile, n_events, events, steps, sums, ld);
}

void trn_spike_scattered_add(const struct trn_synapses *synapses,
                             const struct trn_spike_event *event, int32_t *sums, size_t ld)
{
    size_t first = synapses->start[event->row], end = synapses->start[event->row + 1];
    uint32_t mask = event->mask;

    while (mask) {
        int32_t *to = sums + next_step(&mask) * ld;

        for (size_t k = first; k < end; k++)
            to[synapses->target[k]] +=
                event->is_negative ? -synapses->weight[k] : synapses->weight[k];
    }
}

void trn_spike_scattered_put(const struct trn_synapses *synapses,
                             const struct trn_spike_event *event,
                             const struct trn_spike_target *target, int32_t *sums, size_t ld)
{
    size_t first = synapses->start[event->row], end = synapses->start[event->row + 1];

    for (size_t k = first; k < end; k++) {
        uint32_t neuron = trn_spike_target_of(target, synapses->target[k]);
        int32_t weight = event->is_negative ? -synapses->weight[k] : synapses->weight[k];

        for (uint32_t mask = event->mask; mask && neuron != TRN_SPIKE_NOWHERE;)
            sums[next_step(&mask) * ld + neuron] += weight;
    }
}

TRN_INLINE void charge_block(const struct trn_spike_block *block, const float *sizes,
                             double *charges)
{
    bool adjoining = block->outputs[block->n_out - 1] - block->outputs[0] == block->n_out - 1;

    for (size_t i = 0; i < block->n_in; i++) {
        double size = (double)sizes[block->inputs[i]];
        const int32_t *weights = block->weights + i * block->width;
        double *to = charges + block->outputs[0];

        if (size == 0)
            continue;
        for (size_t o = 0; adjoining && o < block->n_out; o++)
            to[o] += size * (double)weights[o];
        for (size_t o = 0; !adjoining && o < block->n_out; o++)
            charges[block->outputs[o]] += size * (double)weights[o];
    }
}

TRN_WIDE static void charge_block_wide(const struct trn_spike_block *block, const float *sizes,
                                       double *charges)
{
    charge_block(block, sizes, charges);
}

void trn_spike_charge(const struct trn_synapses *synapses, size_t n_in, const float *sizes,
                      double *charges)
{
    for (size_t b = 0; b < synapses->n_blocks; b++) {
        if (trn_is_wide())
            charge_block_wide(&synapses->blocks[b], sizes, charges);
        else
            charge_block(&synapses->blocks[b], sizes, charges);
    }
    for (size_t i = 0; synapses->start && i < n_in; i++) {
        for (size_t k = synapses->start[i]; sizes[i] != 0 && k < synapses->start[i + 1]; k++)
            charges[synapses->target[k]] += (double)sizes[i] * (double)synapses->weight[k];
    }
}

TRN_INLINE void integrate(const struct trn_neurons *neurons, const int32_t *sums, float *potential)
{
    const float unit = neurons->unit, keep = neurons->keep;

    for (size_t o = 0; o < neurons->n; o++)
        potential[o] *= keep;
    for (size_t o = 0; sums && o < neurons->n; o++)
        potential[o] += (float)sums[o] * unit;
    for (size_t o = 0; neurons->drive && o < neurons->n; o++)
        potential[o] += neurons->drive[o];
    for (size_t o = 0; neurons->biases && o < neurons->n; o++)
        potential[o] += neurons->biases[o];
}

TRN_INLINE void fire(const struct trn_neurons *neurons, const int32_t *sums, size_t step,
                     float *potential, uint32_t *masks)
{
    const float kept = neurons->to_zero ? 0.0f : 1.0f;

    integrate(neurons, sums, potential);
    for (size_t o = 0; o < neurons->n; o++) {
        uint32_t fires = potential[o] >= 1.0f;

        potential[o] = fires ? kept * (potential[o] - 1.0f) : potential[o];
        masks[o] |= fires << step;
    }
}

TRN_WIDE static void fire_wide(const struct trn_neurons *neurons, const int32_t *sums, size_t step,
                               float *potential, uint32_t *masks)
{
    fire(neurons, sums, step, potential, masks);
}

void trn_neurons_integrate(const struct trn_neurons *neurons, const int32_t *sums, float *potential)
{
    integrate(neurons, sums, potential);
}

void trn_neurons_fire(const struct trn_neurons *neurons, const int32_t *sums, size_t step,
                      float *potential, uint32_t *masks)
{
    if (trn_is_wide())
        fire_wide(neurons, sums, step, potential, masks);
    else
        fire(neurons, sums, step, potential, masks);
}
