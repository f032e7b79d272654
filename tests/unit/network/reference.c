#include "network/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static double *copy_floats(const float *values, size_t count)
{
    double *copy = malloc(count * sizeof *copy);

    for (size_t i = 0; i < count; i++)
        copy[i] = (double)values[i];
    return copy;
}

void reference_init(struct reference *r, const trnnsf_network *network, uint32_t loss)
{
    memset(r, 0, sizeof *r);
    r->n_layers = trnnsf_network_layers(network);
    r->size[0] = trnnsf_network_inputs(network, 0);
    r->loss = loss;
    for (size_t l = 0; l < r->n_layers; l++) {
        const float *biases = trnnsf_network_biases(network, l);
        size_t n_out = trnnsf_network_outputs(network, l), count = n_out * r->size[l];

        r->size[l + 1] = n_out;
        r->activation[l] = trnnsf_network_activation(network, l);
        r->weights[l] = copy_floats(trnnsf_network_weights(network, l), count);
        r->weight_gradient[l] = calloc(count, sizeof(double));
        r->biases[l] = biases ? copy_floats(biases, n_out) : NULL;
        r->bias_gradient[l] = calloc(n_out, sizeof(double));
    }
}

void reference_free(struct reference *r)
{
    for (size_t l = 0; l < r->n_layers; l++) {
        free(r->weights[l]);
        free(r->biases[l]);
        free(r->weight_gradient[l]);
        free(r->bias_gradient[l]);
    }
    free(r->outputs);
}

static double activate(uint32_t activation, double z)
{
    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        return z > 0.0 ? z : 0.0;
    case TRNNSF_ACTIVATION_SIGMOID:
        return 1.0 / (1.0 + exp(-z));
    case TRNNSF_ACTIVATION_TANH:
        return tanh(z);
    case TRNNSF_ACTIVATION_SOFTMAX:
        return exp(z); /* made a share by forward_layer() */
    default:
        return z;
    }
}

static double slope(uint32_t activation, double a)
{
    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        return a > 0.0 ? 1.0 : 0.0;
    case TRNNSF_ACTIVATION_SIGMOID:
        return a * (1.0 - a);
    case TRNNSF_ACTIVATION_TANH:
        return 1.0 - a * a;
    default:
        return 1.0;
    }
}

/* in[size[l]] with dropout applied -> out[size[l + 1]] before dropout. */
static void forward_layer(const struct reference *r, size_t l, const double *in, double *out)
{
    double sum = 0.0;

    for (size_t i = 0; i < r->size[l + 1]; i++) {
        double z = r->biases[l] ? r->biases[l][i] : 0.0;

        for (size_t j = 0; j < r->size[l]; j++)
            z += r->weights[l][i * r->size[l] + j] * in[j];
        out[i] = activate(r->activation[l], z);
        sum += out[i];
    }
    for (size_t i = 0; r->activation[l] == TRNNSF_ACTIVATION_SOFTMAX && i < r->size[l + 1]; i++)
        out[i] /= sum;
}

static double factor(const struct reference *r, size_t l, size_t feature, size_t sample, size_t n)
{
    return r->factor[l] ? (double)r->factor[l][feature * n + sample] : 1.0;
}

static double sample_loss(const struct reference *r, const double *y, uint32_t label)
{
    double loss = 0.0;

    for (size_t i = 0; i < r->size[r->n_layers]; i++) {
        double t = i == label ? 1.0 : 0.0;

        if (r->loss == TRNNSF_LOSS_SQUARED)
            loss += 0.5 * (y[i] - t) * (y[i] - t);
        else if (r->activation[r->n_layers - 1] == TRNNSF_ACTIVATION_SOFTMAX)
            loss -= t * log(y[i]);
        else
            loss -= t * log(y[i]) + (1.0 - t) * log(1.0 - y[i]);
    }
    return loss;
}

/* d loss / d z of the last layer, by the chain rule in full. */
static void output_gradient(const struct reference *r, const double *y, uint32_t label, double *d)
{
    size_t n_out = r->size[r->n_layers];
    uint32_t activation = r->activation[r->n_layers - 1];
    double *e = malloc(n_out * sizeof *e);

    for (size_t i = 0; i < n_out; i++) {
        double t = (i == label ? 1.0 - r->smoothing : 0.0) + r->smoothing / (double)n_out;

        if (r->loss == TRNNSF_LOSS_SQUARED)
            e[i] = y[i] - t;
        else if (activation == TRNNSF_ACTIVATION_SOFTMAX)
            e[i] = -t / y[i];
        else
            e[i] = (y[i] - t) / (y[i] * (1.0 - y[i]));
    }
    for (size_t i = 0; i < n_out; i++) {
        d[i] = e[i] * slope(activation, y[i]);
        if (activation != TRNNSF_ACTIVATION_SOFTMAX)
            continue;
        d[i] = 0.0;
        for (size_t k = 0; k < n_out; k++)
            d[i] += e[k] * y[k] * ((k == i ? 1.0 : 0.0) - y[i]);
    }
    free(e);
}

/* d[size[l + 1]] of layer l; a[l] and h[l] are layer inputs before and after dropout. */
static void backward_sample(struct reference *r, double **a, double **h, double *d, size_t sample,
                            size_t n)
{
    for (size_t l = r->n_layers; l-- > 0;) {
        double *below = calloc(r->size[l], sizeof *below);

        for (size_t i = 0; i < r->size[l + 1]; i++) {
            r->bias_gradient[l][i] += d[i] / (double)n;
            for (size_t j = 0; j < r->size[l]; j++) {
                r->weight_gradient[l][i * r->size[l] + j] += d[i] * h[l][j] / (double)n;
                below[j] += d[i] * r->weights[l][i * r->size[l] + j];
            }
        }
        for (size_t j = 0; l > 0 && j < r->size[l]; j++)
            d[j] = below[j] * factor(r, l, j, sample, n) * slope(r->activation[l - 1], a[l][j]);
        free(below);
    }
}

static double run(struct reference *r, size_t n, const float *inputs, const uint32_t *labels,
                  int gradient)
{
    size_t n_out = r->size[r->n_layers], widest = 0;
    double *a[MOST_LAYERS + 1], *h[MOST_LAYERS + 1], loss = 0.0;

    for (size_t l = 0; l <= r->n_layers; l++) {
        a[l] = malloc(r->size[l] * sizeof(double));
        h[l] = malloc(r->size[l] * sizeof(double));
        widest = r->size[l] > widest ? r->size[l] : widest;
    }
    double *d = malloc(widest * sizeof *d);

    free(r->outputs);
    r->outputs = malloc(n * n_out * sizeof(double));
    for (size_t l = 0; gradient && l < r->n_layers; l++) {
        memset(r->weight_gradient[l], 0, r->size[l] * r->size[l + 1] * sizeof(double));
        memset(r->bias_gradient[l], 0, r->size[l + 1] * sizeof(double));
    }
    for (size_t s = 0; s < n; s++) {
        for (size_t j = 0; j < r->size[0]; j++)
            a[0][j] = (double)inputs[s * r->size[0] + j];
        for (size_t l = 0; l < r->n_layers; l++) {
            for (size_t j = 0; j < r->size[l]; j++)
                h[l][j] = a[l][j] * factor(r, l, j, s, n);
            forward_layer(r, l, h[l], a[l + 1]);
        }
        memcpy(r->outputs + s * n_out, a[r->n_layers], n_out * sizeof(double));
        loss += sample_loss(r, a[r->n_layers], labels[s]) / (double)n;
        if (gradient) {
            output_gradient(r, a[r->n_layers], labels[s], d);
            backward_sample(r, a, h, d, s, n);
        }
    }
    for (size_t l = 0; l <= r->n_layers; l++) {
        free(a[l]);
        free(h[l]);
    }
    free(d);
    return loss;
}

double reference_loss(struct reference *r, size_t n, const float *inputs, const uint32_t *labels)
{
    return run(r, n, inputs, labels, 0);
}

double reference_gradient(struct reference *r, size_t n, const float *inputs,
                          const uint32_t *labels)
{
    return run(r, n, inputs, labels, 1);
}

float *random_floats(uint32_t stream, size_t count)
{
    struct trn_random random;
    float *values = malloc(count * sizeof *values);

    trn_random_init(&random, 99, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = 2.0f * trn_random_float(&random) - 1.0f;
    return values;
}

uint32_t *random_labels(uint32_t stream, size_t count, uint32_t classes)
{
    struct trn_random random;
    uint32_t *labels = malloc(count * sizeof *labels);

    trn_random_init(&random, 98, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        labels[i] = trn_random_below(&random, classes);
    return labels;
}

uint8_t *random_mask(uint32_t stream, size_t count, double density)
{
    struct trn_random random;
    uint8_t *mask = malloc(count);

    trn_random_init(&random, 97, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        mask[i] = trn_random_double(&random) < density;
    return mask;
}

double worst_error(const float *a, const double *b, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++) {
        double error = fabs((double)a[i] - b[i]) / (1.0 + fabs(b[i]));

        worst = error > worst || error != error ? error : worst;
    }
    return worst;
}
