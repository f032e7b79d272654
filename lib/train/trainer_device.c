/* A trainer's device: when it begins, and what a checkpoint has of it. */
#include <string.h>

#include "base/context.h"
#include "data/dataset.h"
#include "train/step.h"

static bool has_ranges(const struct trnnsf_trainer *trainer)
{
    const struct trn_device *device = &trainer->device;

    for (size_t l = 0; l < trainer->n_layers; l++) {
        const struct trn_layer *layer = &trainer->network->layers[l];

        if ((trn_device_holds_weights(device) && !(layer->grid.range > 0.0f)) ||
            (trn_device_converts(device) && !(layer->input.range > 0.0f)))
            return false;
    }
    return true;
}

/* Masters are those of the layers as they are; all that can fail is made before they are taken. */
static trnnsf_status make_masters(struct trnnsf_trainer *trainer, float *const *signs)
{
    for (size_t l = 0; trn_device_holds_weights(&trainer->device) && l < trainer->n_layers; l++)
        TRN_TRY(trn_masters_create(trainer->ctx, &trainer->network->layers[l],
                                   trainer->pass->packed[l], trainer->network->layers[l].weights,
                                   signs[l], &trainer->layers[l].masters));
    return TRNNSF_OK;
}

/* Samples that the search for signs looks at, spread evenly over the part. */
static trnnsf_status take_samples(struct trnnsf_trainer *trainer, size_t *out_n, float **out_inputs,
                                  uint32_t **out_labels)
{
    const struct trnnsf_dataset *dataset = trainer->dataset;
    const struct trn_part *part = &dataset->part[TRNNSF_PART_VALIDATION];
    size_t n_in = trn_dataset_features(dataset), n = trainer->options.sign_samples, stride;

    if (part->n_samples == 0)
        part = &dataset->part[TRNNSF_PART_TRAIN];
    n = n < part->n_samples ? n : part->n_samples;
    stride = part->n_samples / n;
    *out_inputs = trn_malloc(trainer->ctx, n * n_in, sizeof **out_inputs);
    *out_labels = TRN_NEW_ARRAY(trainer->ctx, uint32_t, n);
    if (!*out_inputs || !*out_labels)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        memcpy(*out_inputs + i * n_in, part->values + i * stride * n_in, n_in * sizeof(float));
        (*out_labels)[i] = part->labels[i * stride];
    }
    *out_n = n;
    return TRNNSF_OK;
}

static trnnsf_status search_signs(struct trnnsf_trainer *trainer, float **signs)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    struct trn_sign_search how = {
        .loss = options->loss, .rounds = options->sign_rounds, .seed = options->seed};
    float *inputs = NULL;
    uint32_t *labels = NULL;
    trnnsf_status status;

    if (how.rounds == 0 || options->unipolar == TRNNSF_UNIPOLAR_NONE ||
        options->unipolar == TRNNSF_UNIPOLAR_POSITIVE)
        return TRNNSF_OK;
    TRN_TRY_OUT(take_samples(trainer, &how.n_samples, &inputs, &labels));
    how.inputs = inputs;
    how.labels = labels;
    status = trn_device_search_signs(trainer->ctx, trainer->network, &trainer->device, &how, signs);
out:
    trn_free(trainer->ctx, inputs);
    trn_free(trainer->ctx, labels);
    return status;
}

/* Also where the network has lost its ranges, having become what it was before. */
trnnsf_status trn_train_begin_device(struct trnnsf_trainer *trainer)
{
    trnnsf_context *ctx = trainer->ctx;
    const struct trn_part *part = &trainer->dataset->part[TRNNSF_PART_TRAIN];
    float **signs = NULL;
    trnnsf_status status;

    if (trn_device_is_ideal(&trainer->device) || trainer->epochs < trainer->options.device_first ||
        (trainer->on_device && has_ranges(trainer)))
        return TRNNSF_OK;
    for (size_t l = 0; l < trainer->n_layers; l++)
        trn_masters_free(ctx, &trainer->layers[l].masters);
    trainer->on_device = false;
    TRN_TRY(trn_train_follow(trainer));
    TRN_TRY_OUT(trn_device_all_signs(ctx, trainer->network, &trainer->device, &signs));
    TRN_TRY_OUT(search_signs(trainer, signs));
    TRN_TRY_OUT(trn_device_calibrate(ctx, trainer->network, &trainer->device, part->n_samples,
                                     part->values, signs));
    TRN_TRY_OUT(trn_train_follow(trainer));
    TRN_TRY_OUT(trn_pass_need_slopes(trainer->pass));
    TRN_TRY_OUT(make_masters(trainer, signs));
    trainer->on_device = true;
out:
    trn_device_free_signs(ctx, trainer->network, signs);
    return status;
}

bool trn_trainer_on_device(const struct trnnsf_trainer *trainer)
{
    return trainer->on_device;
}

trnnsf_status trn_trainer_set_on_device(struct trnnsf_trainer *trainer, bool on_device)
{
    for (size_t l = 0; !on_device && l < trainer->n_layers; l++)
        trn_masters_free(trainer->ctx, &trainer->layers[l].masters);
    if (on_device)
        TRN_TRY(trn_pass_need_slopes(trainer->pass));
    trainer->on_device = on_device;
    return TRNNSF_OK;
}

bool trn_trainer_get_masters(const struct trnnsf_trainer *trainer, size_t layer, float *masters,
                             float *signs)
{
    const struct trn_masters *from = &trainer->layers[layer].masters;
    const struct trn_packed *packed = trainer->pass->packed[layer];

    if (!from->values)
        return false;
    if (masters)
        trn_packed_to_dense(packed, from->values, masters);
    if (signs && from->signs)
        trn_packed_to_dense(packed, from->signs, signs);
    return true;
}

bool trn_trainer_has_signs(const struct trnnsf_trainer *trainer, size_t layer)
{
    return trainer->layers[layer].masters.signs != NULL;
}

trnnsf_status trn_trainer_set_masters(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                      size_t layer, const float *masters, const float *signs)
{
    const struct trn_packed *packed = trainer->pass->packed[layer];

    return trn_masters_create(ctx, &trainer->network->layers[layer], packed, masters, signs,
                              &trainer->layers[layer].masters);
}
