/* Activations and dropout over feature-major panels [n_features x n], in place. */
#ifndef TRN_NETWORK_ACTIVATION_H
#define TRN_NETWORK_ACTIVATION_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* Inverted dropout: a value is dropped with probability `rate`, others are divided by 1 - rate.
 * What is dropped depends on these numbers, the feature and the sample's place in the batch, never
 * on threads. */
struct trn_dropout {
    uint64_t seed;
    uint32_t epoch;
    uint32_t batch;
    uint32_t layer;
    float rate; /* 0: none */
};

struct trn_panel {
    size_t n_features;
    size_t n;
    size_t ld; /* also numbers the random values: the same for whole and partial batches */
    float *values;
    const uint8_t *used; /* [n_features] the calls here leave out rows with a 0; NULL: none */
};

static inline bool trn_panel_uses(const struct trn_panel *panel, size_t feature)
{
    return !panel->used || panel->used[feature];
}

/* values = dropout(activation(values + bias)). `biases` [n_features] or NULL. Softmax takes whole
 * panels only. */
void trn_activate(trnnsf_context *ctx, uint32_t activation, const float *biases,
                  const struct trn_dropout *dropout, const struct trn_panel *panel);

/* gradient = d loss / d (values before the activation), given d loss / d (values after activation
 * and dropout) in `gradient` and those values in `values`. Not for softmax. */
void trn_activate_backward(trnnsf_context *ctx, uint32_t activation,
                           const struct trn_dropout *dropout, const struct trn_panel *values,
                           float *gradient);

/* factor[n], n <= 512, for the samples from `first` on, which 8 divides. */
void trn_dropout_segment(const struct trn_dropout *dropout, size_t feature, size_t first, size_t n,
                         size_t ld, float *factor);
/* factor[n] = 0 or 1 / (1 - rate) for feature `feature`. */
void trn_dropout_factors(const struct trn_dropout *dropout, size_t feature, size_t n, size_t ld,
                         float *factor);

/* sums[n_features] = scale times the sum of each row; 0 where the row is left out. */
void trn_panel_row_sums(trnnsf_context *ctx, const struct trn_panel *panel, float scale,
                        float *sums);

#endif
