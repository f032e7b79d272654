/* Fault maps: what is known of a chip's devices. */
#ifndef TRN_SIM_ANALOG_FAULTS_H
#define TRN_SIM_ANALOG_FAULTS_H

#include <trnnsf/remap.h>

#include "sim/analog/write.h"

/* The arrays of one crossbar. */
struct trn_fault_arrays {
    size_t rows, columns; /* of one array */
    size_t start;         /* of its devices: [arrays x columns x rows] */
};

struct trnnsf_fault_map {
    trnnsf_context *ctx; /* held */
    size_t n_crossbars, arrays;
    struct trn_fault_arrays *crossbars;
    size_t n_devices;
    uint8_t *fault;  /* [n_devices] enum trnnsf_fault */
    float *on, *off; /* [n_devices] over the nominal ends of the range; both NULL: 1 */
};

/* Columns of all arrays of a crossbar that are there, used or not. */
size_t trn_fault_columns(const struct trn_analog_plan *plan,
                         const struct trn_analog_crossbar *crossbar);
/* The column of a device of the output that is at `place`; of the reference at place
 * crossbar->places. */
size_t trn_fault_column(const struct trn_analog_plan *plan,
                        const struct trn_analog_crossbar *crossbar, size_t place, size_t device);

/* Devices of one physical column whose random numbers follow each other. */
struct trn_fault_stretch {
    size_t row, n;
    uint64_t first;
    bool is_spare;
};
/* At most two, in the order of rows; returns how many. Devices within the lines that the mapping
 * uses have the numbers that they have on a chip without remapping. */
size_t trn_fault_stretches(const struct trn_analog_plan *plan,
                           const struct trn_analog_crossbar *crossbar, size_t place, size_t device,
                           struct trn_fault_stretch *stretch);

/* All devices good and nominal; plan->layers is not looked at. */
trnnsf_status trn_fault_map_new(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                struct trnnsf_fault_map **out_map);
/* As the chip's are drawn. */
trnnsf_status trn_fault_map_draw(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                 uint32_t chip, struct trnnsf_fault_map **out_map);
void trn_fault_map_free(struct trnnsf_fault_map *map);
/* Makes on and off, where they are not yet. */
trnnsf_status trn_fault_map_need_ranges(struct trnnsf_fault_map *map);
/* TRNNSF_E_MISMATCH where the map is for other crossbars. */
trnnsf_status trn_fault_map_fits(trnnsf_context *ctx, const char *function,
                                 const struct trn_analog_plan *plan,
                                 const struct trnnsf_fault_map *map);

#endif
