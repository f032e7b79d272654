/* Converters at work: values of feature-major panels clipped to a range and set to the nearest
 * level, with straight-through slopes. */
#ifndef TRN_NETWORK_CONVERT_H
#define TRN_NETWORK_CONVERT_H

#include "network/activation.h"
#include "network/network.h"

/* values = dropout(q(values)), of values that `activation` has made. Where `slope`, a panel of the
 * same shape, is given: slope = f' inside the range, 0 outside, times the dropout's factor, which
 * is the derivative of the clipped activation (the straight-through estimator: Bengio, Leonard and
 * Courville 2013, section 4; Hubara et al. 2018, section 2.3). */
void trn_convert(trnnsf_context *ctx, uint32_t activation, const struct trn_converter *converter,
                 const struct trn_dropout *dropout, const struct trn_panel *panel, float *slope);

/* What the inputs of `layer` go through, or for the number of layers the last one's sums, before
 * their activation; NULL: nothing. */
const struct trn_converter *trn_converter_of(const struct trnnsf_network *network, size_t layer);

/* Outputs of `layer` from W x, which the panel holds: bias, activation, converter, dropout. `slope`
 * as above, where there is a converter. */
void trn_activate_layer(trnnsf_context *ctx, const struct trnnsf_network *network, size_t layer,
                        const struct trn_dropout *dropout, const struct trn_panel *panel,
                        float *slope);

/* The same of what is no network's: `converter`, or NULL, stands behind the activation, or, where the
 * layer is the last one, before it. */
void trn_activate_converted(trnnsf_context *ctx, uint32_t activation, const float *biases,
                            const struct trn_converter *converter, bool is_last,
                            const struct trn_dropout *dropout, const struct trn_panel *panel,
                            float *slope);

/* gradient *= slope, in the rows that are used. */
void trn_convert_backward(trnnsf_context *ctx, const struct trn_panel *slope, float *gradient);

#endif
