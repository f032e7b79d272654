#include "cluster/pack_search.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack_copy.h"
#include "cluster/pack_rank.h"

enum { FILL_TURNS = 2 };
/* Fills of one block; rows looked at in each, as multiples of the side. (Chosen here: a block that
 * is not full by then holds crumbs.) */
enum { FILLS_MAX = 6, FILL_LOOKS = 16 };

/* Copying reads every connection once; searching reads only some of them, but many times.
 * (Measured: at half it pays well, above three quarters no more.) */
static const double worth_copying = 0.6;

trnnsf_status trn_pack_search_init(struct trn_pack_search *search, trnnsf_context *ctx,
                                   struct trn_pack_field *field)
{
    size_t n_rows = field->rows.lines, n_columns = field->columns.lines;
    size_t lines = n_rows > n_columns ? n_rows : n_columns;

    *search = (struct trn_pack_search){.ctx = ctx, .field = field};
    search->scratch = TRN_NEW_ARRAY(ctx, struct trn_pack_scratch, ctx->threads);
    search->row_until = TRN_NEW_ARRAY(ctx, double, n_rows);
    search->column_until = TRN_NEW_ARRAY(ctx, double, n_columns);
    if (!search->scratch || !search->row_until || !search->column_until)
        return TRNNSF_E_NO_MEMORY;
    for (size_t w = 0; w < ctx->threads; w++) {
        struct trn_pack_scratch *scratch = &search->scratch[w];

        scratch->gain = TRN_NEW_ARRAY(ctx, float, lines);
        scratch->key = trn_malloc(ctx, lines, sizeof *scratch->key);
        scratch->touched = trn_malloc(ctx, lines, sizeof *scratch->touched);
        if (!scratch->gain || !scratch->key || !scratch->touched)
            return TRNNSF_E_NO_MEMORY;
    }
    return TRNNSF_OK;
}

void trn_pack_search_free(struct trn_pack_search *search)
{
    trnnsf_context *ctx = search->ctx;

    for (size_t w = 0; search->scratch && w < ctx->threads; w++) {
        trn_free(ctx, search->scratch[w].gain);
        trn_free(ctx, search->scratch[w].key);
        trn_free(ctx, search->scratch[w].touched);
    }
    trn_free(ctx, search->scratch);
    trn_pack_copy_free(ctx, &search->row_copy);
    trn_pack_copy_free(ctx, &search->column_copy);
    trn_free(ctx, search->row_until);
    trn_free(ctx, search->column_until);
}

double trn_pack_search_prepare(struct trn_pack_search *search)
{
    double open = trn_pack_field_sum(search->field), until = 0;

    search->rows = search->field->rows;
    search->columns = search->field->columns;

    for (size_t i = 0; i < search->field->rows.lines; i++)
        search->row_until[i] = until += search->field->rows.sum[i];
    until = 0;
    for (size_t j = 0; j < search->field->columns.lines; j++)
        search->column_until[j] = until += search->field->columns.sum[j];
    return open;
}

trnnsf_status trn_pack_search_freeze(struct trn_pack_search *search, double *out_open)
{
    struct trn_pack_field *field = search->field;

    *out_open = trn_pack_search_prepare(search);
    if ((double)field->opened > worth_copying * (double)field->entries)
        return TRNNSF_OK;
    TRN_TRY(trn_pack_copy_open(search->ctx, &field->rows, field->opened, &search->row_copy,
                               &search->rows));
    return trn_pack_copy_open(search->ctx, &field->columns, field->opened, &search->column_copy,
                              &search->columns);
}

/* A line by its share of the open salience. */
static uint32_t draw_line(const double *until, size_t lines, struct trn_random *random)
{
    double wanted = trn_random_double(random) * until[lines - 1];
    size_t low = 0, count = lines - 1;

    while (count > 0) {
        size_t half = count / 2;

        if (until[low + half] <= wanted) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return (uint32_t)low;
}

void trn_pack_alternate(struct trn_pack_search *search, size_t worker, size_t rows, size_t columns,
                        unsigned turns, struct trn_pack_block *block)
{
    struct trn_pack_scratch *scratch = &search->scratch[worker];
    double last = 0;

    block->gain = 0;
    for (unsigned turn = 0; turn < turns; turn++) {
        trn_pack_rank(&search->columns, search->rows.lines, block->column, block->n_columns, rows,
                      scratch, block->row, &block->n_rows);
        block->gain = trn_pack_rank(&search->rows, search->columns.lines, block->row, block->n_rows,
                                    columns, scratch, block->column, &block->n_columns);
        /* Float sums: below this it is rounding. */
        if (!(block->gain > last * (1 + 1e-5)))
            break;
        last = block->gain;
    }
}

void trn_pack_begin(struct trn_pack_search *search, size_t worker, enum trn_pack_start start,
                    struct trn_random *random, size_t rows, size_t columns,
                    struct trn_pack_block *block)
{
    struct trn_pack_scratch *scratch = &search->scratch[worker];
    const struct trn_pack_side *by_row = &search->rows, *by_column = &search->columns;
    uint32_t line;

    block->n_rows = block->n_columns = 0;
    switch (start) {
    case TRN_PACK_FROM_ROW:
        line = draw_line(search->row_until, by_row->lines, random);
        trn_pack_draw(by_row, line, columns, random, scratch, block->column, &block->n_columns);
        break;
    case TRN_PACK_FROM_COLUMN:
        line = draw_line(search->column_until, by_column->lines, random);
        trn_pack_draw(by_column, line, rows, random, scratch, block->row, &block->n_rows);
        break;
    case TRN_PACK_FROM_COLUMNS:
        trn_pack_heaviest(by_column, columns, scratch, block->column, &block->n_columns);
        break;
    case TRN_PACK_FROM_ROWS:
        trn_pack_heaviest(by_row, rows, scratch, block->row, &block->n_rows);
        break;
    }
    if (block->n_rows > 0)
        trn_pack_rank(by_row, by_column->lines, block->row, block->n_rows, columns, scratch,
                      block->column, &block->n_columns);
    trn_pack_alternate(search, worker, rows, columns, search->begin_turns, block);
    trn_pack_fill(search, worker, random, rows, columns, block);
}

/* The columns of `row` that are open and not in the block: those within `room` join, all of them
 * or, where `part` is allowed, the first ones. How many there were. */
static size_t join_row(const struct trn_pack_side *side, uint32_t row, size_t room, bool part,
                       float *mark, struct trn_pack_block *block)
{
    size_t found = 0, joined = 0;

    for (size_t e = side->start[row]; e < side->start[row + 1]; e++)
        found += side->open[e] > 0 && mark[side->index[e]] == 0;
    if (found == 0 || (found > room && !part))
        return found;
    for (size_t e = side->start[row]; e < side->start[row + 1] && joined < room; e++) {
        if (side->open[e] > 0 && mark[side->index[e]] == 0) {
            mark[side->index[e]] = 1;
            block->column[block->n_columns++] = side->index[e];
            joined++;
        }
    }
    block->row[block->n_rows++] = row;
    return found;
}

/* Whether anything joined. The scratch's gains serve as marks. */
static bool fill_once(const struct trn_pack_side *side, uint32_t first, size_t rows, size_t columns,
                      float *mark, struct trn_pack_block *block)
{
    size_t before = block->n_columns, looks = FILL_LOOKS * rows;

    if (looks > side->lines)
        looks = side->lines;
    for (size_t c = 0; c < block->n_columns; c++)
        mark[block->column[c]] = 1;
    for (size_t i = 0; i < looks && block->n_rows < rows && block->n_columns < columns; i++)
        join_row(side, (uint32_t)((first + i) % side->lines), columns - block->n_columns, false,
                 mark, block);
    if (block->n_columns == before && block->n_rows < rows && block->n_columns < columns)
        join_row(side, first, columns - block->n_columns, true, mark, block);
    for (size_t c = 0; c < block->n_columns; c++)
        mark[block->column[c]] = 0;
    return block->n_columns > before;
}

void trn_pack_fill(struct trn_pack_search *search, size_t worker, struct trn_random *random,
                   size_t rows, size_t columns, struct trn_pack_block *block)
{
    const struct trn_pack_side *side = &search->rows;

    for (int fill = 0; fill < FILLS_MAX; fill++) {
        if (block->n_rows >= rows || block->n_columns >= columns || !(block->gain > 0))
            return;
        uint32_t first = draw_line(search->row_until, side->lines, random);
        if (!fill_once(side, first, rows, columns, search->scratch[worker].gain, block))
            return;
        trn_pack_alternate(search, worker, rows, columns, FILL_TURNS, block);
    }
}
