/* The transforms of F(2 x 2, 3 x 3), of LANES samples at once (arXiv 1509.09308, section 4.1):
 * Y = A' [(G g G') . (B' d B)] A. Matrices are row by row. */
#ifndef TRN_TENSOR_WINOGRAD_TILE_H
#define TRN_TENSOR_WINOGRAD_TILE_H

#include "base/wide.h"

enum { TRN_LANES = 16, TRN_FREQUENCIES = 16 };

typedef float trn_lanes[TRN_LANES];

/* out[0 … 3] of four values `step` apart: B' = (1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1). */
TRN_INLINE void trn_winograd_input_line(trn_lanes *d, int step, trn_lanes *out)
{
    for (int l = 0; l < TRN_LANES; l++) {
        out[0][l] = d[0][l] - d[2 * step][l];
        out[step][l] = d[step][l] + d[2 * step][l];
        out[2 * step][l] = d[2 * step][l] - d[step][l];
        out[3 * step][l] = d[step][l] - d[3 * step][l];
    }
}

/* v = B' d B */
TRN_INLINE void trn_winograd_input(trn_lanes d[16], trn_lanes v[16])
{
    trn_lanes t[16];

    for (int j = 0; j < 4; j++)
        trn_winograd_input_line(d + j, 4, t + j);
    for (int i = 0; i < 4; i++)
        trn_winograd_input_line(t + 4 * i, 1, v + 4 * i);
}

/* y = A' m A, A' = (1 1 1 0; 0 1 -1 -1). */
TRN_INLINE void trn_winograd_output(trn_lanes m[16], trn_lanes y[4])
{
    trn_lanes t[8];

    for (int j = 0; j < 4; j++) {
        for (int l = 0; l < TRN_LANES; l++) {
            t[j][l] = m[j][l] + m[4 + j][l] + m[8 + j][l];
            t[4 + j][l] = m[4 + j][l] - m[8 + j][l] - m[12 + j][l];
        }
    }
    for (int i = 0; i < 2; i++) {
        for (int l = 0; l < TRN_LANES; l++) {
            y[2 * i][l] = t[4 * i][l] + t[4 * i + 1][l] + t[4 * i + 2][l];
            y[2 * i + 1][l] = t[4 * i + 1][l] - t[4 * i + 2][l] - t[4 * i + 3][l];
        }
    }
}

/* m = A y A', the adjoint. */
TRN_INLINE void trn_winograd_output_adjoint(trn_lanes y[4], trn_lanes m[16])
{
    trn_lanes t[8];

    for (int j = 0; j < 2; j++) {
        for (int l = 0; l < TRN_LANES; l++) {
            t[j][l] = y[j][l];
            t[2 + j][l] = y[j][l] + y[2 + j][l];
            t[4 + j][l] = y[j][l] - y[2 + j][l];
            t[6 + j][l] = -y[2 + j][l];
        }
    }
    for (int i = 0; i < 4; i++) {
        for (int l = 0; l < TRN_LANES; l++) {
            m[4 * i][l] = t[2 * i][l];
            m[4 * i + 1][l] = t[2 * i][l] + t[2 * i + 1][l];
            m[4 * i + 2][l] = t[2 * i][l] - t[2 * i + 1][l];
            m[4 * i + 3][l] = -t[2 * i + 1][l];
        }
    }
}

/* u = G g G' of one kernel, G = (1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1). */
static inline void trn_winograd_kernel(const float g[9], float u[16])
{
    float t[12];

    for (int j = 0; j < 3; j++) {
        t[j] = g[j];
        t[3 + j] = 0.5f * (g[j] + g[3 + j] + g[6 + j]);
        t[6 + j] = 0.5f * (g[j] - g[3 + j] + g[6 + j]);
        t[9 + j] = g[6 + j];
    }
    for (int i = 0; i < 4; i++) {
        const float *row = t + 3 * i;

        u[4 * i] = row[0];
        u[4 * i + 1] = 0.5f * (row[0] + row[1] + row[2]);
        u[4 * i + 2] = 0.5f * (row[0] - row[1] + row[2]);
        u[4 * i + 3] = row[2];
    }
}

/* g = G' u G, the adjoint. */
static inline void trn_winograd_kernel_adjoint(const float u[16], float g[9])
{
    float t[12];

    for (int j = 0; j < 4; j++) {
        t[j] = u[j] + 0.5f * (u[4 + j] + u[8 + j]);
        t[4 + j] = 0.5f * (u[4 + j] - u[8 + j]);
        t[8 + j] = 0.5f * (u[4 + j] + u[8 + j]) + u[12 + j];
    }
    for (int i = 0; i < 3; i++) {
        const float *row = t + 4 * i;

        g[3 * i] = row[0] + 0.5f * (row[1] + row[2]);
        g[3 * i + 1] = 0.5f * (row[1] - row[2]);
        g[3 * i + 2] = 0.5f * (row[1] + row[2]) + row[3];
    }
}

#endif
