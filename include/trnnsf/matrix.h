/** \file matrix.h
 * Bare sparse matrices: a layer's connectivity without its network. Immutable once made.
 * Rows are outputs, columns are inputs.
 */
#ifndef TRNNSF_MATRIX_H
#define TRNNSF_MATRIX_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_matrix trnnsf_matrix;

/** From compressed rows: row_start[n_rows + 1] ascending from 0, column[nnz] strictly ascending in a
 * row, value[nnz] finite or NULL (all 1). Stored zeros are dropped. All is copied. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_create(trnnsf_context *context, size_t n_rows,
                                              size_t n_columns, const size_t *row_start,
                                              const uint32_t *column, const float *value,
                                              trnnsf_matrix **out_matrix);

/** From a dense row-major array; entries equal to 0 are no connections. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_from_dense(trnnsf_context *context, size_t n_rows,
                                                  size_t n_columns, const float *values,
                                                  trnnsf_matrix **out_matrix);

/** Reads a Matrix Market file, plain, .gz or .xz: coordinate or array; real, integer or pattern;
 * general, symmetric or skew-symmetric (expanded). Explicit zeros are dropped. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_load(trnnsf_context *context, const char *path,
                                            trnnsf_matrix **out_matrix);

TRNNSF_API void trnnsf_matrix_free(trnnsf_matrix *matrix);
TRNNSF_API size_t trnnsf_matrix_rows(const trnnsf_matrix *matrix);
TRNNSF_API size_t trnnsf_matrix_columns(const trnnsf_matrix *matrix);
TRNNSF_API size_t trnnsf_matrix_nonzeros(const trnnsf_matrix *matrix);

/** The compressed rows; pointers belong to the matrix. Since 0.1. */
TRNNSF_API const size_t *trnnsf_matrix_row_start(const trnnsf_matrix *matrix);
TRNNSF_API const uint32_t *trnnsf_matrix_column(const trnnsf_matrix *matrix);
TRNNSF_API const float *trnnsf_matrix_value(const trnnsf_matrix *matrix);

TRNNSF_END_DECLS

#endif
