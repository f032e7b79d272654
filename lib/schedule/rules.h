/* What the methods do between epochs. */
#ifndef TRN_SCHEDULE_RULES_H
#define TRN_SCHEDULE_RULES_H

#include "schedule/run.h"

enum trn_phase { TRN_PHASE_TRAIN, TRN_PHASE_PRUNE, TRN_PHASE_CLUSTER, TRN_PHASE_DROP,
                 TRN_PHASE_POLISH, TRN_PHASE_DONE, TRN_PHASE_ROLLBACK };

/* Thresholds grow where the last epoch's training error fell (papers.md 1.4, nntrain.m). */
void trn_rule_grow_thresholds(struct trnnsf_run *run, bool error_fell);
/* Hard pruning: |w| below the threshold leaves the mask for good; clusters' cells stay. */
trnnsf_status trn_rule_prune(trnnsf_context *ctx, struct trnnsf_run *run);
/* Offline: one clustering of the finished network; connections and weights stay. */
trnnsf_status trn_rule_offline(trnnsf_context *ctx, struct trnnsf_run *run);
/* The released loop, after epoch `epoch` (from 1). */
trnnsf_status trn_rule_published(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 bool error_fell, enum trn_phase *out_phase);
/* The corrected loop's clustering round. */
trnnsf_status trn_rule_corrected(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                                 double validation_accuracy);
/* Packing: at its beginning (at the end of epoch cluster.first of the plan, or before the first) the
 * network becomes the teacher, and rate schedule and dropout those of packing; then a round an epoch. */
trnnsf_status trn_rule_pack_begin(trnnsf_context *ctx, struct trnnsf_run *run);
trnnsf_status trn_rule_pack(trnnsf_context *ctx, struct trnnsf_run *run, uint64_t epoch,
                            double validation_accuracy);
/* Finished epochs at which packing begins. */
uint64_t trn_rule_pack_first(const struct trnnsf_run *run);
/* Rate schedule and dropout alone, after a checkpoint is restored; nothing before packing. */
void trn_rule_pack_resume(struct trnnsf_run *run);
/* The dropout that the present density of clustered layers calls for: after each round, and after a
 * checkpoint is restored. */
void trn_rule_dropout(struct trnnsf_run *run);

/* The seed of clustering number `round` on a layer. */
uint64_t trn_rule_seed(const struct trnnsf_run *run, size_t layer, uint64_t round);
/* SCIC's options as the schedule has them. */
struct trnnsf_cluster_options trn_rule_cluster_options(const struct trnnsf_run *run, size_t layer,
                                                       uint64_t round);

#endif
