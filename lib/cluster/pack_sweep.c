/* Making a set of blocks better: each is let go and searched for again; the ones worth
 * least are dropped. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack_work.h"

enum { SWEEP_TURNS = 4 };

static void copy_lines(struct trn_pack_block *to, const struct trn_pack_block *from)
{
    memcpy(to->row, from->row, from->n_rows * sizeof *to->row);
    memcpy(to->column, from->column, from->n_columns * sizeof *to->column);
    to->n_rows = from->n_rows;
    to->n_columns = from->n_columns;
    to->shape = from->shape;
    to->gain = from->gain;
}

static void search(struct trn_pack_work *work, struct trn_pack_candidate *candidate)
{
    const struct trn_pack_shape *shape = &work->pool->shape[candidate->block.shape];
    size_t rows = shape->rows < work->rows ? shape->rows : work->rows;
    size_t columns = shape->columns < work->columns ? shape->columns : work->columns;

    trn_random_init(&candidate->random, work->goal->seed, TRN_RANDOM_PACK, 1);
    trn_random_seek(&candidate->random, work->drawn++);
    trn_pack_alternate(&work->search, 0, rows, columns, SWEEP_TURNS, &candidate->block);
    trn_pack_fill(&work->search, 0, &candidate->random, rows, columns, &candidate->block);
}

static trnnsf_status become(struct trn_pack_work *work, struct trn_pack_block *block,
                            const struct trn_pack_block *found)
{
    uint32_t *lines =
        trn_realloc(work->ctx, block->lines, found->n_rows + found->n_columns, sizeof *lines);

    if (!lines)
        return TRNNSF_E_NO_MEMORY;
    block->lines = block->row = lines;
    block->column = lines + found->n_rows;
    copy_lines(block, found);
    return TRNNSF_OK;
}

/* The block is let go, and takes what is found from where it was, or itself again. One at a time:
 * blocks that are let go together find the same cells, and most of their finds are lost (measured).
 */
static trnnsf_status exchange(struct trn_pack_work *work, struct trn_pack_block *block)
{
    struct trn_pack_candidate *candidate = &work->candidate[0];
    double before = trn_pack_release(&work->field, block), after;

    copy_lines(&candidate->block, block);
    search(work, candidate);
    after = trn_pack_take(&work->field, &candidate->block);
    if (after > before) {
        work->open -= after - before;
        return become(work, block, &candidate->block);
    }
    trn_pack_release(&work->field, &candidate->block);
    trn_pack_take(&work->field, block);
    return TRNNSF_OK;
}

trnnsf_status trn_pack_sweep(struct trn_pack_work *work)
{
    trn_pack_search_prepare(&work->search); /* where fills begin */
    for (size_t i = 0; i < work->set.count; i++) {
        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        TRN_TRY(exchange(work, &work->set.block[i]));
    }
    work->open = trn_pack_field_sum(&work->field);
    return TRNNSF_OK;
}

struct weak {
    double worth;
    size_t index;
};

static int weakest_first(const void *a, const void *b)
{
    const struct weak *x = a, *y = b;

    if (x->worth != y->worth)
        return x->worth < y->worth ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int last_first(const void *a, const void *b)
{
    const struct weak *x = a, *y = b;

    return (x->index < y->index) - (x->index > y->index);
}

trnnsf_status trn_pack_drop_weakest(struct trn_pack_work *work, size_t count)
{
    struct trn_pack_set *set = &work->set;
    struct weak *weak = TRN_NEW_ARRAY(work->ctx, struct weak, set->count);

    if (!weak)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < set->count; i++) {
        struct trn_pack_block *block = &set->block[i];

        block->gain = trn_pack_exclusive(&work->field, block);
        weak[i] =
            (struct weak){trn_pack_worth(work->goal, work->pool, block->shape, block->gain), i};
    }
    qsort(weak, set->count, sizeof *weak, weakest_first);
    if (count > set->count)
        count = set->count;
    qsort(weak, count, sizeof *weak, last_first);
    for (size_t i = 0; i < count; i++) {
        work->open += trn_pack_release(&work->field, &set->block[weak[i].index]);
        trn_pack_set_drop(set, work->pool, weak[i].index);
    }
    trn_free(work->ctx, weak);
    return TRNNSF_OK;
}
