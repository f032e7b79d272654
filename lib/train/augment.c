#include "train/augment.h"

#include <stdbool.h>
#include <trnnsf/trainer.h>

#include "base/pool.h"
#include "base/random.h"

struct work {
    const struct trn_augment *how;
    const struct trnnsf_dataset *dataset;
    const uint32_t *index;
    float *values;
};

/* One sample's draws. */
struct moves {
    size_t shift; /* places to the right, below the width */
    ptrdiff_t down, right; /* of the window on the padded image */
    bool flip;
};

static struct trn_random stream_of(const struct trn_augment *how, uint32_t purpose, uint32_t sample)
{
    struct trn_random random;

    trn_random_init(&random, how->seed, purpose, how->epoch);
    trn_random_seek(&random, sample);
    return random;
}

static size_t draw_shift(const struct trn_augment *how, uint32_t sample, size_t width)
{
    struct trn_random random = stream_of(how, TRN_RANDOM_AUGMENT, sample);

    if (how->shift >= width / 2)
        return trn_random_below(&random, (uint32_t)width);
    return (trn_random_below(&random, 2 * how->shift + 1) + width - how->shift) % width;
}

static ptrdiff_t draw_move(struct trn_random *random, uint32_t most)
{
    return (ptrdiff_t)trn_random_below(random, 2 * most + 1) - (ptrdiff_t)most;
}

static struct moves draw(const struct work *work, uint32_t sample)
{
    const struct trn_augment *how = work->how;
    struct moves moves = {0, 0, 0, false};

    if (how->shift > 0)
        moves.shift = draw_shift(how, sample, work->dataset->width);
    if (how->crop > 0) {
        struct trn_random random = stream_of(how, TRN_RANDOM_CROP, sample);

        moves.down = draw_move(&random, how->crop);
        moves.right = draw_move(&random, how->crop);
    }
    if (how->flip) {
        struct trn_random random = stream_of(how, TRN_RANDOM_FLIP, sample);

        moves.flip = trn_random_below(&random, 2) == 1;
    }
    return moves;
}

/* The pixel that lies at place `at` of an axis, whose places left of 0 and past n are padding; n where
 * it is nought. */
static size_t pixel_at(ptrdiff_t at, size_t n, uint32_t fill)
{
    ptrdiff_t pixels = (ptrdiff_t)n, period;

    if (at >= 0 && at < pixels)
        return (size_t)at;
    switch (fill) {
    case TRNNSF_CROP_EDGE:
        return at < 0 ? 0 : n - 1;
    case TRNNSF_CROP_WRAP:
        return (size_t)((at % pixels + pixels) % pixels);
    case TRNNSF_CROP_REFLECT:
        period = n > 1 ? 2 * (pixels - 1) : 1;
        at = (at % period + period) % period;
        return (size_t)(at < pixels ? at : period - at);
    default:
        return n;
    }
}

static void copy_row(const float *from, size_t width, const struct moves *moves, uint32_t fill,
                     float *to)
{
    for (size_t x = 0; x < width; x++) {
        size_t place = moves->flip ? width - 1 - x : x;
        size_t pixel = pixel_at((ptrdiff_t)place + moves->right, width, fill);
        size_t shifted = pixel < moves->shift ? pixel + width - moves->shift : pixel - moves->shift;

        to[x] = pixel < width ? from[shifted] : 0.0f;
    }
}

static void augment_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const struct trnnsf_dataset *dataset = work->dataset;
    size_t height = dataset->height, width = dataset->width;
    uint32_t sample = work->index[task], fill = work->how->crop_fill;
    const float *from = dataset->part[TRNNSF_PART_TRAIN].values +
                        (size_t)sample * trn_dataset_features(dataset);
    float *to = work->values + task * trn_dataset_features(dataset);
    const struct moves moves = draw(work, sample);

    (void)worker;
    for (size_t c = 0; c < dataset->channels; c++, from += height * width) {
        for (size_t y = 0; y < height; y++, to += width) {
            size_t row = pixel_at((ptrdiff_t)y + moves.down, height, fill);

            for (size_t x = 0; row == height && x < width; x++)
                to[x] = 0.0f;
            if (row < height)
                copy_row(from + row * width, width, &moves, fill, to);
        }
    }
}

void trn_augment_samples(trnnsf_context *ctx, const struct trn_augment *how,
                         const struct trnnsf_dataset *dataset, size_t n, const uint32_t *index,
                         float *values)
{
    struct work work = {how, dataset, index, values};

    trn_parallel(ctx, n, augment_task, &work);
}
