#include <math.h>
#include <stdlib.h>

#include "base/context.h"
#include "base/options.h"
#include "sim/analog/api.h"
#include "sim/analog/study.h"

enum { CHIPS_MAX = 1000000 };

void trnnsf_analog_study_options_init(struct trnnsf_analog_study_options *options)
{
    static const struct trnnsf_analog_study_options defaults = TRNNSF_ANALOG_STUDY_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_analog_study_options *given,
                                  struct trnnsf_analog_study_options *options)
{
    *options = (struct trnnsf_analog_study_options)TRNNSF_ANALOG_STUDY_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, given, options, sizeof *options));
    TRN_TRY(trn_option_count(ctx, function, "chips", options->chips, 1, CHIPS_MAX));
    return trn_option_count(ctx, function, "each", options->each, 0, 1);
}

/* The part of the dataset fits the network. */
static trnnsf_status check_data(trnnsf_context *ctx, const char *function,
                                const struct trnnsf_network *network,
                                const struct trnnsf_dataset *dataset, uint32_t part, uint32_t loss)
{
    if (part >= TRN_PARTS)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: part %u is not in [0, %d]", function, part,
                        TRN_PARTS - 1);
    if (loss > TRNNSF_LOSS_CROSS_ENTROPY)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: loss %u is not in [0, %d]", function, loss,
                        TRNNSF_LOSS_CROSS_ENTROPY);
    return trn_network_check_dataset(ctx, function, network, dataset, part, loss);
}

trnnsf_status trnnsf_analog_study_run(trnnsf_context *context, const trnnsf_network *network,
                                      const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                                      const struct trnnsf_analog_options *options,
                                      const struct trnnsf_analog_study_options *study_options,
                                      size_t n_calibration, const float *calibration_inputs,
                                      const trnnsf_dataset *dataset, uint32_t part, uint32_t loss,
                                      trnnsf_analog_study **out_study)
{
    static const char function[] = "trnnsf_analog_study_run";
    struct trn_analog_subject subject = {.network = network,
                                         .mapping = mapping,
                                         .tech = tech,
                                         .n_calibration = n_calibration,
                                         .calibration_inputs = calibration_inputs,
                                         .loss = loss};
    struct trnnsf_analog_study_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "out_study", out_study));
    TRN_TRY(trn_analog_check_pointer(context, function, "dataset", dataset));
    TRN_TRY(trn_analog_check_design(context, function, network, mapping, tech, n_calibration,
                                    calibration_inputs));
    TRN_TRY(trn_analog_read_options(context, function, options, &subject.options));
    TRN_TRY(read_options(context, function, study_options, &given));
    if (UINT32_MAX - subject.options.chip < given.chips - 1)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: chip %u and %u more exceed %u", function,
                        subject.options.chip, given.chips - 1, UINT32_MAX);
    TRN_TRY(check_data(context, function, network, dataset, part, loss));
    subject.part = &dataset->part[part];
    return trn_analog_study_run(context, function, &subject, &given, out_study);
}

void trnnsf_analog_study_free(trnnsf_analog_study *study)
{
    trn_analog_study_free(study);
}

size_t trnnsf_analog_study_cases(const trnnsf_analog_study *study)
{
    return study ? study->n_cases : 0;
}

static const struct trn_analog_case *case_of(const struct trnnsf_analog_study *study, size_t index)
{
    return study && index < study->n_cases ? &study->cases[index] : NULL;
}

uint32_t trnnsf_analog_study_effects(const trnnsf_analog_study *study, size_t index)
{
    const struct trn_analog_case *entry = case_of(study, index);

    return entry ? entry->effects : 0;
}

double trnnsf_analog_study_ideal(const trnnsf_analog_study *study)
{
    return study ? study->ideal : (double)NAN;
}

const double *trnnsf_analog_study_accuracies(const trnnsf_analog_study *study, size_t index,
                                             size_t *out_count)
{
    const struct trn_analog_case *entry = case_of(study, index);

    if (entry && out_count)
        *out_count = study->n_chips;
    return entry ? entry->accuracy : NULL;
}

const double *trnnsf_analog_study_errors(const trnnsf_analog_study *study, size_t index,
                                         size_t *out_count)
{
    const struct trn_analog_case *entry = case_of(study, index);

    if (entry && out_count)
        *out_count = study->n_layers;
    return entry ? entry->errors : NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double part)
{
    double place = part * (double)(n - 1);
    size_t below = (size_t)place;
    double rest = place - (double)below;

    return below + 1 < n ? sorted[below] + rest * (sorted[below + 1] - sorted[below])
                         : sorted[n - 1];
}

static void summarise(const struct trn_analog_case *entry, const double *sorted, size_t n,
                      struct trnnsf_analog_summary *summary)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < n; k++)
        sum += sorted[k];
    summary->mean = sum / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (sorted[k] - summary->mean) * (sorted[k] - summary->mean);
    summary->deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    summary->least = sorted[0];
    summary->low = quantile(sorted, n, 0.05);
    summary->median = quantile(sorted, n, 0.5);
    summary->high = quantile(sorted, n, 0.95);
    summary->most = sorted[n - 1];
    summary->loss = entry->loss;
    summary->dac_saturation = entry->dac_saturation;
    summary->adc_saturation = entry->adc_saturation;
}

trnnsf_status trnnsf_analog_study_summary(trnnsf_context *context, const trnnsf_analog_study *study,
                                          size_t index, struct trnnsf_analog_summary *out_summary)
{
    static const char function[] = "trnnsf_analog_study_summary";
    struct trnnsf_analog_summary summary = {0};

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "study", study));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_summary", out_summary));
    if (index >= study->n_cases)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: index %zu is not below %zu", function,
                        index, study->n_cases);
    TRN_TRY(trn_result_check(context, function, out_summary, sizeof summary));

    double *sorted =
        trn_copy(context, study->cases[index].accuracy, study->n_chips, sizeof *sorted);
    if (!sorted)
        return TRN_NO_MEMORY;
    qsort(sorted, study->n_chips, sizeof *sorted, by_value);
    summarise(&study->cases[index], sorted, study->n_chips, &summary);
    trn_result_write(out_summary, &summary);
    trn_free(context, sorted);
    return TRNNSF_OK;
}
