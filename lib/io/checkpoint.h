/* Checkpoints of runs: a network file (network_file.h) with what the run and its optimiser hold besides.
 *
 * Tensors: optimiser.N.T.weight and .bias (state T of layer N), run.state, run.layers, run.history,
 * device.N.master, device.N.signs (checkpoint_device.h), optimiser.node.N.T (checkpoint_graph.h),
 * run.schedule.numbers, run.schedule.words, and where there are any run.teacher, run.rates.
 * Metadata: format "trnnsf-checkpoint", format_version "1", run.epoch, run.step, run.inputs,
 * run.outputs, run.pool (where there are several shapes), run.data. */
#ifndef TRN_IO_CHECKPOINT_H
#define TRN_IO_CHECKPOINT_H

#include "io/safetensors.h"
#include "schedule/run.h"

#define TRN_CHECKPOINT_FORMAT "trnnsf-checkpoint"
enum { TRN_CHECKPOINT_FORMAT_VERSION = 1 };

trnnsf_status trn_checkpoint_save(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  const char *path);
/* From an open file. The run is unchanged on failure. */
trnnsf_status trn_checkpoint_restore(trnnsf_context *ctx, struct trnnsf_run *run,
                                     const struct trn_safetensors *file);

#endif
