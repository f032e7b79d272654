/* Ranges of converters: what the calibration inputs make of an ideal chip. */
#include <math.h>

#include "base/context.h"
#include "network/pass.h"
#include "sim/analog/places.h"
#include "sim/analog/survey.h"

/* Samples at once: chosen here, so that one pass serves the usual calibration twice. */
enum { BATCH = 4 * TRN_ANALOG_CHUNK };

struct panel_work {
    const struct trn_survey *survey;
    size_t thing, n, ld;
    const float *x;
};

static void panel_task(void *argument, size_t task, size_t worker)
{
    const struct panel_work *work = argument;
    const struct trn_survey *survey = work->survey;

    trn_seen_add(&survey->seen[worker * survey->things + work->thing], work->n,
                 work->x + task * work->ld);
}

static void survey_inputs(const struct trn_pass *pass, const struct trn_analog_plan *plan,
                          struct trn_survey *survey)
{
    for (size_t l = 0; l < plan->n_layers; l++) {
        struct panel_work work = {survey, l, pass->n, pass->capacity, pass->panel[l]};

        trn_parallel(pass->ctx, trn_analog_values(plan, l), panel_task, &work);
    }
}

static void watch(const struct trn_survey *survey, const struct trn_analog_plan *plan, size_t layer,
                  struct trn_read_scratch *scratch)
{
    for (size_t w = 0; w < survey->ctx->threads; w++)
        scratch[w].seen = &survey->seen[w * survey->things + layer * plan->groups];
}

static trnnsf_status survey_places(const struct trn_pass *pass, struct trn_places *places,
                                   const struct trn_survey *survey)
{
    const struct trn_analog_plan *plan = places->analog->plan;

    for (size_t l = 0; l < plan->n_layers; l++) {
        const struct trn_layer_product product = {
            .layer = l, .n = pass->n, .capacity = pass->capacity, .x = pass->panel[l]};

        watch(survey, plan, l, places->scratch);
        TRN_TRY(trn_places_read(places, &product));
    }
    return TRNNSF_OK;
}

static trnnsf_status survey_sums(const struct trn_pass *pass, const struct trnnsf_analog *ideal,
                                 struct trn_read_scratch *scratch, struct trn_survey *survey)
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

        watch(survey, plan, l, scratch);
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
    trn_pass_load(journey->pass, left < journey->pass->capacity ? left : journey->pass->capacity,
                  journey->inputs + first * journey->plan->n_features, NULL, NULL);
    TRN_TRY(trn_pass_forward(journey->pass, NULL));
    journey->loaded = first;
    return TRNNSF_OK;
}

/* All samples; `ideal` NULL: surveys inputs, else sums. */
static trnnsf_status survey_samples(struct journey *journey, const struct trnnsf_analog *ideal,
                                    struct trn_survey *survey)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_read_scratch *scratch = NULL;
    struct trn_places places = {.ctx = journey->ctx}; /* of a graph */
    bool is_graph = journey->plan->graph != NULL;

    if (ideal && is_graph)
        TRN_TRY_OUT(trn_places_init(journey->ctx, ideal, journey->pass->capacity, &places));
    else if (ideal)
        TRN_TRY_OUT(trn_read_scratch_new(journey->ctx, ideal, &scratch));
    for (size_t s = 0; s < journey->n_samples; s += journey->pass->capacity) {
        TRN_TRY_OUT(go_to(journey, s));
        if (ideal && is_graph)
            TRN_TRY_OUT(survey_places(journey->pass, &places, survey));
        else if (ideal)
            TRN_TRY_OUT(survey_sums(journey->pass, ideal, scratch, survey));
        else
            survey_inputs(journey->pass, journey->plan, survey);
    }
out:
    trn_places_clear(&places);
    trn_read_scratch_free(journey->ctx, scratch);
    return status;
}

/* Sums can be negative where a pair or a reference in the middle has been taken away, or inputs are
 * negative. */
static trnnsf_status set_input_ranges(trnnsf_context *ctx, const char *function,
                                      struct trn_analog_plan *plan, const struct trn_survey *survey)
{
    bool is_positive = plan->codes || (plan->scheme == TRN_ANALOG_UNIPOLAR &&
                                       plan->value[TRN_TECH_ANALOG_SUMS] == 0);
    float most = 0;

    for (size_t l = 0; l < plan->n_layers; l++) {
        struct trn_analog_layer *layer = &plan->layers[l];
        bool has_negative;

        layer->input_range =
            trn_survey_range(survey, l, plan->options.input_percentile, &has_negative);
        if (trn_analog_converter(plan, l))
            layer->input_range = layer->input.range;
        layer->signed_sums = !is_positive || has_negative;
        layer->is_driven = trn_analog_may_be_driven(plan) && trn_survey_is_driven(survey, l);
        most = fmaxf(most, layer->input_range);
        if (!isfinite(layer->input_range))
            return trn_fail(ctx, TRNNSF_E_NUMERIC, "%s: an input of layer %zu is not finite",
                            function, l);
    }
    for (size_t l = 0; plan->options.uniform && l < plan->n_layers; l++)
        plan->layers[l].input_range = most;
    return TRNNSF_OK;
}

static void set_sum_ranges(struct trn_analog_plan *plan, const struct trn_survey *survey)
{
    bool has_negative;

    for (size_t g = 0; g < plan->groups; g++) {
        float most = 0;

        for (size_t l = 0; l < plan->n_layers; l++) {
            float *range = &plan->layers[l].sum_range[g];

            *range = trn_survey_range(survey, l * plan->groups + g, plan->options.sum_percentile,
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
    struct trn_survey survey = {.ctx = ctx};

    ideal.effects &=
        TRNNSF_ANALOG_LEVELS | TRNNSF_ANALOG_NONLINEAR | TRNNSF_ANALOG_DAC | TRNNSF_ANALOG_ADC;
    ideal.by_vector = false;
    ideal.sums_only = true;
    TRN_TRY_OUT(trn_analog_write(ctx, function, &ideal, 0, NULL, &chip));
    TRN_TRY_OUT(
        trn_survey_init(ctx, plan->n_layers * plan->groups, plan->options.sum_percentile, &survey));
    TRN_TRY_OUT(survey_samples(journey, chip, &survey));
    set_sum_ranges(plan, &survey);
out:
    trn_survey_free(&survey);
    trn_analog_free(chip);
    return status;
}

trnnsf_status trn_analog_calibrate(trnnsf_context *ctx, const char *function,
                                   struct trn_analog_plan *plan,
                                   const struct trnnsf_network *network, size_t n_samples,
                                   const float *inputs)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_survey survey = {.ctx = ctx};
    struct journey journey = {ctx, plan, n_samples, inputs, NULL, SIZE_MAX};

    /* A pass that does not train reads the network only. */
    TRN_TRY_OUT(trn_pass_create(ctx, (struct trnnsf_network *)network,
                                trn_places_batch(network, BATCH, n_samples), false, &journey.pass));
    TRN_TRY_OUT(trn_survey_init(ctx, plan->n_layers, plan->options.input_percentile, &survey));
    TRN_TRY_OUT(survey_samples(&journey, NULL, &survey));
    TRN_TRY_OUT(set_input_ranges(ctx, function, plan, &survey));
    if (trn_analog_has(plan, TRNNSF_ANALOG_ADC))
        TRN_TRY_OUT(calibrate_sums(function, plan, &journey));
out:
    trn_survey_free(&survey);
    trn_pass_free(journey.pass);
    return status;
}
