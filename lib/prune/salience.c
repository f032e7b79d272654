#include "prune/salience.h"

#include <float.h>
#include <math.h>

#include "base/context.h"
#include "base/pool.h"

enum { ROWS_A_TASK = 32 };

struct job {
    enum trn_salience_rule rule;
    const float *weights, *mean_square;
    float *out;
    size_t n_out, n_in;
};

static float weigh(const struct job *job, float weight, size_t input)
{
    double value = fabs((double)weight);

    if (job->rule != TRN_SALIENCE_MAGNITUDE)
        value *= value;
    if (job->rule == TRN_SALIENCE_ENERGY)
        value *= fabs((double)job->mean_square[input]);
    return value > (double)FLT_MAX ? FLT_MAX : (float)value;
}

static void salience_task(void *argument, size_t task, size_t worker)
{
    const struct job *job = argument;
    size_t end = (task + 1) * ROWS_A_TASK;

    (void)worker;
    if (end > job->n_out)
        end = job->n_out;
    for (size_t i = task * ROWS_A_TASK; i < end; i++) {
        for (size_t j = 0; j < job->n_in; j++)
            job->out[i * job->n_in + j] = weigh(job, job->weights[i * job->n_in + j], j);
    }
}

trnnsf_status trn_prune_salience(trnnsf_context *ctx, enum trn_salience_rule rule,
                                 const float *weights, size_t n_out, size_t n_in,
                                 const float *mean_square, float *out)
{
    struct job job = {rule, weights, mean_square, out, n_out, n_in};

    if (rule > TRN_SALIENCE_ENERGY)
        return trn_fail(ctx, TRNNSF_E_INVALID, "salience: rule %d is not in [0, %d]", (int)rule,
                        TRN_SALIENCE_ENERGY);
    if (rule == TRN_SALIENCE_ENERGY && !mean_square)
        return trn_fail(ctx, TRNNSF_E_INVALID, "salience: mean_square is NULL");
    trn_parallel(ctx, (n_out + ROWS_A_TASK - 1) / ROWS_A_TASK, salience_task, &job);
    return TRNNSF_OK;
}
