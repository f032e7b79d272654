#include "tiles_metis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tiles {
    size_t n, count;
    const uint32_t *kinds, *sources;
    const size_t *starts;
    uint8_t *reads; /* [n tiles x n neurons] */
    uint32_t *rows, *outputs;
};

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (!memory)
        exit(1);
    return memory;
}

static bool write_graph(const trnnsf_spike_graph *graph, const char *path)
{
    size_t n = trnnsf_spike_graph_neurons(graph), *next = room(n + 2, sizeof *next);
    size_t n_synapses = trnnsf_spike_graph_synapses(graph);
    const size_t *starts = trnnsf_spike_graph_starts(graph);
    const uint32_t *sources = trnnsf_spike_graph_sources(graph);
    const uint32_t *kinds = trnnsf_spike_graph_kinds(graph);
    const double *spikes = trnnsf_spike_graph_spikes(graph);
    uint32_t *readers = room(n_synapses, sizeof *readers);
    FILE *file = fopen(path, "w");

    for (size_t s = 0; s < n_synapses; s++)
        next[sources[s] + 2]++;
    for (size_t i = 0; i < n; i++)
        next[i + 2] += next[i + 1];
    for (size_t i = 0; i < n; i++) {
        for (size_t s = starts[i]; s < starts[i + 1]; s++)
            readers[next[sources[s] + 1]++] = (uint32_t)i;
    }
    if (file)
        fprintf(file, "%zu %zu 011\n", n, n_synapses);
    for (size_t i = 0; file && i < n; i++) {
        fprintf(file, "%d", kinds[i] != TRNNSF_SPIKE_INPUT);
        for (size_t s = starts[i]; s < starts[i + 1]; s++)
            fprintf(file, " %u %.0f", sources[s] + 1, 1 + round(10 * spikes[sources[s]]));
        for (size_t r = next[i]; r < next[i + 1]; r++)
            fprintf(file, " %u %.0f", readers[r] + 1, 1 + round(10 * spikes[i]));
        fprintf(file, "\n");
    }
    free(readers);
    free(next);
    return file && fclose(file) == 0;
}

/* New rows that a tile needs for a neuron. */
static uint32_t fresh(const struct tiles *tiles, size_t tile, size_t neuron)
{
    uint32_t rows = 0;

    for (size_t s = tiles->starts[neuron]; s < tiles->starts[neuron + 1]; s++) {
        uint32_t source = tiles->sources[s];

        rows += tiles->kinds[source] != TRNNSF_SPIKE_SUM && !tiles->reads[tile * tiles->n + source];
    }
    return rows;
}

static bool fits(const struct tiles *tiles, size_t tile, size_t neuron, uint32_t inputs,
                 uint32_t outputs)
{
    return tiles->outputs[tile] < outputs &&
           tiles->rows[tile] + fresh(tiles, tile, neuron) <= inputs;
}

static void put(struct tiles *tiles, size_t tile, size_t neuron)
{
    tiles->rows[tile] += fresh(tiles, tile, neuron);
    tiles->outputs[tile]++;
    for (size_t s = tiles->starts[neuron]; s < tiles->starts[neuron + 1]; s++)
        tiles->reads[tile * tiles->n + tiles->sources[s]] = 1;
}

static void count(const struct tiles *tiles, const size_t *place, const double *spikes,
                  struct tiles_partition *result)
{
    *result = (struct tiles_partition){0};
    for (size_t t = 0; t < tiles->count; t++) {
        result->tiles += tiles->outputs[t] > 0;
        for (size_t i = 0; i < tiles->n; i++) {
            if (!tiles->reads[t * tiles->n + i])
                continue;
            if (tiles->kinds[i] == TRNNSF_SPIKE_INPUT)
                result->in += spikes[i];
            else if (place[i] != t)
                result->between += spikes[i];
        }
    }
}

/* The parts in the file, made to fit. */
static bool read_parts(const trnnsf_spike_graph *graph, const char *path, uint32_t inputs,
                       uint32_t outputs, size_t parts, struct tiles_partition *result)
{
    struct tiles tiles = {.n = trnnsf_spike_graph_neurons(graph),
                          .count = parts,
                          .kinds = trnnsf_spike_graph_kinds(graph),
                          .sources = trnnsf_spike_graph_sources(graph),
                          .starts = trnnsf_spike_graph_starts(graph)};
    FILE *file = fopen(path, "r");
    size_t most = 8 * parts + 64, *place = room(tiles.n, sizeof *place);
    bool done = file != NULL;

    tiles.reads = room(most * tiles.n, 1);
    tiles.rows = room(most, sizeof *tiles.rows);
    tiles.outputs = room(most, sizeof *tiles.outputs);
    for (size_t i = 0; done && i < tiles.n; i++) {
        done = fscanf(file, "%zu", &place[i]) == 1 && place[i] < parts;
        if (!done || tiles.kinds[i] == TRNNSF_SPIKE_INPUT)
            continue;
        if (!fits(&tiles, place[i], i, inputs, outputs)) {
            for (place[i] = 0; place[i] < tiles.count; place[i]++) {
                if (fits(&tiles, place[i], i, inputs, outputs))
                    break;
            }
        }
        if (place[i] == tiles.count && tiles.count++ == most)
            done = false;
        else
            put(&tiles, place[i], i);
    }
    if (done)
        count(&tiles, place, trnnsf_spike_graph_spikes(graph), result);
    if (file)
        fclose(file);
    free(tiles.outputs);
    free(tiles.rows);
    free(tiles.reads);
    free(place);
    return done;
}

bool tiles_metis(const trnnsf_spike_graph *graph, uint32_t inputs, uint32_t outputs, size_t parts,
                 struct tiles_partition *result)
{
    char folder[] = "tiles-metis-XXXXXX", path[64], out[96], command[160];
    bool done = false;

    if (parts < 2 || system("command -v gpmetis > /dev/null") != 0 || !mkdtemp(folder))
        return false;
    snprintf(path, sizeof path, "%s/graph", folder);
    snprintf(out, sizeof out, "%s.part.%zu", path, parts);
    snprintf(command, sizeof command, "gpmetis %s %zu > /dev/null", path, parts);
    if (write_graph(graph, path) && system(command) == 0)
        done = read_parts(graph, out, inputs, outputs, parts, result);
    unlink(out);
    unlink(path);
    rmdir(folder);
    return done;
}
