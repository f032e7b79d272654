/* Elimination in a dense piece of a resistive network. */
#ifndef TRN_SIM_WIRES_FRONT_H
#define TRN_SIM_WIRES_FRONT_H

#include <stdbool.h>
#include <stddef.h>

/* a[size x size]: above the diagonal the conductances between `size` nodes, all at least 0; the
 * rest is not read. Eliminates the first `inner` nodes. What is above the diagonal of the others'
 * part is then their network; row k < inner holds r = sqrt(d) at the diagonal and c / r after it, d
 * the sum of the conductances c that node k had to the nodes after it: without injected current,
 * its voltage is the mean of theirs, weighted by c. The diagonal of the others' part is
 * overwritten. */
void trn_front_eliminate(bool cblas, size_t size, size_t inner, double *a);

#endif
