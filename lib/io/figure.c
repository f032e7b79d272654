/* The page: title, each layer before and after, then utilisation and costs. */
#include "io/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "io/figure_axis.h"
#include "io/figure_bars.h"
#include "io/figure_curve.h"
#include "io/figure_matrix.h"

/* In points. */
enum {
    MARGIN = 34,
    PAGE_LEAST = 1060,
    HEAD = 84,         /* title and summary */
    PANEL_LEFT = 38,   /* outputs' axis */
    PANEL_TOP = 22,    /* panel title */
    PANEL_BOTTOM = 36, /* inputs' axis and air */
    LEGEND = 30,
    CHART = 200,
    CHARTS = CHART + TRN_CHART_TOP + TRN_CHART_BOTTOM + 62,
    CURVE = CHART + TRN_CHART_TOP + TRN_CHART_BOTTOM + 24, /* where budgets were searched */
    COLUMNS_MAX = 6
};

static const struct trn_font title_font = {17, true, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font summary_font = {11.5, false, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font panel_font = {10.5, true, TRN_COLOUR_INK, TRN_LEFT};

/* Where things stand. */
struct page {
    const struct trn_report_entry *own;
    const struct trn_report_entry *before; /* the network that the left or upper panels show */
    size_t columns;                        /* panels side by side */
    bool pairs;   /* before and after side by side, not one below the other */
    double panel; /* side of a panel */
    double width, height;
    double layers_bottom;
};

static const struct trn_report_entry *choose_before(const trnnsf_report *report)
{
    const struct trn_report_entry *own = report->entries[0];
    const struct trn_report_entry *candidates[] = {trn_report_find(report, "dense"),
                                                   trn_report_find(report, "prune")};

    for (size_t i = 0; i < 2; i++) {
        if (candidates[i] && candidates[i]->n_layers == own->n_layers)
            return candidates[i];
    }
    return own;
}

/* Panels of a row are as high as their tallest matrix. */
static double row_height(const struct page *page, size_t first, size_t end, bool before, bool after)
{
    struct trn_box box = {0, 0, page->panel, page->panel};
    double height = 0;

    for (size_t i = first; i < end && i < page->own->n_layers; i++) {
        const struct trn_raster *natural = &page->before->connectivity[i]->natural;
        const struct trn_raster *live = &page->own->connectivity[i]->live;

        if (before)
            height = fmax(height, trn_figure_matrix_box(natural, box).height);
        if (after)
            height = fmax(height, trn_figure_matrix_box(live, box).height);
    }
    return PANEL_TOP + height + PANEL_BOTTOM;
}

static struct page lay_out(const trnnsf_report *report)
{
    struct page page = {.own = report->entries[0], .before = choose_before(report)};
    size_t n = page.own->n_layers, a_row, rows = 0;
    double height = 0;

    page.pairs = n <= 2;
    page.columns = page.pairs ? 2 * n : n < COLUMNS_MAX ? n : COLUMNS_MAX;
    page.panel = page.columns <= 3 ? 290 : page.columns == 4 ? 215 : 200;
    page.width = (double)page.columns * (PANEL_LEFT + page.panel + 18) + 2 * MARGIN;
    if (page.width < PAGE_LEAST)
        page.width = PAGE_LEAST;
    a_row = page.pairs ? n : page.columns;
    for (size_t first = 0; first < n; first += a_row, rows++)
        height += page.pairs ? row_height(&page, first, first + a_row, true, true)
                             : row_height(&page, first, first + a_row, true, false) +
                                   row_height(&page, first, first + a_row, false, true);
    page.layers_bottom = HEAD + height;
    page.height = page.layers_bottom + LEGEND + CHARTS + (page.own->n_trials > 0 ? CURVE : 0);
    return page;
}

static int append(char *text, size_t room, int used, const char *format, double value)
{
    int length = used < 0 || (size_t)used >= room
                     ? -1
                     : snprintf(text + used, room - (size_t)used, format, value);

    return length < 0 ? used : used + length;
}

static void draw_head(cairo_t *cairo, const struct page *page, const trnnsf_report *report)
{
    const struct trn_report_entry *own = page->own, *dense = trn_report_find(report, "dense");
    char text[512];
    int used = snprintf(text, sizeof text, "%s: %llu", own->method,
                        (unsigned long long)own->layers[0].n_inputs);

    for (size_t i = 0; i < own->n_layers; i++)
        used = append(text, sizeof text, used, "-%.0f", (double)own->layers[i].n_outputs);
    if (used > 0 && (size_t)used < sizeof text)
        snprintf(text + used, sizeof text - (size_t)used, " on %s crossbars, %s", own->shapes,
                 own->technology);
    trn_canvas_text(cairo, MARGIN, 40, page->width - 2 * MARGIN, text, &title_font);

    used = append(text, sizeof text, 0, "%.0f crossbars", (double)own->total.counts.total);
    if (own->total.clusters) {
        used = append(text, sizeof text, used, " (%.0f with clusters",
                      (double)own->total.counts.clustered);
        used = append(text, sizeof text, used, ", %.0f with residue)",
                      (double)own->total.counts.residue);
    }
    if (isfinite(own->accuracy[TRNNSF_PART_TEST]))
        used = append(text, sizeof text, used, "  ·  test accuracy %.2f %%",
                      100 * own->accuracy[TRNNSF_PART_TEST]);
    if (dense && dense != own) {
        used = append(text, sizeof text, used, "  ·  dense: %.0f crossbars",
                      (double)dense->total.counts.total);
        if (isfinite(dense->accuracy[TRNNSF_PART_TEST]))
            append(text, sizeof text, used, ", %.2f %%", 100 * dense->accuracy[TRNNSF_PART_TEST]);
    }
    trn_canvas_text(cairo, MARGIN, 62, page->width - 2 * MARGIN, text, &summary_font);
}

static void panel_title(cairo_t *cairo, const struct page *page, size_t layer, bool after,
                        struct trn_box box)
{
    const struct trn_report_part *part = &page->own->layers[layer];
    char text[160];

    if (!after)
        snprintf(text, sizeof text, "Layer %zu before: weights of %s", layer + 1,
                 page->before->method);
    else if (part->clusters)
        snprintf(text, sizeof text, "Layer %zu after: %llu clusters, %.1f %% kept", layer + 1,
                 (unsigned long long)part->clusters,
                 100.0 * (double)part->counts.synapses / (double)part->counts.synapses_dense);
    else
        snprintf(text, sizeof text, "Layer %zu after: %.1f %% kept", layer + 1,
                 100.0 * (double)part->counts.synapses / (double)part->counts.synapses_dense);
    trn_canvas_text(cairo, box.x, box.y - 7, page->panel, text, &panel_font);
}

static void draw_panel(cairo_t *cairo, const struct page *page, size_t layer, bool after, double x,
                       double y)
{
    const struct trn_connectivity *picture =
        after ? page->own->connectivity[layer] : page->before->connectivity[layer];
    struct trn_box room = {x + PANEL_LEFT, y + PANEL_TOP, page->panel, page->panel};
    struct trn_box box = trn_figure_matrix_box(after ? &picture->live : &picture->natural, room);

    panel_title(cairo, page, layer, after, box);
    if (after)
        trn_figure_after(cairo, picture, box);
    else
        trn_figure_before(cairo, picture, box);
}

static void draw_layers(cairo_t *cairo, const struct page *page)
{
    size_t n = page->own->n_layers, a_row = page->pairs ? n : page->columns;
    double pitch = (page->width - 2 * MARGIN) / (double)page->columns, y = HEAD;

    for (size_t first = 0; first < n; first += a_row) {
        double upper = row_height(page, first, first + a_row, true, page->pairs);
        double lower = page->pairs ? 0 : row_height(page, first, first + a_row, false, true);

        for (size_t i = first; i < n && i < first + a_row; i++) {
            double column = (double)(i - first);

            if (page->pairs) {
                draw_panel(cairo, page, i, false, MARGIN + 2 * column * pitch, y);
                draw_panel(cairo, page, i, true, MARGIN + (2 * column + 1) * pitch, y);
            } else {
                draw_panel(cairo, page, i, false, MARGIN + column * pitch, y);
                draw_panel(cairo, page, i, true, MARGIN + column * pitch, y + upper);
            }
        }
        y += upper + lower;
    }
}

/* dense, prune, the other compared ones, the report's own. */
static size_t order_entries(const trnnsf_report *report, const struct trn_report_entry **ordered)
{
    size_t count = 0;

    for (int rank = 0; rank < 3; rank++) {
        for (size_t i = 1; i < report->n_entries; i++) {
            const struct trn_report_entry *entry = report->entries[i];
            int own_rank = strcmp(entry->method, "dense") == 0   ? 0
                           : strcmp(entry->method, "prune") == 0 ? 1
                                                                 : 2;
            if (own_rank == rank)
                ordered[count++] = entry;
        }
    }
    ordered[count++] = report->entries[0];
    return count;
}

static void draw_charts(cairo_t *cairo, const struct page *page, const trnnsf_report *report,
                        const struct trn_report_entry **ordered, size_t count)
{
    const struct trn_report_entry *other = trn_report_find(report, "prune");
    double y = page->layers_bottom + LEGEND + 10 + TRN_CHART_TOP;
    double third = (page->width - 2 * MARGIN) / 3, width = third - TRN_CHART_LEFT - 14;
    double x = MARGIN + TRN_CHART_LEFT;

    trn_figure_histogram(cairo, page->own, other == page->own ? NULL : other,
                         (struct trn_box){x, y, width, CHART});
    trn_figure_costs(cairo, ordered, count, TRN_FIGURE_AREA,
                     (struct trn_box){x + third, y, width, CHART});
    trn_figure_costs(cairo, ordered, count, TRN_FIGURE_ENERGY,
                     (struct trn_box){x + 2 * third, y, width, CHART});
    trn_figure_cost_legend(cairo, x + third, y + CHART + 60);
    if (page->own->n_trials > 0)
        trn_figure_curve(cairo, page->own, trn_report_find(report, "dense"),
                         (struct trn_box){x, y - 10 + CHARTS, width + third, CHART});
}

trnnsf_status trn_figure_draw(trnnsf_context *ctx, const trnnsf_report *report, const char *path)
{
    struct page page = lay_out(report);
    const struct trn_report_entry **ordered =
        TRN_NEW_ARRAY(ctx, const struct trn_report_entry *, report->n_entries);
    struct trn_canvas *canvas;
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(ordered);
    TRN_TRY_OUT(trn_canvas_begin(ctx, path, page.width, page.height, &canvas));
    cairo_t *cairo = trn_canvas_cairo(canvas);
    draw_head(cairo, &page, report);
    draw_layers(cairo, &page);
    trn_figure_matrix_legend(cairo, MARGIN + PANEL_LEFT, page.layers_bottom + 12,
                             page.own->total.clusters > 0);
    draw_charts(cairo, &page, report, ordered, order_entries(report, ordered));
    status = trn_canvas_end(canvas, path);
out:
    trn_free(ctx, ordered);
    return status;
}
