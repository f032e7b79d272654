/* Spiking networks on tiles. */
#include "makes.h"

enum { SOURCES = 10, READERS = 14, ALL = SOURCES + READERS, FAN_IN = 7, STEPS = 6 };

static struct {
    uint32_t kinds[ALL];
    size_t starts[ALL + 1];
    uint32_t sources[READERS * FAN_IN];
    float weights[READERS * FAN_IN];
    double spikes[ALL];
} parts;

static void fill(void)
{
    for (size_t i = 0; i < ALL; i++) {
        size_t start = i < SOURCES ? 0 : (i - SOURCES) * FAN_IN;

        parts.kinds[i] = i >= SOURCES;
        parts.spikes[i] = (double)(i * 7 % 5);
        parts.starts[i + 1] = i < SOURCES ? 0 : start + FAN_IN;
        for (size_t k = 0; k < FAN_IN && i >= SOURCES; k++) {
            parts.sources[start + k] = (uint32_t)((i * 3 + k) % (k % 2 ? SOURCES : i));
            parts.weights[start + k] = 0.5F;
        }
        for (size_t k = 1; k < FAN_IN && i >= SOURCES; k++) {
            for (size_t j = 0; j < k; j++) {
                if (parts.sources[start + j] == parts.sources[start + k]) {
                    parts.sources[start + k] = (parts.sources[start + k] + 1) % (uint32_t)i;
                    j = SIZE_MAX; /* from the first again */
                }
            }
        }
    }
}

static trnnsf_status make(struct stage *s, trnnsf_spike_graph **out)
{
    fill();
    return trnnsf_spike_graph_create(s->ctx, ALL, parts.kinds, parts.starts, parts.sources,
                                     parts.weights, parts.spikes, NULL, NULL, out);
}

static const double *network_spikes(void)
{
    static double spikes[INPUTS + HIDDEN + CLASSES];

    for (size_t i = 0; i < sizeof spikes / sizeof spikes[0]; i++)
        spikes[i] = (double)(i % 4);
    return spikes;
}

MAKES(create, spike_graph, make(s, &out))
MAKES(of_network, spike_graph,
      trnnsf_spike_graph_of_network(s->ctx, s->network, network_spikes(), NULL, &out))

/* Decomposed or trimmed, simulated, mapped, checked and placed. */
static trnnsf_status all(struct stage *s, uint32_t rule, uint32_t kind)
{
    struct trnnsf_decompose_options units = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    struct trnnsf_tile_map_options tiles = TRNNSF_TILE_MAP_OPTIONS_INIT;
    struct trnnsf_tile_placement_options mesh = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
    struct trnnsf_tile_traffic traffic = {.struct_size = sizeof traffic};
    uint8_t input[STEPS * SOURCES] = {1, 0, 1, 1}, raster[STEPS * 10 * ALL];
    uint32_t counts[10 * ALL];
    trnnsf_spike_graph *graph = NULL, *split = NULL;
    trnnsf_tile_map *map = NULL;
    trnnsf_tile_placement *placement = NULL;
    trnnsf_status status = make(s, &graph);

    units.fan_in = 3;
    units.rule = kind;
    units.steps = STEPS;
    tiles.inputs = tiles.outputs = 6;
    tiles.rule = rule;
    tiles.passes = 2;
    mesh.moves = 3;
    if (status == TRNNSF_OK)
        status = rule == TRNNSF_TILE_FIRST_FIT
                     ? trnnsf_spike_graph_trim(s->ctx, graph, 5, kind, &split, NULL, NULL)
                     : trnnsf_spike_graph_decompose(s->ctx, graph, &units, 0, NULL, &split);
    if (status == TRNNSF_OK)
        status = trnnsf_spike_graph_simulate(s->ctx, split, STEPS, input, counts, raster);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_map_create(s->ctx, split, &tiles, &map);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_map_check(s->ctx, map, split);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_placement_create(s->ctx, map, &mesh, &placement);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_placement_traffic(s->ctx, placement, &traffic);
    s->result = traffic.hops;
    trnnsf_tile_placement_free(placement);
    trnnsf_tile_map_free(map);
    trnnsf_spike_graph_free(split);
    trnnsf_spike_graph_free(graph);
    return status;
}

static trnnsf_status trimmed(struct stage *s)
{
    return all(s, TRNNSF_TILE_FIRST_FIT, TRNNSF_SPIKE_TRIM_LEAST);
}

static trnnsf_status exact(struct stage *s)
{
    return all(s, TRNNSF_TILE_HYPERGRAPH, TRNNSF_DECOMPOSE_EXACT);
}

static trnnsf_status spiking(struct stage *s)
{
    return all(s, TRNNSF_TILE_MIN_COMMUNICATION, TRNNSF_DECOMPOSE_SPIKING);
}

const struct scene tile_scenes[] = {
    {"spike_graph_create", 0, create, NULL, NULL},
    {"spike_graph_of_network", NEED_NETWORK, of_network, NULL, NULL},
    {"tiles trimmed", 0, trimmed, NULL, NULL},
    {"tiles exact", 0, exact, NULL, NULL},
    {"tiles spiking", 0, spiking, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
