/* Loops over contiguous floats, written so that a compiler turns them into vector code without
 * changing any sum's order. */
#ifndef TRN_BACKEND_REFERENCE_VECTOR_H
#define TRN_BACKEND_REFERENCE_VECTOR_H

#include <stddef.h>

enum { TRN_DOT_LANES = 16 };

static inline void trn_axpy(size_t n, float a, const float *restrict x, float *restrict y)
{
    for (size_t p = 0; p < n; p++)
        y[p] += a * x[p];
}

/* Four rows at a time: y is loaded and stored once for them. The order of additions is that of four
 * trn_axpy(). */
static inline void trn_axpy4(size_t n, const float a[4], const float *restrict x0,
                             const float *restrict x1, const float *restrict x2,
                             const float *restrict x3, float *restrict y)
{
    const float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];

    for (size_t p = 0; p < n; p++)
        y[p] = y[p] + a0 * x0[p] + a1 * x1[p] + a2 * x2[p] + a3 * x3[p];
}

/* Sixteen partial sums, then these added by halves. */
static inline float trn_dot(size_t n, const float *restrict x, const float *restrict y)
{
    float lane[TRN_DOT_LANES] = {0};
    size_t p = 0;

    for (; p + TRN_DOT_LANES <= n; p += TRN_DOT_LANES) {
        for (int i = 0; i < TRN_DOT_LANES; i++)
            lane[i] += x[p + i] * y[p + i];
    }
    for (int i = 0; p < n; p++, i++)
        lane[i] += x[p] * y[p];
    for (int half = TRN_DOT_LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    }
    return lane[0];
}

#endif
