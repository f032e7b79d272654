/* What one crossbar takes: the formulas of doc/cost-model.md that depend on nothing else. */
#ifndef TRN_TECH_SHAPE_H
#define TRN_TECH_SHAPE_H

#include "tech/tech.h"

struct trn_crossbar_area {
    double array, periphery, neuron, buffer; /* square metres */
};

/* Of an MCA with so many rows and columns of one array, references apart. */
struct trn_crossbar_area trn_tech_crossbar_area(const struct trnnsf_tech *tech, double rows,
                                                double columns);
/* What of that, in `periphery`, are converters that layers may share. */
double trn_tech_converters_area(const struct trnnsf_tech *tech, double columns);
/* What a PE has beside its MCAs, and its share of a router. */
double trn_tech_pe_buffer_area(const struct trnnsf_tech *tech, double pes);
double trn_tech_pe_router_area(const struct trnnsf_tech *tech, double pes);

/* How a crossbar is used. */
struct trn_crossbar_use {
    double inputs, outputs; /* that have synapses */
    double conductance;     /* sum over rows of drive x conductance of the whole row, siemens */
    double drive;           /* rows driven a step, on average */
    double any;             /* probability that a transfer brings the crossbar something */
    double hops;            /* of an input packet */
};

struct trn_crossbar_energy {
    double array, periphery, buffer, communication; /* joules an inference */
};

struct trn_crossbar_energy trn_tech_crossbar_energy(const struct trnnsf_tech *tech,
                                                    const struct trn_crossbar_use *use);

/* trnnsf_tech_shape_area(), trnnsf_tech_shape_energy(). */
double trn_tech_shape_area(const struct trnnsf_tech *tech, size_t shape);
double trn_tech_shape_energy(const struct trnnsf_tech *tech, size_t shape);

#endif
