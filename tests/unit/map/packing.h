/* Networks by the packer, mappings of pools. */
#ifndef TRN_TESTS_MAP_PACKING_H
#define TRN_TESTS_MAP_PACKING_H

#include <check.h>

TCase *packing_case(void);

#endif
