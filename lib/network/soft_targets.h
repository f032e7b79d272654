/* A teacher's answers as targets (Hinton et al., "Distilling the knowledge in a neural network",
 * arXiv 1503.02531). */
#ifndef TRN_NETWORK_SOFT_TARGETS_H
#define TRN_NETWORK_SOFT_TARGETS_H

#include "network/activation.h"

struct trn_soft_targets {
    const float *values; /* [n_out x ld]: the teacher's outputs, tempered */
    size_t ld;
    double weight;      /* share of the loss, 0 … 1 */
    double temperature; /* of cross-entropy, above 0 */
};

/* softmax(z) or sigmoid(z) of one sample, n features `stride` apart, becomes that of z / temperature.
 * In place. */
void trn_temper(uint32_t activation, double temperature, float *values, size_t n, size_t stride);

/* gradient = (1 - weight) gradient + weight d L / d (values before the activation), L being half the
 * squared distance from the teacher's outputs, or temperature^2 times the cross-entropy of both at
 * the temperature (arXiv 1503.02531, section 2: so that its share does not fall with it). Layout and
 * losses as in trn_loss(). */
void trn_soft_gradient(trnnsf_context *ctx, const struct trn_soft_targets *soft, uint32_t loss,
                       uint32_t activation, const struct trn_panel *outputs, float *gradient);

#endif
