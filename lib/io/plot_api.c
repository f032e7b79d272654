#include "base/context.h"
#include "base/options.h"
#include "io/figure_plot.h"
#include "io/plot.h"

void trnnsf_plot_options_init(struct trnnsf_plot_options *options)
{
    static const struct trnnsf_plot_options defaults = TRNNSF_PLOT_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

void trnnsf_plot_lines_options_init(struct trnnsf_plot_lines_options *options)
{
    static const struct trnnsf_plot_lines_options defaults = TRNNSF_PLOT_LINES_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

void trnnsf_plot_histogram_options_init(struct trnnsf_plot_histogram_options *options)
{
    static const struct trnnsf_plot_histogram_options defaults = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

void trnnsf_plot_map_options_init(struct trnnsf_plot_map_options *options)
{
    static const struct trnnsf_plot_map_options defaults = TRNNSF_PLOT_MAP_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trnnsf_plot_create(trnnsf_context *context, const struct trnnsf_plot_options *options,
                                 trnnsf_plot **out_plot)
{
    static const char function[] = "trnnsf_plot_create";
    struct trnnsf_plot_options read = TRNNSF_PLOT_OPTIONS_INIT;

    if (!context || !out_plot)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        context ? "out_plot" : "context");
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    TRN_TRY(trn_option_count(context, function, "columns", read.columns, 0, 16));
    TRN_TRY(trn_option_number(context, function, "width", read.width, 100, 2000));
    TRN_TRY(trn_option_number(context, function, "height", read.height, 100, 2000));

    trnnsf_plot *plot = TRN_NEW(context, trnnsf_plot);
    if (!plot)
        return trn_fail(context, TRNNSF_E_NO_MEMORY, "%s: no memory", function);
    trnnsf_status status = trn_plot_text(context, function, "title", read.title, &plot->title);
    if (status != TRNNSF_OK) {
        trn_free(context, plot);
        return status;
    }
    plot->ctx = trn_context_retain(context);
    plot->columns = read.columns;
    plot->width = read.width;
    plot->height = read.height;
    *out_plot = plot;
    return TRNNSF_OK;
}

void trnnsf_plot_free(trnnsf_plot *plot)
{
    if (!plot)
        return;
    trnnsf_context *ctx = plot->ctx;

    for (size_t i = 0; i < plot->n_panels; i++)
        trn_plot_panel_free(ctx, plot->panels[i]);
    trn_free(ctx, plot->title);
    trn_free(ctx, plot);
    trn_context_release(ctx);
}

static trnnsf_status check_page(trnnsf_context *context, const char *function,
                                const trnnsf_plot *plot, const void *array, const char *name)
{
    if (!context || !plot || !array)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !context ? "context"
                        : !plot  ? "plot"
                                 : name);
    if (plot->n_panels >= TRN_PLOT_PANELS_MAX)
        return trn_fail(context, TRNNSF_E_LIMIT, "%s: more than %d panels", function,
                        TRN_PLOT_PANELS_MAX);
    return TRNNSF_OK;
}

static trnnsf_status check_count(trnnsf_context *context, const char *function, const char *name,
                                 size_t count, size_t most)
{
    if (count >= 1 && count <= most)
        return TRNNSF_OK;
    return trn_fail(context, count == 0 ? TRNNSF_E_INVALID : TRNNSF_E_LIMIT,
                    "%s: %s %zu is not in [1, %zu]", function, name, count, most);
}

/* The page's own context made the panel, and has the failure's text. */
static trnnsf_status add(trnnsf_context *context, trnnsf_plot *plot, struct trn_plot_panel *panel,
                         trnnsf_status status)
{
    if (status == TRNNSF_OK)
        plot->panels[plot->n_panels++] = panel;
    else if (context != plot->ctx)
        trn_fail(context, status, "%s", trnnsf_context_error(plot->ctx));
    return status;
}

trnnsf_status trnnsf_plot_lines(trnnsf_context *context, trnnsf_plot *plot, size_t n_series,
                                const struct trnnsf_plot_series *series,
                                const struct trnnsf_plot_lines_options *options)
{
    static const char function[] = "trnnsf_plot_lines";
    struct trnnsf_plot_lines_options read = TRNNSF_PLOT_LINES_OPTIONS_INIT;
    struct trn_plot_panel *panel = NULL;

    TRN_TRY(check_page(context, function, plot, series, "series"));
    TRN_TRY(check_count(context, function, "n_series", n_series, TRN_PLOT_SERIES_MAX));
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    trnnsf_status status = trn_plot_lines(plot->ctx, n_series, series, &read, &panel);
    return add(context, plot, panel, status);
}

trnnsf_status trnnsf_plot_histogram(trnnsf_context *context, trnnsf_plot *plot, size_t n_groups,
                                    const struct trnnsf_plot_group *groups,
                                    const struct trnnsf_plot_histogram_options *options)
{
    static const char function[] = "trnnsf_plot_histogram";
    struct trnnsf_plot_histogram_options read = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
    struct trn_plot_panel *panel = NULL;

    TRN_TRY(check_page(context, function, plot, groups, "groups"));
    TRN_TRY(check_count(context, function, "n_groups", n_groups, TRN_PLOT_SERIES_MAX));
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    trnnsf_status status = trn_plot_histogram(plot->ctx, n_groups, groups, &read, &panel);
    return add(context, plot, panel, status);
}

trnnsf_status trnnsf_plot_map(trnnsf_context *context, trnnsf_plot *plot, size_t n_rows,
                              size_t n_columns, const double *values,
                              const struct trnnsf_plot_map_options *options)
{
    static const char function[] = "trnnsf_plot_map";
    struct trnnsf_plot_map_options read = TRNNSF_PLOT_MAP_OPTIONS_INIT;
    struct trn_plot_panel *panel = NULL;

    TRN_TRY(check_page(context, function, plot, values, "values"));
    TRN_TRY(check_count(context, function, "n_rows", n_rows, TRN_PLOT_SIDE_MAX));
    TRN_TRY(check_count(context, function, "n_columns", n_columns, TRN_PLOT_SIDE_MAX));
    TRN_TRY(trn_options_read(context, function, options, &read, sizeof read));
    trnnsf_status status = trn_plot_map(plot->ctx, n_rows, n_columns, values, &read, &panel);
    return add(context, plot, panel, status);
}

trnnsf_status trnnsf_plot_save(trnnsf_context *context, const trnnsf_plot *plot, const char *path)
{
    if (!context || !plot || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_plot_save: %s is NULL",
                        !context ? "context"
                        : !plot  ? "plot"
                                 : "path");
    if (plot->n_panels == 0)
        return trn_fail(context, TRNNSF_E_STATE, "trnnsf_plot_save: the page has no panel");
    trnnsf_status status = trn_figure_plot(context, plot, path);
    return status == TRNNSF_OK ? status : trn_fail_in(context, status, "trnnsf_plot_save");
}
