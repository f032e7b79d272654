/* Panels of one layer's connectivity. */
#ifndef TRN_IO_FIGURE_MATRIX_H
#define TRN_IO_FIGURE_MATRIX_H

#include "io/connectivity.h"
#include "io/figure_canvas.h"

/* The part of `room` that a matrix of these sides takes: the longer side fills it, the shorter one
 * is in proportion but never below a quarter, so that a 10 x 1200 layer can be read. */
struct trn_box trn_figure_matrix_box(const struct trn_raster *raster, struct trn_box room);

/* Weights in natural order. */
void trn_figure_before(cairo_t *cairo, const struct trn_connectivity *picture, struct trn_box box);
/* The neurons in use, ordered: clusters, their outlines, residue. Without clusters all is dark. */
void trn_figure_after(cairo_t *cairo, const struct trn_connectivity *picture, struct trn_box box);
/* What the colours mean, on one line from (x, y). */
void trn_figure_matrix_legend(cairo_t *cairo, double x, double y, bool clustered);

#endif
