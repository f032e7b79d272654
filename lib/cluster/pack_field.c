#include "cluster/pack_field.h"

#include <float.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/pool.h"
#include "cluster/clusters.h"

enum { LINES_A_TASK = 256 };

/* Magnitudes by a power of two, so that the largest is in [0.5, 1): sums of floats do not overflow,
 * and nothing is rounded. What would be lost below stays as the smallest number. */
static void scale_salience(struct trn_pack_field *field)
{
    const struct trnnsf_matrix *matrix = field->matrix;
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    double largest = 0;
    int exponent = 0;

    for (size_t e = 0; e < nonzeros; e++) {
        if (trn_salience(matrix, e) > largest)
            largest = trn_salience(matrix, e);
    }
    frexp(largest, &exponent);
    for (size_t e = 0; e < nonzeros; e++) {
        float salience = (float)ldexp(trn_salience(matrix, e), -exponent);

        if (salience < FLT_MIN && trn_salience(matrix, e) > 0)
            salience = FLT_MIN;
        field->salience[e] = salience;
        field->total += salience;
        field->entries += salience > 0;
    }
}

static trnnsf_status init_place(struct trn_pack_field *field)
{
    size_t nonzeros = trn_sparse_nonzeros(field->matrix);
    trnnsf_context *ctx = field->ctx;
    trnnsf_status status;
    size_t *order = trn_malloc(ctx, nonzeros, sizeof *order);

    TRN_NEED_OUT(order);
    TRN_TRY_OUT(trn_sparse_transpose(ctx, field->matrix, order, &field->transpose));
    for (size_t e = 0; e < nonzeros; e++)
        field->place[order[e]] = (uint32_t)e;
out:
    trn_free(ctx, order);
    return status;
}

trnnsf_status trn_pack_field_init(struct trn_pack_field *field, trnnsf_context *ctx,
                                  const struct trnnsf_matrix *matrix)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix);

    *field = (struct trn_pack_field){.ctx = ctx, .matrix = matrix};
    if (nonzeros > UINT32_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "pack: %zu connections are not in [0, %u]", nonzeros,
                        UINT32_MAX);
    field->salience = trn_malloc(ctx, nonzeros, sizeof *field->salience);
    field->place = trn_malloc(ctx, nonzeros, sizeof *field->place);
    field->covers = trn_malloc(ctx, nonzeros, sizeof *field->covers);
    field->mark = TRN_NEW_ARRAY(ctx, unsigned char, matrix->n_columns);
    field->rows.open = trn_malloc(ctx, nonzeros, sizeof *field->rows.open);
    field->rows.sum = TRN_NEW_ARRAY(ctx, double, matrix->n_rows);
    field->columns.sum = TRN_NEW_ARRAY(ctx, double, matrix->n_columns);
    if (!field->salience || !field->place || !field->covers || !field->mark || !field->rows.open ||
        !field->rows.sum || !field->columns.sum)
        return TRNNSF_E_NO_MEMORY;
    TRN_TRY(init_place(field));
    scale_salience(field);
    field->rows.lines = matrix->n_rows;
    field->rows.start = matrix->row_start;
    field->rows.index = matrix->column;
    field->columns.lines = matrix->n_columns;
    field->columns.start = field->transpose->row_start;
    field->columns.index = field->transpose->column;
    field->columns.open = field->transpose->value;
    trn_pack_field_reset(field);
    return TRNNSF_OK;
}

void trn_pack_field_free(struct trn_pack_field *field)
{
    trnnsf_context *ctx = field->ctx;

    trnnsf_matrix_free(field->transpose);
    trn_free(ctx, field->salience);
    trn_free(ctx, field->place);
    trn_free(ctx, field->covers);
    trn_free(ctx, field->mark);
    trn_free(ctx, field->rows.open);
    trn_free(ctx, field->rows.sum);
    trn_free(ctx, field->columns.sum);
}

void trn_pack_field_reset(struct trn_pack_field *field)
{
    size_t nonzeros = trn_sparse_nonzeros(field->matrix);

    memset(field->covers, 0, nonzeros * sizeof *field->covers);
    memcpy(field->rows.open, field->salience, nonzeros * sizeof *field->salience);
    for (size_t e = 0; e < nonzeros; e++)
        field->columns.open[field->place[e]] = field->salience[e];
    field->opened = field->entries;
}

static void set_marks(struct trn_pack_field *field, const struct trn_pack_block *block,
                      unsigned char mark)
{
    for (size_t c = 0; c < block->n_columns; c++)
        field->mark[block->column[c]] = mark;
}

static double take_row(struct trn_pack_field *field, size_t row)
{
    const size_t *start = field->rows.start;
    double gain = 0;

    for (size_t e = start[row]; e < start[row + 1]; e++) {
        if (!field->mark[field->rows.index[e]] || field->covers[e]++ > 0)
            continue;
        gain += field->rows.open[e];
        field->opened -= field->rows.open[e] > 0;
        field->rows.open[e] = 0;
        field->columns.open[field->place[e]] = 0;
    }
    return gain;
}

static double release_row(struct trn_pack_field *field, size_t row)
{
    const size_t *start = field->rows.start;
    double gain = 0;

    for (size_t e = start[row]; e < start[row + 1]; e++) {
        if (!field->mark[field->rows.index[e]] || --field->covers[e] > 0)
            continue;
        gain += field->salience[e];
        field->opened += field->salience[e] > 0;
        field->rows.open[e] = field->salience[e];
        field->columns.open[field->place[e]] = field->salience[e];
    }
    return gain;
}

static double look_at_row(struct trn_pack_field *field, size_t row)
{
    const size_t *start = field->rows.start;
    double gain = 0;

    for (size_t e = start[row]; e < start[row + 1]; e++) {
        if (field->mark[field->rows.index[e]])
            gain += field->rows.open[e];
    }
    return gain;
}

static double exclusive_in_row(struct trn_pack_field *field, size_t row)
{
    const size_t *start = field->rows.start;
    double gain = 0;

    for (size_t e = start[row]; e < start[row + 1]; e++) {
        if (field->mark[field->rows.index[e]] && field->covers[e] == 1)
            gain += field->salience[e];
    }
    return gain;
}

static double each_row(struct trn_pack_field *field, const struct trn_pack_block *block,
                       double (*visit)(struct trn_pack_field *, size_t))
{
    double gain = 0;

    set_marks(field, block, 1);
    for (size_t r = 0; r < block->n_rows; r++)
        gain += visit(field, block->row[r]);
    set_marks(field, block, 0);
    return gain;
}

double trn_pack_take(struct trn_pack_field *field, const struct trn_pack_block *block)
{
    return each_row(field, block, take_row);
}

double trn_pack_release(struct trn_pack_field *field, const struct trn_pack_block *block)
{
    return each_row(field, block, release_row);
}

double trn_pack_marginal(struct trn_pack_field *field, const struct trn_pack_block *block)
{
    return each_row(field, block, look_at_row);
}

double trn_pack_exclusive(struct trn_pack_field *field, const struct trn_pack_block *block)
{
    return each_row(field, block, exclusive_in_row);
}

void trn_pack_take_all(struct trn_pack_field *field, struct trn_pack_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        set->block[i].gain = trn_pack_take(field, &set->block[i]);
}

static void sum_task(void *argument, size_t task, size_t worker)
{
    struct trn_pack_side *side = argument;
    size_t end = (task + 1) * LINES_A_TASK;

    (void)worker;
    if (end > side->lines)
        end = side->lines;
    for (size_t i = task * LINES_A_TASK; i < end; i++) {
        double sum = 0;

        for (size_t e = side->start[i]; e < side->start[i + 1]; e++)
            sum += side->open[e];
        side->sum[i] = sum;
    }
}

double trn_pack_field_sum(struct trn_pack_field *field)
{
    struct trn_pack_side *sides[] = {&field->rows, &field->columns};
    double open = 0;

    for (size_t s = 0; s < 2; s++)
        trn_parallel(field->ctx, (sides[s]->lines + LINES_A_TASK - 1) / LINES_A_TASK, sum_task,
                     sides[s]);
    for (size_t i = 0; i < field->rows.lines; i++)
        open += field->rows.sum[i];
    return open;
}
