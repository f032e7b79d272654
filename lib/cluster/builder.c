#include "cluster/builder.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

void trn_builder_init(struct trn_cluster_builder *builder, trnnsf_context *ctx)
{
    *builder = (struct trn_cluster_builder){.ctx = ctx};
}

void trn_builder_free(struct trn_cluster_builder *builder)
{
    trn_free(builder->ctx, builder->row_start);
    trn_free(builder->ctx, builder->column_start);
    trn_free(builder->ctx, builder->row);
    trn_free(builder->ctx, builder->column);
    trn_builder_init(builder, builder->ctx);
}

static trnnsf_status reserve_starts(struct trn_cluster_builder *builder)
{
    if (builder->row_start && builder->count < builder->room)
        return TRNNSF_OK;

    size_t room = 2 * builder->room + 16;
    size_t *rows = trn_realloc(builder->ctx, builder->row_start, room + 1, sizeof *rows);
    if (!rows)
        return TRNNSF_E_NO_MEMORY;
    builder->row_start = rows;
    size_t *columns = trn_realloc(builder->ctx, builder->column_start, room + 1, sizeof *columns);
    if (!columns)
        return TRNNSF_E_NO_MEMORY;
    builder->column_start = columns;
    if (builder->count == 0)
        rows[0] = columns[0] = 0;
    builder->room = room;
    return TRNNSF_OK;
}

static trnnsf_status append_items(trnnsf_context *ctx, uint32_t **items, size_t *room, size_t used,
                                  const uint32_t *added, size_t count)
{
    if (used + count > *room) {
        size_t wanted = 2 * (used + count) + 64;
        uint32_t *moved = trn_realloc(ctx, *items, wanted, sizeof *moved);

        if (!moved)
            return TRNNSF_E_NO_MEMORY;
        *items = moved;
        *room = wanted;
    }
    memcpy(*items + used, added, count * sizeof *added);
    return TRNNSF_OK;
}

trnnsf_status trn_builder_add(struct trn_cluster_builder *builder, const uint32_t *rows,
                              size_t n_rows, const uint32_t *columns, size_t n_columns)
{
    if (n_rows == 0 || n_columns == 0)
        return TRNNSF_OK;
    TRN_TRY(reserve_starts(builder));

    size_t i = builder->count;
    size_t row_end = builder->row_start[i], column_end = builder->column_start[i];
    TRN_TRY(append_items(builder->ctx, &builder->row, &builder->row_room, row_end, rows, n_rows));
    TRN_TRY(append_items(builder->ctx, &builder->column, &builder->column_room, column_end, columns,
                         n_columns));
    builder->row_start[i + 1] = row_end + n_rows;
    builder->column_start[i + 1] = column_end + n_columns;
    builder->count++;
    return TRNNSF_OK;
}

trnnsf_status trn_builder_finish(const struct trn_cluster_builder *builder, size_t n_rows,
                                 size_t n_columns, struct trnnsf_clusters **out_clusters)
{
    return trn_clusters_create(builder->ctx, n_rows, n_columns, builder->count, builder->row_start,
                               builder->row, builder->column_start, builder->column, out_clusters);
}
