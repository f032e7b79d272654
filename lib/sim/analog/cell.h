/* One weight's devices with what is known of them: the weight that targets give, and targets that
 * make up for stuck devices. */
#ifndef TRN_SIM_ANALOG_CELL_H
#define TRN_SIM_ANALOG_CELL_H

#include "sim/analog/faults.h"

enum { TRN_CELL_DEVICES = 64, TRN_CELL_SLICES = 32 };

/* What the weights of a crossbar have in common. */
struct trn_cell_scheme {
    const struct trn_analog_plan *plan;
    const struct trn_analog_crossbar *crossbar;
    const struct trnnsf_fault_map *faults;
    size_t start; /* of the crossbar's devices in the map */
    size_t slices, signs, devices;
    float coefficient[TRN_CELL_SLICES]; /* weight for a relative conductance */
    float reference[TRN_CELL_SLICES];   /* targets of the reference */
    float steps;                        /* of a device's range; 0: any target */
};

enum { TRN_CELL_ODD = 1, TRN_CELL_STUCK = 2 }; /* not nominal; a device or reference is stuck */

/* The weight is constant + sum of slope[d] m[d] for targets m[devices]; the slope of a stuck device
 * is 0. */
struct trn_cell {
    float constant;
    float slope[TRN_CELL_DEVICES];
    unsigned flags;
};

void trn_cell_scheme_init(const struct trn_analog_plan *plan, size_t crossbar,
                          const struct trnnsf_fault_map *faults, struct trn_cell_scheme *scheme);
/* Of the output at `place`. */
void trn_cell_make(const struct trn_cell_scheme *scheme, size_t row, size_t place,
                   struct trn_cell *cell);
/* Changes targets m[devices] where others come nearer to the weight; returns whether they do, and
 * in *out_error what is left: weight of the devices - weight. */
bool trn_cell_compensate(const struct trn_cell_scheme *scheme, const struct trn_cell *cell,
                         float weight, float *m, float *out_error);

#endif
