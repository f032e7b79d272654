/* Samples through a spiking network: groups of them a task, 32 steps of all layers at a time. */
#ifndef TRN_SIM_SPIKING_RUN_H
#define TRN_SIM_SPIKING_RUN_H

#include "sim/spiking/kernel.h"

struct trn_spike_totals {
    uint64_t *correct; /* [steps] samples whose class was right */
    uint64_t *spikes;  /* [neurons of all layers] */
    uint64_t *seen;    /* [neurons of all layers] samples in which it spiked, or had a current */
    uint64_t *charge;  /* [inputs] |current| over the scale, 12 bits after the point */
};

struct trnnsf_spike_record {
    trnnsf_context *ctx; /* held */
    size_t n_layers, n_samples, n_steps;
    bool currents; /* inputs are no spikes */
    size_t *start; /* [n_layers + 2] of each layer's neurons */
    struct trn_spike_totals totals;
    double *accuracy;  /* [n_steps] */
    uint32_t *classes; /* [n_samples] */
    uint32_t *steps;   /* [n_samples] */
};

/* What is seen of a run on the way; called by tasks, so `sample` is what tells samples apart. */
struct trn_spike_watch {
    /* Masks [neurons of all layers] of `count` steps from `step` on. */
    void (*masks)(void *user, size_t sample, size_t step, size_t count, const uint32_t *masks);
    /* Currents [n_out] of layer `layer` at a step, over the threshold, biases included. */
    void (*currents)(void *user, size_t sample, size_t step, const int32_t *sums,
                     const float *drive);
    size_t layer; /* of currents, and the last that is run then */
    void *user;
};

/* labels may be NULL: nothing is correct then. `watch` may be NULL. */
trnnsf_status trn_spiking_run(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                              size_t n_samples, const float *inputs, const uint32_t *labels,
                              const struct trnnsf_spike_run_options *options,
                              const struct trn_spike_watch *watch,
                              struct trnnsf_spike_record **out_record);
/* Read from what a caller gave; whether inputs are finite and their number in range. */
trnnsf_status trn_spike_run_options_read(trnnsf_context *ctx, const char *function,
                                         const struct trnnsf_spike_run_options *given,
                                         struct trnnsf_spike_run_options *options);
trnnsf_status trn_spike_inputs_check(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_spiking *spiking, size_t n_samples,
                                     const float *inputs);
void trn_spike_record_free(struct trnnsf_spike_record *record);
trnnsf_status trn_spike_record_new(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                   size_t n_samples, const struct trnnsf_spike_run_options *options,
                                   struct trnnsf_spike_record **out_record);

double trn_spike_record_steps_sum(const struct trnnsf_spike_record *record);
trnnsf_status trn_spike_record_activity(trnnsf_context *ctx,
                                        const struct trnnsf_spike_record *record,
                                        struct trnnsf_activity **out_activity);
/* reports[n_layers - 1]; their struct_size is not touched. */
trnnsf_status trn_spiking_compare(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                  const struct trnnsf_network *network, size_t n_samples,
                                  const float *inputs,
                                  const struct trnnsf_spike_run_options *options,
                                  struct trnnsf_rate_report *reports);

/* Scratch of one worker: a group of samples. */
enum { TRN_SPIKE_GROUP = 4 };
struct trn_spike_scratch {
    uint32_t *masks;                /* [group x neurons] of the chunk */
    uint32_t *seen;                 /* [group x neurons] of all chunks */
    float *potential;               /* [group x neurons]; of inputs not used */
    int32_t *sums;                  /* [group x chunk x widest_out] */
    int32_t *carry;                 /* [group x outputs of layer 0] currents that stay on */
    float *sizes;                   /* [group x inputs] currents over the scale */
    double *charges;                /* [outputs of layer 0] */
    float *drive;                   /* [group x outputs of layer 0] */
    uint32_t *counts;               /* [group x outputs] spikes of the last layer */
    struct trn_spike_event *events; /* [group x widest_in] */
    struct trn_spike_totals totals; /* the worker's */
};

struct trn_spike_job {
    const struct trnnsf_spiking *spiking;
    const struct trnnsf_spike_run_options *options;
    const struct trn_spike_watch *watch;
    size_t n_samples, first; /* of this call's tasks */
    const float *inputs;
    const uint32_t *labels;
    size_t neurons;
    size_t widest_in, widest_out; /* of a layer */
    struct trnnsf_spike_record *record;
    struct trn_spike_scratch *scratch; /* [threads] */
};

trnnsf_status trn_spike_scratch_new(trnnsf_context *ctx, struct trn_spike_job *job);
void trn_spike_scratch_free(trnnsf_context *ctx, struct trn_spike_job *job);

/* Input spikes of the chunk from `step`, `count` steps: masks[n_in]. */
void trn_spike_encode(const struct trn_spike_job *job, size_t sample, const float *sizes,
                      size_t step, size_t count, uint32_t *masks);
/* Inputs over their scale, with 12 bits after the point. */
void trn_spike_sizes(const struct trnnsf_spiking *spiking, const float *inputs, float *sizes);

/* One group, from the first step to the last. */
void trn_spike_group(void *job, size_t task, size_t worker);

#endif
