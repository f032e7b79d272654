#include "base/sort.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void trn_sort_indices(uint32_t *indices, size_t count)
{
    qsort(indices, count, sizeof *indices, ascending);
}

float trn_select_quantile(float *values, size_t n, double quantile)
{
    size_t low = 0, high = n - 1, wanted = (size_t)(quantile * (double)(n - 1));

    while (low < high) {
        float pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;

        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i > j)
                break;
            float swap = values[i];
            values[i++] = values[j];
            values[j] = swap;
            if (j == 0)
                break;
            j--;
        }
        if (wanted <= j)
            high = j;
        else if (wanted >= i)
            low = i;
        else
            break;
    }
    return values[wanted];
}
