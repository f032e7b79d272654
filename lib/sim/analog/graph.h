/* Chips of graphs: crossbars compute the layers, and what the nodes do between them is digital. */
#ifndef TRN_SIM_ANALOG_GRAPH_H
#define TRN_SIM_ANALOG_GRAPH_H

#include "sim/analog/analog.h"

/* As trn_analog_forward(), trn_analog_evaluate() and trn_analog_measure(). */
trnnsf_status trn_analog_graph_forward(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                       uint64_t numbered, size_t n_samples, const float *inputs,
                                       uint64_t read, float *outputs,
                                       struct trn_analog_counts *counts);
trnnsf_status trn_analog_graph_evaluate(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                        size_t n_samples, const float *inputs,
                                        const uint32_t *labels, uint32_t loss, uint64_t read,
                                        struct trnnsf_evaluation *out_result);
trnnsf_status trn_analog_graph_measure(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                       const struct trnnsf_network *network, size_t n_samples,
                                       const float *inputs, uint64_t read, double *errors,
                                       struct trn_analog_counts *counts);

#endif
