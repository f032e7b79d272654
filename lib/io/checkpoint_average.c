#include "io/checkpoint_average.h"

#include <stdio.h>

#include "base/context.h"

enum { NAME_ROOM = 64 };

static const char averaged[] = "run.averaged";

trnnsf_status trn_checkpoint_add_average(struct trn_safetensors_writer *writer,
                                         const struct trnnsf_run *run)
{
    if (trn_trainer_averaged(run->trainer) == 0)
        return TRNNSF_OK;
    trn_safetensors_set_number(writer, averaged, trn_trainer_averaged(run->trainer));
    for (size_t i = 0; i < trn_trainer_average_vectors(run->trainer); i++) {
        const size_t n = trn_trainer_average_values(run->trainer, i);
        char name[NAME_ROOM];
        void *room = NULL;

        if (n == 0)
            continue;
        snprintf(name, sizeof name, "average.%zu", i);
        TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 1, &n, &room));
        trn_trainer_get_average(run->trainer, i, room);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_checkpoint_read_average(trnnsf_context *ctx, struct trnnsf_run *run,
                                          const struct trn_safetensors *file, bool apply)
{
    uint64_t count = 0;

    if (!trn_safetensors_text(file, averaged))
        return TRNNSF_OK;
    TRN_TRY(trn_safetensors_number(file, averaged, 1, INT64_MAX, &count));
    if (run->schedule->word[TRN_AVERAGE] == TRNNSF_AVERAGE_NONE)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "the checkpoint has averaged weights, and the schedule averages none");
    for (size_t i = 0; i < trn_trainer_average_vectors(run->trainer); i++) {
        const size_t n = trn_trainer_average_values(run->trainer, i);
        const float *values;
        char name[NAME_ROOM];

        if (n == 0)
            continue;
        snprintf(name, sizeof name, "average.%zu", i);
        TRN_TRY(trn_safetensors_get_finite(file, name, 1, &n, &values));
        if (apply)
            trn_trainer_set_average(run->trainer, i, values);
    }
    if (apply)
        trn_trainer_set_averaged(run->trainer, count);
    return TRNNSF_OK;
}
