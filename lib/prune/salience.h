/* How much each weight matters. */
#ifndef TRN_PRUNE_SALIENCE_H
#define TRN_PRUNE_SALIENCE_H

#include <trnnsf/context.h>

enum trn_salience_rule {
    TRN_SALIENCE_MAGNITUDE = 0, /* |w| (Han et al., NeurIPS 2015) */
    TRN_SALIENCE_SQUARE = 1,    /* w^2 */
    /* w^2 E[x^2]: the mean square that a weight adds to its neuron's sum, were inputs uncorrelated;
     * optimal brain damage (LeCun et al., NIPS 1990) with the layer's own squared error */
    TRN_SALIENCE_ENERGY = 2
};

/* out[n_out x n_in] from weights[n_out x n_in]. mean_square[n_in], the mean squares of the layer's
 * inputs, is read by TRN_SALIENCE_ENERGY alone. Finite and not negative for finite arguments: what
 * overflows a float becomes the largest one. */
trnnsf_status trn_prune_salience(trnnsf_context *ctx, enum trn_salience_rule rule,
                                 const float *weights, size_t n_out, size_t n_in,
                                 const float *mean_square, float *out);

#endif
