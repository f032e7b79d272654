/* What a checkpoint has of averaged weights, once averaging has begun: average.I, F32, of vector I (weights
 * and biases of each layer in turn, dense; scale and shift of each node), the metadata run.averaged. */
#ifndef TRN_IO_CHECKPOINT_AVERAGE_H
#define TRN_IO_CHECKPOINT_AVERAGE_H

#include "io/safetensors.h"
#include "schedule/run.h"

trnnsf_status trn_checkpoint_add_average(struct trn_safetensors_writer *writer,
                                         const struct trnnsf_run *run);
/* Checks all of it, and where `apply` is set hands it to the run's trainer. */
trnnsf_status trn_checkpoint_read_average(trnnsf_context *ctx, struct trnnsf_run *run,
                                          const struct trn_safetensors *file, bool apply);

#endif
