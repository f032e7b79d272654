/* What each constant's range allows, but all together do not. */
#ifndef TRN_TECH_AGREEMENT_H
#define TRN_TECH_AGREEMENT_H

#include "tech/tech.h"

struct trn_tech_conflict {
    size_t keys[6]; /* the constants that contradict each other; TRN_TECH_KEYS: no more */
    char text[200]; /* with values and limit */
};

/* False where constants, each within its range, contradict each other. */
bool trn_tech_agrees(const double value[TRN_TECH_KEYS], struct trn_tech_conflict *out_conflict);

/* Sigma of x after writing, by the polynomial and never below 0; x is a conductance over that of
 * resistance_on_ohm. The lognormal part is not in it. */
double trn_tech_programming_sigma(const double value[TRN_TECH_KEYS], double x);

#endif
