/* A run: the schedule's state between epochs. */
#ifndef TRN_SCHEDULE_RUN_H
#define TRN_SCHEDULE_RUN_H

#include <stdbool.h>
#include <trnnsf/run.h>

#include "cluster/pack_pool.h"
#include "network/links.h"
#include "network/network.h"
#include "schedule/schedule.h"
#include "train/trainer.h"

/* What the schedule remembers of a layer. */
struct trn_run_layer {
    bool chosen;            /* the method works on it (schedule key layers); others stay as they are */
    double threshold;       /* |w| below it is pruned */
    double unclustered;     /* published: share of kept synapses outside clusters, last epoch */
    bool clustered;         /* corrected: had a clustering round */
    struct trn_mask *kept;  /* published, while masks are soft: what survived the last epoch */
};

struct trnnsf_run {
    trnnsf_context *ctx; /* held */
    struct trnnsf_network *network;       /* the caller's */
    const struct trnnsf_dataset *dataset; /* the caller's */
    struct trnnsf_schedule *schedule;     /* our copy */
    size_t inputs, outputs;               /* of the MCA: those of the pool's first shape */
    struct trn_pack_pool pool;            /* shapes that clusters may take (shapes.h) */
    double reference_accuracy;
    struct trnnsf_trainer *trainer;
    uint64_t epochs; /* planned */
    struct trnnsf_step *steps; /* epochs of them */
    size_t n_steps;
    double last_loss;     /* of the last epoch; infinity before the first */
    double drop_fraction; /* published: f of cluster pruning */
    double budget_first;  /* corrected: crossbars (shapes.h) at the first clustering round; 0 before */
    double budget;        /* corrected: crossbars at the last round */
    struct trn_run_layer *layers;
    struct trn_links *links; /* of the network */
    struct trnnsf_network *good; /* as it was when it last kept the floor (rollback.h); NULL: none */
    uint64_t good_epoch;         /* when that was; 0: never */
    bool went_back;              /* to it: no more rounds */
    float *rates; /* of the inputs of all layers, given by the caller (traffic.h); NULL: none */
};

trnnsf_status trn_run_create(trnnsf_context *ctx, struct trnnsf_network *network,
                             const struct trnnsf_dataset *dataset,
                             const struct trnnsf_schedule *schedule,
                             const struct trn_pack_pool *pool, double reference_accuracy,
                             struct trnnsf_run **out_run);
void trn_run_free(struct trnnsf_run *run);
trnnsf_status trn_run_step(trnnsf_context *ctx, struct trnnsf_run *run,
                           struct trnnsf_step *out_step);
/* Steps that make the run done: its epochs, or without any the offline clustering alone. */
static inline size_t trn_run_planned(const struct trnnsf_run *run)
{
    return run->epochs > 0 ? (size_t)run->epochs : 1;
}

bool trn_run_done(const struct trnnsf_run *run);

/* ceil x ceil: the crossbars of a layer with all its synapses; of each group by itself. */
size_t trn_run_dense_crossbars(const struct trnnsf_run *run, size_t layer);
/* Columns that a block takes together: with pack.kernels those of an input channel's kernel, where a
 * crossbar has so many inputs; else 1. */
size_t trn_run_unit(const struct trnnsf_run *run, size_t layer);
/* Layers that the method works on. */
size_t trn_run_chosen(const struct trnnsf_run *run);

/* Where in the plan the epoch just finished lies. */
static inline bool trn_run_past(const struct trnnsf_run *run, uint64_t epoch,
                                enum trn_schedule_number fraction)
{
    return (double)epoch >= run->schedule->number[fraction] * (double)run->epochs;
}

/* How many phases there are; the constant text of one, NULL for an index that is none; and back
 * (checkpoints). */
size_t trn_run_phases(void);
const char *trn_run_phase(size_t index);
size_t trn_run_phase_index(const char *phase);

#endif
