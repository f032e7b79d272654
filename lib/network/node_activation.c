#include "network/node_activation.h"

#include "base/pool.h"

enum { TASK_VALUES = 16384 }; /* as activation.c has it */

struct work {
    uint32_t activation;
    float slope;
    float keep; /* 1 - the dropout rate: what a kept value was divided by */
    size_t n;
    float *y;
    const float *z;
    float *dy;
};

static float clip6(float z)
{
    float above = z < 0.0f ? 0.0f : z;

    return above > 6.0f ? 6.0f : above;
}

static void activate_range(const struct work *work, size_t first, size_t end)
{
    float *y = work->y, slope = work->slope;

    switch (work->activation) {
    case TRNNSF_ACTIVATION_RELU6:
        for (size_t i = first; i < end; i++)
            y[i] = clip6(y[i]);
        break;
    case TRNNSF_ACTIVATION_LEAKY_RELU:
        for (size_t i = first; i < end; i++)
            y[i] = y[i] < 0.0f ? slope * y[i] : y[i];
        break;
    default:
        for (size_t i = first; i < end; i++)
            y[i] = y[i] * clip6(y[i] + 3.0f) * (1.0f / 6.0f);
        break;
    }
}

/* Of z min(max(z + 3, 0), 6) / 6. */
static float swish_slope(float z)
{
    if (z <= -3.0f)
        return 0.0f;
    return z >= 3.0f ? 1.0f : (2.0f * z + 3.0f) * (1.0f / 6.0f);
}

static void slope_range(const struct work *work, size_t first, size_t end)
{
    const float *y = work->y;
    float *dy = work->dy, slope = work->slope, keep = work->keep;

    switch (work->activation) {
    case TRNNSF_ACTIVATION_RELU6:
        for (size_t i = first; i < end; i++)
            dy[i] = y[i] > 0.0f && y[i] * keep < 6.0f ? dy[i] : 0.0f;
        break;
    case TRNNSF_ACTIVATION_LEAKY_RELU:
        for (size_t i = first; i < end; i++)
            dy[i] = y[i] < 0.0f ? slope * dy[i] : dy[i];
        break;
    default:
        for (size_t i = first; i < end; i++)
            dy[i] *= swish_slope(work->z[i]);
        break;
    }
}

static size_t task_end(const struct work *work, size_t task)
{
    size_t end = (task + 1) * TASK_VALUES;

    return end < work->n ? end : work->n;
}

static void activate_task(void *argument, size_t task, size_t worker)
{
    (void)worker;
    activate_range(argument, task * TASK_VALUES, task_end(argument, task));
}

static void slope_task(void *argument, size_t task, size_t worker)
{
    (void)worker;
    slope_range(argument, task * TASK_VALUES, task_end(argument, task));
}

static bool is_common(uint32_t activation)
{
    return activation <= TRNNSF_ACTIVATION_SOFTMAX;
}

static struct work work_of(const struct trnnsf_node_options *options,
                           const struct trn_dropout *dropout, const struct trn_panel *y)
{
    return (struct work){.activation = options->activation,
                         .slope = (float)options->slope,
                         .keep = dropout ? 1.0f - dropout->rate : 1.0f,
                         .n = y->n_features * y->n,
                         .y = y->values};
}

void trn_node_activate(trnnsf_context *ctx, const struct trnnsf_node_options *options,
                       const float *biases, const struct trn_dropout *dropout,
                       const struct trn_panel *y)
{
    struct work work = work_of(options, dropout, y);

    if (is_common(options->activation)) {
        trn_activate(ctx, options->activation, biases, dropout, y);
        return;
    }
    trn_activate(ctx, TRNNSF_ACTIVATION_LINEAR, biases, NULL, y);
    trn_parallel(ctx, (work.n + TASK_VALUES - 1) / TASK_VALUES, activate_task, &work);
    trn_activate(ctx, TRNNSF_ACTIVATION_LINEAR, NULL, dropout, y);
}

void trn_node_activate_backward(trnnsf_context *ctx, const struct trnnsf_node_options *options,
                                const struct trn_dropout *dropout, const struct trn_panel *y,
                                const float *z, float *dy)
{
    struct work work = work_of(options, dropout, y);

    if (is_common(options->activation)) {
        trn_activate_backward(ctx, options->activation, dropout, y, dy);
        return;
    }
    work.z = z;
    work.dy = dy;
    trn_activate_backward(ctx, TRNNSF_ACTIVATION_LINEAR, dropout, y, dy);
    trn_parallel(ctx, (work.n + TASK_VALUES - 1) / TASK_VALUES, slope_task, &work);
}
