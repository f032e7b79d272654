#include "base/context.h"
#include "base/options.h"
#include "tile/graph.h"

static const char function[] = "trnnsf_spike_graph_decompose";

void trnnsf_decompose_options_init(struct trnnsf_decompose_options *options)
{
    static const struct trnnsf_decompose_options defaults = TRNNSF_DECOMPOSE_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx,
                                  const struct trnnsf_decompose_options *options,
                                  struct trnnsf_decompose_options *out)
{
    *out = (struct trnnsf_decompose_options)TRNNSF_DECOMPOSE_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, options, out, sizeof *out));
    TRN_TRY(trn_option_count(ctx, function, "fan_in", out->fan_in, 2, INT32_MAX));
    TRN_TRY(trn_option_count(ctx, function, "form", out->form, 0, TRNNSF_DECOMPOSE_TREE));
    TRN_TRY(trn_option_count(ctx, function, "rule", out->rule, 0, TRNNSF_DECOMPOSE_SPIKING));
    TRN_TRY(trn_option_count(ctx, function, "order", out->order, 0, TRNNSF_DECOMPOSE_SIGNED));
    TRN_TRY(trn_option_count(ctx, function, "steps", out->steps,
                             out->rule == TRNNSF_DECOMPOSE_SPIKING, INT32_MAX));
    TRN_TRY(trn_option_count(ctx, function, "reserved", out->reserved, 0, 0));
    return trn_option_number(ctx, function, "k", out->k, 1e-3, 1e3);
}

/* Samples are at most T spikes, and weights that are divided are no sums'. */
static trnnsf_status check_spiking(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   uint32_t steps, size_t n_samples, const double *samples)
{
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: neuron %zu is a sum, which the rule SPIKING cannot normalise",
                            function, i);
    }
    for (size_t k = 0; k < n_samples * graph->n; k++) {
        if (!(samples[k] >= 0 && samples[k] <= steps))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: samples[%zu, %zu] %g is not in [0, steps %u]", function,
                            k / graph->n, k % graph->n, samples[k], steps);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_spike_graph_decompose(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                           const struct trnnsf_decompose_options *options,
                                           size_t n_samples, const double *samples,
                                           trnnsf_spike_graph **out_graph)
{
    struct trnnsf_decompose_options given;
    size_t size;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "out_graph" : "graph");
    TRN_TRY(read_options(context, options, &given));
    if ((samples != NULL) != (n_samples > 0))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_samples is %zu, but samples is %s",
                        function, n_samples, samples ? "given" : "NULL");
    if (!trn_size_multiply(n_samples, graph->n * sizeof *samples, &size))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_samples %zu is more than fit in memory",
                        function, n_samples);
    if (given.rule == TRNNSF_DECOMPOSE_EXACT)
        return trn_spike_graph_decompose(context, graph, &given, 0, NULL, out_graph);
    TRN_TRY(check_spiking(context, graph, given.steps, n_samples, samples));
    return trn_spike_graph_decompose(context, graph, &given, n_samples, samples, out_graph);
}
