#ifndef TEST_REPORT_SUITE_H
#define TEST_REPORT_SUITE_H

#include <check.h>

TCase *report_tests(void);
TCase *connectivity_tests(void);
TCase *figure_tests(void);
TCase *plot_tests(void);
TCase *plot_drawing_tests(void);

#endif
