#include "io/figure_curve.h"

#include <math.h>
#include <stdio.h>

#include "io/figure_bars.h"

static const struct trn_font title = {11, true, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font name = {9, false, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font tick_right = {8.5, false, TRN_COLOUR_FAINT, TRN_RIGHT};
static const struct trn_font tick_centre = {8.5, false, TRN_COLOUR_FAINT, TRN_CENTRE};
static const struct trn_font note = {9, false, TRN_COLOUR_INK, TRN_LEFT};

/* Crossbars on a logarithmic scale, accuracy in percent. */
struct axes {
    struct trn_box box;
    double least, most; /* crossbars */
    double low, high, step;
};

static double x_of(const struct axes *axes, double crossbars)
{
    return axes->box.x + axes->box.width * log(fmax(crossbars, 1) / axes->least) /
                             log(axes->most / axes->least);
}

static double y_of(const struct axes *axes, double percent)
{
    return axes->box.y +
           axes->box.height * (axes->high - percent) / (axes->high - axes->low);
}

static double percent_of(const struct trnnsf_trial *trial)
{
    return 100 * trial->validation_accuracy;
}

static struct axes find_axes(const struct trn_report_entry *own, double dense, struct trn_box box)
{
    struct axes axes = {.box = box, .least = INFINITY, .low = INFINITY, .high = -INFINITY};

    for (size_t i = 0; i < own->n_trials; i++) {
        axes.least = fmin(axes.least, (double)own->trials[i].crossbars);
        axes.most = fmax(axes.most, (double)own->trials[i].crossbars);
        axes.low = fmin(axes.low, percent_of(&own->trials[i]));
        axes.high = fmax(axes.high, percent_of(&own->trials[i]));
    }
    if (isfinite(dense)) {
        axes.low = fmin(axes.low, dense);
        axes.high = fmax(axes.high, dense);
    }
    if (!isfinite(axes.low))
        axes.low = axes.high = 0; /* no accuracy is known */
    axes.least = fmax(axes.least, 1) / 1.2; /* room beside the outer points */
    axes.most = fmax(axes.most, 1) * 1.2;
    axes.step = trn_figure_tick_step(fmax(axes.high - axes.low, 0.1));
    axes.low = axes.step * floor(axes.low / axes.step - 0.2);
    axes.high = axes.step * ceil(axes.high / axes.step + 0.2);
    return axes;
}

static void draw_tick(cairo_t *cairo, const struct axes *axes, double crossbars)
{
    double x = x_of(axes, crossbars), bottom = axes->box.y + axes->box.height;
    char text[32];

    if (crossbars < axes->least || crossbars > axes->most)
        return;
    trn_canvas_line(cairo, x, axes->box.y, x, bottom, 0.5, TRN_COLOUR_GRID);
    snprintf(text, sizeof text, "%.0f", crossbars);
    trn_canvas_text(cairo, x, bottom + 12, 0, text, &tick_centre);
}

/* At 1, 2 and 5 times powers of ten, on short axes at each digit, on the shortest at even steps, where
 * digits may be too few. */
static void draw_crossbars(cairo_t *cairo, const struct axes *axes)
{
    struct trn_box box = axes->box;
    double step = fmax(trn_figure_tick_step(axes->most - axes->least), 1);
    bool even = axes->most < 3 * axes->least, each = axes->most < 10 * axes->least;

    for (double at = step * ceil(axes->least / step); even && at <= axes->most; at += step)
        draw_tick(cairo, axes, at);
    for (double power = 1; !even && power <= axes->most; power *= 10) {
        for (int times = 1; times < 10; times++) {
            if (each || times == 1 || times == 2 || times == 5)
                draw_tick(cairo, axes, power * times);
        }
    }
    trn_canvas_text(cairo, box.x + box.width / 2, box.y + box.height + 25, box.width, "crossbars",
                    &name);
}

static void draw_axes(cairo_t *cairo, const struct axes *axes)
{
    struct trn_box box = axes->box;
    char text[32];

    for (double value = axes->low; value <= axes->high + axes->step / 2; value += axes->step) {
        trn_canvas_line(cairo, box.x, y_of(axes, value), box.x + box.width, y_of(axes, value), 0.5,
                        TRN_COLOUR_GRID);
        snprintf(text, sizeof text, "%.6g", value);
        trn_canvas_text(cairo, box.x - 5, y_of(axes, value) + 3, 0, text, &tick_right);
    }
    draw_crossbars(cairo, axes);
    trn_canvas_text_upwards(cairo, box.x - 32, box.y + box.height / 2, box.height,
                            "validation accuracy / %", &name);
    trn_canvas_text(cairo, box.x, box.y - 9, box.width, "What the search tried", &title);
}

/* Full where the limit is kept. */
static void draw_point(cairo_t *cairo, double x, double y, bool met)
{
    cairo_new_path(cairo); /* a text before has left a point */
    cairo_arc(cairo, x, y, 3.5, 0, 6.283185307179586);
    trn_canvas_colour(cairo, met ? TRN_COLOUR_BLUE : TRN_COLOUR_PAPER);
    cairo_fill_preserve(cairo);
    trn_canvas_colour(cairo, TRN_COLOUR_BLUE);
    cairo_set_line_width(cairo, 1.1);
    cairo_stroke(cairo);
}

static bool is_after(const struct trnnsf_trial *trial, const struct trnnsf_trial *last)
{
    return !last || trial->crossbars > last->crossbars ||
           (trial->crossbars == last->crossbars && trial > last);
}

/* The next trial by crossbars, those of as many in the order in which they were tried. */
static const struct trnnsf_trial *next_trial(const struct trn_report_entry *own,
                                             const struct trnnsf_trial *last)
{
    const struct trnnsf_trial *next = NULL;

    for (size_t i = 0; i < own->n_trials; i++) {
        const struct trnnsf_trial *trial = &own->trials[i];

        if (isfinite(trial->validation_accuracy) && is_after(trial, last) &&
            (!next || trial->crossbars < next->crossbars))
            next = trial;
    }
    return next;
}

static void draw_trials(cairo_t *cairo, const struct axes *axes,
                        const struct trn_report_entry *own)
{
    const struct trnnsf_trial *last = NULL, *trial;

    while ((trial = next_trial(own, last)) != NULL) {
        if (last)
            trn_canvas_line(cairo, x_of(axes, (double)last->crossbars),
                            y_of(axes, percent_of(last)), x_of(axes, (double)trial->crossbars),
                            y_of(axes, percent_of(trial)), 1.1, TRN_COLOUR_SKY);
        last = trial;
    }
    for (trial = next_trial(own, NULL); trial; trial = next_trial(own, trial))
        draw_point(cairo, x_of(axes, (double)trial->crossbars), y_of(axes, percent_of(trial)),
                   trial->met != 0);
}

static void draw_key(cairo_t *cairo, double x, double y, bool dense)
{
    draw_point(cairo, x + 6, y - 3, true);
    trn_canvas_text(cairo, x + 16, y, 0, "keeps the limit", &note);
    x += 16 + trn_canvas_text_width(cairo, "keeps the limit", &note) + 14;
    draw_point(cairo, x + 6, y - 3, false);
    trn_canvas_text(cairo, x + 16, y, 0, "does not", &note);
    x += 16 + trn_canvas_text_width(cairo, "does not", &note) + 14;
    if (!dense)
        return;
    trn_canvas_line(cairo, x, y - 3, x + 12, y - 3, 1.1, TRN_COLOUR_INK);
    trn_canvas_text(cairo, x + 16, y, 0, "dense", &note);
}

void trn_figure_curve(cairo_t *cairo, const struct trn_report_entry *own,
                      const struct trn_report_entry *dense, struct trn_box box)
{
    double level = dense ? 100 * dense->accuracy[TRNNSF_PART_VALIDATION] : NAN;
    struct axes axes = find_axes(own, level, box);

    draw_axes(cairo, &axes);
    if (isfinite(level))
        trn_canvas_line(cairo, box.x, y_of(&axes, level), box.x + box.width, y_of(&axes, level),
                        1.1, TRN_COLOUR_INK);
    draw_trials(cairo, &axes, own);
    draw_key(cairo, box.x, box.y + box.height + 42, isfinite(level));
}
