/** \file matrix.h
 * Bare sparse matrices: a layer's connectivity without its network. Immutable once made: threads
 * may share one, each asking with its own context. Rows are outputs, columns are inputs.
 */
#ifndef TRNNSF_MATRIX_H
#define TRNNSF_MATRIX_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

/** A sparse matrix in compressed rows. */
typedef struct trnnsf_matrix trnnsf_matrix;

/** Makes a matrix from compressed rows. All is copied; stored zeros are dropped.
 *
 * \param context not NULL
 * \param n_rows, n_columns each 1 … 2^31 - 1
 * \param row_start [n_rows + 1]: row i holds the entries row_start[i] … row_start[i + 1] - 1;
 *     from 0, never falling, no row longer than n_columns
 * \param column [row_start[n_rows]]: strictly ascending within a row, below n_columns; NULL only
 *     where there are no entries
 * \param value [row_start[n_rows]]: finite; NULL: all 1
 * \param out_matrix the result, the caller's, freed with trnnsf_matrix_free()
 * \returns TRNNSF_E_INVALID: a NULL argument, a side of 0, an entry out of its range (the text
 *     names it); TRNNSF_E_LIMIT: a side above the limit; TRNNSF_E_NO_MEMORY
 *
 * Threads: that of the context. Cost: one pass over the entries. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_create(trnnsf_context *context, size_t n_rows,
                                              size_t n_columns, const size_t *row_start,
                                              const uint32_t *column, const float *value,
                                              trnnsf_matrix **out_matrix);

/** Makes a matrix from a dense array; entries equal to 0 are no connections.
 *
 * \param context not NULL
 * \param n_rows, n_columns each 1 … 2^31 - 1
 * \param values [n_rows x n_columns], row-major, finite
 * \param out_matrix the result, the caller's, freed with trnnsf_matrix_free()
 * \returns TRNNSF_E_INVALID: a NULL argument, a side of 0, a value that is not finite;
 *     TRNNSF_E_LIMIT: a side above the limit, or an array that no memory holds; TRNNSF_E_NO_MEMORY
 *
 * Threads: that of the context. Cost: two passes over the array. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_from_dense(trnnsf_context *context, size_t n_rows,
                                                  size_t n_columns, const float *values,
                                                  trnnsf_matrix **out_matrix);

/** Reads a Matrix Market file, plain, .gz or .xz: coordinate or array; real, integer or pattern
 * (value 1); general, symmetric or skew-symmetric (both triangles result). Cells listed twice are
 * summed; cells of value 0 are dropped. Values are rounded to float; one too small for a float, but
 * not 0, becomes the smallest float of its sign, so that the connection stays.
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

/** Writes a matrix as a Matrix Market file, coordinate real general, row by row:
 * trnnsf_matrix_load() reads the same matrix back.
 * \param path replaced when all is written, as by trnnsf_network_save().
 * TRNNSF_E_IO: it cannot be written; TRNNSF_E_NOT_FOUND: no such folder; TRNNSF_E_INVALID: a NULL
 * argument; TRNNSF_E_NO_MEMORY. Source: NIST, "Matrix Market exchange formats". Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_matrix_save(trnnsf_context *context, const trnnsf_matrix *matrix,
                                            const char *path);

/** Frees a matrix; NULL is fine. Any thread, as long as its context is not in use elsewhere. Since
 * 0.1. */
TRNNSF_API void trnnsf_matrix_free(trnnsf_matrix *matrix);

/** Rows; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_matrix_rows(const trnnsf_matrix *matrix);

/** Columns; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_matrix_columns(const trnnsf_matrix *matrix);

/** Entries; none of them is 0. 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_matrix_nonzeros(const trnnsf_matrix *matrix);

/** Where rows begin, [rows + 1], from 0 to the number of entries. Belongs to the matrix; NULL for
 * NULL. Any thread. Since 0.1. */
TRNNSF_API const size_t *trnnsf_matrix_row_start(const trnnsf_matrix *matrix);

/** Column of each entry, [nonzeros], strictly ascending within a row. Belongs to the matrix; NULL
 * for NULL. Any thread. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_matrix_column(const trnnsf_matrix *matrix);

/** Value of each entry, [nonzeros]. Belongs to the matrix; NULL for NULL. Any thread. Since 0.1. */
TRNNSF_API const float *trnnsf_matrix_value(const trnnsf_matrix *matrix);

TRNNSF_END_DECLS

#endif
