/* A plot of a benchmark's measurements, both axes logarithmic. */
#ifndef BENCH_LOGLOG_H
#define BENCH_LOGLOG_H

#include <stddef.h>
#include <trnnsf/context.h>

/* n points, both numbers above 0, by rising x. Names in the legend, axes with their units. */
struct loglog {
    const char *title;
    const char *x_name, *y_name;
    const char *name; /* of the points */
    size_t n;
    const double *x, *y;
    double slope; /* of the line through the first point that the others are held against */
    const char *slope_name;
};

/* The format by the ending: .svg, .png or .pdf. TRNNSF_E_UNSUPPORTED in a build without cairo. */
trnnsf_status loglog_draw(trnnsf_context *ctx, const struct loglog *plot, const char *path);

#endif
