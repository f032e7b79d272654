#include "base/context.h"
#include "base/options.h"
#include "tile/choose.h"

void trnnsf_decompose_options_init(struct trnnsf_decompose_options *options)
{
    static const struct trnnsf_decompose_options defaults = TRNNSF_DECOMPOSE_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
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
    TRN_TRY(trn_option_count(ctx, function, "cut", out->cut, 0, TRNNSF_DECOMPOSE_BUSY));
    TRN_TRY(trn_option_count(ctx, function, "reserved", out->reserved, 0, 0));
    return trn_option_number(ctx, function, "k", out->k, 1e-3, 1e3);
}

/* Weights that are divided are no sums'. */
static trnnsf_status check_spiking(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_spike_graph *graph)
{
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: neuron %zu is a sum, which the rule SPIKING cannot normalise",
                            function, i);
    }
    return TRNNSF_OK;
}

/* At most T spikes each, where that is known. */
static trnnsf_status check_samples(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_spike_graph *graph, uint32_t steps,
                                   size_t n_samples, const double *samples)
{
    double most = steps > 0 ? steps : TRN_SPIKES_MAX;

    for (size_t k = 0; k < n_samples * graph->n; k++) {
        if (!(samples[k] >= 0 && samples[k] <= most))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: samples[%zu, %zu] %g is not in [0, steps %g]", function,
                            k / graph->n, k % graph->n, samples[k], most);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_decompose_options_check(trnnsf_context *ctx, const char *function,
                                          const struct trnnsf_spike_graph *graph,
                                          const struct trnnsf_decompose_options *options,
                                          size_t n_samples, const double *samples,
                                          struct trnnsf_decompose_options *given)
{
    size_t size;

    TRN_TRY(read_options(ctx, function, options, given));
    if ((samples != NULL) != (n_samples > 0))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: n_samples is %zu, but samples is %s", function,
                        n_samples, samples ? "given" : "NULL");
    if (!trn_size_multiply(n_samples, graph->n * sizeof *samples, &size))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: n_samples %zu is more than fit in memory",
                        function, n_samples);
    if (given->rule == TRNNSF_DECOMPOSE_SPIKING)
        TRN_TRY(check_spiking(ctx, function, graph));
    return check_samples(ctx, function, graph, given->steps, n_samples, samples);
}

trnnsf_status trnnsf_spike_graph_decompose(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                           const struct trnnsf_decompose_options *options,
                                           size_t n_samples, const double *samples,
                                           trnnsf_spike_graph **out_graph)
{
    static const char function[] = "trnnsf_spike_graph_decompose";
    struct trnnsf_decompose_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !out_graph)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "out_graph" : "graph");
    TRN_TRY(
        trn_decompose_options_check(context, function, graph, options, n_samples, samples, &given));
    return trn_spike_graph_decompose(context, graph, &given, n_samples, samples, out_graph);
}

trnnsf_status trnnsf_tile_fit(trnnsf_context *context, const trnnsf_spike_graph *graph,
                              const struct trnnsf_decompose_options *decompose, size_t n_samples,
                              const double *samples, const struct trnnsf_tile_map_options *options,
                              struct trnnsf_decompose_options *out_decompose,
                              trnnsf_spike_graph **out_graph, trnnsf_tile_map **out_map)
{
    static const char function[] = "trnnsf_tile_fit";
    struct trnnsf_decompose_options given, chosen;
    struct trnnsf_tile_map_options map;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !out_graph || !out_map)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !graph       ? "graph"
                        : !out_graph ? "out_graph"
                                     : "out_map");
    TRN_TRY(trn_decompose_options_check(context, function, graph, decompose, n_samples, samples,
                                        &given));
    TRN_TRY(trn_tile_map_options_read(context, function, options, &map));
    if (map.inputs < 2)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: inputs %u is not in [2, 65535]", function,
                        map.inputs);
    if (out_decompose)
        TRN_TRY(trn_result_check(context, function, out_decompose, sizeof *out_decompose));
    const struct trn_tile_fit fit = {graph, &given, n_samples, samples, &map};
    TRN_TRY(trn_tile_fit(context, &fit, &chosen, out_graph, out_map));
    if (out_decompose)
        trn_result_write(out_decompose, &chosen);
    return TRNNSF_OK;
}
