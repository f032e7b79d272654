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

static trnnsf_status make_room(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                               struct trn_reach *reach)
{
    size_t boundaries = reach->n_layers + 1;

    reach->fed = TRN_NEW_ARRAY(ctx, bool *, boundaries);
    reach->alive = TRN_NEW_ARRAY(ctx, bool *, boundaries);
    reach->width = TRN_NEW_ARRAY(ctx, size_t, boundaries);
    if (!reach->fed || !reach->alive || !reach->width)
        return TRNNSF_E_NO_MEMORY;
    for (size_t l = 0; l < boundaries; l++) {
        reach->width[l] = l == 0 ? clusters[0]->blocks->n_columns : clusters[l - 1]->blocks->n_rows;
        reach->fed[l] = TRN_NEW_ARRAY(ctx, bool, reach->width[l]);
        reach->alive[l] = TRN_NEW_ARRAY(ctx, bool, reach->width[l]);
        if (!reach->fed[l] || !reach->alive[l])
            return TRNNSF_E_NO_MEMORY;
    }
    return TRNNSF_OK;
}

/* What `clusters` read of the layer's inputs; true where some of it is fed. */
static bool find_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters)
{
    bool *alive = reach->alive[index], some = false;

    memset(alive, false, reach->width[index]);
    spread(clusters->blocks, false, reach->alive[index + 1], alive);
    for (size_t i = 0; i < reach->width[index]; i++)
        some = some || (alive[i] && reach->fed[index][i]);
    return some;
}

static void keep_fed(struct trn_reach *reach, size_t index)
{
    for (size_t i = 0; i < reach->width[index]; i++)
        reach->alive[index][i] = reach->alive[index][i] && reach->fed[index][i];
}

void trn_reach_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters)
{
    if (find_read(reach, index, clusters))
        keep_fed(reach, index);
}

trnnsf_status trn_reach_find(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                             size_t n_layers, struct trn_reach *out_reach)
{
    *out_reach = (struct trn_reach){.n_layers = n_layers, .whole = true};
    TRN_TRY(make_room(ctx, clusters, out_reach));
    memset(out_reach->fed[0], true, out_reach->width[0]);
    for (size_t l = 0; l < n_layers; l++)
        spread(clusters[l]->blocks, true, out_reach->fed[l], out_reach->fed[l + 1]);
    memcpy(out_reach->alive[n_layers], out_reach->fed[n_layers], out_reach->width[n_layers]);
    for (size_t l = n_layers; l-- > 0;) {
        find_read(out_reach, l, clusters[l]);
        keep_fed(out_reach, l);
    }
    for (size_t l = 0; l <= n_layers; l++) {
        bool some = false;

        for (size_t i = 0; i < out_reach->width[l]; i++)
            some = some || out_reach->alive[l][i];
        out_reach->whole = out_reach->whole && some;
    }
    return TRNNSF_OK;
}

void trn_reach_free(trnnsf_context *ctx, struct trn_reach *reach)
{
    for (size_t l = 0; l <= reach->n_layers; l++) {
        if (reach->fed)
            trn_free(ctx, reach->fed[l]);
        if (reach->alive)
            trn_free(ctx, reach->alive[l]);
    }
    trn_free(ctx, reach->fed);
    trn_free(ctx, reach->alive);
    trn_free(ctx, reach->width);
    *reach = (struct trn_reach){.n_layers = 0};
}

void trn_reach_forget_reads(struct trn_reach *reach)
{
    for (size_t l = 0; l < reach->n_layers; l++)
        memcpy(reach->alive[l], reach->fed[l], reach->width[l]);
    memset(reach->alive[reach->n_layers], true, reach->width[reach->n_layers]);
}

/* The salience of cells whose output is alive, and with `inputs` their input too; takes it off all
 * others with `clear`. */
static double sum_alive(const struct trn_reach *reach, size_t index, bool inputs, bool clear,
                        struct trnnsf_matrix *salience)
{
    double sum = 0;

    for (size_t i = 0; i < salience->n_rows; i++) {
        for (size_t e = salience->row_start[i]; e < salience->row_start[i + 1]; e++) {
            if (reach->alive[index + 1][i] && (!inputs || reach->alive[index][salience->column[e]]))
                sum += trn_salience(salience, e);
            else if (clear)
                salience->value[e] = 0;
        }
    }
    return sum;
}

void trn_reach_filter(const struct trn_reach *reach, size_t index, struct trnnsf_matrix *salience)
{
    bool inputs = sum_alive(reach, index, true, false, salience) > 0;

    if (inputs || sum_alive(reach, index, false, false, salience) > 0)
        sum_alive(reach, index, inputs, true, salience);
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
