/* Products of block sets with dense panels: only the blocks' cells are computed. */
#include <string.h>

#include "base/context.h"
#include "tensor/blocks.h"
#include "tensor/run.h"

/* Panels of about 128 samples: a 64 x 64 block with its two gathered panels then takes 80 KiB,
 * which a second-level cache holds (chosen here). A gradient task takes at most GRADIENT_ROWS rows
 * of one block, so that one large block still keeps all threads busy. */
enum { PANEL = 128, GRADIENT_ROWS = 256 };

struct product {
    struct trn_run run;
    struct trn_cut cut; /* panel columns */
    const struct trn_blocks *blocks;
    const float *values;
    size_t n;
    float alpha;
    const float *from;
    size_t ld_from;
    const struct trn_fresh_rows *fresh;
    float *to;
    size_t ld_to;
    const float *x;
    size_t ldx;
    float *gradient;
    size_t row_pieces; /* gradient tasks a block */
    float *scratch;
    size_t scratch_size; /* floats a worker */
};

static struct trn_cut cut_panel(size_t n)
{
    return trn_cut_into(n, n / PANEL + 1, 16);
}

/* The most rows plus columns of a block. */
static size_t longest_block(const struct trn_blocks *blocks, size_t *out_rows)
{
    size_t most = 0;

    *out_rows = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        size_t rows = trn_block_rows(blocks, i), sum = rows + trn_block_columns(blocks, i);

        most = sum > most ? sum : most;
        *out_rows = rows > *out_rows ? rows : *out_rows;
    }
    return most;
}

size_t trn_blocks_scratch(trnnsf_context *ctx, const struct trn_blocks *blocks, size_t n)
{
    size_t rows, size;

    /* What cannot be counted cannot be allocated either. */
    if (!trn_size_multiply(longest_block(blocks, &rows), n, &size) ||
        !trn_size_multiply(size, ctx->threads, &size))
        return SIZE_MAX;
    return size;
}

void trn_clear_rows(const struct trn_fresh_rows *fresh, size_t n_rows, size_t n, float *values,
                    size_t ld)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (!fresh->added || !fresh->wanted || fresh->added[i] || fresh->wanted[i])
            memset(values + i * ld, 0, n * sizeof *values);
    }
}

static void multiply_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    const struct trn_blocks *b = p->blocks;
    size_t first = trn_cut_start(&p->cut, task), n = trn_cut_length(&p->cut, task);
    float *scratch = p->scratch + worker * p->scratch_size;

    if (p->fresh)
        trn_clear_rows(p->fresh, b->n_rows, n, p->to + first, p->ld_to);
    for (size_t i = 0; i < b->count; i++)
        trn_run_note(&p->run, trn_kernel_block_multiply(
                                  p->run.backend, trn_block_rows(b, i), trn_block_columns(b, i), n,
                                  p->values + b->value_start[i], b->row + b->row_start[i],
                                  b->column + b->column_start[i], p->from + first, p->ld_from,
                                  p->to + first, p->ld_to, scratch));
}

static void transposed_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    const struct trn_blocks *b = p->blocks;
    size_t first = trn_cut_start(&p->cut, task), n = trn_cut_length(&p->cut, task);
    float *scratch = p->scratch + worker * p->scratch_size;

    if (p->fresh)
        trn_clear_rows(p->fresh, b->n_columns, n, p->to + first, p->ld_to);
    for (size_t i = 0; i < b->count; i++)
        trn_run_note(&p->run, trn_kernel_block_multiply_transposed(
                                  p->run.backend, trn_block_rows(b, i), trn_block_columns(b, i), n,
                                  p->values + b->value_start[i], b->row + b->row_start[i],
                                  b->column + b->column_start[i], p->from + first, p->ld_from,
                                  p->to + first, p->ld_to, scratch));
}

static void gradient_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    const struct trn_blocks *b = p->blocks;
    size_t i = task / p->row_pieces, first = task % p->row_pieces * GRADIENT_ROWS;
    size_t rows = trn_block_rows(b, i), columns = trn_block_columns(b, i);

    if (first >= rows)
        return;
    rows = rows - first < GRADIENT_ROWS ? rows - first : GRADIENT_ROWS;
    trn_run_note(&p->run,
                 trn_kernel_block_gradient(
                     p->run.backend, rows, columns, p->n, p->alpha,
                     b->row + b->row_start[i] + first, b->column + b->column_start[i], p->from,
                     p->ld_from, p->x, p->ldx, p->gradient + b->value_start[i] + first * columns,
                     p->scratch + worker * p->scratch_size));
}

trnnsf_status trn_blocks_multiply(trnnsf_context *ctx, const struct trn_blocks *blocks,
                                  const float *values, size_t n, const float *x, size_t ldx,
                                  const struct trn_fresh_rows *fresh, float *y, size_t ldy,
                                  float *scratch)
{
    size_t rows;
    struct product p = {.cut = cut_panel(n),
                        .blocks = blocks,
                        .values = values,
                        .from = x,
                        .ld_from = ldx,
                        .fresh = fresh,
                        .to = y,
                        .ld_to = ldy,
                        .scratch = scratch,
                        .scratch_size = longest_block(blocks, &rows) * n};

    return trn_run_tasks(ctx, "block_multiply", p.cut.count, multiply_task, &p.run);
}

trnnsf_status trn_blocks_multiply_transposed(trnnsf_context *ctx, const struct trn_blocks *blocks,
                                             const float *values, size_t n, const float *y,
                                             size_t ldy, const struct trn_fresh_rows *fresh,
                                             float *x, size_t ldx, float *scratch)
{
    size_t rows;
    struct product p = {.cut = cut_panel(n),
                        .blocks = blocks,
                        .values = values,
                        .from = y,
                        .ld_from = ldy,
                        .fresh = fresh,
                        .to = x,
                        .ld_to = ldx,
                        .scratch = scratch,
                        .scratch_size = longest_block(blocks, &rows) * n};

    return trn_run_tasks(ctx, "block_multiply_transposed", p.cut.count, transposed_task, &p.run);
}

trnnsf_status trn_blocks_gradient(trnnsf_context *ctx, const struct trn_blocks *blocks, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float *gradient, float *scratch)
{
    size_t rows;
    struct product p = {.blocks = blocks,
                        .n = n,
                        .alpha = alpha,
                        .from = y,
                        .ld_from = ldy,
                        .x = x,
                        .ldx = ldx,
                        .gradient = gradient,
                        .scratch = scratch,
                        .scratch_size = longest_block(blocks, &rows) * n};

    p.row_pieces = rows / GRADIENT_ROWS + 1;
    return trn_run_tasks(ctx, "block_gradient", blocks->count * p.row_pieces, gradient_task,
                         &p.run);
}
