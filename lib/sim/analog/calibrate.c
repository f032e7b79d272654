/* Ranges of converters: what the calibration inputs make of an ideal chip. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "network/pass.h"
#include "sim/analog/read.h"

/* Samples at once: chosen here, so that one pass serves the usual calibration twice. */
enum { BATCH = 4 * TRN_ANALOG_CHUNK };

/* What every worker has seen of some things. */
struct survey {
    trnnsf_context *ctx;
    size_t things;
    struct trn_analog_seen *seen; /* [workers x things] */
    uint32_t *bins;               /* of all, where percentiles are wanted */
};

static void survey_free(struct survey *survey)
{
    trn_free(survey->ctx, survey->seen);
    trn_free(survey->ctx, survey->bins);
}

static trnnsf_status survey_init(trnnsf_context *ctx, size_t things, double percentile,
                                 struct survey *survey)
{
    size_t count = ctx->threads * things;

    survey->ctx = ctx;
    survey->things = things;
    survey->seen = TRN_NEW_ARRAY(ctx, struct trn_analog_seen, count);
    if (!survey->seen)
        return TRN_NO_MEMORY;
    if (percentile >= 100)
        return TRNNSF_OK;
    survey->bins = trn_calloc(ctx, count, TRN_SEEN_BINS * sizeof *survey->bins);
    if (!survey->bins)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < count; k++)
        survey->seen[k].bins = survey->bins + k * TRN_SEEN_BINS;
    return TRNNSF_OK;
}

static bool survey_is_driven(const struct survey *survey, size_t thing)
{
    uint64_t total = 0, zeros = 0;

    for (size_t w = 0; w < survey->ctx->threads; w++) {
        total += survey->seen[w * survey->things + thing].total;
        zeros += survey->seen[w * survey->things + thing].zeros;
    }
    return trn_analog_is_driven(total, zeros);
}

/* The least edge of a bin below which the percentile of the values lies; 1 where all were 0. */
static float survey_range(const struct survey *survey, size_t thing, double percentile,
                          bool *has_negative)
{
    uint64_t total = 0, below = 0;
    float most = 0, edge;
    uint32_t bin = 0;

    *has_negative = false;
    for (size_t w = 0; w < survey->ctx->threads; w++) {
        const struct trn_analog_seen *seen = &survey->seen[w * survey->things + thing];

        most = fmaxf(most, seen->most);
        *has_negative = *has_negative || seen->has_negative;
        total += seen->total;
    }
    if (!(most > 0))
        return 1;
    if (percentile >= 100)
        return most;
    for (bin = 0; bin < TRN_SEEN_BINS - 1; bin++) {
        for (size_t w = 0; w < survey->ctx->threads; w++)
            below += survey->seen[w * survey->things + thing].bins[bin];
        if ((double)below >= percentile / 100 * (double)total)
            break;
    }
    bin = (bin + 1) << TRN_SEEN_SHIFT;
    memcpy(&edge, &bin, sizeof edge);
    /* Not where nearly all values are 0. */
    return edge < most && edge > 1e-6f * most ? edge : most;
}

struct panel_work {
    const struct survey *survey;
    size_t thing, n, ld;
    const float *x;
};

static void panel_task(void *argument, size_t task, size_t worker)
{
    const struct panel_work *work = argument;
    const struct survey *survey = work->survey;

    trn_seen_add(&survey->seen[worker * survey->things + work->thing], work->n,
                 work->x + task * work->ld);
}

static void survey_inputs(const struct trn_pass *pass, const struct trn_analog_plan *plan,
                          struct survey *survey)
{
    for (size_t l = 0; l < plan->n_layers; l++) {
        struct panel_work work = {survey, l, pass->n, pass->capacity, pass->panel[l]};

        trn_parallel(pass->ctx, plan->layers[l].n_in, panel_task, &work);
    }
}

static trnnsf_status survey_sums(const struct trn_pass *pass, const struct trnnsf_analog *ideal,
                                 struct trn_read_scratch *scratch, struct survey *survey)
{
    const struct trn_analog_plan *plan = ideal->plan;

    for (size_t l = 0; l < plan->n_layers; l++) {
        struct trn_read read = {.ctx = pass->ctx,
                                .analog = ideal,
                                .layer = l,
                                .n = pass->n,
                                .ld = pass->capacity,
                                .x = pass->panel[l],
                                .scratch = scratch};

        for (size_t w = 0; w < pass->ctx->threads; w++)
            scratch[w].seen = &survey->seen[w * survey->things + l * plan->groups];
        TRN_TRY(trn_read_layer(&read));
    }
    return TRNNSF_OK;
}

/* Samples on their way through the network itself. */
struct journey {
    trnnsf_context *ctx;
    const struct trn_analog_plan *plan;
    size_t n_samples;
    const float *inputs;
    struct trn_pass *pass;
    size_t loaded; /* samples before those that the pass holds, or SIZE_MAX */
};

static trnnsf_status go_to(struct journey *journey, size_t first)
{
    size_t left = journey->n_samples - first;

    if (journey->loaded == first)
        return TRNNSF_OK;
    TRN_TRY(trn_cancelled(journey->ctx, "analog"));
    trn_pass_load(journey->pass, left < BATCH ? left : BATCH,
                  journey->inputs + first * journey->plan->layers[0].n_in, NULL, NULL);
    TRN_TRY(trn_pass_forward(journey->pass, NULL));
    journey->loaded = first;
    return TRNNSF_OK;
}

/* All samples; `ideal` NULL: surveys inputs, else sums. */
static trnnsf_status survey_samples(struct journey *journey, const struct trnnsf_analog *ideal,
                                    struct survey *survey)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_read_scratch *scratch = NULL;

    if (ideal)
        TRN_TRY_OUT(trn_read_scratch_new(journey->ctx, ideal, &scratch));
    for (size_t s = 0; s < journey->n_samples; s += BATCH) {
        TRN_TRY_OUT(go_to(journey, s));
        if (ideal)
            TRN_TRY_OUT(survey_sums(journey->pass, ideal, scratch, survey));
        else
            survey_inputs(journey->pass, journey->plan, survey);
    }
out:
    trn_read_scratch_free(journey->ctx, scratch);
    return status;
}

/* Sums can be negative where a pair or a reference in the middle has been taken away, or inputs are
 * negative. */
static trnnsf_status set_input_ranges(trnnsf_context *ctx, const char *function,
                                      struct trn_analog_plan *plan, const struct survey *survey)
{
    bool is_positive = plan->codes || (plan->scheme == TRN_ANALOG_UNIPOLAR &&
                                       plan->value[TRN_TECH_ANALOG_SUMS] == 0);
    float most = 0;

    for (size_t l = 0; l < plan->n_layers; l++) {
        struct trn_analog_layer *layer = &plan->layers[l];
        bool has_negative;

        layer->input_range = survey_range(survey, l, plan->options.input_percentile, &has_negative);
        if (trn_analog_converter(plan, l))
            layer->input_range = layer->input.range;
        layer->signed_sums = !is_positive || has_negative;
        layer->is_driven = trn_analog_may_be_driven(plan) && survey_is_driven(survey, l);
        most = fmaxf(most, layer->input_range);
        if (!isfinite(layer->input_range))
            return trn_fail(ctx, TRNNSF_E_NUMERIC, "%s: an input of layer %zu is not finite",
                            function, l);
    }
    for (size_t l = 0; plan->options.uniform && l < plan->n_layers; l++)
        plan->layers[l].input_range = most;
    return TRNNSF_OK;
}

static void set_sum_ranges(struct trn_analog_plan *plan, const struct survey *survey)
{
    bool has_negative;

    for (size_t g = 0; g < plan->groups; g++) {
        float most = 0;

        for (size_t l = 0; l < plan->n_layers; l++) {
            float *range = &plan->layers[l].sum_range[g];

            *range = survey_range(survey, l * plan->groups + g, plan->options.sum_percentile,
                                  &has_negative);
            most = fmaxf(most, *range);
        }
        for (size_t l = 0; plan->options.uniform && l < plan->n_layers; l++)
            plan->layers[l].sum_range[g] = most;
    }
}

static trnnsf_status calibrate_sums(const char *function, struct trn_analog_plan *plan,
                                    struct journey *journey)
{
    trnnsf_status status = TRNNSF_OK;
    trnnsf_context *ctx = journey->ctx;
    struct trn_analog_plan ideal = *plan; /* shares what it points to */
    struct trnnsf_analog *chip = NULL;
    struct survey survey = {.ctx = ctx};

    ideal.effects &=
        TRNNSF_ANALOG_LEVELS | TRNNSF_ANALOG_NONLINEAR | TRNNSF_ANALOG_DAC | TRNNSF_ANALOG_ADC;
    ideal.by_vector = false;
    ideal.sums_only = true;
    TRN_TRY_OUT(trn_analog_write(ctx, function, &ideal, 0, NULL, &chip));
    TRN_TRY_OUT(
        survey_init(ctx, plan->n_layers * plan->groups, plan->options.sum_percentile, &survey));
    TRN_TRY_OUT(survey_samples(journey, chip, &survey));
    set_sum_ranges(plan, &survey);
out:
    survey_free(&survey);
    trn_analog_free(chip);
    return status;
}

trnnsf_status trn_analog_calibrate(trnnsf_context *ctx, const char *function,
                                   struct trn_analog_plan *plan,
                                   const struct trnnsf_network *network, size_t n_samples,
                                   const float *inputs)
{
    trnnsf_status status = TRNNSF_OK;
    struct survey survey = {.ctx = ctx};
    struct journey journey = {ctx, plan, n_samples, inputs, NULL, SIZE_MAX};

    /* A pass that does not train reads the network only. */
    TRN_TRY_OUT(trn_pass_create(ctx, (struct trnnsf_network *)network,
                                n_samples < BATCH ? n_samples : BATCH, false, &journey.pass));
    TRN_TRY_OUT(survey_init(ctx, plan->n_layers, plan->options.input_percentile, &survey));
    TRN_TRY_OUT(survey_samples(&journey, NULL, &survey));
    TRN_TRY_OUT(set_input_ranges(ctx, function, plan, &survey));
    if (trn_analog_has(plan, TRNNSF_ANALOG_ADC))
        TRN_TRY_OUT(calibrate_sums(function, plan, &journey));
out:
    survey_free(&survey);
    trn_pass_free(journey.pass);
    return status;
}
