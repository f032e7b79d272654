/* A trainer's teachers: what other networks say of the training samples, kept once. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "data/dataset.h"
#include "network/soft_targets.h"
#include "train/step.h"
#include "train/trainer.h"

void trn_trainer_forget_teacher(struct trnnsf_trainer *trainer)
{
    trn_free(trainer->ctx, trainer->teacher);
    trn_free(trainer->ctx, trainer->soft);
    trainer->teacher = trainer->soft = NULL;
}

static size_t outputs_of(const struct trnnsf_trainer *trainer)
{
    return trn_network_outputs(trainer->network);
}

/* Room for answers; what was there before stays where it fails. */
static trnnsf_status make_room(struct trnnsf_trainer *trainer, float **out_answers,
                               float **out_panel)
{
    trnnsf_context *ctx = trainer->ctx;
    size_t n_out = outputs_of(trainer);
    float *answers = trn_malloc(ctx, trainer->n_samples * n_out, sizeof *answers);
    float *panel = TRN_NEW_ARRAY(ctx, float, n_out * trainer->pass->capacity);

    if (!answers || !panel) {
        trn_free(ctx, answers);
        trn_free(ctx, panel);
        return TRNNSF_E_NO_MEMORY;
    }
    *out_answers = answers;
    *out_panel = panel;
    return TRNNSF_OK;
}

static void adopt(struct trnnsf_trainer *trainer, float *answers, float *panel, double weight,
                  double temperature)
{
    trn_trainer_forget_teacher(trainer);
    trainer->teacher = answers;
    trainer->soft = panel;
    trainer->teacher_weight = weight;
    trainer->temperature = temperature;
}

/* What one teacher says, tempered where the loss is. It sees as many features as it has inputs. */
static trnnsf_status ask(trnnsf_context *ctx, const struct trnnsf_trainer *trainer,
                         const struct trnnsf_network *teacher, double temperature, float *answers)
{
    const struct trn_part *part = &trainer->dataset->part[TRNNSF_PART_TRAIN];
    size_t n_in = trn_network_inputs(teacher), features = trn_network_inputs(trainer->network);
    size_t n_out = outputs_of(trainer);
    uint32_t activation = trn_network_output_activation(trainer->network);
    const float *inputs = part->values;
    float *first = NULL;

    if (n_in < features) {
        first = trn_malloc(ctx, trainer->n_samples * n_in, sizeof *first);
        if (!first)
            return TRNNSF_E_NO_MEMORY;
        for (size_t s = 0; s < trainer->n_samples; s++)
            memcpy(first + s * n_in, part->values + s * features, n_in * sizeof *first);
        inputs = first;
    }
    trnnsf_status status = trn_network_forward(ctx, teacher, trainer->n_samples, inputs, answers);
    trn_free(ctx, first);
    if (status != TRNNSF_OK || trainer->options.loss == TRNNSF_LOSS_SQUARED)
        return status;
    for (size_t s = 0; s < trainer->n_samples; s++)
        trn_temper(activation, temperature, answers + s * n_out, n_out, 1);
    return TRNNSF_OK;
}

/* The mean over teachers (arXiv 1503.02531, section 1: an ensemble's mean as soft targets). */
static trnnsf_status ask_all(trnnsf_context *ctx, const struct trnnsf_trainer *trainer,
                             const struct trnnsf_network *const *teachers, size_t n_teachers,
                             double temperature, float *answers)
{
    size_t count = trainer->n_samples * outputs_of(trainer);
    float *one;

    TRN_TRY(ask(ctx, trainer, teachers[0], temperature, answers));
    if (n_teachers == 1)
        return TRNNSF_OK;
    one = trn_malloc(ctx, count, sizeof *one);
    if (!one)
        return TRNNSF_E_NO_MEMORY;
    trnnsf_status status = TRNNSF_OK;
    for (size_t t = 1; t < n_teachers && status == TRNNSF_OK; t++) {
        status = ask(ctx, trainer, teachers[t], temperature, one);
        for (size_t i = 0; i < count && status == TRNNSF_OK; i++)
            answers[i] += one[i];
    }
    trn_free(ctx, one);
    for (size_t i = 0; i < count; i++)
        answers[i] /= (float)n_teachers;
    return status;
}

/* Nothing else looks at them: a batch's loss is that of the labels. */
static trnnsf_status check_answers(trnnsf_context *ctx, const struct trnnsf_trainer *trainer,
                                   const float *answers)
{
    size_t n_out = outputs_of(trainer);

    for (size_t i = 0; i < trainer->n_samples * n_out; i++) {
        if (!isfinite(answers[i]))
            return trn_fail(ctx, TRNNSF_E_NUMERIC,
                            "trnnsf_run_set_teachers: output %zu for training sample %zu, %g, is not "
                            "finite",
                            i % n_out, i / n_out, (double)answers[i]);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_trainer_set_teachers(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                       const struct trnnsf_network *const *teachers,
                                       size_t n_teachers, double weight, double temperature)
{
    float *answers, *panel;

    TRN_TRY(make_room(trainer, &answers, &panel));
    trnnsf_status status = ask_all(ctx, trainer, teachers, n_teachers, temperature, answers);
    if (status == TRNNSF_OK)
        status = check_answers(ctx, trainer, answers);
    if (status != TRNNSF_OK) {
        trn_free(ctx, answers);
        trn_free(ctx, panel);
        return status;
    }
    adopt(trainer, answers, panel, weight, temperature);
    return TRNNSF_OK;
}

const float *trn_trainer_teacher(const struct trnnsf_trainer *trainer)
{
    return trainer->teacher;
}

trnnsf_status trn_trainer_restore_teacher(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                          const float *answers, double weight, double temperature)
{
    float *copy, *panel;

    (void)ctx;
    TRN_TRY(make_room(trainer, &copy, &panel));
    memcpy(copy, answers, trainer->n_samples * outputs_of(trainer) * sizeof *copy);
    adopt(trainer, copy, panel, weight, temperature);
    return TRNNSF_OK;
}
