/* Reduces the network of a crossbar to its terminals by nested dissection, and brings voltages back
 * to all nodes. */
#ifndef TRN_SIM_WIRES_ELIMINATION_H
#define TRN_SIM_WIRES_ELIMINATION_H

#include <trnnsf/context.h>

#include "sim/wires/grid.h"

/* The rows of the nodes that were eliminated, and room for the next elimination on the same grid.
 */
struct trn_elimination;

trnnsf_status trn_elimination_create(trnnsf_context *ctx, const struct trn_grid *grid,
                                     struct trn_elimination **out_elimination);
void trn_elimination_free(struct trn_elimination *elimination);

/* cells[n x m]: conductances, at least 0. transfer[m x n] becomes the conductances between sense
 * terminals and sources. With `keep` the rows are kept for the two functions below. */
trnnsf_status trn_eliminate(struct trn_elimination *elimination, const double *cells, bool keep,
                            double *transfer);

/* One value, or TRN_LANES values, a node number. */
enum { TRN_LANES = 8 };

/* current[number]: injected into nodes. Leaves at each terminal the current that arrives there with
 * all terminals at 0 V, elsewhere what trn_elimination_down() wants. */
void trn_elimination_up(const struct trn_elimination *elimination, double *current);

/* voltage[number x lanes], lanes 1 or TRN_LANES: given at the terminals, filled in elsewhere.
 * `current` is what trn_elimination_up() left, NULL: no current is injected; only with one lane. */
void trn_elimination_down(const struct trn_elimination *elimination, size_t lanes,
                          const double *current, double *voltage);

#endif
