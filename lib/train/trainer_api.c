#include <float.h>
#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "network/device.h"
#include "network/network.h"
#include "train/step.h"
#include "train/trainer.h"

static const char create[] = "trnnsf_trainer_create";

void trnnsf_trainer_options_init(struct trnnsf_trainer_options *options)
{
    if (options)
        *options = (struct trnnsf_trainer_options)TRNNSF_TRAINER_OPTIONS_INIT;
}

/* In [least, most), which no NaN is. */
static trnnsf_status check_number(trnnsf_context *ctx, const char *name, double value, double least,
                                  double most)
{
    if (value >= least && value < most)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in [%g, %g)", create, name, value,
                    least, most);
}

static trnnsf_status check_device(trnnsf_context *ctx, const struct trnnsf_trainer_options *o)
{
    TRN_TRY(trn_option_count(ctx, create, "unipolar", o->unipolar, 0, TRNNSF_UNIPOLAR_POSITIVE));
    TRN_TRY(trn_option_count(ctx, create, "activation_bits", o->activation_bits, 0, TRN_BITS_MAX));
    TRN_TRY(trn_option_count(ctx, create, "uniform", o->uniform, 0, 1));
    TRN_TRY(trn_option_count(ctx, create, "device_first", o->device_first, 0, 1000000));
    TRN_TRY(trn_option_count(ctx, create, "exact_outputs", o->exact_outputs, 0, 1));
    TRN_TRY(trn_option_count(ctx, create, "sign_rounds", o->sign_rounds, 0, 1000));
    TRN_TRY(trn_option_count(ctx, create, "sign_samples", o->sign_samples, 1, 65536));
    if (o->weight_levels > 0)
        TRN_TRY(trn_option_count(ctx, create, "weight_levels", o->weight_levels, 2, TRN_LEVELS_MAX));
    TRN_TRY(check_number(ctx, "weight_range", o->weight_range, 0.0, 1e6));
    TRN_TRY(check_number(ctx, "activation_range", o->activation_range, 0.0, 1e6));
    TRN_TRY(trn_option_number(ctx, create, "activation_quantile", o->activation_quantile, DBL_MIN,
                              1.0));
    TRN_TRY(check_number(ctx, "weight_noise", o->weight_noise, 0.0, 10.0));
    TRN_TRY(trn_option_number(ctx, create, "stuck_on", o->stuck_on, 0.0, 0.5));
    TRN_TRY(trn_option_number(ctx, create, "stuck_off", o->stuck_off, 0.0, 0.5));
    return check_number(ctx, "device_rate", o->device_rate, DBL_MIN, 1e6);
}

static trnnsf_status check_images(trnnsf_context *ctx, const struct trnnsf_trainer_options *o,
                                  const struct trnnsf_dataset *dataset)
{
    TRN_TRY(trn_option_count(ctx, create, "crop", o->crop, 0, 65535));
    TRN_TRY(trn_option_count(ctx, create, "crop_fill", o->crop_fill, 0, TRNNSF_CROP_WRAP));
    TRN_TRY(trn_option_count(ctx, create, "flip", o->flip, 0, 1));
    if ((o->crop || o->flip) && dataset->height == 1)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: crop and flip are of images, and samples have a height of 1", create);
    if (o->crop && (o->crop >= dataset->height || o->crop >= dataset->width))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: crop %u is not below height and width of the samples, %zu x %zu",
                        create, o->crop, dataset->height, dataset->width);
    return TRNNSF_OK;
}

static trnnsf_status check_average(trnnsf_context *ctx, const struct trnnsf_trainer_options *o)
{
    TRN_TRY(trn_option_count(ctx, create, "average", o->average, 0, TRNNSF_AVERAGE_EPOCHS));
    TRN_TRY(trn_option_count(ctx, create, "average_from", o->average_from, 0, 1000000));
    return check_number(ctx, "average_decay", o->average_decay, 0.0, 1.0);
}

static trnnsf_status check_options(trnnsf_context *ctx, const struct trnnsf_trainer_options *o)
{
    TRN_TRY(trn_option_count(ctx, create, "optimiser", o->optimiser, 0, TRNNSF_OPTIMISER_ADAM));
    TRN_TRY(trn_option_count(ctx, create, "loss", o->loss, 0, TRNNSF_LOSS_CROSS_ENTROPY));
    TRN_TRY(trn_option_count(ctx, create, "batch", o->batch, 1, 65536));
    TRN_TRY(trn_option_count(ctx, create, "epochs", o->epochs, 1, 1000000));
    TRN_TRY(trn_option_count(ctx, create, "rate_schedule", o->rate_schedule, 0, TRNNSF_RATE_COSINE));
    TRN_TRY(trn_option_count(ctx, create, "rate_period", o->rate_period, 1, 1000000));
    TRN_TRY(trn_option_count(ctx, create, "classic_dropout", o->classic_dropout, 0,
                        TRNNSF_DROPOUT_CLASSIC_CONTINUED));
    TRN_TRY(trn_option_count(ctx, create, "reserved", o->reserved, 0, 0));
    TRN_TRY(trn_option_count(ctx, create, "shift", o->shift, 0, 65536));
    TRN_TRY(trn_option_count(ctx, create, "reserved_2", o->reserved_2, 0, 0));
    TRN_TRY(check_device(ctx, o));
    TRN_TRY(check_average(ctx, o));
    TRN_TRY(trn_option_count(ctx, create, "nesterov", o->nesterov, 0, 1));
    TRN_TRY(check_number(ctx, "label_smoothing", o->label_smoothing, 0.0, 1.0));
    TRN_TRY(check_number(ctx, "rate", o->rate, 0.0, 1e6));
    TRN_TRY(check_number(ctx, "rate_factor", o->rate_factor, 0.0, 1e3));
    TRN_TRY(check_number(ctx, "momentum", o->momentum, 0.0, 1.0));
    TRN_TRY(check_number(ctx, "adam_beta1", o->adam_beta1, 0.0, 1.0));
    TRN_TRY(check_number(ctx, "adam_beta2", o->adam_beta2, 0.0, 1.0));
    TRN_TRY(check_number(ctx, "adam_epsilon", o->adam_epsilon, DBL_MIN, 1e3));
    TRN_TRY(check_number(ctx, "l2", o->l2, 0.0, 1e3));
    TRN_TRY(check_number(ctx, "input_dropout", o->input_dropout, 0.0, 1.0));
    return check_number(ctx, "hidden_dropout", o->hidden_dropout, 0.0, 1.0);
}

trnnsf_status trnnsf_trainer_create(trnnsf_context *context, trnnsf_network *network,
                                    const trnnsf_dataset *dataset,
                                    const struct trnnsf_trainer_options *options,
                                    trnnsf_trainer **out_trainer)
{
    struct trnnsf_trainer_options read = TRNNSF_TRAINER_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", create);
    if (!dataset)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: dataset is NULL", create);
    if (!out_trainer)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_trainer is NULL", create);
    TRN_TRY(trn_options_read(context, create, options, &read, sizeof read));
    TRN_TRY(check_options(context, &read));
    TRN_TRY(check_images(context, &read, dataset));
    TRN_TRY(
        trn_network_check_dataset(context, create, network, dataset, TRNNSF_PART_TRAIN, read.loss));
    return trn_trainer_create(context, network, dataset, &read, out_trainer);
}

trnnsf_status trnnsf_trainer_epoch(trnnsf_context *context, trnnsf_trainer *trainer,
                                   struct trnnsf_epoch *out_epoch)
{
    static const char function[] = "trnnsf_trainer_epoch";
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!trainer)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: trainer is NULL", function);
    if (context != trainer->ctx)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the trainer belongs to another context",
                        function);
    if (trainer->dataset->part[TRNNSF_PART_TRAIN].n_samples != trainer->n_samples)
        return trn_fail(context, TRNNSF_E_STATE,
                        "%s: the training part has %zu samples, and had %zu when the trainer was "
                        "made",
                        function, trainer->dataset->part[TRNNSF_PART_TRAIN].n_samples,
                        trainer->n_samples);
    if (out_epoch)
        TRN_TRY(trn_result_check(context, function, out_epoch, sizeof epoch));
    TRN_TRY(trn_trainer_epoch(context, trainer, &epoch));
    if (out_epoch)
        trn_result_write(out_epoch, &epoch);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_trainer_take_average(trnnsf_context *context, trnnsf_trainer *trainer)
{
    static const char function[] = "trnnsf_trainer_take_average";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!trainer)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: trainer is NULL", function);
    if (context != trainer->ctx)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the trainer belongs to another context",
                        function);
    TRN_TRY(trn_train_follow(trainer));
    if (trainer->average.count == 0)
        return trn_fail(context, TRNNSF_E_STATE, "%s: no weights have been averaged", function);
    return trn_trainer_take_average(trainer);
}

uint64_t trnnsf_trainer_epochs_done(const trnnsf_trainer *trainer)
{
    return trainer ? trainer->epochs : 0;
}

void trnnsf_trainer_free(trnnsf_trainer *trainer)
{
    trn_trainer_free(trainer);
}
