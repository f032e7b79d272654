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
    size_t inputs = trn_network_inputs(network), classes = trn_network_outputs(network);

    if (network->ctx != context)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: the network belongs to another context",
                        function);
    if (features != inputs)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features, the network %zu inputs", function,
                        features, inputs);
    if (dataset->n_classes > classes)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu classes, the network %zu outputs", function,
                        dataset->n_classes, classes);
    if (dataset->part[TRNNSF_PART_TRAIN].n_samples == 0)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the dataset has no training samples",
                        function);
    return TRNNSF_OK;
}

/* What has no meaning in a graph, or none so far. */
static trnnsf_status check_graph(trnnsf_context *context, const char *function,
                                 const struct trnnsf_network *network,
                                 const struct trnnsf_schedule *schedule)
{
    static const struct {
        enum trn_schedule_number key;
        const char *name;
    } chains[] = {{TRN_PACK_PATCHES, "pack.patches"},
                  {TRN_PACK_WIDEN, "pack.widen"},
                  {TRN_TRAFFIC_WEIGHT, "traffic.weight"}};

    for (size_t i = 0; !trn_network_is_chain(network) && i < sizeof chains / sizeof *chains; i++) {
        if (schedule->number[chains[i].key] > 0)
            return trn_fail(context, TRNNSF_E_UNSUPPORTED,
                            "%s: %s %g is for chains of fully connected layers, and the network is "
                            "a graph",
                            function, chains[i].name, schedule->number[chains[i].key]);
    }
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
    TRN_TRY(check_fit(context, function, network, dataset));
    TRN_TRY(trn_schedule_check(context, function, schedule));
    TRN_TRY(check_graph(context, function, network, schedule));
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
    size_t features = trn_network_inputs(run->network), n_in;
    size_t outputs = trn_network_outputs(run->network);
    uint32_t activation = trn_network_output_activation(run->network);

    if (!teacher)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: teacher %zu is NULL", function, index);
    n_in = trn_network_inputs(teacher);
    if (n_in != features && 2 * n_in != features)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: teacher %zu has %zu inputs, which is neither %zu nor half of it",
                        function, index, n_in, features);
    if (trn_network_outputs(teacher) != outputs ||
        trn_network_output_activation(teacher) != activation)
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: teacher %zu has %zu outputs of activation %u, the network %zu of %u",
                        function, index, trn_network_outputs(teacher),
                        trn_network_output_activation(teacher), outputs, activation);
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
