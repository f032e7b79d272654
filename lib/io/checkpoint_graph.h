/* What a checkpoint has of a graph beside its network: optimiser.node.N.T, F32 [2 x channels], state T of the
 * scale and the shift of batch norm N. */
#ifndef TRN_IO_CHECKPOINT_GRAPH_H
#define TRN_IO_CHECKPOINT_GRAPH_H

#include "io/safetensors.h"
#include "schedule/run.h"

trnnsf_status trn_checkpoint_add_norms(struct trn_safetensors_writer *writer,
                                       const struct trnnsf_run *run);
/* Checks all of it, and where `apply` is set hands it to the run's trainer. */
trnnsf_status trn_checkpoint_read_norms(struct trnnsf_run *run, const struct trn_safetensors *file,
                                        bool apply);
/* Whether both are chains, or graphs of the same nodes, values of batch norms apart. */
bool trn_checkpoint_same_graph(const struct trn_graph *a, const struct trn_graph *b);

#endif
