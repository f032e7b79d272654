/* A network as a spiking one on its crossbars, for costs of what it does then. */
#ifndef COMMON_SPIKES_H
#define COMMON_SPIKES_H

#include "program.h"

/* --spiking of the programs whose costs follow the network itself otherwise. */
enum { SPIKES_STEPS_MAX = 65536 };

/* Runs a part of the data with the defaults of trnnsf-spike, for so many steps; the record has what
 * the crossbars met, and is the caller's. */
trnnsf_status spikes_run(struct program *program, const trnnsf_network *network,
                         const trnnsf_mapping *mapping, const trnnsf_dataset *dataset,
                         uint32_t part, uint32_t steps, trnnsf_spike_record **out_record);
/* Accuracy after the last step. */
double spikes_accuracy(const trnnsf_spike_record *record);
/* "spiking": steps and spikes a sample, accuracy; a comma follows. */
void spikes_write(FILE *stream, const trnnsf_spike_record *record);

#endif
