/* Axes of charts: where values lie, at which of them ticks are, and how they are drawn. */
#ifndef TRN_IO_FIGURE_AXIS_H
#define TRN_IO_FIGURE_AXIS_H

#include "io/figure_canvas.h"

/* Room that a chart's axes, name and numbers take outside its box, in points. */
enum { TRN_CHART_LEFT = 44, TRN_CHART_TOP = 20, TRN_CHART_BOTTOM = 40 };

enum { TRN_TICKS_MAX = 64, TRN_TICK_TEXT = 48 };

struct trn_axis {
    double low, high;  /* values at the two ends: low < high, 0 < low where logarithmic */
    double start, end; /* where these lie, in points */
    double step;  /* between ticks, of a linear axis; 0: chosen by the room that numbers need */
    double scale; /* of the numbers at a linear axis; 0: 1 */
    const char *prefix; /* of the unit, as `scale` has it; NULL: none */
    const char *unit;   /* SI, gets a prefix: at the name of a linear axis, at each number of a
                           logarithmic one; NULL: none */
    bool logarithmic;
    bool whole; /* ticks at whole numbers only, written in full */
};

/* A step of 1, 2 or 5 times a power of ten that cuts `range` into about five. */
double trn_axis_step(double range);

/* Ends and step of a linear axis for values of [low, high], at ticks and with room beyond them. The
 * step fits a range of `least` at least. */
void trn_axis_round(struct trn_axis *axis, double low, double high, double least);

/* 10^-3k and its unit's prefix, so that `largest` has one to three digits before the point. */
double trn_axis_prefix(double largest, const char **out_prefix);
/* Sets scale and prefix of a linear axis that has a unit. */
void trn_axis_scale(struct trn_axis *axis);

double trn_axis_place(const struct trn_axis *axis, double value);

struct trn_tick {
    double value;
    char text[TRN_TICK_TEXT];
};
/* The ticks and their texts, which do not meet; `across` tells that they stand side by side. */
size_t trn_axis_ticks(cairo_t *cairo, const struct trn_axis *axis, bool across,
                      struct trn_tick ticks[TRN_TICKS_MAX]);
/* How wide the widest number at a vertical axis is. */
double trn_axis_width(cairo_t *cairo, const struct trn_axis *axis);

/* Grid lines and numbers, of a vertical axis at the left, of a horizontal one below the box. */
void trn_axis_draw_left(cairo_t *cairo, const struct trn_axis *axis, struct trn_box box);
void trn_axis_draw_below(cairo_t *cairo, const struct trn_axis *axis, struct trn_box box);
/* Short lines and numbers right of a colour bar. */
void trn_axis_draw_right(cairo_t *cairo, const struct trn_axis *axis, struct trn_box bar);
/* What they count: `away` points left of the box, running upwards; below the numbers. */
void trn_axis_name_left(cairo_t *cairo, struct trn_box box, double away, const char *name);
void trn_axis_name_below(cairo_t *cairo, struct trn_box box, const char *name);
/* "conductance / µS" where the axis has a unit, otherwise `name`, which may be "". */
void trn_axis_name(char *text, size_t size, const struct trn_axis *axis, const char *name);
/* The chart's name, above its box. */
void trn_axis_title(cairo_t *cairo, struct trn_box box, const char *title);

#endif
