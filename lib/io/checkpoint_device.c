#include "io/checkpoint_device.h"

#include <stdio.h>

#include "base/context.h"

enum { NAME_ROOM = 64 };

static void name_of(char *name, size_t layer, const char *what)
{
    snprintf(name, NAME_ROOM, "device.%zu.%s", layer, what);
}

static trnnsf_status add_layer(struct trn_safetensors_writer *writer, const struct trnnsf_run *run,
                               size_t l)
{
    const struct trn_layer *layer = &run->network->layers[l];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    void *masters = NULL, *signs = NULL;
    char name[NAME_ROOM];

    if (!trn_trainer_get_masters(run->trainer, l, NULL, NULL))
        return TRNNSF_OK;
    name_of(name, l, "master");
    TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 2, shape, &masters));
    name_of(name, l, "signs");
    if (trn_trainer_has_signs(run->trainer, l))
        TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 2, shape, &signs));
    trn_trainer_get_masters(run->trainer, l, masters, signs);
    return TRNNSF_OK;
}

trnnsf_status trn_checkpoint_add_device(struct trn_safetensors_writer *writer,
                                        const struct trnnsf_run *run)
{
    if (!trn_trainer_on_device(run->trainer))
        return TRNNSF_OK;
    trn_safetensors_set_number(writer, "run.device", 1);
    for (size_t l = 0; l < run->network->n_layers; l++)
        TRN_TRY(add_layer(writer, run, l));
    return TRNNSF_OK;
}

static trnnsf_status read_layer(trnnsf_context *ctx, struct trnnsf_run *run,
                                const struct trn_safetensors *file, size_t l, bool apply)
{
    const struct trn_layer *layer = &run->network->layers[l];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    const float *masters = NULL, *signs = NULL;
    char name[NAME_ROOM];

    name_of(name, l, "master");
    if (!trn_safetensors_find(file, name))
        return TRNNSF_OK;
    TRN_TRY(trn_safetensors_get_finite(file, name, 2, shape, &masters));
    name_of(name, l, "signs");
    if (run->schedule->word[TRN_DEVICE_UNIPOLAR] != TRNNSF_UNIPOLAR_NONE)
        TRN_TRY(trn_safetensors_get_finite(file, name, 2, shape, &signs));
    return apply ? trn_trainer_set_masters(ctx, run->trainer, l, masters, signs) : TRNNSF_OK;
}

trnnsf_status trn_checkpoint_read_device(trnnsf_context *ctx, struct trnnsf_run *run,
                                         const struct trn_safetensors *file, bool apply)
{
    bool on_device = trn_safetensors_text(file, "run.device") != NULL;

    for (size_t l = 0; on_device && l < run->network->n_layers; l++)
        TRN_TRY(read_layer(ctx, run, file, l, apply));
    return apply ? trn_trainer_set_on_device(run->trainer, on_device) : TRNNSF_OK;
}
