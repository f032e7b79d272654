/* Training for a device: what the products compute with are levels and noise, what the optimiser moves
 * are values behind them (doc/hardware-aware.md). */
#ifndef TRN_TRAIN_DEVICE_H
#define TRN_TRAIN_DEVICE_H

#include "network/device.h"
#include "network/packed.h"
#include "train/trainer.h"

/* A layer's, in the layout of its packed values. All NULL before training for a device begins, and where
 * weights are as the optimiser has them. */
struct trn_masters {
    float *values;
    float *signs; /* ±1; NULL where both are free */
};

void trn_masters_free(trnnsf_context *ctx, struct trn_masters *masters);
/* From `dense` [n_out x n_in], such as the weights of the layer, which has its grid; clipped.
 * `dense_signs` likewise, or NULL. What `masters` held is freed on success. */
trnnsf_status trn_masters_create(trnnsf_context *ctx, const struct trn_layer *layer,
                                 const struct trn_packed *packed, const float *dense,
                                 const float *dense_signs, struct trn_masters *masters);
/* After a change of the layer or its packed form: values stay where the layer's weights are the levels of
 * theirs, and are the layer's weights elsewhere; signs are found anew. Writes to *out, not to `from`. */
trnnsf_status trn_masters_follow(trnnsf_context *ctx, const struct trn_device *device,
                                 const struct trn_layer *layer, const struct trn_packed *old,
                                 const struct trn_packed *packed, const struct trn_masters *from,
                                 struct trn_masters *out);

/* What noise a batch has. */
struct trn_noise {
    uint64_t seed;
    uint32_t epoch;
    uint32_t batch;
    uint32_t layer;
    float sigma; /* 0: none */
};
/* values[n] += sigma times standard normal numbers, where `keep` (NULL: all) is not 0. Numbers follow from
 * the noise's fields and the place alone: Box and Muller (1958) on Philox' bits, tails to 6.7 sigma. */
void trn_add_noise(trnnsf_context *ctx, const struct trn_noise *noise, const uint8_t *keep, size_t n,
                   float *values);

/* Which devices are stuck in a batch. */
struct trn_stuck {
    uint64_t seed;
    uint32_t epoch;
    uint32_t batch;
    uint32_t layer;
    double on, off; /* probabilities of a device, met within 2^-16 */
    float range;    /* of weights: what a device that is on holds */
};
/* Takes values[n], where `keep` (NULL: all) is not 0, for pairs of devices max(w, 0) and max(-w, 0), or, with
 * signs[n], for single ones |w|, and sticks each device at the range or at 0, independently. Draws are
 * counted as those of trn_add_noise(). */
void trn_stick(trnnsf_context *ctx, const struct trn_stuck *stuck, const uint8_t *keep,
               const float *signs, size_t n, float *values);

/* packed->values = levels of the masters. */
void trn_masters_apply(trnnsf_context *ctx, const struct trn_masters *masters,
                       const struct trn_layer *layer, struct trn_packed *packed);

#endif
