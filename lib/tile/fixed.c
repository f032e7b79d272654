#include "tile/fixed.h"

#include <math.h>

#include "base/context.h"

static void round_all(const struct trnnsf_spike_graph *graph, struct trn_spike_fixed *fixed)
{
    for (size_t s = 0; s < graph->starts[graph->n]; s++)
        fixed->weights[s] = llrint((double)graph->weights[s] * TRN_SPIKE_ONE);
    for (size_t i = 0; i < graph->n; i++) {
        fixed->thresholds[i] = llrint(graph->thresholds[i] * TRN_SPIKE_ONE);
        fixed->biases[i] = llrint(graph->biases[i] * TRN_SPIKE_ONE);
        fixed->initials[i] = llrint(graph->initials[i] * TRN_SPIKE_ONE);
    }
}

/* Largest absolute values that a step can add, and from them the potential's after all steps.
 * Doubles: far above any rounding of theirs. */
static trnnsf_status check_range(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_spike_graph *graph,
                                 const struct trn_spike_fixed *fixed, size_t n_steps,
                                 double *bounds)
{
    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];
        double bound = fabs((double)fixed->biases[i]);

        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            uint32_t source = graph->sources[s];
            bool sums = graph->kinds[source] == TRNNSF_SPIKE_SUM;

            bound += sums ? bounds[source] : fabs((double)fixed->weights[s]);
        }
        bounds[i] = bound;
        double most = graph->kinds[i] == TRNNSF_SPIKE_SUM
                          ? bound
                          : bound * (double)n_steps + (double)fixed->thresholds[i] +
                                fabs((double)fixed->initials[i]);
        if (!(most < 0x1p62))
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "%s: neuron %u could reach a potential of %g in %zu steps, above 2^38",
                            function, i, most / TRN_SPIKE_ONE, n_steps);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_spike_fixed_create(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_spike_graph *graph, size_t n_steps,
                                     struct trn_spike_fixed *fixed)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = graph->n;
    double *bounds = TRN_NEW_ARRAY(ctx, double, n);

    TRN_NEED_OUT(bounds);
    TRN_NEED_OUT(fixed->weights = TRN_NEW_ARRAY(ctx, int64_t, graph->starts[n]));
    TRN_NEED_OUT(fixed->thresholds = TRN_NEW_ARRAY(ctx, int64_t, n));
    TRN_NEED_OUT(fixed->biases = TRN_NEW_ARRAY(ctx, int64_t, n));
    TRN_NEED_OUT(fixed->initials = TRN_NEW_ARRAY(ctx, int64_t, n));
    round_all(graph, fixed);
    TRN_TRY_OUT(check_range(ctx, function, graph, fixed, n_steps, bounds));
out:
    trn_free(ctx, bounds);
    return status;
}

void trn_spike_fixed_clear(trnnsf_context *ctx, struct trn_spike_fixed *fixed)
{
    trn_free(ctx, fixed->initials);
    trn_free(ctx, fixed->biases);
    trn_free(ctx, fixed->thresholds);
    trn_free(ctx, fixed->weights);
    *fixed = (struct trn_spike_fixed){0};
}
