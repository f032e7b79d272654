/* Real data sets and matrices, in the folder that TRNNSF_DATA_DIR names; skipped without it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/dataset.h>
#include <trnnsf/matrix.h>

enum { SKIPPED = 77 };

static const char *data_folder;
static trnnsf_context *ctx;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

#define EXPECT_OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))

/* Counts as published with the sets. */
static trnnsf_dataset *load_real(const char *name, uint32_t grey)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;
    char path[512];

    options.grey = grey;
    snprintf(path, sizeof path, "%s/%s", data_folder, name);
    EXPECT_OK(trnnsf_dataset_load(ctx, path, &options, &dataset));
    return dataset;
}

static double mean_of(const trnnsf_dataset *dataset, uint32_t part)
{
    const float *values = trnnsf_dataset_values(dataset, part);
    size_t count = trnnsf_dataset_samples(dataset, part) * trnnsf_dataset_features(dataset);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    return sum / (double)count;
}

static void expect_counts(const trnnsf_dataset *dataset, const size_t *expected)
{
    size_t counts[10] = {0};

    for (size_t i = 0; i < trnnsf_dataset_samples(dataset, TRNNSF_PART_TEST); i++)
        counts[trnnsf_dataset_labels(dataset, TRNNSF_PART_TEST)[i]]++;
    for (size_t i = 0; i < trnnsf_dataset_classes(dataset); i++)
        ck_assert_uint_eq(counts[i], expected[i]);
}

START_TEST(real_mnist)
{
    static const size_t counts[10] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    trnnsf_dataset *dataset = load_real("mnist", 0);

    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN), 54000);
    ck_assert_uint_eq(trnnsf_dataset_samples(dataset, TRNNSF_PART_VALIDATION), 6000);
    expect_counts(dataset, counts);
    ck_assert_double_eq_tol(mean_of(dataset, TRNNSF_PART_TRAIN), 0.1307, 0.001);
    trnnsf_dataset_free(dataset);
}
END_TEST

START_TEST(real_har)
{
    static const size_t counts[6] = {496, 471, 420, 491, 532, 537};
    trnnsf_dataset *dataset = load_real("har-inertial", 0);

    ck_assert_uint_eq(trnnsf_dataset_features(dataset), 1152);
    ck_assert_uint_eq(trnnsf_dataset_classes(dataset), 6);
    expect_counts(dataset, counts);
    trnnsf_dataset_free(dataset);
}
END_TEST

/* Luma of the published channel means 0.49139968, 0.48215841, 0.44653091 of all training images. */
START_TEST(real_cifar)
{
    trnnsf_dataset *dataset = load_real("cifar-10", 1);
    static const size_t counts[10] = {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000};
    double mean;

    ck_assert_uint_eq(trnnsf_dataset_features(dataset), 1024);
    expect_counts(dataset, counts);
    mean =
        0.9 * mean_of(dataset, TRNNSF_PART_TRAIN) + 0.1 * mean_of(dataset, TRNNSF_PART_VALIDATION);
    ck_assert_double_eq_tol(mean, 0.299 * 0.49139968 + 0.587 * 0.48215841 + 0.114 * 0.44653091,
                            2e-6);
    trnnsf_dataset_free(dataset);
}
END_TEST

/* Non-zeros as counted when the set was made. */
START_TEST(real_matrices)
{
    char path[512], line[256], name[64];
    unsigned long rows, columns, nonzeros;
    FILE *list;

    snprintf(path, sizeof path, "%s/sparse-matrices/tiles-512.csv", data_folder);
    list = fopen(path, "r");
    ck_assert_ptr_nonnull(list);
    while (fgets(line, sizeof line, list)) {
        trnnsf_matrix *matrix = NULL;

        if (sscanf(line, "%63[^,],%lu,%lu,%lu", name, &rows, &columns, &nonzeros) != 4)
            continue;
        snprintf(path, sizeof path, "%s/sparse-matrices/%s.mtx.gz", data_folder, name);
        EXPECT_OK(trnnsf_matrix_load(ctx, path, &matrix));
        ck_assert_uint_eq(trnnsf_matrix_rows(matrix), rows);
        ck_assert_uint_eq(trnnsf_matrix_columns(matrix), columns);
        ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), nonzeros);
        trnnsf_matrix_free(matrix);
    }
    fclose(list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("real");
    TCase *tests = tcase_create("real");

    data_folder = getenv("TRNNSF_DATA_DIR");
    if (!data_folder) {
        printf("SKIPPED: TRNNSF_DATA_DIR is not set, so no real data is read\n");
        return SKIPPED;
    }
    if (!TRN_HAVE_ZLIB || !TRN_HAVE_LZMA) {
        printf("SKIPPED: built without zlib or liblzma, and the real data are packed\n");
        return SKIPPED;
    }
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, real_mnist);
    tcase_add_test(tests, real_har);
    tcase_add_test(tests, real_cifar);
    tcase_add_test(tests, real_matrices);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
