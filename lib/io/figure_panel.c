#include "io/figure_panel.h"

#include <math.h>

struct range {
    double low, high;
};

static void widen(struct range *range, double value)
{
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* What a linear axis spans at least: doubles would be too coarse for less, and values that are all
 * the same need some room. */
static double least_span(struct range range)
{
    double size = fmax(fabs(range.low), fabs(range.high));

    if (range.low < range.high)
        return fmax(1e-9 * size, 1e-290);
    return size > 1e-290 ? 0.2 * size : 1;
}

/* No value at all: something to draw. */
static struct range known(struct range range, bool logarithmic)
{
    if (range.low <= range.high)
        return range;
    return logarithmic ? (struct range){1, 10} : (struct range){0, 1};
}

bool trn_panel_has(const struct trn_plot_panel *plot, double x, double y)
{
    return isfinite(x) && isfinite(y) &&
           (x >= TRN_PLOT_LOGARITHMIC_LEAST || !plot->x.logarithmic) &&
           (y >= TRN_PLOT_LOGARITHMIC_LEAST || !plot->y.logarithmic);
}

static void find_ranges(const struct trn_plot_panel *plot, struct range *x, struct range *y)
{
    *x = *y = (struct range){INFINITY, -INFINITY};
    for (size_t i = 0; i < plot->n_series; i++) {
        const struct trn_plot_series *series = &plot->series[i];

        for (size_t j = 0; j < series->count; j++) {
            if (trn_panel_has(plot, series->x[j], series->y[j])) {
                widen(x, series->x[j]);
                widen(y, series->y[j]);
            }
            if (series->low && trn_panel_has(plot, series->x[j], series->low[j]) &&
                trn_panel_has(plot, series->x[j], series->high[j])) {
                widen(x, series->x[j]);
                widen(y, series->low[j]);
                widen(y, series->high[j]);
            }
        }
    }
    if (plot->level_name && (plot->level >= TRN_PLOT_LOGARITHMIC_LEAST || !plot->y.logarithmic))
        widen(y, plot->level);
}

/* Ends beyond the values by a share of their span, or by a factor. */
static void pad(struct trn_axis *axis, struct range range, double share, double factor)
{
    if (axis->logarithmic) {
        axis->low = range.low / factor;
        axis->high = range.high * factor;
        return;
    }

    double middle = range.low / 2 + range.high / 2;
    double half = fmax(range.high - range.low, least_span(range)) * (0.5 + share);

    axis->low = middle - half;
    axis->high = middle + half;
}

static void lines_axes(struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    struct range x, y;

    find_ranges(plot, &x, &y);
    pad(&panel->x, known(x, plot->x.logarithmic), 0.03, 1.2);
    y = known(y, plot->y.logarithmic);
    if (plot->y.low != 0 || plot->y.high != 0) {
        panel->y.low = plot->y.low;
        panel->y.high = plot->y.high;
    } else {
        pad(&panel->y, y, 0.05, 1.2);
    }
}

static void histogram_axes(struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    double most = 0, least = INFINITY;

    for (size_t i = 0; i < plot->n_series; i++) {
        for (size_t j = 0; j < plot->series[i].count; j++) {
            double count = plot->series[i].y[j];

            most = fmax(most, count);
            if (count > 0)
                least = fmin(least, count);
        }
    }
    pad(&panel->x, (struct range){plot->edges[0], plot->edges[plot->n_bins]}, 0.02, 1.1);
    if (plot->y.logarithmic) {
        /* One sample is above the ground; shares of less than 1 % are so too. */
        panel->y.low = most > 0 ? fmax(fmin(0.5, least / 2), TRN_PLOT_LOGARITHMIC_LEAST) : 0.5;
        panel->y.high = fmax(1.5 * most, 10 * panel->y.low);
    } else {
        panel->y.high = most > 0 ? 1.08 * most : 1;
    }
}

static void map_axes(struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    struct range values = {INFINITY, -INFINITY};

    /* Numbers stand at the middles of rows and columns. */
    panel->x.low = panel->y.low = -0.5;
    panel->x.high = (double)plot->n_columns - 0.5;
    panel->y.high = (double)plot->n_rows - 0.5;
    panel->x.whole = panel->y.whole = true;
    for (size_t i = 0; i < plot->height * plot->width; i++) {
        if (isfinite(plot->cells[i]))
            widen(&values, plot->cells[i]);
    }
    if (plot->value.low != 0 || plot->value.high != 0)
        values = (struct range){plot->value.low, plot->value.high};
    pad(&panel->value, known(values, false), 0, 1);
}

/* The longer side fills the room, the other is in proportion but never below a quarter. */
static struct trn_box map_box(const struct trn_plot_panel *plot, double width, double height)
{
    double rows = (double)plot->n_rows, columns = (double)plot->n_columns;
    double side = fmin(width / columns, height / rows);

    return (struct trn_box){0, 0, fmin(width, fmax(side * columns, width / 4)),
                            fmin(height, fmax(side * rows, height / 4))};
}

static void set_axis(struct trn_axis *axis, const struct trn_plot_axis *plot, double start,
                     double end)
{
    *axis = (struct trn_axis){.start = start,
                              .end = end,
                              .unit = plot->unit && plot->unit[0] ? plot->unit : NULL,
                              .logarithmic = plot->logarithmic};
}

void trn_panel_measure(cairo_t *cairo, const struct trn_plot_panel *plot, double width,
                       double height, struct trn_panel *out_panel)
{
    struct trn_panel panel = {.plot = plot, .box = {0, 0, width, height}, .right = 16};
    bool map = plot->kind == TRN_PLOT_MAP;

    if (map)
        panel.box = map_box(plot, width, height);
    set_axis(&panel.x, &plot->x, 0, panel.box.width);
    set_axis(&panel.y, &plot->y, map ? 0 : panel.box.height, map ? panel.box.height : 0);
    set_axis(&panel.value, &plot->value, panel.box.height, 0);
    if (map)
        map_axes(&panel);
    else if (plot->kind == TRN_PLOT_HISTOGRAM)
        histogram_axes(&panel);
    else
        lines_axes(&panel);
    trn_axis_scale(&panel.x);
    trn_axis_scale(&panel.y);
    trn_axis_scale(&panel.value);
    panel.name_left = 5 + trn_axis_width(cairo, &panel.y) + 7;
    panel.left = panel.name_left + (plot->y.label || panel.y.unit ? 10 : 0);
    panel.below = plot->x.label || panel.x.unit ? 30 : 17;
    if (map) {
        panel.name_value = 31 + trn_axis_width(cairo, &panel.value) + 13;
        panel.right = panel.name_value + 6;
        panel.below += 13; /* what cells are */
    }
    *out_panel = panel;
}

void trn_panel_move(struct trn_panel *panel, double x, double y)
{
    panel->box.x += x;
    panel->box.y += y;
    panel->x.start += x;
    panel->x.end += x;
    panel->y.start += y;
    panel->y.end += y;
    panel->value.start += y;
    panel->value.end += y;
}
