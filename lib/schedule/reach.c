#include "schedule/reach.h"

#include <string.h>

#include "base/context.h"
#include "cluster/builder.h"

static bool any(const uint32_t *line, size_t n, const bool *of)
{
    bool some = false;

    for (size_t i = 0; i < n && !some; i++)
        some = of[line[i]];
    return some;
}

/* to[]: lines at the far end of blocks with a line of from[] at the near end. */
static void spread(const struct trn_blocks *blocks, bool upward, const bool *from, bool *to)
{
    for (size_t b = 0; b < blocks->count; b++) {
        const uint32_t *row = blocks->row + blocks->row_start[b];
        const uint32_t *column = blocks->column + blocks->column_start[b];
        size_t n_rows = trn_block_rows(blocks, b), n_columns = trn_block_columns(blocks, b);

        if (upward && any(column, n_columns, from)) {
            for (size_t i = 0; i < n_rows; i++)
                to[row[i]] = true;
        } else if (!upward && any(row, n_rows, from)) {
            for (size_t j = 0; j < n_columns; j++)
                to[column[j]] = true;
        }
    }
}

static size_t width(struct trnnsf_clusters *const *clusters, size_t boundary)
{
    return boundary == 0 ? clusters[0]->blocks->n_columns : clusters[boundary - 1]->blocks->n_rows;
}

static trnnsf_status make_room(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                               struct trn_reach *reach)
{
    reach->alive = TRN_NEW_ARRAY(ctx, bool *, reach->n_layers + 1);
    if (!reach->alive)
        return TRNNSF_E_NO_MEMORY;
    for (size_t l = 0; l <= reach->n_layers; l++) {
        reach->alive[l] = TRN_NEW_ARRAY(ctx, bool, width(clusters, l));
        if (!reach->alive[l])
            return TRNNSF_E_NO_MEMORY;
    }
    return TRNNSF_OK;
}

/* Both ends of a path that leads through a neuron are known from either side alone. */
static trnnsf_status join_sides(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                                struct trn_reach *reach)
{
    struct trn_reach down = {.n_layers = reach->n_layers};
    trnnsf_status status;

    TRN_TRY_OUT(make_room(ctx, clusters, &down));
    memset(reach->alive[0], true, width(clusters, 0));
    for (size_t l = 0; l < reach->n_layers; l++)
        spread(clusters[l]->blocks, true, reach->alive[l], reach->alive[l + 1]);
    memset(down.alive[down.n_layers], true, width(clusters, down.n_layers));
    for (size_t l = down.n_layers; l-- > 0;)
        spread(clusters[l]->blocks, false, down.alive[l + 1], down.alive[l]);
    reach->whole = true;
    for (size_t l = 0; l <= reach->n_layers; l++) {
        bool some = false;

        for (size_t i = 0; i < width(clusters, l); i++) {
            reach->alive[l][i] = reach->alive[l][i] && down.alive[l][i];
            some = some || reach->alive[l][i];
        }
        reach->whole = reach->whole && some;
    }
out:
    trn_reach_free(ctx, &down);
    return status;
}

trnnsf_status trn_reach_find(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                             size_t n_layers, struct trn_reach *out_reach)
{
    *out_reach = (struct trn_reach){.n_layers = n_layers};
    TRN_TRY(make_room(ctx, clusters, out_reach));
    return join_sides(ctx, clusters, out_reach);
}

void trn_reach_free(trnnsf_context *ctx, struct trn_reach *reach)
{
    for (size_t l = 0; reach->alive && l <= reach->n_layers; l++)
        trn_free(ctx, reach->alive[l]);
    trn_free(ctx, reach->alive);
    reach->alive = NULL;
}

void trn_reach_filter(const struct trn_reach *reach, size_t index, struct trnnsf_matrix *salience)
{
    const bool *input = reach->alive[index], *output = reach->alive[index + 1];

    for (size_t i = 0; i < salience->n_rows; i++) {
        for (size_t e = salience->row_start[i]; e < salience->row_start[i + 1]; e++) {
            if (!output[i] || !input[salience->column[e]])
                salience->value[e] = 0;
        }
    }
}

static size_t take_alive(const uint32_t *line, size_t n, const bool *alive, uint32_t *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (alive[line[i]])
            out[kept++] = line[i];
    }
    return kept;
}

trnnsf_status trn_reach_trim(trnnsf_context *ctx, const struct trn_reach *reach, size_t index,
                             const struct trnnsf_clusters *clusters,
                             struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    uint32_t *rows = TRN_NEW_ARRAY(ctx, uint32_t, blocks->n_rows);
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, blocks->n_columns);
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    for (size_t b = 0; b < blocks->count; b++) {
        size_t n_rows = take_alive(blocks->row + blocks->row_start[b], trn_block_rows(blocks, b),
                                   reach->alive[index + 1], rows);
        size_t n_columns = take_alive(blocks->column + blocks->column_start[b],
                                      trn_block_columns(blocks, b), reach->alive[index], columns);

        TRN_TRY_OUT(trn_builder_add(&builder, rows, n_rows, columns, n_columns));
    }
    status = trn_builder_finish(&builder, blocks->n_rows, blocks->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    trn_free(ctx, rows);
    trn_free(ctx, columns);
    return status;
}
