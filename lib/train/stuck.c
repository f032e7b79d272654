#include <math.h>

#include "base/pool.h"
#include "base/random.h"
#include "train/device.h"

/* Values a task, one random word each: 16 KiB. */
enum { BLOCKS = 1024, VALUES = 4 * BLOCKS };

struct work {
    const struct trn_stuck *stuck;
    const uint8_t *keep;
    const float *signs;
    uint32_t on, off; /* 16 random bits below `on` are stuck on, below `off` stuck */
    size_t n;
    float *values;
};

/* What a device of conductance `size` shows. */
static inline float device(const struct work *work, uint32_t bits, float size)
{
    return bits < work->on ? work->stuck->range : bits < work->off ? 0.0f : size;
}

static void stuck_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const struct trn_stuck *stuck = work->stuck;
    size_t first = task * VALUES, n = work->n - first < VALUES ? work->n - first : VALUES;
    uint32_t words[VALUES];
    struct trn_random random;

    (void)worker;
    trn_random_init(&random, stuck->seed, TRN_RANDOM_STUCK, stuck->layer);
    trn_random_seek(&random, (uint64_t)stuck->epoch << 32 | stuck->batch);
    trn_random_fill(&random, (uint32_t)(task * BLOCKS), BLOCKS, words);
    for (size_t i = 0; i < n; i++) {
        float *value = work->values + first + i;
        uint32_t up = words[i] & 0xFFFF, down = words[i] >> 16;

        if (work->keep && !work->keep[first + i])
            continue;
        if (work->signs)
            *value = work->signs[first + i] * device(work, up, fabsf(*value));
        else
            *value =
                device(work, up, fmaxf(*value, 0.0f)) - device(work, down, fmaxf(-*value, 0.0f));
    }
}

void trn_stick(trnnsf_context *ctx, const struct trn_stuck *stuck, const uint8_t *keep,
               const float *signs, size_t n, float *values)
{
    struct work work = {stuck,
                        keep,
                        signs,
                        (uint32_t)lround(65536 * stuck->on),
                        (uint32_t)lround(65536 * (stuck->on + stuck->off)),
                        n,
                        values};

    if (work.off > 0)
        trn_parallel(ctx, (n + VALUES - 1) / VALUES, stuck_task, &work);
}
