/** \file run.h
 * A schedule at work on a network: one epoch a step, resumable from a checkpoint bit for bit. Mutable.
 */
#ifndef TRNNSF_RUN_H
#define TRNNSF_RUN_H

#include <trnnsf/cost.h>
#include <trnnsf/dataset.h>
#include <trnnsf/mapping.h>
#include <trnnsf/network.h>
#include <trnnsf/schedule.h>
#include <trnnsf/tech.h>
#include <trnnsf/trainer.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_run trnnsf_run;

/** Begins a run. `network`, made with this context, is changed in place by the steps; it and `dataset`
 * must outlive the run. The schedule is copied; `tech` gives the MCA shape (its first; to method "pack" all
 * of them, at the costs that "pack.cost" says) and is not kept.
 * `reference_accuracy` (validation, 0 … 1) is what "target.loss" is measured from; 0 where there is
 * none. Randomness follows "train.seed" alone. The caller owns `*out_run`.
 * TRNNSF_E_INVALID: NULL, an accuracy outside [0, 1], keys that contradict one another, a network of
 * another context; TRNNSF_E_MISMATCH: features, classes or loss do not fit the network, or there are
 * no training samples; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_create(trnnsf_context *context, trnnsf_network *network,
                                           const trnnsf_dataset *dataset,
                                           const trnnsf_schedule *schedule,
                                           const trnnsf_tech *tech, double reference_accuracy,
                                           trnnsf_run **out_run);

/** Gives the run teachers: from its next step on, a share "train.distil" of the loss is the distance
 * from the mean of what they say of the training samples, of cross-entropy at "train.temperature"
 * (doc/schedule.md; Hinton, Vinyals and Dean 2015, arXiv 1503.02531).
 *
 * Their answers are taken now, without dropout: the `n_teachers` (1 … 1024) networks need not outlive the
 * call. A teacher has as many inputs as the network, or half as many, which are then the first half of
 * each sample's features: those of a mirrored dataset as they were (trnnsf_dataset_options). Called again
 * it replaces them; a checkpoint holds their answers. TRNNSF_E_INVALID: NULL, or a count out of range;
 * TRNNSF_E_MISMATCH: a teacher's inputs, outputs or output activation do not fit; TRNNSF_E_STATE:
 * "train.distil" is 0; TRNNSF_E_NUMERIC: an answer is not finite; TRNNSF_E_CANCELLED,
 * TRNNSF_E_NO_MEMORY. The run is then as it was. Cost: a forward pass of the training part for each.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_set_teachers(trnnsf_context *context, trnnsf_run *run,
                                                 const trnnsf_network *const *teachers,
                                                 size_t n_teachers);

/** Gives the run the traffic of the neurons, measured elsewhere: of a spiking run
 * (trnnsf_spike_record_activity()), say. Where "traffic.weight" is above 0, rounds weigh synapses by
 * the rates of `activity` from the next step on, in place of those that they would measure of the
 * network itself (doc/schedule.md). They are copied, replace what was given before and stay for the
 * rest of the run, checkpoints included; who wants fresh ones gives them before each step. NULL: rounds
 * measure again. TRNNSF_E_INVALID: `context` or `run` is NULL, or the run of another context;
 * TRNNSF_E_MISMATCH: the activity is of a network of other sizes; TRNNSF_E_STATE: "traffic.weight" is
 * 0; TRNNSF_E_NO_MEMORY. The run is then as it was. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_set_activity(trnnsf_context *context, trnnsf_run *run,
                                                 const trnnsf_activity *activity);

struct trnnsf_step {
    size_t struct_size;
    uint64_t epoch;  /**< finished epochs */
    uint64_t epochs; /**< planned; 0: offline clustering of a pruned network, one step */
    double loss;
    double train_accuracy;
    double validation_accuracy; /**< NaN where the dataset has no validation part */
    double sparsity;            /**< 1 - kept / all synapses */
    uint64_t clusters;
    uint64_t crossbars; /**< by the corrected count, of the network as it stands */
    const char *phase;  /**< constant text: "train", "prune", "cluster", "drop", "polish", "done",
                           "rollback" */
};
/** Trains one epoch and does what the schedule has for its end; `out_step` (struct_size set by the
 * caller) may be NULL. Validation accuracy steers, the test part is never read. Cost: an epoch, and for
 * "transform" a clustering round of about a second a million synapses.
 * TRNNSF_E_STATE: the run is done, offline without epochs on a layer without a mask, or has "train.distil"
 * and no teacher;
 * TRNNSF_E_CANCELLED: in the epoch (it begins anew at the next step) or after its end (the step counts);
 * TRNNSF_E_NUMERIC: the loss is not finite, or with "traffic.weight" an activation; TRNNSF_E_NO_MEMORY.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_step(trnnsf_context *context, trnnsf_run *run,
                                         struct trnnsf_step *out_step);
/** 1 when all steps are done (and for NULL), else 0. Since 0.1. */
TRNNSF_API int trnnsf_run_done(const trnnsf_run *run);
/** Steps until done; statuses as trnnsf_run_step(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_finish(trnnsf_context *context, trnnsf_run *run);
/** How many steps are done. Since 0.1. */
TRNNSF_API size_t trnnsf_run_steps(const trnnsf_run *run);
/** The record of step `index`. TRNNSF_E_INVALID: NULL, a bad struct_size, or no such step. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_history(trnnsf_context *context, const trnnsf_run *run,
                                            size_t index, struct trnnsf_step *out_step);
/** Writes all that a resumed run needs (network, masks, clusters, optimiser, schedule, history) as a
 * safetensors file, beside `path` and renamed: whoever kills the process finds the old checkpoint or the
 * new one. TRNNSF_E_IO, TRNNSF_E_NO_MEMORY, TRNNSF_E_INVALID, TRNNSF_E_UNSUPPORTED (no jansson).
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_save(trnnsf_context *context, const trnnsf_run *run,
                                         const char *path);
/** Makes the run, and the network, what they were when saved; on the same backend it ends in the same
 * bits as the uninterrupted run. The run must have been created with the same sizes, schedule, MCA shapes
 * and data: TRNNSF_E_MISMATCH otherwise. TRNNSF_E_NOT_FOUND, TRNNSF_E_IO, TRNNSF_E_FORMAT,
 * TRNNSF_E_NUMERIC (a value that is not finite), TRNNSF_E_NO_MEMORY, TRNNSF_E_UNSUPPORTED; run and
 * network are then as they were. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_restore(trnnsf_context *context, trnnsf_run *run,
                                            const char *path);
/** NULL is fine; the network stays. Since 0.1. */
TRNNSF_API void trnnsf_run_free(trnnsf_run *run);

TRNNSF_END_DECLS

#endif
