/* Tiles as a table, as JSON and as a heat map. */
#include <math.h>
#include <stdlib.h>

#include "tiles.h"

static const char *cut_of(const struct tiles *tiles)
{
    if (tiles->drops)
        return "off";
    static const char *const names[][2] = {
        {"own", "own"}, {"shared", "shared-whole"}, {"busy", "busy-whole"}};

    return names[tiles->decompose.cut][tiles->decompose.whole > 0];
}

static double mesh_joule(const struct tiles *tiles)
{
    return tiles->traffic.router_joule + tiles->traffic.link_joule;
}

void tiles_print(const struct tiles *tiles)
{
    const struct trnnsf_tile_counts *counts = &tiles->counts;
    const struct trnnsf_tile_traffic *traffic = &tiles->traffic;

    printf("%-12s%llu of %ux%u, utilisation %.1f %% of neurons, %.1f %% of rows, %.2f %% of "
           "cross-points\n",
           "tiles", (unsigned long long)counts->tiles, tiles->options.inputs,
           tiles->options.outputs, 100 * counts->neuron_utilisation, 100 * counts->row_utilisation,
           100 * counts->synapse_utilisation);
    if (tiles->drops)
        printf("%-12soff, %.2f %% of the synapses dropped", "", 100 * tiles->dropped);
    else
        printf("%-12sunits of %u synapses, cuts %s", "", tiles->decompose.fan_in, cut_of(tiles));
    printf(", depth %llu, accuracy %.2f %%\n", (unsigned long long)counts->depth,
           100 * tiles->accuracy);
    printf("%-12s%.1f from outside, %.1f between tiles, %.1f within, an inference\n", "packets",
           counts->packets_in, counts->packets_between, counts->packets_local);
    printf("%-12s%llux%llu, %.4g nJ, %.2f hops a packet, %llu at most: %.3g ns; busiest link "
           "%.1f packets: %.4g us\n",
           "mesh", (unsigned long long)traffic->width, (unsigned long long)traffic->height,
           1e9 * mesh_joule(tiles), traffic->packets > 0 ? traffic->hops / traffic->packets : 0,
           (unsigned long long)traffic->most_hops, 1e9 * traffic->latency_second,
           traffic->busiest_link, 1e6 * traffic->busy_second);
    printf("%-12s%.4g nJ in cross-points without a synapse, read at each step, %.4g nJ in rows "
           "that spike\n",
           "wasted", 1e9 * counts->idle_joule, 1e9 * counts->driven_joule);
}

void tiles_write(FILE *stream, const struct tiles *tiles)
{
    const struct trnnsf_tile_counts *counts = &tiles->counts;
    const struct trnnsf_tile_traffic *traffic = &tiles->traffic;
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"total", (double)counts->tiles},
                   {"inputs", tiles->options.inputs},
                   {"outputs", tiles->options.outputs},
                   {"fan_in", tiles->drops ? (double)NAN : tiles->decompose.fan_in},
                   {"dropped", tiles->dropped},
                   {"accuracy", tiles->accuracy},
                   {"depth", (double)counts->depth},
                   {"neuron_utilisation", counts->neuron_utilisation},
                   {"row_utilisation", counts->row_utilisation},
                   {"synapse_utilisation", counts->synapse_utilisation},
                   {"packets_in", counts->packets_in},
                   {"packets_between", counts->packets_between},
                   {"packets_local", counts->packets_local},
                   {"idle_j", counts->idle_joule},
                   {"driven_j", counts->driven_joule},
                   {"mesh_width", (double)traffic->width},
                   {"mesh_height", (double)traffic->height},
                   {"mesh_j", mesh_joule(tiles)},
                   {"hops", traffic->hops},
                   {"most_hops", (double)traffic->most_hops},
                   {"latency_s", traffic->latency_second},
                   {"busiest_link", traffic->busiest_link},
                   {"busy_s", traffic->busy_second}};

    fprintf(stream, "  \"tiles\": {\"cut\": \"%s\"", cut_of(tiles));
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        fprintf(stream, ", ");
        program_put_number(stream, numbers[k].key, numbers[k].value);
    }
    fprintf(stream, "},\n");
}

/* Router (x, y) is cell (2x, 2y); the link to a neighbour, both ways together, is between them. */
static void fill(const struct tiles *tiles, size_t width, size_t height, double *cells)
{
    enum { EAST, WEST, SOUTH, NORTH };
    const double *routers = trnnsf_tile_placement_routers(tiles->placement);
    const double *links = trnnsf_tile_placement_links(tiles->placement);
    size_t columns = 2 * width - 1;

    for (size_t k = 0; k < columns * (2 * height - 1); k++)
        cells[k] = (double)NAN;
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++) {
            double *cell = cells + 2 * y * columns + 2 * x;
            const double *own = links + 4 * (y * width + x);

            *cell = routers[y * width + x];
            if (x + 1 < width)
                cell[1] = own[EAST] + own[4 + WEST];
            if (y + 1 < height)
                cell[columns] = own[SOUTH] + own[4 * width + NORTH];
        }
    }
}

trnnsf_status tiles_draw(const struct tiles *tiles, trnnsf_context *context, trnnsf_plot *plot)
{
    struct trnnsf_plot_map_options options = TRNNSF_PLOT_MAP_OPTIONS_INIT;
    size_t width = (size_t)tiles->traffic.width, height = (size_t)tiles->traffic.height;
    double *cells = malloc((2 * width - 1) * (2 * height - 1) * sizeof *cells);
    trnnsf_status status;

    if (!cells)
        return TRNNSF_E_NO_MEMORY;
    fill(tiles, width, height, cells);
    options.title = "packets through routers and over links";
    options.x_label = "x: routers, links between them";
    options.y_label = "y";
    options.value_label = "packets an inference";
    status = trnnsf_plot_map(context, plot, 2 * height - 1, 2 * width - 1, cells, &options);
    free(cells);
    return status;
}
