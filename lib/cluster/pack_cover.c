/* Free covers as starts: where (nearly) everything is to be kept, moving connections between blocks
 * finds fewer of them than taking one block after the other. */
#include "base/context.h"
#include "cluster/cover.h"
#include "cluster/pack_work.h"

/* Chosen here: a cover of so many connections takes a second or two at the default effort, and with
 * more left out blocks found for their salience are better. */
static const size_t most_entries = 500000;
static const double most_discarded = 0.1;

bool trn_pack_cover_helps(const struct trn_pack_work *work)
{
    return work->goal->bounded && work->goal->discard <= most_discarded && work->goal->effort > 1 &&
           work->field.entries <= most_entries;
}

/* The shape with the cheapest cells that lie on the matrix. */
static const struct trn_pack_shape *best_shape(const struct trn_pack_work *work)
{
    const struct trn_pack_shape *best = NULL;
    double least = INFINITY;

    for (size_t s = 0; s < work->pool->count; s++) {
        const struct trn_pack_shape *shape = &work->pool->shape[s];
        double rows = fmin((double)shape->rows, (double)work->field.rows.lines);
        double columns = fmin((double)shape->columns, (double)work->field.columns.lines);

        if (!best || shape->cost / (rows * columns) < least) {
            best = shape;
            least = shape->cost / (rows * columns);
        }
    }
    return best;
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

trnnsf_status trn_pack_cover_start(struct trn_pack_work *work)
{
    const struct trn_pack_shape *shape = best_shape(work);
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;
    struct trnnsf_clusters *cover = NULL;
    trnnsf_status status = TRNNSF_OK;

    options.inputs = (uint32_t)shape->columns;
    options.outputs = (uint32_t)shape->rows;
    options.effort = work->goal->effort - 1;
    options.seed = work->goal->seed;
    TRN_TRY(trn_cover_find(work->ctx, work->field.matrix, &options, &cover));
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
