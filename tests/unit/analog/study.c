/* Many chips: the study is its chips one by one. */
#include <math.h>
#include <stdlib.h>

#include "analog/common.h"

enum { SAMPLES = 120, CHIPS = 7 };

static const size_t sizes[] = {16, 20, 4};
static const struct constant constants[] = {{"conductance_levels", 8},
                                            {"programming_sigma_constant", 0.1},
                                            {"stuck_on_fraction", 0.05},
                                            {"read_sigma", 0.1},
                                            {"adc_bits", 4},
                                            {NULL, 0}};

/* Labels are the network's own answers. */
static trnnsf_dataset *make_data(const struct design *design)
{
    trnnsf_dataset *dataset = NULL;
    float *inputs = values(SAMPLES * 16, 0, 1, 5), *outputs = calloc(SAMPLES * 4, sizeof *outputs);
    uint32_t labels[SAMPLES];

    OK(trnnsf_network_forward(ctx, design->network, SAMPLES, inputs, outputs));
    for (size_t s = 0; s < SAMPLES; s++) {
        labels[s] = 0;
        for (uint32_t k = 1; k < 4; k++)
            labels[s] = outputs[s * 4 + k] > outputs[s * 4 + labels[s]] ? k : labels[s];
    }
    OK(trnnsf_dataset_create(ctx, 1, 1, 16, 4, &dataset));
    OK(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, SAMPLES, inputs, labels));
    free(inputs);
    free(outputs);
    return dataset;
}

static trnnsf_analog_study *make_study(const struct design *design, const trnnsf_dataset *dataset,
                                       uint32_t chips, uint32_t each)
{
    struct trnnsf_analog_study_options options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT;
    trnnsf_analog_study *study = NULL;

    options.chips = chips;
    options.each = each;
    OK(trnnsf_analog_study_run(ctx, design->network, design->mapping, design->tech, NULL, &options,
                               SAMPLES, trnnsf_dataset_values(dataset, TRNNSF_PART_TEST), dataset,
                               TRNNSF_PART_TEST, TRNNSF_LOSS_SQUARED, &study));
    return study;
}

START_TEST(chips)
{
    struct design design = make_design(sizes, 3, "16x8", constants);
    trnnsf_dataset *dataset = make_data(&design);
    const float *inputs = trnnsf_dataset_values(dataset, TRNNSF_PART_TEST);
    trnnsf_analog_study *study = make_study(&design, dataset, CHIPS, 1);
    struct trnnsf_analog_summary summary = {.struct_size = sizeof summary};
    double errors[2] = {0, 0}, sum = 0;
    size_t count = 0;

    ck_assert_uint_eq(trnnsf_analog_study_cases(study), 6);
    ck_assert_double_eq(trnnsf_analog_study_ideal(study), 1);
    for (size_t k = 0; k < trnnsf_analog_study_cases(study); k++) {
        const double *accuracy = trnnsf_analog_study_accuracies(study, k, &count);
        struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;

        ck_assert_uint_eq(count, CHIPS);
        options.effects = trnnsf_analog_study_effects(study, k);
        for (uint32_t c = 0; c < CHIPS; c++) {
            struct trnnsf_evaluation result = {.struct_size = sizeof result};
            double some[2];

            options.chip = c;
            trnnsf_analog *chip = make_chip(&design, &options, SAMPLES, inputs);
            OK(trnnsf_analog_evaluate(ctx, chip, dataset, TRNNSF_PART_TEST, TRNNSF_LOSS_SQUARED, c,
                                      &result));
            ck_assert_double_eq(result.accuracy, accuracy[c]);
            OK(trnnsf_analog_measure(ctx, chip, design.network, SAMPLES, inputs, c, some, NULL,
                                     NULL));
            for (int l = 0; k == 0 && l < 2; l++)
                errors[l] += some[l] / CHIPS;
            sum += k == 0 ? result.accuracy : 0;
            trnnsf_analog_free(chip);
        }
    }
    const double *mean = trnnsf_analog_study_errors(study, 0, &count);
    ck_assert_uint_eq(count, 2);
    for (int l = 0; l < 2; l++)
        ck_assert_double_eq_tol(mean[l], errors[l], 1e-12);
    OK(trnnsf_analog_study_summary(ctx, study, 0, &summary));
    ck_assert_double_eq_tol(summary.mean, sum / CHIPS, 1e-12);
    ck_assert(summary.least <= summary.low && summary.low <= summary.median &&
              summary.median <= summary.high && summary.high <= summary.most);
    ck_assert_double_gt(summary.deviation, 0);
    trnnsf_analog_study_free(study);
    trnnsf_dataset_free(dataset);
    free_design(&design);
}
END_TEST

/* Each chip of a study is remapped to its own defects. */
START_TEST(remapped)
{
    struct design design = make_design(sizes, 3, "16x8", constants);
    trnnsf_dataset *dataset = make_data(&design);
    const float *inputs = trnnsf_dataset_values(dataset, TRNNSF_PART_TEST);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trnnsf_analog_study_options study_options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT;
    trnnsf_analog_study *study = NULL, *plain = make_study(&design, dataset, CHIPS, 0);

    options.remap = TRNNSF_REMAP_ALL;
    options.remap_starts = 2;
    study_options.chips = CHIPS;
    OK(trnnsf_analog_study_run(ctx, design.network, design.mapping, design.tech, &options,
                               &study_options, SAMPLES, inputs, dataset, TRNNSF_PART_TEST,
                               TRNNSF_LOSS_SQUARED, &study));
    const double *accuracy = trnnsf_analog_study_accuracies(study, 0, NULL);
    for (uint32_t c = 0; c < CHIPS; c++) {
        struct trnnsf_evaluation result = {.struct_size = sizeof result};

        options.chip = c;
        trnnsf_analog *chip = make_chip(&design, &options, SAMPLES, inputs);
        OK(trnnsf_analog_evaluate(ctx, chip, dataset, TRNNSF_PART_TEST, TRNNSF_LOSS_SQUARED, c,
                                  &result));
        ck_assert_double_eq(result.accuracy, accuracy[c]);
        trnnsf_analog_free(chip);
    }
    ck_assert_double_lt(trnnsf_analog_study_errors(study, 0, NULL)[0],
                        trnnsf_analog_study_errors(plain, 0, NULL)[0]);
    trnnsf_analog_study_free(study);
    trnnsf_analog_study_free(plain);
    trnnsf_dataset_free(dataset);
    free_design(&design);
}
END_TEST

/* All effects together err more than any alone; each alone more than none. */
START_TEST(sources)
{
    struct design design = make_design(sizes, 3, "16x8", constants);
    trnnsf_dataset *dataset = make_data(&design);
    trnnsf_analog_study *study = make_study(&design, dataset, 3, 1);
    const double *together = trnnsf_analog_study_errors(study, 0, NULL);
    uint32_t all = 0;

    for (size_t k = 1; k < trnnsf_analog_study_cases(study); k++) {
        const double *alone = trnnsf_analog_study_errors(study, k, NULL);

        ck_assert_double_gt(alone[1], 1e-4);
        ck_assert_double_gt(together[1], alone[1]);
        all |= trnnsf_analog_study_effects(study, k);
    }
    ck_assert_uint_eq(all, trnnsf_analog_study_effects(study, 0));
    trnnsf_analog_study_free(study);
    trnnsf_dataset_free(dataset);
    free_design(&design);
}
END_TEST

static int stop_soon(const struct trnnsf_progress *progress, void *user)
{
    (void)user;
    return progress->done >= 2;
}

START_TEST(cancelled)
{
    struct trnnsf_context_options settings = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct design design = make_design(sizes, 3, "16x8", constants);
    trnnsf_dataset *dataset = make_data(&design);
    trnnsf_analog_study *study = NULL;
    trnnsf_context *other = NULL;

    settings.progress = stop_soon;
    OK(trnnsf_context_create(&settings, &other));
    ck_assert_int_eq(
        trnnsf_analog_study_run(other, design.network, design.mapping, design.tech, NULL, NULL,
                                SAMPLES, trnnsf_dataset_values(dataset, TRNNSF_PART_TEST), dataset,
                                TRNNSF_PART_TEST, TRNNSF_LOSS_SQUARED, &study),
        TRNNSF_E_CANCELLED);
    ck_assert_ptr_null(study);
    trnnsf_context_free(other);
    trnnsf_dataset_free(dataset);
    free_design(&design);
}
END_TEST

TCase *study_case(void)
{
    TCase *tests = tcase_create("study");

    tcase_add_test(tests, chips);
    tcase_add_test(tests, remapped);
    tcase_add_test(tests, sources);
    tcase_add_test(tests, cancelled);
    return tests;
}
