#include "train/trainer.h"

#include <string.h>

#include "base/context.h"
#include "base/random.h"
#include "data/dataset.h"
#include "train/average.h"
#include "train/norms.h"
#include "train/step.h"

size_t trn_trainer_tensors(const struct trnnsf_trainer *trainer)
{
    return trainer->options.optimiser == TRNNSF_OPTIMISER_ADAM ? 2 : 1;
}

static void free_layer_state(trnnsf_context *ctx, struct trn_layer_state *state)
{
    for (size_t t = 0; t < 2; t++) {
        trn_free(ctx, state->weights[t]);
        trn_free(ctx, state->biases[t]);
    }
    trn_masters_free(ctx, &state->masters);
}

void trn_trainer_free(struct trnnsf_trainer *trainer)
{
    if (!trainer)
        return;
    trnnsf_context *ctx = trainer->ctx;

    for (size_t l = 0; trainer->layers && l < trainer->n_layers; l++)
        free_layer_state(ctx, &trainer->layers[l]);
    trn_train_free_norms(trainer);
    trn_average_free(trainer);
    trn_pass_free(trainer->pass);
    trn_free(ctx, trainer->layers);
    trn_free(ctx, trainer->order);
    trn_free(ctx, trainer->labels);
    trn_free(ctx, trainer->augmented);
    trn_free(ctx, trainer->smooth);
    trn_free(ctx, trainer->gradient);
    trn_free(ctx, trainer->bias_gradient);
    trn_trainer_forget_teacher(trainer);
    trn_free(ctx, trainer->rates);
    trn_free(ctx, trainer);
    trn_context_release(ctx);
}

static trnnsf_status create_layers(struct trnnsf_trainer *trainer)
{
    trnnsf_context *ctx = trainer->ctx;
    size_t widest = 0;

    for (size_t l = 0; l < trainer->n_layers; l++) {
        const struct trn_layer *layer = &trainer->network->layers[l];
        struct trn_layer_state *state = &trainer->layers[l];

        state->revision = layer->revision;
        for (size_t t = 0; t < trn_trainer_tensors(trainer); t++) {
            state->weights[t] = TRN_NEW_ARRAY(ctx, float, trainer->pass->packed[l]->n_values);
            state->biases[t] = layer->biases ? TRN_NEW_ARRAY(ctx, float, layer->n_out) : NULL;
            if (!state->weights[t] || (layer->biases && !state->biases[t]))
                return TRN_NO_MEMORY;
        }
        widest = layer->n_out > widest ? layer->n_out : widest;
    }
    trainer->bias_gradient = TRN_NEW_ARRAY(ctx, float, widest);
    return trainer->bias_gradient ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* A gradient apart, of Adam and Nesterov's momentum, has room for the layer with the most values. */
static trnnsf_status need_gradient(struct trnnsf_trainer *trainer, size_t n_values)
{
    bool apart =
        trainer->options.optimiser == TRNNSF_OPTIMISER_ADAM || trainer->options.nesterov;

    if (!apart || n_values <= trainer->n_gradient)
        return TRNNSF_OK;

    float *gradient = TRN_NEW_ARRAY(trainer->ctx, float, n_values);
    if (!gradient)
        return TRN_NO_MEMORY;
    trn_free(trainer->ctx, trainer->gradient);
    trainer->gradient = gradient;
    trainer->n_gradient = n_values;
    return TRNNSF_OK;
}

static trnnsf_status need_augmented(struct trnnsf_trainer *trainer, size_t batch)
{
    const struct trnnsf_trainer_options *options = &trainer->options;

    if (options->shift == 0 && options->crop == 0 && options->flip == 0)
        return TRNNSF_OK;
    trainer->augmented =
        trn_malloc(trainer->ctx, batch * trn_dataset_features(trainer->dataset), sizeof(float));
    return trainer->augmented ? TRNNSF_OK : TRN_NO_MEMORY;
}

static trnnsf_status need_smooth(struct trnnsf_trainer *trainer, size_t batch)
{
    if (trainer->options.label_smoothing <= 0)
        return TRNNSF_OK;
    trainer->smooth = TRN_NEW_ARRAY(trainer->ctx, float, batch);
    if (!trainer->smooth)
        return TRN_NO_MEMORY;
    for (size_t s = 0; s < batch; s++)
        trainer->smooth[s] = 1.0f / (float)trn_network_outputs(trainer->network);
    return TRNNSF_OK;
}

static void use_planned_rates(struct trnnsf_trainer *trainer)
{
    const struct trnnsf_trainer_options *options = &trainer->options;

    for (size_t l = 0; l < trainer->n_layers; l++)
        trainer->rates[l] = (float)(l == 0 ? options->input_dropout : options->hidden_dropout);
    trn_trainer_restart_rate(trainer, 0, trainer->planned, 1);
}

static struct trn_device device_of(const struct trnnsf_trainer_options *options)
{
    return (struct trn_device){.levels = options->weight_levels,
                               .unipolar = options->unipolar,
                               .bits = options->activation_bits,
                               .uniform = options->uniform,
                               .exact_outputs = options->exact_outputs,
                               .weight_range = options->weight_range,
                               .activation_range = options->activation_range,
                               .quantile = options->activation_quantile,
                               .noise = options->weight_noise,
                               .stuck_on = options->stuck_on,
                               .stuck_off = options->stuck_off,
                               .tile_inputs = options->tile_inputs,
                               .tile_outputs = options->tile_outputs};
}

trnnsf_status trn_trainer_create(trnnsf_context *ctx, struct trnnsf_network *network,
                                 const struct trnnsf_dataset *dataset,
                                 const struct trnnsf_trainer_options *options,
                                 struct trnnsf_trainer **out_trainer)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_trainer *trainer = TRN_NEW(ctx, struct trnnsf_trainer);

    if (!trainer)
        return TRN_NO_MEMORY;
    trainer->ctx = trn_context_retain(ctx);
    trainer->network = network;
    trainer->dataset = dataset;
    trainer->options = *options;
    trainer->planned = options->epochs;
    trainer->device = device_of(options);
    if (!trn_device_is_ideal(&trainer->device) && options->average != TRNNSF_AVERAGE_NONE) {
        status = trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                          "trnnsf_trainer_create: levels of a device have no average");
        goto out;
    }
    trainer->n_layers = network->n_layers;
    trainer->n_samples = dataset->part[TRNNSF_PART_TRAIN].n_samples;
    trainer->weights_scaled = options->classic_dropout != TRNNSF_DROPOUT_CLASSIC;

    size_t batch = options->batch < trainer->n_samples ? options->batch : trainer->n_samples;
    TRN_TRY_OUT(trn_pass_create(ctx, network, batch, true, &trainer->pass));
    trainer->pass->lean = true;
    trainer->layers = TRN_NEW_ARRAY(ctx, struct trn_layer_state, network->n_layers);
    trainer->order = TRN_NEW_ARRAY(ctx, uint32_t, trainer->n_samples);
    trainer->labels = TRN_NEW_ARRAY(ctx, uint32_t, batch);
    TRN_NEED_OUT(trainer->layers);
    TRN_NEED_OUT(trainer->order);
    TRN_NEED_OUT(trainer->labels);
    TRN_TRY_OUT(need_augmented(trainer, batch));
    TRN_TRY_OUT(need_smooth(trainer, batch));
    trainer->rates = TRN_NEW_ARRAY(ctx, float, network->n_layers);
    TRN_NEED_OUT(trainer->rates);
    use_planned_rates(trainer);
    TRN_TRY_OUT(create_layers(trainer));
    TRN_TRY_OUT(trn_train_create_norms(trainer));
    for (size_t l = 0; l < network->n_layers; l++)
        TRN_TRY_OUT(need_gradient(trainer, trainer->pass->packed[l]->n_values));
    TRN_TRY_OUT(trn_average_create(trainer));
    *out_trainer = trainer;
    trainer = NULL;
out:
    trn_trainer_free(trainer);
    return status;
}

/* Moves one state tensor from the old packed form to the new; kept cells keep their state. */
static trnnsf_status carry_state(trnnsf_context *ctx, const struct trn_packed *from,
                                 const struct trn_packed *to, float *dense, const float *old,
                                 float **out_state)
{
    float *state = TRN_NEW_ARRAY(ctx, float, to->n_values);

    if (!state)
        return TRN_NO_MEMORY;
    trn_packed_to_dense(from, old, dense);
    trn_packed_from_dense(to, dense, state);
    *out_state = state;
    return TRNNSF_OK;
}

/* All that can fail is made before anything of the trainer changes. */
static trnnsf_status rebuild_layer(struct trnnsf_trainer *trainer, size_t l)
{
    trnnsf_context *ctx = trainer->ctx;
    struct trn_layer *layer = &trainer->network->layers[l];
    struct trn_layer_state *state = &trainer->layers[l];
    struct trn_packed *packed = NULL, *old = trainer->pass->packed[l];
    float *moved[2] = {NULL, NULL}, *dense = NULL;
    struct trn_masters masters = {NULL, NULL};
    trnnsf_status status;

    TRN_TRY_OUT(trn_packed_create(ctx, layer, trn_pass_columns(trainer->pass, l), true, &packed));
    TRN_TRY_OUT(need_gradient(trainer, packed->n_values));
    dense = trn_malloc(ctx, layer->n_in * layer->n_out, sizeof(float));
    TRN_NEED_OUT(dense);
    for (size_t t = 0; t < trn_trainer_tensors(trainer); t++)
        TRN_TRY_OUT(carry_state(ctx, old, packed, dense, state->weights[t], &moved[t]));
    if (state->masters.values)
        TRN_TRY_OUT(trn_masters_follow(ctx, &trainer->device, layer, old, packed, &state->masters,
                                       &masters));
    for (size_t t = 0; t < 2; t++) {
        float *swap = state->weights[t];

        state->weights[t] = moved[t];
        moved[t] = swap;
    }
    if (masters.values) {
        struct trn_masters swap = state->masters;

        state->masters = masters;
        masters = swap;
    }
    trainer->pass->packed[l] = packed;
    packed = old;
    state->revision = layer->revision;
out:
    trn_masters_free(ctx, &masters);
    trn_packed_free(ctx, packed);
    trn_free(ctx, dense);
    trn_free(ctx, moved[0]);
    trn_free(ctx, moved[1]);
    return status;
}

trnnsf_status trn_trainer_masks_changed(trnnsf_context *ctx, struct trnnsf_trainer *trainer)
{
    (void)ctx;
    trn_average_free(trainer);
    for (size_t l = 0; l < trainer->n_layers; l++)
        TRN_TRY(rebuild_layer(trainer, l));
    return trn_average_create(trainer);
}

trnnsf_status trn_train_follow(struct trnnsf_trainer *trainer)
{
    bool any = false;

    for (size_t l = 0; l < trainer->n_layers; l++) {
        if (trainer->network->layers[l].revision == trainer->layers[l].revision)
            continue;
        trn_average_free(trainer); /* of another packed form */
        TRN_TRY(rebuild_layer(trainer, l));
        any = true;
    }
    return any ? trn_average_create(trainer) : TRNNSF_OK;
}

static size_t batches(const struct trnnsf_trainer *trainer)
{
    size_t capacity = trainer->pass->capacity;

    return (trainer->n_samples + capacity - 1) / capacity;
}

/* What was trained with test-time scaling starts from weights 1 / (1 - p) as large as those it is
 * tested with. */
static void scale_weights(struct trnnsf_trainer *trainer)
{
    for (size_t l = 0; !trainer->weights_scaled && l < trainer->n_layers; l++) {
        struct trn_layer *layer = &trainer->network->layers[l];
        float factor = (float)trn_classic_factor(trainer, l);

        if (factor == 1.0f)
            continue;
        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            layer->weights[i] *= factor;
        layer->revision++;
    }
    trainer->weights_scaled = true;
}

static void shuffle(struct trnnsf_trainer *trainer)
{
    struct trn_random random;

    for (size_t i = 0; i < trainer->n_samples; i++)
        trainer->order[i] = (uint32_t)i;
    trn_random_init(&random, trainer->options.seed, TRN_RANDOM_SHUFFLE, (uint32_t)trainer->epochs);
    trn_random_shuffle(&random, trainer->order, trainer->n_samples);
}

static void write_back(struct trnnsf_trainer *trainer)
{
    for (size_t l = 0; l < trainer->n_layers; l++) {
        struct trn_packed *packed = trainer->pass->packed[l];
        const struct trn_layer *layer = &trainer->network->layers[l];

        if (trainer->layers[l].masters.values)
            trn_masters_apply(trainer->ctx, &trainer->layers[l].masters, layer, packed);
        trn_packed_to_dense(packed, packed->values, layer->weights);
        trn_layer_drop_ready(trainer->network, l);
    }
}

trnnsf_status trn_trainer_take_average(struct trnnsf_trainer *trainer)
{
    TRN_TRY(trn_train_follow(trainer));

    trnnsf_status status = trn_average_take(trainer);

    write_back(trainer);
    return status;
}

static trnnsf_status train_batches(trnnsf_context *ctx, struct trnnsf_trainer *trainer, double rate,
                                   struct trn_loss_sum *total)
{
    size_t capacity = trainer->pass->capacity, count = batches(trainer);

    for (size_t b = 0; b < count; b++) {
        size_t first = b * capacity, left = trainer->n_samples - first;

        if (b > 0)
            TRN_TRY(trn_progress(ctx, "train", "", b, count));
        TRN_TRY(trn_train_step(trainer, (uint32_t)b, first, left < capacity ? left : capacity, rate,
                               total));
    }
    return trn_progress(ctx, "train", "", count, count);
}

trnnsf_status trn_trainer_epoch(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                struct trnnsf_epoch *out_epoch)
{
    struct trn_loss_sum total = {0.0, 0};
    double rate = trn_trainer_rate(trainer);

    /* Cancelled here, nothing has begun: a checkpoint knows scaled weights by their steps. */
    TRN_TRY(trn_progress(ctx, "train", "", 0, batches(trainer)));
    scale_weights(trainer);
    TRN_TRY(trn_train_begin_device(trainer));
    TRN_TRY(trn_train_follow(trainer));
    shuffle(trainer);

    trnnsf_status status = train_batches(ctx, trainer, rate, &total);
    write_back(trainer);
    if (status != TRNNSF_OK)
        return status;
    trn_average_epoch(trainer);
    trainer->epochs++;
    out_epoch->epoch = trainer->epochs;
    out_epoch->loss = total.loss / (double)trainer->n_samples;
    out_epoch->train_accuracy = (double)total.correct / (double)trainer->n_samples;
    out_epoch->rate = rate;
    return TRNNSF_OK;
}

trnnsf_status trn_trainer_get_state(trnnsf_context *ctx, const struct trnnsf_trainer *trainer,
                                    size_t layer, size_t tensor, float *weights, float *biases)
{
    const struct trn_layer_state *state = &trainer->layers[layer];
    size_t n_out = trainer->network->layers[layer].n_out;

    (void)ctx;
    if (weights)
        trn_packed_to_dense(trainer->pass->packed[layer], state->weights[tensor], weights);
    if (biases && state->biases[tensor])
        memcpy(biases, state->biases[tensor], n_out * sizeof(float));
    return TRNNSF_OK;
}

trnnsf_status trn_trainer_set_state(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                    size_t layer, size_t tensor, const float *weights,
                                    const float *biases)
{
    struct trn_layer_state *state = &trainer->layers[layer];
    size_t n_out = trainer->network->layers[layer].n_out;

    (void)ctx;
    if (state->revision != trainer->network->layers[layer].revision)
        TRN_TRY(rebuild_layer(trainer, layer));
    if (weights)
        trn_packed_from_dense(trainer->pass->packed[layer], weights, state->weights[tensor]);
    if (biases && state->biases[tensor])
        memcpy(state->biases[tensor], biases, n_out * sizeof(float));
    return TRNNSF_OK;
}

void trn_trainer_set_dropout(struct trnnsf_trainer *trainer, size_t layer, double rate)
{
    trainer->rates[layer] = (float)rate;
}

void trn_trainer_restart_rate(struct trnnsf_trainer *trainer, uint64_t from, uint64_t epochs,
                              double factor)
{
    trainer->rate_from = from;
    trainer->rate_scale = factor;
    trainer->options.epochs = (uint32_t)(epochs > 0 ? epochs : 1);
}

uint64_t trn_trainer_epochs(const struct trnnsf_trainer *trainer)
{
    return trainer->epochs;
}

uint64_t trn_trainer_steps(const struct trnnsf_trainer *trainer)
{
    return trainer->steps;
}

void trn_trainer_forget_epoch(struct trnnsf_trainer *trainer)
{
    trainer->epochs--;
}

void trn_trainer_set_progress(struct trnnsf_trainer *trainer, uint64_t epochs, uint64_t steps)
{
    use_planned_rates(trainer);
    trainer->epochs = epochs;
    trainer->steps = steps;
    trainer->weights_scaled =
        epochs > 0 || steps > 0 || trainer->options.classic_dropout != TRNNSF_DROPOUT_CLASSIC;
}
