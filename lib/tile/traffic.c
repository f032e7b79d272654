/* What a placement costs on the mesh. */
#include "base/context.h"
#include "tile/place.h"

/* Packets over the links that leave each router: east, west, south, north. */
struct links {
    size_t width;
    double *packets; /* [height x width x 4] */
};

static double *link_of(const struct links *links, size_t x, size_t y, size_t direction)
{
    return &links->packets[(y * links->width + x) * 4 + direction];
}

/* XY routing: along x, then along y. How many hops. */
static uint64_t route(const struct links *links, const uint32_t *from, const uint32_t *to,
                      double packets)
{
    size_t x = from[0], y = from[1];
    uint64_t hops = 0;

    for (; x < to[0]; x++, hops++)
        *link_of(links, x, y, 0) += packets;
    for (; x > to[0]; x--, hops++)
        *link_of(links, x, y, 1) += packets;
    for (; y < to[1]; y++, hops++)
        *link_of(links, x, y, 2) += packets;
    for (; y > to[1]; y--, hops++)
        *link_of(links, x, y, 3) += packets;
    return hops;
}

trnnsf_status trn_tile_traffic(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                               const struct trnnsf_tile_placement_options *options,
                               const uint32_t *places, struct trnnsf_tile_traffic *traffic)
{
    static const uint32_t corner[2] = {0, 0};
    size_t n_links = (size_t)options->width * options->height * 4;
    struct links links = {options->width, TRN_NEW_ARRAY(ctx, double, n_links)};
    double routers = 0;

    if (!links.packets)
        return TRN_NO_MEMORY;
    for (size_t f = 0; f < map->n_flows; f++) {
        const struct trn_tile_flow *flow = &map->flows[f];
        bool outside = flow->from == TRNNSF_NO_TILE;

        if (outside && !options->inputs)
            continue;
        uint64_t hops = route(&links, outside ? corner : &places[2 * (size_t)flow->from],
                              &places[2 * (size_t)flow->to], flow->packets);
        traffic->packets += flow->packets;
        traffic->hops += flow->packets * (double)hops;
        routers += flow->packets * (double)(hops + 1);
        if (flow->packets > 0 && hops > traffic->most_hops)
            traffic->most_hops = hops;
    }
    for (size_t k = 0; k < n_links; k++) {
        if (links.packets[k] > traffic->busiest_link)
            traffic->busiest_link = links.packets[k];
    }
    trn_free(ctx, links.packets);
    traffic->width = options->width;
    traffic->height = options->height;
    traffic->router_joule = routers * options->router_joule;
    traffic->link_joule = traffic->hops * options->packet_bits * options->link_joule;
    traffic->latency_second = (double)traffic->most_hops * options->hop_second;
    traffic->busy_second = traffic->busiest_link * options->hop_second;
    return TRNNSF_OK;
}
