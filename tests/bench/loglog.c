#include "loglog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

#if TRN_HAVE_CAIRO

#include "io/figure_canvas.h"

static const struct trn_font title = {11, true, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font name = {9, false, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font tick_right = {8.5, false, TRN_COLOUR_FAINT, TRN_RIGHT};
static const struct trn_font tick_centre = {8.5, false, TRN_COLOUR_FAINT, TRN_CENTRE};
static const struct trn_font note = {9, false, TRN_COLOUR_INK, TRN_LEFT};

/* Room beside the outer points, in decades. */
static const double margin = 0.2;

/* Logarithms to base 10. */
struct range {
    double least, most;
};

struct axes {
    struct trn_box box;
    struct range x, y;
};

static struct range find_range(const double *value, size_t n, double more)
{
    double least = more, most = more;

    for (size_t i = 0; i < n; i++) {
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
    }
    return (struct range){log10(least) - margin, log10(most) + margin};
}

static double x_of(const struct axes *axes, double value)
{
    return axes->box.x + axes->box.width * (log10(value) - axes->x.least) /
                             (axes->x.most - axes->x.least);
}

static double y_of(const struct axes *axes, double value)
{
    return axes->box.y + axes->box.height * (axes->y.most - log10(value)) /
                             (axes->y.most - axes->y.least);
}

/* 10 with its power as a superscript. */
static void write_decade(int power, char *text, size_t room)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[16];

    snprintf(digits, sizeof digits, "%d", abs(power));
    snprintf(text, room, "10%s", power < 0 ? "⁻" : "");
    for (const char *digit = digits; *digit; digit++)
        strncat(text, raised[*digit - '0'], room - strlen(text) - 1);
}

static bool is_within(const struct range *range, double value)
{
    return log10(value) >= range->least && log10(value) <= range->most;
}

/* A line and a label at each power of ten, ticks at its multiples. */
static void draw_x_decades(cairo_t *cairo, const struct axes *axes)
{
    double top = axes->box.y, bottom = top + axes->box.height;
    char text[64];

    for (int power = (int)floor(axes->x.least); power <= axes->x.most; power++) {
        for (int times = 1; times < 10; times++) {
            double value = times * pow(10, power), x = x_of(axes, value);

            if (!is_within(&axes->x, value))
                continue;
            trn_canvas_line(cairo, x, bottom, x, times == 1 ? top : bottom - 3, 0.5,
                            times == 1 ? TRN_COLOUR_GRID : TRN_COLOUR_FAINT);
            write_decade(power, text, sizeof text);
            if (times == 1)
                trn_canvas_text(cairo, x, bottom + 13, 0, text, &tick_centre);
        }
    }
}

static void draw_y_decades(cairo_t *cairo, const struct axes *axes)
{
    double left = axes->box.x, right = left + axes->box.width;
    char text[64];

    for (int power = (int)floor(axes->y.least); power <= axes->y.most; power++) {
        for (int times = 1; times < 10; times++) {
            double value = times * pow(10, power), y = y_of(axes, value);

            if (!is_within(&axes->y, value))
                continue;
            trn_canvas_line(cairo, left, y, times == 1 ? right : left + 3, y, 0.5,
                            times == 1 ? TRN_COLOUR_GRID : TRN_COLOUR_FAINT);
            write_decade(power, text, sizeof text);
            if (times == 1)
                trn_canvas_text(cairo, left - 5, y + 3, 0, text, &tick_right);
        }
    }
}

static void draw_frame(cairo_t *cairo, struct trn_box box)
{
    double right = box.x + box.width, bottom = box.y + box.height;

    trn_canvas_line(cairo, box.x, box.y, box.x, bottom, 0.8, TRN_COLOUR_FAINT);
    trn_canvas_line(cairo, box.x, bottom, right, bottom, 0.8, TRN_COLOUR_FAINT);
}

static void draw_point(cairo_t *cairo, double x, double y)
{
    cairo_new_path(cairo); /* a text before has left a point */
    cairo_arc(cairo, x, y, 3.5, 0, 6.283185307179586);
    trn_canvas_colour(cairo, TRN_COLOUR_BLUE);
    cairo_fill(cairo);
}

static void set_dashes(cairo_t *cairo, bool dashed)
{
    const double dash[] = {4, 3};

    cairo_set_dash(cairo, dash, dashed ? 2 : 0, 0);
}

static double reference(const struct loglog *plot, double x)
{
    return plot->y[0] * pow(x / plot->x[0], plot->slope);
}

static void draw_lines(cairo_t *cairo, const struct axes *axes, const struct loglog *plot)
{
    double first = plot->x[0], last = plot->x[plot->n - 1];

    set_dashes(cairo, true);
    trn_canvas_line(cairo, x_of(axes, first), y_of(axes, reference(plot, first)),
                    x_of(axes, last), y_of(axes, reference(plot, last)), 1.1,
                    TRN_COLOUR_VERMILLION);
    set_dashes(cairo, false);
    for (size_t i = 1; i < plot->n; i++)
        trn_canvas_line(cairo, x_of(axes, plot->x[i - 1]), y_of(axes, plot->y[i - 1]),
                        x_of(axes, plot->x[i]), y_of(axes, plot->y[i]), 1.1, TRN_COLOUR_SKY);
    for (size_t i = 0; i < plot->n; i++)
        draw_point(cairo, x_of(axes, plot->x[i]), y_of(axes, plot->y[i]));
}

/* In the upper left corner, which rising curves leave free. */
static void draw_legend(cairo_t *cairo, const struct axes *axes, const struct loglog *plot)
{
    double x = axes->box.x + 12, y = axes->box.y + 18;
    double width = fmax(trn_canvas_text_width(cairo, plot->name, &note),
                        trn_canvas_text_width(cairo, plot->slope_name, &note));

    trn_canvas_rectangle(cairo, (struct trn_box){x - 5, y - 12, width + 40, 35},
                         TRN_COLOUR_PAPER);
    trn_canvas_line(cairo, x, y - 3, x + 22, y - 3, 1.1, TRN_COLOUR_SKY);
    draw_point(cairo, x + 11, y - 3);
    trn_canvas_text(cairo, x + 28, y, 0, plot->name, &note);
    y += 15;
    set_dashes(cairo, true);
    trn_canvas_line(cairo, x, y - 3, x + 22, y - 3, 1.1, TRN_COLOUR_VERMILLION);
    set_dashes(cairo, false);
    trn_canvas_text(cairo, x + 28, y, 0, plot->slope_name, &note);
}

trnnsf_status loglog_draw(trnnsf_context *ctx, const struct loglog *plot, const char *path)
{
    struct axes axes = {.box = {64, 40, 400, 280}};
    struct trn_box box = axes.box;
    struct trn_canvas *canvas;

    axes.x = find_range(plot->x, plot->n, plot->x[0]);
    axes.y = find_range(plot->y, plot->n, reference(plot, plot->x[plot->n - 1]));
    TRN_TRY(trn_canvas_begin(ctx, path, box.x + box.width + 24, box.y + box.height + 48, &canvas));
    cairo_t *cairo = trn_canvas_cairo(canvas);
    draw_x_decades(cairo, &axes);
    draw_y_decades(cairo, &axes);
    draw_frame(cairo, box);
    trn_canvas_text(cairo, box.x, box.y - 14, box.width, plot->title, &title);
    trn_canvas_text(cairo, box.x + box.width / 2, box.y + box.height + 32, box.width,
                    plot->x_name, &name);
    trn_canvas_text_upwards(cairo, box.x - 40, box.y + box.height / 2, box.height, plot->y_name,
                            &name);
    draw_lines(cairo, &axes, plot);
    draw_legend(cairo, &axes, plot);
    return trn_canvas_end(canvas, path);
}

#else

trnnsf_status loglog_draw(trnnsf_context *ctx, const struct loglog *plot, const char *path)
{
    (void)plot;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "figure %s: built without cairo", path);
}

#endif
