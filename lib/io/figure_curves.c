/* Curves and histograms inside their panels. */
#include <math.h>

#include "io/figure_panel.h"

enum { MARKED_MAX = 60 };

enum trn_colour trn_curve_colour(size_t index)
{
    static const enum trn_colour colours[] = {
        TRN_COLOUR_BLUE,   TRN_COLOUR_VERMILLION, TRN_COLOUR_GREEN, TRN_COLOUR_ORANGE,
        TRN_COLOUR_PURPLE, TRN_COLOUR_SKY,        TRN_COLOUR_INK};

    return colours[index % (sizeof colours / sizeof *colours)];
}

void trn_curve_dash(cairo_t *cairo, size_t index, bool marked)
{
    static const double dashes[][4] = {{6, 2.5, 6, 2.5}, {1.5, 2, 1.5, 2}, {7, 2, 1.5, 2}};

    /* The first is full; where marks tell curves apart, so are all until colours repeat. */
    if (index == 0 || (marked && index < 7))
        cairo_set_dash(cairo, NULL, 0, 0);
    else
        cairo_set_dash(cairo, dashes[(index - 1) % 3], 4, 0);
}

void trn_curve_mark(cairo_t *cairo, size_t index, double x, double y)
{
    const double r = 2.9;

    cairo_new_path(cairo);
    switch (index % 4) {
    case 0:
        cairo_arc(cairo, x, y, r - 0.3, 0, 6.283185307179586);
        break;
    case 1:
        cairo_rectangle(cairo, x - r + 0.5, y - r + 0.5, 2 * r - 1, 2 * r - 1);
        break;
    case 2:
        cairo_move_to(cairo, x, y - r);
        cairo_line_to(cairo, x + r, y + r - 0.8);
        cairo_line_to(cairo, x - r, y + r - 0.8);
        cairo_close_path(cairo);
        break;
    default:
        cairo_move_to(cairo, x, y - r - 0.3);
        cairo_line_to(cairo, x + r, y);
        cairo_line_to(cairo, x, y + r + 0.3);
        cairo_line_to(cairo, x - r, y);
        cairo_close_path(cairo);
    }
    trn_canvas_colour(cairo, index < 7 ? trn_curve_colour(index) : TRN_COLOUR_PAPER);
    cairo_fill_preserve(cairo);
    trn_canvas_colour(cairo, trn_curve_colour(index));
    cairo_set_line_width(cairo, 0.9);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_stroke(cairo);
}

bool trn_curve_marked(const struct trn_plot_panel *plot, const struct trn_plot_series *series)
{
    size_t count = 0;

    for (size_t i = 0; i < series->count && count <= MARKED_MAX; i++)
        count += trn_panel_has(plot, series->x[i], series->y[i]);
    return count <= MARKED_MAX;
}

static bool has_point(const struct trn_panel *panel, const struct trn_plot_series *series, size_t i)
{
    return i < series->count && trn_panel_has(panel->plot, series->x[i], series->y[i]);
}

static bool has_spread(const struct trn_panel *panel, const struct trn_plot_series *series,
                       size_t i)
{
    return i < series->count && trn_panel_has(panel->plot, series->x[i], series->low[i]) &&
           trn_panel_has(panel->plot, series->x[i], series->high[i]);
}

static double y_of(const struct trn_panel *panel, double value)
{
    /* What is cut needs no exact place, and cairo none beyond its fixed-point numbers. */
    double y = trn_axis_place(&panel->y, value), far = 4 * panel->box.height + 100;

    return fmin(fmax(y, panel->box.y - far), panel->box.y + far);
}

/* Forth along the upper ends, back along the lower ones, for each run without a gap. */
static void draw_band(cairo_t *cairo, const struct trn_panel *panel, size_t index)
{
    const struct trn_plot_series *series = &panel->plot->series[index];
    enum trn_colour colour = trn_curve_colour(index);

    cairo_set_source_rgba(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                          (colour & 255) / 255.0, 0.2);
    for (size_t first = 0, end; first < series->count; first = end + 1) {
        for (end = first; has_spread(panel, series, end); end++)
            cairo_line_to(cairo, trn_axis_place(&panel->x, series->x[end]),
                          y_of(panel, series->high[end]));
        for (size_t i = end; i > first; i--)
            cairo_line_to(cairo, trn_axis_place(&panel->x, series->x[i - 1]),
                          y_of(panel, series->low[i - 1]));
        cairo_close_path(cairo);
        cairo_fill(cairo);
    }
}

static void draw_bars(cairo_t *cairo, const struct trn_panel *panel, size_t index)
{
    const struct trn_plot_series *series = &panel->plot->series[index];

    for (size_t i = 0; i < series->count; i++) {
        if (!has_spread(panel, series, i))
            continue;

        double x = trn_axis_place(&panel->x, series->x[i]);
        double low = y_of(panel, series->low[i]), high = y_of(panel, series->high[i]);

        cairo_move_to(cairo, x, low);
        cairo_line_to(cairo, x, high);
        cairo_move_to(cairo, x - 2.5, low);
        cairo_line_to(cairo, x + 2.5, low);
        cairo_move_to(cairo, x - 2.5, high);
        cairo_line_to(cairo, x + 2.5, high);
    }
    trn_canvas_colour(cairo, trn_curve_colour(index));
    cairo_set_line_width(cairo, 0.9);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_stroke(cairo);
}

static void draw_curve(cairo_t *cairo, const struct trn_panel *panel, size_t index)
{
    const struct trn_plot_series *series = &panel->plot->series[index];
    bool marked = trn_curve_marked(panel->plot, series);

    for (size_t i = 0; i < series->count; i++) {
        if (!has_point(panel, series, i))
            cairo_new_sub_path(cairo);
        else
            cairo_line_to(cairo, trn_axis_place(&panel->x, series->x[i]),
                          y_of(panel, series->y[i]));
    }
    trn_canvas_colour(cairo, trn_curve_colour(index));
    cairo_set_line_width(cairo, 1.3);
    trn_curve_dash(cairo, index, marked);
    cairo_stroke(cairo);
    for (size_t i = 0; i < series->count; i++) {
        bool alone =
            (i == 0 || !has_point(panel, series, i - 1)) && !has_point(panel, series, i + 1);

        if (has_point(panel, series, i) && (marked || alone))
            trn_curve_mark(cairo, index, trn_axis_place(&panel->x, series->x[i]),
                           y_of(panel, series->y[i]));
    }
}

static void draw_level(cairo_t *cairo, const struct trn_panel *panel)
{
    static const double dash[] = {5, 3};
    const struct trn_plot_panel *plot = panel->plot;

    if (!plot->level_name || (plot->y.logarithmic && plot->level < TRN_PLOT_LOGARITHMIC_LEAST))
        return;
    double y = y_of(panel, plot->level);
    cairo_set_dash(cairo, dash, 2, 0);
    trn_canvas_line(cairo, panel->box.x, y, panel->box.x + panel->box.width, y, 1.0,
                    TRN_COLOUR_INK);
    cairo_set_dash(cairo, NULL, 0, 0);
}

/* Cut at the box, but for marks at its edge. */
static void clip(cairo_t *cairo, struct trn_box box)
{
    cairo_new_path(cairo);
    cairo_rectangle(cairo, box.x - 4, box.y - 4, box.width + 8, box.height + 8);
    cairo_clip(cairo);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
}

void trn_panel_lines(cairo_t *cairo, const struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;

    cairo_save(cairo);
    clip(cairo, panel->box);
    for (size_t i = 0; i < plot->n_series; i++) {
        if (plot->series[i].low && plot->series[i].spread == TRNNSF_PLOT_BAND)
            draw_band(cairo, panel, i);
    }
    draw_level(cairo, panel);
    for (size_t i = 0; i < plot->n_series; i++) {
        if (plot->series[i].low && plot->series[i].spread == TRNNSF_PLOT_BARS)
            draw_bars(cairo, panel, i);
        draw_curve(cairo, panel, i);
    }
    cairo_restore(cairo);
}

static double height_of(const struct trn_panel *panel, double count)
{
    return count > panel->y.low ? y_of(panel, count) : panel->box.y + panel->box.height;
}

/* The steps of a group from the ground to the ground. */
static void step_path(cairo_t *cairo, const struct trn_panel *panel, size_t index)
{
    const struct trn_plot_panel *plot = panel->plot;
    double bottom = panel->box.y + panel->box.height, x = trn_axis_place(&panel->x, plot->edges[0]);

    cairo_new_path(cairo);
    cairo_move_to(cairo, x, bottom);
    for (size_t i = 0; i < plot->n_bins; i++) {
        double y = height_of(panel, plot->series[index].y[i]);

        cairo_line_to(cairo, x, y);
        x = trn_axis_place(&panel->x, plot->edges[i + 1]);
        cairo_line_to(cairo, x, y);
    }
    cairo_line_to(cairo, x, bottom);
}

void trn_panel_histogram(cairo_t *cairo, const struct trn_panel *panel)
{
    cairo_save(cairo);
    clip(cairo, panel->box);
    for (size_t i = 0; i < panel->plot->n_series; i++) {
        enum trn_colour colour = trn_curve_colour(i);

        step_path(cairo, panel, i);
        cairo_set_source_rgba(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                              (colour & 255) / 255.0, 0.14);
        cairo_fill(cairo);
    }
    for (size_t i = 0; i < panel->plot->n_series; i++) {
        step_path(cairo, panel, i);
        trn_canvas_colour(cairo, trn_curve_colour(i));
        cairo_set_line_width(cairo, 1.2);
        trn_curve_dash(cairo, i, false);
        cairo_stroke(cairo);
    }
    cairo_restore(cairo);
}
