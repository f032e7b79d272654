#include "network/loss.h"

#include <math.h>
#include <trnnsf/network.h>

#include "base/pool.h"

struct work {
    uint32_t loss;
    uint32_t activation;
    const struct trn_panel *outputs;
    const uint32_t *labels;
    float *gradient;
    struct trn_loss_sum *sums;
};

bool trn_loss_fits(uint32_t loss, uint32_t activation)
{
    return loss == TRNNSF_LOSS_SQUARED || activation == TRNNSF_ACTIVATION_SOFTMAX ||
           activation == TRNNSF_ACTIVATION_SIGMOID;
}

float trn_slope(uint32_t activation, float a)
{
    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        return a > 0.0f ? 1.0f : 0.0f;
    case TRNNSF_ACTIVATION_SIGMOID:
        return a * (1.0f - a);
    case TRNNSF_ACTIVATION_TANH:
        return 1.0f - a * a;
    default:
        return 1.0f;
    }
}

/* The smallest float above 0 keeps a loss finite where an output has underflowed; a NaN stays. */
static double safe_log(double a)
{
    return log(a < 0x1p-126 ? 0x1p-126 : a);
}

static double squared(const struct work *work, size_t s)
{
    const struct trn_panel *y = work->outputs;
    double sum = 0.0;

    for (size_t f = 0; f < y->n_features; f++) {
        double e = (double)y->values[f * y->ld + s] - (f == work->labels[s] ? 1.0 : 0.0);
        sum += e * e;
    }
    return 0.5 * sum;
}

static void squared_gradient(const struct work *work, size_t s)
{
    const struct trn_panel *y = work->outputs;
    float mean = 0.0f;

    /* Softmax: dz_f = a_f (e_f - sum_k e_k a_k). */
    if (work->activation == TRNNSF_ACTIVATION_SOFTMAX) {
        for (size_t f = 0; f < y->n_features; f++) {
            float a = y->values[f * y->ld + s];
            mean += (a - (f == work->labels[s] ? 1.0f : 0.0f)) * a;
        }
    }
    for (size_t f = 0; f < y->n_features; f++) {
        float a = y->values[f * y->ld + s];
        float e = a - (f == work->labels[s] ? 1.0f : 0.0f);

        work->gradient[f * y->ld + s] = work->activation == TRNNSF_ACTIVATION_SOFTMAX
                                            ? a * (e - mean)
                                            : e * trn_slope(work->activation, a);
    }
}

static double cross_entropy(const struct work *work, size_t s)
{
    const struct trn_panel *y = work->outputs;
    double sum = 0.0;

    if (work->activation == TRNNSF_ACTIVATION_SOFTMAX)
        return -safe_log((double)y->values[work->labels[s] * y->ld + s]);
    for (size_t f = 0; f < y->n_features; f++) {
        double a = (double)y->values[f * y->ld + s];
        sum -= safe_log(f == work->labels[s] ? a : 1.0 - a);
    }
    return sum;
}

/* With softmax, and with a sigmoid for each unit, the gradient is output minus target (Bishop,
 * "Pattern Recognition and Machine Learning", 2006, section 5.3.1, eq. 5.54 and 4.109). */
static void cross_entropy_gradient(const struct work *work, size_t s)
{
    const struct trn_panel *y = work->outputs;

    for (size_t f = 0; f < y->n_features; f++)
        work->gradient[f * y->ld + s] =
            y->values[f * y->ld + s] - (f == work->labels[s] ? 1.0f : 0.0f);
}

static bool is_correct(const struct trn_panel *y, size_t s, uint32_t label)
{
    size_t best = 0;

    for (size_t f = 1; f < y->n_features; f++) {
        if (y->values[f * y->ld + s] > y->values[best * y->ld + s])
            best = f;
    }
    return best == label;
}

static void loss_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    struct trn_loss_sum sum = {0.0, 0};
    size_t first = task * TRN_LOSS_SAMPLES;
    size_t n = work->outputs->n - first;
    size_t end = first + (n < TRN_LOSS_SAMPLES ? n : TRN_LOSS_SAMPLES);

    (void)worker;
    for (size_t s = first; s < end; s++) {
        bool is_squared = work->loss == TRNNSF_LOSS_SQUARED;

        sum.loss += is_squared ? squared(work, s) : cross_entropy(work, s);
        sum.correct += is_correct(work->outputs, s, work->labels[s]);
        if (work->gradient && is_squared)
            squared_gradient(work, s);
        else if (work->gradient)
            cross_entropy_gradient(work, s);
    }
    work->sums[task] = sum;
}

struct trn_loss_sum trn_loss(trnnsf_context *ctx, uint32_t loss, uint32_t activation,
                             const struct trn_panel *outputs, const uint32_t *labels,
                             float *gradient, struct trn_loss_sum *sums)
{
    struct work work = {loss, activation, outputs, labels, gradient, sums};
    struct trn_loss_sum total = {0.0, 0};
    size_t tasks = (outputs->n + TRN_LOSS_SAMPLES - 1) / TRN_LOSS_SAMPLES;

    trn_parallel(ctx, tasks, loss_task, &work);
    for (size_t t = 0; t < tasks; t++) {
        total.loss += sums[t].loss;
        total.correct += sums[t].correct;
    }
    return total;
}
