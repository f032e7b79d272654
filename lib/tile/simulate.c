/* The reference simulator: every synapse at every step, whole numbers only. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/graph.h"

#define ONE ((double)(1 << 24))

struct run {
    const struct trnnsf_spike_graph *graph;
    int64_t *weights;    /* [synapses] */
    int64_t *thresholds; /* [n] */
    int64_t *biases;     /* [n] */
    int64_t *potentials; /* [n]; of a sum: this step's */
    uint8_t *fires;      /* [n] in this step */
};

/* Largest absolute values that a step can add, and from them the potential's after all steps.
 * Doubles: far above any rounding of theirs. */
static trnnsf_status check_range(trnnsf_context *ctx, const struct run *run, size_t n_steps,
                                 double *bounds)
{
    const struct trnnsf_spike_graph *graph = run->graph;

    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];
        double bound = fabs((double)run->biases[i]);

        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            uint32_t source = graph->sources[s];
            bool sums = graph->kinds[source] == TRNNSF_SPIKE_SUM;

            bound += sums ? bounds[source] : fabs((double)run->weights[s]);
        }
        bounds[i] = bound;
        double most = graph->kinds[i] == TRNNSF_SPIKE_SUM
                          ? bound
                          : bound * (double)n_steps + (double)run->thresholds[i];
        if (!(most < 0x1p62))
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "trnnsf_spike_graph_simulate: neuron %u could reach a potential of %g "
                            "in %zu steps, above 2^38",
                            i, most / ONE, n_steps);
    }
    return TRNNSF_OK;
}

static void step(struct run *run, const uint8_t *inputs)
{
    const struct trnnsf_spike_graph *graph = run->graph;
    size_t input = 0;

    for (size_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT)
            run->fires[i] = inputs[input++];
    }
    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];
        int64_t sum = 0;

        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT)
            continue;
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            uint32_t source = graph->sources[s];

            if (!run->fires[source])
                continue;
            sum += graph->kinds[source] == TRNNSF_SPIKE_SUM ? run->potentials[source]
                                                            : run->weights[s];
        }
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM) {
            run->potentials[i] = sum;
            run->fires[i] = sum != 0;
            continue;
        }
        run->potentials[i] += run->biases[i] + sum;
        run->fires[i] = run->potentials[i] >= run->thresholds[i];
        if (run->fires[i])
            run->potentials[i] -= run->thresholds[i];
    }
}

static void round_all(const struct trnnsf_spike_graph *graph, struct run *run)
{
    for (size_t s = 0; s < graph->starts[graph->n]; s++)
        run->weights[s] = llrint((double)graph->weights[s] * ONE);
    for (size_t i = 0; i < graph->n; i++) {
        run->thresholds[i] = llrint(graph->thresholds[i] * ONE);
        run->biases[i] = llrint(graph->biases[i] * ONE);
    }
}

trnnsf_status trn_spike_graph_simulate(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                       size_t n_steps, const uint8_t *input_spikes,
                                       uint32_t *counts, uint8_t *raster)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = graph->n;
    struct run run = {.graph = graph};
    uint32_t *counted = NULL;
    uint8_t *drawn = NULL; /* the caller's stays untouched until all is done */
    double *bounds = NULL;

    TRN_NEED_OUT(run.weights = TRN_NEW_ARRAY(ctx, int64_t, graph->starts[n]));
    TRN_NEED_OUT(run.thresholds = TRN_NEW_ARRAY(ctx, int64_t, n));
    TRN_NEED_OUT(run.biases = TRN_NEW_ARRAY(ctx, int64_t, n));
    TRN_NEED_OUT(run.potentials = TRN_NEW_ARRAY(ctx, int64_t, n));
    TRN_NEED_OUT(run.fires = TRN_NEW_ARRAY(ctx, uint8_t, n));
    TRN_NEED_OUT(bounds = TRN_NEW_ARRAY(ctx, double, n));
    TRN_NEED_OUT(counted = TRN_NEW_ARRAY(ctx, uint32_t, n));
    if (raster)
        TRN_NEED_OUT(drawn = trn_malloc(ctx, n_steps, n));
    round_all(graph, &run);
    TRN_TRY_OUT(check_range(ctx, &run, n_steps, bounds));
    for (size_t t = 0; t < n_steps; t++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "spikes"));
        step(&run, input_spikes + t * graph->n_inputs);
        for (size_t i = 0; i < n; i++)
            counted[i] += run.fires[i];
        if (drawn)
            memcpy(drawn + t * n, run.fires, n);
    }
    memcpy(counts, counted, n * sizeof *counts);
    if (drawn)
        memcpy(raster, drawn, n_steps * n);
out:
    trn_free(ctx, drawn);
    trn_free(ctx, counted);
    trn_free(ctx, bounds);
    trn_free(ctx, run.fires);
    trn_free(ctx, run.potentials);
    trn_free(ctx, run.biases);
    trn_free(ctx, run.thresholds);
    trn_free(ctx, run.weights);
    return status;
}
