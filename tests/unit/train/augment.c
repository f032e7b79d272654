/* Training samples moved along their width: which places, how often; trainings that use them. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "network/reference.h"
#include "train/augment.h"
#include "train/cases.h"

enum {
    SAMPLES = 2000,
    CHANNELS = 2,
    HEIGHT = 3,
    WIDTH = 12,
    ROWS = CHANNELS * HEIGHT,
    FEATURES = ROWS * WIDTH
};

/* Mirrored: the second channel is the first one negated. */
static trnnsf_dataset *make_rows(trnnsf_context *ctx)
{
    float *values = random_floats(71, SAMPLES * FEATURES);
    uint32_t *labels = random_labels(72, SAMPLES, 5);
    trnnsf_dataset *dataset;

    for (size_t i = 0; i < SAMPLES * FEATURES; i++) {
        if (i % FEATURES >= FEATURES / 2)
            values[i] = -values[i - FEATURES / 2];
    }
    ck_assert_int_eq(trnnsf_dataset_create(ctx, CHANNELS, HEIGHT, WIDTH, 5, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

/* The one number of places that makes `moved` of `from`, all rows alike. */
static size_t places(const float *from, const float *moved)
{
    for (size_t shift = 0; shift < WIDTH; shift++) {
        bool same = true;

        for (size_t i = 0; i < FEATURES && same; i++) {
            size_t row = i / WIDTH, column = i % WIDTH;

            same = moved[row * WIDTH + (column + shift) % WIDTH] == from[i];
        }
        if (same)
            return shift;
    }
    ck_abort_msg("no rotation of the sample");
}

static float *augment(trnnsf_context *ctx, const trnnsf_dataset *dataset, struct trn_augment how,
                      const uint32_t *index)
{
    float *values = calloc(SAMPLES * FEATURES, sizeof *values);

    trn_augment_samples(ctx, &how, dataset, SAMPLES, index, values);
    return values;
}

/* Each sample is itself, moved; all places within the limit are as frequent (chi-squared below its
 * 99.9 % point of at most 11 degrees: 31.3), others do not come. A limit of half the width or more
 * allows all. */
START_TEST(rotations)
{
    static const uint32_t limits[] = {1, 3, 5, 6, 7, 12, 65536};
    uint32_t limit = limits[_i];
    size_t counts[WIDTH] = {0}, allowed = limit < WIDTH / 2 ? 2 * limit + 1 : WIDTH;
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_dataset *dataset = make_rows(ctx);
    const float *from = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    uint32_t *order = random_labels(73, SAMPLES, SAMPLES);
    float *moved = augment(ctx, dataset, (struct trn_augment){5, 2, limit, 0, 0, 0}, order);
    double chi = 0, mean = (double)SAMPLES / (double)allowed;

    for (size_t s = 0; s < SAMPLES; s++)
        counts[places(from + order[s] * FEATURES, moved + s * FEATURES)]++;
    for (size_t k = 0; k < WIDTH; k++) {
        if (k <= limit || WIDTH - k <= limit)
            chi += pow((double)counts[k] - mean, 2) / mean;
        else
            ck_assert_uint_eq(counts[k], 0);
    }
    /* Samples drawn twice into the order move alike: about twice the chance's spread. */
    ck_assert_double_lt(chi, 2 * 31.3);
    free(moved);
    free(order);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* Draws follow from seed, epoch and sample: the same wherever it stands and on any threads. */
START_TEST(streams)
{
    static const struct trn_augment hows[] = {
        {5, 2, 6, 0, 0, 0}, {6, 2, 6, 0, 0, 0}, {5, 3, 6, 0, 0, 0}};
    trnnsf_context *one = open_context(1, "reference"), *three = open_context(3, "reference");
    trnnsf_dataset *dataset = make_rows(one);
    uint32_t *order = random_labels(73, SAMPLES, SAMPLES),
             *turned = calloc(SAMPLES, sizeof *turned);
    float *first = augment(one, dataset, hows[0], order), *other;

    for (size_t s = 0; s < SAMPLES; s++)
        turned[s] = order[SAMPLES - 1 - s];
    other = augment(three, dataset, hows[0], turned);
    for (size_t s = 0; s < SAMPLES; s++)
        ck_assert_mem_eq(first + s * FEATURES, other + (SAMPLES - 1 - s) * FEATURES,
                         FEATURES * sizeof *first);
    free(other);
    for (size_t k = 1; k < 3; k++) {
        size_t same = 0;

        other = augment(three, dataset, hows[k], order);
        for (size_t s = 0; s < SAMPLES; s++)
            same +=
                memcmp(first + s * FEATURES, other + s * FEATURES, FEATURES * sizeof *first) == 0;
        ck_assert_double_eq_tol((double)same / SAMPLES, 1.0 / WIDTH, 0.05);
        free(other);
    }
    free(turned);
    free(first);
    free(order);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(one);
    trnnsf_context_free(three);
}
END_TEST

static trnnsf_network *train_shifted(uint32_t threads, uint32_t shift, uint32_t epochs)
{
    static const size_t sizes[3] = {FEATURES, 16, 5};
    struct trnnsf_trainer_options options = small_options(TRNNSF_OPTIMISER_ADAM);
    trnnsf_context *ctx = open_context(threads, "reference");
    trnnsf_dataset *dataset = make_rows(ctx);
    trnnsf_network *network;
    trnnsf_trainer *trainer;

    options.shift = shift;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, NULL, &network), TRNNSF_OK);
    options.loss = TRNNSF_LOSS_SQUARED;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, epochs);
    trnnsf_trainer_free(trainer);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    return network;
}

static bool same_weights(const trnnsf_network *a, const trnnsf_network *b)
{
    return memcmp(trnnsf_network_weights(a, 0), trnnsf_network_weights(b, 0),
                  16 * FEATURES * sizeof(float)) == 0;
}

START_TEST(same_bits_for_any_thread_count)
{
    trnnsf_network *one = train_shifted(1, 4, 2), *three = train_shifted(3, 4, 2);
    trnnsf_network *plain = train_shifted(2, 0, 2);

    ck_assert(same_weights(one, three));
    ck_assert(!same_weights(one, plain));
    trnnsf_network_free(one);
    trnnsf_network_free(three);
    trnnsf_network_free(plain);
}
END_TEST

/* Each of two rows has a bump at a random place, up or down: four classes, which no movement
 * changes. Few samples do not show them at all places, unless they are moved. */
enum { FEW = 24, MANY = 960, STEP = 24 };

static trnnsf_dataset *make_bumps(trnnsf_context *ctx)
{
    const size_t counts[2] = {FEW, MANY};
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 2, STEP, 4, &dataset), TRNNSF_OK);
    for (uint32_t part = 0; part < 2; part++) {
        float *values = random_floats(80 + part, counts[part] * 2 * STEP);
        uint32_t *labels = random_labels(82 + part, counts[part], 4);
        uint32_t *at = random_labels(84 + part, counts[part], STEP);

        for (size_t s = 0; s < counts[part]; s++) {
            for (size_t row = 0; row < 2; row++) {
                float *bump = values + (2 * s + row) * STEP;

                for (size_t i = 0; i < STEP; i++)
                    bump[i] *= 0.1f;
                for (size_t i = 0; i < 4; i++)
                    bump[(at[s] + i) % STEP] += labels[s] >> row & 1 ? 1.0f : -1.0f;
            }
        }
        ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset,
                                            part ? TRNNSF_PART_TEST : TRNNSF_PART_TRAIN,
                                            counts[part], values, labels),
                         TRNNSF_OK);
        free(values);
        free(labels);
        free(at);
    }
    return dataset;
}

static double accuracy(trnnsf_context *ctx, const trnnsf_dataset *dataset, uint32_t shift)
{
    static const size_t sizes[3] = {2 * STEP, 32, 4};
    struct trnnsf_trainer_options options = small_options(TRNNSF_OPTIMISER_ADAM);
    struct trnnsf_network_options shape = TRNNSF_NETWORK_OPTIONS_INIT;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_network *network;
    trnnsf_trainer *trainer;

    shape.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    shape.init = TRNNSF_INIT_HE;
    shape.init_scale = 1;
    options.shift = shift;
    options.rate = 0.01;
    options.hidden_dropout = 0;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, &shape, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    train(ctx, trainer, 200);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_TEST,
                                             TRNNSF_LOSS_CROSS_ENTROPY, &result),
                     TRNNSF_OK);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    return result.accuracy;
}

START_TEST(what_moves_is_learnt_everywhere)
{
    trnnsf_context *ctx = open_context(1, "reference");
    trnnsf_dataset *dataset = make_bumps(ctx);
    double plain = accuracy(ctx, dataset, 0), moved = accuracy(ctx, dataset, STEP);

    ck_assert_double_gt(moved, 0.97);
    ck_assert_double_lt(plain, moved - 0.02);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(hostile)
{
    trnnsf_context *ctx = open_context(1, "reference");
    trnnsf_dataset *dataset = make_dataset(ctx, 50, 40, 5);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 0);
    struct trnnsf_trainer_options options = small_options(TRNNSF_OPTIMISER_SGD);
    trnnsf_trainer *trainer = NULL;

    options.shift = 65537;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "shift 65537"));
    options.shift = 0;
    options.reserved_2 = 1;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

TCase *augment_case(void)
{
    TCase *tcase = tcase_create("augment");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, rotations, 0, 7);
    tcase_add_test(tcase, streams);
    tcase_add_test(tcase, same_bits_for_any_thread_count);
    tcase_add_test(tcase, what_moves_is_learnt_everywhere);
    tcase_add_test(tcase, hostile);
    return tcase;
}
