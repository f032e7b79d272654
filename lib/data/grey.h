/* Colour images to grey ones. */
#ifndef TRN_DATA_GREY_H
#define TRN_DATA_GREY_H

#include <stddef.h>

/* Luma of ITU-R BT.601-7, section 2.5.1: E'Y = 0.299 E'R + 0.587 E'G + 0.114 E'B. */
static inline float trn_luma(float red, float green, float blue)
{
    return (float)(0.299 * (double)red + 0.587 * (double)green + 0.114 * (double)blue);
}

/* Images of planes red, green, blue [n_samples x 3 x n_pixels] become [n_samples x n_pixels], in
 * place. */
void trn_grey(size_t n_samples, size_t n_pixels, float *values);

#endif
