/* Cells of a sparse matrix in any order, as text files list them. */
#ifndef TRN_IO_TRIPLETS_H
#define TRN_IO_TRIPLETS_H

#include <stdbool.h>
#include <trnnsf/matrix.h>

struct trn_triplets {
    size_t count;
    size_t room;
    uint32_t *row;
    uint32_t *column;
    double *value;
};

/* Room for that many. trn_triplets_free() is right after a failure too. */
trnnsf_status trn_triplets_reserve(trnnsf_context *ctx, size_t room, struct trn_triplets *triplets);
void trn_triplets_free(trnnsf_context *ctx, struct trn_triplets *triplets);

static inline void trn_triplets_add(struct trn_triplets *triplets, size_t row, size_t column,
                                    double value)
{
    triplets->row[triplets->count] = (uint32_t)row;
    triplets->column[triplets->count] = (uint32_t)column;
    triplets->value[triplets->count++] = value;
}

/* The matrix of the cells, those at one place summed, zeros dropped. Sums too large for a float are
 * TRNNSF_E_NUMERIC; ones too small become the smallest float of their sign, so that the connection
 * stays. The triplets are reordered. */
trnnsf_status trn_triplets_to_matrix(trnnsf_context *ctx, struct trn_triplets *triplets,
                                     size_t n_rows, size_t n_columns, trnnsf_matrix **out_matrix);

#endif
