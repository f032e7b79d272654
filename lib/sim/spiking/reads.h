/* The crossbars of a layer as a chip reads them at each step: sums of the driven rows, read noise,
 * ADC. All in whole units of the layer. */
#ifndef TRN_SIM_SPIKING_READS_H
#define TRN_SIM_SPIKING_READS_H

#include "sim/analog/survey.h"
#include "sim/spiking/kernel.h"

enum { TRN_SPIKE_GROUPS = 32 }; /* sums that are converted by themselves: as a chip's plan has */

/* One crossbar. Its sums are [groups x rows]: outputs, then what is subtracted after conversion. */
struct trn_spike_crossbar {
    uint32_t number; /* among the chip's: of its random numbers */
    size_t n_out, rows, minus, noise_rows;
    const uint32_t *outputs;
    struct trn_spike_block sums;
    struct trn_spike_block noise; /* variances [groups x noise_rows]; n_out 0: none */
    int sign;                     /* of its weights, where they have one */
    double gain;                  /* of converted sums */
};

struct trn_spike_reads {
    size_t n_crossbars, groups;
    struct trn_spike_crossbar *crossbars;
    uint32_t *index;
    int32_t *weights;
    size_t widest, widest_noise; /* sums of a crossbar */
    bool is_common;              /* partial sums add as currents, before one conversion */
    double noise_factor;         /* units squared for one of variance; 0: no noise */
    double adc_steps;            /* codes above 0, 0: the sign alone; negative: no ADC */
    bool is_signed;
    double range[TRN_SPIKE_GROUPS]; /* of the ADC, units */
};

/* Of a layer of a chip, whose unit becomes coarser where its sums ask for it. ranges[groups] of the
 * ADC are in weights; NULL: none. */
trnnsf_status trn_spike_reads_create(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                     size_t layer, const float *ranges,
                                     struct trn_spiking_layer *to);
void trn_spike_reads_free(trnnsf_context *ctx, struct trn_spike_reads *reads);

/* Whether a chip's reads differ from the sums of its weights. */
static inline bool trn_spike_reads_matter(const struct trnnsf_analog *analog)
{
    return trn_analog_has(analog->plan, TRNNSF_ANALOG_READ_NOISE | TRNNSF_ANALOG_ADC);
}

/* Conversions of a step, and how many of them were beyond full scale. */
struct trn_spike_conversions {
    uint32_t made, beyond;
};

/* Memory of a worker, as wide as the widest layer asks. */
struct trn_spike_read_scratch {
    int32_t *sums, *variances; /* [chunk x widest] of a crossbar */
    float *normals;            /* [whole of widest_noise] */
    float *squares;            /* [widest_in] */
    double *charges;           /* [widest of both] */
    int32_t *common;           /* [groups x chunk x widest_out] */
    uint32_t *driven;          /* [widest_out] steps in which an output's crossbars are read */
};
trnnsf_status trn_spike_read_scratch_init(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                          struct trn_spike_read_scratch *scratch);
void trn_spike_read_scratch_clear(trnnsf_context *ctx, struct trn_spike_read_scratch *scratch);

/* One sample's steps through the crossbars of a layer. */
struct trn_spike_reading {
    const struct trn_spiking_layer *layer;
    uint64_t noise_seed;
    size_t sample, step, count;
    const uint32_t *masks; /* [n_in] when inputs are driven */
    const float *sizes;    /* [n_in] of the network's inputs; else NULL: none is negative */
    bool is_constant;      /* driven by the sizes themselves, at each step */
    struct trn_spike_event *events; /* [n_in] */
    struct trn_spike_read_scratch *scratch;
    struct trn_analog_seen *seen;              /* [groups] while ranges are found; or NULL */
    struct trn_spike_conversions *conversions; /* [count], 0 before */
    int32_t *sums;                             /* [count x ld], 0 before */
    size_t ld;
};
void trn_spike_read(const struct trn_spike_reading *reading);

#endif
