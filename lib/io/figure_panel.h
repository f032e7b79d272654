/* One panel of a page of plots: its axes, what is in it, its legend. */
#ifndef TRN_IO_FIGURE_PANEL_H
#define TRN_IO_FIGURE_PANEL_H

#include "io/figure_axis.h"
#include "io/plot.h"

struct trn_panel {
    const struct trn_plot_panel *plot;
    struct trn_box box; /* between the axes */
    struct trn_axis x, y;
    struct trn_axis value;        /* of a map's colours */
    double left, right, below;    /* room that axes and legend take beside the box */
    double name_left, name_value; /* where the vertical axes' names are */
    double legend;                /* its first base line below the box */
};

/* Sets the axes for a box of that size at (0, 0), and the rooms but for a legend. */
void trn_panel_measure(cairo_t *cairo, const struct trn_plot_panel *plot, double width,
                       double height, struct trn_panel *out_panel);
/* Moves box and axes. */
void trn_panel_move(struct trn_panel *panel, double x, double y);

void trn_panel_lines(cairo_t *cairo, const struct trn_panel *panel);
void trn_panel_histogram(cairo_t *cairo, const struct trn_panel *panel);
void trn_panel_map(cairo_t *cairo, const struct trn_panel *panel);

/* Whether a point has a place on both axes. */
bool trn_panel_has(const struct trn_plot_panel *plot, double x, double y);

/* Viridis: 0 the darkest, 1 the lightest colour; 0xRRGGBB. */
uint32_t trn_viridis(double part);

/* What is told apart by the index of a curve or group. */
enum trn_colour trn_curve_colour(size_t index);
void trn_curve_dash(cairo_t *cairo, size_t index, bool marked); /* sets the stroke's dashes */
void trn_curve_mark(cairo_t *cairo, size_t index, double x, double y);
bool trn_curve_marked(const struct trn_plot_panel *plot, const struct trn_plot_series *series);

/* The legend in lines of at most `width` points, the first base line at y; its height. */
double trn_panel_legend(cairo_t *cairo, const struct trn_plot_panel *plot, double x, double y,
                        double width, bool draw);
bool trn_panel_same_legend(const struct trn_plot_panel *a, const struct trn_plot_panel *b);

#endif
