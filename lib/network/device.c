#include "network/device.h"

#include <string.h>

#include "base/pool.h"

enum { CHUNK = 16384 }; /* values a task, chosen here: 64 KiB stay in a second-level cache */

struct work {
    const struct trn_level_grid *grid;
    const float *signs;
    const uint8_t *keep;
    const float *from;
    size_t n;
    float *to;
};

static size_t end_of(const struct work *work, size_t task)
{
    return work->n - task * CHUNK < CHUNK ? work->n : (task + 1) * CHUNK;
}

static void clip_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const float *signs = work->signs;
    float range = work->grid->range, *to = work->to;
    size_t end = end_of(work, task);

    (void)worker;
    for (size_t i = task * CHUNK; i < end; i++) {
        float value = to[i] > range ? range : to[i];
        to[i] = value < -range ? -range : value;
    }
    for (size_t i = task * CHUNK; signs && i < end; i++)
        to[i] = to[i] * signs[i] > 0.0f ? to[i] : 0.0f;
}

static void levels_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task * CHUNK, end = end_of(work, task);
    struct work clip = *work;
    struct trn_steps steps = work->grid->unipolar
                                 ? trn_steps_unsigned(work->grid->range, work->grid->levels)
                                 : trn_steps_signed(work->grid->range, work->grid->levels);
    float *to = work->to;

    if (to != work->from)
        memcpy(to + first, work->from + first, (end - first) * sizeof *to);
    clip_task(&clip, task, worker);
    for (size_t i = first; steps.step > 0.0f && i < end; i++) {
        float value = trn_nearest(steps, to[i] < 0.0f ? -to[i] : to[i]);
        to[i] = to[i] < 0.0f ? -value : value;
    }
    for (size_t i = first; i < end; i++)
        to[i] = (work->keep && !work->keep[i]) || to[i] == 0.0f ? 0.0f : to[i]; /* no -0 */
}

void trn_device_levels(trnnsf_context *ctx, const struct trn_level_grid *grid, const float *signs,
                       const uint8_t *keep, size_t n, const float *from, float *to)
{
    struct work work = {grid, signs, keep, from, n, to};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, levels_task, &work);
}

void trn_device_clip(trnnsf_context *ctx, const struct trn_level_grid *grid, const float *signs,
                     size_t n, float *values)
{
    struct work work = {grid, signs, NULL, values, n, values};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, clip_task, &work);
}
