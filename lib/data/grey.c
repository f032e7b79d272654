#include "data/grey.h"

void trn_grey(size_t n_samples, size_t n_pixels, float *values)
{
    float *out = values;

    /* The written place never passes the places still to be read. */
    for (size_t i = 0; i < n_samples; i++) {
        const float *red = values + i * 3 * n_pixels;

        for (size_t j = 0; j < n_pixels; j++)
            *out++ = trn_luma(red[j], red[n_pixels + j], red[2 * n_pixels + j]);
    }
}
