/* Order in lists. */
#ifndef TRN_BASE_SORT_H
#define TRN_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Ascending. */
void trn_sort_indices(uint32_t *indices, size_t count);

/* The value that a share `quantile` in [0, 1] of the values is below, n at least 1; they change
 * places. By partial sorting (Hoare, "Algorithm 65: find", CACM 4(7), 1961). */
float trn_select_quantile(float *values, size_t n, double quantile);

#endif
