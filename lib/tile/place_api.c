#include "base/context.h"
#include "base/options.h"
#include "tile/place.h"

/* Chosen here: exchanges are tried between all pairs. */
#define ROUTERS_MAX ((size_t)1 << 16)

void trnnsf_tile_placement_options_init(struct trnnsf_tile_placement_options *options)
{
    static const struct trnnsf_tile_placement_options defaults = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_tile_placement_options *options,
                                  struct trnnsf_tile_placement_options *out)
{
    *out = (struct trnnsf_tile_placement_options)TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, options, out, sizeof *out));
    TRN_TRY(trn_option_count(ctx, function, "width", out->width, 0, UINT16_MAX));
    TRN_TRY(trn_option_count(ctx, function, "height", out->height, out->width ? 1 : 0,
                             out->width ? UINT16_MAX : 0));
    TRN_TRY(trn_option_count(ctx, function, "inputs", out->inputs, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "moves", out->moves, 0, 1000000));
    TRN_TRY(trn_option_count(ctx, function, "packet_bits", out->packet_bits, 1, 4096));
    TRN_TRY(trn_option_count(ctx, function, "reserved", out->reserved, 0, 0));
    TRN_TRY(trn_option_number(ctx, function, "router_joule", out->router_joule, 0, 1));
    TRN_TRY(trn_option_number(ctx, function, "link_joule", out->link_joule, 0, 1));
    return trn_option_number(ctx, function, "hop_second", out->hop_second, 0, 1);
}

/* The least near-square mesh: as wide as high, or one wider. */
static void choose_mesh(size_t n_tiles, struct trnnsf_tile_placement_options *options)
{
    uint32_t width = 1, height;

    while ((size_t)width * width < n_tiles)
        width++;
    height = n_tiles <= (size_t)width * (width - 1) ? width - 1 : width;
    options->width = width;
    options->height = height > 0 ? height : 1;
}

trnnsf_status trnnsf_tile_placement_create(trnnsf_context *context, const trnnsf_tile_map *map,
                                           const struct trnnsf_tile_placement_options *options,
                                           trnnsf_tile_placement **out_placement)
{
    static const char function[] = "trnnsf_tile_placement_create";
    struct trnnsf_tile_placement_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!map || !out_placement)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        map ? "out_placement" : "map");
    TRN_TRY(read_options(context, function, options, &given));
    if (given.width == 0)
        choose_mesh(map->n_tiles, &given);
    if ((size_t)given.width * given.height > ROUTERS_MAX)
        return trn_fail(context, TRNNSF_E_LIMIT, "%s: a mesh of %u x %u has more than 2^16 routers",
                        function, given.width, given.height);
    if ((size_t)given.width * given.height < map->n_tiles)
        return trn_fail(context, TRNNSF_E_LIMIT, "%s: a mesh of %u x %u has no room for %zu tiles",
                        function, given.width, given.height, map->n_tiles);
    return trn_tile_placement_create(context, map, &given, out_placement);
}

void trnnsf_tile_placement_free(trnnsf_tile_placement *placement)
{
    trn_tile_placement_free(placement);
}

const uint32_t *trnnsf_tile_placement_places(const trnnsf_tile_placement *placement)
{
    return placement ? placement->places : NULL;
}

const double *trnnsf_tile_placement_routers(const trnnsf_tile_placement *placement)
{
    return placement ? placement->routers : NULL;
}

const double *trnnsf_tile_placement_links(const trnnsf_tile_placement *placement)
{
    return placement ? placement->links : NULL;
}

trnnsf_status trnnsf_tile_placement_traffic(trnnsf_context *context,
                                            const trnnsf_tile_placement *placement,
                                            struct trnnsf_tile_traffic *out_traffic)
{
    static const char function[] = "trnnsf_tile_placement_traffic";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!placement || !out_traffic)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        placement ? "out_traffic" : "placement");
    TRN_TRY(trn_result_check(context, function, out_traffic, sizeof *out_traffic));
    trn_result_write(out_traffic, &placement->traffic);
    return TRNNSF_OK;
}
