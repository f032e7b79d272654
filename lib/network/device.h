/* What a device makes of a network: weights on a grid of levels, activations through converters,
 * one sign for a crossbar's weights. doc/hardware-aware.md has the formulas. */
#ifndef TRN_NETWORK_DEVICE_H
#define TRN_NETWORK_DEVICE_H

#include "network/network.h"

enum { TRN_LEVELS_MAX = 65536, TRN_BITS_MAX = 16 };

/* What is asked for; ranges of 0 are to be found. */
struct trn_device {
    uint32_t levels;    /* of a weight; 0: any value */
    uint32_t unipolar;  /* enum trnnsf_unipolar */
    uint32_t bits;      /* of an activation; 0: any value */
    bool uniform;       /* one weight range and one activation range for all layers */
    bool exact_outputs; /* the last layer's outputs are not converted */
    double weight_range;
    double activation_range;
    double quantile;                  /* of activations that a found range holds */
    double noise;                     /* sigma over the weight range; in training alone */
    double stuck_on, stuck_off;       /* probabilities of a device; in training alone */
    size_t tile_inputs, tile_outputs; /* of what has one sign; 0: all */
};

static inline bool trn_device_holds_weights(const struct trn_device *device)
{
    return device->levels > 0 || device->unipolar != TRNNSF_UNIPOLAR_NONE ||
           device->weight_range > 0 || device->noise > 0 || device->stuck_on > 0 ||
           device->stuck_off > 0;
}

static inline bool trn_device_converts(const struct trn_device *device)
{
    return device->bits > 0 || device->activation_range > 0;
}

static inline bool trn_device_is_ideal(const struct trn_device *device)
{
    return !trn_device_holds_weights(device) && !trn_device_converts(device);
}

/* The nearest level of a value whose range it is clipped to. Levels of signed values lie at
 * ±range (2 k + odd) / (levels - 1), with 0 among them where levels are odd in number; of unsigned
 * ones at range k / (levels - 1). */
struct trn_steps {
    float step; /* 0: all values */
    float half; /* 0.5 where 0 is no level */
    float range;
};

static inline struct trn_steps trn_steps_signed(float range, uint32_t levels)
{
    struct trn_steps steps = {0.0f, levels % 2 ? 0.0f : 0.5f, range};

    if (levels > 1)
        steps.step = 2.0f * range / (float)(levels - 1);
    return steps;
}

static inline struct trn_steps trn_steps_unsigned(float range, uint32_t levels)
{
    struct trn_steps steps = {0.0f, 0.0f, range};

    if (levels > 1)
        steps.step = range / (float)(levels - 1);
    return steps;
}

/* `size` from 0 to the range; halves go up. Truncation and not floor(): it is vectorised. */
static inline float trn_nearest(struct trn_steps steps, float size)
{
    float at = size / steps.step;
    float level = steps.half != 0.0f ? (float)(int32_t)at + 0.5f : (float)(int32_t)(at + 0.5f);
    float value = level * steps.step;

    return value < steps.range ? value : steps.range;
}

/* to[n] = the levels next to from[n] and, where signs[n] is given, 0 for the other sign. `keep` may
 * be NULL; may be in place. */
void trn_device_levels(trnnsf_context *ctx, const struct trn_level_grid *grid, const float *signs,
                       const uint8_t *keep, size_t n, const float *from, float *to);
/* Clips values to the grid's range, and to their sign. */
void trn_device_clip(trnnsf_context *ctx, const struct trn_level_grid *grid, const float *signs,
                     size_t n, float *values);

/* ±1 for each weight [n_out x n_in]: that of sum w |w| over the weights that share a sign. */
trnnsf_status trn_device_signs(trnnsf_context *ctx, const struct trn_layer *layer,
                               const float *weights, const struct trn_device *device, float *signs);

/* Gives the layers their grids and converters from samples inputs[n_samples x n_in], of which at
 * most 512 are looked at; in uniform mode weights and biases are scaled for it, and biases make up
 * for the weights of the other sign. `inputs` may be NULL where nothing is converted: biases then
 * stay. `signs` [n_layers] of trn_device_signs(), or NULL. The network is as before on failure. */
trnnsf_status trn_device_calibrate(trnnsf_context *ctx, struct trnnsf_network *network,
                                   const struct trn_device *device, size_t n_samples,
                                   const float *inputs, float *const *signs);
/* The whole: signs, grids, converters, and the weights set to their levels. */
trnnsf_status trn_network_quantise(trnnsf_context *ctx, struct trnnsf_network *network,
                                   const struct trn_device *device, size_t n_samples,
                                   const float *inputs);

/* [n_layers] maps [n_out x n_in], by trn_device_signs(); all NULL where weights may have both
 * signs. */
trnnsf_status trn_device_all_signs(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   const struct trn_device *device, float ***out_signs);
void trn_device_free_signs(trnnsf_context *ctx, const struct trnnsf_network *network,
                           float **signs);

/* How signs are searched for. */
struct trn_sign_search {
    size_t n_samples;
    const float *inputs; /* [n_samples x n_in] */
    const uint32_t *labels;
    uint32_t loss; /* enum trnnsf_loss */
    uint32_t rounds;
    uint64_t seed;
};
/* Local search from the signs given: group by group, in an order that the seed draws, the sign is
 * turned where the loss of the network without the weights of the other sign falls; `rounds` times,
 * or until no turn helps. `signs` hold the best at any time. */
trnnsf_status trn_device_search_signs(trnnsf_context *ctx, const struct trnnsf_network *network,
                                      const struct trn_device *device,
                                      const struct trn_sign_search *how, float **signs);

#endif
