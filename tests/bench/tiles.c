/* Networks on tiles of 128 x 128 (doc/tiles.md): first fit of what is left when inputs past 128 are
 * dropped, beside decomposed networks under the three rules.
 *
 *     bench-tiles [network [fan_in]]
 *
 * Without fan_in: of several, that with the fewest tiles before any refinement.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/tile.h>

#include "clock.h"
#include "tiles_networks.h"

enum { RULES = 3, PASSES = 20, MANY = 500 };

static const char *const rule_names[RULES] = {"first-fit", "min-comm", "hypergraph"};
static const uint32_t fan_ins[] = {4, 8, 12, 16, 24, 32, 48, 64, 96, 127, 128};
static trnnsf_context *ctx;
static double took; /* the last map's seconds */

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "tiles: %s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static struct trnnsf_tile_counts map_by(const trnnsf_spike_graph *graph, uint32_t rule,
                                        uint32_t passes, struct trnnsf_tile_traffic *out_traffic)
{
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    struct trnnsf_tile_counts counts = {.struct_size = sizeof counts};
    trnnsf_tile_map *map = NULL;

    options.rule = rule;
    options.passes = passes;
    options.steps = STEPS;
    took = seconds();
    check(trnnsf_tile_map_create(ctx, graph, &options, &map));
    took = seconds() - took;
    check(trnnsf_tile_map_check(ctx, map, graph));
    check(trnnsf_tile_map_counts(ctx, map, &counts));
    if (out_traffic) {
        struct trnnsf_tile_placement_options mesh = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
        trnnsf_tile_placement *placement = NULL;

        mesh.moves = counts.tiles > MANY ? 20 : mesh.moves;
        check(trnnsf_tile_placement_create(ctx, map, &mesh, &placement));
        check(trnnsf_tile_placement_traffic(ctx, placement, out_traffic));
        trnnsf_tile_placement_free(placement);
    }
    trnnsf_tile_map_free(map);
    return counts;
}

static trnnsf_spike_graph *decompose(const trnnsf_spike_graph *graph, uint32_t fan_in,
                                     uint32_t rule, uint32_t form)
{
    struct trnnsf_decompose_options options = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *units = NULL;

    options.fan_in = fan_in;
    options.rule = rule;
    options.form = form;
    options.steps = STEPS;
    check(trnnsf_spike_graph_decompose(ctx, graph, &options, 0, NULL, &units));
    return units;
}

static void print(const char *name, const trnnsf_spike_graph *graph, uint32_t rule)
{
    struct trnnsf_tile_traffic traffic = {.struct_size = sizeof traffic};
    struct trnnsf_tile_counts counts = map_by(graph, rule, PASSES, &traffic);

    printf(
        "  %-22s %-10s %5llu tiles, neurons %5.1f %%, rows %5.1f %%, synapses %6.3f %%, idle "
        "%8.3g nJ, driven %8.3g nJ, in %8.0f, between %8.0f, hops %9.0f, NoC %8.3g nJ, depth "
        "%llu, %.1f s\n",
        name, rule_names[rule], (unsigned long long)counts.tiles, 100 * counts.neuron_utilisation,
        100 * counts.row_utilisation, 100 * counts.synapse_utilisation, 1e9 * counts.idle_joule,
        1e9 * counts.driven_joule, counts.packets_in, counts.packets_between, traffic.hops,
        1e9 * (traffic.router_joule + traffic.link_joule), (unsigned long long)counts.depth, took);
    fflush(stdout);
}

/* The fan-in with the fewest tiles. */
static uint32_t choose(const trnnsf_spike_graph *graph, uint32_t rule, uint32_t form)
{
    uint32_t best = 0;
    uint64_t least = UINT64_MAX;

    for (size_t k = 0; k < sizeof fan_ins / sizeof fan_ins[0]; k++) {
        trnnsf_spike_graph *units = decompose(graph, fan_ins[k], rule, form);

        uint64_t tiles = map_by(units, TRNNSF_TILE_HYPERGRAPH, 0, NULL).tiles;

        if (tiles < least) {
            least = tiles;
            best = fan_ins[k];
        }
        trnnsf_spike_graph_free(units);
    }
    return best;
}

static void run(const struct named_network *network, uint32_t fan_in)
{
    trnnsf_spike_graph *graph = network->make(ctx), *less = NULL;
    double synapses, drive;

    check(
        trnnsf_spike_graph_trim(ctx, graph, 128, TRNNSF_SPIKE_TRIM_LAST, &less, &synapses, &drive));
    printf("%s: %s; %zu neurons, %zu synapses, fan-in %zu; dropped %.1f %% of synapses, %.1f %% of "
           "drive\n",
           network->name, network->text,
           trnnsf_spike_graph_neurons(graph) - trnnsf_spike_graph_inputs(graph),
           trnnsf_spike_graph_synapses(graph), trnnsf_spike_graph_fan_in(graph), 100 * synapses,
           100 * drive);
    for (uint32_t rule = 0; rule < RULES; rule++)
        print("dropped", less, rule);
    trnnsf_spike_graph_free(less);
    for (uint32_t kind = 0; kind < 2; kind++) {
        uint32_t form = kind == 0 ? TRNNSF_DECOMPOSE_TREE : TRNNSF_DECOMPOSE_CHAIN;
        uint32_t f = fan_in ? fan_in : choose(graph, kind, form);
        trnnsf_spike_graph *units = decompose(graph, f, kind, form);
        char name[32];

        snprintf(name, sizeof name, "%s F = %u", kind == 0 ? "sums" : "spiking", f);
        for (uint32_t rule = 0; rule < RULES; rule++)
            print(name, units, rule);
        trnnsf_spike_graph_free(units);
    }
    trnnsf_spike_graph_free(graph);
}

int main(int argc, char **argv)
{
    check(trnnsf_context_create(NULL, &ctx));
    for (size_t k = 0; k < n_networks; k++) {
        if (argc < 2 || strcmp(argv[1], networks[k].name) == 0)
            run(&networks[k], argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0);
    }
    trnnsf_context_free(ctx);
    return 0;
}
