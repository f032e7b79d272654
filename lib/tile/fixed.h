/* A graph's numbers as whole ones, so that no sum depends on its order. */
#ifndef TRN_TILE_FIXED_H
#define TRN_TILE_FIXED_H

#include "tile/graph.h"

/* Multiples of 2^-24. */
#define TRN_SPIKE_ONE ((double)(1 << 24))

struct trn_spike_fixed {
    int64_t *weights;    /* [synapses] */
    int64_t *thresholds; /* [n] */
    int64_t *biases;     /* [n] */
    int64_t *initials;   /* [n] */
};

/* TRNNSF_E_LIMIT: a potential could leave ±2^62 in so many steps. `fixed` is zero-filled; what it
 * holds then is trn_spike_fixed_clear()'s. */
trnnsf_status trn_spike_fixed_create(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_spike_graph *graph, size_t n_steps,
                                     struct trn_spike_fixed *fixed);
void trn_spike_fixed_clear(trnnsf_context *ctx, struct trn_spike_fixed *fixed);

#endif
