#include "tile/blocks.h"

#include <string.h>

#include "base/context.h"

/* Two blocks are joined whose common sources outweigh the others; of a source's readers so many on
 * either side are looked at. Chosen here, to bound the time. */
enum { NEAR = 32 };

/* The blocks of one level. */
struct level {
    size_t n;
    size_t *starts; /* of what each reads */
    uint32_t *sources;
    uint32_t *outputs; /* neurons of each */
    uint32_t *rows;
    uint32_t *first, *last; /* members, as lists through coarsening.next */
};

struct coarsening {
    const struct trn_tile_state *state;
    struct level now;
    uint32_t *next;        /* [n] */
    size_t *reader_starts; /* [n + 1] blocks that read each source */
    uint32_t *readers;
    double *weight; /* [n] of sources, above 0 */
    double *common; /* [blocks] weight shared with the block looked at */
    uint32_t *rows; /* [blocks] rows shared with it */
    uint32_t *near; /* [blocks] those that share some */
    uint32_t *mate; /* [blocks] */
};

static void level_clear(trnnsf_context *ctx, struct level *level)
{
    trn_free(ctx, level->last);
    trn_free(ctx, level->first);
    trn_free(ctx, level->rows);
    trn_free(ctx, level->outputs);
    trn_free(ctx, level->sources);
    trn_free(ctx, level->starts);
    *level = (struct level){0};
}

static trnnsf_status level_create(trnnsf_context *ctx, size_t n, size_t n_sources,
                                  struct level *level)
{
    trnnsf_status status = TRNNSF_OK;

    level->n = n;
    TRN_NEED_OUT(level->starts = TRN_NEW_ARRAY(ctx, size_t, n + 1));
    TRN_NEED_OUT(level->sources = TRN_NEW_ARRAY(ctx, uint32_t, n_sources));
    TRN_NEED_OUT(level->outputs = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(level->rows = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(level->first = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(level->last = TRN_NEW_ARRAY(ctx, uint32_t, n));
out:
    return status;
}

/* Neurons by themselves; their sources' weights: spikes, and as much for the row. */
static void begin(struct coarsening *coarsening)
{
    const struct trn_tile_state *state = coarsening->state;
    const struct trnnsf_spike_graph *graph = state->graph;
    struct level *level = &coarsening->now;
    size_t next = 0, b = 0, n_synapses = graph->starts[graph->n];
    double sum = 0;

    for (uint32_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT)
            continue;
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            level->sources[next++] = graph->sources[s];
        level->outputs[b] = 1;
        level->rows[b] = state->need[i];
        level->first[b] = level->last[b] = i;
        coarsening->next[i] = TRNNSF_NO_TILE;
        level->starts[++b] = next;
    }
    for (size_t s = 0; s < n_synapses; s++)
        sum += graph->spikes[graph->sources[s]];
    for (size_t i = 0; i < graph->n; i++)
        coarsening->weight[i] = graph->spikes[i] + (sum > 0 ? sum / (double)(n_synapses + 1) : 1);
}

static void list_readers(struct coarsening *coarsening)
{
    const struct level *level = &coarsening->now;
    size_t *starts = coarsening->reader_starts, n = coarsening->state->graph->n;

    memset(starts, 0, (n + 2) * sizeof *starts);
    for (size_t k = 0; k < level->starts[level->n]; k++)
        starts[level->sources[k] + 2]++;
    for (size_t i = 0; i < n; i++)
        starts[i + 2] += starts[i + 1];
    for (uint32_t b = 0; b < level->n; b++) {
        for (size_t k = level->starts[b]; k < level->starts[b + 1]; k++)
            coarsening->readers[starts[level->sources[k] + 1]++] = b;
    }
}

/* The first reader of a source that is looked at for a block, which is one itself. */
static size_t nearest(const struct coarsening *coarsening, uint32_t source, uint32_t block)
{
    size_t low = coarsening->reader_starts[source], first = low;
    size_t high = coarsening->reader_starts[source + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (coarsening->readers[middle] < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low - first > NEAR ? low - NEAR : first;
}

/* The block that is most like another one, of those without a mate that it may be joined with. */
static uint32_t choose(struct coarsening *coarsening, uint32_t block, double own)
{
    const struct trn_tile_state *state = coarsening->state;
    const struct level *level = &coarsening->now;
    uint32_t best = TRNNSF_NO_TILE;
    size_t n_near = 0;
    double most = 0;

    for (size_t k = level->starts[block]; k < level->starts[block + 1]; k++) {
        uint32_t source = level->sources[k];
        size_t r = nearest(coarsening, source, block), end = r + 2 * NEAR + 1;

        for (; r < end && r < coarsening->reader_starts[source + 1]; r++) {
            uint32_t other = coarsening->readers[r];

            if (other == block || coarsening->mate[other] != TRNNSF_NO_TILE)
                continue;
            if (!(coarsening->common[other] > 0))
                coarsening->near[n_near++] = other;
            coarsening->common[other] += coarsening->weight[source];
            coarsening->rows[other] += state->takes_row[source];
        }
    }
    for (size_t k = 0; k < n_near; k++) {
        uint32_t other = coarsening->near[k];
        double common = coarsening->common[other];
        uint32_t rows = level->rows[block] + level->rows[other] - coarsening->rows[other];
        bool fits = rows <= state->inputs &&
                    2 * (level->outputs[block] + level->outputs[other]) <= state->outputs;

        coarsening->common[other] = 0;
        coarsening->rows[other] = 0;
        if (fits && common > most) {
            most = common;
            best = other;
        }
    }
    return 2 * most > own ? best : TRNNSF_NO_TILE;
}

/* How many have found a mate. */
static size_t match(struct coarsening *coarsening)
{
    const struct level *level = &coarsening->now;
    size_t matched = 0;

    memset(coarsening->mate, 0xff, level->n * sizeof *coarsening->mate);
    for (uint32_t b = 0; b < level->n; b++) {
        double own = 0;

        if (coarsening->mate[b] != TRNNSF_NO_TILE)
            continue;
        for (size_t k = level->starts[b]; k < level->starts[b + 1]; k++)
            own += coarsening->weight[level->sources[k]];
        uint32_t mate = choose(coarsening, b, own);
        if (mate == TRNNSF_NO_TILE)
            continue;
        coarsening->mate[b] = mate;
        coarsening->mate[mate] = b;
        matched += 2;
    }
    return matched;
}

/* Adds what a block reads to the last one of the level; marks are block numbers plus 1. */
static void read_too(const struct coarsening *coarsening, uint32_t block, struct level *level,
                     size_t b, uint32_t *mark)
{
    const struct level *now = &coarsening->now;

    for (size_t k = now->starts[block]; k < now->starts[block + 1]; k++) {
        uint32_t source = now->sources[k];

        if (mark[source] == b + 1)
            continue;
        mark[source] = (uint32_t)b + 1;
        level->sources[level->starts[b + 1]++] = source;
        level->rows[b] += coarsening->state->takes_row[source];
    }
    level->outputs[b] += now->outputs[block];
}

/* The next level, of those with mates joined. `mark` [n] is scratch. */
static trnnsf_status join(trnnsf_context *ctx, struct coarsening *coarsening, size_t matched,
                          uint32_t *mark)
{
    struct level *now = &coarsening->now, next = {0};
    size_t b = 0;

    trnnsf_status status = level_create(ctx, now->n - matched / 2, now->starts[now->n], &next);
    if (status != TRNNSF_OK) {
        level_clear(ctx, &next);
        return status;
    }
    memset(mark, 0, coarsening->state->graph->n * sizeof *mark);
    for (uint32_t k = 0; k < now->n; k++) {
        uint32_t mate = coarsening->mate[k];

        if (mate < k) /* with its mate */
            continue;
        next.starts[b + 1] = next.starts[b];
        next.first[b] = now->first[k];
        next.last[b] = now->last[k];
        read_too(coarsening, k, &next, b, mark);
        if (mate != TRNNSF_NO_TILE) {
            coarsening->next[next.last[b]] = now->first[mate];
            next.last[b] = now->last[mate];
            read_too(coarsening, mate, &next, b, mark);
        }
        b++;
    }
    level_clear(ctx, now);
    *now = next;
    return TRNNSF_OK;
}

/* Which block each neuron is in now. */
static trnnsf_status note(const struct coarsening *coarsening, struct trn_tile_blocks *blocks)
{
    const struct trn_tile_state *state = coarsening->state;
    const struct level *now = &coarsening->now;
    struct trn_block_level *level = &blocks->levels[blocks->n_levels++];
    trnnsf_status status = TRNNSF_OK;

    level->n_blocks = now->n;
    TRN_NEED_OUT(level->starts = TRN_NEW_ARRAY(state->ctx, size_t, now->n + 1));
    TRN_NEED_OUT(level->block_of = TRN_NEW_ARRAY(state->ctx, uint32_t, state->graph->n));
    for (uint32_t b = 0; b < now->n; b++) {
        for (uint32_t i = now->first[b]; i != TRNNSF_NO_TILE; i = coarsening->next[i])
            level->block_of[i] = b;
    }
out:
    return status;
}

/* Members in the order of the last level, where those of every level stand together, and each
 * level's blocks numbered in that order. */
static void order(const struct coarsening *coarsening, struct trn_tile_blocks *blocks)
{
    const struct level *now = &coarsening->now;
    size_t n = 0;

    for (size_t b = 0; b < now->n; b++) {
        for (uint32_t i = now->first[b]; i != TRNNSF_NO_TILE; i = coarsening->next[i])
            blocks->members[n++] = i;
    }
    for (size_t l = 0; l < blocks->n_levels; l++) {
        struct trn_block_level *level = &blocks->levels[l];
        uint32_t last = TRNNSF_NO_TILE;
        size_t b = 0;

        for (size_t k = 0; k < n; k++) {
            uint32_t *block = &level->block_of[blocks->members[k]];

            b += k > 0 && *block != last;
            last = *block;
            *block = (uint32_t)b;
            level->starts[b + 1] = k + 1;
        }
    }
}

static trnnsf_status coarsen(struct coarsening *coarsening, struct trn_tile_blocks *blocks)
{
    trnnsf_context *ctx = coarsening->state->ctx;

    begin(coarsening);
    while (blocks->n_levels < TRN_BLOCK_LEVELS) {
        TRN_TRY(trn_cancelled(ctx, "tiles"));
        list_readers(coarsening);
        size_t matched = match(coarsening);
        if (4 * matched < coarsening->now.n)
            break;
        TRN_TRY(join(ctx, coarsening, matched, coarsening->near));
        TRN_TRY(note(coarsening, blocks));
    }
    order(coarsening, blocks);
    return TRNNSF_OK;
}

trnnsf_status trn_tile_blocks_create(struct trn_tile_state *state, struct trn_tile_blocks *blocks)
{
    trnnsf_status status = TRNNSF_OK;
    trnnsf_context *ctx = state->ctx;
    size_t n = state->graph->n, n_synapses = state->graph->starts[n];
    struct coarsening coarsening = {.state = state};

    TRN_NEED_OUT(blocks->members = TRN_NEW_ARRAY(ctx, uint32_t, state->n_placeable));
    TRN_NEED_OUT(coarsening.next = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(coarsening.reader_starts = TRN_NEW_ARRAY(ctx, size_t, n + 2));
    TRN_NEED_OUT(coarsening.readers = TRN_NEW_ARRAY(ctx, uint32_t, n_synapses));
    TRN_NEED_OUT(coarsening.weight = TRN_NEW_ARRAY(ctx, double, n));
    TRN_NEED_OUT(coarsening.common = TRN_NEW_ARRAY(ctx, double, n));
    TRN_NEED_OUT(coarsening.rows = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(coarsening.near = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_NEED_OUT(coarsening.mate = TRN_NEW_ARRAY(ctx, uint32_t, n));
    TRN_TRY_OUT(level_create(ctx, state->n_placeable, n_synapses, &coarsening.now));
    TRN_TRY_OUT(coarsen(&coarsening, blocks));
out:
    level_clear(ctx, &coarsening.now);
    trn_free(ctx, coarsening.mate);
    trn_free(ctx, coarsening.near);
    trn_free(ctx, coarsening.rows);
    trn_free(ctx, coarsening.common);
    trn_free(ctx, coarsening.weight);
    trn_free(ctx, coarsening.readers);
    trn_free(ctx, coarsening.reader_starts);
    trn_free(ctx, coarsening.next);
    return status;
}

void trn_tile_blocks_clear(trnnsf_context *ctx, struct trn_tile_blocks *blocks)
{
    for (size_t l = 0; l < TRN_BLOCK_LEVELS; l++) {
        trn_free(ctx, blocks->levels[l].block_of);
        trn_free(ctx, blocks->levels[l].starts);
    }
    trn_free(ctx, blocks->members);
    *blocks = (struct trn_tile_blocks){0};
}
