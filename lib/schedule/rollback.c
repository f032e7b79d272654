#include "schedule/rollback.h"

#include "base/context.h"

static bool has_floor(const struct trnnsf_run *run)
{
    return run->schedule->number[TRN_TARGET_LOSS] > 0 && run->reference_accuracy > 0;
}

bool trn_keeps_floor(const struct trnnsf_run *run, double accuracy)
{
    double floor = run->reference_accuracy - 0.01 * run->schedule->number[TRN_TARGET_LOSS];

    return !has_floor(run) || !(accuracy < floor);
}

trnnsf_status trn_rollback_note(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                double accuracy)
{
    struct trnnsf_network *copy;

    if (!has_floor(run) || run->budget_first <= 0 || !trn_keeps_floor(run, accuracy))
        return TRNNSF_OK;
    TRN_TRY(trn_network_copy(ctx, run->network, &copy));
    trn_network_free(run->good);
    run->good = copy;
    run->good_epoch = epoch;
    return TRNNSF_OK;
}

bool trn_rollback_due(const struct trnnsf_run *run, uint64_t epoch)
{
    uint64_t below = epoch - run->good_epoch;
    bool shrinks = !run->went_back && !trn_run_past(run, epoch, TRN_CLUSTER_UNTIL);

    if (!run->good || below == 0)
        return false;
    return epoch == run->epochs ||
           (shrinks && (double)below >= run->schedule->number[TRN_PACK_PATIENCE]);
}

trnnsf_status trn_rollback(trnnsf_context *ctx, struct trnnsf_run *run)
{
    struct trnnsf_network *copy;

    TRN_TRY(trn_network_copy(ctx, run->good, &copy));
    trn_network_swap_layers(run->network, copy);
    trn_network_free(copy);
    run->went_back = true;
    return TRNNSF_OK;
}
