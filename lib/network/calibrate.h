/* Ranges of a device for a graph, whose nodes between layers compute exactly. */
#ifndef TRN_NETWORK_CALIBRATE_H
#define TRN_NETWORK_CALIBRATE_H

#include "network/device.h"

/* Gives the layers their converters, as trn_device_calibrate(); `network` has lost the weights of the other
 * sign that `before` has. In uniform mode all layers' inputs come to fill one range, and weights before
 * a batch norm to have one: values between layers are scaled where what computes them can
 * be. On failure the network may be anything. */
trnnsf_status trn_calibrate_graph(trnnsf_context *ctx, struct trnnsf_network *network,
                                  const struct trnnsf_network *before,
                                  const struct trn_device *device, size_t n_samples,
                                  const float *inputs);

#endif
