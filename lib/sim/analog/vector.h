/* Functions without branches, for loops that are vectorised: the same bits on every C library. */
#ifndef TRN_SIM_ANALOG_VECTOR_H
#define TRN_SIM_ANALOG_VECTOR_H

#include "network/vector_math.h"

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
