/* One crossbar with resistive wires. */
#ifndef TRN_SIM_WIRES_WIRES_H
#define TRN_SIM_WIRES_WIRES_H

#include <trnnsf/wires.h>

#include "sim/wires/cell.h"
#include "sim/wires/grid.h"

struct trnnsf_wires {
    trnnsf_context *ctx; /* held */
    struct trnnsf_wires_options options;
    struct trn_grid grid;
    struct trn_cell_law law;
    double *cells;    /* [n x m] conductances of the memristive parts */
    double *transfer; /* [m x n]; NULL where cells are not linear */
};

/* Arguments have been checked. */
trnnsf_status trn_wires_create(trnnsf_context *ctx, size_t n, size_t m, const double *cells,
                               const struct trnnsf_wires_options *options,
                               struct trnnsf_wires **out_wires);
void trn_wires_free(struct trnnsf_wires *wires);

/* Where results go; each may be NULL. */
struct trn_wires_results {
    double *word, *bit; /* [n_vectors x n x m] */
    double *currents;   /* [n_vectors x m] */
};

/* `function` is named in error texts. Results are written piece by piece. */
trnnsf_status trn_wires_solve(trnnsf_context *ctx, const char *function,
                              const struct trnnsf_wires *wires, size_t n_vectors,
                              const double *inputs, const struct trn_wires_results *results);

trnnsf_status trn_wires_approximate(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                    size_t n_vectors, const double *inputs, uint32_t passes,
                                    double *currents);

/* Checks what all functions ask of inputs. */
trnnsf_status trn_wires_check_inputs(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_wires *wires, size_t n_vectors,
                                     const double *inputs);

#endif
