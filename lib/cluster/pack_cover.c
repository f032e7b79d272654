/* Free covers as starts: where (nearly) everything is to be kept, moving connections between blocks
 * finds fewer of them than taking one block after the other. */
#include "base/context.h"
#include "cluster/cover.h"
#include "cluster/pack_work.h"
#include "cluster/packer.h"

/* Chosen here: a cover of so many connections takes a second or two at the default effort, and with
 * more left out blocks found for their salience are better. */
static const size_t most_entries = 500000;
static const double most_discarded = 0.1;

bool trn_pack_cover_helps(const struct trn_pack_work *work)
{
    return work->goal->bounded && work->goal->discard <= most_discarded && work->goal->effort > 1 &&
           work->field.entries <= most_entries;
}

/* Blocks that add least go as long as the bound is kept. */
static void let_go(struct trn_pack_work *work)
{
    double allowed = work->goal->discard * work->field.total * (1 - 1e-9);
    struct trn_pack_set *set = &work->set;

    while (set->count > 0 && work->open + set->block[set->count - 1].gain <= allowed) {
        work->open += set->block[set->count - 1].gain;
        trn_pack_set_drop(set, work->pool, set->count - 1);
    }
    trn_pack_work_renew(work);
}

/* A free cover; of a pool, what the packer makes of one of its shapes alone. */
static trnnsf_status find_cover(struct trn_pack_work *work, uint32_t index,
                                struct trnnsf_clusters **out_cover)
{
    const struct trn_pack_shape *shape = &work->pool->shape[index];
    struct trn_pack_pool alone = {.count = 1, .shape = {*shape}};
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;

    if (work->pool->count > 1)
        return trn_pack(work->ctx, work->field.matrix, &alone, work->goal, out_cover);
    options.inputs = (uint32_t)shape->columns;
    options.outputs = (uint32_t)shape->rows;
    options.effort = work->goal->effort - 1;
    options.seed = work->goal->seed;
    return trn_cover_find(work->ctx, work->field.matrix, &options, out_cover);
}

trnnsf_status trn_pack_cover_start(struct trn_pack_work *work, uint32_t shape)
{
    struct trnnsf_clusters *cover = NULL;
    trnnsf_status status = TRNNSF_OK;

    trn_pack_set_free(&work->set);
    TRN_TRY(find_cover(work, shape, &cover));
    const struct trn_blocks *blocks = cover->blocks;
    for (size_t i = 0; i < blocks->count && status == TRNNSF_OK; i++) {
        struct trn_pack_block block = {.row = blocks->row + blocks->row_start[i],
                                       .column = blocks->column + blocks->column_start[i],
                                       .n_rows = trn_block_rows(blocks, i),
                                       .n_columns = trn_block_columns(blocks, i)};

        block.shape = trn_pack_cheapest(work->pool, block.n_rows, block.n_columns);
        status = trn_pack_set_add(&work->set, work->pool, &block);
    }
    trn_clusters_free(cover);
    TRN_TRY(status);
    trn_pack_work_renew(work);
    TRN_TRY(trn_pack_tidy(work));
    let_go(work);
    return TRNNSF_OK;
}
