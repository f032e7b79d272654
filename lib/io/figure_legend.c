/* Legends of curves and histograms, below the axes. */
#include <string.h>

#include "io/figure_panel.h"

static const struct trn_font legend_font = {9, false, TRN_COLOUR_INK, TRN_LEFT};
static const double key = 22, between = 14, line = 14;

struct pen {
    double x, y; /* of the next entry */
    double left, right;
};

/* Moves to where an entry of that text begins; its width. */
static double place(cairo_t *cairo, struct pen *pen, const char *text)
{
    double width = key + trn_canvas_text_width(cairo, text, &legend_font);

    if (width > pen->right - pen->left)
        width = pen->right - pen->left;
    if (pen->x > pen->left && pen->x + width > pen->right) {
        pen->x = pen->left;
        pen->y += line;
    }
    return width;
}

static void draw_text(cairo_t *cairo, const struct pen *pen, const char *text)
{
    trn_canvas_text(cairo, pen->x + key, pen->y, pen->right - pen->left - key, text, &legend_font);
}

static void draw_curve_key(cairo_t *cairo, const struct trn_plot_panel *plot, size_t index,
                           double x, double y)
{
    const struct trn_plot_series *series = &plot->series[index];
    bool marked = plot->kind == TRN_PLOT_LINES && trn_curve_marked(plot, series);
    enum trn_colour colour = trn_curve_colour(index);

    if (plot->kind == TRN_PLOT_HISTOGRAM || (series->low && series->spread == TRNNSF_PLOT_BAND)) {
        cairo_set_source_rgba(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                              (colour & 255) / 255.0, 0.2);
        cairo_rectangle(cairo, x, y - 7.5, 18, 9);
        cairo_fill(cairo);
    }
    trn_curve_dash(cairo, index, marked);
    trn_canvas_line(cairo, x, y - 3, x + 18, y - 3, 1.3, colour);
    cairo_set_dash(cairo, NULL, 0, 0);
    if (series->low && series->spread == TRNNSF_PLOT_BARS)
        trn_canvas_line(cairo, x + 9, y - 8, x + 9, y + 2, 0.9, colour);
    if (marked)
        trn_curve_mark(cairo, index, x + 9, y - 3);
}

static void draw_level_key(cairo_t *cairo, double x, double y)
{
    static const double dash[] = {5, 3};

    cairo_set_dash(cairo, dash, 2, 0);
    trn_canvas_line(cairo, x, y - 3, x + 18, y - 3, 1.0, TRN_COLOUR_INK);
    cairo_set_dash(cairo, NULL, 0, 0);
}

static bool has_text(const char *text)
{
    return text && text[0];
}

double trn_panel_legend(cairo_t *cairo, const struct trn_plot_panel *plot, double x, double y,
                        double width, bool draw)
{
    struct pen pen = {x, y, x, x + width};
    bool any = has_text(plot->level_name);

    for (size_t i = 0; i < plot->n_series; i++) {
        const char *name = plot->series[i].name;

        if (!has_text(name))
            continue;
        double taken = place(cairo, &pen, name);
        if (draw) {
            draw_curve_key(cairo, plot, i, pen.x, pen.y);
            draw_text(cairo, &pen, name);
        }
        pen.x += taken + between;
        any = true;
    }
    if (has_text(plot->level_name)) {
        place(cairo, &pen, plot->level_name);
        if (draw) {
            draw_level_key(cairo, pen.x, pen.y);
            draw_text(cairo, &pen, plot->level_name);
        }
    }
    return any ? pen.y - y + line : 0;
}

static bool same_text(const char *a, const char *b)
{
    return has_text(a) ? has_text(b) && strcmp(a, b) == 0 : !has_text(b);
}

bool trn_panel_same_legend(const struct trn_plot_panel *a, const struct trn_plot_panel *b)
{
    if (a->kind != b->kind || a->n_series != b->n_series ||
        !same_text(a->level_name, b->level_name))
        return false;
    for (size_t i = 0; i < a->n_series; i++) {
        const struct trn_plot_series *one = &a->series[i], *other = &b->series[i];

        if (!same_text(one->name, other->name) || !one->low != !other->low ||
            one->spread != other->spread ||
            (a->kind == TRN_PLOT_LINES && trn_curve_marked(a, one) != trn_curve_marked(b, other)))
            return false;
    }
    return true;
}
