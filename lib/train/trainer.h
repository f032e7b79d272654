/* The trainer's inside: what schedules and checkpoints need beyond the public calls. */
#ifndef TRN_TRAIN_TRAINER_H
#define TRN_TRAIN_TRAINER_H

#include <stdbool.h>
#include <trnnsf/trainer.h>

/* classic_dropout scales initial weights at the start of the first epoch: not where options say 2
 * (continue), and not after trn_trainer_set_progress() with epochs or steps above 0. */
trnnsf_status trn_trainer_create(trnnsf_context *ctx, struct trnnsf_network *network,
                                 const struct trnnsf_dataset *dataset,
                                 const struct trnnsf_trainer_options *options,
                                 struct trnnsf_trainer **out_trainer);
void trn_trainer_free(struct trnnsf_trainer *trainer);

trnnsf_status trn_trainer_epoch(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                struct trnnsf_epoch *out_epoch);

/* For checkpoints: what has entered the average (0: it has not begun); its vectors, weights dense, of which
 * those of no values are of what there is not. Setting does nothing where the options have no average. */
uint64_t trn_trainer_averaged(const struct trnnsf_trainer *trainer);
void trn_trainer_set_averaged(struct trnnsf_trainer *trainer, uint64_t count);
size_t trn_trainer_average_vectors(const struct trnnsf_trainer *trainer);
size_t trn_trainer_average_values(const struct trnnsf_trainer *trainer, size_t vector);
void trn_trainer_get_average(const struct trnnsf_trainer *trainer, size_t vector, float *values);
void trn_trainer_set_average(struct trnnsf_trainer *trainer, size_t vector, const float *values);

/* As trnnsf_trainer_take_average(), but nothing where there is none. */
trnnsf_status trn_trainer_take_average(struct trnnsf_trainer *trainer);

/* After a change of the network's masks, clusters or weights between epochs: rebuilds the packed
 * layers; optimiser state stays for kept synapses and becomes 0 for the others. An epoch does it by
 * itself where a layer's revision has changed, as by trn_network_set_mask(): only code that writes
 * to weights or masks directly need call it. On failure some layers are rebuilt and it may be
 * called again. */
trnnsf_status trn_trainer_masks_changed(trnnsf_context *ctx, struct trnnsf_trainer *trainer);

/* The dropout rate of what feeds `layer` from the next epoch on; the options' until then. */
void trn_trainer_set_dropout(struct trnnsf_trainer *trainer, size_t layer, double rate);

/* From the next epoch on, a share `weight` (0 … 1) of the loss is the distance from the mean of what
 * `teachers` (1 or more) say of the training samples (network/soft_targets.h); their answers are taken
 * now. A teacher of fewer inputs sees the first features of each sample. */
trnnsf_status trn_trainer_set_teachers(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                       const struct trnnsf_network *const *teachers,
                                       size_t n_teachers, double weight, double temperature);
void trn_trainer_forget_teacher(struct trnnsf_trainer *trainer);
/* Those answers, [n_samples x n_out], for checkpoints; NULL where there are none. */
const float *trn_trainer_teacher(const struct trnnsf_trainer *trainer);
trnnsf_status trn_trainer_restore_teacher(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                          const float *answers, double weight,
                                          double temperature);

/* The rate schedule counts epochs from `from` on, as if `epochs` were planned, its rates times `factor`:
 * a new cycle for a network that changes its task. */
void trn_trainer_restart_rate(struct trnnsf_trainer *trainer, uint64_t from, uint64_t epochs,
                              double factor);

/* Optimiser state in the dense layout of weights and biases, for checkpoints: SGD has one tensor a
 * parameter (velocity), Adam two (first and second moment). */
size_t trn_trainer_tensors(const struct trnnsf_trainer *trainer); /* 1 or 2 */
/* Copies state `tensor` of a layer into weights[n_out x n_in] and biases[n_out] (either may be
 * NULL). */
trnnsf_status trn_trainer_get_state(trnnsf_context *ctx, const struct trnnsf_trainer *trainer,
                                    size_t layer, size_t tensor, float *weights, float *biases);
trnnsf_status trn_trainer_set_state(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                    size_t layer, size_t tensor, const float *weights,
                                    const float *biases);
/* The same of a batch norm [2 x channels]: of its scale, then of its shift. Channels are 0 where
 * the node is no batch norm. */
size_t trn_trainer_norm_channels(const struct trnnsf_trainer *trainer, size_t node);
void trn_trainer_get_norm_state(const struct trnnsf_trainer *trainer, size_t node, size_t tensor,
                                float *values);
void trn_trainer_set_norm_state(struct trnnsf_trainer *trainer, size_t node, size_t tensor,
                                const float *values);
/* Masters and signs of a layer [n_out x n_in], either may be NULL; nothing is written where there are
 * none: masters but in training for a device, signs but where it allows one alone. */
bool trn_trainer_has_signs(const struct trnnsf_trainer *trainer, size_t layer);
bool trn_trainer_get_masters(const struct trnnsf_trainer *trainer, size_t layer, float *masters,
                             float *signs);
/* `signs` may be NULL. After trn_trainer_set_state(), of a network with its grids. */
trnnsf_status trn_trainer_set_masters(trnnsf_context *ctx, struct trnnsf_trainer *trainer,
                                      size_t layer, const float *masters, const float *signs);
/* Has training for a device begun? */
bool trn_trainer_on_device(const struct trnnsf_trainer *trainer);
trnnsf_status trn_trainer_set_on_device(struct trnnsf_trainer *trainer, bool on_device);
/* The last epoch does not count: the next one takes its number, order and draws. Weights stay. */
void trn_trainer_forget_epoch(struct trnnsf_trainer *trainer);
/* Finished epochs and optimiser steps, as a resumed trainer takes them over; dropout and rate
 * schedule become those of creation. */
uint64_t trn_trainer_epochs(const struct trnnsf_trainer *trainer);
uint64_t trn_trainer_steps(const struct trnnsf_trainer *trainer);
void trn_trainer_set_progress(struct trnnsf_trainer *trainer, uint64_t epochs, uint64_t steps);

#endif
