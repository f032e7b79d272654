/* A chart of what a search tried. */
#ifndef TRN_IO_FIGURE_CURVE_H
#define TRN_IO_FIGURE_CURVE_H

#include "io/figure_canvas.h"
#include "io/report.h"

/* Validation accuracy of the trials of `own`, one at least, over their crossbars; that of `dense` (may
 * be NULL) as a level. The key is below the axis. */
void trn_figure_curve(cairo_t *cairo, const struct trn_report_entry *own,
                      const struct trn_report_entry *dense, struct trn_box box);

#endif
