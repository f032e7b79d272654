/* One layer read by a chunk of samples: DAC, columns, noise, ADC, digital sums. */
#ifndef TRN_SIM_ANALOG_READ_H
#define TRN_SIM_ANALOG_READ_H

#include "sim/analog/analog.h"
#include "tensor/run.h"

/* |values| seen while ranges are found; counted by their upper bits, six of them of the mantissa.
 */
enum { TRN_SEEN_SHIFT = 17, TRN_SEEN_BINS = 1 << (31 - TRN_SEEN_SHIFT) };
struct trn_analog_seen {
    float most;
    bool has_negative;
    uint64_t total, zeros;
    uint32_t *bins; /* [TRN_SEEN_BINS]; NULL: only the largest is wanted */
};

/* Samples that are turned to feature-major order at once. */
enum { TRN_READ_TURNED = 16 };

/* Memory of one worker. */
struct trn_read_scratch {
    float *turned;    /* [TURNED x n_in] of the first layer, and of those that are driven */
    float *magnitude; /* [n_in x CHUNK] of the layer: whole numbers, where bits follow; or NULL */
    float *v;         /* likewise: what drives the rows in a step */
    float *square;    /* likewise, squared */
    float *gathered;  /* [n_in x CHUNK] of a crossbar whose inputs are scattered; or NULL */
    float *sums;      /* [groups x rows x CHUNK] of a crossbar */
    float *variance;  /* [groups x noise rows x CHUNK] */
    float *common;    /* [groups x n_out x CHUNK] of the layer: analog partial sums */
    float *physical;  /* [physical columns x CHUNK] of a crossbar: by vector */
    double *volts;    /* [CHUNK x n_in] likewise */
    double *currents; /* [CHUNK x columns] likewise */
    float *bits;      /* [TURNED x n_in] of a driven layer in one step; or NULL */
    uint32_t *column; /* [TURNED x n_in + 4] of a crossbar: inputs that are not 0; or NULL */
    float *value;     /* likewise */
    float *outputs;   /* [TURNED x n_out]; or NULL */
    struct trn_analog_counts counts;
    struct trn_analog_seen *seen; /* [groups] while ranges are found; or NULL */
};

struct trn_read {
    struct trn_run run; /* first */
    trnnsf_context *ctx;
    const struct trnnsf_analog *analog;
    size_t layer;
    size_t n, ld;         /* samples */
    const float *x;       /* [n_in x ld]; or NULL: */
    const float *samples; /* [n x n_in] */
    float *y;             /* [n_out x ld]; NULL while ranges are found */
    uint64_t sample;      /* number of the first one */
    uint64_t noise_seed;
    float adc_steps;                  /* codes above 0; set by trn_read_layer() */
    struct trn_read_scratch *scratch; /* [workers] */
};

/* Reads all n samples. */
trnnsf_status trn_read_layer(struct trn_read *read);

trnnsf_status trn_read_scratch_new(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                   struct trn_read_scratch **out_scratch);
/* Adds what the workers have counted to *to (or NULL), and forgets it. */
void trn_read_scratch_collect(trnnsf_context *ctx, struct trn_read_scratch *scratch,
                              struct trn_analog_counts *to);
void trn_read_scratch_free(trnnsf_context *ctx, struct trn_read_scratch *scratch);

/* The parts of a read, by file: converters.c, */
void trn_read_dac(const struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                  size_t n);
void trn_read_drive(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                    size_t step);
void trn_read_adc(const struct trn_read *read, struct trn_read_scratch *scratch, size_t group,
                  size_t rows, size_t n, float *sums);
/* n values in place, of which those beyond full scale may count; */
void trn_read_dac_values(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                         float *values, bool counts);
/* n conversions made, and, where they have not been counted, the values; */
void trn_read_dac_count(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                        const float *values);
/* what a step drives with, n values: `codes`, or memory of its own; */
const float *trn_read_drive_values(const struct trn_read *read, struct trn_read_scratch *scratch,
                                   size_t n, size_t step, float *codes);
/* n sums one after the other; only those beyond are counted. */
void trn_read_adc_run(const struct trn_read *read, struct trn_read_scratch *scratch, size_t group,
                      size_t n, float *sums);
/* driven.c, */
void trn_read_driven(struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                     size_t n);
/* noise.c, */
uint64_t trn_read_noise_seed(uint64_t seed, uint32_t chip, uint64_t number);
void trn_read_add_noise(const struct trn_read *read, struct trn_read_scratch *scratch, size_t c,
                        size_t first, size_t n, size_t step);
/* Reads that make up one: the bits of the inputs, or 1. */
size_t trn_read_steps(const struct trn_analog_plan *plan);
/* What a step's sums weigh. */
float trn_read_weight(const struct trn_read *read, size_t step);

float trn_read_adc_steps(const struct trn_analog_plan *plan, size_t layer);

void trn_seen_add(struct trn_analog_seen *seen, size_t n, const float *values);

#endif
