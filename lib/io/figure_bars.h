/* Charts: crossbar utilisation, and stacked cost bars. */
#ifndef TRN_IO_FIGURE_BARS_H
#define TRN_IO_FIGURE_BARS_H

#include "io/figure_canvas.h"
#include "io/report.h"

/* Room that a chart's axis and labels take outside its box, in points. */
enum { TRN_CHART_LEFT = 44, TRN_CHART_TOP = 20, TRN_CHART_BOTTOM = 40 };

/* A step of 1, 2 or 5 times a power of ten that cuts `range` into about five. */
double trn_figure_tick_step(double range);

/* Shares of the crossbars of `own` by utilisation; `other` (may be NULL) as a stepped line. */
void trn_figure_histogram(cairo_t *cairo, const struct trn_report_entry *own,
                          const struct trn_report_entry *other, struct trn_box box);

enum trn_figure_cost { TRN_FIGURE_AREA, TRN_FIGURE_ENERGY };

/* A stacked bar for each entry, in the order given. */
void trn_figure_costs(cairo_t *cairo, const struct trn_report_entry *const *entries, size_t count,
                      enum trn_figure_cost cost, struct trn_box box);
/* What the bars' colours mean, on one line from (x, y). */
void trn_figure_cost_legend(cairo_t *cairo, double x, double y);

#endif
