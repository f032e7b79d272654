/* Charts: crossbar utilisation, and stacked cost bars. */
#ifndef TRN_IO_FIGURE_BARS_H
#define TRN_IO_FIGURE_BARS_H

#include "io/figure_canvas.h"
#include "io/report.h"

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
