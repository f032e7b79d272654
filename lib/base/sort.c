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
