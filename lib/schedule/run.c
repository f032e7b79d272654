#include "schedule/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/units.h"
#include "data/dataset.h"
#include "schedule/rollback.h"
#include "schedule/rules.h"
#include "schedule/shapes.h"

static const char *const phases[] = {"train", "prune", "cluster", "drop", "polish", "done",
                                     "rollback"};

size_t trn_run_phases(void)
{
    return sizeof phases / sizeof *phases;
}

const char *trn_run_phase(size_t index)
{
    return index < trn_run_phases() ? phases[index] : NULL;
}

size_t trn_run_phase_index(const char *phase)
{
    size_t i = 0;

    while (strcmp(phases[i], phase) != 0)
        i++;
    return i;
}

static struct trnnsf_trainer_options trainer_options(const struct trnnsf_schedule *schedule)
{
    const double *number = schedule->number;
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    bool trained = schedule->word[TRN_METHOD] == TRN_METHOD_PACK && number[TRN_CLUSTER_FIRST] <= 0;

    options.optimiser = schedule->word[TRN_OPTIMISER];
    options.loss = schedule->word[TRN_LOSS];
    options.rate_schedule = schedule->word[TRN_RATE_SCHEDULE];
    options.batch = (uint32_t)number[TRN_BATCH];
    options.epochs = (uint32_t)fmax(number[TRN_EPOCHS], 1);
    options.rate = number[TRN_RATE];
    options.rate_factor = number[TRN_RATE_FACTOR];
    options.rate_period = (uint32_t)number[TRN_RATE_PERIOD];
    options.momentum = number[TRN_MOMENTUM];
    options.l2 = number[TRN_L2];
    options.input_dropout = number[TRN_INPUT_DROPOUT];
    options.hidden_dropout = number[TRN_HIDDEN_DROPOUT];
    options.classic_dropout = (uint32_t)number[TRN_CLASSIC_DROPOUT];
    if (trained && options.classic_dropout)
        options.classic_dropout = TRNNSF_DROPOUT_CLASSIC_CONTINUED;
    options.seed = (uint64_t)number[TRN_SEED];
    options.shift = (uint32_t)number[TRN_SHIFT];
    options.crop = (uint32_t)number[TRN_CROP];
    options.crop_fill = schedule->word[TRN_CROP_FILL];
    options.flip = (uint32_t)number[TRN_FLIP];
    options.nesterov = (uint32_t)number[TRN_NESTEROV];
    options.average = schedule->word[TRN_AVERAGE];
    options.average_from = (uint32_t)ceil(number[TRN_AVERAGE_FROM] * number[TRN_EPOCHS]);
    options.average_decay = number[TRN_AVERAGE_DECAY];
    options.label_smoothing = number[TRN_LABEL_SMOOTHING];
    return options;
}

/* The device's part; a tile is an MCA. */
static void device_options(const struct trnnsf_run *run, struct trnnsf_trainer_options *options)
{
    const double *number = run->schedule->number;

    options->weight_levels = (uint32_t)number[TRN_DEVICE_WEIGHT_LEVELS];
    options->unipolar = run->schedule->word[TRN_DEVICE_UNIPOLAR];
    options->activation_bits = (uint32_t)number[TRN_DEVICE_ACTIVATION_BITS];
    options->uniform = (uint32_t)number[TRN_DEVICE_UNIFORM];
    options->exact_outputs = (uint32_t)number[TRN_DEVICE_EXACT_OUTPUTS];
    options->sign_rounds = (uint32_t)number[TRN_DEVICE_SIGN_ROUNDS];
    options->sign_samples = (uint32_t)number[TRN_DEVICE_SIGN_SAMPLES];
    options->device_first = (uint32_t)ceil(number[TRN_DEVICE_FIRST] * (double)run->epochs);
    options->tile_inputs = (uint32_t)run->inputs;
    options->tile_outputs = (uint32_t)run->outputs;
    options->weight_range = number[TRN_DEVICE_WEIGHT_RANGE];
    options->activation_range = number[TRN_DEVICE_ACTIVATION_RANGE];
    options->activation_quantile = number[TRN_DEVICE_QUANTILE];
    options->weight_noise = number[TRN_DEVICE_NOISE];
    options->stuck_on = number[TRN_DEVICE_STUCK_ON];
    options->stuck_off = number[TRN_DEVICE_STUCK_OFF];
    options->device_rate = number[TRN_DEVICE_RATE];
}

static bool is_convolution(const struct trnnsf_network *network, size_t layer)
{
    size_t node = trn_graph_layer_node(&network->graph, layer);

    return node != TRN_NO_NODE &&
           network->graph.nodes[node].options.kind == TRNNSF_NODE_CONVOLUTION;
}

/* Groups of a convolution are matrices of their own, most of which fill no crossbar: they stay dense. */
static bool is_chosen(const struct trnnsf_network *network, size_t layer, uint32_t layers)
{
    if (network->layers[layer].grouped)
        return false;
    return layers == TRN_LAYERS_ALL ||
           is_convolution(network, layer) == (layers == TRN_LAYERS_CONVOLUTIONS);
}

trnnsf_status trn_run_create(trnnsf_context *ctx, struct trnnsf_network *network,
                             const struct trnnsf_dataset *dataset,
                             const struct trnnsf_schedule *schedule,
                             const struct trn_pack_pool *pool, double reference_accuracy,
                             struct trnnsf_run **out_run)
{
    trnnsf_status status;
    struct trnnsf_run *run = TRN_NEW(ctx, struct trnnsf_run);

    if (!run)
        return TRNNSF_E_NO_MEMORY;
    run->ctx = trn_context_retain(ctx);
    run->network = network;
    run->dataset = dataset;
    run->inputs = pool->shape[0].columns;
    run->outputs = pool->shape[0].rows;
    run->pool = *pool;
    run->reference_accuracy = reference_accuracy;
    run->last_loss = INFINITY;
    run->drop_fraction = schedule->number[TRN_DROP_START];
    run->epochs = (uint64_t)schedule->number[TRN_EPOCHS];
    TRN_TRY_OUT(trn_schedule_copy(ctx, schedule, &run->schedule));
    run->steps = TRN_NEW_ARRAY(ctx, struct trnnsf_step, trn_run_planned(run));
    TRN_NEED_OUT(run->steps);
    run->layers = TRN_NEW_ARRAY(ctx, struct trn_run_layer, network->n_layers);
    TRN_NEED_OUT(run->layers);
    for (size_t i = 0; i < network->n_layers; i++) {
        run->layers[i].unclustered = 1;
        run->layers[i].chosen = is_chosen(network, i, schedule->word[TRN_LAYERS]);
    }
    if (schedule->word[TRN_METHOD] != TRN_METHOD_DENSE && trn_run_chosen(run) == 0) {
        status = trn_fail(ctx, TRNNSF_E_MISMATCH,
                          "trnnsf_run_create: layers %s: the network has none that %s works on",
                          trn_schedule_word_text(schedule, TRN_LAYERS),
                          trn_schedule_word_text(schedule, TRN_METHOD));
        goto out;
    }
    TRN_TRY_OUT(trn_links_create(ctx, network, &run->links));

    struct trnnsf_trainer_options options = trainer_options(schedule);
    device_options(run, &options);
    TRN_TRY_OUT(trn_trainer_create(ctx, network, dataset, &options, &run->trainer));
out:
    if (status == TRNNSF_OK)
        *out_run = run;
    else
        trn_run_free(run);
    return status;
}

void trn_run_free(struct trnnsf_run *run)
{
    if (!run)
        return;

    trnnsf_context *ctx = run->ctx;
    trn_trainer_free(run->trainer);
    trn_network_free(run->good);
    trn_free(ctx, run->rates);
    trn_links_free(ctx, run->links);
    if (run->layers) {
        for (size_t i = 0; i < run->network->n_layers; i++)
            trn_mask_free(ctx, run->layers[i].kept);
    }
    trn_free(ctx, run->layers);
    trn_free(ctx, run->steps);
    trn_schedule_free(run->schedule);
    trn_free(ctx, run);
    trn_context_release(ctx);
}

size_t trn_run_dense_crossbars(const struct trnnsf_run *run, size_t layer)
{
    const struct trn_layer *dense = &run->network->layers[layer];
    size_t rows = run->links->group_rows[layer];
    size_t across = (dense->n_in + run->inputs - 1) / run->inputs;

    return dense->n_out / rows * across * ((rows + run->outputs - 1) / run->outputs);
}

size_t trn_run_unit(const struct trnnsf_run *run, size_t layer)
{
    size_t unit = run->links->columns[layer];
    bool whole = run->schedule->number[TRN_PACK_KERNELS] > 0 &&
                 is_convolution(run->network, layer) && trn_units_fit(&run->pool, unit);

    return whole ? unit : 1;
}

size_t trn_run_chosen(const struct trnnsf_run *run)
{
    size_t count = 0;

    for (size_t l = 0; l < run->network->n_layers; l++)
        count += run->layers[l].chosen;
    return count;
}

bool trn_run_done(const struct trnnsf_run *run)
{
    return run->n_steps >= trn_run_planned(run);
}

/* Validation accuracy; NaN where there is no validation part. */
static trnnsf_status validate(trnnsf_context *ctx, const struct trnnsf_run *run, double *out)
{
    const struct trn_part *part = &run->dataset->part[TRNNSF_PART_VALIDATION];
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    *out = NAN;
    if (part->n_samples == 0)
        return TRNNSF_OK;
    TRN_TRY(trn_network_evaluate(ctx, run->network, part->n_samples, part->values, part->labels,
                                 run->schedule->word[TRN_LOSS], &result));
    *out = result.accuracy;
    return TRNNSF_OK;
}

static trnnsf_status apply_pack(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                double accuracy, enum trn_phase *out_phase)
{
    if (epoch < trn_rule_pack_first(run))
        return TRNNSF_OK;
    /* Again where it has failed. */
    if (run->budget_first <= 0 && trn_rule_pack_first(run) > 0)
        TRN_TRY(trn_rule_pack_begin(ctx, run));

    TRN_TRY(trn_rollback_note(ctx, run, epoch, accuracy));
    if (trn_rollback_due(run, epoch)) {
        *out_phase = TRN_PHASE_ROLLBACK;
        return trn_rollback(ctx, run);
    }
    bool more = !run->went_back &&
                (!trn_run_past(run, epoch, TRN_CLUSTER_UNTIL) || run->budget_first <= 0);
    *out_phase = more ? TRN_PHASE_CLUSTER : TRN_PHASE_POLISH;
    return more ? trn_rule_pack(ctx, run, epoch, accuracy) : TRNNSF_OK;
}

/* Masks stay from then on, and no network from before the device comes back. */
static trnnsf_status end_on_device(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                   enum trn_phase *out_phase)
{
    *out_phase = TRN_PHASE_POLISH;
    if (run->schedule->word[TRN_METHOD] != TRN_METHOD_OFFLINE || epoch < run->epochs)
        return TRNNSF_OK;
    *out_phase = TRN_PHASE_CLUSTER;
    return trn_rule_offline(ctx, run);
}

static trnnsf_status apply_rules(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 bool error_fell, double accuracy, enum trn_phase *out_phase)
{
    uint32_t method = run->schedule->word[TRN_METHOD];
    bool published = run->schedule->word[TRN_VARIANT] == TRN_VARIANT_PUBLISHED;

    *out_phase = TRN_PHASE_TRAIN;
    if (method == TRN_METHOD_DENSE)
        return TRNNSF_OK;
    if (trn_trainer_on_device(run->trainer))
        return end_on_device(ctx, run, epoch, out_phase);
    if (method == TRN_METHOD_PACK)
        return apply_pack(ctx, run, epoch, accuracy, out_phase);
    trn_rule_grow_thresholds(run, error_fell);
    if (method == TRN_METHOD_TRANSFORM && published)
        return trn_rule_published(ctx, run, epoch, error_fell, out_phase);
    if (method == TRN_METHOD_TRANSFORM && trn_run_past(run, epoch, TRN_CLUSTER_FIRST)) {
        bool more = !trn_run_past(run, epoch, TRN_CLUSTER_UNTIL) || run->budget_first <= 0;

        *out_phase = more ? TRN_PHASE_CLUSTER : TRN_PHASE_POLISH;
        return more ? trn_rule_corrected(ctx, run, epoch, accuracy) : TRNNSF_OK;
    }
    *out_phase = TRN_PHASE_PRUNE;
    TRN_TRY(trn_rule_prune(ctx, run));
    if (method == TRN_METHOD_OFFLINE && epoch == run->epochs) {
        *out_phase = TRN_PHASE_CLUSTER;
        return trn_rule_offline(ctx, run);
    }
    return TRNNSF_OK;
}

/* Kept synapses and crossbars of the network as it stands. */
static trnnsf_status take_stock(trnnsf_context *ctx, const struct trnnsf_run *run,
                                struct trnnsf_step *step)
{
    size_t kept = 0, all = 0;

    for (size_t i = 0; i < run->network->n_layers; i++) {
        const struct trn_layer *layer = &run->network->layers[i];
        const struct trn_mask *mask = run->layers[i].kept ? run->layers[i].kept : layer->mask;
        uint64_t crossbars = trn_run_dense_crossbars(run, i);

        if (mask)
            TRN_TRY(trn_shapes_count(ctx, run, mask, layer->clusters, &crossbars));
        step->crossbars += crossbars;
        step->clusters += layer->clusters ? trnnsf_clusters_count(layer->clusters) : 0;
        kept += mask ? trn_mask_count(mask) : layer->n_in * layer->n_out;
        all += layer->n_in * layer->n_out;
    }
    step->sparsity = 1 - (double)kept / (double)all;
    return TRNNSF_OK;
}

static void describe(const struct trnnsf_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s: loss %.4f, validation %.2f %%, sparsity %.1f %%, %llu crossbars",
             step->phase, step->loss, 100 * step->validation_accuracy, 100 * step->sparsity,
             (unsigned long long)step->crossbars);
}

/* The rules see the network as trained, after the last epoch the average; the caller gets the accuracy of what they leave. */
static trnnsf_status end_epoch(trnnsf_context *ctx, struct trnnsf_run *run,
                               const struct trnnsf_epoch *trained, double *accuracy,
                               enum trn_phase *phase)
{
    if (trained->epoch == run->epochs)
        TRN_TRY(trn_trainer_take_average(run->trainer));
    TRN_TRY(validate(ctx, run, accuracy));
    TRN_TRY(
        apply_rules(ctx, run, trained->epoch, trained->loss < run->last_loss, *accuracy, phase));
    if (*phase == TRN_PHASE_TRAIN || *phase == TRN_PHASE_POLISH)
        return TRNNSF_OK;
    return validate(ctx, run, accuracy);
}

static trnnsf_status train_and_apply(trnnsf_context *ctx, struct trnnsf_run *run,
                                     struct trnnsf_epoch *trained, double *accuracy,
                                     enum trn_phase *phase)
{
    double budget = run->budget, budget_first = run->budget_first;

    if (run->n_steps == 0 && run->schedule->word[TRN_METHOD] == TRN_METHOD_PACK &&
        trn_rule_pack_first(run) == 0)
        TRN_TRY(trn_rule_pack_begin(ctx, run));
    TRN_TRY(trn_trainer_epoch(ctx, run->trainer, trained));

    trnnsf_status status = end_epoch(ctx, run, trained, accuracy, phase);
    if (status != TRNNSF_OK) { /* a round cut short is to come again, the only one too */
        trn_trainer_forget_epoch(run->trainer);
        run->budget = budget;
        run->budget_first = budget_first;
    }
    return status;
}

/* Clusters a network that was trained and pruned elsewhere. */
static trnnsf_status cluster_only(trnnsf_context *ctx, struct trnnsf_run *run, double *accuracy)
{
    for (size_t i = 0; i < run->network->n_layers; i++) {
        if (run->layers[i].chosen && !run->network->layers[i].mask)
            return trn_fail(ctx, TRNNSF_E_STATE,
                            "trnnsf_run_step: offline without epochs needs a pruned network, and "
                            "layer %zu has no mask",
                            i);
    }
    TRN_TRY(trn_rule_offline(ctx, run));
    return validate(ctx, run, accuracy);
}

trnnsf_status trn_run_step(trnnsf_context *ctx, struct trnnsf_run *run,
                           struct trnnsf_step *out_step)
{
    struct trnnsf_epoch trained = {.struct_size = sizeof trained};
    struct trnnsf_step step = {.struct_size = sizeof step};
    enum trn_phase phase;
    double accuracy = NAN;
    char text[160];

    if (run->schedule->number[TRN_DISTIL] > 0 && !trn_trainer_teacher(run->trainer))
        return trn_fail(ctx, TRNNSF_E_STATE,
                        "trnnsf_run_step: train.distil %g wants a teacher, and the run has none",
                        run->schedule->number[TRN_DISTIL]);
    if (run->epochs == 0) {
        phase = TRN_PHASE_CLUSTER;
        TRN_TRY(cluster_only(ctx, run, &accuracy));
    } else {
        TRN_TRY(train_and_apply(ctx, run, &trained, &accuracy, &phase));
    }

    step.epoch = trained.epoch;
    step.epochs = run->epochs;
    step.loss = trained.loss;
    step.train_accuracy = trained.train_accuracy;
    step.validation_accuracy = accuracy;
    step.phase = phases[phase];
    TRN_TRY(take_stock(ctx, run, &step));
    run->last_loss = trained.loss;
    run->steps[run->n_steps++] = step;
    if (out_step)
        trn_result_write(out_step, &step);
    describe(&step, text, sizeof text);
    return trn_progress(ctx, "run", text, step.epoch, step.epochs);
}
