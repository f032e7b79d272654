/* Training images cut out of padded ones, and mirrored: against plain padding, how often, on any threads. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "network/reference.h"
#include "train/augment.h"
#include "train/cases.h"

enum { SAMPLES = 1500, CHANNELS = 2, HEIGHT = 5, WIDTH = 6, MOST_PAD = 2 };
enum { FEATURES = CHANNELS * HEIGHT * WIDTH, MOVES = 2 * MOST_PAD + 1 };

static trnnsf_dataset *make_images(trnnsf_context *ctx)
{
    float *values = random_floats(91, SAMPLES * FEATURES);
    uint32_t *labels = random_labels(92, SAMPLES, 5);
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, CHANNELS, HEIGHT, WIDTH, 5, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

/* The image with `pad` pixels around, column by column and row by row from the inside out. */
static void pad_image(const float *image, int pad, uint32_t fill,
                      float padded[HEIGHT + 2 * MOST_PAD][WIDTH + 2 * MOST_PAD])
{
    for (int y = 0; y < HEIGHT; y++) {
        float *row = padded[y + pad];

        memcpy(row + pad, image + y * WIDTH, WIDTH * sizeof *row);
        for (int i = 1; i <= pad; i++) {
            const float left[] = {0, row[pad], row[pad + i], row[pad - i + WIDTH]};
            const float right[] = {0, row[pad + WIDTH - 1], row[pad + WIDTH - 1 - i],
                                   row[pad + i - 1]};

            row[pad - i] = left[fill];
            row[pad + WIDTH - 1 + i] = right[fill];
        }
    }
    for (int i = 1; i <= pad; i++) {
        const int top[] = {-1, pad, pad + i, pad - i + HEIGHT};
        const int bottom[] = {-1, pad + HEIGHT - 1, pad + HEIGHT - 1 - i, pad + i - 1};

        for (int x = 0; x < WIDTH + 2 * pad; x++) {
            padded[pad - i][x] = top[fill] < 0 ? 0 : padded[top[fill]][x];
            padded[pad + HEIGHT - 1 + i][x] = bottom[fill] < 0 ? 0 : padded[bottom[fill]][x];
        }
    }
}

static bool is_window(const float *image, const float *seen, int pad, uint32_t fill, int top,
                      int left, bool flip)
{
    float padded[HEIGHT + 2 * MOST_PAD][WIDTH + 2 * MOST_PAD];

    for (size_t c = 0; c < CHANNELS; c++) {
        pad_image(image + c * HEIGHT * WIDTH, pad, fill, padded);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int column = left + (flip ? WIDTH - 1 - x : x);

                if (seen[c * HEIGHT * WIDTH + (size_t)(y * WIDTH + x)] != padded[top + y][column])
                    return false;
            }
        }
    }
    return true;
}

/* Which place and side `seen` is; the first that fits, which is the only one but for empty windows. */
static size_t window_of(const float *image, const float *seen, int pad, uint32_t fill)
{
    for (int top = 0; top <= 2 * pad; top++) {
        for (int left = 0; left <= 2 * pad; left++) {
            for (int flip = 0; flip < 2; flip++) {
                if (is_window(image, seen, pad, fill, top, left, flip))
                    return (size_t)((top * (2 * pad + 1) + left) * 2 + flip);
            }
        }
    }
    ck_abort_msg("no window of the padded image");
}

static float *augment(trnnsf_context *ctx, const trnnsf_dataset *dataset, struct trn_augment how,
                      const uint32_t *index)
{
    float *values = malloc(SAMPLES * FEATURES * sizeof *values);

    trn_augment_samples(ctx, &how, dataset, SAMPLES, index, values);
    return values;
}

static uint32_t *in_order(void)
{
    uint32_t *order = malloc(SAMPLES * sizeof *order);

    for (uint32_t i = 0; i < SAMPLES; i++)
        order[i] = i;
    return order;
}

/* All windows are as frequent: chi-squared below its mean plus 4.5 deviations. */
START_TEST(windows)
{
    uint32_t fill = (uint32_t)_i % 4, pad = 1 + (uint32_t)_i / 4 % MOST_PAD, flip = (uint32_t)_i / 8;
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    const float *from = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    uint32_t *order = in_order();
    const struct trn_augment how = {
        .seed = 3, .epoch = 4, .crop = pad, .crop_fill = fill, .flip = flip};
    float *seen = augment(ctx, dataset, how, order);
    size_t counts[MOVES * MOVES * 2] = {0}, all = (2 * pad + 1) * (2 * pad + 1) * (1 + flip);
    double chi = 0, mean = (double)SAMPLES / (double)all, degrees = (double)all - 1;

    for (size_t s = 0; s < SAMPLES; s++)
        counts[window_of(from + s * FEATURES, seen + s * FEATURES, (int)pad, fill)]++;
    for (size_t k = 0; k < 2 * (2 * pad + 1) * (2 * pad + 1); k++) {
        if (k % 2 == 0 || flip)
            chi += pow((double)counts[k] - mean, 2) / mean;
        else
            ck_assert_uint_eq(counts[k], 0);
    }
    ck_assert_double_lt(chi, degrees + 4.5 * sqrt(2 * degrees));
    free(seen);
    free(order);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Rotation, crop and flip in turn are each other's input; draws follow from the sample. */
START_TEST(all_together_on_any_threads)
{
    const struct trn_augment how = {8, 1, 2, 1, TRNNSF_CROP_EDGE, 1}, shift = {8, 1, 2, 0, 0, 0},
                             rest = {8, 1, 0, 1, TRNNSF_CROP_EDGE, 1};
    trnnsf_context *one = open_context(1, "reference"), *three = open_context(3, "reference");
    trnnsf_dataset *dataset = make_images(one), *shifted = make_images(one);
    uint32_t *order = in_order(), *labels = random_labels(92, SAMPLES, 5);
    float *first = augment(one, dataset, how, order), *other = augment(three, dataset, how, order);
    float *moved = augment(one, dataset, shift, order), *then;

    ck_assert_mem_eq(first, other, SAMPLES * FEATURES * sizeof *first);
    ck_assert_int_eq(trnnsf_dataset_set(one, shifted, TRNNSF_PART_TRAIN, SAMPLES, moved, labels),
                     TRNNSF_OK);
    then = augment(one, shifted, rest, order);
    ck_assert_mem_eq(first, then, SAMPLES * FEATURES * sizeof *first);
    free(first);
    free(other);
    free(moved);
    free(then);
    free(labels);
    free(order);
    trnnsf_dataset_free(dataset);
    trnnsf_dataset_free(shifted);
    trnnsf_context_free(one);
    trnnsf_context_free(three);
}
END_TEST

static trnnsf_network *train_on(uint32_t threads, uint32_t crop, uint32_t flip)
{
    static const size_t sizes[3] = {FEATURES, 12, 5};
    struct trnnsf_trainer_options options = small_options(TRNNSF_OPTIMISER_ADAM);
    trnnsf_context *ctx = open_context(threads, "reference");
    trnnsf_dataset *dataset = make_images(ctx);
    trnnsf_network *network;
    trnnsf_trainer *trainer;

    options.crop = crop;
    options.flip = flip;
    options.loss = TRNNSF_LOSS_SQUARED;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 2);
    trnnsf_trainer_free(trainer);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    return network;
}

static bool same_weights(const trnnsf_network *a, const trnnsf_network *b)
{
    return memcmp(trnnsf_network_weights(a, 0), trnnsf_network_weights(b, 0),
                  12 * FEATURES * sizeof(float)) == 0;
}

START_TEST(trainings_have_the_same_bits)
{
    trnnsf_network *one = train_on(1, 2, 1), *three = train_on(3, 2, 1);
    trnnsf_network *cropped = train_on(2, 2, 0), *plain = train_on(2, 0, 0);

    ck_assert(same_weights(one, three));
    ck_assert(!same_weights(one, cropped));
    ck_assert(!same_weights(cropped, plain));
    trnnsf_network_free(one);
    trnnsf_network_free(three);
    trnnsf_network_free(cropped);
    trnnsf_network_free(plain);
}
END_TEST

START_TEST(hostile)
{
    static const size_t sizes[2] = {FEATURES, 5}, flat_sizes[2] = {40, 5};
    trnnsf_context *ctx = open_context(1, "reference");
    trnnsf_dataset *images = make_images(ctx), *flat = make_dataset(ctx, 50, 40, 5);
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    trnnsf_network *network, *flat_network;
    trnnsf_trainer *trainer = NULL;

    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 2, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_create(ctx, flat_sizes, 2, NULL, &flat_network), TRNNSF_OK);
    options.crop = 5;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, images, &options, &trainer),
                     TRNNSF_E_MISMATCH);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "crop 5 is not below"));
    options.crop = 65536;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, images, &options, &trainer),
                     TRNNSF_E_INVALID);
    options.crop = 1;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, flat_network, flat, &options, &trainer),
                     TRNNSF_E_MISMATCH);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "height of 1"));
    options.crop_fill = 4;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, images, &options, &trainer),
                     TRNNSF_E_INVALID);
    options.crop_fill = 0;
    options.flip = 2;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, images, &options, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(trainer);
    trnnsf_network_free(network);
    trnnsf_network_free(flat_network);
    trnnsf_dataset_free(images);
    trnnsf_dataset_free(flat);
    trnnsf_context_free(ctx);
}
END_TEST

TCase *crop_case(void)
{
    TCase *tcase = tcase_create("crop");

    tcase_add_loop_test(tcase, windows, 0, 16);
    tcase_add_test(tcase, all_together_on_any_threads);
    tcase_add_test(tcase, trainings_have_the_same_bits);
    tcase_add_test(tcase, hostile);
    return tcase;
}
