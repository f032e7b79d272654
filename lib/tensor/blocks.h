/* Sets of rectangles (rows x columns) in a matrix, with or without packed values: the block-sparse
 * view that clusters, packed training and mapping share. */
#ifndef TRN_TENSOR_BLOCKS_H
#define TRN_TENSOR_BLOCKS_H

#include "tensor/mask.h"

struct trn_blocks {
    size_t n_rows; /* of the matrix */
    size_t n_columns;
    size_t count;
    size_t *row_start;    /* count + 1, into row[] */
    size_t *column_start; /* count + 1, into column[] */
    size_t *value_start;  /* count + 1: where each block's packed values begin */
    uint32_t *row;
    uint32_t *column;
};

/* Copies the index lists. row_start/column_start have count + 1 entries. */
trnnsf_status trn_blocks_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns, size_t count,
                                const size_t *row_start, const uint32_t *row,
                                const size_t *column_start, const uint32_t *column,
                                struct trn_blocks **out_blocks);
trnnsf_status trn_blocks_copy(trnnsf_context *ctx, const struct trn_blocks *blocks,
                              struct trn_blocks **out_blocks);
void trn_blocks_free(trnnsf_context *ctx, struct trn_blocks *blocks);

static inline size_t trn_block_rows(const struct trn_blocks *blocks, size_t i)
{
    return blocks->row_start[i + 1] - blocks->row_start[i];
}

static inline size_t trn_block_columns(const struct trn_blocks *blocks, size_t i)
{
    return blocks->column_start[i + 1] - blocks->column_start[i];
}

static inline size_t trn_block_cells(const struct trn_blocks *blocks, size_t i)
{
    return trn_block_rows(blocks, i) * trn_block_columns(blocks, i);
}

/* mask |= every rectangle. */
void trn_blocks_cover(const struct trn_blocks *blocks, struct trn_mask *mask);

/* values[value_start[count]] from and to a dense matrix [n_rows x n_columns]. Unpacking overwrites
 * the blocks' cells, one of several blocks with the sum of theirs, and leaves all other cells
 * alone. */
void trn_blocks_pack(const struct trn_blocks *blocks, const float *dense, float *values);
void trn_blocks_unpack(const struct trn_blocks *blocks, const float *values, float *dense);

/* Rows of a product that become 0 before blocks add to them: those where a flag of either is set;
 * NULL: all are. */
struct trn_fresh_rows {
    const uint8_t *added;
    const uint8_t *wanted;
};
void trn_clear_rows(const struct trn_fresh_rows *fresh, size_t n_rows, size_t n, float *values,
                    size_t ld);

/* Y[n_rows x n] += A X; X[n_columns x n] += A^T Y; values' gradient = alpha (Y X^T) in each block.
 * `fresh` NULL: the products add to what is there.
 * `scratch` of trn_blocks_scratch() floats, from the caller so that no step allocates. */
size_t trn_blocks_scratch(trnnsf_context *ctx, const struct trn_blocks *blocks, size_t n);
trnnsf_status trn_blocks_multiply(trnnsf_context *ctx, const struct trn_blocks *blocks,
                                  const float *values, size_t n, const float *x, size_t ldx,
                                  const struct trn_fresh_rows *fresh, float *y, size_t ldy,
                                  float *scratch);
trnnsf_status trn_blocks_multiply_transposed(trnnsf_context *ctx, const struct trn_blocks *blocks,
                                             const float *values, size_t n, const float *y,
                                             size_t ldy, const struct trn_fresh_rows *fresh,
                                             float *x, size_t ldx, float *scratch);
trnnsf_status trn_blocks_gradient(trnnsf_context *ctx, const struct trn_blocks *blocks, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float *gradient, float *scratch);

#endif
