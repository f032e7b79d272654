/* Panels with a histogram: bins and what is in them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "io/plot.h"

static const char function[] = "trnnsf_plot_histogram";

enum { AUTOMATIC_BINS_MAX = 200 };

static int by_size(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;

    return (first > second) - (first < second);
}

size_t trn_plot_bins(const double *sorted, size_t count)
{
    double range = sorted[count - 1] - sorted[0], n = (double)count;
    double middle = sorted[(size_t)(0.75 * (n - 1))] - sorted[(size_t)(0.25 * (n - 1))];
    double bins = middle > 0 ? ceil(range / (2 * middle / cbrt(n))) : floor(log2(n)) + 1;

    return (size_t)fmin(fmax(bins, 1), AUTOMATIC_BINS_MAX);
}

/* A sample's place on the axis; NaN where it has none. */
static double place_of(double sample, bool logarithmic)
{
    if (!isfinite(sample) || (logarithmic && sample < TRN_PLOT_LOGARITHMIC_LEAST))
        return NAN;
    return logarithmic ? log(sample) : sample;
}

static trnnsf_status check_group(trnnsf_context *ctx, size_t index,
                                 const struct trnnsf_plot_group *group, const double *edges,
                                 size_t n_bins, size_t *samples)
{
    bool has_samples = group->samples && group->count > 0;

    if (has_samples == (group->counts != NULL) || (group->counts && group->count > 0))
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: groups[%zu] has neither or both of samples and counts", function,
                        index);
    if (group->count > TRN_PLOT_SAMPLES_MAX - *samples)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: more than %d samples", function,
                        TRN_PLOT_SAMPLES_MAX);
    *samples += group->count;
    if (group->counts && !edges)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: groups[%zu] has counts, but there are no edges",
                        function, index);
    for (size_t i = 0; group->counts && i < n_bins; i++) {
        if (!(group->counts[i] >= 0 && group->counts[i] <= 1e300))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: groups[%zu].counts[%zu] %g is not in [0, 1e+300]", function, index,
                            i, group->counts[i]);
    }
    for (size_t i = 0; i < group->count; i++) {
        if (isfinite(group->samples[i]) && fabs(group->samples[i]) > 1e300)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: groups[%zu].samples[%zu] %g is not in [-1e+300, 1e+300]", function,
                            index, i, group->samples[i]);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_edges(trnnsf_context *ctx,
                                 const struct trnnsf_plot_histogram_options *options)
{
    TRN_TRY(trn_option_count(ctx, function, "x_scale", options->x_scale, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "y_scale", options->y_scale, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "shares", options->shares, 0, 1));
    TRN_TRY(trn_option_count(ctx, function, "bins", options->bins, 0, TRN_PLOT_BINS_MAX));
    if (!options->edges)
        return TRNNSF_OK;
    if (options->bins == 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: there are edges, but bins is 0", function);
    for (size_t i = 0; i <= options->bins; i++) {
        double edge = options->edges[i];

        if (!(edge >= (options->x_scale ? TRN_PLOT_LOGARITHMIC_LEAST : -1e300) && edge <= 1e300) ||
            (i > 0 && !(edge > options->edges[i - 1])))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: edges[%zu] %g is not on the axis, or not above the one before",
                            function, i, edge);
    }
    return TRNNSF_OK;
}

/* All samples that have a place, sorted. */
static trnnsf_status pool_samples(trnnsf_context *ctx, size_t n_groups,
                                  const struct trnnsf_plot_group *groups, size_t n_samples,
                                  bool logarithmic, double **out_pool, size_t *out_count)
{
    double *pool = TRN_NEW_ARRAY(ctx, double, n_samples);
    size_t count = 0;

    if (!pool)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < n_groups; i++) {
        for (size_t j = 0; j < groups[i].count; j++) {
            double place = place_of(groups[i].samples[j], logarithmic);

            if (isfinite(place))
                pool[count++] = place;
        }
    }
    qsort(pool, count, sizeof *pool, by_size);
    *out_pool = pool;
    *out_count = count;
    return TRNNSF_OK;
}

/* Even bins from the smallest place to the largest; [0, 1], or [1, e], where there is none. */
static void find_edges(const double *pool, size_t count, bool logarithmic, size_t n_bins,
                       double *edges)
{
    double low = count ? pool[0] : 0, high = count ? pool[count - 1] : 1;
    double least = logarithmic ? 0.1 : fmax(1e-9 * fmax(fabs(low), fabs(high)), 1e-290);

    if (!(high - low > least)) { /* all of one value: a bin around it */
        double half = logarithmic ? 0.5 : low != 0 ? fmax(fabs(low) / 2, 1e-290) : 0.5;

        low -= half;
        high += half;
    }
    for (size_t i = 0; i <= n_bins; i++) {
        double part = (double)i / (double)n_bins, edge = low * (1 - part) + high * part;

        edges[i] = logarithmic ? exp(edge) : edge;
    }
}

static trnnsf_status make_edges(trnnsf_context *ctx, struct trn_plot_panel *panel, size_t n_groups,
                                const struct trnnsf_plot_group *groups, size_t n_samples,
                                const struct trnnsf_plot_histogram_options *options)
{
    bool logarithmic = options->x_scale == TRNNSF_PLOT_LOGARITHMIC;
    double *pool = NULL;
    size_t count = 0;
    trnnsf_status status = TRNNSF_OK;

    panel->n_bins = options->bins;
    if (options->edges)
        return trn_plot_numbers(ctx, function, "edges", panel->n_bins + 1, options->edges,
                                &panel->edges);
    TRN_TRY(pool_samples(ctx, n_groups, groups, n_samples, logarithmic, &pool, &count));
    if (panel->n_bins == 0)
        panel->n_bins = count ? trn_plot_bins(pool, count) : 1;
    panel->edges = TRN_NEW_ARRAY(ctx, double, panel->n_bins + 1);
    TRN_NEED_OUT(panel->edges);
    find_edges(pool, count, logarithmic, panel->n_bins, panel->edges);
    /* exp(log(x)) is not quite x: no sample may fall out at the ends. */
    if (logarithmic && count) {
        panel->edges[0] *= 1 - 1e-12;
        panel->edges[panel->n_bins] *= 1 + 1e-12;
    }
out:
    trn_free(ctx, pool);
    return status;
}

/* The bin whose lower edge is the last at or below the sample; n_bins where there is none. */
static size_t bin_of(const double *edges, size_t n_bins, double sample)
{
    size_t low = 0, high = n_bins;

    if (!(sample >= edges[0] && sample <= edges[n_bins]))
        return n_bins;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (sample >= edges[middle])
            low = middle;
        else
            high = middle;
    }
    return low;
}

static trnnsf_status name_group(trnnsf_context *ctx, size_t index,
                                const struct trnnsf_plot_group *group, size_t left_out,
                                struct trn_plot_series *series)
{
    char what[48], text[TRN_PLOT_TEXT_MAX + 48];

    snprintf(what, sizeof what, "groups[%zu].name", index);
    TRN_TRY(trn_plot_text(ctx, function, what, group->name, &series->name));
    if (left_out == 0)
        return TRNNSF_OK;
    snprintf(text, sizeof text, "%s%s%zu left out", series->name ? series->name : "",
             series->name && series->name[0] ? ", " : "", left_out);
    trn_free(ctx, series->name);
    series->name = trn_copy_text(ctx, text);
    return series->name ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static trnnsf_status count_group(trnnsf_context *ctx, size_t index,
                                 const struct trnnsf_plot_group *group,
                                 const struct trn_plot_panel *panel, bool shares,
                                 struct trn_plot_series *series)
{
    double total = 0;
    size_t left_out = 0;

    series->count = panel->n_bins;
    series->y = TRN_NEW_ARRAY(ctx, double, panel->n_bins);
    if (!series->y)
        return TRNNSF_E_NO_MEMORY;
    if (group->counts)
        memcpy(series->y, group->counts, panel->n_bins * sizeof *series->y);
    for (size_t i = 0; i < group->count; i++) {
        size_t bin = bin_of(panel->edges, panel->n_bins, group->samples[i]);

        if (bin < panel->n_bins)
            series->y[bin]++;
        else
            left_out++;
    }
    for (size_t i = 0; i < panel->n_bins; i++)
        total += series->y[i] / (double)panel->n_bins; /* no sum overflows */
    for (size_t i = 0; shares && total > 0 && i < panel->n_bins; i++)
        series->y[i] = 100 * (series->y[i] / total / (double)panel->n_bins);
    return name_group(ctx, index, group, left_out, series);
}

static trnnsf_status copy_options(trnnsf_context *ctx, struct trn_plot_panel *panel,
                                  const struct trnnsf_plot_histogram_options *options)
{
    const char *label = options->y_label  ? options->y_label
                        : options->shares ? "share / %"
                                          : "count";

    TRN_TRY(check_edges(ctx, options));
    TRN_TRY(trn_plot_text(ctx, function, "title", options->title, &panel->title));
    TRN_TRY(trn_plot_text(ctx, function, "x_label", options->x_label, &panel->x.label));
    TRN_TRY(trn_plot_text(ctx, function, "x_unit", options->x_unit, &panel->x.unit));
    TRN_TRY(trn_plot_text(ctx, function, "y_label", label, &panel->y.label));
    panel->x.logarithmic = options->x_scale == TRNNSF_PLOT_LOGARITHMIC;
    panel->y.logarithmic = options->y_scale == TRNNSF_PLOT_LOGARITHMIC;
    return TRNNSF_OK;
}

trnnsf_status trn_plot_histogram(trnnsf_context *ctx, size_t n_groups, const void *groups,
                                 const struct trnnsf_plot_histogram_options *options,
                                 struct trn_plot_panel **out_panel)
{
    struct trnnsf_plot_group given[TRN_PLOT_SERIES_MAX] = {{.struct_size = 0}};
    struct trn_plot_panel *panel = TRN_NEW(ctx, struct trn_plot_panel);
    size_t n_samples = 0;
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(panel);
    panel->kind = TRN_PLOT_HISTOGRAM;
    TRN_TRY_OUT(copy_options(ctx, panel, options));
    for (size_t i = 0; i < n_groups; i++) {
        TRN_TRY_OUT(trn_plot_element(ctx, function, groups, i, &given[i], sizeof given[i]));
        TRN_TRY_OUT(check_group(ctx, i, &given[i], options->edges, options->bins, &n_samples));
    }
    TRN_TRY_OUT(make_edges(ctx, panel, n_groups, given, n_samples, options));
    panel->series = TRN_NEW_ARRAY(ctx, struct trn_plot_series, n_groups);
    TRN_NEED_OUT(panel->series);
    panel->n_series = n_groups;
    for (size_t i = 0; i < n_groups; i++)
        TRN_TRY_OUT(count_group(ctx, i, &given[i], panel, options->shares != 0, &panel->series[i]));
    *out_panel = panel;
    panel = NULL;
out:
    trn_plot_panel_free(ctx, panel);
    return status;
}
