/* A trainer's teacher: what another network says of the training samples, kept once. */
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

static const struct trn_layer *last_layer(const struct trnnsf_trainer *trainer)
{
    return &trainer->network->layers[trainer->n_layers - 1];
}

/* Room for answers; what was there before stays where it fails. */
static trnnsf_status make_room(struct trnnsf_trainer *trainer, float **out_answers,
                               float **out_panel)
{
    trnnsf_context *ctx = trainer->ctx;
    size_t n_out = last_layer(trainer)->n_out;
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

trnnsf_status trn_trainer_set_teacher(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                      const struct trnnsf_network *teacher, double weight,
                                      double temperature)
{
    const struct trn_part *part = &trainer->dataset->part[TRNNSF_PART_TRAIN];
    const struct trn_layer *layer = last_layer(trainer);
    float *answers, *panel;

    if (!teacher) {
        trn_trainer_forget_teacher(trainer);
        return TRNNSF_OK;
    }
    TRN_TRY(make_room(trainer, &answers, &panel));
    trnnsf_status status =
        trn_network_forward(ctx, teacher, trainer->n_samples, part->values, answers);
    if (status != TRNNSF_OK) {
        trn_free(ctx, answers);
        trn_free(ctx, panel);
        return status;
    }
    if (trainer->options.loss != TRNNSF_LOSS_SQUARED) {
        for (size_t s = 0; s < trainer->n_samples; s++)
            trn_temper(layer->activation, temperature, answers + s * layer->n_out, layer->n_out, 1);
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
    memcpy(copy, answers, trainer->n_samples * last_layer(trainer)->n_out * sizeof *copy);
    adopt(trainer, copy, panel, weight, temperature);
    return TRNNSF_OK;
}
