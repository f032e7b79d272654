/* The order in which blocks add most, without what they do not need. */
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack_work.h"

/* A heap of blocks by what they were last seen to add. As others are taken that can only fall, so
 * the first one whose worth is up to date is the best (lazy greedy). Source: Minoux, "Accelerated
 * greedy algorithms for maximizing submodular set functions", 1978. */
struct heap {
    size_t *item;
    size_t count;
    const double *worth;
};

static bool before(const struct heap *heap, size_t a, size_t b)
{
    double x = heap->worth[heap->item[a]], y = heap->worth[heap->item[b]];

    return x > y || (x == y && heap->item[a] < heap->item[b]);
}

static void sink(struct heap *heap, size_t at)
{
    for (;;) {
        size_t best = at, left = 2 * at + 1;

        if (left < heap->count && before(heap, left, best))
            best = left;
        if (left + 1 < heap->count && before(heap, left + 1, best))
            best = left + 1;
        if (best == at)
            return;
        size_t kept = heap->item[at];
        heap->item[at] = heap->item[best];
        heap->item[best] = kept;
        at = best;
    }
}

static bool stays_first(struct heap *heap)
{
    size_t first = heap->item[0];

    sink(heap, 0);
    return heap->item[0] == first;
}

static double look(struct trn_pack_work *work, struct trn_pack_block *block)
{
    block->gain = trn_pack_marginal(&work->field, block);
    return trn_pack_worth(work->goal, work->pool, block->shape, block->gain);
}

/* Lines of the block on which nothing is open go. */
static void trim(struct trn_pack_work *work, struct trn_pack_block *block)
{
    const struct trn_pack_side *rows = &work->field.rows;
    unsigned char *mark = work->field.mark;
    float *gain = work->search.scratch[0].gain;
    size_t n_rows = 0, n_columns = 0;

    for (size_t c = 0; c < block->n_columns; c++)
        mark[block->column[c]] = 1;
    for (size_t r = 0; r < block->n_rows; r++) {
        uint32_t row = block->row[r];
        bool live = false;

        for (size_t e = rows->start[row]; e < rows->start[row + 1]; e++) {
            if (mark[rows->index[e]] && rows->open[e] > 0) {
                gain[rows->index[e]] = 1;
                live = true;
            }
        }
        if (live)
            block->row[n_rows++] = row;
    }
    for (size_t c = 0; c < block->n_columns; c++) {
        uint32_t column = block->column[c];

        mark[column] = 0;
        if (gain[column] > 0)
            block->column[n_columns++] = column;
        gain[column] = 0;
    }
    block->n_rows = n_rows;
    block->n_columns = n_columns;
}

/* The best block of the heap leaves it for the tidy set; false where the rest adds nothing. */
static trnnsf_status move_best(struct trn_pack_work *work, struct heap *heap, double *worth,
                               struct trn_pack_set *tidy, bool *out_more)
{
    struct trn_pack_block *block;

    for (;;) {
        block = &work->set.block[heap->item[0]];
        worth[heap->item[0]] = look(work, block);
        if (stays_first(heap))
            break;
    }
    *out_more = block->gain > 0;
    if (!*out_more)
        return TRNNSF_OK;
    trim(work, block);
    block->shape = trn_pack_cheapest(work->pool, block->n_rows, block->n_columns);
    trn_pack_take(&work->field, block);
    heap->item[0] = heap->item[--heap->count];
    sink(heap, 0);
    return trn_pack_set_add(tidy, work->pool, block);
}

static trnnsf_status tidy_in_order(struct trn_pack_work *work, struct heap *heap, double *worth,
                                   struct trn_pack_set *tidy)
{
    bool more = true;

    trn_pack_field_reset(&work->field);
    for (size_t i = 0; i < work->set.count; i++) {
        worth[i] = look(work, &work->set.block[i]);
        heap->item[i] = i;
    }
    heap->count = work->set.count;
    for (size_t i = heap->count; i-- > 0;)
        sink(heap, i);
    while (heap->count > 0 && more) {
        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        TRN_TRY(move_best(work, heap, worth, tidy, &more));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_pack_tidy(struct trn_pack_work *work)
{
    struct trn_pack_set tidy;
    trnnsf_status status;
    double *worth = TRN_NEW_ARRAY(work->ctx, double, work->set.count);
    struct heap heap = {.item = TRN_NEW_ARRAY(work->ctx, size_t, work->set.count), .worth = worth};

    trn_pack_set_init(&tidy, work->ctx);
    TRN_NEED_OUT(worth);
    TRN_NEED_OUT(heap.item);
    TRN_TRY_OUT(tidy_in_order(work, &heap, worth, &tidy));
    trn_pack_set_move(&work->set, &tidy);
    work->open = trn_pack_field_sum(&work->field);
out:
    trn_pack_set_free(&tidy);
    trn_free(work->ctx, worth);
    trn_free(work->ctx, heap.item);
    return status;
}
