/** \file run.h
 * A schedule at work on a network: one epoch a step, resumable from a checkpoint bit for bit. Mutable.
 */
#ifndef TRNNSF_RUN_H
#define TRNNSF_RUN_H

#include <trnnsf/dataset.h>
#include <trnnsf/mapping.h>
#include <trnnsf/network.h>
#include <trnnsf/schedule.h>
#include <trnnsf/tech.h>
#include <trnnsf/trainer.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_run trnnsf_run;

/** Begins: `network` is changed in place by the steps; it and `dataset` must outlive the run. The
 * schedule is copied. `tech` gives the MCA shape. `reference_accuracy` (validation, 0 … 1) is what
 * "target.loss" is measured from; 0 where there is none. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_create(trnnsf_context *context, trnnsf_network *network,
                                           const trnnsf_dataset *dataset,
                                           const trnnsf_schedule *schedule,
                                           const trnnsf_tech *tech, double reference_accuracy,
                                           trnnsf_run **out_run);

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
    const char *phase;  /**< constant text: "train", "prune", "cluster", "drop", "polish", "done" */
};
/** One epoch and what the schedule does after it. Past the end: TRNNSF_E_STATE. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_run_step(trnnsf_context *context, trnnsf_run *run,
                                         struct trnnsf_step *out_step);
/** 1 when all steps are done. */
TRNNSF_API int trnnsf_run_done(const trnnsf_run *run);
/** Steps until done. */
TRNNSF_API trnnsf_status trnnsf_run_finish(trnnsf_context *context, trnnsf_run *run);
/** What finished steps did: the record of step `index`. */
TRNNSF_API size_t trnnsf_run_steps(const trnnsf_run *run);
TRNNSF_API trnnsf_status trnnsf_run_history(trnnsf_context *context, const trnnsf_run *run,
                                            size_t index, struct trnnsf_step *out_step);
/** Writes all that a resumed run needs: network, masks, clusters, optimiser, schedule, history. */
TRNNSF_API trnnsf_status trnnsf_run_save(trnnsf_context *context, const trnnsf_run *run,
                                         const char *path);
/** Makes the run, and the network, what they were when saved. The run was created with the same
 * sizes, schedule and data: TRNNSF_E_MISMATCH otherwise. */
TRNNSF_API trnnsf_status trnnsf_run_restore(trnnsf_context *context, trnnsf_run *run,
                                            const char *path);
TRNNSF_API void trnnsf_run_free(trnnsf_run *run);

TRNNSF_END_DECLS

#endif
