#include "cluster/units.h"

#include "base/context.h"
#include "cluster/builder.h"

/* What the packer sees: a matrix, shapes and a goal that count units. */
struct view {
    trnnsf_context *ctx;
    size_t unit;
    struct trnnsf_matrix *matrix;
    struct trn_pack_pool pool;
    struct trn_pack_goal goal;
    struct trnnsf_clusters *start;
};

bool trn_units_fit(const struct trn_pack_pool *pool, size_t unit)
{
    bool fit = false;

    for (size_t s = 0; s < pool->count; s++)
        fit = fit || pool->shape[s].columns >= unit;
    return fit;
}

/* A shape without room for a unit is one that no block takes: tiny, and dear. */
static struct trn_pack_pool unit_pool(const struct trn_pack_pool *pool, size_t unit)
{
    struct trn_pack_pool units = *pool;

    for (size_t s = 0; s < pool->count; s++) {
        struct trn_pack_shape *shape = &units.shape[s];

        shape->columns /= unit;
        if (shape->columns == 0)
            *shape = (struct trn_pack_shape){.rows = 1, .columns = 1, .cost = 1e200};
    }
    return units;
}

/* A unit's salience is that of its cells. */
static trnnsf_status unit_matrix(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 size_t unit, struct trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *units;
    size_t count = 0;

    TRN_TRY(trn_sparse_create(ctx, matrix->n_rows, matrix->n_columns / unit,
                              trn_sparse_nonzeros(matrix), &units));
    for (size_t i = 0; i < matrix->n_rows; i++) {
        size_t first = count;

        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            uint32_t column = matrix->column[e] / (uint32_t)unit;

            if (count == first || units->column[count - 1] != column) {
                units->column[count] = column;
                units->value[count++] = 0;
            }
            units->value[count - 1] += (float)trn_salience(matrix, e);
        }
        units->row_start[i + 1] = count;
    }
    *out_matrix = units;
    return TRNNSF_OK;
}

/* Columns of whole units, ascending, become units: how many. */
static size_t whole_units(const uint32_t *column, size_t n, size_t unit, uint32_t *out)
{
    size_t count = 0, run = 0;

    for (size_t j = 0; j < n; j++) {
        run = column[j] % unit == 0 ? 1 : run + (j > 0 && column[j] == column[j - 1] + 1);
        if (column[j] % unit == unit - 1 && run == unit)
            out[count++] = column[j] / (uint32_t)unit;
    }
    return count;
}

static size_t all_columns(const uint32_t *units, size_t n, size_t unit, uint32_t *out)
{
    for (size_t j = 0; j < n * unit; j++)
        out[j] = units[j / unit] * (uint32_t)unit + (uint32_t)(j % unit);
    return n * unit;
}

/* Blocks with their columns as units, or with `expand` their units as columns. */
static trnnsf_status convert(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                             size_t unit, bool expand, struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    size_t n_columns = expand ? blocks->n_columns * unit : blocks->n_columns / unit;
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_NEED_OUT(columns);
    for (size_t b = 0; b < blocks->count; b++) {
        const uint32_t *column = blocks->column + blocks->column_start[b];
        size_t n = trn_block_columns(blocks, b);

        n = expand ? all_columns(column, n, unit, columns) : whole_units(column, n, unit, columns);
        TRN_TRY_OUT(trn_builder_add(&builder, blocks->row + blocks->row_start[b],
                                    trn_block_rows(blocks, b), columns, n));
    }
    status = trn_builder_finish(&builder, blocks->n_rows, n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    trn_free(ctx, columns);
    return status;
}

static void close_view(struct view *view)
{
    trnnsf_matrix_free(view->matrix);
    trn_clusters_free(view->start);
}

static trnnsf_status open_view(trnnsf_context *ctx, const struct trnnsf_matrix *matrix, size_t unit,
                               const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                               struct view *view)
{
    *view = (struct view){
        .ctx = ctx, .unit = unit, .pool = unit_pool(pool, unit), .goal = *goal};
    TRN_TRY(unit_matrix(ctx, matrix, unit, &view->matrix));
    if (goal->start)
        TRN_TRY(convert(ctx, goal->start, unit, false, &view->start));
    view->goal.start = view->start;
    return TRNNSF_OK;
}

trnnsf_status trn_pack_units(trnnsf_context *ctx, const struct trnnsf_matrix *matrix, size_t unit,
                             const struct trn_pack_pool *pool, const struct trn_pack_goal *goal,
                             struct trnnsf_clusters **out_clusters)
{
    struct trnnsf_clusters *found = NULL;
    struct view view;
    trnnsf_status status;

    if (unit == 1)
        return trn_pack(ctx, matrix, pool, goal, out_clusters);
    TRN_TRY_OUT(open_view(ctx, matrix, unit, pool, goal, &view));
    TRN_TRY_OUT(trn_pack(ctx, view.matrix, &view.pool, &view.goal, &found));
    status = convert(ctx, found, unit, true, out_clusters);
out:
    trn_clusters_free(found);
    close_view(&view);
    return status;
}

trnnsf_status trn_pack_unit_candidates(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                       size_t unit, const struct trn_pack_pool *pool,
                                       const struct trn_pack_goal *goal,
                                       struct trnnsf_clusters **out_clusters,
                                       struct trn_pack_offer **out_offers)
{
    struct trnnsf_clusters *found = NULL;
    struct trn_pack_offer *offers = NULL;
    struct view view;
    trnnsf_status status;

    if (unit == 1)
        return trn_pack_candidates(ctx, matrix, pool, goal, out_clusters, out_offers);
    TRN_TRY_OUT(open_view(ctx, matrix, unit, pool, goal, &view));
    TRN_TRY_OUT(trn_pack_candidates(ctx, view.matrix, &view.pool, &view.goal, &found, &offers));
    TRN_TRY_OUT(convert(ctx, found, unit, true, out_clusters));
    *out_offers = offers;
    offers = NULL;
out:
    trn_free(ctx, offers);
    trn_clusters_free(found);
    close_view(&view);
    return status;
}
