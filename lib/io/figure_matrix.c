#include "io/figure_matrix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure_image.h"

static const struct trn_font tick_left = {8.5, false, TRN_COLOUR_FAINT, TRN_LEFT};
static const struct trn_font tick_right = {8.5, false, TRN_COLOUR_FAINT, TRN_RIGHT};
static const struct trn_font axis_name = {9, false, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font axis_left = {9, false, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font key_text = {9.5, false, TRN_COLOUR_INK, TRN_LEFT};

struct trn_box trn_figure_matrix_box(const struct trn_raster *raster, struct trn_box room)
{
    double rows = (double)raster->n_rows, columns = (double)raster->n_columns;

    if (rows <= columns)
        room.height *= fmax(0.25, rows / columns);
    else
        room.width *= fmax(0.25, columns / rows);
    return room;
}

static void paint_image(cairo_t *cairo, const struct trn_connectivity *picture,
                        const struct trn_raster *raster, trn_cell_colour colour, struct trn_box box)
{
    const struct trn_cells cells = {picture,
                                    colour,
                                    raster->height,
                                    raster->width,
                                    (double)raster->n_rows / (double)raster->bin,
                                    (double)raster->n_columns / (double)raster->bin};

    trn_figure_image(cairo, &cells, box);
}

static uint32_t magnitude_colour(const void *user, size_t cell)
{
    const struct trn_connectivity *picture = user;

    return trn_figure_blend(TRN_COLOUR_PAPER, TRN_COLOUR_NAVY, picture->magnitude[cell] / 255.0);
}

/* One synapse in a cell of several neurons stays visible. */
static double ink(uint8_t density)
{
    return density ? 0.3 + 0.7 * sqrt(density / 255.0) : 0;
}

/* Dark tones, so that neighbouring clusters are told apart and none is taken for residue. */
static const uint32_t shades[TRN_CONNECTIVITY_SHADES] = {0x08306B, 0x2F7FBF, 0x3D4E63, 0x5B3F8C,
                                                         0x1B6E75};

static uint32_t cluster_colour(const void *user, size_t cell)
{
    const struct trn_connectivity *picture = user;
    uint32_t colour =
        trn_figure_blend(TRN_COLOUR_PAPER, TRN_COLOUR_TINT, picture->covered[cell] / 255.0);

    colour = trn_figure_blend(colour, shades[picture->shade[cell]], ink(picture->clustered[cell]));
    return trn_figure_blend(colour, picture->clusters ? TRN_COLOUR_VERMILLION : TRN_COLOUR_NAVY,
                            ink(picture->residue[cell]));
}

/* "inputs", or with what is unused "219 of 400 inputs, by cluster". */
static void axis_text(char *text, size_t size, const char *name, size_t shown, size_t all,
                      const char *order)
{
    if (shown == all)
        snprintf(text, size, "%s%s", name, order);
    else
        snprintf(text, size, "%zu of %zu %s%s", shown, all, name, order);
}

static void draw_frame(cairo_t *cairo, const struct trn_raster *shown, const struct trn_raster *all,
                       struct trn_box box, const char *order)
{
    char text[96];
    double bottom = box.y + box.height;
    bool low = box.height < 190;

    trn_canvas_colour(cairo, TRN_COLOUR_FAINT);
    cairo_set_line_width(cairo, 0.7);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_stroke(cairo);

    trn_canvas_text(cairo, box.x, bottom + 11, 0, "1", &tick_left);
    snprintf(text, sizeof text, "%zu", shown->n_columns);
    trn_canvas_text(cairo, box.x + box.width, bottom + 11, 0, text, &tick_right);
    axis_text(text, sizeof text, "inputs", shown->n_columns, all->n_columns,
              box.width < 190 ? "" : order);
    if (trn_canvas_text_width(cairo, text, &axis_name) < box.width - 50)
        trn_canvas_text(cairo, box.x + box.width / 2, bottom + 11, 0, text, &axis_name);
    else
        trn_canvas_text(cairo, box.x, bottom + 21, 0, text, &axis_left);
    trn_canvas_text(cairo, box.x - 4, box.y + 8, 0, "1", &tick_right);
    snprintf(text, sizeof text, "%zu", shown->n_rows);
    trn_canvas_text(cairo, box.x - 4, bottom, 0, text, &tick_right);
    axis_text(text, sizeof text, "outputs", shown->n_rows, all->n_rows, low ? "" : order);
    trn_canvas_text_upwards(cairo, box.x - (low ? 20 : 6), box.y + box.height / 2, 0, text,
                            &axis_name);
}

void trn_figure_before(cairo_t *cairo, const struct trn_connectivity *picture, struct trn_box box)
{
    paint_image(cairo, picture, &picture->natural, magnitude_colour, box);
    draw_frame(cairo, &picture->natural, &picture->natural, box, "");
}

/* Slivers below this many points on a side would be nothing but outline. */
static const double sliver = 4.0;

static void draw_outlines(cairo_t *cairo, const struct trn_connectivity *picture,
                          struct trn_box box)
{
    double x_scale = box.width / (double)picture->live.n_columns;
    double y_scale = box.height / (double)picture->live.n_rows;

    trn_canvas_colour(cairo, TRN_COLOUR_GREEN);
    cairo_set_line_width(cairo, 0.8);
    for (size_t i = 0; i < picture->n_outlines; i++) {
        const struct trn_outline *outline = &picture->outlines[i];
        double width = (double)(outline->end_column - outline->first_column) * x_scale;
        double height = (double)(outline->end_row - outline->first_row) * y_scale;

        if (width < sliver || height < sliver)
            continue;
        cairo_rectangle(cairo, box.x + (double)outline->first_column * x_scale,
                        box.y + (double)outline->first_row * y_scale, width, height);
    }
    cairo_stroke(cairo);
}

void trn_figure_after(cairo_t *cairo, const struct trn_connectivity *picture, struct trn_box box)
{
    paint_image(cairo, picture, &picture->live, cluster_colour, box);
    draw_outlines(cairo, picture, box);
    draw_frame(cairo, &picture->live, &picture->natural, box,
               picture->clusters ? ", by cluster" : "");
}

static double legend_item(cairo_t *cairo, double x, double y, uint32_t colour, bool outline,
                          const char *text)
{
    struct trn_box box = {x, y - 9, 14, 10};

    if (outline) {
        trn_canvas_colour(cairo, colour);
        cairo_set_line_width(cairo, 1.2);
        cairo_rectangle(cairo, box.x + 0.6, box.y + 0.6, box.width - 1.2, box.height - 1.2);
        cairo_stroke(cairo);
    } else {
        trn_canvas_rectangle(cairo, box, colour);
    }
    trn_canvas_text(cairo, x + 19, y, 0, text, &key_text);
    return x + 19 + trn_canvas_text_width(cairo, text, &key_text) + 22;
}

void trn_figure_matrix_legend(cairo_t *cairo, double x, double y, bool clustered)
{
    static const char weights[] = "mean |weight|: 0 … 99th percentile of the layer";
    cairo_pattern_t *ramp = cairo_pattern_create_linear(x, 0, x + 60, 0);

    cairo_pattern_add_color_stop_rgb(ramp, 0, 1, 1, 1);
    cairo_pattern_add_color_stop_rgb(ramp, 1, 8 / 255.0, 48 / 255.0, 107 / 255.0);
    cairo_set_source(cairo, ramp);
    cairo_rectangle(cairo, x, y - 9, 60, 10);
    cairo_fill_preserve(cairo);
    trn_canvas_colour(cairo, TRN_COLOUR_FAINT);
    cairo_set_line_width(cairo, 0.5);
    cairo_stroke(cairo);
    cairo_pattern_destroy(ramp);
    trn_canvas_text(cairo, x + 65, y, 0, weights, &key_text);
    x += 65 + trn_canvas_text_width(cairo, weights, &key_text) + 22;
    if (!clustered) {
        legend_item(cairo, x, y, TRN_COLOUR_NAVY, false, "kept synapse");
    } else {
        for (size_t i = 0; i < TRN_CONNECTIVITY_SHADES; i++)
            trn_canvas_rectangle(cairo, (struct trn_box){x + 11.0 * (double)i, y - 9, 11, 10},
                                 (enum trn_colour)shades[i]);
        x += 11.0 * (TRN_CONNECTIVITY_SHADES - 1) - 3;
        x = legend_item(cairo, x, y, (enum trn_colour)shades[TRN_CONNECTIVITY_SHADES - 1], false,
                        "synapses in clusters");
        x = legend_item(cairo, x, y, TRN_COLOUR_GREEN, true, "outline of a cluster");
        legend_item(cairo, x, y, TRN_COLOUR_VERMILLION, false, "residue");
    }
}
