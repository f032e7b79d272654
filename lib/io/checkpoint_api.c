#include "base/context.h"
#include "io/checkpoint.h"

trnnsf_status trnnsf_run_save(trnnsf_context *context, const trnnsf_run *run, const char *path)
{
    if (!context || !run || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_run_save: %s is NULL",
                        run ? "path" : "run");

    trnnsf_status status = trn_checkpoint_save(context, run, path);
    return status ? trn_fail_in(context, status, "trnnsf_run_save") : TRNNSF_OK;
}

trnnsf_status trnnsf_run_restore(trnnsf_context *context, trnnsf_run *run, const char *path)
{
    struct trn_safetensors *file = NULL;
    trnnsf_status status;

    if (!context || !run || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_run_restore: %s is NULL",
                        run ? "path" : "run");
    if (run->ctx != context)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_run_restore: the run belongs to another context");
    status = trn_safetensors_open(context, path, &file);
    if (status == TRNNSF_OK)
        status = trn_checkpoint_restore(context, run, file);
    trn_safetensors_free(file);
    return status ? trn_fail_in(context, status, "trnnsf_run_restore") : TRNNSF_OK;
}
