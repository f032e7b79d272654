#include "tile/cut.h"

#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "tile/groups.h"

trnnsf_status trn_cut_create(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                             const struct trnnsf_decompose_options *options, struct trn_cut *cut)
{
    trnnsf_status status = TRNNSF_OK;
    /* A chain's link is one of the F. */
    size_t size = options->fan_in - (options->form == TRNNSF_DECOMPOSE_CHAIN);

    cut->graph = graph;
    cut->whole = options->whole < options->fan_in ? options->whole : options->fan_in;
    TRN_NEED_OUT(cut->groups = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_NEED_OUT(cut->place = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_NEED_OUT(cut->segments = TRN_NEW_ARRAY(ctx, struct trn_segment, graph->fan_in));
    TRN_NEED_OUT(cut->synapses = TRN_NEW_ARRAY(ctx, size_t, graph->fan_in));
    memset(cut->place, 0xff, graph->n * sizeof *cut->place);
    if (options->cut == TRNNSF_DECOMPOSE_BUSY)
        TRN_TRY_OUT(trn_tile_busy_groups(ctx, graph, size, cut->whole, cut->groups));
    else
        TRN_TRY_OUT(trn_tile_groups(ctx, graph, size, cut->whole, cut->groups));
out:
    return status;
}

void trn_cut_clear(trnnsf_context *ctx, struct trn_cut *cut)
{
    trn_free(ctx, cut->synapses);
    trn_free(ctx, cut->segments);
    trn_free(ctx, cut->place);
    trn_free(ctx, cut->groups);
    *cut = (struct trn_cut){0};
}

static int by_drive(const void *a, const void *b)
{
    const struct trn_segment *x = a, *y = b;

    if (x->drive > y->drive || x->drive < y->drive)
        return x->drive > y->drive ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static int by_count(const void *a, const void *b)
{
    const struct trn_segment *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static int by_group(const void *a, const void *b)
{
    const struct trn_segment *x = a, *y = b;

    return (x->group < y->group) - (x->group > y->group);
}

/* A whole neuron has one segment, whatever it reads. */
static uint32_t group_of(const struct trn_cut *cut, size_t neuron, size_t synapse)
{
    return trn_spike_fan_in(cut->graph, neuron) <= cut->whole
               ? 0
               : cut->groups[cut->graph->sources[synapse]];
}

static void count_segments(struct trn_cut *cut, size_t neuron)
{
    const struct trnnsf_spike_graph *graph = cut->graph;

    cut->n_segments = 0;
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        uint32_t source = graph->sources[s], group = group_of(cut, neuron, s);

        if (cut->place[group] == TRNNSF_NO_TILE) {
            cut->place[group] = (uint32_t)cut->n_segments;
            cut->segments[cut->n_segments++] = (struct trn_segment){.group = group};
        }
        struct trn_segment *segment = &cut->segments[cut->place[group]];
        segment->count++;
        segment->drive += (double)graph->weights[s] * graph->spikes[source];
    }
}

void trn_cut_neuron(struct trn_cut *cut, size_t neuron, enum trn_segment_order order)
{
    static int (*const compare[])(const void *, const void *) = {by_drive, by_count, by_group};
    const struct trnnsf_spike_graph *graph = cut->graph;
    size_t next = 0;

    count_segments(cut, neuron);
    qsort(cut->segments, cut->n_segments, sizeof *cut->segments, compare[order]);
    for (size_t k = 0; k < cut->n_segments; k++) {
        struct trn_segment *segment = &cut->segments[k];

        cut->place[segment->group] = (uint32_t)k;
        segment->first = next;
        next += segment->count;
        segment->count = 0;
    }
    for (size_t s = graph->starts[neuron]; s < graph->starts[neuron + 1]; s++) {
        struct trn_segment *segment = &cut->segments[cut->place[group_of(cut, neuron, s)]];

        cut->synapses[segment->first + segment->count++] = s;
    }
    for (size_t k = 0; k < cut->n_segments; k++)
        cut->place[cut->segments[k].group] = TRNNSF_NO_TILE;
}
