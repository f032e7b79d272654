/* Newton's method for crossbars whose cells are not linear. */
#ifndef TRN_SIM_WIRES_NEWTON_H
#define TRN_SIM_WIRES_NEWTON_H

#include "sim/wires/wires.h"

struct trn_newton;

trnnsf_status trn_newton_create(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                struct trn_newton **out_newton);
void trn_newton_free(struct trn_newton *newton);

/* input[n] -> currents[m]; `vector` is named in error texts. */
trnnsf_status trn_newton_solve(struct trn_newton *newton, const char *function, size_t vector,
                               const double *input, double *currents);

/* Of all node numbers, after a success; until the next call. */
const double *trn_newton_voltages(const struct trn_newton *newton);

#endif
