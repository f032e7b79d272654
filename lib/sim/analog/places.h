/* Layers of graphs: one crossbar read after the other, until all places of the images are there. */
#ifndef TRN_SIM_ANALOG_PLACES_H
#define TRN_SIM_ANALOG_PLACES_H

#include "network/node_pass.h"
#include "sim/analog/read.h"

struct trn_places {
    trnnsf_context *ctx;
    const struct trnnsf_analog *analog;
    size_t ld;
    float *x; /* [n_in x ld] of the widest layer: what drives its rows in a read */
    float *y; /* [n_out x ld] likewise: the sums of a read */
    struct trn_read_scratch *scratch;
    uint64_t numbered; /* the first sample of the call */
    uint64_t noise_seed;
    struct trn_analog_counts *counts; /* [n_layers], or NULL */
};

/* Samples at once, of `most`: fewer where a graph's images are large. */
size_t trn_places_batch(const struct trnnsf_network *network, size_t most, size_t n_samples);
/* For up to `capacity` samples at once. To be cleared after failure, too. */
trnnsf_status trn_places_init(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                              size_t capacity, struct trn_places *places);
void trn_places_clear(struct trn_places *places);

/* A layer of images; product->y NULL: ranges are found. */
trnnsf_status trn_places_read(struct trn_places *places, const struct trn_layer_product *product);

#endif
