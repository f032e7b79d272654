/** \file trainer.h
 * Training of a network, an epoch a call. Mutable. It refers to the network and the dataset, which
 * must outlive it; between epochs the network may be read, masked and evaluated.
 */
#ifndef TRNNSF_TRAINER_H
#define TRNNSF_TRAINER_H

#include <trnnsf/network.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_trainer trnnsf_trainer;

enum trnnsf_optimiser { TRNNSF_OPTIMISER_SGD = 0, TRNNSF_OPTIMISER_ADAM = 1 };
enum trnnsf_rate_schedule {
    TRNNSF_RATE_CONSTANT = 0,
    TRNNSF_RATE_STEP = 1,        /**< times rate_factor every rate_period epochs */
    TRNNSF_RATE_EXPONENTIAL = 2, /**< times rate_factor every epoch */
    TRNNSF_RATE_COSINE = 3       /**< from rate to rate * rate_factor over `epochs` */
};

/** Where dropout scales. */
enum trnnsf_dropout_style {
    TRNNSF_DROPOUT_INVERTED = 0,         /**< in training, kept values by 1 / (1 - p) */
    TRNNSF_DROPOUT_CLASSIC = 1,          /**< as where testing scales by 1 - p, on a new network */
    TRNNSF_DROPOUT_CLASSIC_CONTINUED = 2 /**< the same on a network so trained before */
};

struct trnnsf_trainer_options {
    size_t struct_size;
    uint32_t optimiser;     /**< default SGD */
    uint32_t loss;          /**< enum trnnsf_loss; default squared error */
    uint32_t batch;         /**< samples a step, 1 … 65536; default 400 */
    uint32_t epochs;        /**< planned, for the rate schedule; default 40 */
    uint32_t rate_schedule; /**< default CONSTANT */
    uint32_t rate_period;   /**< of STEP; default 10 */
    double rate;            /**< learning rate; default 0.5 */
    double rate_factor;     /**< default 0.1 */
    double momentum;        /**< of SGD, [0, 1); default 0.5: v = momentum v + rate g, w -= v */
    double adam_beta1;      /**< 0.9 */
    double adam_beta2;      /**< 0.999 */
    double adam_epsilon;    /**< 1e-8 */
    double l2;              /**< weight decay added to the gradient, default 0 */
    double input_dropout;   /**< [0, 1), default 0 */
    double hidden_dropout;  /**< [0, 1), default 0.5 */
    uint32_t classic_dropout; /**< 1: rates and initial weights as where the test, not the training,
                                   is scaled (DeepLearnToolbox, the TraNNsformer code); default 1 */
    uint32_t reserved;
    uint64_t seed;          /**< of shuffling and dropout; default 1 */
};
#define TRNNSF_TRAINER_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_trainer_options), 0, 0, 400, 40, 0, 10, 0.5, 0.1, 0.5, 0.9, 0.999, 1e-8, \
     0.0, 0.0, 0.5, 1, 0, 1}
TRNNSF_API void trnnsf_trainer_options_init(struct trnnsf_trainer_options *options);

TRNNSF_API trnnsf_status trnnsf_trainer_create(trnnsf_context *context, trnnsf_network *network,
                                               const trnnsf_dataset *dataset,
                                               const struct trnnsf_trainer_options *options,
                                               trnnsf_trainer **out_trainer);

struct trnnsf_epoch {
    size_t struct_size;
    uint64_t epoch;          /**< finished epochs, this one included */
    double loss;             /**< mean training loss over the epoch, dropout included */
    double train_accuracy;   /**< over the epoch, dropout included */
    double rate;             /**< the learning rate used */
};
/** Trains one epoch. TRNNSF_E_NUMERIC where the loss is not finite; TRNNSF_E_CANCELLED leaves the
 * network as of the last finished batch. */
TRNNSF_API trnnsf_status trnnsf_trainer_epoch(trnnsf_context *context, trnnsf_trainer *trainer,
                                              struct trnnsf_epoch *out_epoch);
TRNNSF_API uint64_t trnnsf_trainer_epochs_done(const trnnsf_trainer *trainer);
TRNNSF_API void trnnsf_trainer_free(trnnsf_trainer *trainer);

TRNNSF_END_DECLS

#endif
