/* exp, logistic and tanh without branches, so that loops over them are vectorised and give the same
 * bits on every C library. */
#ifndef TRN_NETWORK_VECTOR_MATH_H
#define TRN_NETWORK_VECTOR_MATH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* e^x within about 2 units in the last place, saturating at the ends of the float range: reduction
 * by ln 2 in two parts and the polynomial of expf in the Cephes library (S. Moshier,
 * single/expf.c). */
static inline float trn_exp(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    float clamped = x > 88.0f ? 88.0f : x;
    clamped = clamped < -87.0f ? -87.0f : clamped;

    float shifted = clamped * 1.44269504088896341f + shift;
    float n = shifted - shift;
    float r = clamped - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;

    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;

    union {
        float value;
        uint32_t bits;
    } power = {.value = shifted}; /* compilers vectorise this, and not memcpy() */
    power.bits = (power.bits - 0x4B400000u + 127u) << 23;
    return p * power.value;
}

static inline float trn_logistic(float x)
{
    return 1.0f / (1.0f + trn_exp(-x));
}

/* Near 0 the odd polynomial of tanhf in Cephes (single/tanhf.c), elsewhere 1 - 2 / (e^2x + 1). */
static inline float trn_tanh(float x)
{
    float size = x < 0.0f ? -x : x;
    float square = x * x;
    float p = -5.70498872745e-3f;
    p = p * square + 2.06390887954e-2f;
    p = p * square - 5.37397155531e-2f;
    p = p * square + 1.33314422036e-1f;
    p = p * square - 3.33332819422e-1f;
    float near_zero = p * square * x + x;
    float far = 1.0f - 2.0f / (trn_exp(2.0f * size) + 1.0f);

    far = x < 0.0f ? -far : far;
    return size < 0.625f ? near_zero : far;
}

/* ln x of a positive, normal x within about 1 unit in the last place: logf of Cephes
 * (single/logf.c). */
static inline float trn_ln(float x)
{
    union {
        float value;
        uint32_t bits;
    } split = {.value = x};
    /* The mantissa to [sqrt(1/2), sqrt(2)): 0x3F3504F3 is sqrt(1/2). */
    uint32_t above = split.bits - 0x3F3504F3u;
    int32_t exponent = (int32_t)above >> 23;

    split.bits = (above & 0x007FFFFFu) + 0x3F3504F3u;

    float e = (float)exponent, m = split.value - 1.0f, square = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = p * m * square;
    p = p - 2.12194440e-4f * e;
    p = p - 0.5f * square;
    return m + p + 0.693359375f * e;
}

/* sin and cos of x in [-pi/4, pi/4]: Cephes, single/sinf.c. */
static inline float trn_small_sin(float x)
{
    float square = x * x, p = -1.9515295891e-4f;

    p = p * square + 8.3321608736e-3f;
    p = p * square - 1.6666654611e-1f;
    return p * square * x + x;
}

static inline float trn_small_cos(float x)
{
    float square = x * x, p = 2.443315711809948e-5f;

    p = p * square - 1.388731625493765e-3f;
    p = p * square + 4.166664568298827e-2f;
    return p * square * square - 0.5f * square + 1.0f;
}

/* Pairs of standard normal numbers from pairs of words: the first gives the radius, two bits of the
 * second the quadrant and the others the angle in it; tails reach 6.6 standard deviations. Source:
 * Box and Muller, "A note on the generation of random normal deviates", 1958. */
static inline void trn_box_muller(size_t n, const uint32_t *first, const uint32_t *second, float *a,
                                  float *b)
{
    for (size_t i = 0; i < n; i++) {
        float u = ((float)(int32_t)(first[i] >> 1) + 0.5f) * 0x1p-31f;
        float radius = sqrtf(-2.0f * trn_ln(u));
        float angle = ((float)(int32_t)(second[i] << 2) * 0x1p-32f) * 1.57079632679f;
        float sine = trn_small_sin(angle), cosine = trn_small_cos(angle);
        uint32_t quadrant = second[i] >> 30;
        float x = quadrant & 1u ? sine : cosine, y = quadrant & 1u ? cosine : sine;

        a[i] = (quadrant + 1u) & 2u ? -radius * x : radius * x;
        b[i] = quadrant & 2u ? -radius * y : radius * y;
    }
}

#endif
