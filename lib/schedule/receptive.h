/* Blocks of the first layer as receptive fields: each takes its inputs from one patch of inputs that lie
 * near one another, and no output is in two patches. Free blocks hold more salience, but retrained
 * networks of patches are better: neighbouring inputs tell more together (doc/pack.md). */
#ifndef TRN_SCHEDULE_RECEPTIVE_H
#define TRN_SCHEDULE_RECEPTIVE_H

#include "cluster/clusters.h"
#include "schedule/run.h"

/* About `crossbars` clusters over the layer that `salience` [n_out x n_in] is of, the inputs being
 * those of the run's dataset: groups of as many outputs as a crossbar has, no more than `outputs` of
 * them fill, each with pack.patch_inputs
 * inputs at least, on as many crossbars as those need. Nearness is told from training samples. */
trnnsf_status trn_receptive_clusters(trnnsf_context *ctx, const struct trnnsf_run *run,
                                     const struct trnnsf_matrix *salience, size_t crossbars,
                                     size_t outputs, struct trnnsf_clusters **out_clusters);
/* The clusters without outputs that hold no salience: neurons that nothing reads. */
trnnsf_status trn_receptive_trim(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                 const struct trnnsf_matrix *salience,
                                 struct trnnsf_clusters **out_clusters);

#endif
