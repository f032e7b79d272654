#include "train/update.h"

#include <math.h>

#include "base/pool.h"

/* Parameters a task: chosen here, so that its arrays fit a second-level cache. */
enum { CHUNK = 16384 };

struct range {
    size_t first;
    size_t end;
};

static struct range task_range(const struct trn_update *update, size_t task)
{
    size_t first = task * CHUNK;
    size_t end = update->n - first < CHUNK ? update->n : first + CHUNK;

    return (struct range){first, end};
}

static void nesterov_task(void *argument, size_t task, size_t worker)
{
    const struct trn_update *u = argument;
    struct range range = task_range(u, task);
    float decay = u->rate * u->l2;

    (void)worker;
    for (size_t i = range.first; i < range.end; i++) {
        float d = u->gradient[i] + decay * u->weights[i];

        d = !u->keep || u->keep[i] ? d : 0.0f;
        u->first[i] = !u->keep || u->keep[i] ? u->momentum * u->first[i] + d : 0.0f;
        u->weights[i] -= u->momentum * u->first[i] + d;
    }
}

static void sgd_task(void *argument, size_t task, size_t worker)
{
    const struct trn_update *u = argument;
    struct range range = task_range(u, task);
    float *restrict w = u->weights, *restrict v = u->first;
    const float *restrict g = u->gradient;
    const uint8_t *restrict keep = u->keep;
    float decay = u->rate * u->l2;

    (void)worker;
    if (g) {
        for (size_t i = range.first; i < range.end; i++)
            v[i] = u->momentum * v[i] + g[i];
    }
    if (decay != 0.0f) {
        for (size_t i = range.first; i < range.end; i++)
            v[i] += decay * w[i];
    }
    if (!keep) {
        for (size_t i = range.first; i < range.end; i++)
            w[i] -= v[i];
        return;
    }
    for (size_t i = range.first; i < range.end; i++) {
        v[i] = keep[i] ? v[i] : 0.0f;
        w[i] -= v[i];
    }
}

void trn_update_sgd(trnnsf_context *ctx, const struct trn_update *update)
{
    trn_parallel(ctx, (update->n + CHUNK - 1) / CHUNK,
                 update->nesterov ? nesterov_task : sgd_task, (void *)update);
}

static void adam_task(void *argument, size_t task, size_t worker)
{
    const struct trn_update *u = argument;
    struct range range = task_range(u, task);
    float *restrict w = u->weights, *restrict m = u->first, *restrict v = u->second;
    const float *restrict gradient = u->gradient;
    const uint8_t *restrict keep = u->keep;
    float rest1 = 1.0f - u->beta1, rest2 = 1.0f - u->beta2;

    (void)worker;
    for (size_t i = range.first; i < range.end; i++) {
        float g = gradient[i] + u->l2 * w[i];

        m[i] = u->beta1 * m[i] + rest1 * g;
        v[i] = u->beta2 * v[i] + rest2 * (g * g);
    }
    if (keep) {
        for (size_t i = range.first; i < range.end; i++) {
            m[i] = keep[i] ? m[i] : 0.0f;
            v[i] = keep[i] ? v[i] : 0.0f;
        }
    }
    for (size_t i = range.first; i < range.end; i++)
        w[i] -= u->rate * m[i] / (sqrtf(v[i]) + u->epsilon);
}

void trn_update_adam(trnnsf_context *ctx, const struct trn_update *update)
{
    trn_parallel(ctx, (update->n + CHUNK - 1) / CHUNK, adam_task, (void *)update);
}
