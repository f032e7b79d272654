#include "sim/analog/study.h"

#include "base/context.h"
#include "sim/analog/api.h"
#include "sim/analog/lines.h"

/* Samples of the errors layer by layer: chosen here. */
enum { ERROR_SAMPLES = 256, EFFECTS_MAX = 32 };

void trn_analog_study_free(struct trnnsf_analog_study *study)
{
    if (!study)
        return;

    trnnsf_context *ctx = study->ctx;
    for (size_t k = 0; study->cases && k < study->n_cases; k++) {
        trn_free(ctx, study->cases[k].accuracy);
        trn_free(ctx, study->cases[k].errors);
    }
    trn_free(ctx, study->cases);
    trn_free(ctx, study);
    trn_context_release(ctx);
}

/* Case 0 has them all; returns how many cases there are. */
static size_t list_effects(const struct trn_analog_subject *subject, bool each, uint32_t *effects)
{
    double value[TRN_TECH_KEYS];
    size_t count = 1;

    effects[0] = trn_analog_effects(subject->tech, &subject->options, value);
    for (uint32_t bit = 1; each && bit <= TRNNSF_ANALOG_ALL; bit <<= 1) {
        if (effects[0] & bit)
            effects[count++] = bit;
    }
    return count;
}

static trnnsf_status study_new(trnnsf_context *ctx, const struct trn_analog_subject *subject,
                               const struct trnnsf_analog_study_options *options,
                               struct trnnsf_analog_study **out_study)
{
    trnnsf_status status = TRNNSF_OK;
    uint32_t effects[EFFECTS_MAX];
    struct trnnsf_analog_study *study = TRN_NEW(ctx, struct trnnsf_analog_study);

    if (!study)
        return TRN_NO_MEMORY;
    study->ctx = trn_context_retain(ctx);
    study->n_chips = options->chips;
    study->n_layers = subject->network->n_layers;
    study->n_cases = list_effects(subject, options->each, effects);
    study->cases = TRN_NEW_ARRAY(ctx, struct trn_analog_case, study->n_cases);
    TRN_NEED_OUT(study->cases);
    for (size_t k = 0; k < study->n_cases; k++) {
        study->cases[k].effects = effects[k];
        study->cases[k].accuracy = TRN_NEW_ARRAY(ctx, double, study->n_chips);
        TRN_NEED_OUT(study->cases[k].accuracy);
        study->cases[k].errors = TRN_NEW_ARRAY(ctx, double, study->n_layers);
        TRN_NEED_OUT(study->cases[k].errors);
    }
out:
    if (status == TRNNSF_OK)
        *out_study = study;
    else
        trn_analog_study_free(study);
    return status;
}

struct memory {
    double *errors; /* [layers] of one chip */
    struct trn_analog_counts *counts;
};

static void add_counts(const struct trn_analog_counts *counts, size_t n_layers, double share,
                       struct trn_analog_case *entry)
{
    share /= (double)n_layers;
    for (size_t l = 0; l < n_layers; l++) {
        if (counts[l].dac > 0)
            entry->dac_saturation += share * (double)counts[l].dac_beyond / (double)counts[l].dac;
        if (counts[l].adc > 0)
            entry->adc_saturation += share * (double)counts[l].adc_beyond / (double)counts[l].adc;
    }
}

static trnnsf_status run_chip(trnnsf_context *ctx, const char *function,
                              const struct trn_analog_subject *subject,
                              const struct trn_analog_plan *plan, size_t chip,
                              const struct memory *memory, const struct trnnsf_analog_study *study,
                              struct trn_analog_case *entry)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_part *part = subject->part;
    size_t n = part->n_samples < ERROR_SAMPLES ? part->n_samples : ERROR_SAMPLES;
    double share = 1 / (double)study->n_chips;
    struct trnnsf_evaluation result;
    struct trnnsf_analog *analog = NULL;

    TRN_TRY_OUT(trn_analog_make_chip(ctx, function, plan, subject->options.chip + (uint32_t)chip,
                                     NULL, NULL, NULL, &analog));
    TRN_TRY_OUT(trn_analog_evaluate(ctx, analog, part->n_samples, part->values, part->labels,
                                    subject->loss, chip, &result));
    for (size_t l = 0; l < study->n_layers; l++)
        memory->counts[l] = (struct trn_analog_counts){0};
    TRN_TRY_OUT(trn_analog_measure(ctx, analog, subject->network, n, part->values, chip,
                                   memory->errors, memory->counts));
    entry->accuracy[chip] = result.accuracy;
    entry->loss += share * result.loss;
    for (size_t l = 0; l < study->n_layers; l++)
        entry->errors[l] += share * memory->errors[l];
    add_counts(memory->counts, study->n_layers, share, entry);
out:
    trn_analog_free(analog);
    return status;
}

static trnnsf_status run_case(trnnsf_context *ctx, const char *function,
                              const struct trn_analog_subject *subject, size_t index,
                              const struct memory *memory, const struct trnnsf_analog_study *study)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_analog_options options = subject->options;
    struct trn_analog_case *entry = &study->cases[index];
    struct trn_analog_plan *plan = NULL;
    size_t total = study->n_cases * study->n_chips;

    options.effects = entry->effects;
    TRN_TRY_OUT(trn_analog_make_plan(ctx, function, subject->network, subject->mapping,
                                     subject->tech, &options, subject->n_calibration,
                                     subject->calibration_inputs, &plan));
    for (size_t chip = 0; chip < study->n_chips; chip++) {
        TRN_TRY_OUT(trn_progress(ctx, "study", NULL, index * study->n_chips + chip, total));
        TRN_TRY_OUT(run_chip(ctx, function, subject, plan, chip, memory, study, entry));
    }
out:
    trn_analog_plan_drop(ctx, plan);
    return status;
}

trnnsf_status trn_analog_study_run(trnnsf_context *ctx, const char *function,
                                   const struct trn_analog_subject *subject,
                                   const struct trnnsf_analog_study_options *options,
                                   struct trnnsf_analog_study **out_study)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_analog_study *study = NULL;
    struct trnnsf_evaluation ideal;
    struct memory memory = {NULL, NULL};
    size_t n_layers = subject->network->n_layers;

    TRN_TRY_OUT(study_new(ctx, subject, options, &study));
    memory.errors = TRN_NEW_ARRAY(ctx, double, n_layers);
    TRN_NEED_OUT(memory.errors);
    memory.counts = TRN_NEW_ARRAY(ctx, struct trn_analog_counts, n_layers);
    TRN_NEED_OUT(memory.counts);
    TRN_TRY_OUT(trn_network_evaluate(ctx, subject->network, subject->part->n_samples,
                                     subject->part->values, subject->part->labels, subject->loss,
                                     &ideal));
    study->ideal = ideal.accuracy;
    for (size_t k = 0; k < study->n_cases; k++)
        TRN_TRY_OUT(run_case(ctx, function, subject, k, &memory, study));
    TRN_TRY_OUT(trn_progress(ctx, "study", NULL, study->n_cases * study->n_chips,
                             study->n_cases * study->n_chips));
out:
    trn_free(ctx, memory.errors);
    trn_free(ctx, memory.counts);
    if (status == TRNNSF_OK)
        *out_study = study;
    else
        trn_analog_study_free(study);
    return status;
}
