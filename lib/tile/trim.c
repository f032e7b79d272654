/* Synapses past a limit dropped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "tile/graph.h"

struct ranked {
    double drive;
    size_t synapse;
};

/* The most driven first, then the earlier one. */
static int by_drive(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->drive > y->drive || x->drive < y->drive)
        return x->drive > y->drive ? -1 : 1;
    return (x->synapse > y->synapse) - (x->synapse < y->synapse);
}

static int by_synapse(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return (x->synapse > y->synapse) - (x->synapse < y->synapse);
}

static double drive_of(const struct trnnsf_spike_graph *graph, size_t synapse)
{
    return fabs((double)graph->weights[synapse]) * graph->spikes[graph->sources[synapse]];
}

/* Writes a neuron's kept synapses from `next` on; where they end. */
static size_t keep(const struct trnnsf_spike_graph *graph, size_t neuron, size_t limit,
                   uint32_t rule, struct ranked *ranked, struct trnnsf_spike_graph *out,
                   size_t next, double *kept_drive)
{
    size_t first = graph->starts[neuron], count = graph->starts[neuron + 1] - first;

    for (size_t k = 0; k < count; k++)
        ranked[k] = (struct ranked){drive_of(graph, first + k), first + k};
    if (count > limit) {
        if (rule == TRNNSF_SPIKE_TRIM_LEAST) {
            qsort(ranked, count, sizeof *ranked, by_drive);
            qsort(ranked, limit, sizeof *ranked, by_synapse);
        }
        count = limit;
    }
    for (size_t k = 0; k < count; k++, next++) {
        out->sources[next] = graph->sources[ranked[k].synapse];
        out->weights[next] = graph->weights[ranked[k].synapse];
        *kept_drive += ranked[k].drive;
    }
    return next;
}

trnnsf_status trn_spike_graph_trim(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   size_t fan_in, uint32_t rule,
                                   struct trnnsf_spike_graph **out_graph, double *out_synapses,
                                   double *out_drive)
{
    trnnsf_status status;
    size_t n = graph->n, n_all = graph->starts[n], n_kept = 0;
    struct trnnsf_spike_graph *out = NULL;
    struct ranked *ranked = TRN_NEW_ARRAY(ctx, struct ranked, graph->fan_in);
    double drive = 0, kept_drive = 0;

    TRN_NEED_OUT(ranked);
    for (size_t i = 0; i < n; i++) {
        size_t count = trn_spike_fan_in(graph, i);
        n_kept += count < fan_in ? count : fan_in;
    }
    for (size_t s = 0; s < n_all; s++)
        drive += drive_of(graph, s);
    TRN_TRY_OUT(trn_spike_graph_new(ctx, n, n_kept, &out));
    memcpy(out->kinds, graph->kinds, n * sizeof *out->kinds);
    memcpy(out->spikes, graph->spikes, n * sizeof *out->spikes);
    memcpy(out->thresholds, graph->thresholds, n * sizeof *out->thresholds);
    memcpy(out->biases, graph->biases, n * sizeof *out->biases);
    memcpy(out->initials, graph->initials, n * sizeof *out->initials);
    for (size_t i = 0; i < n; i++)
        out->starts[i + 1] = keep(graph, i, fan_in, rule, ranked, out, out->starts[i], &kept_drive);
    TRN_TRY_OUT(trn_spike_graph_finish(ctx, "trnnsf_spike_graph_trim", out));
    if (out_synapses)
        *out_synapses = n_all ? (double)(n_all - n_kept) / (double)n_all : 0;
    if (out_drive)
        *out_drive = drive > 0 && n_kept < n_all ? fmax(0, 1 - kept_drive / drive) : 0;
    *out_graph = out;
    out = NULL;
out:
    trn_spike_graph_free(out);
    trn_free(ctx, ranked);
    return status;
}
