#include "tensor/run.h"

static void run_alone(size_t count, trn_task_function function, struct trn_run *run)
{
    for (size_t task = 0; task < count; task++)
        function(run, task, 0);
}

trnnsf_status trn_run_tasks(trnnsf_context *ctx, const char *kernel, size_t count,
                            trn_task_function function, struct trn_run *run)
{
    trnnsf_status status;

    TRN_TRY(trn_backend_current(ctx, &run->backend));
    atomic_init(&run->failure, TRNNSF_OK);
    if (run->backend->ops.flags & TRNNSF_BACKEND_ONE_THREAD)
        run_alone(count, function, run);
    else
        trn_parallel(ctx, count, function, run);
    trn_backend_tell(ctx);
    status = (trnnsf_status)atomic_load(&run->failure);
    if (status == TRNNSF_OK)
        return TRNNSF_OK;
    return trn_fail(ctx, status, "backend %s: kernel %s failed with %s", run->backend->name, kernel,
                    trnnsf_status_name(status));
}
