/* Placements: figures by plain loops, the best place of few tiles by trying all. */
#include <math.h>

#include "tile/common.h"
#include "tile/place.h"

static trnnsf_tile_map *random_map(struct trn_random *random, uint32_t outputs)
{
    struct recipe recipe = {8, 24, 5, 0, 0, 0};
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    trnnsf_spike_graph *graph = random_graph(random, &recipe);
    trnnsf_tile_map *map = NULL;

    options.outputs = outputs;
    options.rule = TRNNSF_TILE_FIRST_FIT;
    OK(trnnsf_tile_map_create(ctx, graph, &options, &map));
    trnnsf_spike_graph_free(graph);
    return map;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static double plain_hops(const trnnsf_tile_map *map, const uint32_t *places, int inputs,
                         uint64_t *out_most, double *out_routers)
{
    static const uint32_t corner[2] = {0, 0};
    double hops = 0;

    *out_most = 0;
    *out_routers = 0;
    for (size_t f = 0; f < map->n_flows; f++) {
        int outside = map->flows[f].from == TRNNSF_NO_TILE;
        const uint32_t *from = outside ? corner : places + 2 * map->flows[f].from;
        const uint32_t *to = places + 2 * map->flows[f].to;
        uint32_t way = apart(from[0], to[0]) + apart(from[1], to[1]);

        if ((outside && !inputs) || !(map->flows[f].packets > 0))
            continue;
        hops += map->flows[f].packets * way;
        *out_routers += map->flows[f].packets * (way + 1);
        *out_most = way > *out_most ? way : *out_most;
    }
    return hops;
}

struct all {
    const trnnsf_tile_map *map;
    uint32_t width, height;
    int inputs;
    uint32_t places[2 * 16];
    uint8_t used[16];
    double least;
};

static void try_all(struct all *all, size_t tile)
{
    uint64_t most;
    double routers;

    if (tile == all->map->n_tiles) {
        all->least =
            fmin(all->least, plain_hops(all->map, all->places, all->inputs, &most, &routers));
        return;
    }
    for (uint32_t slot = 0; slot < all->width * all->height; slot++) {
        if (all->used[slot])
            continue;
        all->used[slot] = 1;
        all->places[2 * tile] = slot % all->width;
        all->places[2 * tile + 1] = slot / all->width;
        try_all(all, tile + 1);
        all->used[slot] = 0;
    }
}

/* XY routing by coordinates: a link is passed by those whose way goes over it. */
static double plain_busiest(const trnnsf_tile_map *map, const uint32_t *places, uint32_t width,
                            uint32_t height, int inputs, const double *links)
{
    static const uint32_t corner[2] = {0, 0};
    double most = 0;

    for (uint32_t k = 0; k < width * height * 4; k++) {
        uint32_t x = k / 4 % width, y = k / 4 / width, direction = k % 4;
        double load = 0;

        for (size_t f = 0; f < map->n_flows; f++) {
            int outside = map->flows[f].from == TRNNSF_NO_TILE;
            const uint32_t *from = outside ? corner : places + 2 * map->flows[f].from;
            const uint32_t *to = places + 2 * map->flows[f].to;
            int over = direction == 0   ? y == from[1] && from[0] <= x && x < to[0]
                       : direction == 1 ? y == from[1] && to[0] < x && x <= from[0]
                       : direction == 2 ? x == to[0] && from[1] <= y && y < to[1]
                                        : x == to[0] && to[1] < y && y <= from[1];

            if (over && (inputs || !outside))
                load += map->flows[f].packets;
        }
        ck_assert_double_eq_tol(links[k], load, 1e-9 * load + 1e-12);
        most = fmax(most, load);
    }
    return most;
}

static void check_figures(const trnnsf_tile_map *map, const trnnsf_tile_placement *placement,
                          const struct trnnsf_tile_placement_options *options)
{
    const uint32_t *places = trnnsf_tile_placement_places(placement);
    struct trnnsf_tile_traffic traffic = {.struct_size = sizeof traffic};
    uint64_t most;
    double routers, hops = plain_hops(map, places, (int)options->inputs, &most, &routers);
    double packets = map->counts.packets_between;

    packets += options->inputs ? map->counts.packets_in : 0;
    OK(trnnsf_tile_placement_traffic(ctx, placement, &traffic));
    ck_assert_double_eq_tol(traffic.packets, packets, 1e-9 * packets);
    ck_assert_double_eq_tol(traffic.hops, hops, 1e-9 * hops);
    ck_assert_double_ge(traffic.first_hops, hops * (1 - 1e-9));
    ck_assert_uint_eq(traffic.most_hops, most);
    ck_assert_double_eq_tol(traffic.router_joule, routers * 1.627e-12, 1e-9 * routers * 1.7e-12);
    ck_assert_double_eq_tol(traffic.link_joule, hops * 32 * 0.025e-12, 1e-9 * hops * 1e-12);
    ck_assert_double_eq_tol(traffic.latency_second, (double)most * 2e-9, 1e-20);
    double busiest = plain_busiest(map, places, (uint32_t)traffic.width, (uint32_t)traffic.height,
                                   (int)options->inputs, trnnsf_tile_placement_links(placement));
    ck_assert_double_eq_tol(traffic.busiest_link, busiest, 1e-9 * busiest);
    for (size_t k = 0; k < traffic.width * traffic.height; k++)
        routers -= trnnsf_tile_placement_routers(placement)[k];
    ck_assert_double_eq_tol(routers, 0, 1e-9 * (hops + packets));
    for (size_t t = 0; t < map->n_tiles; t++) {
        ck_assert_uint_lt(places[2 * t], traffic.width);
        ck_assert_uint_lt(places[2 * t + 1], traffic.height);
        for (size_t u = 0; u < t; u++)
            ck_assert(places[2 * t] != places[2 * u] || places[2 * t + 1] != places[2 * u + 1]);
    }
}

START_TEST(best)
{
    struct trn_random random;

    trn_random_init(&random, 51, TRN_RANDOM_TEST, (uint32_t)_i);
    trnnsf_tile_map *map = random_map(&random, 4);
    struct trnnsf_tile_placement_options options = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
    struct trnnsf_tile_traffic traffic = {.struct_size = sizeof traffic};
    struct all all = {.map = map, .width = 3, .height = 2, .inputs = _i % 2, .least = INFINITY};
    trnnsf_tile_placement *placement = NULL;

    ck_assert_uint_eq(map->n_tiles, 6);
    options.width = 3;
    options.height = 2;
    options.inputs = (uint32_t)all.inputs;
    OK(trnnsf_tile_placement_create(ctx, map, &options, &placement));
    check_figures(map, placement, &options);
    OK(trnnsf_tile_placement_traffic(ctx, placement, &traffic));
    try_all(&all, 0);
    ck_assert_double_eq_tol(traffic.hops, all.least, 1e-9 * all.least);
    trnnsf_tile_placement_free(placement);
    trnnsf_tile_map_free(map);
}
END_TEST

START_TEST(meshes)
{
    struct trn_random random;

    trn_random_init(&random, 52, TRN_RANDOM_TEST, 0);
    for (uint32_t outputs = 1; outputs < 25; outputs += 3) {
        trnnsf_tile_map *map = random_map(&random, outputs);
        struct trnnsf_tile_placement_options options = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
        trnnsf_tile_placement *placement = NULL, *again = NULL;

        options.moves = 200;
        OK(trnnsf_tile_placement_create(ctx, map, &options, &placement));
        check_figures(map, placement, &options);
        OK(trnnsf_tile_placement_create(ctx, map, &options, &again));
        ck_assert_mem_eq(placement->places, again->places, 2 * map->n_tiles * sizeof(uint32_t));
        trnnsf_tile_placement_free(again);
        trnnsf_tile_placement_free(placement);
        options.width = 7;
        options.height = 4;
        options.inputs = 0;
        OK(trnnsf_tile_placement_create(ctx, map, &options, &placement));
        check_figures(map, placement, &options);
        trnnsf_tile_placement_free(placement);
        trnnsf_tile_map_free(map);
    }
}
END_TEST

TCase *place_case(void)
{
    TCase *tests = tcase_create("place");

    tcase_add_loop_test(tests, best, 0, 10);
    tcase_add_test(tests, meshes);
    return tests;
}
