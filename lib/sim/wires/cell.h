/* Current of one cell: a memristive part with the law of wires.h and a resistance in series. */
#ifndef TRN_SIM_WIRES_CELL_H
#define TRN_SIM_WIRES_CELL_H

struct trn_cell_law {
    double alpha; /* 1 / volt; 0: linear */
    double ohm;   /* in series */
};

struct trn_cell_state {
    double current; /* ampere */
    double slope;   /* d current / d voltage, siemens */
    double energy;  /* co-content: the integral of the current over the voltage, watt */
};

/* Of a cell of conductance g under a voltage. Not finite where sinh overflows. */
struct trn_cell_state trn_cell_at(const struct trn_cell_law *law, double g, double voltage);

/* current / voltage; the slope at 0 V. */
double trn_cell_secant(const struct trn_cell_law *law, double g, double voltage);

#endif
