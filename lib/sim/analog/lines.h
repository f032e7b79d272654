/* A chip whose crossbars stand on other rows and columns than as mapped. Devices and sums keep the
 * order of the mapping, so that whoever reads them needs not know of it; only what is written, and
 * wires, look at places. */
#ifndef TRN_SIM_ANALOG_LINES_H
#define TRN_SIM_ANALOG_LINES_H

#include "sim/analog/analog.h"
#include "sim/analog/faults.h"
#include "sim/analog/remap.h"

struct trn_analog_lines {
    const struct trnnsf_fault_map *faults; /* while the chip is written */
    size_t *start;                         /* [n_crossbars] in the arrays: inputs, then outputs */
    uint32_t *at;                          /* physical rows, or places of outputs, ascending */
    uint32_t *line;                        /* the input or output that is there */
    uint32_t *rank;                        /* of an input or output among those */
    bool compensates;
};

struct trn_analog_moved {
    struct trn_analog_plan plan; /* shares what the plan that it was made from points to */
    struct trn_analog_lines lines;
};

/* Where input or column j of an array stands among the lines that are used. */
static inline size_t trn_lines_row(const struct trn_analog_plan *plan, size_t crossbar,
                                   size_t input)
{
    const struct trn_analog_lines *lines = plan->lines;

    return lines ? lines->rank[lines->start[crossbar] + input] : input;
}

static inline size_t trn_lines_column(const struct trn_analog_plan *plan, size_t crossbar,
                                      size_t column)
{
    const struct trn_analog_lines *lines = plan->lines;
    size_t n_in = plan->crossbars[crossbar].n_in, output = column / plan->per_array;

    if (!lines || output >= plan->crossbars[crossbar].n_out)
        return column;
    return lines->rank[lines->start[crossbar] + n_in + output] * plan->per_array +
           column % plan->per_array;
}

/* `plan` must outlive it. */
trnnsf_status trn_analog_moved_new(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                   const struct trnnsf_fault_map *faults,
                                   const struct trnnsf_remap *remap,
                                   struct trn_analog_moved **out_moved);
void trn_analog_moved_free(trnnsf_context *ctx, struct trn_analog_moved *moved);

/* Writes the devices of one output (n_out: of the reference) of write->plan to targets m[n_in], as
 * trn_write_cells() does, each at its physical place. */
void trn_lines_write(const struct trn_write *write, size_t crossbar, size_t output, size_t device,
                     float *m, float *x, double *early, double *late);

/* Writes chip number `chip`, remapped where plan->options.remap or `remap` says so. `faults`: or
 * NULL, drawn ones. `own` as for trn_analog_write(). */
trnnsf_status trn_analog_make_chip(trnnsf_context *ctx, const char *function,
                                   const struct trn_analog_plan *plan, uint32_t chip,
                                   const struct trnnsf_fault_map *faults,
                                   const struct trnnsf_remap *remap, struct trn_analog_plan *own,
                                   struct trnnsf_analog **out_analog);

#endif
