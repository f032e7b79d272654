/* From orders to tiles, and how few there can be. */
#include <string.h>

#include "base/context.h"
#include "base/sort.h"
#include "cluster/bound.h"
#include "cluster/builder.h"
#include "cluster/order.h"
#include "cluster/reorder.h"

struct tiling {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *matrix;
    size_t outputs, inputs;
    size_t column_stripes;
    const uint32_t *rows;
    uint32_t *stripe;     /* [columns] */
    uint32_t *columns;    /* [columns]: stripe by stripe, ascending in each */
    size_t *stripe_start; /* [column stripes + 1]: of the stripes' columns */
    size_t *first;        /* [column stripes + 1]: entries of a stripe of rows, by column stripe */
    size_t *end;          /* [column stripes] */
    uint32_t *entry_row, *entry_column; /* [most entries of a stripe of rows] */
    uint32_t *mark;                     /* [columns]: number of the tile that met it last */
    uint32_t *tile_row, *tile_column;
    uint32_t *band; /* [outputs]: rows of the stripe, ascending */
};

/* Lines of a stripe; gaps are no lines. */
static size_t stripe_rows(const struct tiling *t, size_t place)
{
    size_t n = 0;

    for (size_t p = place; p < place + t->outputs; p++)
        n += t->rows[p] != TRNNSF_NO_LINE;
    return n;
}

static size_t most_entries(const struct tiling *t)
{
    size_t most = 0;

    for (size_t p = 0; p < t->matrix->n_rows; p += t->outputs) {
        size_t count = 0;

        for (size_t i = 0; i < t->outputs; i++) {
            uint32_t row = t->rows[p + i];

            if (row != TRNNSF_NO_LINE)
                count += t->matrix->row_start[row + 1] - t->matrix->row_start[row];
        }
        most = count > most ? count : most;
    }
    return most;
}

static void list_columns(struct tiling *t, const uint32_t *columns)
{
    size_t n = t->matrix->n_columns;

    for (size_t x = 0; x < t->column_stripes; x++) {
        for (size_t p = x * t->inputs; p < (x + 1) * t->inputs; p++) {
            if (columns[p] != TRNNSF_NO_LINE) {
                t->stripe[columns[p]] = (uint32_t)x;
                t->stripe_start[x + 1]++;
            }
        }
        t->stripe_start[x + 1] += t->stripe_start[x];
        t->end[x] = t->stripe_start[x];
    }
    for (size_t j = 0; j < n; j++)
        t->columns[t->end[t->stripe[j]]++] = (uint32_t)j;
}

static trnnsf_status tiling_init(struct tiling *t, const uint32_t *columns)
{
    size_t n = t->matrix->n_columns, most = most_entries(t);
    size_t height = t->outputs;

    t->column_stripes = (n + t->inputs - 1) / t->inputs;
    t->stripe = TRN_NEW_ARRAY(t->ctx, uint32_t, n);
    t->columns = TRN_NEW_ARRAY(t->ctx, uint32_t, n);
    t->stripe_start = TRN_NEW_ARRAY(t->ctx, size_t, t->column_stripes + 1);
    t->first = TRN_NEW_ARRAY(t->ctx, size_t, t->column_stripes + 1);
    t->end = TRN_NEW_ARRAY(t->ctx, size_t, t->column_stripes);
    t->entry_row = TRN_NEW_ARRAY(t->ctx, uint32_t, most);
    t->entry_column = TRN_NEW_ARRAY(t->ctx, uint32_t, most);
    t->mark = TRN_NEW_ARRAY(t->ctx, uint32_t, n);
    t->tile_row = TRN_NEW_ARRAY(t->ctx, uint32_t, height);
    t->tile_column = TRN_NEW_ARRAY(t->ctx, uint32_t, t->inputs < n ? t->inputs : n);
    t->band = TRN_NEW_ARRAY(t->ctx, uint32_t, height);
    if (!t->stripe || !t->columns || !t->stripe_start || !t->first || !t->end || !t->entry_row ||
        !t->entry_column || !t->mark || !t->tile_row || !t->tile_column || !t->band)
        return TRNNSF_E_NO_MEMORY;
    list_columns(t, columns);
    return TRNNSF_OK;
}

static void tiling_free(struct tiling *t)
{
    trn_free(t->ctx, t->stripe);
    trn_free(t->ctx, t->columns);
    trn_free(t->ctx, t->stripe_start);
    trn_free(t->ctx, t->first);
    trn_free(t->ctx, t->end);
    trn_free(t->ctx, t->entry_row);
    trn_free(t->ctx, t->entry_column);
    trn_free(t->ctx, t->mark);
    trn_free(t->ctx, t->tile_row);
    trn_free(t->ctx, t->tile_column);
    trn_free(t->ctx, t->band);
}

/* Gaps are sorted behind the rows. The entries of the stripe of rows from `place` on, by column
 * stripe, rows ascending in each. */
static void sort_entries(struct tiling *t, size_t place)
{
    const struct trnnsf_matrix *matrix = t->matrix;
    size_t n = stripe_rows(t, place);

    memcpy(t->band, t->rows + place, t->outputs * sizeof *t->band);
    trn_sort_indices(t->band, t->outputs);
    memset(t->first, 0, (t->column_stripes + 1) * sizeof *t->first);
    for (size_t i = 0; i < n; i++) {
        for (size_t e = matrix->row_start[t->band[i]]; e < matrix->row_start[t->band[i] + 1]; e++)
            t->first[t->stripe[matrix->column[e]] + 1]++;
    }
    for (size_t x = 0; x < t->column_stripes; x++) {
        t->first[x + 1] += t->first[x];
        t->end[x] = t->first[x];
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t e = matrix->row_start[t->band[i]]; e < matrix->row_start[t->band[i] + 1]; e++) {
            size_t at = t->end[t->stripe[matrix->column[e]]]++;

            t->entry_row[at] = t->band[i];
            t->entry_column[at] = matrix->column[e];
        }
    }
}

/* The tile of the stripe at hand with column stripe x, as a cluster of its own number. */
static trnnsf_status add_tile(struct tiling *t, size_t x, struct trn_cluster_builder *builder)
{
    uint32_t number = (uint32_t)builder->count + 1;
    size_t n_rows = 0, n_columns = 0;

    for (size_t i = t->first[x]; i < t->end[x]; i++) {
        if (n_rows == 0 || t->tile_row[n_rows - 1] != t->entry_row[i])
            t->tile_row[n_rows++] = t->entry_row[i];
        t->mark[t->entry_column[i]] = number;
    }
    for (size_t p = t->stripe_start[x]; p < t->stripe_start[x + 1]; p++) {
        if (t->mark[t->columns[p]] == number)
            t->tile_column[n_columns++] = t->columns[p];
    }
    return trn_builder_add(builder, t->tile_row, n_rows, t->tile_column, n_columns);
}

trnnsf_status trn_reorder_tiles(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options, const uint32_t *rows,
                                const uint32_t *columns, struct trnnsf_clusters **out_clusters)
{
    struct tiling t = {.ctx = ctx, .matrix = matrix, .rows = rows};
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    t.outputs = options->outputs;
    t.inputs = options->inputs;
    TRN_TRY_OUT(tiling_init(&t, columns));
    for (size_t p = 0; p < matrix->n_rows; p += t.outputs) {
        sort_entries(&t, p);
        for (size_t x = 0; x < t.column_stripes; x++) {
            if (t.end[x] > t.first[x])
                TRN_TRY_OUT(add_tile(&t, x, &builder));
        }
    }
    status = trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    tiling_free(&t);
    trn_builder_free(&builder);
    return status;
}

trnnsf_status trn_reorder_bound(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options, size_t *out_bound)
{
    const size_t limit[TRN_SIDES] = {options->outputs, options->inputs};
    struct trn_bipartite *graph = NULL;
    trnnsf_status status = TRNNSF_OK;
    size_t joined, any;
    uint32_t *counts = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);

    TRN_NEED_OUT(counts);
    TRN_TRY_OUT(trn_bipartite_create(ctx, matrix, &graph));
    TRN_TRY_OUT(trn_order_bound(ctx, graph, limit, &joined));
    any = trn_crossbar_lower_bound(matrix, options->inputs, options->outputs, counts);
    *out_bound = joined > any ? joined : any;
out:
    trn_bipartite_free(ctx, graph);
    trn_free(ctx, counts);
    return status;
}
