/* Samples through a spiking network: groups of them a task, 32 steps of all layers at a time. */
#ifndef TRN_SIM_SPIKING_RUN_H
#define TRN_SIM_SPIKING_RUN_H

#include "sim/spiking/dynamics.h"
#include "sim/spiking/reads.h"

struct trn_spike_totals {
    uint64_t *correct; /* [steps] samples whose class was right */
    uint64_t *spikes;  /* [neurons of all layers] */
    uint64_t *seen;    /* [neurons of all layers] samples in which it spiked, or had a current */
    uint64_t *charge;  /* [inputs] |current| over the scale, 12 bits after the point */
    uint64_t *reads;   /* [crossbars] steps in which one was driven: of traffic, else NULL */
    uint64_t *updates; /* [neurons of all layers] in which something arrived; likewise */
    uint64_t *made;    /* [layers] conversions */
    uint64_t *beyond;  /* [layers] of them beyond full scale */
};

struct trnnsf_spike_record {
    trnnsf_context *ctx; /* held */
    size_t n_layers, n_samples, n_steps;
    bool currents;     /* inputs are no spikes */
    bool is_graph;     /* of nodes */
    uint64_t mapping;  /* fingerprint, where traffic is recorded; or 0 */
    size_t *crossbars; /* [n_layers + 1] of each layer's crossbars */
    size_t *start;     /* [n_layers + 2] of each layer's neurons */
    struct trn_spike_totals totals;
    /* Of a graph, of each value that the network's layers of weights read: */
    size_t n_images, *image_start; /* [n_images + 1] */
    float *image_rate;             /* spikes of the neurons that it is the sum of, a step */
    float *image_nonzero;          /* share of the samples in which one of them spiked, at most */
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
    /* Where sums of reads are looked at: things are layers x groups; or NULL. */
    const struct trn_survey *survey;
    void *user;
};

/* labels may be NULL: nothing is correct then. `watch` may be NULL. */
trnnsf_status trn_spiking_run(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                              size_t n_samples, const float *inputs, const uint32_t *labels,
                              const struct trnnsf_spike_run_options *options,
                              const struct trn_spike_watch *watch,
                              struct trnnsf_spike_record **out_record);
void trn_spike_record_free(struct trnnsf_spike_record *record);
trnnsf_status trn_spike_record_new(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                   size_t n_samples, const struct trnnsf_spike_run_options *options,
                                   struct trnnsf_spike_record **out_record);

/* Arguments of public functions: options, NULL for the defaults; n_samples and finite inputs. */
trnnsf_status trn_spike_run_options_read(trnnsf_context *ctx, const char *function,
                                         const struct trnnsf_spike_run_options *given,
                                         struct trnnsf_spike_run_options *options);
trnnsf_status trn_spike_check_inputs(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_spiking *spiking, size_t n_samples,
                                     const float *inputs);

/* At the end of a graph's run. */
trnnsf_status trn_spike_record_images(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                      struct trnnsf_spike_record *record);
double trn_spike_record_steps_sum(const struct trnnsf_spike_record *record);
trnnsf_status trn_spike_record_activity(trnnsf_context *ctx,
                                        const struct trnnsf_spike_record *record,
                                        struct trnnsf_activity **out_activity);
/* Is `network`, folded, what was converted? */
bool trn_spiking_fits(const struct trnnsf_spiking *spiking, const struct trnnsf_network *network);
/* With such a network; reports[n_layers - 1], whose struct_size is not touched. */
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
    double *charges;                /* [outputs of the widest layer that reads inputs] */
    double *rows;                   /* of links: [outputs of a place] */
    float *columns;                 /* of links: [inputs of a place] */
    float *drive;                   /* [group x job->drives] */
    uint32_t *counts;               /* [group x outputs] spikes of the last layer */
    struct trn_spike_event *events; /* [group x room] */
    struct trn_spike_conversions *conversions; /* [group x layers x chunk] */
    uint32_t *driven; /* [inputs] steps in which an input's current is on */
    struct trn_spike_read_scratch read;
    uint32_t
        *reached; /* [group x crossbars] steps of the chunk in which one is driven; of traffic */
    uint32_t *arrived;              /* [group x neurons] in which something arrives; likewise */
    float *current;                 /* [group x neurons] of synapses; NULL where none has them */
    uint32_t *late;                 /* [group x neurons] delayed; NULL where no spike is */
    uint32_t *history;              /* [group x job->history] spikes on their way */
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
    uint64_t noise_seed;
    size_t room, widest_out; /* events at once, outputs of a layer */
    size_t drives, *drive_start; /* of layers that read the inputs, [n_layers]; SIZE_MAX */
    bool has_currents;
    size_t history, *history_start; /* words a sample; of each layer's inputs, [n_layers] */
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

/* Steps in which an event arrives at the block; those at its outputs over synapses that are not 0
 * are added to arrived[n_out of the layer]. */
uint32_t trn_spike_arrive(const struct trn_spike_block *block, size_t n_events,
                          const struct trn_spike_event *events, uint32_t *arrived);
/* Added to *traffic, of one layer or of all. */
trnnsf_status trn_spike_record_traffic(trnnsf_context *ctx,
                                       const struct trnnsf_spike_record *record,
                                       const struct trnnsf_mapping *mapping,
                                       const struct trnnsf_tech *tech, size_t layer,
                                       struct trnnsf_spike_traffic *traffic);
/* What was met on the crossbars, into an activity. */
trnnsf_status trn_spike_record_add_traffic(const struct trnnsf_spike_record *record,
                                           struct trnnsf_activity *activity);

/* One group, from the first step to the last. */
void trn_spike_group(void *job, size_t task, size_t worker);

#endif
