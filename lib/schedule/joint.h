/* A clustering round over all layers: each proposes clusters, and the crossbars go to those that hold
 * most salience, wherever they are. */
#ifndef TRN_SCHEDULE_JOINT_H
#define TRN_SCHEDULE_JOINT_H

#include "cluster/clusters.h"
#include "schedule/run.h"
#include "schedule/traffic.h"

struct trn_candidate {
    double worth; /* salience per cost */
    double cost;  /* shapes.h */
    size_t layer;
    size_t cluster;
    bool bought;
};

struct trn_joint {
    trnnsf_context *ctx;
    struct trnnsf_run *run;
    uint64_t epoch;
    double shrink;                  /* the budget's factor from one round to the next */
    struct trnnsf_clusters **found; /* [layers]: each chosen layer's proposal */
    size_t n_candidates;
    struct trn_candidate *candidates;
    struct trn_traffic traffic;     /* what synapses cost for the spikes that they bring */
    double budget; /* what clusters may cost, this round */
    double spent;  /* by those bought */
};

/* trn_joint_free() is fine after a failure. */
trnnsf_status trn_joint_init(struct trn_joint *joint, trnnsf_context *ctx, struct trnnsf_run *run,
                             uint64_t epoch);
void trn_joint_free(struct trn_joint *joint);

/* Crossbars that the last round leaves the chosen layers: of target.crossbars what the others, dense,
 * do not take, and one each at least. */
size_t trn_joint_last_budget(const struct trnnsf_run *run);

/* Takes the layer's proposal over and enters those of its clusters that are worth something;
 * salience[count] compares over layers. */
trnnsf_status trn_joint_propose(struct trn_joint *joint, size_t index,
                                struct trnnsf_clusters *clusters, const double *salience);
/* Takes a layer's proposal back, so that it can make another. */
void trn_joint_withdraw(struct trn_joint *joint, size_t index);
/* Whether each chosen layer has entered a cluster: one without salience (a network that has learnt nothing
 * so far) would be cut off. */
bool trn_joint_complete(const struct trn_joint *joint);
/* Then: sorts the candidates, each layer's best first, then the most worth, sets the round's budget
 * the first time, and buys each layer's best and of the others, in their order, all that the budget has room for. */
trnnsf_status trn_joint_share(struct trn_joint *joint, double validation_accuracy);
/* The clusters of one layer that were bought. */
trnnsf_status trn_joint_keep(const struct trn_joint *joint, size_t index,
                             struct trnnsf_clusters **out_clusters);
/* What a layer may spend: the cost of those, or where the layers' best together are beyond the budget,
 * the cheapest shape and a share of the rest. */
double trn_joint_allowance(const struct trn_joint *joint, size_t index);
/* The network's clusters and mask of one layer. */
trnnsf_status trn_joint_apply(struct trn_joint *joint, size_t index,
                              struct trnnsf_clusters *clusters);
/* All three, on all chosen layers; nothing is changed where a layer has proposed nothing. */
trnnsf_status trn_joint_select(struct trn_joint *joint, double validation_accuracy);

#endif
