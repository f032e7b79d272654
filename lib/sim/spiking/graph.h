/* Spiking networks as graphs for tiles, and samples through such graphs. */
#ifndef TRN_SIM_SPIKING_GRAPH_H
#define TRN_SIM_SPIKING_GRAPH_H

#include "sim/spiking/run.h"
#include "tile/graph.h"

trnnsf_status trn_spiking_graph(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                const struct trnnsf_spike_record *record,
                                struct trnnsf_spike_graph **out_graph);

/* Neurons of `graph` that are the network's last layer [n_out]; TRNNSF_E_MISMATCH where `graph`
 * was not made from the network's. */
trnnsf_status trn_spiking_graph_outputs(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_spiking *spiking,
                                        const struct trnnsf_spike_graph *graph, uint32_t *outputs);

/* What is wanted of a run; NULL: not wanted. */
struct trn_graph_results {
    uint32_t *classes; /* [n_samples] */
    uint32_t *counts;  /* [n_samples x n_out] */
    double *spikes;    /* [neurons of the graph] a sample */
};
trnnsf_status trn_spiking_graph_run(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                    const struct trnnsf_spike_graph *graph, size_t n_samples,
                                    const float *inputs,
                                    const struct trnnsf_spike_run_options *options,
                                    const struct trn_graph_results *results);

#endif
