/* From the tiles of a good order, and from greedy windows, to few clusters. */
#include "cluster/cover.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "cluster/bound.h"
#include "cluster/builder.h"
#include "cluster/pack.h"
#include "cluster/reorder.h"

/* Chosen here, by the ten matrices of doc/reorder.md. */
enum {
    STARTS = 2,        /* one from the tiles, one from windows where these are fewer */
    WINDOW_STARTS = 4, /* of each window */
    STREAM = 64,       /* of random numbers: beyond those of the orders */
    ROUNDS = 50,       /* in which progress is told */
    STEPS = 1024,      /* at one temperature */
    MERGE_FROM = 10,   /* rounds */
    MERGE_EVERY = 5,
    STEPS_A_LINE = 256,      /* for an effort of 1 */
    WORK = 40 * 1024 * 1024, /* for an effort of 1: connections looked at, roughly */
    CELLS_MAX = 1 << 25      /* lines x blocks: 128 MiB a start */
};
/* One unit is a line in an empty cluster; in a full one another line costs nothing. */
#define TEMPERATURE_FIRST 1.0
#define TEMPERATURE_LAST 0.05
#define CURVATURE 0.5

struct cover {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *matrix;
    struct trn_bipartite *graph;
    struct trn_cover_entries entries;
    float *cost[TRN_SIDES];
    size_t bound;
    struct trn_cover_state states[STARTS];
    uint64_t steps_a_round, done;
};

static void cover_free(struct cover *c)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        trn_free(c->ctx, c->entries.line[s]);
        trn_free(c->ctx, c->entries.entry[s]);
        trn_free(c->ctx, c->cost[s]);
    }
    for (int i = 0; i < STARTS; i++)
        trn_cover_state_free(c->ctx, &c->states[i]);
    trn_bipartite_free(c->ctx, c->graph);
}

/* The entries in the order of the rows' lists, and which of them each column has. */
static trnnsf_status list_entries(struct cover *c)
{
    struct trn_cover_entries *entries = &c->entries;
    const struct trn_side *rows = &c->graph->side[TRN_OUTPUTS];
    const struct trn_side *columns = &c->graph->side[TRN_INPUTS];
    size_t nonzeros = c->graph->nonzeros;
    size_t *next = trn_copy(c->ctx, columns->start, columns->count + 1, sizeof *next);

    for (int s = 0; s < TRN_SIDES; s++) {
        entries->line[s] = TRN_NEW_ARRAY(c->ctx, uint32_t, nonzeros);
        entries->entry[s] = TRN_NEW_ARRAY(c->ctx, uint32_t, nonzeros);
    }
    if (!next || !entries->line[0] || !entries->line[1] || !entries->entry[0] ||
        !entries->entry[1]) {
        trn_free(c->ctx, next);
        return TRNNSF_E_NO_MEMORY;
    }
    for (size_t i = 0; i < rows->count; i++) {
        for (size_t e = rows->start[i]; e < rows->start[i + 1]; e++) {
            entries->line[TRN_OUTPUTS][e] = (uint32_t)i;
            entries->line[TRN_INPUTS][e] = rows->other[e];
            entries->entry[TRN_OUTPUTS][e] = (uint32_t)e;
            entries->entry[TRN_INPUTS][next[rows->other[e]]++] = (uint32_t)e;
        }
    }
    trn_free(c->ctx, next);
    return TRNNSF_OK;
}

/* block[nonzeros]: the clusters that own the entries; false where one has no owner. */
static bool assign_blocks(const struct cover *c, const struct trnnsf_clusters *clusters,
                          uint32_t *block)
{
    const struct trn_cover_entries *entries = &c->entries;
    const struct trn_side *side = c->graph->side;
    bool all = true;

    for (size_t e = 0; e < c->graph->nonzeros; e++) {
        block[e] =
            trn_clusters_owner(clusters, side[TRN_OUTPUTS].index[entries->line[TRN_OUTPUTS][e]],
                               side[TRN_INPUTS].index[entries->line[TRN_INPUTS][e]]);
        all = all && block[e] != TRN_NO_CLUSTER;
    }
    return all;
}

/* Windows that hold most of what is left, one after the other, as a second start: many connections
 * without any order are better served so. Only where they are fewer than the tiles. */
static trnnsf_status start_from_windows(struct cover *c, uint64_t seed, uint32_t *block,
                                        bool *out_fewer)
{
    struct trnnsf_matrix *pattern = NULL;
    struct trnnsf_clusters *windows = NULL;
    trnnsf_status status;

    *out_fewer = false;
    TRN_TRY(trn_clusters_residue_matrix(c->ctx, NULL, c->matrix, &pattern));
    for (size_t e = 0; e < c->graph->nonzeros; e++)
        pattern->value[e] = 1;
    TRN_TRY_OUT(trn_clusters_seed(c->ctx, pattern, c->entries.limit[TRN_INPUTS],
                                  c->entries.limit[TRN_OUTPUTS], c->entries.blocks - 1,
                                  WINDOW_STARTS, seed, &windows));
    *out_fewer = assign_blocks(c, windows, block);
out:
    trn_clusters_free(windows);
    trnnsf_matrix_free(pattern);
    return status;
}

static trnnsf_status make_costs(struct cover *c)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        size_t limit = c->entries.limit[s];

        c->cost[s] = TRN_NEW_ARRAY(c->ctx, float, limit + 1);
        if (!c->cost[s])
            return TRNNSF_E_NO_MEMORY;
        for (size_t n = 0; n <= limit; n++)
            c->cost[s][n] = (float)((double)n * (1 - CURVATURE * (double)n / (double)limit));
        c->entries.cost[s] = c->cost[s];
    }
    return TRNNSF_OK;
}

/* Connections of the line of a connection, on average; long lines are not moved as a whole. */
static uint64_t mean_degree(const struct trn_bipartite *graph)
{
    double sum = 0;

    for (int s = 0; s < TRN_SIDES; s++) {
        for (size_t i = 0; i < graph->side[s].count; i++) {
            double degree = (double)trn_degree(&graph->side[s], i);

            sum += degree * (degree < TRN_COVER_WHOLE ? degree : TRN_COVER_WHOLE);
        }
    }
    return (uint64_t)(sum / (double)(TRN_SIDES * graph->nonzeros));
}

/* Steps of each start in a round; 0 where a search cannot help or would be too large. */
static uint64_t plan_steps(const struct cover *c, uint32_t effort)
{
    size_t lines = c->graph->side[TRN_OUTPUTS].count + c->graph->side[TRN_INPUTS].count;
    size_t blocks = c->entries.blocks;

    if (blocks <= c->bound || lines > CELLS_MAX / blocks || c->graph->nonzeros > INT32_MAX)
        return 0;
    uint64_t by_lines = (uint64_t)effort * STEPS_A_LINE * lines;
    uint64_t by_work = (uint64_t)effort * WORK / (16 + 2 * mean_degree(c->graph));
    return ((by_lines < by_work ? by_lines : by_work) + ROUNDS - 1) / ROUNDS;
}

static void round_task(void *argument, size_t task, size_t worker)
{
    struct cover *c = argument;
    struct trn_cover_state *state = &c->states[task];
    uint64_t end = c->done + c->steps_a_round;

    (void)worker;
    for (uint64_t i = c->done; i < end;) {
        double part = (double)i / (double)(c->steps_a_round * ROUNDS);
        double temperature = TEMPERATURE_FIRST * pow(TEMPERATURE_LAST / TEMPERATURE_FIRST, part);
        uint64_t stop = end - i < STEPS ? end : i + STEPS;

        for (; i < stop; i++)
            trn_cover_step(state, temperature);
        trn_cover_keep(state);
    }
    if (end >= c->steps_a_round * MERGE_FROM && end / c->steps_a_round % MERGE_EVERY == 0) {
        trn_cover_merge(state);
        trn_cover_keep(state);
    }
}

static trnnsf_status init_states(struct cover *c, const struct trnnsf_clusters *tiles,
                                 uint64_t seed)
{
    trnnsf_status status = TRNNSF_OK;
    uint32_t *block = TRN_NEW_ARRAY(c->ctx, uint32_t, c->graph->nonzeros);
    bool fewer;

    TRN_NEED_OUT(block);
    assign_blocks(c, tiles, block);
    TRN_TRY_OUT(trn_cover_state_init(c->ctx, &c->entries, block, seed, STREAM, &c->states[0]));
    TRN_TRY_OUT(start_from_windows(c, seed, block, &fewer));
    if (!fewer)
        assign_blocks(c, tiles, block);
    TRN_TRY_OUT(trn_cover_state_init(c->ctx, &c->entries, block, seed, STREAM + 1, &c->states[1]));
out:
    trn_free(c->ctx, block);
    return status;
}

static trnnsf_status anneal(struct cover *c)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        TRN_TRY(trn_progress(c->ctx, "cover", NULL, i, ROUNDS));
        trn_parallel(c->ctx, STARTS, round_task, c);
        c->done += c->steps_a_round;
        if (c->states[0].best <= c->bound || c->states[1].best <= c->bound)
            break;
    }
    return trn_progress(c->ctx, "cover", NULL, ROUNDS, ROUNDS);
}

/* The lines of side s in each block, ascending: held[line x blocks] are marks. */
static size_t list_lines(const struct cover *c, int s, const unsigned char *held, size_t block,
                         uint32_t *out)
{
    const struct trn_side *side = &c->graph->side[s];
    size_t count = 0;

    for (size_t i = 0; i < side->count; i++) {
        if (held[i * c->entries.blocks + block])
            out[count++] = side->index[i];
    }
    return count;
}

static trnnsf_status collect(const struct cover *c, const uint32_t *block,
                             struct trnnsf_clusters **out_clusters)
{
    struct trn_cluster_builder builder;
    trnnsf_status status = TRNNSF_OK;
    unsigned char *held[TRN_SIDES] = {NULL, NULL};
    uint32_t *lines[TRN_SIDES] = {NULL, NULL};

    trn_builder_init(&builder, c->ctx);
    for (int s = 0; s < TRN_SIDES; s++) {
        held[s] = trn_calloc(c->ctx, c->graph->side[s].count, c->entries.blocks);
        TRN_NEED_OUT(held[s]);
        lines[s] = TRN_NEW_ARRAY(c->ctx, uint32_t, c->graph->side[s].count);
        TRN_NEED_OUT(lines[s]);
        for (size_t e = 0; e < c->graph->nonzeros; e++)
            held[s][c->entries.line[s][e] * c->entries.blocks + block[e]] = 1;
    }
    for (size_t b = 0; b < c->entries.blocks; b++) {
        size_t rows = list_lines(c, TRN_OUTPUTS, held[TRN_OUTPUTS], b, lines[TRN_OUTPUTS]);
        size_t columns = list_lines(c, TRN_INPUTS, held[TRN_INPUTS], b, lines[TRN_INPUTS]);

        TRN_TRY_OUT(
            trn_builder_add(&builder, lines[TRN_OUTPUTS], rows, lines[TRN_INPUTS], columns));
    }
    status = trn_builder_finish(&builder, c->matrix->n_rows, c->matrix->n_columns, out_clusters);
out:
    for (int s = 0; s < TRN_SIDES; s++) {
        trn_free(c->ctx, held[s]);
        trn_free(c->ctx, lines[s]);
    }
    trn_builder_free(&builder);
    return status;
}

/* The tiles of the order that trn_reorder_find() finds; half the effort does for a start. */
static trnnsf_status find_tiles(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options,
                                struct trnnsf_clusters **out_tiles)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_reorder_options half = *options;
    uint32_t *rows = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_rows + options->outputs);
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns + options->inputs);

    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    half.effort = (options->effort + 1) / 2;
    half.gaps = 1;
    TRN_TRY_OUT(trn_reorder_find(ctx, matrix, &half, rows, columns));
    status = trn_reorder_tiles(ctx, matrix, &half, rows, columns, out_tiles);
out:
    trn_free(ctx, columns);
    trn_free(ctx, rows);
    return status;
}

static trnnsf_status find_bound(struct cover *c)
{
    uint32_t *counts = TRN_NEW_ARRAY(c->ctx, uint32_t, c->matrix->n_columns);

    if (!counts)
        return TRNNSF_E_NO_MEMORY;
    c->bound = trn_crossbar_lower_bound(c->matrix, c->entries.limit[TRN_INPUTS],
                                        c->entries.limit[TRN_OUTPUTS], counts);
    trn_free(c->ctx, counts);
    return TRNNSF_OK;
}

trnnsf_status trn_cover_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                             const struct trnnsf_reorder_options *options,
                             struct trnnsf_clusters **out_clusters)
{
    struct cover c = {.ctx = ctx, .matrix = matrix};
    struct trnnsf_clusters *tiles = NULL;
    trnnsf_status status;

    c.entries.limit[TRN_OUTPUTS] = options->outputs;
    c.entries.limit[TRN_INPUTS] = options->inputs;
    TRN_TRY_OUT(find_tiles(ctx, matrix, options, &tiles));
    TRN_TRY_OUT(find_bound(&c));
    TRN_TRY_OUT(trn_bipartite_create(ctx, matrix, &c.graph));
    c.entries.graph = c.graph;
    c.entries.blocks = trn_clusters_count(tiles);
    c.steps_a_round = plan_steps(&c, options->effort);
    if (c.steps_a_round > 0) {
        TRN_TRY_OUT(list_entries(&c));
        TRN_TRY_OUT(make_costs(&c));
        TRN_TRY_OUT(init_states(&c, tiles, options->seed));
        TRN_TRY_OUT(anneal(&c));
        int best = c.states[1].best < c.states[0].best;
        if (c.states[best].best < c.entries.blocks) {
            status = collect(&c, c.states[best].best_block, out_clusters);
            goto out;
        }
    }
    *out_clusters = tiles;
    tiles = NULL;
out:
    trn_clusters_free(tiles);
    cover_free(&c);
    return status;
}
