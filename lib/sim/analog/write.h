/* Devices as they are at the time of reading: one physical column at a time. */
#ifndef TRN_SIM_ANALOG_WRITE_H
#define TRN_SIM_ANALOG_WRITE_H

#include "sim/analog/plan.h"

/* Streams of a device's random numbers; each effect has its own, so that one alone draws what it
 * draws among others. Never renumbered. */
enum trn_analog_stream {
    TRN_STREAM_PULSES = 1,
    TRN_STREAM_PROGRAMMING = 2,
    TRN_STREAM_LOGNORMAL = 3,
    TRN_STREAM_ON = 4,
    TRN_STREAM_OFF = 5,
    TRN_STREAM_STUCK = 6,
    TRN_STREAM_DRIFT = 7,
    TRN_STREAM_RETENTION = 8,
    TRN_STREAM_FLICKER = 9,
    TRN_STREAM_SPARE = 32, /* added, for devices on lines that the mapping leaves unused */
    TRN_STREAM_AGAIN = 64, /* and more: repeated draws of the resistances */
    TRN_STREAM_SPARE_AGAIN = 1 << 20
};

/* Cells at once. */
enum { TRN_WRITE_CELLS = 256 };

/* What is known of a call's cells, instead of what would be drawn. */
struct trn_write_known {
    const uint8_t *fault;  /* enum trnnsf_fault */
    const float *on, *off; /* ends of the range over the nominal ones; NULL: drawn */
};

struct trn_write {
    const struct trn_analog_plan *plan;
    uint64_t seed;
    uint64_t item;                       /* chip and crossbar */
    bool is_spare;                       /* cells are addressed among spare ones */
    const struct trn_write_known *known; /* or NULL */
    float *start;                        /* [n] x before time passed; or NULL: not wanted */
};

/* The cells first … first + n - 1 (n <= TRN_WRITE_CELLS, first a multiple of TRN_NORMALS_GROUP) of
 * a crossbar, written to m[n] between off and on. x[n]: conductance over that of resistance_on_ohm
 * at the time of reading; the sums of it before time passed and now are added to *early and *late,
 * where time makes a difference.
 */
void trn_write_cells(const struct trn_write *write, uint64_t first, size_t n, const float *m,
                     float *x, double *early, double *late);
/* What a test of the cells would find: fault[n]; on[n] and off[n] over the nominal ends, or both
 * NULL. */
void trn_write_faults(const struct trn_write *write, uint64_t first, size_t n, uint8_t *fault,
                      float *on, float *off);

#endif
