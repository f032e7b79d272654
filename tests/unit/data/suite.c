/* data/: parts, split, grey. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "data/dataset.h"
#include "data/grey.h"
#include "data/mirror.h"
#include "data/standardise.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

#define EXPECT(call, wanted, fragment)                                                             \
    do {                                                                                           \
        ck_assert_int_eq((call), (wanted));                                                        \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), (fragment)) != NULL, "error is '%s'",      \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

/* Sample i has the features i, i + 0.25 and the label i % 3. */
static trnnsf_dataset *numbered(size_t n)
{
    trnnsf_dataset *dataset;
    float *values = malloc((2 * n + 1) * sizeof *values);
    uint32_t *labels = malloc((n + 1) * sizeof *labels);

    for (size_t i = 0; i < n; i++) {
        values[2 * i] = (float)i;
        values[2 * i + 1] = (float)i + 0.25f;
        labels[i] = (uint32_t)(i % 3);
    }
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 2, 3, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels),
                     TRNNSF_OK);
    free(values);
    free(labels);
    return dataset;
}

START_TEST(parts_are_copied)
{
    trnnsf_dataset *dataset;
    float values[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    uint32_t labels[2] = {1, 0};

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 2, 3, 2, &dataset), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_features(dataset), 6);
    ck_assert_uint_eq(trnnsf_dataset_height(dataset), 2);
    ck_assert_uint_eq(trnnsf_dataset_width(dataset), 3);
    ck_assert_uint_eq(trnnsf_dataset_channels(dataset), 1);
    ck_assert_uint_eq(trnnsf_dataset_classes(dataset), 2);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, 2, values, labels),
                     TRNNSF_OK);
    values[7] = 99;
    labels[0] = 7;
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[7], 7);
    ck_assert_uint_eq(trnnsf_dataset_labels(dataset, TRNNSF_PART_TEST)[0], 1);
    ck_assert_ptr_null(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN));
    /* An empty part takes the old one's place. */
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, 0, NULL, NULL), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TEST), 0);
    ck_assert_ptr_null(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST));
    trnnsf_dataset_free(dataset);
}
END_TEST

/* Every sample is in exactly one part, whole, with its label, in the old order. */
static void check_split(const trnnsf_dataset *dataset, size_t n)
{
    unsigned *seen = calloc(n + 1, sizeof *seen);

    for (uint32_t part = TRNNSF_PART_TRAIN; part <= TRNNSF_PART_VALIDATION; part++) {
        const float *values = trnnsf_dataset_values(dataset, part);

        for (size_t i = 0; i < trnnsf_dataset_samples(dataset, part); i++) {
            size_t sample = (size_t)values[2 * i];

            ck_assert_uint_lt(sample, n);
            ck_assert_float_eq(values[2 * i + 1], values[2 * i] + 0.25f);
            ck_assert_uint_eq(trnnsf_dataset_labels(dataset, part)[i], sample % 3);
            ck_assert(i == 0 || values[2 * i] > values[2 * i - 2]);
            seen[sample]++;
        }
    }
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(seen[i], 1);
    free(seen);
}

START_TEST(split_moves_each_sample_once)
{
    static const double fractions[] = {0, 0.001, 0.1, 0.5, 0.999};

    for (size_t n = 1; n < 2000; n = n * 3 + 1) {
        for (size_t f = 0; f < sizeof fractions / sizeof *fractions; f++) {
            trnnsf_dataset *dataset = numbered(n);
            size_t expected = (size_t)floor(fractions[f] * (double)n + 0.5);

            ck_assert_int_eq(trnnsf_dataset_split(ctx, dataset, fractions[f], n), TRNNSF_OK);
            ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION),
                              expected < n ? expected : n - 1);
            check_split(dataset, n);
            trnnsf_dataset_free(dataset);
        }
    }
}
END_TEST

static bool same_validation(const trnnsf_dataset *a, const trnnsf_dataset *b)
{
    size_t n = trnnsf_dataset_samples(a, TRNNSF_PART_VALIDATION);

    return n == trnnsf_dataset_samples(b, TRNNSF_PART_VALIDATION) &&
           memcmp(trnnsf_dataset_values(a, TRNNSF_PART_VALIDATION),
                  trnnsf_dataset_values(b, TRNNSF_PART_VALIDATION), n * 2 * sizeof(float)) == 0;
}

START_TEST(split_depends_on_the_seed_alone)
{
    trnnsf_dataset *a = numbered(500), *b = numbered(500), *c = numbered(500);

    ck_assert_int_eq(trnnsf_dataset_split(ctx, a, 0.2, 7), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_split(ctx, b, 0.2, 7), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_split(ctx, c, 0.2, 8), TRNNSF_OK);
    ck_assert(same_validation(a, b));
    ck_assert(!same_validation(a, c));
    trnnsf_dataset_free(a);
    trnnsf_dataset_free(b);
    trnnsf_dataset_free(c);
}
END_TEST

START_TEST(second_split_adds)
{
    trnnsf_dataset *dataset = numbered(100);
    float first;

    ck_assert_int_eq(trnnsf_dataset_split(ctx, dataset, 0.2, 1), TRNNSF_OK);
    first = trnnsf_dataset_values(dataset, TRNNSF_PART_VALIDATION)[0];
    ck_assert_int_eq(trnnsf_dataset_split(ctx, dataset, 0.5, 2), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 60);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN), 40);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_VALIDATION)[0], first);
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(grey_is_luma)
{
    /* Two samples of two pixels: planes red, green, blue. */
    float values[12] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1};

    trn_grey(2, 2, values);
    ck_assert_float_eq_tol(values[0], 0.299f, 1e-7f);
    ck_assert_float_eq_tol(values[1], 0.587f, 1e-7f);
    ck_assert_float_eq_tol(values[2], 0.114f, 1e-7f);
    ck_assert_float_eq_tol(values[3], 1.0f, 1e-7f);
}
END_TEST

/* By the training part alone: its features have mean 0, all together deviation 1. */
START_TEST(standardised_by_the_training_part)
{
    trnnsf_dataset *dataset = numbered(101);
    const float test[4] = {50, 50.25f, 0, 0};
    const uint32_t labels[2] = {0, 0};
    double sum[2] = {0, 0}, square = 0;
    const float *values;

    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, 2, test, labels),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_dataset_standardise(ctx, dataset), TRNNSF_OK);
    values = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    for (size_t i = 0; i < 202; i++) {
        sum[i % 2] += (double)values[i];
        square += (double)values[i] * (double)values[i];
    }
    ck_assert_double_eq_tol(sum[0], 0, 1e-4);
    ck_assert_double_eq_tol(sum[1], 0, 1e-4);
    ck_assert_double_eq_tol(square / 202, 1, 1e-3);
    /* The mean of the features is 50 and 50.25. */
    ck_assert_float_eq_tol(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[0], 0, 1e-6f);
    ck_assert_float_eq_tol(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[1], 0, 1e-6f);
    trnnsf_dataset_free(dataset);
    dataset = numbered(1); /* no spread but between the two features */
    ck_assert_int_eq(trn_dataset_standardise(ctx, dataset), TRNNSF_OK);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[0], 0);
    trnnsf_dataset_free(dataset);
}
END_TEST

/* Each channel of the training part has mean 0 and deviation 1; one without spread is only moved. */
START_TEST(standardised_channels)
{
    float values[5 * 3 * 4], other[3 * 4] = {3, 3, 3, 3, 7, 7, 7, 7, 50, 50, 50, 50};
    uint32_t labels[5] = {0};
    trnnsf_dataset *dataset;

    for (size_t i = 0; i < 60; i++)
        values[i] = i / 4 % 3 == 1 ? 7 : i / 4 % 3 == 2 ? (float)(i * i % 13) : (float)(i % 5);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 3, 2, 2, 1, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, 5, values, labels),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, 1, other, labels),
                     TRNNSF_OK);
    trn_dataset_standardise_channels(dataset);
    for (size_t c = 0; c < 3; c++) {
        const float *train = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
        double sum = 0, square = 0, before = 0, spread = 0;

        for (size_t i = 0; i < 60; i++) {
            sum += i / 4 % 3 == c ? (double)train[i] : 0;
            square += i / 4 % 3 == c ? (double)train[i] * (double)train[i] : 0;
            before += i / 4 % 3 == c ? (double)values[i] / 20 : 0;
        }
        for (size_t i = 0; i < 60; i++)
            spread += i / 4 % 3 == c ? pow((double)values[i] - before, 2) / 20 : 0;
        ck_assert_double_eq_tol(sum, 0, 1e-5);
        ck_assert_double_eq_tol(square / 20, c == 1 ? 0 : 1, 1e-5);
        spread = spread > 1e-9 ? sqrt(spread) : 1;
        ck_assert_double_eq_tol((double)trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[4 * c],
                                ((double)other[4 * c] - before) / spread, 1e-5);
    }
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(other_shapes)
{
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 24, 2, &dataset), TRNNSF_OK);
    EXPECT(trn_dataset_shape(ctx, dataset, 3, 2, 5), TRNNSF_E_INVALID,
           "images of 3 x 2 x 5 have not the 24 features");
    EXPECT(trn_dataset_shape(ctx, dataset, 0, 2, 12), TRNNSF_E_INVALID, "channels 0");
    EXPECT(trn_dataset_shape(ctx, dataset, SIZE_MAX, 2, 12), TRNNSF_E_LIMIT, "exceed");
    ck_assert_uint_eq(trnnsf_dataset_width(dataset), 24);
    ck_assert_int_eq(trn_dataset_shape(ctx, dataset, 3, 2, 4), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_channels(dataset), 3);
    ck_assert_uint_eq(trnnsf_dataset_height(dataset), 2);
    ck_assert_uint_eq(trnnsf_dataset_width(dataset), 4);
    trnnsf_dataset_free(dataset);
}
END_TEST

/* The last ones go, in their order. */
START_TEST(split_of_the_last)
{
    trnnsf_dataset *dataset = numbered(10);
    float last[2];

    memcpy(last, trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN) + 18, sizeof last);
    ck_assert_int_eq(trn_dataset_split_last(ctx, dataset, 0.3), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN), 7);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 3);
    ck_assert_mem_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_VALIDATION) + 4, last, sizeof last);
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(mirrored)
{
    trnnsf_dataset *dataset = numbered(9);
    float before[18];

    ck_assert_int_eq(trnnsf_dataset_split(ctx, dataset, 0.3, 1), TRNNSF_OK);
    memcpy(before, trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN), 12 * sizeof *before);
    ck_assert_int_eq(trn_dataset_mirror(ctx, dataset), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_dataset_features(dataset), 4);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 3);
    for (size_t i = 0; i < 12; i++) {
        const float *values = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);

        ck_assert_float_eq(values[i / 2 * 4 + i % 2], before[i]);
        ck_assert_float_eq(values[i / 2 * 4 + 2 + i % 2], -before[i]);
    }
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(hostile_arguments)
{
    trnnsf_dataset *dataset = numbered(3), *none = NULL;
    float bad[2] = {0, NAN}, good[2] = {0, 0};
    uint32_t label = 3, fine = 0;

    ck_assert_int_eq(trnnsf_dataset_create(NULL, 1, 1, 1, 1, &none), TRNNSF_E_INVALID);
    EXPECT(trnnsf_dataset_create(ctx, 0, 1, 1, 1, &none), TRNNSF_E_INVALID, "channels 0");
    EXPECT(trnnsf_dataset_create(ctx, SIZE_MAX, 2, 1, 1, &none), TRNNSF_E_LIMIT, "exceed");
    EXPECT(trnnsf_dataset_create(ctx, 1, 1, (1u << 24) + 1, 1, &none), TRNNSF_E_LIMIT, "exceed");
    EXPECT(trnnsf_dataset_create(ctx, 1, 1, 1, 0, &none), TRNNSF_E_INVALID, "n_classes 0");
    EXPECT(trnnsf_dataset_create(ctx, 1, 1, 1, 70000, &none), TRNNSF_E_LIMIT, "n_classes 70000");
    EXPECT(trnnsf_dataset_create(ctx, 1, 1, 1, 1, NULL), TRNNSF_E_INVALID, "out_dataset");
    ck_assert_ptr_null(none);

    ck_assert_int_eq(trnnsf_dataset_set(NULL, dataset, 0, 1, good, &fine), TRNNSF_E_INVALID);
    EXPECT(trnnsf_dataset_set(ctx, NULL, 0, 1, good, &fine), TRNNSF_E_INVALID, "dataset is NULL");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 0, 1, NULL, &fine), TRNNSF_E_INVALID, "features is");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 0, 1, good, NULL), TRNNSF_E_INVALID, "labels is");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 3, 1, good, &fine), TRNNSF_E_INVALID, "part 3");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 0, SIZE_MAX, good, &fine), TRNNSF_E_LIMIT, "n_samples");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 0, 1, bad, &fine), TRNNSF_E_NUMERIC,
           "feature 1 of sample 0");
    EXPECT(trnnsf_dataset_set(ctx, dataset, 0, 1, good, &label), TRNNSF_E_INVALID,
           "label 3 of sample 0");
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN), 3);

    ck_assert_int_eq(trnnsf_dataset_split(NULL, dataset, 0.1, 1), TRNNSF_E_INVALID);
    EXPECT(trnnsf_dataset_split(ctx, NULL, 0.1, 1), TRNNSF_E_INVALID, "dataset is NULL");
    EXPECT(trnnsf_dataset_split(ctx, dataset, 1.0, 1), TRNNSF_E_INVALID, "fraction 1");
    EXPECT(trnnsf_dataset_split(ctx, dataset, -0.1, 1), TRNNSF_E_INVALID, "fraction -0.1");
    EXPECT(trnnsf_dataset_split(ctx, dataset, NAN, 1), TRNNSF_E_INVALID, "nan");
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(null_is_empty)
{
    trnnsf_dataset *dataset = numbered(2);

    trnnsf_dataset_free(NULL);
    trnnsf_dataset_options_init(NULL);
    ck_assert_uint_eq(trnnsf_dataset_features(NULL), 0);
    ck_assert_uint_eq(trnnsf_dataset_samples(NULL, 0), 0);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, 3), 0);
    ck_assert_ptr_null(trnnsf_dataset_values(dataset, UINT32_MAX));
    ck_assert_ptr_null(trnnsf_dataset_labels(NULL, 0));
    trnnsf_dataset_free(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data");
    TCase *tests = tcase_create("data");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, parts_are_copied);
    tcase_add_test(tests, split_moves_each_sample_once);
    tcase_add_test(tests, split_depends_on_the_seed_alone);
    tcase_add_test(tests, second_split_adds);
    tcase_add_test(tests, grey_is_luma);
    tcase_add_test(tests, standardised_by_the_training_part);
    tcase_add_test(tests, split_of_the_last);
    tcase_add_test(tests, mirrored);
    tcase_add_test(tests, standardised_channels);
    tcase_add_test(tests, other_shapes);
    tcase_add_test(tests, hostile_arguments);
    tcase_add_test(tests, null_is_empty);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
