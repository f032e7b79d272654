#include "tile/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/context.h"

struct growth {
    const struct trnnsf_spike_graph *graph;
    size_t *starts; /* of the readers */
    uint32_t *readers;
    uint32_t *groups;
    uint32_t *shared;     /* [n] readers of a source that the growing group has */
    uint32_t *candidates; /* [n] sources that share some and are in no group */
    size_t n_candidates;
    uint32_t *reader_group; /* [n] the last group that each reads, plus 1 */
};

static size_t fan_out(const struct growth *growth, uint32_t source)
{
    return growth->starts[source + 1] - growth->starts[source];
}

static void take(struct growth *growth, uint32_t source, uint32_t group)
{
    const struct trnnsf_spike_graph *graph = growth->graph;

    growth->groups[source] = group;
    for (size_t r = growth->starts[source]; r < growth->starts[source + 1]; r++) {
        uint32_t reader = growth->readers[r];

        if (growth->reader_group[reader] == group + 1)
            continue;
        growth->reader_group[reader] = group + 1;
        for (size_t s = graph->starts[reader]; s < graph->starts[reader + 1]; s++) {
            uint32_t other = graph->sources[s];

            if (growth->groups[other] != TRNNSF_NO_TILE)
                continue;
            if (growth->shared[other]++ == 0)
                growth->candidates[growth->n_candidates++] = other;
        }
    }
}

/* The candidate that adds fewest readers; of equal ones that which shares most, then the lowest. */
static uint32_t choose(struct growth *growth)
{
    uint32_t best = TRNNSF_NO_TILE;
    size_t least = SIZE_MAX, kept = 0;

    for (size_t k = 0; k < growth->n_candidates; k++) {
        uint32_t source = growth->candidates[k];
        size_t fresh = fan_out(growth, source) - growth->shared[source];

        if (growth->groups[source] != TRNNSF_NO_TILE)
            continue;
        growth->candidates[kept++] = source;
        if (best == TRNNSF_NO_TILE || fresh < least ||
            (fresh == least &&
             (growth->shared[source] > growth->shared[best] ||
              (growth->shared[source] == growth->shared[best] && source < best)))) {
            best = source;
            least = fresh;
        }
    }
    growth->n_candidates = kept;
    return best;
}

static trnnsf_status grow_all(trnnsf_context *ctx, struct growth *growth, size_t size)
{
    uint32_t group = 0;

    for (uint32_t first = 0; first < growth->graph->n; first++) {
        if (growth->groups[first] != TRNNSF_NO_TILE || fan_out(growth, first) == 0)
            continue;
        TRN_TRY(trn_cancelled(ctx, "decomposition"));
        uint32_t source = first;
        for (size_t count = 0; count < size && source != TRNNSF_NO_TILE; count++) {
            take(growth, source, group);
            source = choose(growth);
        }
        for (size_t k = 0; k < growth->n_candidates; k++)
            growth->shared[growth->candidates[k]] = 0;
        growth->n_candidates = 0;
        group++;
    }
    return TRNNSF_OK;
}

/* Readers that are cut, in the same arrays. */
static void drop_whole(struct growth *growth, size_t whole)
{
    size_t kept = 0, first = 0;

    for (size_t i = 0; i < growth->graph->n; i++) {
        size_t end = growth->starts[i + 1];

        for (size_t r = first; r < end; r++) {
            if (trn_spike_fan_in(growth->graph, growth->readers[r]) > whole)
                growth->readers[kept++] = growth->readers[r];
        }
        first = end;
        growth->starts[i + 1] = kept;
    }
}

trnnsf_status trn_tile_groups(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                              size_t size, size_t whole, uint32_t *groups)
{
    trnnsf_status status = TRNNSF_OK;
    struct growth growth = {.graph = graph, .groups = groups};

    memset(groups, 0xff, graph->n * sizeof *groups);
    TRN_NEED_OUT(growth.shared = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_NEED_OUT(growth.candidates = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_NEED_OUT(growth.reader_group = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_TRY_OUT(trn_spike_graph_readers(ctx, graph, &growth.starts, &growth.readers));
    drop_whole(&growth, whole);
    TRN_TRY_OUT(grow_all(ctx, &growth, size));
out:
    trn_free(ctx, growth.readers);
    trn_free(ctx, growth.starts);
    trn_free(ctx, growth.reader_group);
    trn_free(ctx, growth.candidates);
    trn_free(ctx, growth.shared);
    return status;
}

struct busy {
    uint32_t source, depth;
    bool is_read;
    double spikes;
};

static int by_depth_and_spikes(const void *a, const void *b)
{
    const struct busy *x = a, *y = b;

    if (x->is_read != y->is_read)
        return x->is_read ? -1 : 1;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    if (x->spikes < y->spikes || x->spikes > y->spikes)
        return x->spikes > y->spikes ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

/* Units on the longest path to each, in the order of spikes' way, and who is read by neurons that
 * are cut. */
static void find_depths(const struct trnnsf_spike_graph *graph, size_t whole, struct busy *all)
{
    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];

        all[i] = (struct busy){.source = i, .spikes = graph->spikes[i]};
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++) {
            struct busy *source = &all[graph->sources[s]];

            source->is_read |= trn_spike_fan_in(graph, i) > whole;
            all[i].depth = source->depth + 1 > all[i].depth ? source->depth + 1 : all[i].depth;
        }
    }
}

trnnsf_status trn_tile_busy_groups(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                   size_t size, size_t whole, uint32_t *groups)
{
    struct busy *all = TRN_NEW_ARRAY(ctx, struct busy, graph->n);
    uint32_t group = 0;
    size_t count = 0;

    if (!all)
        return TRN_NO_MEMORY;
    find_depths(graph, whole, all);
    qsort(all, graph->n, sizeof *all, by_depth_and_spikes);
    memset(groups, 0xff, graph->n * sizeof *groups);
    for (size_t k = 0; k < graph->n && all[k].is_read; k++, count++) {
        if (count == size || (k > 0 && all[k].depth != all[k - 1].depth)) {
            count = 0;
            group++;
        }
        groups[all[k].source] = group;
    }
    trn_free(ctx, all);
    return TRNNSF_OK;
}
