/* What the files of this suite share. */
#ifndef TESTS_TILE_COMMON_H
#define TESTS_TILE_COMMON_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/tile.h>

#include "base/random.h"

extern trnnsf_context *ctx;

#define OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))
#define REFUSED(call, status, part)                                                                \
    do {                                                                                           \
        ck_assert_int_eq(call, status);                                                            \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), part) != NULL, "%s",                       \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

/* What a random graph is like. */
struct recipe {
    size_t n_inputs;
    size_t n_neurons; /* beside the inputs */
    size_t most;      /* synapses of a neuron */
    int layered;      /* neurons read inputs alone */
    int reversed;     /* neurons stand before what they read */
    int biased;
};

/* calloc() that does not fail. */
void *zeros(size_t count, size_t size);
/* Weights are multiples of 1/16 within ±2, thresholds of 1/4 in 1 … 3. */
trnnsf_spike_graph *random_graph(struct trn_random *random, const struct recipe *recipe);
/* Bytes 0 and 1, [n_steps x inputs]. */
uint8_t *random_spikes(struct trn_random *random, size_t n_steps, size_t n_inputs);
/* The neuron itself among its units: [neurons of the origin]. */
uint32_t *own_units(const trnnsf_spike_graph *decomposed, size_t n_origins);

TCase *graph_case(void);
TCase *decompose_case(void);
TCase *map_case(void);
TCase *place_case(void);
TCase *shared_case(void);
TCase *blocks_case(void);
TCase *hostile_case(void);

#endif
