/* Rows and places of outputs that suit a chip's faults. doc/remap.md. */
#ifndef TRN_SIM_ANALOG_REMAP_H
#define TRN_SIM_ANALOG_REMAP_H

#include <trnnsf/remap.h>

#include "sim/analog/plan.h"

struct trn_remap_sums {
    double before, after, signal;
    uint64_t compensated;
};

struct trn_remap_crossbar {
    size_t n_in, n_out, rows, places;
    size_t start; /* in place[]: the row of each input, then the place of each output */
    struct trn_remap_sums sums;
};

struct trnnsf_remap {
    trnnsf_context *ctx; /* held */
    uint32_t means;
    size_t n_crossbars;
    struct trn_remap_crossbar *crossbars;
    uint32_t *place;
};

/* layer->moments, where there, are the mean squares of inputs. */
trnnsf_status trn_remap_solve(trnnsf_context *ctx, const char *function,
                              const struct trn_analog_plan *plan,
                              const struct trnnsf_fault_map *faults,
                              const struct trnnsf_remap_options *options,
                              struct trnnsf_remap **out_remap);
void trn_remap_free(struct trnnsf_remap *remap);
/* TRNNSF_E_MISMATCH where the remapping is for other crossbars. */
trnnsf_status trn_remap_fits(trnnsf_context *ctx, const char *function,
                             const struct trn_analog_plan *plan, const struct trnnsf_remap *remap);

/* Sets layer->moments of all layers from samples through the network. */
trnnsf_status trn_analog_set_moments(trnnsf_context *ctx, struct trn_analog_plan *plan,
                                     const struct trnnsf_network *network, size_t n_samples,
                                     const float *inputs);

#endif
