/* SPICE netlists of crossbars with resistive wires. */
#ifndef TRN_IO_SPICE_H
#define TRN_IO_SPICE_H

#include <trnnsf/wires.h>

/* input[n_rows], checked. */
trnnsf_status trn_spice_write(trnnsf_context *ctx, const trnnsf_wires *wires, const double *input,
                              const char *path);

#endif
