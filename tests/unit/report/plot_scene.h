/* The scene of the tests of plots: a context, a page of its own for each test, a folder. */
#ifndef TEST_REPORT_PLOT_SCENE_H
#define TEST_REPORT_PLOT_SCENE_H

#include <check.h>

#include "io/plot.h"

extern trnnsf_context *plot_ctx;
extern trnnsf_plot *plot;

void plot_setup(void);
void plot_teardown(void);
void plot_fresh(void); /* a page without panels */
/* Of a file in the folder; valid until the next call. */
const char *plot_path(const char *name);

struct trnnsf_plot_series plot_series_of(size_t count, const double *x, const double *y);
double plot_random(uint64_t *state); /* [0, 1) */

#define PLOT_GOOD(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(plot_ctx))

#endif
