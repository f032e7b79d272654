#include "io/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "data/dataset.h"
#include "io/checkpoint_average.h"
#include "io/checkpoint_device.h"
#include "io/checkpoint_graph.h"
#include "io/network_file.h"
#include "schedule/rules.h"
#include "schedule/traffic.h"

/* Columns of run.history and run.layers, entries of run.state. */
enum { STEP_FIELDS = 8, LAYER_FIELDS = 3, STATE_FIELDS = 7, NAME_ROOM = 64 };
/* A shape of a pool takes 13 characters at most, its cost 24. */
enum { POOL_TEXT = 48 * TRN_PACK_SHAPES_MAX };

/* Before the names of the network that a run may go back to (schedule/rollback.h). */
static const char good_prefix[] = "good.";

/* FNV-1a over sizes, labels and every 97th value: another data set, split or scaling shows. */
static uint64_t fingerprint(const struct trnnsf_dataset *dataset)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t n_features = trn_dataset_features(dataset);

    for (size_t p = 0; p < TRN_PARTS; p++) {
        const struct trn_part *part = &dataset->part[p];

        hash = (hash ^ part->n_samples) * UINT64_C(1099511628211);
        for (size_t i = 0; i < part->n_samples; i++)
            hash = (hash ^ part->labels[i]) * UINT64_C(1099511628211);
        for (size_t i = 0; i < part->n_samples * n_features; i += 97) {
            uint32_t bits;

            memcpy(&bits, &part->values[i], sizeof bits);
            hash = (hash ^ bits) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

static void state_name(char *name, size_t layer, size_t tensor, const char *what)
{
    snprintf(name, NAME_ROOM, "optimiser.%zu.%zu.%s", layer, tensor, what);
}

static void teacher_shape(const struct trnnsf_run *run, size_t *shape)
{
    shape[0] = run->dataset->part[TRNNSF_PART_TRAIN].n_samples;
    shape[1] = trn_network_outputs(run->network);
}

/* ---- writing ---- */

static trnnsf_status add_optimiser(trnnsf_context *ctx, struct trn_safetensors_writer *writer,
                                   const struct trnnsf_run *run, size_t l, size_t tensor)
{
    const struct trn_layer *layer = &run->network->layers[l];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    char name[NAME_ROOM];
    void *weights = NULL, *biases = NULL;

    state_name(name, l, tensor, "weight");
    TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 2, shape, &weights));
    if (layer->biases) {
        state_name(name, l, tensor, "bias");
        TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 1, shape, &biases));
    }
    return trn_trainer_get_state(ctx, run->trainer, l, tensor, weights, biases);
}

static trnnsf_status add_history(struct trn_safetensors_writer *writer,
                                 const struct trnnsf_run *run)
{
    const size_t shape[2] = {run->n_steps, STEP_FIELDS};
    void *room = NULL;

    TRN_TRY(trn_safetensors_add_room(writer, "run.history", TRN_TENSOR_F64, 2, shape, &room));
    for (size_t i = 0; i < run->n_steps; i++) {
        const struct trnnsf_step *step = &run->steps[i];
        const double row[STEP_FIELDS] = {
            (double)step->epoch,     step->loss,
            step->train_accuracy,    step->validation_accuracy,
            step->sparsity,          (double)step->clusters,
            (double)step->crossbars, (double)trn_run_phase_index(step->phase)};

        memcpy((double *)room + i * STEP_FIELDS, row, sizeof row);
    }
    return TRNNSF_OK;
}

static trnnsf_status add_layers(struct trn_safetensors_writer *writer, const struct trnnsf_run *run)
{
    const size_t shape[2] = {run->network->n_layers, LAYER_FIELDS};
    void *room = NULL;

    TRN_TRY(trn_safetensors_add_room(writer, "run.layers", TRN_TENSOR_F64, 2, shape, &room));
    for (size_t l = 0; l < run->network->n_layers; l++) {
        const struct trn_run_layer *layer = &run->layers[l];
        const double row[LAYER_FIELDS] = {layer->threshold, layer->unclustered,
                                          layer->clustered ? 1 : 0};

        memcpy((double *)room + l * LAYER_FIELDS, row, sizeof row);
    }
    return TRNNSF_OK;
}

/* The shapes of a pool with their costs; nothing where there is one, which run.inputs and
 * run.outputs tell. */
static void describe_pool(const struct trn_pack_pool *pool, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t s = 0; pool->count > 1 && s < pool->count && used < size; s++)
        used += (size_t)snprintf(text + used, size - used, "%s%zux%zu %a", s > 0 ? ", " : "",
                                 pool->shape[s].columns, pool->shape[s].rows, pool->shape[s].cost);
}

static trnnsf_status add_state(struct trn_safetensors_writer *writer, const struct trnnsf_run *run)
{
    const size_t numbers = TRN_SCHEDULE_N_NUMBERS, words = TRN_SCHEDULE_N_WORDS;
    const size_t count = STATE_FIELDS;
    const double state[STATE_FIELDS] = {
        run->last_loss,          run->drop_fraction,      run->budget_first,     run->budget,
        run->reference_accuracy, (double)run->good_epoch, run->went_back ? 1 : 0};
    char data[24], pool[POOL_TEXT];
    void *room = NULL;

    TRN_TRY(trn_safetensors_add_room(writer, "run.state", TRN_TENSOR_F64, 1, &count, &room));
    memcpy(room, state, sizeof state);
    snprintf(data, sizeof data, "%016" PRIx64, fingerprint(run->dataset));
    trn_safetensors_set(writer, "run.data", data);
    trn_safetensors_set_number(writer, "run.epoch", run->n_steps);
    trn_safetensors_set_number(writer, "run.step", trn_trainer_steps(run->trainer));
    trn_safetensors_set_number(writer, "run.inputs", run->inputs);
    trn_safetensors_set_number(writer, "run.outputs", run->outputs);
    trn_safetensors_set_number(writer, "run.mcas_per_pe", run->pool.per_pe);
    describe_pool(&run->pool, pool, sizeof pool);
    if (pool[0])
        trn_safetensors_set(writer, "run.pool", pool);
    trn_safetensors_add(writer, "run.schedule.numbers", TRN_TENSOR_F64, 1, &numbers,
                        run->schedule->number);
    return trn_safetensors_add(writer, "run.schedule.words", TRN_TENSOR_U32, 1, &words,
                               run->schedule->word);
}

static trnnsf_status add_teacher(struct trn_safetensors_writer *writer,
                                 const struct trnnsf_run *run)
{
    const float *answers = trn_trainer_teacher(run->trainer);
    size_t shape[2];

    if (!answers)
        return TRNNSF_OK;
    teacher_shape(run, shape);
    return trn_safetensors_add(writer, "run.teacher", TRN_TENSOR_F32, 2, shape, answers);
}

static trnnsf_status add_rates(struct trn_safetensors_writer *writer, const struct trnnsf_run *run)
{
    const size_t count = trn_traffic_inputs(run->network);

    if (!run->rates)
        return TRNNSF_OK;
    return trn_safetensors_add(writer, "run.rates", TRN_TENSOR_F32, 1, &count, run->rates);
}

trnnsf_status trn_checkpoint_save(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  const char *path)
{
    struct trn_safetensors_writer *writer;
    trnnsf_status status;

    TRN_TRY(trn_safetensors_writer_create(ctx, &writer));
    trn_safetensors_set(writer, "format", TRN_CHECKPOINT_FORMAT);
    trn_safetensors_set_number(writer, "format_version", TRN_CHECKPOINT_FORMAT_VERSION);
    TRN_TRY_OUT(trn_network_file_add(writer, "", run->network));
    if (run->good)
        TRN_TRY_OUT(trn_network_file_add(writer, good_prefix, run->good));
    for (size_t l = 0; l < run->network->n_layers; l++) {
        for (size_t t = 0; t < trn_trainer_tensors(run->trainer); t++)
            TRN_TRY_OUT(add_optimiser(ctx, writer, run, l, t));
    }
    TRN_TRY_OUT(trn_checkpoint_add_norms(writer, run));
    TRN_TRY_OUT(trn_checkpoint_add_device(writer, run));
    TRN_TRY_OUT(trn_checkpoint_add_average(writer, run));
    TRN_TRY_OUT(add_history(writer, run));
    TRN_TRY_OUT(add_layers(writer, run));
    TRN_TRY_OUT(add_state(writer, run));
    TRN_TRY_OUT(add_teacher(writer, run));
    TRN_TRY_OUT(add_rates(writer, run));
    status = trn_safetensors_write(writer, path);
out:
    trn_safetensors_writer_free(writer);
    return status;
}

/* ---- reading ---- */

static trnnsf_status mismatch(trnnsf_context *ctx, const struct trn_safetensors *file,
                              const char *what)
{
    return trn_fail(ctx, TRNNSF_E_MISMATCH, "'%s': the checkpoint is of another %s",
                    trn_safetensors_name(file), what);
}

static trnnsf_status check_schedule(trnnsf_context *ctx, const struct trnnsf_run *run,
                                    const struct trn_safetensors *file)
{
    const size_t n_numbers = TRN_SCHEDULE_N_NUMBERS, n_words = TRN_SCHEDULE_N_WORDS;
    const void *numbers, *words;

    TRN_TRY(
        trn_safetensors_get(file, "run.schedule.numbers", TRN_TENSOR_F64, 1, &n_numbers, &numbers));
    TRN_TRY(trn_safetensors_get(file, "run.schedule.words", TRN_TENSOR_U32, 1, &n_words, &words));
    if (memcmp(numbers, run->schedule->number, sizeof run->schedule->number) != 0 ||
        memcmp(words, run->schedule->word, sizeof run->schedule->word) != 0)
        return mismatch(ctx, file, "schedule");
    return TRNNSF_OK;
}

static trnnsf_status check_surroundings(trnnsf_context *ctx, const struct trnnsf_run *run,
                                        const struct trn_safetensors *file)
{
    char data[24], pool[POOL_TEXT];
    const char *text = trn_safetensors_text(file, "run.data");
    const char *saved_pool = trn_safetensors_text(file, "run.pool");
    uint64_t inputs, outputs, per_pe = run->pool.per_pe;

    snprintf(data, sizeof data, "%016" PRIx64, fingerprint(run->dataset));
    if (!text || strcmp(text, data) != 0)
        return mismatch(ctx, file, "data set or split");
    TRN_TRY(trn_safetensors_number(file, "run.inputs", 1, UINT32_MAX, &inputs));
    TRN_TRY(trn_safetensors_number(file, "run.outputs", 1, UINT32_MAX, &outputs));
    if (inputs != run->inputs || outputs != run->outputs)
        return mismatch(ctx, file, "MCA shape");
    if (trn_safetensors_text(file, "run.mcas_per_pe")) /* older ones do not tell */
        TRN_TRY(trn_safetensors_number(file, "run.mcas_per_pe", 0, UINT32_MAX, &per_pe));
    if (per_pe != run->pool.per_pe)
        return mismatch(ctx, file, "number of MCAs a processing element");
    describe_pool(&run->pool, pool, sizeof pool);
    if (strcmp(saved_pool ? saved_pool : "", pool) != 0)
        return mismatch(ctx, file, "pool of MCA shapes");
    return check_schedule(ctx, run, file);
}

static trnnsf_status check_sizes(trnnsf_context *ctx, const struct trnnsf_run *run,
                                 const struct trnnsf_network *network,
                                 const struct trn_safetensors *file)
{
    if (network->n_layers != run->network->n_layers)
        return mismatch(ctx, file, "number of layers");
    if (!trn_checkpoint_same_graph(&network->graph, &run->network->graph))
        return mismatch(ctx, file, "network");
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *a = &network->layers[l], *b = &run->network->layers[l];

        if (a->n_in != b->n_in || a->n_out != b->n_out || a->activation != b->activation ||
            !a->biases != !b->biases)
            return mismatch(ctx, file, "network");
    }
    return TRNNSF_OK;
}

static trnnsf_status read_history(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  const struct trn_safetensors *file, size_t n_steps,
                                  struct trnnsf_step **out_steps)
{
    const size_t shape[2] = {n_steps, STEP_FIELDS};
    const void *data;
    struct trnnsf_step *steps;

    TRN_TRY(trn_safetensors_get(file, "run.history", TRN_TENSOR_F64, 2, shape, &data));
    steps = TRN_NEW_ARRAY(ctx, struct trnnsf_step, trn_run_planned(run));
    if (!steps)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < n_steps; i++) {
        const double *row = (const double *)data + i * STEP_FIELDS;
        double phase = row[7];

        if (!(phase >= 0 && phase < (double)trn_run_phases()) || !(row[5] >= 0 && row[5] < 1e15) ||
            !(row[6] >= 0 && row[6] < 1e15)) {
            trn_free(ctx, steps);
            return trn_fail(ctx, TRNNSF_E_FORMAT, "'%s': run.history: row %zu is no step",
                            trn_safetensors_name(file), i);
        }
        steps[i] = (struct trnnsf_step){.struct_size = sizeof steps[i],
                                        .epoch = i + 1,
                                        .epochs = run->epochs,
                                        .loss = row[1],
                                        .train_accuracy = row[2],
                                        .validation_accuracy = row[3],
                                        .sparsity = row[4],
                                        .clusters = (uint64_t)row[5],
                                        .crossbars = (uint64_t)row[6],
                                        .phase = trn_run_phase((size_t)phase)};
    }
    *out_steps = steps;
    return TRNNSF_OK;
}

struct restored {
    uint64_t epoch, step;
    struct trnnsf_network *network;
    struct trnnsf_network *good; /* NULL: none */
    struct trnnsf_step *steps;
    const double *state;
    const double *layers;
    const float *teacher; /* NULL: none */
    float *rates;         /* NULL: none */
};

/* There where a run has teachers, or one that distils has begun to pack. */
static trnnsf_status read_teacher(const struct trnnsf_run *run, const struct trn_safetensors *file,
                                  struct restored *restored)
{
    size_t shape[2];

    bool given = run->schedule->number[TRN_DISTIL] > 0;
    bool packs = run->schedule->word[TRN_METHOD] == TRN_METHOD_PACK &&
                 run->schedule->number[TRN_PACK_DISTIL] > 0 &&
                 restored->epoch >= trn_rule_pack_first(run);

    if (restored->epoch == 0 || !(given || packs))
        return TRNNSF_OK;
    teacher_shape(run, shape);
    return trn_safetensors_get_finite(file, "run.teacher", 2, shape, &restored->teacher);
}

/* There where a run was given them. */
static trnnsf_status read_rates(trnnsf_context *ctx, const struct trnnsf_run *run,
                                const struct trn_safetensors *file, struct restored *restored)
{
    const size_t count = trn_traffic_inputs(run->network);
    const float *rates;

    if (!trn_safetensors_find(file, "run.rates"))
        return TRNNSF_OK;
    TRN_TRY(trn_safetensors_get_finite(file, "run.rates", 1, &count, &rates));
    for (size_t i = 0; i < count; i++) {
        if (rates[i] < 0 || rates[i] > 1)
            return trn_fail(ctx, TRNNSF_E_FORMAT,
                            "'%s': run.rates: value %zu, %g, is not in [0, 1]",
                            trn_safetensors_name(file), i, (double)rates[i]);
    }
    restored->rates = trn_copy(ctx, rates, count, sizeof *rates);
    return restored->rates ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* There where a run with a floor has kept it. */
static trnnsf_status read_good(trnnsf_context *ctx, const struct trnnsf_run *run,
                               const struct trn_safetensors *file, struct restored *restored)
{
    double epoch = restored->state[5];

    if (!(epoch >= 0 && epoch <= (double)restored->epoch))
        return trn_fail(ctx, TRNNSF_E_FORMAT,
                        "'%s': run.state: epoch %g to go back to is not in [0, %llu]",
                        trn_safetensors_name(file), epoch, (unsigned long long)restored->epoch);
    if (epoch == 0)
        return TRNNSF_OK;
    TRN_TRY(trn_network_file_read(ctx, file, good_prefix, &restored->good));
    return check_sizes(ctx, run, restored->good, file);
}

static trnnsf_status read_all(trnnsf_context *ctx, const struct trnnsf_run *run,
                              const struct trn_safetensors *file, struct restored *restored)
{
    const size_t n_state = STATE_FIELDS;
    const size_t shape[2] = {run->network->n_layers, LAYER_FIELDS};
    const void *state, *layers;

    TRN_TRY(
        trn_safetensors_expect_format(file, TRN_CHECKPOINT_FORMAT, TRN_CHECKPOINT_FORMAT_VERSION));
    TRN_TRY(check_surroundings(ctx, run, file));
    TRN_TRY(trn_network_file_read(ctx, file, "", &restored->network));
    TRN_TRY(check_sizes(ctx, run, restored->network, file));
    TRN_TRY(trn_safetensors_number(file, "run.epoch", 0, trn_run_planned(run), &restored->epoch));
    TRN_TRY(trn_safetensors_number(file, "run.step", 0, INT64_MAX, &restored->step));
    TRN_TRY(trn_safetensors_get(file, "run.state", TRN_TENSOR_F64, 1, &n_state, &state));
    TRN_TRY(trn_safetensors_get(file, "run.layers", TRN_TENSOR_F64, 2, shape, &layers));
    TRN_TRY(read_teacher(run, file, restored));
    TRN_TRY(read_rates(ctx, run, file, restored));
    restored->state = state;
    restored->layers = layers;
    TRN_TRY(read_good(ctx, run, file, restored));
    return read_history(ctx, run, file, (size_t)restored->epoch, &restored->steps);
}

static trnnsf_status read_optimiser(trnnsf_context *ctx, struct trnnsf_run *run,
                                    const struct trn_safetensors *file, size_t l, size_t tensor,
                                    bool apply)
{
    const struct trn_layer *layer = &run->network->layers[l];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    const float *weights, *biases = NULL;
    char name[NAME_ROOM];

    state_name(name, l, tensor, "weight");
    TRN_TRY(trn_safetensors_get_finite(file, name, 2, shape, &weights));
    if (layer->biases) {
        state_name(name, l, tensor, "bias");
        TRN_TRY(trn_safetensors_get_finite(file, name, 1, shape, &biases));
    }
    return apply ? trn_trainer_set_state(ctx, run->trainer, l, tensor, weights, biases) : TRNNSF_OK;
}

static trnnsf_status each_optimiser(trnnsf_context *ctx, struct trnnsf_run *run,
                                    const struct trn_safetensors *file, bool apply)
{
    for (size_t l = 0; l < run->network->n_layers; l++) {
        for (size_t t = 0; t < trn_trainer_tensors(run->trainer); t++)
            TRN_TRY(read_optimiser(ctx, run, file, l, t, apply));
    }
    return trn_checkpoint_read_norms(run, file, apply);
}

static void apply_state(trnnsf_context *ctx, struct trnnsf_run *run, struct restored *restored)
{
    run->last_loss = restored->state[0];
    run->drop_fraction = restored->state[1];
    run->budget_first = restored->state[2];
    run->budget = restored->state[3];
    run->reference_accuracy = restored->state[4];
    run->good_epoch = (uint64_t)restored->state[5];
    run->went_back = restored->state[6] > 0;
    trn_network_free(run->good);
    run->good = restored->good;
    restored->good = NULL;
    for (size_t l = 0; l < run->network->n_layers; l++) {
        const double *row = restored->layers + l * LAYER_FIELDS;

        run->layers[l].threshold = row[0];
        run->layers[l].unclustered = row[1];
        run->layers[l].clustered = row[2] > 0;
    }
    trn_free(ctx, run->steps);
    run->steps = restored->steps;
    restored->steps = NULL;
    run->n_steps = (size_t)restored->epoch;
    trn_free(ctx, run->rates);
    run->rates = restored->rates;
    restored->rates = NULL;
    /* Teachers that were given stay before the first epoch, whose checkpoint need not have any. */
    if (!restored->teacher && !(run->schedule->number[TRN_DISTIL] > 0))
        trn_trainer_forget_teacher(run->trainer);
    trn_trainer_set_progress(run->trainer, restored->epoch, restored->step);
    trn_rule_dropout(run);
    trn_rule_pack_resume(run);
}

static trnnsf_status restore_teacher(trnnsf_context *ctx, struct trnnsf_run *run,
                                     const float *answers)
{
    const double *number = run->schedule->number;
    bool given = number[TRN_DISTIL] > 0;

    return trn_trainer_restore_teacher(ctx, run->trainer, answers,
                                       number[given ? TRN_DISTIL : TRN_PACK_DISTIL],
                                       number[given ? TRN_TEMPERATURE : TRN_PACK_TEMPERATURE]);
}

trnnsf_status trn_checkpoint_restore(trnnsf_context *ctx, struct trnnsf_run *run,
                                     const struct trn_safetensors *file)
{
    struct restored restored = {.network = NULL};
    trnnsf_status status;

    TRN_TRY_OUT(read_all(ctx, run, file, &restored));
    TRN_TRY_OUT(each_optimiser(ctx, run, file, false));
    TRN_TRY_OUT(trn_checkpoint_read_device(ctx, run, file, false));
    TRN_TRY_OUT(trn_checkpoint_read_average(ctx, run, file, false));
    trn_network_swap_layers(run->network, restored.network);
    status = trn_trainer_masks_changed(ctx, run->trainer);
    if (status == TRNNSF_OK)
        status = each_optimiser(ctx, run, file, true);
    if (status == TRNNSF_OK)
        status = trn_checkpoint_read_device(ctx, run, file, true);
    if (status == TRNNSF_OK)
        status = trn_checkpoint_read_average(ctx, run, file, true);
    if (status == TRNNSF_OK && restored.teacher)
        status = restore_teacher(ctx, run, restored.teacher);
    if (status == TRNNSF_OK)
        apply_state(ctx, run, &restored);
    else
        trn_network_swap_layers(run->network, restored.network);
out:
    trn_network_free(restored.network);
    trn_network_free(restored.good);
    trn_free(ctx, restored.steps);
    trn_free(ctx, restored.rates);
    return status;
}
