#include "base/pool.h"
#include "base/random.h"
#include "network/vector_math.h"
#include "train/device.h"

/* Values a task: their random words, 16 KiB, stay in the first-level cache. */
enum { BLOCKS = 1024, VALUES = 4 * BLOCKS };

struct work {
    const struct trn_noise *noise;
    const uint8_t *keep;
    size_t n;
    float *values;
};

static void noise_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const struct trn_noise *noise = work->noise;
    size_t first = task * VALUES, n = work->n - first < VALUES ? work->n - first : VALUES;
    uint32_t words[VALUES];
    float normal[VALUES];
    struct trn_random random;

    (void)worker;
    trn_random_init(&random, noise->seed, TRN_RANDOM_WEIGHT_NOISE, noise->layer);
    trn_random_seek(&random, (uint64_t)noise->epoch << 32 | noise->batch);
    trn_random_fill(&random, (uint32_t)(task * BLOCKS), BLOCKS, words);
    trn_box_muller(2 * BLOCKS, words, words + 2 * BLOCKS, normal, normal + 2 * BLOCKS);
    for (size_t i = 0; i < n; i++) {
        float value = work->values[first + i] + noise->sigma * normal[i];
        work->values[first + i] = !work->keep || work->keep[first + i] ? value : 0.0f;
    }
}

void trn_add_noise(trnnsf_context *ctx, const struct trn_noise *noise, const uint8_t *keep,
                   size_t n, float *values)
{
    struct work work = {noise, keep, n, values};

    if (noise->sigma > 0.0f)
        trn_parallel(ctx, (n + VALUES - 1) / VALUES, noise_task, &work);
}
