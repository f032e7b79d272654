#include "network/soft_targets.h"

#include <math.h>
#include <trnnsf/network.h>

#include "base/pool.h"
#include "network/loss.h"

void trn_temper(uint32_t activation, double temperature, float *values, size_t n, size_t stride)
{
    double power = 1.0 / temperature, sum = 0;

    if (temperature == 1.0)
        return;
    for (size_t f = 0; f < n; f++) {
        double a = (double)values[f * stride];
        double p = pow(a, power);

        /* sigmoid(z / T) = a^(1/T) / (a^(1/T) + (1 - a)^(1/T)); softmax: a^(1/T) over its sum. */
        if (activation == TRNNSF_ACTIVATION_SIGMOID)
            p /= p + pow(1.0 - a, power);
        sum += p;
        values[f * stride] = (float)p;
    }
    if (activation != TRNNSF_ACTIVATION_SOFTMAX || !(sum > 0))
        return;
    for (size_t f = 0; f < n; f++)
        values[f * stride] = (float)((double)values[f * stride] / sum);
}

struct softening {
    const struct trn_soft_targets *soft;
    uint32_t loss, activation;
    const struct trn_panel *outputs;
    float *gradient;
};

static void blend_squared(const struct softening *work, size_t s)
{
    const struct trn_panel *y = work->outputs;
    const struct trn_soft_targets *soft = work->soft;
    float weight = (float)soft->weight, mean = 0.0f;
    bool softmax = work->activation == TRNNSF_ACTIVATION_SOFTMAX;

    for (size_t f = 0; softmax && f < y->n_features; f++) {
        float a = y->values[f * y->ld + s];

        mean += (a - soft->values[f * soft->ld + s]) * a;
    }
    for (size_t f = 0; f < y->n_features; f++) {
        float a = y->values[f * y->ld + s], *g = &work->gradient[f * y->ld + s];
        float e = a - soft->values[f * soft->ld + s];

        e = softmax ? a * (e - mean) : e * trn_slope(work->activation, a);
        *g = (1.0f - weight) * *g + weight * e;
    }
}

/* d / dz of T^2 CE(softmax(z / T), teacher) is T (softmax(z / T) - teacher); sigmoid alike. */
static void blend_cross_entropy(const struct softening *work, size_t s)
{
    const struct trn_panel *y = work->outputs;
    const struct trn_soft_targets *soft = work->soft;
    double power = 1.0 / soft->temperature, sum = 1.0;
    bool softmax = work->activation == TRNNSF_ACTIVATION_SOFTMAX;

    if (softmax && soft->temperature != 1.0) {
        sum = 0;
        for (size_t f = 0; f < y->n_features; f++)
            sum += pow((double)y->values[f * y->ld + s], power);
    }
    for (size_t f = 0; f < y->n_features; f++) {
        float tempered = y->values[f * y->ld + s], *g = &work->gradient[f * y->ld + s];

        if (!softmax)
            trn_temper(work->activation, soft->temperature, &tempered, 1, 1);
        else if (soft->temperature != 1.0)
            tempered = (float)(pow((double)tempered, power) / sum);
        *g = (float)((1.0 - soft->weight) * (double)*g +
                     soft->weight * soft->temperature *
                         (double)(tempered - soft->values[f * soft->ld + s]));
    }
}

static void soften_task(void *argument, size_t task, size_t worker)
{
    const struct softening *work = argument;
    size_t first = task * TRN_LOSS_SAMPLES, n = work->outputs->n - first;
    size_t end = first + (n < TRN_LOSS_SAMPLES ? n : TRN_LOSS_SAMPLES);

    (void)worker;
    for (size_t s = first; s < end; s++) {
        if (work->loss == TRNNSF_LOSS_SQUARED)
            blend_squared(work, s);
        else
            blend_cross_entropy(work, s);
    }
}

void trn_soft_gradient(trnnsf_context *ctx, const struct trn_soft_targets *soft, uint32_t loss,
                       uint32_t activation, const struct trn_panel *outputs, float *gradient)
{
    struct softening work = {soft, loss, activation, outputs, gradient};

    trn_parallel(ctx, (outputs->n + TRN_LOSS_SAMPLES - 1) / TRN_LOSS_SAMPLES, soften_task, &work);
}
