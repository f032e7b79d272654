/* The reference simulator: every synapse at every step, whole numbers only. */
#include <string.h>

#include "base/context.h"
#include "tile/fixed.h"

struct run {
    const struct trnnsf_spike_graph *graph;
    struct trn_spike_fixed fixed;
    int64_t *potentials; /* [n]; of a sum: this step's */
    uint8_t *fires;      /* [n] in this step */
};

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
                                                            : run->fixed.weights[s];
        }
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM) {
            run->potentials[i] = sum;
            run->fires[i] = sum != 0;
            continue;
        }
        run->potentials[i] += run->fixed.biases[i] + sum;
        run->fires[i] = run->potentials[i] >= run->fixed.thresholds[i];
        if (run->fires[i])
            run->potentials[i] -= run->fixed.thresholds[i];
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

    TRN_TRY_OUT(
        trn_spike_fixed_create(ctx, "trnnsf_spike_graph_simulate", graph, n_steps, &run.fixed));
    run.potentials = trn_copy(ctx, run.fixed.initials, n, sizeof *run.potentials);
    TRN_NEED_OUT(run.potentials);
    TRN_NEED_OUT(run.fires = TRN_NEW_ARRAY(ctx, uint8_t, n));
    TRN_NEED_OUT(counted = TRN_NEW_ARRAY(ctx, uint32_t, n));
    if (raster)
        TRN_NEED_OUT(drawn = trn_malloc(ctx, n_steps, n));
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
    trn_free(ctx, run.fires);
    trn_free(ctx, run.potentials);
    trn_spike_fixed_clear(ctx, &run.fixed);
    return status;
}
