/* The judge of the network and train suites: a network in double precision and plain loops. */
#ifndef TEST_NETWORK_REFERENCE_H
#define TEST_NETWORK_REFERENCE_H

#include <trnnsf/network.h>

enum { MOST_LAYERS = 6 };

struct reference {
    size_t n_layers;
    size_t size[MOST_LAYERS + 1];
    uint32_t activation[MOST_LAYERS];
    uint32_t loss;
    double smoothing; /* of labels; the loss told is without */
    double *weights[MOST_LAYERS]; /* [n_out x n_in] */
    double *biases[MOST_LAYERS];  /* NULL: none */
    double *weight_gradient[MOST_LAYERS];
    double *bias_gradient[MOST_LAYERS];
    /* Dropout factor of inputs (0) or outputs of layer l - 1 (l), [n_features x n]; NULL: none. */
    const float *factor[MOST_LAYERS];
    double *outputs; /* [n x n_out], of the last pass */
};

/* Takes over the network's sizes, weights and biases. */
void reference_init(struct reference *reference, const trnnsf_network *network, uint32_t loss);
void reference_free(struct reference *reference);

/* Mean loss of n samples [n x n_in]. */
double reference_loss(struct reference *reference, size_t n, const float *inputs,
                      const uint32_t *labels);
/* The same, and the mean gradients. */
double reference_gradient(struct reference *reference, size_t n, const float *inputs,
                          const uint32_t *labels);

/* Uniform in [-1, 1), of a numbered stream. */
float *random_floats(uint32_t stream, size_t count);
uint32_t *random_labels(uint32_t stream, size_t count, uint32_t classes);
/* A mask of bytes of which about `density` are 1. */
uint8_t *random_mask(uint32_t stream, size_t count, double density);

/* The largest of |a - b| / (1 + |b|). */
double worst_error(const float *a, const double *b, size_t count);

#endif
