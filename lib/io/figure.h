/* Figures of reports: a page with connectivity, utilisation and costs. */
#ifndef TRN_IO_FIGURE_H
#define TRN_IO_FIGURE_H

#include "io/report.h"

/* Draws the report, which has at least one entry, into a file of the format that the ending names.
 */
trnnsf_status trn_figure_draw(trnnsf_context *ctx, const trnnsf_report *report, const char *path);

#endif
