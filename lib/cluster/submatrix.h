/* The live part of a matrix: rows and columns that have entries, with their places in the whole. */
#ifndef TRN_CLUSTER_SUBMATRIX_H
#define TRN_CLUSTER_SUBMATRIX_H

#include "tensor/sparse.h"

struct trn_submatrix {
    struct trnnsf_matrix *matrix; /* of its own indices; values are scratch */
    uint32_t *row;                /* [matrix->n_rows] in the whole matrix, ascending */
    uint32_t *column;
};

/* The entries whose row and column are both in `group` (NULL groups: all), rows and columns without
 * any left out. A part without entries has a NULL matrix. */
trnnsf_status trn_submatrix_take(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                            const uint32_t *row_group, const uint32_t *column_group,
                            uint32_t group, struct trn_submatrix *out_part);
/* Places in `part` become places in the whole that `outer` is a part of. */
void trn_submatrix_map_back(struct trn_submatrix *part, const struct trn_submatrix *outer);
void trn_submatrix_free(trnnsf_context *ctx, struct trn_submatrix *part);

static inline double trn_submatrix_density(const struct trn_submatrix *part)
{
    return (double)trn_sparse_nonzeros(part->matrix) /
           ((double)part->matrix->n_rows * (double)part->matrix->n_columns);
}

#endif
