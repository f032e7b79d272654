/* Lists of indices. */
#ifndef TRN_BASE_SORT_H
#define TRN_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Ascending. */
void trn_sort_indices(uint32_t *indices, size_t count);

#endif
