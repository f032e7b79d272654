/* Dataset folders. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/dataset.h>

#include "io/suite.h"

enum { IDX_HEADER = 16 };

static void write_idx(const char *images, const char *labels, uint8_t count, const uint8_t *pixels,
                      const uint8_t *classes)
{
    uint8_t bytes[256] = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2};
    uint8_t small[64] = {0, 0, 8, 1, 0, 0, 0, count};

    memcpy(bytes + IDX_HEADER, pixels, (size_t)count * 4);
    write_bytes(images, bytes, IDX_HEADER + (size_t)count * 4);
    memcpy(small + 8, classes, count);
    write_bytes(labels, small, 8 + (size_t)count);
}

/* Four training samples of 2 x 2, two of test; `largest` is in the training part. */
static void write_idx_folder(uint8_t largest)
{
    const uint8_t train[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, largest};
    const uint8_t test[8] = {16, 0, 0, 0, 0, 0, 0, 8};
    const uint8_t train_labels[4] = {1, 2, 3, 1}, test_labels[2] = {3, 4};

    write_idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 4, train, train_labels);
    write_idx("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 2, test, test_labels);
}

static trnnsf_dataset *load(double fraction)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;

    options.validation_fraction = fraction;
    EXPECT_OK(trnnsf_dataset_load(ctx, folder(), &options, &dataset));
    return dataset;
}

START_TEST(idx_folder)
{
    trnnsf_dataset *dataset;

    write_idx_folder(255);
    dataset = load(0);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN), 4);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 0);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TEST), 2);
    ck_assert_uint_eq(trnnsf_dataset_height(dataset), 2);
    ck_assert_uint_eq(trnnsf_dataset_width(dataset), 2);
    /* Labels 1 … 4 become 0 … 3. */
    ck_assert_uint_eq(trnnsf_dataset_classes(dataset), 4);
    ck_assert_uint_eq(trnnsf_dataset_labels(dataset, TRNNSF_PART_TRAIN)[2], 2);
    ck_assert_uint_eq(trnnsf_dataset_labels(dataset, TRNNSF_PART_TEST)[1], 3);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[15], 1.0f);
    ck_assert_float_eq_tol(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[5], 5.0f / 255, 1e-7f);
    trnnsf_dataset_free(dataset);

    dataset = load(0.5);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 2);
    trnnsf_dataset_free(dataset);
}
END_TEST

/* Files know features; what they are images of is said, and standardised by its channels. */
START_TEST(shapes_of_samples)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;

    write_idx_folder(255);
    options.channels = 2;
    options.height = 1;
    EXPECT(trnnsf_dataset_load(ctx, folder(), &options, &dataset), TRNNSF_E_INVALID, "width 0");
    options.width = 3;
    EXPECT(trnnsf_dataset_load(ctx, folder(), &options, &dataset), TRNNSF_E_INVALID,
           "images of 2 x 1 x 3");
    options.width = 2;
    options.standardise = 3;
    EXPECT(trnnsf_dataset_load(ctx, folder(), &options, &dataset), TRNNSF_E_INVALID,
           "standardise 3 is not in [0, 2]");
    options.standardise = TRNNSF_STANDARDISE_CHANNELS;
    options.validation_fraction = 0;
    EXPECT_OK(trnnsf_dataset_load(ctx, folder(), &options, &dataset));
    ck_assert_uint_eq(trnnsf_dataset_channels(dataset), 2);
    ck_assert_uint_eq(trnnsf_dataset_height(dataset), 1);
    for (size_t c = 0; c < 2; c++) {
        const float *values = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
        double sum = 0;

        for (size_t i = 0; i < 16; i++)
            sum += i / 2 % 2 == c ? (double)values[i] : 0;
        ck_assert_double_eq_tol(sum, 0, 1e-5);
    }
    trnnsf_dataset_free(dataset);
}
END_TEST

/* The training part alone tells the scale, for both parts. */
START_TEST(bytes_of_few_levels)
{
    trnnsf_dataset *dataset;

    write_idx_folder(16);
    dataset = load(0);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[8], 0.5f);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[0], 1.0f);
    trnnsf_dataset_free(dataset);
    write_idx_folder(17);
    dataset = load(0);
    ck_assert_float_eq_tol(trnnsf_dataset_values(dataset, TRNNSF_PART_TEST)[0], 16.0f / 255, 1e-7f);
    trnnsf_dataset_free(dataset);
}
END_TEST

static void expect_load(uint32_t grey, trnnsf_status wanted, const char *fragment)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;

    options.grey = grey;
    EXPECT(trnnsf_dataset_load(ctx, folder(), &options, &dataset), wanted, fragment);
    ck_assert_ptr_null(dataset);
}

START_TEST(incomplete_folders)
{
    const uint8_t labels[3] = {0, 0, 0}, pixels[12] = {0};

    expect_load(0, TRNNSF_E_NOT_FOUND, "holds no dataset");
    write_idx_folder(255);
    remove(in_folder("t10k-labels-idx1-ubyte"));
    expect_load(0, TRNNSF_E_NOT_FOUND, "no t10k-labels-idx1-ubyte");
    write_idx_folder(255);
    write_idx("other", "train-labels-idx1-ubyte", 3, pixels, labels);
    expect_load(0, TRNNSF_E_MISMATCH, "3 labels for 4 samples");
    write_idx("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 0, pixels, labels);
    expect_load(0, TRNNSF_E_MISMATCH, "3 labels");
    write_idx_folder(255);
    write_idx("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 0, pixels, labels);
    expect_load(0, TRNNSF_E_FORMAT, "t10k-images-idx3-ubyte': dimension 0 is 0");
}
END_TEST

START_TEST(cifar_needs_all_files)
{
    write_bytes("data_batch_1.bin", "", 0);
    expect_load(0, TRNNSF_E_NOT_FOUND, "no data_batch_2.bin");
    for (char digit = '2'; digit <= '5'; digit++) {
        char name[] = "data_batch_?.bin.gz";

        name[11] = digit;
        write_bytes(name, "", 0);
    }
    expect_load(0, TRNNSF_E_NOT_FOUND, "no test_batch.bin");
    write_bytes("test_batch.bin", "", 0);
    expect_load(0, TRNNSF_E_FORMAT, "data_batch_1.bin' ends at byte 0");
}
END_TEST

static void write_npy(const char *name, const char *type, const char *shape, const void *data,
                      size_t size)
{
    uint8_t bytes[512];
    char text[160];

    memcpy(bytes, "\x93NUMPY\x01\0\x76\0", 10);
    snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type,
             shape);
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, text, strnlen(text, 118));
    memcpy(bytes + 128, data, size);
    write_bytes(name, bytes, 128 + size);
}

static void write_npy_folder(const float *train)
{
    const float test[6] = {9, 8, 7, 6, 5, 4};
    const int64_t train_labels[2] = {-1, 2}, test_labels[1] = {0};

    write_npy("X_train.npy", "<f4", "(2, 3, 1, 2)", train, 48);
    write_npy("y_train.npy", "<i8", "(2,)", train_labels, 16);
    write_npy("X_test.npy", "<f4", "(1, 3, 1, 2)", test, 24);
    write_npy("y_test.npy", "<i8", "(1,)", test_labels, 8);
}

START_TEST(npy_folder)
{
    float train[12] = {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset;

    write_npy_folder(train);
    dataset = load(0);
    ck_assert_uint_eq(trnnsf_dataset_channels(dataset), 3);
    ck_assert_uint_eq(trnnsf_dataset_features(dataset), 6);
    ck_assert_uint_eq(trnnsf_dataset_classes(dataset), 4);
    ck_assert_uint_eq(trnnsf_dataset_labels(dataset, TRNNSF_PART_TRAIN)[1], 3);
    ck_assert_uint_eq(trnnsf_dataset_labels(dataset, TRNNSF_PART_TEST)[0], 1);
    ck_assert_float_eq(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[11], -6);
    trnnsf_dataset_free(dataset);

    options.grey = 1;
    options.validation_fraction = 0;
    EXPECT_OK(trnnsf_dataset_load(ctx, folder(), &options, &dataset));
    ck_assert_uint_eq(trnnsf_dataset_channels(dataset), 1);
    ck_assert_float_eq_tol(trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN)[1],
                           2 * 0.299f + 4 * 0.587f + 6 * 0.114f, 1e-6f);
    trnnsf_dataset_free(dataset);
    train[7] = NAN;
    write_npy_folder(train);
    expect_load(0, TRNNSF_E_NUMERIC, "X_train.npy': feature 1 of sample 1 is not finite");
}
END_TEST

START_TEST(npy_that_does_not_fit)
{
    const float train[12] = {0}, huge[2] = {0};
    const int64_t far[2] = {0, 1000000};

    write_npy_folder(train);
    write_npy("X_test.npy", "<f4", "(1, 2)", huge, 8);
    expect_load(0, TRNNSF_E_MISMATCH, "test samples are 1 x 1 x 2");
    write_npy("X_test.npy", "<f4", "()", huge, 4);
    expect_load(0, TRNNSF_E_FORMAT, "has 0 dimensions");
    write_npy_folder(train);
    write_npy("y_train.npy", "<i8", "(2,)", far, 16);
    expect_load(0, TRNNSF_E_LIMIT, "labels from 0 to 1000000");
    write_npy("X_train.npy", "<f4", "(2, 2, 1, 3)", train, 48);
    expect_load(1, TRNNSF_E_INVALID, "2 channels");
}
END_TEST

START_TEST(hostile_arguments)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;
    static char deep[6000];

    ck_assert_int_eq(trnnsf_dataset_load(NULL, "x", NULL, &dataset), TRNNSF_E_INVALID);
    EXPECT(trnnsf_dataset_load(ctx, NULL, NULL, &dataset), TRNNSF_E_INVALID, "folder is NULL");
    EXPECT(trnnsf_dataset_load(ctx, "x", NULL, NULL), TRNNSF_E_INVALID, "out_dataset is NULL");
    memset(deep, 'd', sizeof deep - 1);
    EXPECT(trnnsf_dataset_load(ctx, deep, NULL, &dataset), TRNNSF_E_LIMIT, "5999");
    options.validation_fraction = NAN;
    EXPECT(trnnsf_dataset_load(ctx, "x", &options, &dataset), TRNNSF_E_INVALID, "[0, 1)");
    options.validation_fraction = 0;
    options.grey = 2;
    EXPECT(trnnsf_dataset_load(ctx, "x", &options, &dataset), TRNNSF_E_INVALID, "grey 2");
    ck_assert_ptr_null(dataset);
}
END_TEST

TCase *dataset_tests(void)
{
    TCase *tests = tcase_create("dataset");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, idx_folder);
    tcase_add_test(tests, shapes_of_samples);
    tcase_add_test(tests, bytes_of_few_levels);
    tcase_add_test(tests, incomplete_folders);
    tcase_add_test(tests, cifar_needs_all_files);
    tcase_add_test(tests, npy_folder);
    tcase_add_test(tests, npy_that_does_not_fit);
    tcase_add_test(tests, hostile_arguments);
    return tests;
}
