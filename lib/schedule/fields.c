#include "schedule/fields.h"

#include <math.h>

#include "base/context.h"
#include "schedule/receptive.h"

/* A neuron that nothing reads comes after all that something does, wherever that is placed. */
static const float unread = 1e-12f;

size_t trn_fields_crossbars(const struct trnnsf_run *run)
{
    size_t budget = trn_joint_last_budget(run), others = run->network->n_layers - 1;
    double share = run->schedule->number[TRN_PACK_PATCHES];
    size_t crossbars = (size_t)(share * (double)budget + 0.5);

    if (share <= 0 || others == 0)
        return 0;
    if (crossbars + others > budget)
        crossbars = budget > others ? budget - others : 1;
    return crossbars > 0 ? crossbars : 1;
}

void trn_fields_forget_dead(const struct trn_moments *moments, struct trnnsf_matrix *salience)
{
    for (size_t i = 0; i < salience->n_rows; i++) {
        if (moments->input[1][i] > 0 && moments->output[0][i] > 0)
            continue;
        for (size_t e = salience->row_start[i]; e < salience->row_start[i + 1]; e++)
            salience->value[e] = 0;
    }
}

trnnsf_status trn_fields_propose(struct trn_joint *joint, const struct trnnsf_matrix *salience,
                                 size_t outputs)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    struct trnnsf_clusters *fields;
    double *worth;

    if (run->layers[0].clustered)
        TRN_TRY(trn_receptive_trim(ctx, run->network->layers[0].clusters, salience, &fields));
    else
        TRN_TRY(trn_receptive_clusters(ctx, run, salience, trn_fields_crossbars(run), outputs, &fields));
    size_t count = trn_clusters_count(fields);
    worth = TRN_NEW_ARRAY(ctx, double, count);
    if (!worth) {
        trn_clusters_free(fields);
        return TRNNSF_E_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        worth[i] = INFINITY;
    trnnsf_status status = trn_joint_propose(joint, 0, fields, worth);
    trn_free(ctx, worth);
    return status;
}

trnnsf_status trn_fields_fit(struct trn_joint *joint, const struct trn_reach *reach,
                             struct trnnsf_matrix *salience)
{
    size_t placed = 0, read = 0;

    for (size_t i = 0; i < salience->n_rows; i++) {
        bool lives = false;

        for (size_t e = salience->row_start[i]; e < salience->row_start[i + 1]; e++) {
            lives = lives || salience->value[e] > 0;
            if (!reach->outputs[0][i])
                salience->value[e] *= unread;
        }
        placed += trn_clusters_has_row(joint->found[0], i);
        read += lives && reach->outputs[0][i];
    }
    if (read == placed)
        return TRNNSF_OK;
    trn_joint_withdraw(joint, 0);
    TRN_TRY(trn_fields_propose(joint, salience, read));
    return trn_joint_share(joint, NAN);
}
