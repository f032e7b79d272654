#ifndef TEST_MAP_CONVOLUTIONS_H
#define TEST_MAP_CONVOLUTIONS_H

#include <check.h>

TCase *convolution_cases(void);

#endif
