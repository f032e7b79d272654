/* Panels with a heat map. */
#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "io/plot.h"

static const char function[] = "trnnsf_plot_map";

/* Of rows [first, end) and the columns that one cell has. Shares of the area are summed, so that no
 * sum overflows. */
static double mean_of(size_t n_columns, const double *values, size_t first_row, size_t end_row,
                      size_t first_column, size_t end_column)
{
    double area = (double)((end_row - first_row) * (end_column - first_column));
    double sum = 0, count = 0;

    for (size_t i = first_row; i < end_row; i++) {
        for (size_t j = first_column; j < end_column; j++) {
            double value = values[i * n_columns + j];

            if (isfinite(value)) {
                sum += value / area;
                count++;
            }
        }
    }
    return count > 0 ? sum * (area / count) : NAN;
}

void trn_plot_reduce(size_t n_rows, size_t n_columns, const double *values, size_t row_step,
                     size_t column_step, double *out_cells)
{
    for (size_t i = 0; i < n_rows; i += row_step) {
        size_t end_row = i + row_step < n_rows ? i + row_step : n_rows;

        for (size_t j = 0; j < n_columns; j += column_step)
            *out_cells++ = mean_of(n_columns, values, i, end_row, j,
                                   j + column_step < n_columns ? j + column_step : n_columns);
    }
}

static trnnsf_status copy_options(trnnsf_context *ctx, struct trn_plot_panel *panel,
                                  const struct trnnsf_plot_map_options *options)
{
    double low = options->low, high = options->high;

    TRN_TRY(trn_option_number(ctx, function, "low", low, -1e300, 1e300));
    TRN_TRY(trn_option_number(ctx, function, "high", high, -1e300, 1e300));
    if ((low != 0 || high != 0) &&
        !(high - low > 1e-9 * fmax(fabs(low), fabs(high)) && high - low > 1e-290))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: high %g is not above low %g", function, high,
                        low);
    panel->value.low = low;
    panel->value.high = high;
    TRN_TRY(trn_plot_text(ctx, function, "title", options->title, &panel->title));
    TRN_TRY(trn_plot_text(ctx, function, "x_label", options->x_label ? options->x_label : "column",
                          &panel->x.label));
    TRN_TRY(trn_plot_text(ctx, function, "y_label", options->y_label ? options->y_label : "row",
                          &panel->y.label));
    TRN_TRY(trn_plot_text(ctx, function, "value_label", options->value_label, &panel->value.label));
    return trn_plot_text(ctx, function, "value_unit", options->value_unit, &panel->value.unit);
}

static trnnsf_status check_values(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                  const double *values)
{
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        if (isfinite(values[i]) && fabs(values[i]) > 1e300)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: values[%zu, %zu] %g is not in [-1e+300, 1e+300]", function,
                            i / n_columns, i % n_columns, values[i]);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_plot_map(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                           const double *values, const struct trnnsf_plot_map_options *options,
                           struct trn_plot_panel **out_panel)
{
    struct trn_plot_panel *panel = TRN_NEW(ctx, struct trn_plot_panel);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(panel);
    panel->kind = TRN_PLOT_MAP;
    TRN_TRY_OUT(copy_options(ctx, panel, options));
    TRN_TRY_OUT(check_values(ctx, n_rows, n_columns, values));
    panel->n_rows = n_rows;
    panel->n_columns = n_columns;
    panel->row_step = (n_rows + TRN_PLOT_CELLS_MAX - 1) / TRN_PLOT_CELLS_MAX;
    panel->column_step = (n_columns + TRN_PLOT_CELLS_MAX - 1) / TRN_PLOT_CELLS_MAX;
    panel->height = (n_rows + panel->row_step - 1) / panel->row_step;
    panel->width = (n_columns + panel->column_step - 1) / panel->column_step;
    panel->cells = TRN_NEW_ARRAY(ctx, double, panel->height * panel->width);
    TRN_NEED_OUT(panel->cells);
    trn_plot_reduce(n_rows, n_columns, values, panel->row_step, panel->column_step, panel->cells);
    *out_panel = panel;
    panel = NULL;
out:
    trn_plot_panel_free(ctx, panel);
    return status;
}
