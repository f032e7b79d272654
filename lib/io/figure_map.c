/* Heat maps inside their panels, and the colours' scale beside them. */
#include <math.h>
#include <stdio.h>

#include "io/figure_image.h"
#include "io/figure_panel.h"

static const struct trn_font note = {8.5, false, TRN_COLOUR_FAINT, TRN_LEFT};

enum { NO_VALUE = 0xC9C9C9, BAR_CELLS = 256 };

/* S. van der Walt, N. Smith (2015), CC0: viridis at 0, 1/16, …, 1. */
static const uint32_t viridis[] = {0x440154, 0x48186A, 0x472D7B, 0x424086, 0x3B528B, 0x33638D,
                                   0x2C728E, 0x26828E, 0x21918C, 0x1FA088, 0x28AE80, 0x3FBC73,
                                   0x5EC962, 0x84D44B, 0xADDC30, 0xD8E219, 0xFDE725};
enum { VIRIDIS = sizeof viridis / sizeof *viridis };

uint32_t trn_viridis(double part)
{
    double at = fmin(fmax(part, 0), 1) * (VIRIDIS - 1);
    size_t below = (size_t)fmin(floor(at), VIRIDIS - 2);

    return trn_figure_blend(viridis[below], viridis[below + 1], at - (double)below);
}

static uint32_t cell_colour(const void *picture, size_t cell)
{
    const struct trn_panel *panel = picture;
    double value = panel->plot->cells[cell];

    if (!isfinite(value))
        return NO_VALUE;
    return trn_viridis((value - panel->value.low) / (panel->value.high - panel->value.low));
}

static uint32_t bar_colour(const void *picture, size_t cell)
{
    (void)picture;
    return trn_viridis(1 - ((double)cell + 0.5) / BAR_CELLS);
}

static void draw_frame(cairo_t *cairo, struct trn_box box)
{
    trn_canvas_colour(cairo, TRN_COLOUR_FAINT);
    cairo_set_line_width(cairo, 0.7);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_stroke(cairo);
}

static void draw_bar(cairo_t *cairo, const struct trn_panel *panel)
{
    const struct trn_cells cells = {NULL, bar_colour, BAR_CELLS, 1, BAR_CELLS, 1};
    struct trn_box box = panel->box;
    struct trn_box bar = {box.x + box.width + 14, box.y, 12, box.height};
    const char *label = panel->plot->value.label;
    char text[2 * TRN_PLOT_TEXT_MAX + 16];

    trn_figure_image(cairo, &cells, bar);
    draw_frame(cairo, bar);
    trn_axis_draw_right(cairo, &panel->value, bar);
    trn_axis_name(text, sizeof text, &panel->value, label ? label : "");
    trn_axis_name_left(cairo, box, -(box.width + panel->name_value), text);
}

static bool lacks_values(const struct trn_plot_panel *plot)
{
    for (size_t i = 0; i < plot->height * plot->width; i++) {
        if (!isfinite(plot->cells[i]))
            return true;
    }
    return false;
}

/* What grey is, and how many values a cell stands for. */
static void draw_note(cairo_t *cairo, const struct trn_panel *panel)
{
    double x = panel->box.x, y = panel->box.y + panel->box.height + panel->below - 4;
    double right = panel->box.x + panel->box.width + panel->right;
    char text[80];

    if (lacks_values(panel->plot)) {
        trn_canvas_rectangle(cairo, (struct trn_box){x, y - 7.5, 12, 9}, (enum trn_colour)NO_VALUE);
        trn_canvas_text(cairo, x + 16, y, 0, "no value", &note);
        x += 16 + trn_canvas_text_width(cairo, "no value", &note) + 14;
    }
    if (panel->plot->row_step > 1 || panel->plot->column_step > 1) {
        snprintf(text, sizeof text, "a cell: mean of %zu × %zu", panel->plot->row_step,
                 panel->plot->column_step);
        trn_canvas_text(cairo, x, y, right - x, text, &note);
    }
}

void trn_panel_map(cairo_t *cairo, const struct trn_panel *panel)
{
    const struct trn_plot_panel *plot = panel->plot;
    const struct trn_cells cells = {panel,
                                    cell_colour,
                                    plot->height,
                                    plot->width,
                                    (double)plot->n_rows / (double)plot->row_step,
                                    (double)plot->n_columns / (double)plot->column_step};

    trn_figure_image(cairo, &cells, panel->box);
    draw_frame(cairo, panel->box);
    draw_bar(cairo, panel);
    draw_note(cairo, panel);
}
