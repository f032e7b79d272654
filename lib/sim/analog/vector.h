/* Functions without branches, for loops that are vectorised: the same bits on every C library. */
#ifndef TRN_SIM_ANALOG_VECTOR_H
#define TRN_SIM_ANALOG_VECTOR_H

#include <stdint.h>

#include "network/vector_math.h"

/* ln x for positive normal x within about 2 units in the last place: the polynomial of logf in the
 * Cephes library (S. Moshier, single/logf.c). */
static inline float trn_ln(float x)
{
    union {
        float value;
        uint32_t bits;
    } word = {.value = x};
    int32_t exponent = (int32_t)(word.bits >> 23) - 126;

    word.bits = (word.bits & 0x007FFFFFu) | 0x3F000000u;
    int32_t below = word.value < 0.707106781186547524f;
    float m = below ? word.value + word.value : word.value;
    float e = (float)(exponent - below);

    m -= 1.0f;
    float z = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = p * m * z - 2.12194440e-4f * e - 0.5f * z;
    return m + p + 0.693359375f * e;
}

/* To the nearest whole number, ties to even, below 2^22 in size. */
static inline float trn_round(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23 */

    return x + shift - shift;
}

/* sinh x within about 1e-6 of it for |x| up to 80: the series where exponentials would cancel. */
static inline float trn_sinh(float x)
{
    float square = x * x, e = trn_exp(x), inverse = trn_exp(-x);
    float near_zero =
        x * (1.0f + square * (1.0f / 6 + square * (1.0f / 120 + square * (1.0f / 5040))));

    return square < 1.0f ? near_zero : 0.5f * (e - inverse);
}

#endif
