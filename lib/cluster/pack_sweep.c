/* Making a set of blocks better: each is let go and searched for again, together with some others; the
 * ones worth least are dropped. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/pool.h"
#include "cluster/pack_work.h"

/* Blocks that are let go together: enough for a few threads, few enough that most do not meet. In small
 * sets a sixteenth of all. (Chosen here.) */
enum { TOGETHER = 32, TOGETHER_SHARE = 16 };
enum { SWEEP_TURNS = 4 };
/* A block whose find was half taken by others is searched for again. */
static const double keeps = 0.9;

struct sweep {
    struct trn_pack_work *work;
    size_t first, count; /* of the blocks let go */
    size_t stride;       /* from one to the next of them: neighbours in the set were found together */
};

static struct trn_pack_block *block_of(const struct sweep *s, size_t i)
{
    return &s->work->set.block[s->first + i * s->stride];
}

static void copy_lines(struct trn_pack_block *to, const struct trn_pack_block *from)
{
    for (size_t r = 0; r < from->n_rows; r++)
        to->row[r] = from->row[r];
    for (size_t c = 0; c < from->n_columns; c++)
        to->column[c] = from->column[c];
    to->n_rows = from->n_rows;
    to->n_columns = from->n_columns;
    to->shape = from->shape;
    to->gain = from->gain;
}

static void search(struct trn_pack_work *work, struct trn_pack_candidate *candidate, size_t worker)
{
    const struct trn_pack_shape *shape = &work->pool->shape[candidate->block.shape];
    size_t rows = shape->rows < work->rows ? shape->rows : work->rows;
    size_t columns = shape->columns < work->columns ? shape->columns : work->columns;

    trn_pack_alternate(&work->search, worker, rows, columns, SWEEP_TURNS, &candidate->block);
    trn_pack_fill(&work->search, worker, &candidate->random, rows, columns, &candidate->block);
}

static void sweep_task(void *argument, size_t task, size_t worker)
{
    struct sweep *s = argument;
    struct trn_pack_candidate *candidate = &s->work->candidate[task];

    copy_lines(&candidate->block, block_of(s, task));
    search(s->work, candidate, worker);
}

/* Takes the candidates, those with most first; what they hold together. */
static double take_found(struct sweep *s, const size_t *order)
{
    struct trn_pack_work *work = s->work;
    double gain = 0;

    for (size_t k = 0; k < s->count; k++) {
        struct trn_pack_block *block = &work->candidate[order[k]].block;
        double promised = block->gain;

        block->gain = trn_pack_take(&work->field, block);
        if (block->gain < keeps * promised) {
            trn_pack_release(&work->field, block);
            search(work, &work->candidate[order[k]], 0);
            block->gain = trn_pack_take(&work->field, block);
        }
        gain += block->gain;
    }
    return gain;
}

/* The candidates become the set's blocks. Their room is that of the old ones, so a larger one is
 * appended in their place. */
static trnnsf_status keep_found(struct sweep *s)
{
    struct trn_pack_work *work = s->work;

    for (size_t i = 0; i < s->count; i++) {
        struct trn_pack_block *old = block_of(s, i);
        const struct trn_pack_block *found = &work->candidate[i].block;
        uint32_t *lines = trn_realloc(work->ctx, old->row, found->n_rows + found->n_columns,
                                      sizeof *lines);

        if (!lines)
            return TRNNSF_E_NO_MEMORY;
        old->row = lines;
        old->column = lines + found->n_rows;
        copy_lines(old, found);
    }
    return TRNNSF_OK;
}

static void order_by_gain(const struct sweep *s, size_t *order)
{
    for (size_t i = 0; i < s->count; i++) {
        double gain = s->work->candidate[i].block.gain;
        size_t j = i;

        for (; j > 0 && s->work->candidate[order[j - 1]].block.gain < gain; j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
}

/* Lets the blocks go and takes what was found in their place, or them again where that is more. */
static trnnsf_status exchange(struct sweep *s)
{
    struct trn_pack_work *work = s->work;
    size_t order[TOGETHER];
    double before = 0, after;

    for (size_t i = 0; i < s->count; i++) {
        before += trn_pack_release(&work->field, block_of(s, i));
        trn_random_init(&work->candidate[i].random, work->goal->seed, TRN_RANDOM_PACK, 1);
        trn_random_seek(&work->candidate[i].random, work->drawn++);
    }
    trn_parallel(work->ctx, s->count, sweep_task, s);
    order_by_gain(s, order);
    after = take_found(s, order);
    if (after > before) {
        work->open -= after - before;
        return keep_found(s);
    }
    for (size_t i = 0; i < s->count; i++)
        trn_pack_release(&work->field, &work->candidate[i].block);
    for (size_t i = 0; i < s->count; i++)
        trn_pack_take(&work->field, block_of(s, i));
    return TRNNSF_OK;
}

trnnsf_status trn_pack_sweep(struct trn_pack_work *work)
{
    size_t count = work->set.count;
    size_t together = count / TOGETHER_SHARE + 1;

    if (together > TOGETHER)
        together = TOGETHER;
    if (together > work->candidates)
        together = work->candidates;
    size_t batches = (count + together - 1) / together;

    trn_pack_search_prepare(&work->search); /* where fills begin */
    for (size_t b = 0; b < batches; b++) {
        struct sweep s = {.work = work, .first = b, .stride = batches};

        s.count = (count - b + batches - 1) / batches;
        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        TRN_TRY(exchange(&s));
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
        weak[i] = (struct weak){trn_pack_worth(work->goal, work->pool, block->shape, block->gain),
                                i};
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
