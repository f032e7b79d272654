/* A raster of coloured cells in a box. */
#ifndef TRN_IO_FIGURE_IMAGE_H
#define TRN_IO_FIGURE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "io/figure_canvas.h"

/* `share` 0 … 1 of `over`, the rest of `under`; 0xRRGGBB. */
uint32_t trn_figure_blend(uint32_t under, uint32_t over, double share);

/* The colour of a cell, 0xRRGGBB; `picture` is the painter's. */
typedef uint32_t (*trn_cell_colour)(const void *picture, size_t cell);

struct trn_cells {
    const void *picture;
    trn_cell_colour colour;
    size_t height, width; /* cells, row-major */
    double rows, columns; /* cells that fill the box: the last ones may reach past it */
};
/* Cells become one image, so that a large raster is a small file. */
void trn_figure_image(cairo_t *cairo, const struct trn_cells *cells, struct trn_box box);

#endif
