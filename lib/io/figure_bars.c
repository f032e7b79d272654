#include "io/figure_bars.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure_axis.h"

static const struct trn_font tick_centre = {8.5, false, TRN_COLOUR_FAINT, TRN_CENTRE};
static const struct trn_font label = {9.5, false, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font label_bold = {9.5, true, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font note = {9, false, TRN_COLOUR_INK, TRN_LEFT};

/* The vertical axis from 0 to `top`, and the chart's name above it. */
static void draw_axis(cairo_t *cairo, struct trn_box box, double top, const char *title,
                      const char *unit)
{
    const struct trn_axis axis = {
        .high = top, .start = box.y + box.height, .end = box.y, .step = trn_axis_step(top)};

    trn_axis_draw_left(cairo, &axis, box);
    trn_axis_name_left(cairo, box, 32, unit);
    trn_axis_title(cairo, box, title);
}

static uint64_t crossbars_of(const struct trn_report_entry *entry)
{
    uint64_t count = 0;

    for (size_t i = 0; i < TRN_REPORT_BINS; i++)
        count += entry->utilisation[0][i] + entry->utilisation[1][i];
    return count;
}

static double share_of(const struct trn_report_entry *entry, size_t bin)
{
    uint64_t count = crossbars_of(entry);

    return count ? 100.0 * (double)(entry->utilisation[0][bin] + entry->utilisation[1][bin]) /
                       (double)count
                 : 0;
}

static double highest_share(const struct trn_report_entry *entry)
{
    double highest = 0;

    for (size_t i = 0; entry && i < TRN_REPORT_BINS; i++)
        highest = fmax(highest, share_of(entry, i));
    return highest;
}

static void draw_bins(cairo_t *cairo, const struct trn_report_entry *own, struct trn_box box,
                      double top)
{
    double width = box.width / TRN_REPORT_BINS;
    uint64_t count = crossbars_of(own);

    for (size_t i = 0; i < TRN_REPORT_BINS && count > 0; i++) {
        double bottom = box.y + box.height;

        for (int residue = 0; residue < 2; residue++) {
            double height =
                box.height * 100.0 * (double)own->utilisation[residue][i] / (double)count / top;

            trn_canvas_rectangle(cairo,
                                 (struct trn_box){box.x + (double)i * width + 0.6, bottom - height,
                                                  width - 1.2, height},
                                 residue ? TRN_COLOUR_VERMILLION : TRN_COLOUR_BLUE);
            bottom -= height;
        }
    }
}

static void draw_steps(cairo_t *cairo, const struct trn_report_entry *entry, struct trn_box box,
                       double top)
{
    double width = box.width / TRN_REPORT_BINS, bottom = box.y + box.height;

    trn_canvas_colour(cairo, TRN_COLOUR_INK);
    cairo_set_line_width(cairo, 1.1);
    cairo_move_to(cairo, box.x, bottom);
    for (size_t i = 0; i < TRN_REPORT_BINS; i++) {
        double y = bottom - box.height * share_of(entry, i) / top;

        cairo_line_to(cairo, box.x + (double)i * width, y);
        cairo_line_to(cairo, box.x + (double)(i + 1) * width, y);
    }
    cairo_line_to(cairo, box.x + box.width, bottom);
    cairo_stroke(cairo);
}

static bool has_residue(const struct trn_report_entry *entry)
{
    for (size_t i = 0; i < TRN_REPORT_BINS; i++) {
        if (entry->utilisation[1][i])
            return true;
    }
    return false;
}

/* On one line below the axis: what is filled, what is a line. */
static void histogram_key(cairo_t *cairo, const struct trn_report_entry *own,
                          const struct trn_report_entry *other, double x, double y)
{
    const char *name = own->total.clusters ? "clusters" : "tiles";
    char text[TRN_REPORT_METHOD_MAX + 40];

    trn_canvas_rectangle(cairo, (struct trn_box){x, y - 8, 12, 9}, TRN_COLOUR_BLUE);
    snprintf(text, sizeof text, "%s, %s", own->method, name);
    trn_canvas_text(cairo, x + 16, y, 0, text, &note);
    x += 16 + trn_canvas_text_width(cairo, text, &note) + 14;
    if (has_residue(own)) {
        trn_canvas_rectangle(cairo, (struct trn_box){x, y - 8, 12, 9}, TRN_COLOUR_VERMILLION);
        trn_canvas_text(cairo, x + 16, y, 0, "residue", &note);
        x += 16 + trn_canvas_text_width(cairo, "residue", &note) + 14;
    }
    if (other) {
        trn_canvas_line(cairo, x, y - 3.5, x + 14, y - 3.5, 1.1, TRN_COLOUR_INK);
        snprintf(text, sizeof text, "%s, mean %.0f %%", other->method,
                 100 * other->total.counts.utilisation);
        trn_canvas_text(cairo, x + 18, y, 0, text, &note);
    }
}

void trn_figure_histogram(cairo_t *cairo, const struct trn_report_entry *own,
                          const struct trn_report_entry *other, struct trn_box box)
{
    double top = fmin(100, 1.1 * fmax(highest_share(own), highest_share(other)));
    double bottom = box.y + box.height;
    char text[TRN_REPORT_METHOD_MAX + 64];

    if (!(top > 0))
        top = 100;
    snprintf(text, sizeof text, "Utilisation of %llu crossbars, mean %.0f %%",
             (unsigned long long)own->total.counts.total, 100 * own->total.counts.utilisation);
    draw_axis(cairo, box, top, text, "share of crossbars / %");
    draw_bins(cairo, own, box, top);
    if (other)
        draw_steps(cairo, other, box, top);
    trn_canvas_line(cairo, box.x, bottom, box.x + box.width, bottom, 0.8, TRN_COLOUR_INK);
    for (int percent = 0; percent <= 100; percent += 20) {
        snprintf(text, sizeof text, "%d", percent);
        trn_canvas_text(cairo, box.x + box.width * percent / 100, bottom + 12, 0, text,
                        &tick_centre);
    }
    trn_canvas_text(cairo, box.x + box.width / 2, bottom + 25, box.width,
                    "synapses on a crossbar / % of its cross-points", &label);
    histogram_key(cairo, own, other, box.x, bottom + 41);
}

/* Parts in the order in which they are stacked. */
static const struct {
    enum trnnsf_cost_part part;
    enum trn_colour colour;
    const char *name;
} stack[] = {{TRNNSF_COST_ARRAY, TRN_COLOUR_BLUE, "array"},
             {TRNNSF_COST_PERIPHERY, TRN_COLOUR_SKY, "periphery"},
             {TRNNSF_COST_NEURON, TRN_COLOUR_GREEN, "neurons"},
             {TRNNSF_COST_BUFFER, TRN_COLOUR_ORANGE, "buffers"},
             {TRNNSF_COST_COMMUNICATION, TRN_COLOUR_PURPLE, "communication"}};
enum { STACK = sizeof stack / sizeof stack[0] };

struct unit {
    double scale; /* of the SI value */
    const char *name;
};

/* The unit in which the largest total has one to three digits before the point. */
static struct unit choose_unit(enum trn_figure_cost cost, double largest)
{
    static const struct unit areas[] = {{1e4, "cm²"}, {1e6, "mm²"}, {1e12, "µm²"}};
    static const struct unit energies[] = {
        {1, "J"}, {1e3, "mJ"}, {1e6, "µJ"}, {1e9, "nJ"}, {1e12, "pJ"}};
    const struct unit *units = cost == TRN_FIGURE_AREA ? areas : energies;
    size_t n =
        cost == TRN_FIGURE_AREA ? sizeof areas / sizeof *areas : sizeof energies / sizeof *energies;
    size_t i = 0;

    /* Hundredths of a mm² are read more easily than tens of thousands of µm². */
    double least = cost == TRN_FIGURE_AREA ? 0.01 : 1;
    while (i + 1 < n && largest * units[i].scale < (i == 0 ? 1 : least))
        i++;
    return units[i];
}

static const double *parts_of(const struct trn_report_entry *entry, enum trn_figure_cost cost)
{
    return cost == TRN_FIGURE_AREA ? entry->total.area : entry->total.energy;
}

static void draw_bar(cairo_t *cairo, const double *parts, double scale, double dense,
                     struct trn_box slot)
{
    double bottom = slot.y + slot.height, total = parts[TRNNSF_COST_TOTAL];
    double saving = trn_report_saving(total, dense);
    char text[48];

    for (size_t i = 0; i < STACK; i++) {
        double height = isfinite(parts[stack[i].part]) ? parts[stack[i].part] * scale : 0;

        trn_canvas_rectangle(cairo, (struct trn_box){slot.x, bottom - height, slot.width, height},
                             stack[i].colour);
        bottom -= height;
    }
    if (isfinite(saving) && fabs(saving) >= 0.0005) {
        snprintf(text, sizeof text, "%s%.1f %%", saving > 0 ? "−" : "+", 100 * fabs(saving));
        trn_canvas_text(cairo, slot.x + slot.width / 2, bottom - 4, 0, text, &label_bold);
    }
}

static void draw_bar_labels(cairo_t *cairo, const struct trn_report_entry *entry, double x,
                            double y, double room)
{
    char text[64];

    trn_canvas_text(cairo, x, y + 12, room, entry->method, &label_bold);
    if (isfinite(entry->accuracy[TRNNSF_PART_TEST])) {
        snprintf(text, sizeof text, "%.2f %%", 100 * entry->accuracy[TRNNSF_PART_TEST]);
        trn_canvas_text(cairo, x, y + 25, room, text, &label);
    }
    snprintf(text, sizeof text, "%llu crossbars", (unsigned long long)entry->total.counts.total);
    trn_canvas_text(cairo, x, y + 38, room, text, &label);
}

static double dense_total(const struct trn_report_entry *const *entries, size_t count,
                          enum trn_figure_cost cost)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i]->method, "dense") == 0)
            return parts_of(entries[i], cost)[TRNNSF_COST_TOTAL];
    }
    return NAN;
}

void trn_figure_costs(cairo_t *cairo, const struct trn_report_entry *const *entries, size_t count,
                      enum trn_figure_cost cost, struct trn_box box)
{
    const char *what = cost == TRN_FIGURE_AREA ? "Area" : "Energy per inference";
    double largest = 0, bottom = box.y + box.height, pitch = box.width / (double)count;
    double dense = dense_total(entries, count, cost);
    char title[64], axis[64];

    for (size_t i = 0; i < count; i++) {
        double total = parts_of(entries[i], cost)[TRNNSF_COST_TOTAL];

        largest = isfinite(total) ? fmax(largest, total) : largest;
    }

    struct unit unit = choose_unit(cost, largest);
    double top = largest > 0 ? 1.15 * largest * unit.scale : 1;
    snprintf(title, sizeof title, "%s%s", what, largest > 0 ? "" : ": not known");
    snprintf(axis, sizeof axis, "%s / %s", cost == TRN_FIGURE_AREA ? "area" : "energy", unit.name);
    draw_axis(cairo, box, top, title, axis);
    for (size_t i = 0; i < count; i++) {
        double width = fmin(64, 0.62 * pitch), centre = box.x + ((double)i + 0.5) * pitch;

        draw_bar(cairo, parts_of(entries[i], cost), unit.scale * box.height / top, dense,
                 (struct trn_box){centre - width / 2, box.y, width, box.height});
        draw_bar_labels(cairo, entries[i], centre, bottom, pitch - 6);
    }
    trn_canvas_line(cairo, box.x, bottom, box.x + box.width, bottom, 0.8, TRN_COLOUR_INK);
}

void trn_figure_cost_legend(cairo_t *cairo, double x, double y)
{
    for (size_t i = 0; i < STACK; i++) {
        trn_canvas_rectangle(cairo, (struct trn_box){x, y - 8, 12, 9}, stack[i].colour);
        trn_canvas_text(cairo, x + 16, y, 0, stack[i].name, &note);
        x += 16 + trn_canvas_text_width(cairo, stack[i].name, &note) + 16;
    }
    trn_canvas_text(cairo, x, y, 0, "below the bars: test accuracy; above: against dense", &note);
}
