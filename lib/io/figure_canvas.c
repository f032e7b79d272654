#include "io/figure_canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"
#include "base/file.h"

enum { PIXELS_A_POINT = 2 };

struct trn_canvas {
    trnnsf_context *ctx;
    cairo_surface_t *surface;
    cairo_t *cairo;
    bool png;
    char *bytes; /* the file as cairo gives it out */
    size_t size;
    size_t room;
};

static cairo_status_t take_bytes(void *user, const unsigned char *bytes, unsigned int size)
{
    struct trn_canvas *canvas = user;

    if (size > canvas->room - canvas->size) {
        size_t room = 2 * (canvas->size + size) + 4096;
        char *moved = trn_realloc(canvas->ctx, canvas->bytes, room, 1);

        if (!moved)
            return CAIRO_STATUS_NO_MEMORY;
        canvas->bytes = moved;
        canvas->room = room;
    }
    memcpy(canvas->bytes + canvas->size, bytes, size);
    canvas->size += size;
    return CAIRO_STATUS_SUCCESS;
}

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), size = strlen(ending);

    return length > size && strcasecmp(path + length - size, ending) == 0;
}

static void canvas_free(struct trn_canvas *canvas)
{
    cairo_destroy(canvas->cairo);
    cairo_surface_destroy(canvas->surface);
    trn_free(canvas->ctx, canvas->bytes);
    trn_free(canvas->ctx, canvas);
}

static trnnsf_status check(struct trn_canvas *canvas, cairo_status_t result)
{
    if (result == CAIRO_STATUS_SUCCESS)
        return TRNNSF_OK;
    return trn_fail(canvas->ctx,
                    result == CAIRO_STATUS_NO_MEMORY ? TRNNSF_E_NO_MEMORY : TRNNSF_E_IO,
                    "figure: %s", cairo_status_to_string(result));
}

static trnnsf_status open_surface(struct trn_canvas *canvas, const char *path, double width,
                                  double height)
{
    if (ends_with(path, ".svg")) {
        canvas->surface = cairo_svg_surface_create_for_stream(take_bytes, canvas, width, height);
    } else if (ends_with(path, ".pdf")) {
        canvas->surface = cairo_pdf_surface_create_for_stream(take_bytes, canvas, width, height);
    } else if (ends_with(path, ".png")) {
        canvas->png = true;
        canvas->surface = cairo_image_surface_create(
            CAIRO_FORMAT_RGB24, (int)(PIXELS_A_POINT * width), (int)(PIXELS_A_POINT * height));
    } else {
        return trn_fail(canvas->ctx, TRNNSF_E_UNSUPPORTED,
                        "figure: \"%s\" does not end in .svg, .png or .pdf", path);
    }
    return check(canvas, cairo_surface_status(canvas->surface));
}

trnnsf_status trn_canvas_begin(trnnsf_context *ctx, const char *path, double width, double height,
                               struct trn_canvas **out_canvas)
{
    struct trn_canvas *canvas = TRN_NEW(ctx, struct trn_canvas);
    trnnsf_status status = TRNNSF_OK;

    if (!canvas)
        return TRNNSF_E_NO_MEMORY;
    canvas->ctx = ctx;
    TRN_TRY_OUT(open_surface(canvas, path, width, height));
    canvas->cairo = cairo_create(canvas->surface);
    TRN_TRY_OUT(check(canvas, cairo_status(canvas->cairo)));
    if (canvas->png)
        cairo_scale(canvas->cairo, PIXELS_A_POINT, PIXELS_A_POINT);
    trn_canvas_rectangle(canvas->cairo, (struct trn_box){0, 0, width, height}, TRN_COLOUR_PAPER);
    *out_canvas = canvas;
    canvas = NULL;
out:
    if (canvas)
        canvas_free(canvas);
    return status;
}

trnnsf_status trn_canvas_end(struct trn_canvas *canvas, const char *path)
{
    trnnsf_status status = check(canvas, cairo_status(canvas->cairo));

    if (status != TRNNSF_OK)
        goto out;
    if (canvas->png) {
        TRN_TRY_OUT(
            check(canvas, cairo_surface_write_to_png_stream(canvas->surface, take_bytes, canvas)));
    } else {
        cairo_show_page(canvas->cairo);
        cairo_surface_finish(canvas->surface);
        TRN_TRY_OUT(check(canvas, cairo_surface_status(canvas->surface)));
    }
    status = trn_file_write(canvas->ctx, path, canvas->bytes, canvas->size);
out:
    canvas_free(canvas);
    return status;
}

cairo_t *trn_canvas_cairo(struct trn_canvas *canvas)
{
    return canvas->cairo;
}

void trn_canvas_colour(cairo_t *cairo, enum trn_colour colour)
{
    cairo_set_source_rgb(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                         (colour & 255) / 255.0);
}

void trn_canvas_rectangle(cairo_t *cairo, struct trn_box box, enum trn_colour fill)
{
    trn_canvas_colour(cairo, fill);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_fill(cairo);
}

void trn_canvas_line(cairo_t *cairo, double x0, double y0, double x1, double y1, double width,
                     enum trn_colour colour)
{
    trn_canvas_colour(cairo, colour);
    cairo_set_line_width(cairo, width);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
}

static void set_font(cairo_t *cairo, const struct trn_font *font, double size)
{
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           font->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

double trn_canvas_text_width(cairo_t *cairo, const char *text, const struct trn_font *font)
{
    cairo_text_extents_t extents;

    set_font(cairo, font, font->size);
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

void trn_canvas_text(cairo_t *cairo, double x, double y, double room, const char *text,
                     const struct trn_font *font)
{
    double width = trn_canvas_text_width(cairo, text, font), scale = 1;

    if (room > 0 && width > room)
        scale = room / width;
    set_font(cairo, font, font->size * scale);
    trn_canvas_colour(cairo, font->colour);
    cairo_move_to(cairo, x - width * scale * 0.5 * (double)font->align, y);
    cairo_show_text(cairo, text);
}

void trn_canvas_text_upwards(cairo_t *cairo, double x, double y, double room, const char *text,
                             const struct trn_font *font)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, -1.5707963267948966);
    trn_canvas_text(cairo, 0, 0, room, text, font);
    cairo_restore(cairo);
}
