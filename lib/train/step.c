#include "train/step.h"

#include <math.h>

#include "base/context.h"
#include "data/dataset.h"
#include "network/soft_targets.h"
#include "train/augment.h"
#include "train/average.h"
#include "train/norms.h"
#include "train/update.h"

static const double pi = 3.14159265358979323846;

double trn_rate(const struct trnnsf_trainer_options *options, uint64_t epoch)
{
    double factor = options->rate_factor, e = (double)epoch, planned = (double)options->epochs;

    switch (options->rate_schedule) {
    case TRNNSF_RATE_STEP:
        return options->rate * pow(factor, (double)(epoch / options->rate_period));
    case TRNNSF_RATE_EXPONENTIAL:
        return options->rate * pow(factor, e);
    case TRNNSF_RATE_COSINE: /* Loshchilov and Hutter 2017, eq. 5, without restarts */
        e = e < planned ? e : planned;
        return options->rate * (factor + (1.0 - factor) * 0.5 * (1.0 + cos(pi * e / planned)));
    default:
        return options->rate;
    }
}

/* A device's epochs are a cycle of their own, as packing's are; the later of the two counts. */
double trn_trainer_rate(const struct trnnsf_trainer *trainer)
{
    struct trnnsf_trainer_options options = trainer->options;
    uint64_t from = trainer->rate_from, first = options.device_first;
    double scale = trainer->rate_scale;

    if (!trn_device_is_ideal(&trainer->device) && trainer->epochs >= first) {
        scale *= options.device_rate;
        if (first > from) {
            options.epochs = first < trainer->planned ? trainer->planned - (uint32_t)first : 1;
            from = first;
        }
    }
    return scale * trn_rate(&options, trainer->epochs - from);
}

double trn_classic_factor(const struct trnnsf_trainer *trainer, size_t layer)
{
    if (trainer->options.classic_dropout == TRNNSF_DROPOUT_INVERTED ||
        !trn_network_is_chain(trainer->network))
        return 1.0;
    return 1.0 - (double)trainer->rates[layer];
}

/* What the optimiser moves. */
static float *parameters(struct trnnsf_trainer *trainer, size_t l)
{
    float *masters = trainer->layers[l].masters.values;

    return masters ? masters : trainer->pass->packed[l]->values;
}

/* Back into the range and to the sign. */
static void clip_masters(struct trnnsf_trainer *trainer, size_t l)
{
    const struct trn_masters *masters = &trainer->layers[l].masters;

    if (masters->values)
        trn_device_clip(trainer->ctx, &trainer->network->layers[l].grid, masters->signs,
                        trainer->pass->packed[l]->n_values, masters->values);
}

/* Levels, the batch's noise, and its stuck devices, which neither of them moves. */
static void program_devices(struct trnnsf_trainer *trainer, uint32_t batch)
{
    for (size_t l = 0; l < trainer->n_layers; l++) {
        struct trn_packed *packed = trainer->pass->packed[l];
        const struct trn_layer *layer = &trainer->network->layers[l];
        const struct trn_masters *masters = &trainer->layers[l].masters;
        struct trn_noise noise = {trainer->options.seed, (uint32_t)trainer->epochs, batch,
                                  (uint32_t)l,
                                  (float)trainer->device.noise * layer->grid.range};
        struct trn_stuck stuck = {noise.seed,
                                  noise.epoch,
                                  batch,
                                  noise.layer,
                                  trainer->device.stuck_on,
                                  trainer->device.stuck_off,
                                  layer->grid.range};

        if (!masters->values)
            continue;
        trn_masters_apply(trainer->ctx, masters, layer, packed);
        trn_add_noise(trainer->ctx, &noise, packed->keep, packed->n_values, packed->values);
        trn_stick(trainer->ctx, &stuck, packed->keep, masters->signs, packed->n_values,
                  packed->values);
    }
}

static trnnsf_status update_sgd(struct trnnsf_trainer *trainer, size_t l, double rate)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    struct trn_pass *pass = trainer->pass;
    struct trn_packed *packed = pass->packed[l];
    struct trn_layer_state *state = &trainer->layers[l];
    double factor = trn_classic_factor(trainer, l), n = (double)pass->n;
    struct trn_update update = {.n = packed->n_values,
                                .weights = parameters(trainer, l),
                                .keep = packed->keep,
                                .first = state->weights[0],
                                .rate = (float)(rate * factor * factor),
                                .l2 = (float)(options->l2 / (factor * factor)),
                                .momentum = (float)options->momentum,
                                .nesterov = options->nesterov == 1};
    float step = (float)(rate * factor * factor / n);

    if (update.nesterov) {
        update.gradient = trainer->gradient;
        TRN_TRY(trn_pass_weight_gradient(pass, l, step, 0.0f, trainer->gradient));
    } else {
        TRN_TRY(trn_pass_weight_gradient(pass, l, step, update.momentum, update.first));
    }
    trn_update_sgd(pass->ctx, &update);
    return TRNNSF_OK;
}

static trnnsf_status update_adam(struct trnnsf_trainer *trainer, size_t l, double rate)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    struct trn_pass *pass = trainer->pass;
    struct trn_packed *packed = pass->packed[l];
    struct trn_layer_state *state = &trainer->layers[l];
    double factor = trn_classic_factor(trainer, l), t = (double)(trainer->steps + 1);
    double root = sqrt(1.0 - pow(options->adam_beta2, t));
    double step = rate * root / (1.0 - pow(options->adam_beta1, t));
    struct trn_update update = {.n = packed->n_values,
                                .weights = parameters(trainer, l),
                                .keep = packed->keep,
                                .first = state->weights[0],
                                .second = state->weights[1],
                                .gradient = trainer->gradient,
                                .rate = (float)(step * factor),
                                .l2 = (float)(options->l2 / (factor * factor)),
                                .beta1 = (float)options->adam_beta1,
                                .beta2 = (float)options->adam_beta2,
                                .epsilon = (float)(options->adam_epsilon * root / factor)};
    float mean = (float)(1.0 / (double)pass->n);

    TRN_TRY(trn_pass_weight_gradient(pass, l, mean, 0.0f, trainer->gradient));
    trn_update_adam(pass->ctx, &update);
    return TRNNSF_OK;
}

float trn_train_vector_scale(const struct trnnsf_trainer *trainer, double rate)
{
    bool adam = trainer->options.optimiser == TRNNSF_OPTIMISER_ADAM;

    return (float)((adam ? 1.0 : rate) / (double)trainer->pass->n);
}

void trn_train_update_vector(struct trnnsf_trainer *trainer, double rate, size_t n,
                             float *const state[2], const float *gradient, float *values)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    double t = (double)(trainer->steps + 1), root = sqrt(1.0 - pow(options->adam_beta2, t));
    struct trn_update update = {
        .n = n, .weights = values, .first = state[0], .second = state[1], .gradient = gradient};

    if (options->optimiser != TRNNSF_OPTIMISER_ADAM) {
        update.momentum = (float)options->momentum;
        update.nesterov = options->nesterov == 1;
        trn_update_sgd(trainer->ctx, &update);
        return;
    }
    update.rate = (float)(rate * root / (1.0 - pow(options->adam_beta1, t)));
    update.beta1 = (float)options->adam_beta1;
    update.beta2 = (float)options->adam_beta2;
    update.epsilon = (float)(options->adam_epsilon * root);
    trn_update_adam(trainer->ctx, &update);
}

static void update_biases(struct trnnsf_trainer *trainer, size_t l, double rate)
{
    const struct trn_layer *layer = &trainer->network->layers[l];
    struct trn_panel gradient = trn_pass_gradient(trainer->pass, l);

    if (!layer->biases)
        return;
    trn_panel_row_sums(trainer->ctx, &gradient, trn_train_vector_scale(trainer, rate),
                       trainer->bias_gradient);
    trn_train_update_vector(trainer, rate, layer->n_out, trainer->layers[l].biases,
                            trainer->bias_gradient, layer->biases);
}

/* The layer below gets its gradient before this layer's weights change. */
static trnnsf_status backward(struct trnnsf_trainer *trainer, double rate,
                              const struct trn_pass_dropout *dropout)
{
    for (size_t l = trainer->network->n_layers; l-- > 0;) {
        TRN_TRY(trn_pass_backward(trainer->pass, l, dropout));
        if (trainer->options.optimiser == TRNNSF_OPTIMISER_ADAM)
            TRN_TRY(update_adam(trainer, l, rate));
        else
            TRN_TRY(update_sgd(trainer, l, rate));
        update_biases(trainer, l, rate);
        clip_masters(trainer, l);
    }
    TRN_TRY(trn_pass_backward(trainer->pass, TRN_NO_LAYER, dropout));
    trn_train_update_norms(trainer, rate);
    return TRNNSF_OK;
}

/* Targets share a part of the label evenly among the classes (Szegedy et al. 2016, section 7): the same as
 * an even teacher's share. */
static void blend_smooth(struct trnnsf_trainer *trainer)
{
    struct trn_panel outputs = trn_pass_output_panel(trainer->pass);
    struct trn_soft_targets even = {trainer->smooth, 0, trainer->options.label_smoothing, 1.0};

    if (trainer->smooth)
        trn_soft_gradient(trainer->ctx, &even, trainer->options.loss,
                          trn_network_output_activation(trainer->network), &outputs,
                          trn_pass_output_gradient(trainer->pass));
}

/* The gradient at the outputs gets the teacher's share. */
static void blend_teacher(struct trnnsf_trainer *trainer, size_t first, size_t n)
{
    size_t ld = trainer->pass->capacity;
    struct trn_panel outputs = trn_pass_output_panel(trainer->pass);
    struct trn_soft_targets soft = {trainer->soft, ld, trainer->teacher_weight,
                                    trainer->temperature};

    if (!trainer->teacher)
        return;
    for (size_t s = 0; s < n; s++) {
        const float *from = trainer->teacher + trainer->order[first + s] * outputs.n_features;

        for (size_t f = 0; f < outputs.n_features; f++)
            trainer->soft[f * ld + s] = from[f];
    }
    trn_soft_gradient(trainer->ctx, &soft, trainer->options.loss,
                      trn_network_output_activation(trainer->network), &outputs,
                      trn_pass_output_gradient(trainer->pass));
}

/* The batch's samples, altered where the options say so. */
static void load(struct trnnsf_trainer *trainer, size_t first, size_t n,
                 const struct trn_pass_dropout *dropout)
{
    const uint32_t *index = trainer->order + first;
    const struct trn_augment how = {trainer->options.seed, (uint32_t)trainer->epochs,
                                    trainer->options.shift,
                                    trainer->options.crop,
                                    trainer->options.crop_fill,
                                    trainer->options.flip};

    if (!trainer->augmented) {
        trn_pass_load(trainer->pass, n, trainer->dataset->part[TRNNSF_PART_TRAIN].values, index,
                      dropout);
        return;
    }
    trn_augment_samples(trainer->ctx, &how, trainer->dataset, n, index, trainer->augmented);
    trn_pass_load(trainer->pass, n, trainer->augmented, NULL, dropout);
}

trnnsf_status trn_train_step(struct trnnsf_trainer *trainer, uint32_t batch, size_t first, size_t n,
                             double rate, struct trn_loss_sum *total)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    const struct trn_part *part = &trainer->dataset->part[TRNNSF_PART_TRAIN];
    const struct trn_pass_dropout dropout = {.seed = options->seed,
                                             .epoch = (uint32_t)trainer->epochs,
                                             .batch = batch,
                                             .rates = trainer->rates};
    struct trn_loss_sum sum;

    for (size_t s = 0; s < n; s++)
        trainer->labels[s] = part->labels[trainer->order[first + s]];
    program_devices(trainer, batch);
    load(trainer, first, n, &dropout);
    TRN_TRY(trn_pass_forward(trainer->pass, &dropout));
    sum = trn_pass_loss(trainer->pass, options->loss, trainer->labels, true);
    if (!isfinite(sum.loss))
        return trn_fail(trainer->ctx, TRNNSF_E_NUMERIC,
                        "trnnsf_trainer_epoch: the loss is not finite at epoch %llu, batch %u "
                        "(learning rate %g)",
                        (unsigned long long)trainer->epochs + 1, batch, rate);
    blend_smooth(trainer);
    blend_teacher(trainer, first, n);
    trn_pass_clip_gradient(trainer->pass);
    TRN_TRY(backward(trainer, rate, &dropout));
    trainer->steps++;
    trn_average_step(trainer);
    total->loss += sum.loss;
    total->correct += sum.correct;
    return TRNNSF_OK;
}
