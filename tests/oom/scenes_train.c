/* Training, and whole runs of each method. */
#include "makes.h"

static trnnsf_status trainer(struct stage *s)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    trnnsf_trainer *out = NULL;

    options.optimiser = TRNNSF_OPTIMISER_ADAM;
    options.batch = 16;
    options.rate = 0.01;
    options.shift = 1;
    trnnsf_status status = trnnsf_trainer_create(s->ctx, s->network, s->dataset, &options, &out);
    expect((status == TRNNSF_OK) == (out != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_trainer_epoch(s->ctx, out, &epoch);
    trnnsf_trainer_free(out);
    return status;
}

static trnnsf_status epoch(struct stage *s)
{
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};

    return trnnsf_trainer_epoch(s->ctx, s->trainer, &epoch);
}

/* A copy of the network is trained, so that each play begins with the same weights. */
static trnnsf_status whole_run(struct stage *s)
{
    trnnsf_network *network = NULL;
    trnnsf_run *run = NULL;
    trnnsf_status status = trnnsf_network_copy(s->ctx, s->network, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_run_create(s->ctx, network, s->dataset, s->schedule, s->tech, 0, &run);
    if (status == TRNNSF_OK)
        status = trnnsf_run_finish(s->ctx, run);
    if (status == TRNNSF_OK) {
        s->result = (double)trnnsf_network_weights(network, 0)[3];
        expect(trnnsf_run_done(run), "it finished, and is not done");
    }
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    return status;
}

/* Two teachers, one of which is the network itself. */
static trnnsf_status taught_run(struct stage *s)
{
    trnnsf_network *network = NULL, *other = NULL;
    const trnnsf_network *teachers[2] = {s->network, NULL};
    trnnsf_run *run = NULL;
    trnnsf_status status = trnnsf_schedule_set(s->ctx, s->schedule, "pack.distil", 0);

    if (status == TRNNSF_OK)
        status = trnnsf_schedule_set(s->ctx, s->schedule, "train.distil", 0.5);
    if (status == TRNNSF_OK)
        status = trnnsf_network_copy(s->ctx, s->network, &network);
    if (status == TRNNSF_OK)
        status = trnnsf_network_copy(s->ctx, s->network, &other);
    if (status == TRNNSF_OK)
        status = trnnsf_run_create(s->ctx, network, s->dataset, s->schedule, s->tech, 0, &run);
    teachers[1] = other;
    if (status == TRNNSF_OK)
        status = trnnsf_run_set_teachers(s->ctx, run, teachers, 2);
    if (status == TRNNSF_OK)
        status = trnnsf_run_step(s->ctx, run, NULL);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(network, 0)[3];
    trnnsf_run_free(run);
    trnnsf_network_free(other);
    trnnsf_network_free(network);
    return status;
}

/* The same with clusters of several shapes, by what they cost. */
static trnnsf_status pooled_run(struct stage *s)
{
    trnnsf_tech *one = s->tech, *pool = NULL;
    trnnsf_status status = trnnsf_tech_with_shapes(s->ctx, one, "4x4,8x8,2x8", &pool);

    if (status == TRNNSF_OK)
        status = trnnsf_schedule_set_word(s->ctx, s->schedule, "pack.cost", "area");
    s->tech = pool;
    if (status == TRNNSF_OK)
        status = whole_run(s);
    s->tech = one;
    trnnsf_tech_free(pool);
    return status;
}

static trnnsf_status patched_run(struct stage *s)
{
    trnnsf_status status = trnnsf_schedule_set(s->ctx, s->schedule, "pack.patches", 0.5);

    if (status == TRNNSF_OK)
        status = trnnsf_schedule_set(s->ctx, s->schedule, "pack.patch_inputs", 8);
    return status == TRNNSF_OK ? whole_run(s) : status;
}

/* Levels, converters, noise and one sign, in the last of five epochs. */
static trnnsf_status device_run(struct stage *s)
{
    static const char *const keys[] = {"device.weight_levels", "device.activation_bits",
                                       "device.noise", "device.uniform", "device.first",
                                       "device.sign_rounds"};
    static const double values[] = {8, 6, 0.02, 1, 0.8, 1};
    trnnsf_status status = trnnsf_schedule_set_word(s->ctx, s->schedule, "device.unipolar", "block");

    for (size_t i = 0; i < 6 && status == TRNNSF_OK; i++)
        status = trnnsf_schedule_set(s->ctx, s->schedule, keys[i], values[i]);
    return status == TRNNSF_OK ? whole_run(s) : status;
}

/* Synapses weighed by spikes, of an activity that is given: measured once, so that it fits. */
static trnnsf_status weighed_run(struct stage *s)
{
    trnnsf_network *network = NULL;
    trnnsf_activity *activity = NULL;
    trnnsf_run *run = NULL;
    trnnsf_status status = trnnsf_schedule_set(s->ctx, s->schedule, "traffic.weight", 5);

    if (status == TRNNSF_OK)
        status = trnnsf_network_copy(s->ctx, s->network, &network);
    if (status == TRNNSF_OK)
        status = trnnsf_activity_measure(s->ctx, network, s->dataset, TRNNSF_PART_TRAIN, &activity);
    if (status == TRNNSF_OK)
        status = trnnsf_run_create(s->ctx, network, s->dataset, s->schedule, s->tech, 0, &run);
    if (status == TRNNSF_OK)
        status = trnnsf_run_set_activity(s->ctx, run, activity);
    if (status == TRNNSF_OK)
        status = trnnsf_run_save(s->ctx, run, stage_path(s, "weighed.safetensors"));
    if (status == TRNNSF_OK)
        status = trnnsf_run_restore(s->ctx, run, stage_path(s, "weighed.safetensors"));
    if (status == TRNNSF_OK) /* and then rounds measure it */
        status = trnnsf_run_set_activity(s->ctx, run, NULL);
    if (status == TRNNSF_OK)
        status = trnnsf_run_finish(s->ctx, run);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(network, 0)[3];
    trnnsf_run_free(run);
    trnnsf_activity_free(activity);
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status quantise(struct stage *s)
{
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_status status = trnnsf_network_copy(s->ctx, s->network, &network);

    options.weight_levels = 8;
    options.activation_bits = 6;
    options.uniform = 1;
    options.unipolar = TRNNSF_UNIPOLAR_OUTPUT;
    if (status == TRNNSF_OK)
        status = trnnsf_network_quantise(s->ctx, network, s->dataset, &options);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(network, 0)[3];
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status step(struct stage *s)
{
    struct trnnsf_step step = {.struct_size = sizeof step};
    trnnsf_status status = trnnsf_run_step(s->ctx, s->run, &step);

    /* A step that failed late has counted nothing twice: the run still comes to its end. */
    expect(trnnsf_run_steps(s->run) <= 5, "more steps than planned");
    return status;
}

/* Finishes whatever is left: after a failure, the same run goes on. */
static trnnsf_status finish(struct stage *s)
{
    return trnnsf_run_finish(s->ctx, s->run);
}

static trnnsf_status save(struct stage *s)
{
    return trnnsf_run_save(s->ctx, s->run, stage_path(s, "run.safetensors"));
}

static trnnsf_status restore(struct stage *s)
{
    struct trnnsf_step step = {.struct_size = sizeof step};
    trnnsf_status status = trnnsf_run_step(s->ctx, s->run, &step);

    /* The second play comes when steps are done already. */
    if (status == TRNNSF_OK || status == TRNNSF_E_STATE)
        status = trnnsf_run_save(s->ctx, s->run, stage_path(s, "run.safetensors"));
    size_t steps = trnnsf_run_steps(s->run);
    if (status == TRNNSF_OK)
        status = trnnsf_run_restore(s->ctx, s->run, stage_path(s, "run.safetensors"));
    expect(trnnsf_run_steps(s->run) == steps, "restoring changed the count of steps");
    return status;
}

/* What was searched, with its curve. */
static trnnsf_status report(struct stage *s, const trnnsf_search *search)
{
    struct trnnsf_report_entry entry = {.struct_size = sizeof entry,
                                        .method = "pack",
                                        .network = trnnsf_search_network(search),
                                        .tech = s->tech,
                                        .run = trnnsf_search_run(search),
                                        .search = search,
                                        .seconds = -1};
    trnnsf_mapping *mapping = NULL;
    trnnsf_report *out = NULL;
    double crossbars = 0;
    trnnsf_status status = trnnsf_mapping_create(s->ctx, entry.network, s->tech, NULL, &mapping);

    entry.mapping = mapping;
    if (status == TRNNSF_OK)
        status = trnnsf_report_create(s->ctx, &out);
    if (status == TRNNSF_OK)
        status = trnnsf_report_add(s->ctx, out, &entry);
    if (status == TRNNSF_OK)
        status = trnnsf_report_number(s->ctx, out, "trials.0.crossbars", &crossbars);
    expect(status != TRNNSF_OK || crossbars > 0, "a trial without crossbars");
    trnnsf_report_free(out);
    trnnsf_mapping_free(mapping);
    return status;
}

static trnnsf_status search_for(struct stage *s, uint32_t target, double limit)
{
    struct trnnsf_search_options options = TRNNSF_SEARCH_OPTIONS_INIT;
    struct trnnsf_trial trial = {.struct_size = sizeof trial};
    trnnsf_search *out = NULL;

    options.target = target;
    options.trials = 2;
    options.limit = limit;

    trnnsf_status status = trnnsf_search_create(s->ctx, s->network, s->dataset, s->schedule,
                                                s->tech, &options, &out);

    expect((status == TRNNSF_OK) == (out != NULL), "a result without success, or the reverse");
    while (status == TRNNSF_OK && !trnnsf_search_done(out))
        status = trnnsf_search_step(s->ctx, out, &trial);
    if (status == TRNNSF_OK)
        status = report(s, out);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(trnnsf_search_network(out), 0)[3];
    trnnsf_search_free(out);
    return status;
}

static trnnsf_status search(struct stage *s)
{
    return search_for(s, TRNNSF_TARGET_ACCURACY, 0);
}

/* One joule is more than any network of a test takes. */
static trnnsf_status search_energy(struct stage *s)
{
    return search_for(s, TRNNSF_TARGET_ENERGY, 1);
}

const struct scene train_scenes[] = {
    {"trainer", NEED_NETWORK | NEED_DATASET, trainer, NULL, NULL},
    {"trainer_epoch", NEED_TRAINER, epoch, NULL, NULL},
    {"run dense", NEED_RUN, whole_run, "dense", "corrected"},
    {"run prune, published", NEED_RUN, whole_run, "prune", "published"},
    {"run prune, corrected", NEED_RUN, whole_run, "prune", "corrected"},
    {"run offline, published", NEED_RUN, whole_run, "offline", "published"},
    {"run offline, corrected", NEED_RUN, whole_run, "offline", "corrected"},
    {"run transform, published", NEED_RUN, whole_run, "transform", "published"},
    {"run transform, corrected", NEED_RUN, whole_run, "transform", "corrected"},
    {"run dense, taught", NEED_RUN, taught_run, "dense", "corrected"},
    {"run pack", NEED_RUN, whole_run, "pack", "corrected"},
    {"run pack, several shapes", NEED_RUN, pooled_run, "pack", "corrected"},
    {"quantise", NEED_NETWORK | NEED_DATASET, quantise, NULL, NULL},
    {"run dense, device", NEED_RUN, device_run, "dense", "corrected"},
    {"run pack, device", NEED_RUN, device_run, "pack", "corrected"},
    {"run pack, receptive fields", NEED_RUN, patched_run, "pack", "corrected"},
    {"run pack, traffic", NEED_RUN, weighed_run, "pack", "corrected"},
    {"run transform, traffic", NEED_RUN, weighed_run, "transform", "corrected"},
    {"search", NEED_RUN, search, "pack", "corrected"},
    {"search for an energy", NEED_RUN, search_energy, "pack", "corrected"},
    {"run_step", NEED_RUN, step, NULL, NULL},
    {"run_finish", NEED_RUN, finish, NULL, NULL},
    {"run_save", NEED_RUN, save, NULL, NULL},
    {"run_restore", NEED_RUN, restore, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
