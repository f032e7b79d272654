/* The page: panels in rows and columns as wide and high as their largest, legends below. */
#include "io/figure_plot.h"

#include <math.h>

#include "base/context.h"
#include "io/figure_panel.h"

/* In points. */
enum { MARGIN = 16, TITLE = 30, PANEL_TITLE = 22, BETWEEN = 18, LEGEND_TOP = 11, SIDE_MAX = 16000 };

/* A PNG of more would take most of a gigabyte while it is drawn. */
static const double area_max = 5e7;

static const struct trn_font title_font = {14, true, TRN_COLOUR_INK, TRN_LEFT};

struct page {
    double width, height;
    bool shared;     /* one legend for all panels */
    double legend_y; /* its base line */
    struct trn_panel panels[TRN_PLOT_PANELS_MAX];
};

static bool one_legend(const trnnsf_plot *plot)
{
    bool same = plot->n_panels > 1 && plot->panels[0]->kind != TRN_PLOT_MAP;

    for (size_t i = 1; i < plot->n_panels; i++)
        same = same && trn_panel_same_legend(plot->panels[0], plot->panels[i]);
    return same;
}

static size_t count_columns(const trnnsf_plot *plot)
{
    size_t columns = plot->columns ? plot->columns : (size_t)ceil(sqrt((double)plot->n_panels));

    return columns < plot->n_panels ? columns : plot->n_panels;
}

static void measure_panels(cairo_t *cairo, const trnnsf_plot *plot, struct page *page)
{
    for (size_t i = 0; i < plot->n_panels; i++) {
        struct trn_panel *panel = &page->panels[i];

        trn_panel_measure(cairo, plot->panels[i], plot->width, plot->height, panel);
        if (!page->shared) {
            double legend = trn_panel_legend(cairo, plot->panels[i], 0, 0, panel->box.width, false);

            panel->legend = panel->below + LEGEND_TOP;
            panel->below += legend > 0 ? LEGEND_TOP + legend - 6 : 0;
        }
    }
}

static void place_columns(const trnnsf_plot *plot, size_t columns, struct page *page)
{
    double x = MARGIN;

    for (size_t column = 0; column < columns; column++) {
        double left = 0, right = 0;

        for (size_t i = column; i < plot->n_panels; i += columns) {
            left = fmax(left, page->panels[i].left);
            right = fmax(right, page->panels[i].box.width + page->panels[i].right);
        }
        for (size_t i = column; i < plot->n_panels; i += columns)
            trn_panel_move(&page->panels[i], x + left, 0);
        x += left + right + (column + 1 < columns ? BETWEEN - 8 : 0);
    }
    page->width = x + MARGIN - 8;
}

static void place_rows(const trnnsf_plot *plot, size_t columns, struct page *page)
{
    double y = MARGIN + (plot->title ? TITLE : 0);

    for (size_t first = 0; first < plot->n_panels; first += columns) {
        double top = 4, height = 0;

        for (size_t i = first; i < plot->n_panels && i < first + columns; i++) {
            top = plot->panels[i]->title ? PANEL_TITLE : top;
            height = fmax(height, page->panels[i].box.height + page->panels[i].below);
        }
        for (size_t i = first; i < plot->n_panels && i < first + columns; i++)
            trn_panel_move(&page->panels[i], 0, y + top);
        y += top + height + (first + columns < plot->n_panels ? BETWEEN : 0);
    }
    page->height = y + MARGIN - 6;
}

static void lay_out(cairo_t *cairo, const trnnsf_plot *plot, struct page *page)
{
    size_t columns = count_columns(plot);

    page->shared = one_legend(plot);
    measure_panels(cairo, plot, page);
    place_columns(plot, columns, page);
    place_rows(plot, columns, page);
    if (page->shared) {
        double x = page->panels[0].box.x;
        double legend =
            trn_panel_legend(cairo, plot->panels[0], x, 0, page->width - MARGIN - x, false);

        page->legend_y = page->height + 4;
        page->height += legend > 0 ? legend + 4 : 0;
    }
}

static void draw_names(cairo_t *cairo, const struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    char text[2 * TRN_PLOT_TEXT_MAX + 16];

    trn_axis_name(text, sizeof text, &panel->y, plot->y.label ? plot->y.label : "");
    trn_axis_name_left(cairo, panel->box, panel->name_left, text);
    trn_axis_name(text, sizeof text, &panel->x, plot->x.label ? plot->x.label : "");
    trn_axis_name_below(cairo, panel->box, text);
}

static void draw_panel(cairo_t *cairo, const struct page *page, const struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    struct trn_box box = panel->box;
    double bottom = box.y + box.height;

    trn_axis_draw_left(cairo, &panel->y, box);
    trn_axis_draw_below(cairo, &panel->x, box);
    if (plot->kind == TRN_PLOT_MAP)
        trn_panel_map(cairo, panel);
    else
        trn_canvas_line(cairo, box.x, bottom, box.x + box.width, bottom, 0.8, TRN_COLOUR_INK);
    if (plot->kind == TRN_PLOT_HISTOGRAM)
        trn_panel_histogram(cairo, panel);
    if (plot->kind == TRN_PLOT_LINES)
        trn_panel_lines(cairo, panel);
    draw_names(cairo, panel);
    if (plot->title)
        trn_axis_title(cairo, box, plot->title);
    if (plot->kind != TRN_PLOT_MAP && !page->shared)
        trn_panel_legend(cairo, plot, box.x, bottom + panel->legend, box.width, true);
}

static void draw_page(cairo_t *cairo, const trnnsf_plot *plot, const struct page *page)
{
    if (plot->title)
        trn_canvas_text(cairo, page->panels[0].box.x, MARGIN + 12,
                        page->width - MARGIN - page->panels[0].box.x, plot->title, &title_font);
    for (size_t i = 0; i < plot->n_panels; i++)
        draw_panel(cairo, page, &page->panels[i]);
    if (page->shared)
        trn_panel_legend(cairo, plot->panels[0], page->panels[0].box.x, page->legend_y,
                         page->width - MARGIN - page->panels[0].box.x, true);
}

/* Widths of texts are needed before the page's size is known. */
static trnnsf_status measure_page(trnnsf_context *ctx, const trnnsf_plot *plot, struct page *page)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cairo = cairo_create(surface);
    trnnsf_status status = TRNNSF_OK;

    lay_out(cairo, plot, page);
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS)
        status = trn_fail(ctx, TRNNSF_E_NO_MEMORY, "figure: %s",
                          cairo_status_to_string(cairo_status(cairo)));
    else if (!(page->width <= SIDE_MAX && page->height <= SIDE_MAX &&
               page->width * page->height <= area_max))
        status = trn_fail(ctx, TRNNSF_E_LIMIT,
                          "figure: the page would be %.0f x %.0f points, more than %d a side or %g",
                          page->width, page->height, SIDE_MAX, area_max);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return status;
}

trnnsf_status trn_figure_plot(trnnsf_context *ctx, const trnnsf_plot *plot, const char *path)
{
    struct page *page = TRN_NEW(ctx, struct page);
    struct trn_canvas *canvas;
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(page);
    TRN_TRY_OUT(measure_page(ctx, plot, page));
    TRN_TRY_OUT(trn_canvas_begin(ctx, path, ceil(page->width), ceil(page->height), &canvas));
    draw_page(trn_canvas_cairo(canvas), plot, page);
    status = trn_canvas_end(canvas, path);
out:
    trn_free(ctx, page);
    return status;
}
