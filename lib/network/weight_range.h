/* Ranges of weights for a device's levels. */
#ifndef TRN_NETWORK_WEIGHT_RANGE_H
#define TRN_NETWORK_WEIGHT_RANGE_H

#include "network/device.h"

/* The range of least error over layers first … end - 1 (of equal ones the smallest), among 64ths of
 * the largest weight; the largest itself where all values are levels. Layer l counts with its
 * weights times factor[l]. */
float trn_weight_range(const struct trnnsf_network *network, size_t first, size_t end,
                       struct trn_level_grid grid, const float *factor, double *out_error);

struct trn_level_grid trn_device_grid(const struct trn_device *device);

/* Gives the layers their grids; factor [n_layers] is scratch. */
void trn_calibrate_weights(struct trnnsf_network *network, const struct trn_device *device,
                           float *factor);

#endif
