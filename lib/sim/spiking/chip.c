/* A spiking network on a chip as it is read. */
#include "base/context.h"
#include "sim/spiking/run.h"

/* ranges[layers x groups] of the ADC; NULL: none. */
static trnnsf_status make_layers(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                 const struct trnnsf_analog *analog, const float *ranges,
                                 struct trnnsf_spiking **out_chip)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_spiking *chip = NULL;

    TRN_TRY(trn_spiking_copy_neurons(ctx, spiking, &chip));
    chip->noise_seed = analog->plan->options.seed;
    chip->chip = analog->chip;
    for (size_t l = 0; l < chip->n_layers; l++)
        TRN_TRY_OUT(trn_spike_reads_create(
            ctx, analog, l, ranges ? ranges + l * analog->plan->groups : NULL, &chip->layers[l]));
out:
    if (status == TRNNSF_OK)
        *out_chip = chip;
    else
        trn_spiking_free(chip);
    return status;
}

static void read_ranges(const struct trn_analog_plan *plan, const struct trn_survey *survey,
                        float *ranges)
{
    bool has_negative;

    for (size_t g = 0; g < plan->groups; g++) {
        float most = 0;

        for (size_t l = 0; l < plan->n_layers; l++) {
            size_t thing = l * plan->groups + g;

            ranges[thing] =
                trn_survey_range(survey, thing, plan->options.sum_percentile, &has_negative);
            most = ranges[thing] > most ? ranges[thing] : most;
        }
        for (size_t l = 0; plan->options.uniform && l < plan->n_layers; l++)
            ranges[l * plan->groups + g] = most;
    }
}

/* What sums reach on a chip with levels and digits, but no other effect: of the design, as in
 * sim/analog/calibrate.c, and of steps instead of values. */
static trnnsf_status find_ranges(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_spiking *spiking,
                                 const struct trn_analog_plan *plan, size_t n_samples,
                                 const float *inputs,
                                 const struct trnnsf_spike_run_options *options, float *ranges)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_analog_plan ideal = *plan; /* shares what it points to */
    struct trn_survey survey = {.ctx = ctx};
    const struct trn_spike_watch watch = {.survey = &survey};
    struct trnnsf_analog *analog = NULL;
    struct trnnsf_spiking *chip = NULL;
    struct trnnsf_spike_record *record = NULL;

    ideal.effects &= TRNNSF_ANALOG_LEVELS | TRNNSF_ANALOG_ADC;
    ideal.by_vector = false;
    ideal.sums_only = true;
    ideal.lines = NULL;
    TRN_TRY_OUT(trn_analog_write(ctx, function, &ideal, 0, NULL, &analog));
    TRN_TRY_OUT(make_layers(ctx, spiking, analog, NULL, &chip));
    TRN_TRY_OUT(
        trn_survey_init(ctx, plan->n_layers * plan->groups, plan->options.sum_percentile, &survey));
    TRN_TRY_OUT(trn_spiking_run(ctx, chip, n_samples, inputs, NULL, options, &watch, &record));
    read_ranges(plan, &survey, ranges);
out:
    trn_spike_record_free(record);
    trn_spiking_free(chip);
    trn_survey_free(&survey);
    trn_analog_free(analog);
    return status;
}

trnnsf_status trn_spiking_on_chip(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_spiking *spiking,
                                  const struct trnnsf_analog *analog, size_t n_samples,
                                  const float *inputs,
                                  const struct trnnsf_spike_run_options *options,
                                  struct trnnsf_spiking **out_chip)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    float *ranges = NULL;

    if (!trn_spike_reads_matter(analog))
        return trn_spiking_map(ctx, spiking, NULL, analog, out_chip);
    if (trn_analog_has(plan, TRNNSF_ANALOG_ADC)) {
        ranges = TRN_NEW_ARRAY(ctx, float, plan->n_layers * plan->groups);
        TRN_NEED_OUT(ranges);
        TRN_TRY_OUT(find_ranges(ctx, function, spiking, plan, n_samples, inputs, options, ranges));
    }
    TRN_TRY_OUT(make_layers(ctx, spiking, analog, ranges, out_chip));
out:
    trn_free(ctx, ranges);
    return status;
}
