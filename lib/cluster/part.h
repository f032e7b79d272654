/* The live part of a matrix: rows and columns that have entries, with their places in the whole. */
#ifndef TRN_CLUSTER_PART_H
#define TRN_CLUSTER_PART_H

#include "tensor/sparse.h"

struct trn_part {
    struct trnnsf_matrix *matrix; /* of its own indices; values are scratch */
    uint32_t *row;                /* [matrix->n_rows] in the whole matrix, ascending */
    uint32_t *column;
};

/* The entries whose row and column are both in `group` (NULL groups: all), rows and columns without
 * any left out. A part without entries has a NULL matrix. */
trnnsf_status trn_part_take(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                            const uint32_t *row_group, const uint32_t *column_group,
                            uint32_t group, struct trn_part *out_part);
/* Places in `part` become places in the whole that `outer` is a part of. */
void trn_part_map_back(struct trn_part *part, const struct trn_part *outer);
void trn_part_free(trnnsf_context *ctx, struct trn_part *part);

static inline double trn_part_density(const struct trn_part *part)
{
    return (double)trn_sparse_nonzeros(part->matrix) /
           ((double)part->matrix->n_rows * (double)part->matrix->n_columns);
}

#endif
