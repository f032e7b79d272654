#include "cluster/pack_set.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/sort.h"
#include "cluster/builder.h"

/* Costs are summed in another order than the caller's: a budget of ten times 0.1 holds ten. (Chosen
 * here: far above the rounding of a sum, far below any cost that matters.) */
static const double cost_slack = 1e-9;

void trn_pack_set_init(struct trn_pack_set *set, trnnsf_context *ctx)
{
    *set = (struct trn_pack_set){.ctx = ctx};
}

void trn_pack_set_free(struct trn_pack_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        trn_free(set->ctx, set->block[i].lines);
    trn_free(set->ctx, set->block);
    trn_pack_set_init(set, set->ctx);
}

trnnsf_status trn_pack_set_add(struct trn_pack_set *set, const struct trn_pack_pool *pool,
                               const struct trn_pack_block *block)
{
    struct trn_pack_block copy = *block;

    if (set->count == set->room) {
        size_t room = 2 * set->room + 16;
        struct trn_pack_block *moved = trn_realloc(set->ctx, set->block, room, sizeof *moved);

        if (!moved)
            return TRNNSF_E_NO_MEMORY;
        set->block = moved;
        set->room = room;
    }
    copy.lines = trn_malloc(set->ctx, block->n_rows + block->n_columns, sizeof *copy.lines);
    if (!copy.lines)
        return TRNNSF_E_NO_MEMORY;
    copy.row = copy.lines;
    copy.column = copy.row + block->n_rows;
    memcpy(copy.row, block->row, block->n_rows * sizeof *copy.row);
    memcpy(copy.column, block->column, block->n_columns * sizeof *copy.column);
    set->block[set->count++] = copy;
    set->cost += pool->shape[block->shape].cost;
    return TRNNSF_OK;
}

void trn_pack_set_drop(struct trn_pack_set *set, const struct trn_pack_pool *pool, size_t i)
{
    trn_free(set->ctx, set->block[i].lines);
    set->cost -= pool->shape[set->block[i].shape].cost;
    set->block[i] = set->block[--set->count];
}

trnnsf_status trn_pack_set_copy(struct trn_pack_set *to, const struct trn_pack_pool *pool,
                                const struct trn_pack_set *from)
{
    trn_pack_set_free(to);
    for (size_t i = 0; i < from->count; i++)
        TRN_TRY(trn_pack_set_add(to, pool, &from->block[i]));
    return TRNNSF_OK;
}

void trn_pack_set_move(struct trn_pack_set *to, struct trn_pack_set *from)
{
    trn_pack_set_free(to);
    *to = *from;
    trn_pack_set_init(from, from->ctx);
}

bool trn_pack_set_affords(const struct trn_pack_set *set, const struct trn_pack_pool *pool,
                          const struct trn_pack_goal *goal, uint32_t shape)
{
    if (goal->bounded)
        return true;
    return set->count < goal->crossbars &&
           set->cost + pool->shape[shape].cost <= goal->cost * (1 + cost_slack);
}

void trn_pack_block_sort(struct trn_pack_block *block)
{
    trn_sort_indices(block->row, block->n_rows);
    trn_sort_indices(block->column, block->n_columns);
}

trnnsf_status trn_pack_set_finish(const struct trn_pack_set *set, size_t n_rows, size_t n_columns,
                                  struct trnnsf_clusters **out_clusters)
{
    struct trn_cluster_builder builder;
    trnnsf_status status = TRNNSF_OK;

    trn_builder_init(&builder, set->ctx);
    for (size_t i = 0; i < set->count && status == TRNNSF_OK; i++) {
        struct trn_pack_block *block = &set->block[i];

        trn_pack_block_sort(block);
        status =
            trn_builder_add(&builder, block->row, block->n_rows, block->column, block->n_columns);
    }
    if (status == TRNNSF_OK)
        status = trn_builder_finish(&builder, n_rows, n_columns, out_clusters);
    trn_builder_free(&builder);
    return status;
}
