#include "base/context.h"
#include "base/options.h"
#include "tile/tile_map.h"

void trnnsf_tile_map_options_init(struct trnnsf_tile_map_options *options)
{
    static const struct trnnsf_tile_map_options defaults = TRNNSF_TILE_MAP_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trnnsf_tile_map_preset(trnnsf_context *context, uint32_t preset,
                                     struct trnnsf_tile_map_options *options)
{
    static const char function[] = "trnnsf_tile_map_preset";
    static const uint32_t sides[] = {[TRNNSF_TILE_DYNAP_SE] = 128, [TRNNSF_TILE_RESPARC] = 64};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!options)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: options is NULL", function);
    TRN_TRY(trn_option_count(context, function, "preset", preset, 0, TRNNSF_TILE_RESPARC));
    options->inputs = sides[preset];
    options->outputs = sides[preset];
    options->cell_joule = 1.843e-14;
    return TRNNSF_OK;
}

trnnsf_status trn_tile_map_options_read(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_tile_map_options *options,
                                        struct trnnsf_tile_map_options *out)
{
    *out = (struct trnnsf_tile_map_options)TRNNSF_TILE_MAP_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, options, out, sizeof *out));
    TRN_TRY(trn_option_count(ctx, function, "inputs", out->inputs, 1, UINT16_MAX));
    TRN_TRY(trn_option_count(ctx, function, "outputs", out->outputs, 1, UINT16_MAX));
    TRN_TRY(trn_option_count(ctx, function, "rule", out->rule, 0, TRNNSF_TILE_COMPACT));
    TRN_TRY(trn_option_count(ctx, function, "sum_rows", out->sum_rows, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "passes", out->passes, 0, 1000));
    TRN_TRY(trn_option_count(ctx, function, "steps", out->steps, 1, INT32_MAX));
    return trn_option_number(ctx, function, "cell_joule", out->cell_joule, 0, 1);
}

trnnsf_status trnnsf_tile_map_create(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                     const struct trnnsf_tile_map_options *options,
                                     trnnsf_tile_map **out_map)
{
    static const char function[] = "trnnsf_tile_map_create";
    struct trnnsf_tile_map_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!graph || !out_map)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        graph ? "out_map" : "graph");
    TRN_TRY(trn_tile_map_options_read(context, function, options, &given));
    return trn_tile_map_create(context, graph, &given, out_map);
}

void trnnsf_tile_map_free(trnnsf_tile_map *map)
{
    trn_tile_map_free(map);
}

size_t trnnsf_tile_map_tiles(const trnnsf_tile_map *map)
{
    return map ? map->n_tiles : 0;
}

const uint32_t *trnnsf_tile_map_places(const trnnsf_tile_map *map)
{
    return map ? map->place : NULL;
}

static const uint32_t *part(const trnnsf_tile_map *map, const uint32_t *list, const size_t *starts,
                            size_t tile, size_t *out_count)
{
    bool valid = map && tile < map->n_tiles;

    if (out_count)
        *out_count = valid ? starts[tile + 1] - starts[tile] : 0;
    return valid ? list + starts[tile] : NULL;
}

const uint32_t *trnnsf_tile_map_neurons(const trnnsf_tile_map *map, size_t tile, size_t *out_count)
{
    return part(map, map ? map->neurons : NULL, map ? map->neuron_starts : NULL, tile, out_count);
}

const uint32_t *trnnsf_tile_map_rows(const trnnsf_tile_map *map, size_t tile, size_t *out_count)
{
    return part(map, map ? map->rows : NULL, map ? map->row_starts : NULL, tile, out_count);
}

trnnsf_status trnnsf_tile_map_counts(trnnsf_context *context, const trnnsf_tile_map *map,
                                     struct trnnsf_tile_counts *out_counts)
{
    static const char function[] = "trnnsf_tile_map_counts";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!map || !out_counts)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        map ? "out_counts" : "map");
    TRN_TRY(trn_result_check(context, function, out_counts, sizeof *out_counts));
    trn_result_write(out_counts, &map->counts);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_tile_map_check(trnnsf_context *context, const trnnsf_tile_map *map,
                                    const trnnsf_spike_graph *graph)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!map || !graph)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tile_map_check: %s is NULL",
                        map ? "graph" : "map");
    return trn_tile_map_check(context, map, graph);
}
