/* One optimiser step on a flat array of parameters. */
#ifndef TRN_TRAIN_UPDATE_H
#define TRN_TRAIN_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <trnnsf/context.h>

struct trn_update {
    size_t n;
    float *weights;
    const uint8_t *keep; /* [n] 0 where the weight and its state must be 0; NULL: all free */
    float *first;        /* velocity, or first moment */
    float *second;       /* second moment */
    const float *gradient;
    float rate;
    float l2;
    float momentum;
    float beta1;
    float beta2;
    float epsilon;
    bool nesterov; /* of SGD, with a gradient */
};

/* d = gradient + rate l2 w, v = momentum v + d; w -= v, or w -= momentum v + d where `nesterov`. The gradient
 * is already times the rate; where it is NULL, v already holds momentum v + gradient. */
void trn_update_sgd(trnnsf_context *ctx, const struct trn_update *update);

/* Adam (Kingma and Ba 2015, algorithm 1, with the reordered bias correction of its section 2:
 * `rate` is the corrected step size and `epsilon` the corrected epsilon). g = gradient + l2 w. */
void trn_update_adam(trnnsf_context *ctx, const struct trn_update *update);

#endif
