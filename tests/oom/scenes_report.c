/* Reports, figures and plots. */
#include <string.h>

#include "makes.h"

MAKES(report_create, report, trnnsf_report_create(s->ctx, &out))

static trnnsf_status add(struct stage *s)
{
    struct trnnsf_report_entry entry = {.struct_size = sizeof entry, .method = "dense"};
    trnnsf_report *out = NULL;

    entry.network = s->network;
    entry.mapping = s->mapping;
    entry.tech = s->tech;
    entry.dataset = s->dataset;
    entry.run = s->run;
    trnnsf_status status = trnnsf_report_create(s->ctx, &out);
    if (status == TRNNSF_OK)
        status = trnnsf_report_add(s->ctx, out, &entry);
    if (status == TRNNSF_OK)
        status = trnnsf_report_number(s->ctx, out, "crossbars.total", &s->result);
    trnnsf_report_free(out);
    return status;
}

static trnnsf_status text(struct stage *s)
{
    const char *text = trnnsf_report_text(s->ctx, s->report);

    s->result = text ? (double)strlen(text) : 0;
    if (text)
        return TRNNSF_OK;
    return strstr(trnnsf_context_error(s->ctx), "memory") ? TRNNSF_E_NO_MEMORY
                                                          : TRNNSF_E_UNSUPPORTED;
}

static trnnsf_status save(struct stage *s)
{
    return trnnsf_report_save(s->ctx, s->report, stage_path(s, "report.json"));
}

static trnnsf_status svg(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "figure.svg"));
}

static trnnsf_status png(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "figure.png"));
}

static trnnsf_status pdf(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "figure.pdf"));
}

static const double plot_y[] = {1e-6, 2e-6, 5e-6, 3e-6};

/* A panel of each kind. */
static trnnsf_status plot_page(struct stage *s, trnnsf_plot **out)
{
    const struct trnnsf_plot_series series = {
        sizeof series, "measured", 4, NULL, plot_y, plot_y, plot_y, TRNNSF_PLOT_BARS, 0};
    const struct trnnsf_plot_group group = {sizeof group, "cells", 4, plot_y, NULL};
    struct trnnsf_plot_options page = TRNNSF_PLOT_OPTIONS_INIT;
    struct trnnsf_plot_lines_options lines = TRNNSF_PLOT_LINES_OPTIONS_INIT;
    struct trnnsf_plot_histogram_options histogram = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;

    page.title = "page";
    lines.title = lines.x_label = lines.y_label = lines.level_name = "lines";
    histogram.x_unit = "S";
    trnnsf_status status = trnnsf_plot_create(s->ctx, &page, out);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_lines(s->ctx, *out, 1, &series, &lines);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_histogram(s->ctx, *out, 1, &group, &histogram);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_map(s->ctx, *out, 2, 2, plot_y, NULL);
    return status;
}

static trnnsf_status plot(struct stage *s)
{
    trnnsf_plot *out = NULL;
    trnnsf_status status = plot_page(s, &out);

    trnnsf_plot_free(out);
    return status;
}

static trnnsf_status plot_save(struct stage *s)
{
    trnnsf_plot *out = NULL;
    trnnsf_status status = plot_page(s, &out);

    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(s->ctx, out, stage_path(s, "plot.svg"));
    trnnsf_plot_free(out);
    return status;
}

const struct scene report_scenes[] = {
    {"report_create", 0, report_create, NULL, NULL},
    {"report_add", NEED_REPORT | NEED_RUN, add, NULL, NULL},
    {"report_text", NEED_REPORT, text, NULL, NULL},
    {"report_save", NEED_REPORT, save, NULL, NULL},
    {"figure svg", NEED_REPORT, svg, NULL, NULL},
    {"figure png", NEED_REPORT, png, NULL, NULL},
    {"figure pdf", NEED_REPORT, pdf, NULL, NULL},
    {"plot", 0, plot, NULL, NULL},
    {"plot svg", 0, plot_save, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
