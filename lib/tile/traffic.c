/* What a placement costs on the mesh. */
#include "tile/place.h"

/* Where packets go. */
struct mesh {
    size_t width;
    struct trnnsf_tile_placement *placement;
};

static double *router_of(const struct mesh *mesh, size_t x, size_t y)
{
    return &mesh->placement->routers[y * mesh->width + x];
}

static void leave(const struct mesh *mesh, size_t x, size_t y, size_t direction, double packets)
{
    *router_of(mesh, x, y) += packets;
    mesh->placement->links[(y * mesh->width + x) * 4 + direction] += packets;
}

/* XY routing: along x, then along y. How many hops. */
static uint64_t route(const struct mesh *mesh, const uint32_t *from, const uint32_t *to,
                      double packets)
{
    size_t x = from[0], y = from[1];
    uint64_t hops = 0;

    for (; x < to[0]; x++, hops++)
        leave(mesh, x, y, 0, packets);
    for (; x > to[0]; x--, hops++)
        leave(mesh, x, y, 1, packets);
    for (; y < to[1]; y++, hops++)
        leave(mesh, x, y, 2, packets);
    for (; y > to[1]; y--, hops++)
        leave(mesh, x, y, 3, packets);
    *router_of(mesh, x, y) += packets;
    return hops;
}

void trn_tile_traffic(const struct trnnsf_tile_map *map,
                      const struct trnnsf_tile_placement_options *options,
                      struct trnnsf_tile_placement *placement)
{
    static const uint32_t corner[2] = {0, 0};
    const struct mesh mesh = {options->width, placement};
    struct trnnsf_tile_traffic *traffic = &placement->traffic;
    size_t n_routers = (size_t)options->width * options->height;
    double routers = 0;

    for (size_t f = 0; f < map->n_flows; f++) {
        const struct trn_tile_flow *flow = &map->flows[f];
        bool outside = flow->from == TRNNSF_NO_TILE;

        if (outside && !options->inputs)
            continue;
        uint64_t hops = route(&mesh, outside ? corner : &placement->places[2 * (size_t)flow->from],
                              &placement->places[2 * (size_t)flow->to], flow->packets);
        traffic->packets += flow->packets;
        traffic->hops += flow->packets * (double)hops;
        routers += flow->packets * (double)(hops + 1);
        if (flow->packets > 0 && hops > traffic->most_hops)
            traffic->most_hops = hops;
    }
    for (size_t k = 0; k < 4 * n_routers; k++) {
        if (placement->links[k] > traffic->busiest_link)
            traffic->busiest_link = placement->links[k];
    }
    traffic->width = options->width;
    traffic->height = options->height;
    traffic->router_joule = routers * options->router_joule;
    traffic->link_joule = traffic->hops * options->packet_bits * options->link_joule;
    traffic->latency_second = (double)traffic->most_hops * options->hop_second;
    traffic->busy_second = traffic->busiest_link * options->hop_second;
}
