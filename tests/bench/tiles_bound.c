#include "tiles_bound.h"

#include <stdbool.h>
#include <stdlib.h>

enum { READERS = 64 }; /* of a source that are compared with each other: any of them give a bound */

struct bound {
    size_t n;
    const uint32_t *kinds, *sources;
    const size_t *starts;
    uint32_t inputs;
    size_t *reader_starts;
    uint32_t *readers;
    uint32_t *mark; /* [n] who read it last, plus 1 */
};

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (!memory)
        exit(1);
    return memory;
}

static size_t mark(const struct bound *bound, uint32_t neuron)
{
    size_t rows = 0;

    for (size_t s = bound->starts[neuron]; s < bound->starts[neuron + 1]; s++) {
        bound->mark[bound->sources[s]] = neuron + 1;
        rows += bound->kinds[bound->sources[s]] != TRNNSF_SPIKE_SUM;
    }
    return rows;
}

/* Whether two neurons, the first one marked with so many rows, fit one tile. */
static bool fit(const struct bound *bound, uint32_t marked, size_t rows, uint32_t other)
{
    for (size_t s = bound->starts[other]; s < bound->starts[other + 1]; s++) {
        uint32_t source = bound->sources[s];

        rows += bound->kinds[source] != TRNNSF_SPIKE_SUM && bound->mark[source] != marked + 1;
    }
    return rows <= bound->inputs;
}

static size_t tiles_of(const struct bound *bound, uint32_t source, uint32_t outputs)
{
    size_t first = bound->reader_starts[source], end = bound->reader_starts[source + 1];
    size_t full = (end - first + outputs - 1) / outputs, apart = 0;
    uint32_t chosen[READERS];

    for (size_t r = first; r < end && r < first + READERS; r++) {
        size_t rows = mark(bound, bound->readers[r]), k = 0;

        while (k < apart && !fit(bound, bound->readers[r], rows, chosen[k]))
            k++;
        if (k == apart)
            chosen[apart++] = bound->readers[r];
    }
    return full > apart ? full : apart;
}

static bool may_be_near(const struct bound *bound, uint32_t source)
{
    size_t rows = mark(bound, source);

    for (size_t r = bound->reader_starts[source]; r < bound->reader_starts[source + 1]; r++) {
        if (fit(bound, source, rows, bound->readers[r]))
            return true;
    }
    return false;
}

static void list_readers(struct bound *bound)
{
    size_t *next = room(bound->n + 1, sizeof *next);

    bound->reader_starts = room(bound->n + 1, sizeof *bound->reader_starts);
    bound->readers = room(bound->starts[bound->n], sizeof *bound->readers);
    for (size_t s = 0; s < bound->starts[bound->n]; s++)
        bound->reader_starts[bound->sources[s] + 1]++;
    for (size_t i = 0; i < bound->n; i++) {
        bound->reader_starts[i + 1] += bound->reader_starts[i];
        next[i] = bound->reader_starts[i];
    }
    for (uint32_t i = 0; i < bound->n; i++) {
        for (size_t s = bound->starts[i]; s < bound->starts[i + 1]; s++)
            bound->readers[next[bound->sources[s]]++] = i;
    }
    free(next);
}

double tiles_bound(const trnnsf_spike_graph *graph, uint32_t inputs, uint32_t outputs)
{
    struct bound bound = {.n = trnnsf_spike_graph_neurons(graph),
                          .kinds = trnnsf_spike_graph_kinds(graph),
                          .sources = trnnsf_spike_graph_sources(graph),
                          .starts = trnnsf_spike_graph_starts(graph),
                          .inputs = inputs};
    const double *spikes = trnnsf_spike_graph_spikes(graph);
    double sum = 0;

    list_readers(&bound);
    bound.mark = room(bound.n, sizeof *bound.mark);
    for (uint32_t i = 0; i < bound.n; i++) {
        size_t tiles;

        if (bound.reader_starts[i + 1] == bound.reader_starts[i] || !(spikes[i] > 0))
            continue;
        tiles = tiles_of(&bound, i, outputs);
        if (bound.kinds[i] != TRNNSF_SPIKE_INPUT && may_be_near(&bound, i))
            tiles--;
        sum += spikes[i] * (double)tiles;
    }
    free(bound.mark);
    free(bound.readers);
    free(bound.reader_starts);
    return sum;
}
