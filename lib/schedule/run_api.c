#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "schedule/run.h"
#include "schedule/shapes.h"
#include "schedule/traffic.h"
#include "sim/common/activity.h"

enum { TEACHERS_MAX = 1024 };

static trnnsf_status is_null(trnnsf_context *context, const char *function, const char *argument)
{
    return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function, argument);
}

static trnnsf_status check_fit(trnnsf_context *context, const char *function,
                               const struct trnnsf_network *network,
                               const struct trnnsf_dataset *dataset)
{
    size_t features = trn_dataset_features(dataset);
    size_t classes = network->layers[network->n_layers - 1].n_out;

    if (network->ctx != context)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: the network belongs to another context",
                        function);
    if (features != network->layers[0].n_in)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", function,
                        features, network->layers[0].n_in);
    if (dataset->n_classes > classes)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu classes, the network %zu outputs", function,
                        dataset->n_classes, classes);
    if (dataset->part[TRNNSF_PART_TRAIN].n_samples == 0)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the dataset has no training samples",
                        function);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_run_create(trnnsf_context *context, trnnsf_network *network,
                                const trnnsf_dataset *dataset, const trnnsf_schedule *schedule,
                                const trnnsf_tech *tech, double reference_accuracy,
                                trnnsf_run **out_run)
{
    static const char *const function = "trnnsf_run_create";
    struct trn_pack_pool pool;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !dataset || !schedule || !tech || !out_run)
        return is_null(context, function,
                       !network    ? "network"
                       : !dataset  ? "dataset"
                       : !schedule ? "schedule"
                       : !tech     ? "tech"
                                   : "out_run");
    if (!(reference_accuracy >= 0 && reference_accuracy <= 1))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: reference_accuracy %g is not in [0, 1]",
                        function, reference_accuracy);
    TRN_TRY(trn_network_need_chain(context, function, network));
    TRN_TRY(check_fit(context, function, network, dataset));
    TRN_TRY(trn_schedule_check(context, function, schedule));
    trn_shapes_pool(tech, schedule, &pool);
    return trn_run_create(context, network, dataset, schedule, &pool, reference_accuracy, out_run);
}

static trnnsf_status check_step(trnnsf_context *context, const char *function,
                                const struct trnnsf_run *run)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!run)
        return is_null(context, function, "run");
    if (run->ctx != context)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: the run belongs to another context",
                        function);
    return TRNNSF_OK;
}

static trnnsf_status check_teacher(trnnsf_context *context, const char *function,
                                   const struct trnnsf_run *run,
                                   const struct trnnsf_network *teacher, size_t index)
{
    const struct trn_layer *own = &run->network->layers[run->network->n_layers - 1], *last;
    size_t features = run->network->layers[0].n_in, n_in;

    if (!teacher)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: teacher %zu is NULL", function, index);
    TRN_TRY(trn_network_need_chain(context, function, teacher));
    last = &teacher->layers[teacher->n_layers - 1];
    n_in = teacher->layers[0].n_in;
    if (n_in != features && 2 * n_in != features)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: teacher %zu has %zu inputs, which is neither %zu nor half of it",
                        function, index, n_in, features);
    if (last->n_out != own->n_out || last->activation != own->activation)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: teacher %zu has %zu outputs of activation %u, the network %zu of %u",
                        function, index, last->n_out, last->activation, own->n_out,
                        own->activation);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_run_set_teachers(trnnsf_context *context, trnnsf_run *run,
                                      const trnnsf_network *const *teachers, size_t n_teachers)
{
    static const char *const function = "trnnsf_run_set_teachers";

    TRN_TRY(check_step(context, function, run));
    if (!teachers)
        return is_null(context, function, "teachers");
    if (n_teachers < 1 || n_teachers > TEACHERS_MAX)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_teachers %zu is not in [1, %d]", function,
                        n_teachers, TEACHERS_MAX);
    for (size_t t = 0; t < n_teachers; t++)
        TRN_TRY(check_teacher(context, function, run, teachers[t], t));
    if (!(run->schedule->number[TRN_DISTIL] > 0))
        return trn_fail(context, TRNNSF_E_STATE, "%s: train.distil of the schedule is 0", function);
    return trn_trainer_set_teachers(context, run->trainer, teachers, n_teachers,
                                    run->schedule->number[TRN_DISTIL],
                                    run->schedule->number[TRN_TEMPERATURE]);
}

static trnnsf_status check_activity(trnnsf_context *context, const char *function,
                                    const struct trnnsf_run *run,
                                    const struct trnnsf_activity *activity)
{
    if (activity->n_layers != run->network->n_layers)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the activity has %zu layers, the network %zu", function,
                        activity->n_layers, run->network->n_layers);
    for (size_t l = 0; l < activity->n_layers; l++) {
        size_t inputs = activity->start[l + 1] - activity->start[l];

        if (inputs != run->network->layers[l].n_in)
            return trn_fail(context, TRNNSF_E_MISMATCH,
                            "%s: layer %zu has %zu inputs in the activity, %zu in the network",
                            function, l, inputs, run->network->layers[l].n_in);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_run_set_activity(trnnsf_context *context, trnnsf_run *run,
                                      const trnnsf_activity *activity)
{
    static const char *const function = "trnnsf_run_set_activity";

    TRN_TRY(check_step(context, function, run));
    if (!(run->schedule->number[TRN_TRAFFIC_WEIGHT] > 0))
        return trn_fail(context, TRNNSF_E_STATE, "%s: traffic.weight of the schedule is 0",
                        function);
    if (activity)
        TRN_TRY(check_activity(context, function, run, activity));
    return trn_traffic_give(context, run, activity ? activity->rate : NULL);
}

trnnsf_status trnnsf_run_step(trnnsf_context *context, trnnsf_run *run,
                              struct trnnsf_step *out_step)
{
    static const char *const function = "trnnsf_run_step";

    TRN_TRY(check_step(context, function, run));
    if (out_step)
        TRN_TRY(trn_result_check(context, function, out_step, sizeof *out_step));
    if (trn_run_done(run))
        return trn_fail(context, TRNNSF_E_STATE, "%s: all %llu epochs are done", function,
                        (unsigned long long)run->epochs);
    return trn_run_step(context, run, out_step);
}

int trnnsf_run_done(const trnnsf_run *run)
{
    return !run || trn_run_done(run);
}

trnnsf_status trnnsf_run_finish(trnnsf_context *context, trnnsf_run *run)
{
    TRN_TRY(check_step(context, "trnnsf_run_finish", run));
    while (!trn_run_done(run))
        TRN_TRY(trn_run_step(context, run, NULL));
    return TRNNSF_OK;
}

size_t trnnsf_run_steps(const trnnsf_run *run)
{
    return run ? run->n_steps : 0;
}

trnnsf_status trnnsf_run_history(trnnsf_context *context, const trnnsf_run *run, size_t index,
                                 struct trnnsf_step *out_step)
{
    static const char *const function = "trnnsf_run_history";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!run || !out_step)
        return is_null(context, function, run ? "out_step" : "run");
    TRN_TRY(trn_result_check(context, function, out_step, sizeof *out_step));
    if (index >= run->n_steps)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: index %zu is not below %zu steps", function,
                        index, run->n_steps);

    trn_result_write(out_step, &run->steps[index]);
    return TRNNSF_OK;
}

void trnnsf_run_free(trnnsf_run *run)
{
    trn_run_free(run);
}
