/* A page of panels with what they show, copied from the caller's arrays. No drawing. */
#ifndef TRN_IO_PLOT_H
#define TRN_IO_PLOT_H

#include <stdbool.h>
#include <trnnsf/plot.h>

enum {
    TRN_PLOT_PANELS_MAX = 64,
    TRN_PLOT_SERIES_MAX = 16, /* groups of a histogram too */
    TRN_PLOT_POINTS_MAX = 1 << 20,
    TRN_PLOT_SAMPLES_MAX = 1 << 26, /* of a panel */
    TRN_PLOT_BINS_MAX = 1000,
    TRN_PLOT_SIDE_MAX = 4096,
    TRN_PLOT_CELLS_MAX = 512, /* on a side of a map that is drawn */
    TRN_PLOT_TEXT_MAX = 256
};

/* Values below have no place on a logarithmic axis: a factor of them would be no normal double. */
#define TRN_PLOT_LOGARITHMIC_LEAST 1e-300

enum trn_plot_kind { TRN_PLOT_LINES, TRN_PLOT_HISTOGRAM, TRN_PLOT_MAP };

struct trn_plot_series {
    char *name;   /* NULL: not in the legend */
    size_t count; /* points, or bins */
    double *x;    /* NULL in histograms */
    double *y;    /* values, or counts */
    double *low, *high;
    uint32_t spread;
};

struct trn_plot_axis {
    char *label, *unit; /* may be NULL */
    bool logarithmic;
    double low, high; /* both 0: by the values */
};

struct trn_plot_panel {
    enum trn_plot_kind kind;
    char *title;
    struct trn_plot_axis x, y;
    size_t n_series;
    struct trn_plot_series *series; /* [n_series] */
    /* of lines */
    char *level_name; /* NULL: no level */
    double level;
    /* of a histogram */
    size_t n_bins;
    double *edges; /* [n_bins + 1] */
    /* of a map */
    size_t n_rows, n_columns;
    size_t row_step, column_step; /* rows and columns of a cell */
    size_t height, width;
    double *cells; /* [height x width] */
    struct trn_plot_axis value;
};

struct trnnsf_plot {
    trnnsf_context *ctx;
    char *title;
    uint32_t columns;
    double width, height;
    size_t n_panels;
    struct trn_plot_panel *panels[TRN_PLOT_PANELS_MAX];
};

void trn_plot_panel_free(trnnsf_context *ctx, struct trn_plot_panel *panel);

/* Copies of a caller's text and of count doubles, each finite one of which is at most 1e300 in
 * size; NULL stays NULL. `what` names it in the error text. */
trnnsf_status trn_plot_text(trnnsf_context *ctx, const char *function, const char *what,
                            const char *text, char **out_text);
trnnsf_status trn_plot_numbers(trnnsf_context *ctx, const char *function, const char *what,
                               size_t count, const double *numbers, double **out_numbers);

/* What the public functions add; the options are read and complete. */
trnnsf_status trn_plot_lines(trnnsf_context *ctx, size_t n_series, const void *series,
                             const struct trnnsf_plot_lines_options *options,
                             struct trn_plot_panel **out_panel);
trnnsf_status trn_plot_histogram(trnnsf_context *ctx, size_t n_groups, const void *groups,
                                 const struct trnnsf_plot_histogram_options *options,
                                 struct trn_plot_panel **out_panel);
trnnsf_status trn_plot_map(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                           const double *values, const struct trnnsf_plot_map_options *options,
                           struct trn_plot_panel **out_panel);

/* Structs of the caller that lie one behind the other, struct_size apart: reads the index-th one
 * over `out`. */
trnnsf_status trn_plot_element(trnnsf_context *ctx, const char *function, const void *first,
                               size_t index, void *out, size_t size);

/* Even bins for `count` sorted numbers by Freedman and Diaconis; 1 … 200. */
size_t trn_plot_bins(const double *sorted, size_t count);

/* Means of the finite values of row_step x column_step neighbours, NaN where there is none. */
void trn_plot_reduce(size_t n_rows, size_t n_columns, const double *values, size_t row_step,
                     size_t column_step, double *out_cells);

#endif
