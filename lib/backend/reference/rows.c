/* Gathering, scattering and nearest centres. */
#include <math.h>
#include <string.h>

#include "backend/reference/reference.h"

/* Partial sums; as many as two 128-bit registers hold. */
enum { DISTANCE_LANES = 4 };

static double squared_distance(size_t dimension, const double *restrict a, const double *restrict b)
{
    double lane[DISTANCE_LANES] = {0};
    size_t d = 0;

    for (; d + DISTANCE_LANES <= dimension; d += DISTANCE_LANES) {
        for (int i = 0; i < DISTANCE_LANES; i++)
            lane[i] += (a[d + i] - b[d + i]) * (a[d + i] - b[d + i]);
    }
    for (int i = 0; d < dimension; d++, i++)
        lane[i] += (a[d] - b[d]) * (a[d] - b[d]);
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

trnnsf_status trn_reference_kmeans_assign(void *self, size_t n, size_t k, size_t dimension,
                                          const double *points, size_t ld_points,
                                          const double *centres, size_t ld_centres,
                                          uint32_t *assignment, double *distance)
{
    (void)self;
    for (size_t i = 0; i < n; i++) {
        double best = INFINITY;
        uint32_t nearest = 0;

        for (size_t c = 0; c < k; c++) {
            double d =
                squared_distance(dimension, points + i * ld_points, centres + c * ld_centres);

            if (d < best) {
                best = d;
                nearest = (uint32_t)c;
            }
        }
        assignment[i] = nearest;
        distance[i] = best;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_reference_gather_rows(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                        const float *in, size_t ld_in, float *out, size_t ld_out)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++)
        memcpy(out + i * ld_out, in + index[i] * ld_in, n * sizeof *out);
    return TRNNSF_OK;
}

trnnsf_status trn_reference_scatter_add_rows(void *self, size_t n_rows, size_t n,
                                             const uint32_t *index, const float *in, size_t ld_in,
                                             float *out, size_t ld_out)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++) {
        const float *restrict from = in + i * ld_in;
        float *restrict to = out + index[i] * ld_out;

        for (size_t p = 0; p < n; p++)
            to[p] += from[p];
    }
    return TRNNSF_OK;
}

trnnsf_status trn_reference_gather_columns(void *self, size_t n_rows, size_t n,
                                           const uint32_t *index, const float *in, size_t ld_in,
                                           float *out, size_t ld_out)
{
    (void)self;
    for (size_t i = 0; i < n_rows; i++) {
        const float *from = in + i * ld_in;
        float *to = out + i * ld_out;

        for (size_t j = 0; j < n; j++)
            to[j] = from[index[j]];
    }
    return TRNNSF_OK;
}
