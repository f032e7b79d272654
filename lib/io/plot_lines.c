/* Panels of curves. */
#include <math.h>
#include <stdio.h>

#include "base/context.h"
#include "base/options.h"
#include "io/plot.h"

static const char function[] = "trnnsf_plot_lines";

static trnnsf_status check_series(trnnsf_context *ctx, size_t index,
                                  const struct trnnsf_plot_series *given)
{
    if (given->count == 0 || !given->y)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: series[%zu] has no %s", function, index,
                        given->y ? "points" : "y");
    if (given->count > TRN_PLOT_POINTS_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: series[%zu].count %zu is not in [1, %d]",
                        function, index, given->count, TRN_PLOT_POINTS_MAX);
    if (!given->low != !given->high)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: series[%zu] has one of low and high only",
                        function, index);
    return trn_option_count(ctx, function, "spread", given->spread, TRNNSF_PLOT_BAND,
                            TRNNSF_PLOT_BARS);
}

static trnnsf_status copy_series(trnnsf_context *ctx, size_t index, const void *all,
                                 struct trn_plot_series *series)
{
    struct trnnsf_plot_series given = {.struct_size = sizeof given};
    char what[48];

    TRN_TRY(trn_plot_element(ctx, function, all, index, &given, sizeof given));
    TRN_TRY(check_series(ctx, index, &given));
    series->count = given.count;
    series->spread = given.spread;
    snprintf(what, sizeof what, "series[%zu].name", index);
    TRN_TRY(trn_plot_text(ctx, function, what, given.name, &series->name));
    snprintf(what, sizeof what, "series[%zu].y", index);
    TRN_TRY(trn_plot_numbers(ctx, function, what, given.count, given.y, &series->y));
    snprintf(what, sizeof what, "series[%zu].low", index);
    TRN_TRY(trn_plot_numbers(ctx, function, what, given.count, given.low, &series->low));
    snprintf(what, sizeof what, "series[%zu].high", index);
    TRN_TRY(trn_plot_numbers(ctx, function, what, given.count, given.high, &series->high));
    snprintf(what, sizeof what, "series[%zu].x", index);
    TRN_TRY(trn_plot_numbers(ctx, function, what, given.count, given.x, &series->x));
    if (series->x)
        return TRNNSF_OK;
    series->x = TRN_NEW_ARRAY(ctx, double, given.count);
    for (size_t i = 0; series->x && i < given.count; i++)
        series->x[i] = (double)i;
    return series->x ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static trnnsf_status check_options(trnnsf_context *ctx,
                                   const struct trnnsf_plot_lines_options *options)
{
    double low = options->y_low, high = options->y_high;
    bool logarithmic = options->y_scale == TRNNSF_PLOT_LOGARITHMIC, given = low != 0 || high != 0;

    TRN_TRY(trn_option_count(ctx, function, "x_scale", options->x_scale, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "y_scale", options->y_scale, 0, 1));
    TRN_TRY(trn_option_number(ctx, function, "y_low", low, -1e300, 1e300));
    TRN_TRY(trn_option_number(ctx, function, "y_high", high, -1e300, 1e300));
    if (given && !(high - low > 1e-9 * fmax(fabs(low), fabs(high)) && high - low > 1e-290))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: y_high %g is not above y_low %g", function,
                        high, low);
    if (given && logarithmic && low < TRN_PLOT_LOGARITHMIC_LEAST)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: y_low %g is not on a logarithmic axis",
                        function, low);
    if (options->level_name)
        TRN_TRY(trn_option_number(ctx, function, "level", options->level, -1e300, 1e300));
    return TRNNSF_OK;
}

static trnnsf_status copy_options(trnnsf_context *ctx, struct trn_plot_panel *panel,
                                  const struct trnnsf_plot_lines_options *options)
{
    TRN_TRY(check_options(ctx, options));
    TRN_TRY(trn_plot_text(ctx, function, "title", options->title, &panel->title));
    TRN_TRY(trn_plot_text(ctx, function, "x_label", options->x_label, &panel->x.label));
    TRN_TRY(trn_plot_text(ctx, function, "x_unit", options->x_unit, &panel->x.unit));
    TRN_TRY(trn_plot_text(ctx, function, "y_label", options->y_label, &panel->y.label));
    TRN_TRY(trn_plot_text(ctx, function, "y_unit", options->y_unit, &panel->y.unit));
    TRN_TRY(trn_plot_text(ctx, function, "level_name", options->level_name, &panel->level_name));
    panel->x.logarithmic = options->x_scale == TRNNSF_PLOT_LOGARITHMIC;
    panel->y.logarithmic = options->y_scale == TRNNSF_PLOT_LOGARITHMIC;
    panel->y.low = options->y_low;
    panel->y.high = options->y_high;
    panel->level = options->level;
    return TRNNSF_OK;
}

trnnsf_status trn_plot_lines(trnnsf_context *ctx, size_t n_series, const void *series,
                             const struct trnnsf_plot_lines_options *options,
                             struct trn_plot_panel **out_panel)
{
    struct trn_plot_panel *panel = TRN_NEW(ctx, struct trn_plot_panel);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(panel);
    panel->kind = TRN_PLOT_LINES;
    TRN_TRY_OUT(copy_options(ctx, panel, options));
    panel->series = TRN_NEW_ARRAY(ctx, struct trn_plot_series, n_series);
    TRN_NEED_OUT(panel->series);
    panel->n_series = n_series;
    for (size_t i = 0; i < n_series; i++)
        TRN_TRY_OUT(copy_series(ctx, i, series, &panel->series[i]));
    *out_panel = panel;
    panel = NULL;
out:
    trn_plot_panel_free(ctx, panel);
    return status;
}
