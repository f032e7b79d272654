#include "base/context.h"
#include "base/options.h"
#include "sim/spiking/graph.h"

trnnsf_status trnnsf_spiking_graph(trnnsf_context *context, const trnnsf_spiking *spiking,
                                   const trnnsf_spike_record *record,
                                   trnnsf_spike_graph **out_graph)
{
    static const char function[] = "trnnsf_spiking_graph";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !record || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking  ? "spiking"
                        : !record ? "record"
                                  : "out_graph");
    bool fits = record->n_layers == spiking->n_layers;
    for (size_t l = 0; fits && l <= spiking->n_layers; l++)
        fits = record->start[l + 1] - record->start[l] == trn_spiking_neurons(spiking, l);
    if (!fits)
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the record is of another network",
                        function);
    TRN_TRY(trn_spiking_check_converted(context, function, spiking));
    TRN_TRY(trn_spiking_check_synapses(context, function, spiking));
    if (spiking->options.reset != TRNNSF_RESET_SUBTRACT || spiking->options.leak > 0)
        return trn_fail(context, TRNNSF_E_UNSUPPORTED,
                        "%s: a graph's neurons are reset by subtraction and do not leak", function);
    return trn_spiking_graph(context, spiking, record, out_graph);
}

trnnsf_status trnnsf_spiking_graph_run(trnnsf_context *context, const trnnsf_spiking *spiking,
                                       const trnnsf_spike_graph *graph, size_t n_samples,
                                       const float *inputs,
                                       const struct trnnsf_spike_run_options *options,
                                       uint32_t *out_classes, uint32_t *out_counts,
                                       double *out_spikes)
{
    static const char function[] = "trnnsf_spiking_graph_run";
    const struct trn_graph_results results = {out_classes, out_counts, out_spikes};
    struct trnnsf_spike_run_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !graph || !inputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !spiking ? "spiking"
                        : !graph ? "graph"
                                 : "inputs");
    TRN_TRY(trn_spike_run_options_read(context, function, options, &given));
    if (given.patience > 0)
        return trn_fail(context, TRNNSF_E_UNSUPPORTED, "%s: patience %u is not 0", function,
                        given.patience);
    TRN_TRY(trn_spike_check_inputs(context, function, spiking, n_samples, inputs));
    return trn_spiking_graph_run(context, spiking, graph, n_samples, inputs, &given, &results);
}
