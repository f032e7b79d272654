/* Fewest packets at no more tiles than first fit needs, or fewest tiles, then packets. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/state.h"

/* Annealed moves a neuron and pass: chosen here, between 20 and 60, for its time. */
#define PROPOSALS 40

enum start { START_FIRST_FIT, START_BUSIEST, START_GROWN, START_FILLED, STARTS };

struct search {
    struct trn_tile_state *state;
    const struct trnnsf_tile_map_options *options;
    bool is_compact; /* tiles before packets */
    size_t limit;    /* tiles */
    double packets;
    size_t n_tiles; /* of the best */
    uint32_t *best; /* [n] places */
};

static trnnsf_status begin(struct trn_tile_state *state, enum start start)
{
    return start <= START_BUSIEST ? trn_tile_first_fit(state, start == START_BUSIEST, UINT64_MAX)
                                  : trn_tile_grow(state, start == START_FILLED);
}

/* Keeps the state where it has fewer packets than the best, or as many on fewer tiles; where tiles
 * come first, the other way round. */
static void keep(struct search *search)
{
    struct trn_tile_state *state = search->state;
    double packets = trn_tile_state_packets(state);

    bool fewer_packets = packets < search->packets, as_many = !(packets > search->packets);
    bool is_better = search->is_compact
                         ? state->n_tiles < search->n_tiles ||
                               (state->n_tiles == search->n_tiles && fewer_packets)
                         : fewer_packets || (as_many && state->n_tiles < search->n_tiles);
    if (is_better) {
        search->packets = packets;
        search->n_tiles = state->n_tiles;
        memcpy(search->best, state->place, state->graph->n * sizeof *search->best);
    }
}

static trnnsf_status try_start(struct search *search, enum start start)
{
    struct trn_tile_state *state = search->state;
    const struct trnnsf_tile_map_options *options = search->options;

    TRN_TRY(begin(state, start));
    TRN_TRY(trn_tile_dissolve(state, search->limit));
    if (state->n_tiles > search->limit)
        return TRNNSF_OK;
    TRN_TRY(trn_tile_sweep(state, options->passes));
    keep(search);
    return TRNNSF_OK;
}

/* Empties tiles of the best state one by one, for as long as that goes. */
static trnnsf_status squeeze(struct search *search)
{
    struct trn_tile_state *state = search->state;

    for (;;) {
        size_t before = search->n_tiles;

        trn_tile_state_set(state, search->best);
        TRN_TRY(trn_tile_dissolve(state, before - 1));
        if (state->n_tiles >= before)
            return TRNNSF_OK;
        TRN_TRY(trn_tile_sweep(state, search->options->passes));
        keep(search);
    }
}

trnnsf_status trn_tile_hypergraph(struct trn_tile_state *state,
                                  const struct trnnsf_tile_map_options *options)
{
    trnnsf_status status = TRNNSF_OK;
    uint64_t proposals = (uint64_t)PROPOSALS * options->passes * state->n_placeable;
    struct search search = {.state = state,
                            .options = options,
                            .is_compact = options->rule == TRNNSF_TILE_COMPACT,
                            .packets = INFINITY,
                            .n_tiles = SIZE_MAX};

    TRN_NEED_OUT(search.best = TRN_NEW_ARRAY(state->ctx, uint32_t, state->graph->n));
    TRN_TRY_OUT(trn_tile_first_fit(state, true, UINT64_MAX));
    search.limit = state->n_tiles;
    TRN_TRY_OUT(trn_tile_first_fit(state, false, UINT64_MAX));
    if (state->n_tiles < search.limit)
        search.limit = state->n_tiles;
    for (int start = START_FIRST_FIT; start < STARTS; start++)
        TRN_TRY_OUT(try_start(&search, (enum start)start));
    if (search.is_compact)
        TRN_TRY_OUT(squeeze(&search));
    trn_tile_state_set(state, search.best);
    if (options->passes > 0)
        TRN_TRY_OUT(trn_tile_regroup(state, options->passes, options->seed));
    TRN_TRY_OUT(trn_tile_anneal(state, proposals, options->seed));
    TRN_TRY_OUT(trn_tile_sweep(state, options->passes));
    keep(&search);
    if (search.is_compact)
        TRN_TRY_OUT(squeeze(&search));
    trn_tile_state_set(state, search.best);
out:
    trn_free(state->ctx, search.best);
    return status;
}
