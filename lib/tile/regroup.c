/* Blocks of neurons moved and exchanged between tiles, where single ones cannot be: a neuron that
 * reads what no other one on the new tile does needs rows that its block would share. */
#include <float.h>
#include <math.h>

#include "base/context.h"
#include "base/random.h"
#include "tile/blocks.h"
#include "tile/moves.h"

/* Annealed moves a block and pass, and of how many one goes to any tile, related or not. */
enum { PROPOSALS = 10, ANYWHERE = 4 };
/* Where annealing begins, in mean spikes of a synapse. Chosen here: of 10, 30 and 100, and of 3, 10
 * and 30 proposals, the best for their time on four of doc/tiles.md's networks, by a few per cent. */
#define HOT 30

/* Neurons of one block that are on one tile. */
struct part {
    uint32_t tile;
    size_t count;
    uint32_t *members; /* [placeable] */
};

struct regrouping {
    struct trn_tile_state *state;
    const struct trn_block_level *level;
    const uint32_t *members;
    struct trn_random random;
    struct part part, partner;
    double temperature;
};

static void gather(const struct regrouping *regrouping, uint32_t neuron, struct part *part)
{
    const struct trn_tile_state *state = regrouping->state;
    const struct trn_block_level *level = regrouping->level;
    uint32_t block = level->block_of[neuron];

    part->tile = state->place[neuron];
    part->count = 0;
    for (size_t k = level->starts[block]; k < level->starts[block + 1]; k++) {
        if (state->place[regrouping->members[k]] == part->tile)
            part->members[part->count++] = regrouping->members[k];
    }
}

/* Takes a part off its tile; what it saved there. */
static double lift(struct trn_tile_state *state, const struct part *part)
{
    double saved = 0;
    uint32_t shared;

    for (size_t k = 0; k < part->count; k++) {
        saved += trn_tile_state_saved(state, part->members[k], part->tile, &shared);
        trn_tile_state_remove(state, part->members[k]);
    }
    return saved;
}

/* Puts a part on a tile, as far as it has room; how many, and what they save. */
static size_t put(struct trn_tile_state *state, const struct part *part, uint32_t tile,
                  double *saved)
{
    for (size_t k = 0; k < part->count; k++) {
        uint32_t shared;
        double more = trn_tile_state_saved(state, part->members[k], tile, &shared);

        if (!trn_tile_state_fits(state, part->members[k], tile, shared))
            return k;
        trn_tile_state_add(state, part->members[k], tile);
        *saved += more;
    }
    return part->count;
}

/* The first `count` of a part go where they came from, and with them those on no tile. */
static void put_back(struct trn_tile_state *state, const struct part *part, size_t count)
{
    while (count > 0)
        trn_tile_state_remove(state, part->members[--count]);
    for (size_t k = part->count; k-- > 0;)
        trn_tile_state_add(state, part->members[k], part->tile);
}

/* Exchanges two parts, of which the second may be empty, where both have room and at least `least`
 * is saved. */
static bool exchange(struct trn_tile_state *state, const struct part *a, const struct part *b,
                     double least)
{
    double before = lift(state, a), after = 0;
    size_t there, here = 0;

    before += lift(state, b);
    there = put(state, a, b->tile, &after);
    if (there == a->count)
        here = put(state, b, a->tile, &after);
    if (there == a->count && here == b->count && after - before >= least)
        return true;
    put_back(state, b, here);
    put_back(state, a, there);
    return false;
}

/* A neuron's part of its block, to another tile; in exchange for a part there if it must be. */
static void try_one(struct regrouping *regrouping, uint32_t neuron)
{
    struct trn_tile_state *state = regrouping->state;
    struct trn_random *random = &regrouping->random;
    struct part *part = &regrouping->part, *partner = &regrouping->partner;
    uint32_t tile = trn_random_below(random, ANYWHERE) == 0
                        ? trn_random_below(random, (uint32_t)state->n_tiles)
                        : trn_tile_propose(state, random, neuron);
    double least = regrouping->temperature * log(1 - trn_random_double(random));

    if (tile == TRNNSF_NO_TILE || tile == state->place[neuron])
        return;
    gather(regrouping, neuron, part);
    *partner = (struct part){tile, 0, partner->members};
    if (exchange(state, part, partner, least) || state->outputs_used[tile] == 0)
        return;
    gather(regrouping, trn_tile_partner(state, random, tile, UINT32_MAX), partner);
    /* Two whole tiles have nothing to gain. */
    if (state->outputs_used[tile] + state->outputs_used[part->tile] > part->count + partner->count)
        exchange(state, part, partner, least);
}

/* One level, annealed; ends with the better of its first and last state. */
static trnnsf_status anneal(struct regrouping *regrouping, uint64_t proposals)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_tile_state *state = regrouping->state;
    const struct trn_block_level *level = regrouping->level;
    double packets = trn_tile_state_packets(state), hot = HOT * trn_tile_mean_spikes(state);
    uint32_t *start = trn_copy(state->ctx, state->place, state->graph->n, sizeof *start);

    TRN_NEED_OUT(start);
    trn_tile_state_index(state);
    for (uint64_t k = 0; k < proposals && state->n_tiles > 1; k++) {
        uint32_t block = trn_random_below(&regrouping->random, (uint32_t)level->n_blocks);
        size_t first = level->starts[block], size = level->starts[block + 1] - first;

        if (k % 256 == 0) {
            TRN_TRY_OUT(trn_progress(state->ctx, "tiles", "blocks", k, proposals));
            regrouping->temperature = trn_tile_cooled(hot, k, proposals);
        }
        try_one(regrouping,
                regrouping->members[first + trn_random_below(&regrouping->random, (uint32_t)size)]);
    }
    trn_tile_state_compact(state);
    if (trn_tile_state_packets(state) > packets)
        trn_tile_state_set(state, start);
out:
    trn_free(state->ctx, start);
    return status;
}

trnnsf_status trn_tile_regroup(struct trn_tile_state *state, uint32_t passes, uint64_t seed)
{
    trnnsf_status status = TRNNSF_OK;
    trnnsf_context *ctx = state->ctx;
    struct trn_tile_blocks blocks = {0};
    struct regrouping regrouping = {.state = state};

    TRN_TRY_OUT(trn_tile_blocks_create(state, &blocks));
    regrouping.members = blocks.members;
    TRN_NEED_OUT(regrouping.part.members = TRN_NEW_ARRAY(ctx, uint32_t, state->n_placeable));
    TRN_NEED_OUT(regrouping.partner.members = TRN_NEW_ARRAY(ctx, uint32_t, state->n_placeable));
    for (size_t l = blocks.n_levels; l-- > 0;) {
        regrouping.level = &blocks.levels[l];
        trn_random_init(&regrouping.random, seed, TRN_RANDOM_TILE, (uint32_t)l + 1);
        TRN_TRY_OUT(anneal(&regrouping, (uint64_t)PROPOSALS * passes * blocks.levels[l].n_blocks));
        TRN_TRY_OUT(trn_tile_sweep(state, passes));
    }
out:
    trn_free(ctx, regrouping.partner.members);
    trn_free(ctx, regrouping.part.members);
    trn_tile_blocks_clear(ctx, &blocks);
    return status;
}
