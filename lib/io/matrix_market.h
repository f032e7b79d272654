/* Matrix Market (math.nist.gov/MatrixMarket/formats.html): coordinate and array; real, integer and
 * pattern (value 1); general, symmetric and skew-symmetric, which are expanded. */
#ifndef TRN_IO_MATRIX_MARKET_H
#define TRN_IO_MATRIX_MARKET_H

#include <trnnsf/matrix.h>

#include "io/stream.h"

/* Chosen here: no layer is larger (trnnsf_network_create). */
#define TRN_MATRIX_SIDE_MAX ((size_t)1 << 24)

/* Failures name the line. Complex and Hermitian matrices are TRNNSF_E_UNSUPPORTED. */
trnnsf_status trn_matrix_market_read(struct trn_stream *stream, trnnsf_matrix **out_matrix);
/* coordinate real general, row by row. */
trnnsf_status trn_matrix_market_write(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                      const char *path);

#endif
