#include "tile/place.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/random.h"

/* Routers up to which all pairs are tried: chosen here, to bound the time. */
#define ALL_PAIRS 256

struct edge {
    uint32_t other; /* tile; n_tiles: the corner */
    double packets;
};

/* Traffic of each tile in both directions, and where things are. A slot is y * width + x. */
struct mesh {
    trnnsf_context *ctx;
    size_t n_tiles;
    size_t width;
    size_t n_slots;
    size_t *starts; /* [n_tiles + 1] */
    struct edge *edges;
    uint32_t *slots; /* [n_tiles + 1]; the last one is the corner: 0 */
    uint32_t *tiles; /* [n_slots] TRNNSF_NO_TILE: free */
};

void trn_tile_placement_free(struct trnnsf_tile_placement *placement)
{
    if (!placement)
        return;
    trnnsf_context *ctx = placement->ctx;
    trn_free(ctx, placement->links);
    trn_free(ctx, placement->routers);
    trn_free(ctx, placement->places);
    trn_free(ctx, placement);
    trn_context_release(ctx);
}

static double distance(const struct mesh *mesh, size_t a, size_t b)
{
    size_t ax = a % mesh->width, ay = a / mesh->width, bx = b % mesh->width, by = b / mesh->width;

    return (double)((ax > bx ? ax - bx : bx - ax) + (ay > by ? ay - by : by - ay));
}

static void add_edge(struct mesh *mesh, size_t *next, uint32_t tile, uint32_t other, double packets)
{
    mesh->edges[next[tile]++] = (struct edge){other, packets};
}

/* Each flow becomes an edge of both its tiles. */
static trnnsf_status list_edges(struct mesh *mesh, const struct trnnsf_tile_map *map, bool inputs)
{
    trnnsf_status status = TRNNSF_OK;
    size_t *next = TRN_NEW_ARRAY(mesh->ctx, size_t, map->n_tiles + 1);

    TRN_NEED_OUT(next);
    TRN_NEED_OUT(mesh->edges = TRN_NEW_ARRAY(mesh->ctx, struct edge, 2 * map->n_flows));
    for (size_t f = 0; f < map->n_flows; f++) {
        mesh->starts[map->flows[f].to + 1]++;
        if (map->flows[f].from != TRNNSF_NO_TILE)
            mesh->starts[map->flows[f].from + 1]++;
    }
    for (size_t t = 0; t < map->n_tiles; t++) {
        mesh->starts[t + 1] += mesh->starts[t];
        next[t + 1] = mesh->starts[t + 1];
    }
    for (size_t f = 0; f < map->n_flows; f++) {
        const struct trn_tile_flow *flow = &map->flows[f];

        if (flow->from == TRNNSF_NO_TILE) {
            add_edge(mesh, next, flow->to, (uint32_t)map->n_tiles, inputs ? flow->packets : 0);
        } else {
            add_edge(mesh, next, flow->to, flow->from, flow->packets);
            add_edge(mesh, next, flow->from, flow->to, flow->packets);
        }
    }
out:
    trn_free(mesh->ctx, next);
    return status;
}

/* Packets x hops of one tile, were it in `slot`; those to `without` are left out. Tiles without a
 * slot are as well. */
static double cost_at(const struct mesh *mesh, uint32_t tile, size_t slot, uint32_t without)
{
    double cost = 0;

    for (size_t e = mesh->starts[tile]; e < mesh->starts[tile + 1]; e++) {
        uint32_t other = mesh->edges[e].other;

        if (other != without && mesh->slots[other] != TRNNSF_NO_TILE)
            cost += mesh->edges[e].packets * distance(mesh, slot, mesh->slots[other]);
    }
    return cost;
}

static void put(struct mesh *mesh, uint32_t tile, size_t slot)
{
    mesh->slots[tile] = (uint32_t)slot;
    mesh->tiles[slot] = tile;
}

/* The tile with most traffic to those that are placed comes next, at the free slot that costs least
 * (the first of equal ones). `pull` [n_tiles] is zero-filled. */
static trnnsf_status construct(struct mesh *mesh, double *pull)
{
    for (size_t k = 0; k < mesh->n_tiles; k++) {
        uint32_t next = TRNNSF_NO_TILE;
        size_t best = SIZE_MAX;
        double least = INFINITY;

        TRN_TRY(trn_cancelled(mesh->ctx, "placement"));
        for (uint32_t t = 0; t < mesh->n_tiles; t++) {
            if (mesh->slots[t] == TRNNSF_NO_TILE &&
                (next == TRNNSF_NO_TILE || pull[t] > pull[next]))
                next = t;
        }
        for (size_t slot = 0; slot < mesh->n_slots; slot++) {
            if (mesh->tiles[slot] != TRNNSF_NO_TILE)
                continue;
            double cost = cost_at(mesh, next, slot, TRNNSF_NO_TILE);
            if (cost < least) {
                least = cost;
                best = slot;
            }
        }
        put(mesh, next, best);
        for (size_t e = mesh->starts[next]; e < mesh->starts[next + 1]; e++) {
            if (mesh->edges[e].other < mesh->n_tiles)
                pull[mesh->edges[e].other] += mesh->edges[e].packets;
        }
    }
    return TRNNSF_OK;
}

/* What an exchange of two slots, one of which may be free, saves. */
static double saving(const struct mesh *mesh, size_t a, size_t b)
{
    uint32_t one = mesh->tiles[a], two = mesh->tiles[b];
    double save = 0;

    /* The way between the two stays as long as it is. */
    if (one != TRNNSF_NO_TILE)
        save += cost_at(mesh, one, a, two) - cost_at(mesh, one, b, two);
    if (two != TRNNSF_NO_TILE)
        save += cost_at(mesh, two, b, one) - cost_at(mesh, two, a, one);
    return save;
}

static void exchange(struct mesh *mesh, size_t a, size_t b)
{
    uint32_t one = mesh->tiles[a], two = mesh->tiles[b];

    mesh->tiles[a] = two;
    mesh->tiles[b] = one;
    if (one != TRNNSF_NO_TILE)
        mesh->slots[one] = (uint32_t)b;
    if (two != TRNNSF_NO_TILE)
        mesh->slots[two] = (uint32_t)a;
}

static double mean_packets(const struct mesh *mesh)
{
    size_t n_edges = mesh->starts[mesh->n_tiles];
    double sum = 0;

    for (size_t e = 0; e < n_edges; e++)
        sum += mesh->edges[e].packets;
    return n_edges ? sum / (double)n_edges : 0;
}

static void put_all(struct mesh *mesh, const uint32_t *slots)
{
    memset(mesh->tiles, 0xff, mesh->n_slots * sizeof *mesh->tiles);
    for (uint32_t t = 0; t < mesh->n_tiles; t++)
        put(mesh, t, slots[t]);
}

/* From hot (an edge's mean traffic over the mesh's width) to a thousandth of it; ends with the best
 * that it saw, in `best` [n_tiles] too. */
static trnnsf_status anneal(struct mesh *mesh, const struct trnnsf_tile_placement_options *options,
                            uint32_t *best)
{
    struct trn_random random;
    uint64_t moves = (uint64_t)options->moves * mesh->n_tiles;
    double hot = mean_packets(mesh) * (double)mesh->width, temperature = hot;
    double saved = 0, most = 0; /* beside the start */

    trn_random_init(&random, options->seed, TRN_RANDOM_MESH, 0);
    for (uint64_t k = 0; k < moves && hot > 0 && mesh->n_slots > 1; k++) {
        if (k % 1024 == 0) {
            TRN_TRY(trn_progress(mesh->ctx, "placement", "annealing", k, moves));
            temperature = hot * exp(-log(1000.0) * (double)k / (double)moves);
        }
        size_t a = mesh->slots[trn_random_below(&random, (uint32_t)mesh->n_tiles)];
        size_t b = trn_random_below(&random, (uint32_t)mesh->n_slots);
        double save = saving(mesh, a, b);

        if (save < 0 && trn_random_double(&random) >= exp(save / temperature))
            continue;
        exchange(mesh, a, b);
        saved += save;
        if (saved > most + 1e-9 * hot) {
            most = saved;
            memcpy(best, mesh->slots, mesh->n_tiles * sizeof *best);
        }
    }
    put_all(mesh, best);
    return TRNNSF_OK;
}

/* All pairs of a small mesh; of a larger one, where that would take long, neighbours. */
static trnnsf_status descend(struct mesh *mesh)
{
    double reach = mesh->n_slots > ALL_PAIRS ? 2 : INFINITY;
    double least = 1e-9 * mean_packets(mesh);
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t a = 0; a < mesh->n_slots; a++) {
            TRN_TRY(trn_cancelled(mesh->ctx, "placement"));
            for (size_t b = a + 1; b < mesh->n_slots; b++) {
                if (distance(mesh, a, b) <= reach && saving(mesh, a, b) > least) {
                    exchange(mesh, a, b);
                    moved = true;
                }
            }
        }
    }
    return TRNNSF_OK;
}

static double total(const struct mesh *mesh)
{
    double outside = 0, inside = 0;

    for (uint32_t t = 0; t < mesh->n_tiles; t++) {
        for (size_t e = mesh->starts[t]; e < mesh->starts[t + 1]; e++) {
            double cost = mesh->edges[e].packets *
                          distance(mesh, mesh->slots[t], mesh->slots[mesh->edges[e].other]);

            if (mesh->edges[e].other == mesh->n_tiles)
                outside += cost;
            else
                inside += cost;
        }
    }
    return outside + inside / 2; /* inside, both tiles have the edge */
}

/* Places all tiles; `out_first`: packets x hops before any exchange. */
static trnnsf_status solve(struct mesh *mesh, const struct trnnsf_tile_placement_options *options,
                           double *out_first)
{
    trnnsf_status status = TRNNSF_OK;
    double *pull = TRN_NEW_ARRAY(mesh->ctx, double, mesh->n_tiles);
    uint32_t *best = NULL;

    TRN_NEED_OUT(pull);
    TRN_TRY_OUT(construct(mesh, pull));
    *out_first = total(mesh);
    TRN_NEED_OUT(best = trn_copy(mesh->ctx, mesh->slots, mesh->n_tiles, sizeof *best));
    TRN_TRY_OUT(anneal(mesh, options, best));
    TRN_TRY_OUT(descend(mesh));
out:
    trn_free(mesh->ctx, best);
    trn_free(mesh->ctx, pull);
    return status;
}

/* The placement's own memory, before the work that may fail. */
static trnnsf_status new_placement(trnnsf_context *ctx, size_t n_tiles, size_t n_routers,
                                   struct trnnsf_tile_placement **out_placement)
{
    struct trnnsf_tile_placement *placement = TRN_NEW(ctx, struct trnnsf_tile_placement);

    if (!placement)
        return TRN_NO_MEMORY;
    placement->ctx = trn_context_retain(ctx);
    placement->n_tiles = n_tiles;
    placement->traffic.struct_size = sizeof placement->traffic;
    placement->places = TRN_NEW_ARRAY(ctx, uint32_t, 2 * n_tiles);
    placement->routers = TRN_NEW_ARRAY(ctx, double, n_routers);
    placement->links = TRN_NEW_ARRAY(ctx, double, 4 * n_routers);
    if (!placement->places || !placement->routers || !placement->links) {
        trn_tile_placement_free(placement);
        return TRN_NO_MEMORY;
    }
    *out_placement = placement;
    return TRNNSF_OK;
}

trnnsf_status trn_tile_placement_create(trnnsf_context *ctx, const struct trnnsf_tile_map *map,
                                        const struct trnnsf_tile_placement_options *options,
                                        struct trnnsf_tile_placement **out_placement)
{
    trnnsf_status status;
    size_t n = map->n_tiles;
    struct trnnsf_tile_placement *placement = NULL;
    struct mesh mesh = {.ctx = ctx,
                        .n_tiles = n,
                        .width = options->width,
                        .n_slots = (size_t)options->width * options->height};

    TRN_TRY_OUT(trn_progress(ctx, "placement", NULL, 0, 1));
    TRN_TRY_OUT(new_placement(ctx, n, mesh.n_slots, &placement));
    TRN_NEED_OUT(mesh.starts = TRN_NEW_ARRAY(ctx, size_t, n + 1));
    TRN_NEED_OUT(mesh.slots = TRN_NEW_ARRAY(ctx, uint32_t, n + 1));
    TRN_NEED_OUT(mesh.tiles = TRN_NEW_ARRAY(ctx, uint32_t, mesh.n_slots));
    memset(mesh.slots, 0xff, n * sizeof *mesh.slots);
    memset(mesh.tiles, 0xff, mesh.n_slots * sizeof *mesh.tiles);
    TRN_TRY_OUT(list_edges(&mesh, map, options->inputs));
    TRN_TRY_OUT(solve(&mesh, options, &placement->traffic.first_hops));
    for (size_t t = 0; t < n; t++) {
        placement->places[2 * t] = mesh.slots[t] % options->width;
        placement->places[2 * t + 1] = mesh.slots[t] / options->width;
    }
    trn_tile_traffic(map, options, placement);
    *out_placement = placement;
    placement = NULL;
out:
    trn_free(ctx, mesh.tiles);
    trn_free(ctx, mesh.slots);
    trn_free(ctx, mesh.edges);
    trn_free(ctx, mesh.starts);
    trn_tile_placement_free(placement);
    return status;
}
