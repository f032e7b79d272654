/* What a checkpoint has of training for a device: device.N.master and, where weights have one sign,
 * device.N.signs, both F32 [n_out x n_in], of layer N; the metadata run.device. All absent before it
 * begins. */
#ifndef TRN_IO_CHECKPOINT_DEVICE_H
#define TRN_IO_CHECKPOINT_DEVICE_H

#include "io/safetensors.h"
#include "schedule/run.h"

trnnsf_status trn_checkpoint_add_device(struct trn_safetensors_writer *writer,
                                        const struct trnnsf_run *run);
/* Checks all of it, and where `apply` is set hands it to the run's trainer. */
trnnsf_status trn_checkpoint_read_device(trnnsf_context *ctx, struct trnnsf_run *run,
                                         const struct trn_safetensors *file, bool apply);

#endif
