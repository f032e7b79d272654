#include "tiles.h"

#include <stdlib.h>
#include <string.h>

enum { CALIBRATION = 50, MANY_TILES = 500, FEW_MOVES = 20 };

struct tiles tiles_init(void)
{
    struct tiles tiles = {.decompose = TRNNSF_DECOMPOSE_OPTIONS_INIT,
                          .options = TRNNSF_TILE_MAP_OPTIONS_INIT,
                          .mesh = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT,
                          .counts = {.struct_size = sizeof tiles.counts},
                          .traffic = {.struct_size = sizeof tiles.traffic}};

    tiles.decompose.form = TRNNSF_DECOMPOSE_TREE;
    tiles.decompose.order = TRNNSF_DECOMPOSE_SIGNED;
    tiles.decompose.cut = TRNNSF_DECOMPOSE_SHARED;
    tiles.options.rule = TRNNSF_TILE_COMPACT;
    return tiles;
}

void tiles_free(struct tiles *tiles)
{
    trnnsf_tile_placement_free(tiles->placement);
    trnnsf_tile_map_free(tiles->map);
    trnnsf_spike_graph_free(tiles->graph);
}

/* Two whole numbers with an x between them. */
static bool sides(const char *value, uint32_t *first, uint32_t *second)
{
    char text[32];
    char *x;
    uint64_t a, b;

    if (strlen(value) >= sizeof text)
        return false;
    strcpy(text, value);
    x = strchr(text, 'x');
    if (!x)
        return false;
    *x = '\0';
    if (!options_whole(text, 1, UINT16_MAX, &a) || !options_whole(x + 1, 1, UINT16_MAX, &b))
        return false;
    *first = (uint32_t)a;
    *second = (uint32_t)b;
    return true;
}

static int take_tiles(const struct usage *usage, struct tiles *tiles, const char *value)
{
    tiles->given = value;
    if (strcmp(value, "dynap-se") == 0 || strcmp(value, "resparc") == 0 ||
        sides(value, &tiles->options.inputs, &tiles->options.outputs))
        return EXIT_GO_ON;
    return options_error(usage, "--tiles %s: expected RxC, each in [1, 65535], dynap-se or resparc",
                         value);
}

static int take_fan_in(const struct usage *usage, struct tiles *tiles, const char *value)
{
    uint64_t fan_in;

    tiles->drops = strcmp(value, "off") == 0;
    tiles->is_fixed = !tiles->drops && strcmp(value, "auto") != 0;
    if (!tiles->is_fixed)
        return EXIT_GO_ON;
    if (!options_whole(value, 2, INT32_MAX, &fan_in))
        return options_error(
            usage, "--decompose %s: expected auto, off or a number in [2, 2^31 - 1]", value);
    tiles->decompose.fan_in = (uint32_t)fan_in;
    return EXIT_GO_ON;
}

int tiles_option(const struct usage *usage, struct tiles *tiles, int key, const char *value)
{
    uint32_t place;
    int result;

    switch (key) {
    case OPTION_TILES:
        return take_tiles(usage, tiles, value);
    case OPTION_DECOMPOSE:
        return take_fan_in(usage, tiles, value);
    case OPTION_CUT:
        result = options_take_word(usage, "cut", value, "own|shared|busy|shared-whole|busy-whole",
                                   &place);
        if (result == EXIT_GO_ON) {
            tiles->decompose.cut = place > 2 ? place - 2 : place;
            tiles->decompose.whole = place > 2 ? UINT32_MAX : 0;
        }
        return result;
    case OPTION_FORM:
        return options_take_word(usage, "form", value, "chain|tree", &tiles->decompose.form);
    case OPTION_UNITS:
        return options_take_word(usage, "units", value, "sums|spiking", &tiles->decompose.rule);
    case OPTION_MAPPER:
        result = options_take_word(usage, "mapper", value,
                                   "first-fit|min-communication|hypergraph|compact", &place);
        if (result == EXIT_GO_ON)
            tiles->options.rule = place;
        return result;
    case OPTION_MESH:
        if (sides(value, &tiles->mesh.width, &tiles->mesh.height))
            return EXIT_GO_ON;
        return options_error(usage, "--mesh %s: expected WxH, each in [1, 65535]", value);
    default:
        return OPTION_NONE;
    }
}

/* Spikes of single training samples, by which units that spike are scaled and sums' traffic is
 * foreseen. */
static trnnsf_status calibrate(trnnsf_context *context, const trnnsf_spiking *spiking,
                               const trnnsf_spike_graph *graph, const trnnsf_dataset *dataset,
                               const struct trnnsf_spike_run_options *run, size_t *out_count,
                               double **out_samples)
{
    size_t n = trnnsf_spike_graph_neurons(graph), features = trnnsf_dataset_features(dataset);
    size_t count = trnnsf_dataset_samples(dataset, TRNNSF_PART_TRAIN);
    const float *inputs = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    trnnsf_status status = TRNNSF_OK;

    count = count < CALIBRATION ? count : CALIBRATION;
    double *samples = calloc(count * n + 1, sizeof *samples);
    for (size_t s = 0; samples && status == TRNNSF_OK && s < count; s++)
        status = trnnsf_spiking_graph_run(context, spiking, graph, 1, inputs + s * features, run,
                                          NULL, NULL, samples + s * n);
    *out_count = count;
    *out_samples = samples;
    return samples ? status : TRNNSF_E_NO_MEMORY;
}

/* The graph of units, and the map where it comes with their choice. */
static trnnsf_status divide(struct tiles *tiles, trnnsf_context *context,
                            const trnnsf_spiking *spiking, const trnnsf_spike_graph *whole,
                            const trnnsf_dataset *dataset,
                            const struct trnnsf_spike_run_options *run)
{
    struct trnnsf_decompose_options chosen = {.struct_size = sizeof chosen};
    double *samples = NULL;
    size_t n_samples = 0;
    trnnsf_status status = TRNNSF_OK;

    if (tiles->drops)
        return trnnsf_spike_graph_trim(context, whole, tiles->options.inputs,
                                       TRNNSF_SPIKE_TRIM_LAST, &tiles->graph, &tiles->dropped,
                                       NULL);
    if (tiles->decompose.rule == TRNNSF_DECOMPOSE_SPIKING || !tiles->is_fixed)
        status = calibrate(context, spiking, whole, dataset, run, &n_samples, &samples);
    if (status == TRNNSF_OK && tiles->is_fixed)
        status = trnnsf_spike_graph_decompose(context, whole, &tiles->decompose, n_samples, samples,
                                              &tiles->graph);
    else if (status == TRNNSF_OK)
        status = trnnsf_tile_fit(context, whole, &tiles->decompose, n_samples, samples,
                                 &tiles->options, &chosen, &tiles->graph, &tiles->map);
    if (status == TRNNSF_OK && !tiles->is_fixed)
        tiles->decompose = chosen;
    free(samples);
    return status;
}

/* Accuracy, and the spikes of the units as they were met. */
static trnnsf_status measure(struct tiles *tiles, trnnsf_context *context,
                             const trnnsf_spiking *spiking, const trnnsf_dataset *dataset,
                             const struct trnnsf_spike_run_options *run)
{
    size_t n = trnnsf_dataset_samples(dataset, TRNNSF_PART_TEST), right = 0;
    const uint32_t *labels = trnnsf_dataset_labels(dataset, TRNNSF_PART_TEST);
    uint32_t *classes = malloc(n * sizeof *classes);
    double *spikes = malloc(trnnsf_spike_graph_neurons(tiles->graph) * sizeof *spikes);
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    if (classes && spikes)
        status = trnnsf_spiking_graph_run(context, spiking, tiles->graph, n,
                                          trnnsf_dataset_values(dataset, TRNNSF_PART_TEST), run,
                                          classes, NULL, spikes);
    for (size_t s = 0; status == TRNNSF_OK && s < n; s++)
        right += classes[s] == labels[s];
    tiles->accuracy = (double)right / (double)n;
    if (status == TRNNSF_OK)
        status = trnnsf_spike_graph_set_spikes(context, tiles->graph, spikes);
    free(spikes);
    free(classes);
    return status;
}

static trnnsf_status place(struct tiles *tiles, trnnsf_context *context)
{
    trnnsf_status status;

    trnnsf_tile_map_free(tiles->map); /* chosen before the units' spikes were known */
    tiles->map = NULL;
    status = trnnsf_tile_map_create(context, tiles->graph, &tiles->options, &tiles->map);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_map_counts(context, tiles->map, &tiles->counts);
    if (trnnsf_tile_map_tiles(tiles->map) > MANY_TILES)
        tiles->mesh.moves = FEW_MOVES;
    if (status == TRNNSF_OK)
        status = trnnsf_tile_placement_create(context, tiles->map, &tiles->mesh, &tiles->placement);
    if (status == TRNNSF_OK)
        status = trnnsf_tile_placement_traffic(context, tiles->placement, &tiles->traffic);
    return status;
}

trnnsf_status tiles_run(struct tiles *tiles, trnnsf_context *context, const trnnsf_spiking *spiking,
                        const trnnsf_spike_record *record, const trnnsf_dataset *dataset,
                        const struct trnnsf_spike_run_options *run)
{
    struct trnnsf_spike_run_options way = *run;
    trnnsf_spike_graph *whole = NULL;
    trnnsf_status status = TRNNSF_OK;
    bool is_resparc = strcmp(tiles->given, "resparc") == 0;

    way.patience = 0;
    if (is_resparc || strcmp(tiles->given, "dynap-se") == 0)
        status = trnnsf_tile_map_preset(
            context, is_resparc ? TRNNSF_TILE_RESPARC : TRNNSF_TILE_DYNAP_SE, &tiles->options);
    tiles->options.steps = tiles->decompose.steps = run->steps;
    tiles->options.seed = tiles->mesh.seed = run->seed;
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_graph(context, spiking, record, &whole);
    if (status == TRNNSF_OK)
        status = divide(tiles, context, spiking, whole, dataset, &way);
    trnnsf_spike_graph_free(whole);
    if (status == TRNNSF_OK)
        status = measure(tiles, context, spiking, dataset, &way);
    return status == TRNNSF_OK ? place(tiles, context) : status;
}
