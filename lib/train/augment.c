#include "train/augment.h"

#include <stdbool.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"

struct work {
    const struct trn_augment *how;
    const struct trnnsf_dataset *dataset;
    const uint32_t *index;
    float *values;
};

/* Places to the right, below the width. */
static size_t draw_shift(const struct trn_augment *how, uint32_t sample, size_t width)
{
    struct trn_random random;
    bool any = how->shift >= width / 2;

    trn_random_init(&random, how->seed, TRN_RANDOM_AUGMENT, how->epoch);
    trn_random_seek(&random, sample);
    if (any)
        return trn_random_below(&random, (uint32_t)width);
    return (trn_random_below(&random, 2 * how->shift + 1) + width - how->shift) % width;
}

static void augment_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t n_features = trn_dataset_features(work->dataset), width = work->dataset->width;
    uint32_t sample = work->index[task];
    const float *from = work->dataset->part[TRNNSF_PART_TRAIN].values + (size_t)sample * n_features;
    float *to = work->values + task * n_features;
    size_t shift = draw_shift(work->how, sample, width);

    (void)worker;
    for (size_t row = 0; row < n_features; row += width) {
        memcpy(to + row + shift, from + row, (width - shift) * sizeof(float));
        memcpy(to + row, from + row + width - shift, shift * sizeof(float));
    }
}

void trn_augment_samples(trnnsf_context *ctx, const struct trn_augment *how,
                         const struct trnnsf_dataset *dataset, size_t n, const uint32_t *index,
                         float *values)
{
    struct work work = {how, dataset, index, values};

    trn_parallel(ctx, n, augment_task, &work);
}
