/* One chip: devices, and the matrices that reading it comes down to. */
#ifndef TRN_SIM_ANALOG_ANALOG_H
#define TRN_SIM_ANALOG_ANALOG_H

#include "sim/analog/plan.h"
#include "sim/wires/wires.h"

/* Crossbars of a driven layer that have the same inputs. */
struct trn_analog_set {
    size_t layer, first, count; /* in order[] */
    size_t width;               /* of all their sums, filled up with 0 to a multiple of 8 */
    float *turned;              /* [n_in x width] */
    bool is_alone;              /* all inputs of the layer are in one set each */
};

struct trnnsf_analog {
    trnnsf_context *ctx; /* held */
    const struct trn_analog_plan *plan;
    struct trn_analog_plan *own;    /* the plan, where it is the chip's own; else NULL */
    struct trn_analog_moved *moved; /* what `plan` is a part of on a remapped chip; or NULL */
    uint32_t chip;
    size_t *cell_start; /* [n_crossbars + 1] where a crossbar's devices begin in x */
    float *x;           /* relative conductances, [physical columns x n_in] a crossbar */
    size_t *row_start;  /* [n_crossbars + 1] likewise in sums */
    float *sums;        /* [groups x rows x n_in] a crossbar: decoded sums of scaled inputs */
    size_t *noise_start;
    float *noise; /* variances of the sums, of squared inputs; NULL without read noise */
    /* Of layers that are driven alone (driven.c), else NULL: */
    const struct trn_analog_crossbar *
        *order;                  /* [n_crossbars] layer by layer, alike inputs together */
    struct trn_analog_set *sets; /* [n_sets] */
    size_t n_sets;
    float *driven;               /* of all sets */
    float *gain;                 /* [n_crossbars] compensation of drift */
    struct trnnsf_wires **wires; /* [n_crossbars x arrays], where solved for each input; or NULL */
};

/* Writes chip number `chip`. `own` (or NULL) becomes the chip's, on success only. */
trnnsf_status trn_analog_write(trnnsf_context *ctx, const char *function,
                               const struct trn_analog_plan *plan, uint32_t chip,
                               struct trn_analog_plan *own, struct trnnsf_analog **out_analog);
void trn_analog_free(struct trnnsf_analog *analog);

/* driven.c: layers of which only the inputs that are not 0 are looked at. That is a matter of the
 * design, by its calibration inputs, so that no result hangs on what is read together. */
bool trn_analog_may_be_driven(const struct trn_analog_plan *plan);
bool trn_analog_is_driven(uint64_t total, uint64_t zeros);
/* Turns the sums of a chip that is otherwise made. */
trnnsf_status trn_analog_turn(trnnsf_context *ctx, struct trnnsf_analog *analog);

/* Physical columns [columns x n] to the rows that are converted [groups x rows x n]. */
void trn_analog_combine(const struct trn_analog_plan *plan,
                        const struct trn_analog_crossbar *crossbar, size_t n, const float *physical,
                        size_t ld_physical, float *rows, size_t ld_rows);
/* The same of variances. */
void trn_analog_combine_noise(const struct trn_analog_plan *plan,
                              const struct trn_analog_crossbar *crossbar, size_t n,
                              const float *physical, float *rows);

/* The options of wires for one array of the plan. */
void trn_analog_wires_options(const struct trn_analog_plan *plan,
                              struct trnnsf_wires_options *options);
/* Conductances of one array [n_in x columns], siemens; with the law sinh, those near 0 V. */
void trn_analog_cells(const struct trnnsf_analog *analog, size_t crossbar, size_t array,
                      bool near_zero, double *cells);
/* One array with its wires; ideal ones without that effect. */
trnnsf_status trn_analog_array_wires(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_analog *analog, size_t crossbar,
                                     size_t array, struct trnnsf_wires **out_wires);
/* Replaces physical [columns x n_in] by the crossbar's transfer matrix. */
trnnsf_status trn_analog_transfer(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_analog *analog, size_t crossbar,
                                  float *physical);
/* Makes wires[] of a crossbar. */
trnnsf_status trn_analog_make_wires(trnnsf_context *ctx, const char *function,
                                    struct trnnsf_analog *analog, size_t crossbar);

trnnsf_status trn_analog_check_array(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_analog *analog, size_t crossbar,
                                     size_t array);

/* What a read counts, layer by layer. */
struct trn_analog_counts {
    uint64_t dac, dac_beyond, adc, adc_beyond;
};

/* Watches the panels of each batch: after layer l, values [n_out x ld] of n samples, the call's
 * samples `first` and on. */
struct trn_analog_watch {
    trnnsf_status (*layer)(void *user, size_t layer, size_t first, size_t n, const float *values,
                           size_t ld);
    void *user;
};

/* `numbered` is the first sample's number. counts[n_layers] are added to; counts, watch and outputs
 * may be NULL. */
trnnsf_status trn_analog_forward(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                 uint64_t numbered, size_t n_samples, const float *inputs,
                                 uint64_t read, float *outputs, struct trn_analog_counts *counts,
                                 const struct trn_analog_watch *watch);
/* labels[n_samples]. */
trnnsf_status trn_analog_evaluate(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                  size_t n_samples, const float *inputs, const uint32_t *labels,
                                  uint32_t loss, uint64_t read,
                                  struct trnnsf_evaluation *out_result);
/* Errors, counts: [n_layers]. */
trnnsf_status trn_analog_measure(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                 const struct trnnsf_network *network, size_t n_samples,
                                 const float *inputs, uint64_t read, double *errors,
                                 struct trn_analog_counts *counts);

#endif
