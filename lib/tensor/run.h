/* Running kernels as tasks: the backend in use, a fixed cut of a length, the first failure. */
#ifndef TRN_TENSOR_RUN_H
#define TRN_TENSOR_RUN_H

#include <stdatomic.h>

#include "backend/backend.h"
#include "base/pool.h"

/* First member of a task's argument. */
struct trn_run {
    const struct trn_backend *backend;
    atomic_int failure; /* a trnnsf_status */
};

/* `length` in `count` pieces of `step`, the last one shorter. */
struct trn_cut {
    size_t length;
    size_t step;
    size_t count;
};

/* At most `pieces`, steps a multiple of `multiple`. A length of 0 has no piece. */
static inline struct trn_cut trn_cut_into(size_t length, size_t pieces, size_t multiple)
{
    struct trn_cut cut = {.length = length};

    if (length == 0)
        return cut;
    cut.step = (length - 1) / pieces + 1;
    cut.step = ((cut.step - 1) / multiple + 1) * multiple;
    cut.count = (length - 1) / cut.step + 1;
    return cut;
}

static inline size_t trn_cut_start(const struct trn_cut *cut, size_t piece)
{
    return piece * cut->step;
}

static inline size_t trn_cut_length(const struct trn_cut *cut, size_t piece)
{
    size_t left = cut->length - piece * cut->step;

    return left < cut->step ? left : cut->step;
}

/* From a task. */
static inline void trn_run_note(struct trn_run *run, trnnsf_status status)
{
    int none = TRNNSF_OK;

    if (status != TRNNSF_OK)
        atomic_compare_exchange_strong(&run->failure, &none, (int)status);
}

/* Sets run's backend, runs the tasks, names `kernel` in the failure. `run` begins the argument. */
trnnsf_status trn_run_tasks(trnnsf_context *ctx, const char *kernel, size_t count,
                            trn_task_function function, struct trn_run *run);

#endif
