/* Small least squares, the same bits in every build: no library is asked. */
#ifndef TRN_TECH_LEAST_SQUARES_H
#define TRN_TECH_LEAST_SQUARES_H

#include <stddef.h>

enum { TRN_POLYNOMIAL_MAX = 5 }; /* coefficients */

/* The polynomial of `n_coefficients` (1 … 5, at most n) through n points that minimises the sum of
 * weight (y - p(x))^2, by Householder's reflections. rows[n x (n_coefficients + 1)] is scratch.
 * Columns that the points do not tell apart get 0. */
void trn_fit_polynomial(size_t n, const double *x, const double *y, const double *weight,
                        size_t n_coefficients, double *rows, double *coefficients);

struct trn_line {
    double slope, offset;
    double residual; /* mean square about the line, unbiased; 0 where n says nothing of it */
    double spread;   /* sum of (x - mean x)^2 */
};

/* y over x by least squares; a slope of 0 where all x are the same. */
struct trn_line trn_fit_line(size_t n, const double *x, const double *y);

#endif
