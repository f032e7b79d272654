/* Graphs of nodes as spiking networks. */
#ifndef TRN_SIM_SPIKING_GRAPH_CONVERT_H
#define TRN_SIM_SPIKING_GRAPH_CONVERT_H

#include "sim/spiking/spiking.h"

/* `network` is folded and no chain. */
trnnsf_status trn_spiking_convert_graph(trnnsf_context *ctx, const struct trnnsf_network *network,
                                        size_t n_samples, const float *inputs,
                                        const struct trnnsf_spiking_options *options,
                                        struct trnnsf_spiking **out_spiking);

#endif
