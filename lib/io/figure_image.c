#include "io/figure_image.h"

#include <math.h>
#include <string.h>

uint32_t trn_figure_blend(uint32_t under, uint32_t over, double share)
{
    uint32_t mixed = 0;

    for (int shift = 0; shift < 24; shift += 8) {
        double a = (double)(under >> shift & 255), b = (double)(over >> shift & 255);

        mixed |= (uint32_t)(a + (b - a) * share + 0.5) << shift;
    }
    return mixed;
}

/* How often a cell is repeated on a side of `points`: two pixels a point, so that smoothing blurs
 * no edge of an enlarged cell. */
static size_t repeats(size_t cells, double points)
{
    return (double)cells >= points ? 1 : (size_t)ceil(2 * points / (double)cells);
}

static void fill_pixels(cairo_surface_t *image, const struct trn_cells *cells, size_t y_repeats,
                        size_t x_repeats)
{
    size_t stride = (size_t)cairo_image_surface_get_stride(image);
    unsigned char *pixels = cairo_image_surface_get_data(image);

    for (size_t y = 0; y < cells->height; y++) {
        unsigned char *line = pixels + y * y_repeats * stride;

        for (size_t x = 0; x < cells->width; x++) {
            uint32_t pixel = cells->colour(cells->picture, y * cells->width + x);

            for (size_t i = 0; i < x_repeats; i++)
                memcpy(line + 4 * (x * x_repeats + i), &pixel, sizeof pixel);
        }
        for (size_t i = 1; i < y_repeats; i++)
            memcpy(line + i * stride, line, stride);
    }
}

void trn_figure_image(cairo_t *cairo, const struct trn_cells *cells, struct trn_box box)
{
    size_t x_repeats = repeats(cells->width, box.width);
    size_t y_repeats = repeats(cells->height, box.height);
    cairo_surface_t *image = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)(cells->width * x_repeats), (int)(cells->height * y_repeats));

    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(image);
        fill_pixels(image, cells, y_repeats, x_repeats);
        cairo_surface_mark_dirty(image);
    }
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
    cairo_translate(cairo, box.x, box.y);
    cairo_scale(cairo, box.width / (cells->columns * (double)x_repeats),
                box.height / (cells->rows * (double)y_repeats));
    cairo_set_source_surface(cairo, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
    cairo_paint(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(image);
}
