/* Losses, their gradients and the count of right answers over feature-major outputs. */
#ifndef TRN_NETWORK_LOSS_H
#define TRN_NETWORK_LOSS_H

#include <stdbool.h>

#include "network/activation.h"

/* Samples a task; partial sums are one a task, added in order. Chosen here: few tasks, whole cache
 * lines. */
enum { TRN_LOSS_SAMPLES = 64 };

struct trn_loss_sum {
    double loss; /* sum over samples */
    uint64_t correct;
};

/* d activation / d its argument, from the activation's value; not for softmax. */
float trn_slope(uint32_t activation, float a);

/* Cross-entropy is defined for softmax and sigmoid outputs. */
bool trn_loss_fits(uint32_t loss, uint32_t activation);

/* Adds up loss and right answers of outputs [n_features x n] with labels[n]; where `gradient` is
 * not NULL it gets d loss / d (values before the activation) of each sample, same layout. sums[]
 * has one entry for each TRN_LOSS_SAMPLES samples. */
struct trn_loss_sum trn_loss(trnnsf_context *ctx, uint32_t loss, uint32_t activation,
                             const struct trn_panel *outputs, const uint32_t *labels,
                             float *gradient, struct trn_loss_sum *sums);

#endif
