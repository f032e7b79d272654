/* One crossbar fitted to its faults. */
#ifndef TRN_SIM_ANALOG_FIT_H
#define TRN_SIM_ANALOG_FIT_H

#include "sim/analog/assignment.h"
#include "sim/analog/cell.h"
#include "sim/analog/remap.h"

/* Memory of one worker, for crossbars up to a size. Things are inputs or outputs; weights[0] stand
 * [n_out x n_in], weights[1] [n_in x n_out]. */
struct trn_fit {
    struct trn_assignment assignment;
    float *weights[2];
    float *targets[2]; /* [devices] of that */
    float *squares[2]; /* of errors of good devices */
    float *moments;    /* [n_in] */
    float *constant;   /* [rows x places] */
    float *slope;      /* [devices x rows x places] */
    uint8_t *flags;    /* [rows x places] */
    float *cost;       /* [things x places of things] */
    float *error;      /* [things] */
    float *sum;        /* [things] */
    uint32_t *best;    /* [n_in + n_out] */
    uint32_t *trial;   /* likewise */
    uint32_t *drawn;   /* [places] */
    /* The crossbar at hand. */
    struct trn_cell_scheme scheme;
    size_t n_in, n_out, rows, places;
    double base; /* s error^2 of good devices */
    bool compensates;
};

/* How large it has to be. */
struct trn_fit_size {
    size_t weights, cells, cost, line, devices;
};
void trn_fit_size_add(const struct trn_analog_plan *plan,
                      const struct trn_analog_crossbar *crossbar, struct trn_fit_size *size);
/* To be cleared after failure, too. */
trnnsf_status trn_fit_init(trnnsf_context *ctx, const struct trn_fit_size *size,
                           struct trn_fit *fit);
void trn_fit_clear(trnnsf_context *ctx, struct trn_fit *fit);

/* place[n_in + n_out] and sums are written. Cancelled between steps, the result then meaningless.
 */
void trn_fit_crossbar(trnnsf_context *ctx, struct trn_fit *fit, const struct trn_analog_plan *plan,
                      size_t crossbar, const struct trnnsf_fault_map *faults,
                      const struct trnnsf_remap_options *options, uint32_t *place,
                      struct trn_remap_sums *sums);

#endif
