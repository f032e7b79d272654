/* The trainer's parts and one step of it. */
#ifndef TRN_TRAIN_STEP_H
#define TRN_TRAIN_STEP_H

#include "network/device.h"
#include "network/pass.h"
#include "train/device.h"
#include "train/trainer.h"

/* Optimiser state of one layer. Weights' state is in the layout of the layer's packed values. */
struct trn_layer_state {
    uint32_t revision; /* of the layer that packed form and state were made for */
    float *weights[2]; /* velocity, or first and second moment */
    float *biases[2];
    struct trn_masters masters;
};

/* Means of the weights (average.h). */
struct trn_average {
    uint64_t count; /* of what has entered */
    float **means;  /* [2 n_layers + 2 n_nodes]: packed weights and biases, norms' scale and shift; NULL,
                       and of what there is not: none */
};

struct trnnsf_trainer {
    trnnsf_context *ctx; /* held */
    struct trnnsf_network *network;
    const struct trnnsf_dataset *dataset;
    struct trnnsf_trainer_options options;
    struct trn_device device;
    bool on_device; /* training for the device has begun */
    size_t n_layers;
    size_t n_samples;
    uint64_t epochs;
    uint64_t steps;
    uint32_t planned;   /* epochs, by the options of creation */
    uint64_t rate_from; /* the epoch that the rate schedule counts from */
    double rate_scale;
    bool weights_scaled; /* classic dropout: the initial weights have been scaled */
    struct trn_pass *pass;
    struct trn_layer_state *layers;
    float **norms; /* of a graph [n_nodes]: of a batch norm its optimiser state; NULL: none */
    uint32_t *order;  /* [n_samples] */
    uint32_t *labels; /* [batch] */
    float *augmented; /* [batch x features]; NULL: samples are taken as they are */
    float *gradient;  /* Adam: of the layer with the most values */
    size_t n_gradient;
    float *bias_gradient;
    float *teacher;   /* [n_samples x n_out] tempered answers; NULL: none */
    float *soft;      /* [n_out x batch]: those of the batch */
    double teacher_weight, temperature;
    float *smooth; /* [batch]: the even share of a class, where labels are smoothed */
    struct trn_average average;
    float *rates; /* [n_layers] dropout, as a pass takes it */
};

/* The learning rate of an epoch, counted from 0. */
double trn_rate(const struct trnnsf_trainer_options *options, uint64_t epoch);

/* Of the epoch to come, all factors and cycles included. */
double trn_trainer_rate(const struct trnnsf_trainer *trainer);

/* 1 - the dropout rate of what feeds the layer where dropout is classic, 1 otherwise: see
 * struct trnnsf_trainer_options. */
double trn_classic_factor(const struct trnnsf_trainer *trainer, size_t layer);

/* Rebuilds the layers that have changed since. */
trnnsf_status trn_train_follow(struct trnnsf_trainer *trainer);
/* Ranges, signs and masters, where the epoch to come is the first for the device. */
trnnsf_status trn_train_begin_device(struct trnnsf_trainer *trainer);
/* A step of parameters beside the weights, biases and the like, without decay. `gradient` [n] is the sum
 * over samples times trn_train_vector_scale(); state[2] are the optimiser's tensors. */
float trn_train_vector_scale(const struct trnnsf_trainer *trainer, double rate);
void trn_train_update_vector(struct trnnsf_trainer *trainer, double rate, size_t n,
                             float *const state[2], const float *gradient, float *values);
/* Trains on samples order[first] … order[first + n - 1]. TRNNSF_E_NUMERIC before anything is
 * changed, where the loss is not finite. */
trnnsf_status trn_train_step(struct trnnsf_trainer *trainer, uint32_t batch, size_t first, size_t n,
                             double rate, struct trn_loss_sum *total);

#endif
