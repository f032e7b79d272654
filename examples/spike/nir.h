/* NIR files in place of networks, and written beside them. */
#ifndef SPIKE_NIR_H
#define SPIKE_NIR_H

#include "work.h"

/* By the name's end: .nir, .h5 or .hdf5. */
int nir_is_file(const char *path);
/* Loads work->file, converts it and runs the test part; an exit code. */
int nir_run(struct work *work);
/* Writes work->spiking to work->nir_file. */
trnnsf_status nir_write(const struct work *work);

#endif
