#include "io/figure_curve.h"

#include <math.h>

#include "io/figure_axis.h"

static const struct trn_font note = {9, false, TRN_COLOUR_INK, TRN_LEFT};

/* Crossbars on a logarithmic scale, accuracy in percent. */
struct axes {
    struct trn_axis crossbars, percent;
};

static double x_of(const struct axes *axes, double crossbars)
{
    return trn_axis_place(&axes->crossbars, fmax(crossbars, 1));
}

static double y_of(const struct axes *axes, double percent)
{
    return trn_axis_place(&axes->percent, percent);
}

static double percent_of(const struct trnnsf_trial *trial)
{
    return 100 * trial->validation_accuracy;
}

static struct axes find_axes(const struct trn_report_entry *own, double dense, struct trn_box box)
{
    struct axes axes = {
        {.start = box.x, .end = box.x + box.width, .logarithmic = true, .whole = true},
        {.start = box.y + box.height, .end = box.y}};
    double least = INFINITY, most = 0, low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < own->n_trials; i++) {
        least = fmin(least, (double)own->trials[i].crossbars);
        most = fmax(most, (double)own->trials[i].crossbars);
        low = fmin(low, percent_of(&own->trials[i]));
        high = fmax(high, percent_of(&own->trials[i]));
    }
    if (isfinite(dense)) {
        low = fmin(low, dense);
        high = fmax(high, dense);
    }
    if (!isfinite(low))
        low = high = 0;                        /* no accuracy is known */
    axes.crossbars.low = fmax(least, 1) / 1.2; /* room beside the outer points */
    axes.crossbars.high = fmax(most, 1) * 1.2;
    trn_axis_round(&axes.percent, low, high, 0.1);
    return axes;
}

static void draw_axes(cairo_t *cairo, const struct axes *axes, struct trn_box box)
{
    trn_axis_draw_left(cairo, &axes->percent, box);
    trn_axis_draw_below(cairo, &axes->crossbars, box);
    trn_axis_name_below(cairo, box, "crossbars");
    trn_axis_name_left(cairo, box, 32, "validation accuracy / %");
    trn_axis_title(cairo, box, "What the search tried");
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

static void draw_trials(cairo_t *cairo, const struct axes *axes, const struct trn_report_entry *own)
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

    draw_axes(cairo, &axes, box);
    if (isfinite(level))
        trn_canvas_line(cairo, box.x, y_of(&axes, level), box.x + box.width, y_of(&axes, level),
                        1.1, TRN_COLOUR_INK);
    draw_trials(cairo, &axes, own);
    draw_key(cairo, box.x, box.y + box.height + 42, isfinite(level));
}
