/* A crossbar with resistive wires as a plain list of resistors, solved densely: the judge. It knows
 * nothing of the library's numbering. */
#ifndef TESTS_WIRES_REFERENCE_H
#define TESTS_WIRES_REFERENCE_H

#include <trnnsf/wires.h>

struct circuit {
    size_t n, m;
    const double *cells; /* [n x m] */
    struct trnnsf_wires_options options;
};

/* Linear cells: word[n x m], bit[n x m], currents[m] for input[n]. */
void reference_solve(const struct circuit *circuit, const double *input, double *word, double *bit,
                     double *currents);

/* The largest sum of the currents at a node that is no terminal, and what the column currents are
 * by the sense resistors or, where these are ideal, by the sum of what arrives at the terminal. For
 * any cell law. */
double reference_residual(const struct circuit *circuit, const double *input, const double *word,
                          const double *bit, double *currents);

/* The current of one cell, by bisection. */
double reference_cell(const struct trnnsf_wires_options *options, double g, double voltage);

#endif
