/* Spike traffic: what a synapse costs for the spikes that its source sends (doc/schedule.md). */
#ifndef TRN_SCHEDULE_TRAFFIC_H
#define TRN_SCHEDULE_TRAFFIC_H

#include "schedule/run.h"
#include "tensor/sparse.h"

/* What synapses cost by their source: (1 + weight rate / mean) / (1 + weight), by the mean rate of
 * the layer's inputs; their place on a crossbar and their spikes over those of a mean one. Salience
 * for the price is what decides (the ratio rule of the knapsack, Dantzig, Operations Research 5,
 * 1957; that energy is the price: Yang, Chen and Sze, CVPR 2017, arXiv 1611.05128; this price is
 * chosen here). Exactly 1 where all rates are the same. */
struct trn_traffic {
    double *price; /* [trn_traffic_inputs()]; NULL: all cost the same */
    size_t *first; /* [n_layers]: where a layer's begin */
};

/* Inputs of all layers together. */
size_t trn_traffic_inputs(const struct trnnsf_network *network);

/* By the rates that the run was given, or else by those of the network as it stands on
 * traffic.samples training samples, spread evenly. trn_traffic_free() is fine after a failure. */
trnnsf_status trn_traffic_measure(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  struct trn_traffic *out_traffic);
void trn_traffic_free(trnnsf_context *ctx, struct trn_traffic *traffic);
/* Saliences of a layer's synapses become salience for the price. */
void trn_traffic_charge(const struct trn_traffic *traffic, size_t layer,
                        struct trnnsf_matrix *salience);

/* Rates for all rounds to come: rates[trn_traffic_inputs()] in [0, 1] are copied; NULL: none. */
trnnsf_status trn_traffic_give(trnnsf_context *ctx, struct trnnsf_run *run, const float *rates);

#endif
