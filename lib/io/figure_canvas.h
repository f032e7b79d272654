/* A page to draw on: an SVG, PNG or PDF file in the making, text helpers, the palette. */
#ifndef TRN_IO_FIGURE_CANVAS_H
#define TRN_IO_FIGURE_CANVAS_H

#include <cairo.h>
#include <stdbool.h>
#include <trnnsf/context.h>

struct trn_canvas;

/* Colours as 0xRRGGBB. Okabe & Ito's palette (2008), told apart by colour-blind readers; ink, grid
 * and paper tints are chosen here. */
enum trn_colour {
    TRN_COLOUR_INK = 0x1A1A1A,
    TRN_COLOUR_FAINT = 0x6B6B6B,
    TRN_COLOUR_GRID = 0xDDDDDD,
    TRN_COLOUR_PAPER = 0xFFFFFF,
    TRN_COLOUR_NAVY = 0x08306B,
    TRN_COLOUR_TINT = 0xD6E6F4,
    TRN_COLOUR_BLUE = 0x0072B2,
    TRN_COLOUR_SKY = 0x56B4E9,
    TRN_COLOUR_GREEN = 0x009E73,
    TRN_COLOUR_ORANGE = 0xE69F00,
    TRN_COLOUR_VERMILLION = 0xD55E00,
    TRN_COLOUR_PURPLE = 0xCC79A7
};

enum trn_align { TRN_LEFT = 0, TRN_CENTRE = 1, TRN_RIGHT = 2 };

struct trn_box {
    double x, y, width, height;
};

struct trn_font {
    double size; /* points */
    bool bold;
    enum trn_colour colour;
    enum trn_align align;
};

/* The format by the ending of `path`: .svg, .png (two pixels a point) or .pdf; otherwise
 * TRNNSF_E_UNSUPPORTED. Sizes in points. */
trnnsf_status trn_canvas_begin(trnnsf_context *ctx, const char *path, double width, double height,
                               struct trn_canvas **out_canvas);
/* Writes the file and frees the canvas, on failure too. */
trnnsf_status trn_canvas_end(struct trn_canvas *canvas, const char *path);

cairo_t *trn_canvas_cairo(struct trn_canvas *canvas);

void trn_canvas_colour(cairo_t *cairo, enum trn_colour colour);
void trn_canvas_rectangle(cairo_t *cairo, struct trn_box box, enum trn_colour fill);
void trn_canvas_line(cairo_t *cairo, double x0, double y0, double x1, double y1, double width,
                     enum trn_colour colour);
double trn_canvas_text_width(cairo_t *cairo, const char *text, const struct trn_font *font);
/* UTF-8, the base line at y; made smaller where it is wider than `room` (0: any width). */
void trn_canvas_text(cairo_t *cairo, double x, double y, double room, const char *text,
                     const struct trn_font *font);
/* The same, turned by 90 degrees to run upwards. */
void trn_canvas_text_upwards(cairo_t *cairo, double x, double y, double room, const char *text,
                             const struct trn_font *font);

#endif
