/* Pages of plain plots, drawn. */
#ifndef TRN_IO_FIGURE_PLOT_H
#define TRN_IO_FIGURE_PLOT_H

#include "io/plot.h"

/* Draws the page, which has at least one panel, into a file of the format that the ending names. */
trnnsf_status trn_figure_plot(trnnsf_context *ctx, const trnnsf_plot *plot, const char *path);

#endif
