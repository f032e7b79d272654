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

/** Reads a Matrix Market file, plain, .gz or .xz: coordinate or array; real, integer or pattern (value
 * 1); general, symmetric or skew-symmetric (both triangles result). Cells listed twice are summed;
 * cells of value 0 are dropped. Values are rounded to float; one too small for a float, but not 0,
 * becomes the smallest float of its sign, so that the connection stays.
 * \param path at most 4 GiB, 1 GiB of text unpacked.
 * \param out_matrix the matrix; the caller owns it.
 * TRNNSF_E_NOT_FOUND: no such file; TRNNSF_E_IO: it cannot be read; TRNNSF_E_FORMAT: not what the
 * format says (the text names file and line), or packed data that is damaged; TRNNSF_E_NUMERIC: a
 * value exceeds a float; TRNNSF_E_LIMIT: a side above 2^24; TRNNSF_E_UNSUPPORTED: a complex or
 * Hermitian matrix, or packed and built without zlib or liblzma; TRNNSF_E_NO_MEMORY.
 * Time and memory grow with the cells and sides. Source: NIST, "Matrix Market exchange formats".
 * Since 0.1. */
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
