#ifndef TRN_TESTS_MAP_PROPERTIES_H
#define TRN_TESTS_MAP_PROPERTIES_H

#include <check.h>

TCase *property_cases(void);

#endif
