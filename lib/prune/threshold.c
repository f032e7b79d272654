#include "prune/threshold.h"

#include <math.h>

#include "base/alloc.h"
#include "base/context.h"

void trn_prune_threshold(const float *weights, size_t n_out, size_t n_in, double threshold,
                         struct trn_mask *mask)
{
    trn_mask_fill(mask, false);
    for (size_t i = 0; i < n_out; i++) {
        for (size_t j = 0; j < n_in; j++) {
            if (fabs((double)weights[i * n_in + j]) >= threshold)
                trn_mask_set(mask, i, j);
        }
    }
}

static void swap(float *a, float *b)
{
    float held = *a;

    *a = *b;
    *b = held;
}

static void median_first(float *a, size_t low, size_t high)
{
    size_t middle = low + (high - low) / 2;

    if (a[middle] < a[low])
        swap(a + middle, a + low);
    if (a[high] < a[low])
        swap(a + high, a + low);
    if (a[high] < a[middle])
        swap(a + high, a + middle);
    swap(a + low, a + middle);
}

/* Hoare's selection, in place: the value that a sort would put at `rank`. */
static float select_rank(float *a, size_t count, size_t rank)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        median_first(a, low, high);

        float pivot = a[low];
        size_t i = low, j = high + 1;

        for (;;) {
            do
                i++;
            while (i <= high && a[i] < pivot);
            do
                j--;
            while (a[j] > pivot);
            if (i >= j)
                break;
            swap(a + i, a + j);
        }
        swap(a + low, a + j);
        if (j == rank)
            return a[j];
        if (j < rank)
            low = j + 1;
        else
            high = j - 1;
    }
    return a[rank];
}

trnnsf_status trn_prune_find_threshold(trnnsf_context *ctx, const float *weights, size_t n_out,
                                       size_t n_in, const struct trn_mask *among, double ratio,
                                       double *out_threshold)
{
    size_t count = 0;

    if (!(ratio >= 0 && ratio < 1))
        return trn_fail(ctx, TRNNSF_E_INVALID, "prune: ratio %g is not in [0, 1)", ratio);
    float *magnitude = TRN_NEW_ARRAY(ctx, float, n_out *n_in);
    if (!magnitude)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < n_out; i++) {
        for (size_t j = 0; j < n_in; j++) {
            float size = fabsf(weights[i * n_in + j]);

            if ((!among || trn_mask_get(among, i, j)) && !isnan(size))
                magnitude[count++] = size;
        }
    }
    /* floor() of the product in double is exact enough: counts stay far below 2^53. */
    size_t rank = (size_t)(ratio * (double)count);
    *out_threshold = count > 0 ? (double)select_rank(magnitude, count, rank) : 0.0;
    trn_free(ctx, magnitude);
    return TRNNSF_OK;
}
