#include "tensor/blocks.h"

#include <string.h>

#include "base/context.h"

static trnnsf_status check_lists(trnnsf_context *ctx, const char *side, size_t limit, size_t count,
                                 const size_t *start, const uint32_t *index)
{
    if (start[0] != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "blocks: the first %s list starts at %zu, not 0",
                        side, start[0]);
    for (size_t i = 0; i < count; i++) {
        if (start[i + 1] < start[i] || start[i + 1] - start[i] > limit)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "blocks: %s list %zu ends at %zu, not in [%zu, %zu]", side, i,
                            start[i + 1], start[i], start[i] + limit);
        for (size_t e = start[i]; e < start[i + 1]; e++) {
            if (index[e] >= limit)
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "blocks: %s %u of block %zu is not below %zu", side, index[e], i,
                                limit);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status number_values(trnnsf_context *ctx, struct trn_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        size_t cells;

        if (!trn_size_multiply(trn_block_rows(blocks, i), trn_block_columns(blocks, i), &cells) ||
            !trn_size_add(blocks->value_start[i], cells, &blocks->value_start[i + 1]))
            return trn_fail(ctx, TRNNSF_E_LIMIT, "blocks: block %zu has too many cells", i);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_blocks_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns, size_t count,
                                const size_t *row_start, const uint32_t *row,
                                const size_t *column_start, const uint32_t *column,
                                struct trn_blocks **out_blocks)
{
    struct trn_blocks *blocks = NULL;
    trnnsf_status status = TRNNSF_OK;

    TRN_TRY(check_lists(ctx, "row", n_rows, count, row_start, row));
    TRN_TRY(check_lists(ctx, "column", n_columns, count, column_start, column));
    blocks = TRN_NEW(ctx, struct trn_blocks);
    TRN_NEED_OUT(blocks);
    blocks->n_rows = n_rows;
    blocks->n_columns = n_columns;
    blocks->count = count;
    blocks->row_start = trn_copy(ctx, row_start, count + 1, sizeof *row_start);
    TRN_NEED_OUT(blocks->row_start);
    blocks->column_start = trn_copy(ctx, column_start, count + 1, sizeof *column_start);
    TRN_NEED_OUT(blocks->column_start);
    blocks->value_start = TRN_NEW_ARRAY(ctx, size_t, count + 1);
    TRN_NEED_OUT(blocks->value_start);
    blocks->row = trn_copy(ctx, row, row_start[count], sizeof *row);
    TRN_NEED_OUT(blocks->row);
    blocks->column = trn_copy(ctx, column, column_start[count], sizeof *column);
    TRN_NEED_OUT(blocks->column);
    TRN_TRY_OUT(number_values(ctx, blocks));
    *out_blocks = blocks;
    return TRNNSF_OK;
out:
    trn_blocks_free(ctx, blocks);
    return status;
}

trnnsf_status trn_blocks_copy(trnnsf_context *ctx, const struct trn_blocks *blocks,
                              struct trn_blocks **out_blocks)
{
    return trn_blocks_create(ctx, blocks->n_rows, blocks->n_columns, blocks->count,
                             blocks->row_start, blocks->row, blocks->column_start, blocks->column,
                             out_blocks);
}

void trn_blocks_free(trnnsf_context *ctx, struct trn_blocks *blocks)
{
    if (!blocks)
        return;
    trn_free(ctx, blocks->column);
    trn_free(ctx, blocks->row);
    trn_free(ctx, blocks->value_start);
    trn_free(ctx, blocks->column_start);
    trn_free(ctx, blocks->row_start);
    trn_free(ctx, blocks);
}

void trn_blocks_cover(const struct trn_blocks *blocks, struct trn_mask *mask)
{
    for (size_t i = 0; i < blocks->count; i++)
        trn_mask_set_rectangle(mask, blocks->row + blocks->row_start[i], trn_block_rows(blocks, i),
                               blocks->column + blocks->column_start[i],
                               trn_block_columns(blocks, i));
}

void trn_blocks_pack(const struct trn_blocks *blocks, const float *dense, float *values)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const uint32_t *column = blocks->column + blocks->column_start[i];
        size_t width = trn_block_columns(blocks, i);

        for (size_t r = blocks->row_start[i]; r < blocks->row_start[i + 1]; r++) {
            const float *from = dense + blocks->row[r] * blocks->n_columns;

            for (size_t j = 0; j < width; j++)
                *values++ = from[column[j]];
        }
    }
}

static void clear_block(const struct trn_blocks *blocks, size_t i, float *dense)
{
    for (size_t r = blocks->row_start[i]; r < blocks->row_start[i + 1]; r++) {
        float *to = dense + blocks->row[r] * blocks->n_columns;

        for (size_t c = blocks->column_start[i]; c < blocks->column_start[i + 1]; c++)
            to[blocks->column[c]] = 0;
    }
}

void trn_blocks_unpack(const struct trn_blocks *blocks, const float *values, float *dense)
{
    for (size_t i = 0; i < blocks->count; i++)
        clear_block(blocks, i, dense);
    for (size_t i = 0; i < blocks->count; i++) {
        for (size_t r = blocks->row_start[i]; r < blocks->row_start[i + 1]; r++) {
            float *to = dense + blocks->row[r] * blocks->n_columns;

            for (size_t c = blocks->column_start[i]; c < blocks->column_start[i + 1]; c++)
                to[blocks->column[c]] += *values++;
        }
    }
}
