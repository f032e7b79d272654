/** \file plot.h
 * Plots of plain arrays: a page of panels, each with curves, a histogram or a heat map, drawn into an
 * SVG, PNG or PDF file. Mutable: a page grows by panels; one thread at a time. All that a panel needs is
 * copied when it is added.
 *
 * Texts are UTF-8 without control characters, at most 256 bytes; markup in them is shown as it is. A
 * unit is an SI unit of the values as they are given, such as "S", "A" or "s": numbers get the prefix
 * that leaves one to three digits before the point ("conductance / µS"; on a logarithmic axis each
 * number its own, "10 nS"). What has no prefix belongs into the label ("accuracy / %").
 *
 * Colours are Okabe & Ito's (2008), which colour-blind readers tell apart; curves differ in their marks
 * and dashes too. Axes end a little beyond the values: horizontal ones of curves 3 % of the values' span
 * or a factor of 1.2 at each end, vertical ones 5 % or 1.2 (chosen here).
 *
 *     struct trnnsf_plot_series series = {.struct_size = sizeof series, .count = n, .x = x, .y = y};
 *     trnnsf_plot_create(context, NULL, &plot);
 *     trnnsf_plot_lines(context, plot, 1, &series, NULL);
 *     trnnsf_plot_save(context, plot, "curve.svg");
 */
#ifndef TRNNSF_PLOT_H
#define TRNNSF_PLOT_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_plot trnnsf_plot;

/** How an axis runs. */
enum trnnsf_plot_scale { TRNNSF_PLOT_LINEAR = 0, TRNNSF_PLOT_LOGARITHMIC = 1 };

/** How a curve's spread is shown. */
enum trnnsf_plot_spread {
    TRNNSF_PLOT_BAND = 0, /**< a tinted band from low to high */
    TRNNSF_PLOT_BARS = 1  /**< an error bar at each point */
};

/** The page. */
struct trnnsf_plot_options {
    size_t struct_size;
    const char *title; /**< above all panels; NULL: none */
    uint32_t columns;  /**< panels side by side, 1 … 16; 0, the default: the square root of their
                            number, rounded up */
    uint32_t reserved; /**< 0 */
    double width;      /**< of a panel between its axes, in points, 100 … 2000; default 320 */
    double height;     /**< likewise; default 210 */
};
#define TRNNSF_PLOT_OPTIONS_INIT {sizeof(struct trnnsf_plot_options), NULL, 0, 0, 320.0, 210.0}
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_plot_options_init(struct trnnsf_plot_options *options);

/** Creates a page without panels.
 * \param options NULL: the defaults
 * \param out_plot the caller's, free with trnnsf_plot_free(); it keeps the context alive
 * TRNNSF_E_INVALID: a NULL argument, a number outside its range, a text that is not UTF-8;
 * TRNNSF_E_LIMIT: a text that is too long; TRNNSF_E_UNSUPPORTED: options of a later version;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_plot_create(trnnsf_context *context,
                                            const struct trnnsf_plot_options *options,
                                            trnnsf_plot **out_plot);

/** Frees a page; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_plot_free(trnnsf_plot *plot);

/** One curve. Zero-filled but for struct_size, count and y it is complete. */
struct trnnsf_plot_series {
    size_t struct_size;
    const char *name;   /**< in the legend; NULL: not there */
    size_t count;       /**< points, 1 … 1048576 */
    const double *x;    /**< [count] in the order in which they are joined; NULL: 0, 1, 2, … */
    const double *y;    /**< [count] */
    const double *low;  /**< [count] lower ends of the spread; NULL, as `high`: none */
    const double *high; /**< [count] upper ends */
    uint32_t spread;    /**< enum trnnsf_plot_spread */
    uint32_t reserved;  /**< 0 */
};

/** Axes of a panel of curves. */
struct trnnsf_plot_lines_options {
    size_t struct_size;
    const char *title;      /**< above the panel; NULL, here and below: none */
    const char *x_label;    /**< below the horizontal axis */
    const char *x_unit;
    const char *y_label;    /**< beside the vertical axis */
    const char *y_unit;
    uint32_t x_scale;       /**< enum trnnsf_plot_scale */
    uint32_t y_scale;       /**< likewise */
    double y_low;           /**< ends of the vertical axis; both 0, the default: by the values, */
    double y_high;          /**< otherwise y_low < y_high, and what is beyond them is cut */
    double level;           /**< a horizontal line to compare with, drawn where level_name is not NULL */
    const char *level_name; /**< in the legend; "": drawn, but not there; default NULL */
};
#define TRNNSF_PLOT_LINES_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(struct trnnsf_plot_lines_options), NULL, NULL, NULL, NULL, NULL, 0, 0, 0.0, 0.0,    \
            0.0, NULL                                                                              \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_plot_lines_options_init(struct trnnsf_plot_lines_options *options);

/** Adds a panel of curves. Points are joined in their order; one that is not finite, or has no place on
 * a logarithmic axis (below 1e-300), is a gap; a point between two gaps is a mark. Up to 60 points each
 * has a mark. A spread is left out where one of its ends is missing. The legend is below the panel;
 * where all panels of the page have the same, it is once at the page's foot.
 * \param n_series 1 … 16
 * \param series [n_series], all of the same struct_size, which is the step from one to the next
 * \param options NULL: the defaults
 * TRNNSF_E_INVALID: a NULL argument, no series or points, one of low and high without the other, a
 * finite value beyond 1e300 in size, an option outside its range (the text names the place);
 * TRNNSF_E_LIMIT: too many series, points or panels (64), a text that is too long;
 * TRNNSF_E_UNSUPPORTED: structs of a later version; TRNNSF_E_NO_MEMORY. The page is then as before.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_plot_lines(trnnsf_context *context, trnnsf_plot *plot,
                                           size_t n_series,
                                           const struct trnnsf_plot_series *series,
                                           const struct trnnsf_plot_lines_options *options);

/** One group of a histogram: samples, or how many are in each bin. */
struct trnnsf_plot_group {
    size_t struct_size;
    const char *name;      /**< in the legend; NULL: not there */
    size_t count;          /**< samples; 0 where `counts` are given */
    const double *samples; /**< [count]; what is not finite, or below 1e-300 on a logarithmic axis, is
                                left out, and the legend tells how many; NULL where `counts` are given */
    const double *counts;  /**< [bins], 0 … 1e300, in the bins of `edges`; NULL where `samples` are given */
};

/** Bins and axes of a panel with a histogram. */
struct trnnsf_plot_histogram_options {
    size_t struct_size;
    const char *title;   /**< above the panel; NULL, here and below: none */
    const char *x_label;
    const char *x_unit;
    const char *y_label; /**< NULL: "count" or "share / %" */
    uint32_t x_scale;    /**< enum trnnsf_plot_scale; logarithmic: bins are even in the logarithm */
    uint32_t y_scale;    /**< likewise; logarithmic counts begin at a half */
    uint32_t bins;       /**< 1 … 1000; 0, the default: by the samples */
    uint32_t shares;     /**< 1: percent of each group's samples that are in a bin; default 0, counts */
    const double *edges; /**< [bins + 1] ascending, samples outside are left out; NULL, the default:
                              even bins from the smallest sample to the largest */
};
#define TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT                                                         \
    {                                                                                              \
        sizeof(struct trnnsf_plot_histogram_options), NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL     \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_plot_histogram_options_init(struct trnnsf_plot_histogram_options *options);

/** Adds a panel with a histogram: each group is an outline of steps over common bins. A bin holds its
 * lower edge, the last one its upper edge too. Unless given, the bins' width is 2 q / n^(1/3) with n
 * samples of all groups and q the range of their middle half (Freedman & Diaconis), of their logarithms
 * on a logarithmic axis; where q is 0 there are log2(n) + 1 bins (Sturges 1926), and never more than 200
 * (chosen here: a bin is then wider than a point).
 * \param n_groups 1 … 16
 * \param groups [n_groups], all of the same struct_size, which is the step from one to the next
 * \param options NULL: the defaults
 * TRNNSF_E_INVALID: a NULL argument, no group, a group with neither or both of samples and counts,
 * counts without edges or negative, edges without bins or not ascending, an option outside its range;
 * TRNNSF_E_LIMIT: too many groups, panels (64), or samples (67108864 in all), a text that is too
 * long; TRNNSF_E_UNSUPPORTED: structs of a later version; TRNNSF_E_NO_MEMORY. The page is then as
 * before. Source: D. Freedman, P. Diaconis, "On the histogram as a density estimator: L2 theory",
 * Z. Wahrscheinlichkeitstheorie verw. Gebiete 57, 453-476, 1981. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_plot_histogram(trnnsf_context *context, trnnsf_plot *plot,
                                               size_t n_groups,
                                               const struct trnnsf_plot_group *groups,
                                               const struct trnnsf_plot_histogram_options *options);

/** Axes and colours of a panel with a heat map. */
struct trnnsf_plot_map_options {
    size_t struct_size;
    const char *title;       /**< above the panel; NULL: none */
    const char *x_label;     /**< NULL, the default: "column" */
    const char *y_label;     /**< NULL, the default: "row" */
    const char *value_label; /**< beside the colour bar; NULL: none */
    const char *value_unit;  /**< NULL: none */
    double low;              /**< values of the darkest and the lightest colour, beyond which colours */
    double high;             /**< stay the same; both 0, the default: the least and the largest cell */
};
#define TRNNSF_PLOT_MAP_OPTIONS_INIT                                                               \
    {                                                                                              \
        sizeof(struct trnnsf_plot_map_options), NULL, NULL, NULL, NULL, NULL, 0.0, 0.0             \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_plot_map_options_init(struct trnnsf_plot_map_options *options);

/** Adds a panel with a heat map, row 0 at the top, and its colour bar. Sides above 512 are reduced: a
 * cell is then the mean of the finite values of k rows and l columns (the panel says so), the smallest
 * that bring both sides to 512. Cells without a finite value are grey.
 * The colours are viridis, whose lightness grows evenly, by 17 points of it, straight lines in sRGB
 * between them (off by 5/255 at most).
 * \param n_rows, n_columns 1 … 4096
 * \param values [n_rows x n_columns], row-major
 * \param options NULL: the defaults
 * TRNNSF_E_INVALID: a NULL argument, a side of 0, a finite value beyond 1e300 in size, an option outside
 * its range; TRNNSF_E_LIMIT: a side above 4096, more than 64 panels, a text that is too long;
 * TRNNSF_E_UNSUPPORTED: options of a later version; TRNNSF_E_NO_MEMORY. The page is then as before.
 * Source of the colours: S. van der Walt, N. Smith, viridis (2015, CC0, matplotlib). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_plot_map(trnnsf_context *context, trnnsf_plot *plot, size_t n_rows,
                                         size_t n_columns, const double *values,
                                         const struct trnnsf_plot_map_options *options);

/** Draws the page, its panels row by row in the order in which they were added, into a file whose
 * format follows the ending: .svg, .png (two pixels a point) or .pdf. The file is replaced at once or
 * not at all. The page may grow and be drawn again.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_STATE: no panel; TRNNSF_E_LIMIT: the page would be more
 * than 16000 points wide or high, or have more than 5e7 square points; TRNNSF_E_UNSUPPORTED: another
 * ending, or built without cairo; TRNNSF_E_IO, TRNNSF_E_NOT_FOUND: the file could not be written;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_plot_save(trnnsf_context *context, const trnnsf_plot *plot,
                                          const char *path);

TRNNSF_END_DECLS

#endif
