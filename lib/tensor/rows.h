/* Rows gathered, scattered and compared: the remaining kernels as parallel calls. */
#ifndef TRN_TENSOR_ROWS_H
#define TRN_TENSOR_ROWS_H

#include <trnnsf/context.h>

/* Nearest centre of each point by squared Euclidean distance, the lowest index on ties:
 * points[n x dimension], centres[k x dimension] -> assignment[n], distance[n]. k is positive. */
trnnsf_status trn_kmeans_assign(trnnsf_context *ctx, size_t n, size_t k, size_t dimension,
                                const double *points, size_t ld_points, const double *centres,
                                size_t ld_centres, uint32_t *assignment, double *distance);
/* out[i, :] = in[index[i], :], n columns. */
trnnsf_status trn_gather_rows(trnnsf_context *ctx, size_t n_rows, size_t n, const uint32_t *index,
                              const float *in, size_t ld_in, float *out, size_t ld_out);
/* out[index[i], :] += in[i, :], n columns; the indices are distinct. */
trnnsf_status trn_scatter_add_rows(trnnsf_context *ctx, size_t n_rows, size_t n,
                                   const uint32_t *index, const float *in, size_t ld_in, float *out,
                                   size_t ld_out);
/* out[i, j] = in[i, index[j]], n columns. */
trnnsf_status trn_gather_columns(trnnsf_context *ctx, size_t n_rows, size_t n,
                                 const uint32_t *index, const float *in, size_t ld_in, float *out,
                                 size_t ld_out);

#endif
