/** \file trainer.h
 * Training of a network by mini-batches, an epoch a call. Mutable; belongs to the context that made
 * it. It refers to the network and the dataset, which must outlive it; between epochs the network
 * may be read, evaluated, given other weights, masks and clusters: the next epoch follows, and
 * optimiser state of synapses that stayed is kept, of others cleared.
 *
 * With g the gradient of the mean loss of a batch, SGD does v = momentum v + rate (g + l2 w),
 * w -= v (the update of the DeepLearnToolbox, nnapplygrads.m, which the TraNNsformer code trains with).
 * Adam is that of Kingma and Ba (2015), algorithm 1, on g + l2 w. Biases have no l2. Masked weights
 * are exactly 0 at every step, as are their gradients and state.
 *
 * Dropout. With p the rate, inverted dropout trains with h m / (1 - p), m being 0 with probability
 * p and 1 otherwise, and tests with h. Classic dropout (Hinton et al. 2012; DeepLearnToolbox,
 * nnff.m) trains weights w with h m and tests with w (1 - p). Put w' = w (1 - p): both forward
 * passes are those of inverted dropout with w'. As dL/dw' = dL/dw / (1 - p), the classic step in w
 * is, in w',
 *
 *     dw' = (1 - p) dw = (1 - p) rate dL/dw = (1 - p)^2 rate dL/dw' .
 *
 * So classic dropout is inverted dropout with weights whose initial values are multiplied by 1 - p
 * and whose rate is multiplied by (1 - p)^2 (Adam, whose steps do not grow with the gradient: rate
 * times 1 - p, epsilon divided by 1 - p; l2 divided by (1 - p)^2 in both), in each layer that is
 * fed by dropped values; biases are not touched. The network thus always holds the weights that it
 * is tested and mapped with. Derived here; the train suite holds it against the classic loop.
 *
 * Training for a device (weight_levels, unipolar, activation_bits, weight_range, activation_range,
 * weight_noise or stuck_… given): all products, forward and backward, are computed with weights set to
 * their levels plus normal noise that is drawn anew for each batch, as are the devices that are stuck in
 * it, and with activations clipped and set to theirs. The
 * optimiser moves values behind the levels, clipped to the range (and to their sign) after each step;
 * gradients go straight through levels and noise (Bengio, Leonard and Courville 2013; Hubara et al. 2018;
 * noise: Joshi et al. 2020). Between epochs the network holds the levels, without noise, and its
 * converters: what is evaluated, saved and mapped is the device's network. Ranges, signs and scales are
 * found at the first such epoch, from weights and training samples. doc/hardware-aware.md has the
 * formulas.
 *
 * With shift, crop or flip samples are seen otherwise in each epoch, all rows and channels of one alike
 * (doc/schedule.md). Shift: all rows (channels times height of them) are moved along the dataset's width by
 * one number of places, uniform in -shift … shift, or among all places where these are half the width or
 * more. Crop: the image is padded by so many pixels on each side, and a window of its size cut out at a
 * uniform place. Flip: half of the images are mirrored, left to right.
 *
 * Average: the mean of the weights, biases and batch norms' scales and shifts over steps, each of which
 * counts by a factor average_decay less than the next (Polyak and Juditsky 1992; the factor grows as
 * (1 + t) / (10 + t) to it), or over the ends of epochs (Izmailov et al. 2018, arXiv 1803.05407, algorithm 1).
 * Training does not see it, trnnsf_trainer_take_average() does. A change of masks or clusters begins it
 * anew.
 *
 * Random draws (shuffling, movements, dropout, noise) depend on seed, epoch, batch, layer and the place in the batch
 * alone: results are the same for any number of threads, and a resumed training equals an
 * uninterrupted one.
 */
#ifndef TRNNSF_TRAINER_H
#define TRNNSF_TRAINER_H

#include <trnnsf/network.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_trainer trnnsf_trainer;

/** How weights follow the gradient. */
enum trnnsf_optimiser { TRNNSF_OPTIMISER_SGD = 0, TRNNSF_OPTIMISER_ADAM = 1 };
/** The learning rate of epoch e, counted from 0, with f = rate_factor. */
enum trnnsf_rate_schedule {
    TRNNSF_RATE_CONSTANT = 0,    /**< rate */
    TRNNSF_RATE_STEP = 1,        /**< rate f^floor(e / rate_period) */
    TRNNSF_RATE_EXPONENTIAL = 2, /**< rate f^e */
    TRNNSF_RATE_COSINE = 3       /**< rate (f + (1 - f) (1 + cos(pi e / epochs)) / 2), then constant
                                      (Loshchilov and Hutter 2017, eq. 5, without restarts) */
};

/** What lies on the padding of a crop. */
enum trnnsf_crop_fill {
    TRNNSF_CROP_ZERO = 0,
    TRNNSF_CROP_EDGE = 1,    /**< the pixel at the edge */
    TRNNSF_CROP_REFLECT = 2, /**< the image mirrored at the edge's pixel, which is not repeated */
    TRNNSF_CROP_WRAP = 3     /**< the opposite end: the image moves in a circle */
};
/** Which weights a trainer averages: see the head of this file. */
enum trnnsf_average {
    TRNNSF_AVERAGE_NONE = 0,
    TRNNSF_AVERAGE_EXPONENTIAL = 1, /**< of all steps, later ones more */
    TRNNSF_AVERAGE_EPOCHS = 2       /**< at the ends of epochs, all alike */
};

/** Where dropout scales: see the head of this file. */
enum trnnsf_dropout_style {
    TRNNSF_DROPOUT_INVERTED = 0,         /**< in training, kept values by 1 / (1 - p) */
    TRNNSF_DROPOUT_CLASSIC = 1,          /**< as where testing scales by 1 - p, on a new network */
    TRNNSF_DROPOUT_CLASSIC_CONTINUED = 2 /**< the same on a network so trained before */
};

/** How to train. Defaults are those of the TraNNsformer code (run_fcn_general.m); Adam's are those
 * of its paper. */
struct trnnsf_trainer_options {
    size_t struct_size;
    uint32_t optimiser; /**< enum trnnsf_optimiser; default SGD */
    uint32_t loss;      /**< enum trnnsf_loss; default squared error */
    uint32_t batch;     /**< samples a step, the last one fewer; 1 … 65536, default 400 */
    uint32_t epochs;        /**< planned, for the rate schedule; 1 … 10^6, default 40 */
    uint32_t rate_schedule; /**< enum trnnsf_rate_schedule; default CONSTANT */
    uint32_t rate_period;   /**< epochs, of STEP; 1 … 10^6, default 10 */
    double rate;            /**< learning rate, [0, 10^6); default 0.5 */
    double rate_factor;     /**< [0, 10^3), default 0.1 */
    double momentum;        /**< of SGD, [0, 1); default 0.5 */
    double adam_beta1;      /**< [0, 1), default 0.9 */
    double adam_beta2;      /**< [0, 1), default 0.999 */
    double adam_epsilon;    /**< (0, 10^3), default 1e-8 */
    double l2;             /**< weight decay added to the weights' gradient, [0, 10^3); default 0 */
    double input_dropout;  /**< rate for the inputs, [0, 1), met within 2^-16; default 0 */
    double hidden_dropout; /**< rate for hidden neurons, the same; of a graph for what one fully
                                connected layer alone reads and has no rate of its own; default 0.5 */
    uint32_t classic_dropout; /**< enum trnnsf_dropout_style; default CLASSIC; of a graph always
                                   INVERTED */
    uint32_t reserved;        /**< 0 */
    uint64_t seed;            /**< of shuffling, dropout and noise; default 1 */
    uint32_t weight_levels;   /**< 2 … 65536 values of a weight; 0: any. Default 0 */
    uint32_t unipolar;        /**< enum trnnsf_unipolar; default NONE */
    uint32_t activation_bits; /**< 1 … 16 of inputs, hidden values and outputs; 0: any. Default 0 */
    uint32_t uniform;         /**< 1: one weight range and one activation range for all layers */
    uint32_t device_first;    /**< finished epochs at which training for the device begins; default 0 */
    uint32_t tile_inputs;     /**< of what has one sign with BLOCK, outside of clusters; 0: all */
    uint32_t tile_outputs;    /**< likewise */
    uint32_t exact_outputs;   /**< 1: the last layer's outputs are not converted; default 0 */
    uint32_t sign_rounds;     /**< of unipolar: a search turns each sign so often at most; default 0 */
    uint32_t sign_samples;    /**< it looks at, of the validation part or, without one, the training
                                   part; 1 … 65536, default 512 */
    double weight_range;      /**< weights are clipped to ± this; 0: found. [0, 10^6), default 0 */
    double activation_range;  /**< values are clipped to this; 0: found. [0, 10^6), default 0 */
    double activation_quantile; /**< what a found range holds of the values, (0, 1]; default 0.999 */
    double weight_noise;      /**< sigma over the weight range, [0, 10); default 0 */
    double device_rate;       /**< factor of the rates once the device has begun; default 1 */
    double stuck_on;  /**< probability that a device of a weight is at the range in a batch, whatever
                           the weight; [0, 0.5], met within 2^-16; default 0 */
    double stuck_off; /**< likewise at 0 */
    uint32_t shift;   /**< places that samples are moved at most: see the head of this file; what leaves
                           a row at one end comes back at the other. 0 … 65536, default 0 */
    uint32_t reserved_2; /**< 0 */
    uint32_t crop;       /**< pixels, below height and width of the samples; a height of 1 is refused.
                              0 … 65535, default 0 */
    uint32_t crop_fill;  /**< enum trnnsf_crop_fill; default ZERO */
    uint32_t flip;       /**< 1: half of the samples are mirrored; a height of 1 is refused. Default 0 */
    uint32_t nesterov;   /**< 1: of SGD, with d = rate (g + l2 w): v = momentum v + d, w -= momentum v + d
                              (Sutskever et al. 2013, as frameworks rewrite it). Default 0 */
    uint32_t average;    /**< enum trnnsf_average; not for a device. Default NONE */
    uint32_t average_from;  /**< finished epochs at which it begins; 0 … 10^6, default 0 */
    double average_decay;   /**< [0, 1), default 0.999 */
    double label_smoothing; /**< share of the label that all classes have alike (Szegedy et al. 2016,
                                 arXiv 1512.00567, section 7); the loss told is of the label alone. [0, 1),
                                 default 0 */
};
#define TRNNSF_TRAINER_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_trainer_options), 0, 0, 400, 40, 0, 10, 0.5, 0.1, 0.5, 0.9, 0.999, 1e-8, \
     0.0, 0.0, 0.5, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512, 0.0, 0.0, 0.999, 0.0, 1.0, 0.0, 0.0, 0, 0,  \
     0, 0, 0, 0, 0, 0, 0.999, 0.0}
/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_trainer_options_init(struct trnnsf_trainer_options *options);

/** Creates a trainer for `network` on the training part of `dataset`.
 *
 * Both must outlive it; neither is changed here: TRNNSF_DROPOUT_CLASSIC multiplies the weights of
 * layers fed by dropout at the start of the first epoch. `options` NULL: the defaults. All memory
 * of an epoch is taken here, or where masks have changed. The caller owns *out_trainer.
 * TRNNSF_E_INVALID: an option out of range; TRNNSF_E_MISMATCH: features, classes or loss do not fit
 * the network (see trnnsf_network_evaluate()); TRNNSF_E_STATE: the training part is empty;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_trainer_create(trnnsf_context *context, trnnsf_network *network,
                                               const trnnsf_dataset *dataset,
                                               const struct trnnsf_trainer_options *options,
                                               trnnsf_trainer **out_trainer);

/** Written by trnnsf_trainer_epoch(), struct_size included. */
struct trnnsf_epoch {
    size_t struct_size;
    uint64_t epoch;        /**< finished epochs, this one included */
    double loss;           /**< mean training loss over the epoch, dropout included */
    double train_accuracy; /**< over the epoch, dropout included */
    double rate;           /**< the learning rate used */
};
/** Trains one epoch: every sample once, in an order shuffled anew.
 *
 * `context` is the trainer's. *out_epoch, of the caller, may be NULL. Progress: phase "train", a
 * step a batch; a callback may read the network's sizes, not its weights. Any number of epochs may
 * be trained, also more than `options.epochs`. TRNNSF_E_NUMERIC: the loss of a batch is not finite;
 * weights are those that gave this loss. TRNNSF_E_CANCELLED: the network is as of the last finished
 * batch, and the epoch does not count: the next call trains it from its first batch.
 * TRNNSF_E_STATE: the training part has another number of samples than at creation.
 * TRNNSF_E_MISMATCH: another context. TRNNSF_E_NO_MEMORY: only after a change of masks or clusters;
 * the call may be repeated. Cost: samples times kept synapses, times 6 floating-point operations (4
 * for the first layer). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_trainer_epoch(trnnsf_context *context, trnnsf_trainer *trainer,
                                              struct trnnsf_epoch *out_epoch);
/** Gives the network the average weights (option `average`) and, of a graph with batch norms, running means
 * and variances that are the mean over batches of the training samples as they are, run through it without
 * dropout (arXiv 1803.05407, section 3.2). Training may go on from there; the average begins anew.
 * TRNNSF_E_STATE: nothing has been averaged, or masks have changed since; TRNNSF_E_MISMATCH: another
 * context; TRNNSF_E_NO_MEMORY. Cost: that of a look at all training samples. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_trainer_take_average(trnnsf_context *context,
                                                     trnnsf_trainer *trainer);
/** Finished epochs. Since 0.1. */
TRNNSF_API uint64_t trnnsf_trainer_epochs_done(const trnnsf_trainer *trainer);
/** Frees a trainer, not its network and dataset; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_trainer_free(trnnsf_trainer *trainer);

TRNNSF_END_DECLS

#endif
