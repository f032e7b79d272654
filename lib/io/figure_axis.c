#include "io/figure_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct trn_font chart_title = {11, true, TRN_COLOUR_INK, TRN_LEFT};
static const struct trn_font axis_name = {9, false, TRN_COLOUR_INK, TRN_CENTRE};
static const struct trn_font tick_left = {8.5, false, TRN_COLOUR_FAINT, TRN_LEFT};
static const struct trn_font tick_right = {8.5, false, TRN_COLOUR_FAINT, TRN_RIGHT};
static const struct trn_font tick_centre = {8.5, false, TRN_COLOUR_FAINT, TRN_CENTRE};

/* Least room between two numbers side by side, and from one line of numbers to the next. */
static const double air = 8, line = 11;

static double step_of(double range, double parts)
{
    double power = pow(10, floor(log10(range / parts))), times = range / parts / power;

    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

double trn_axis_step(double range)
{
    return step_of(range, 5);
}

void trn_axis_round(struct trn_axis *axis, double low, double high, double least)
{
    axis->step = trn_axis_step(fmax(high - low, least));
    axis->low = axis->step * floor(low / axis->step - 0.2);
    axis->high = axis->step * ceil(high / axis->step + 0.2);
}

double trn_axis_prefix(double largest, const char **out_prefix)
{
    static const char *const prefixes[] = {"a", "f", "p", "n", "µ", "m",
                                           "",  "k", "M", "G", "T", "P"};
    double thousands = largest > 0 ? floor(log10(largest) / 3 + 1e-9) : 0;

    thousands = fmin(fmax(thousands, -6), 5);
    *out_prefix = prefixes[(size_t)(thousands + 6)];
    return pow(10, -3 * thousands);
}

void trn_axis_scale(struct trn_axis *axis)
{
    if (axis->unit && !axis->logarithmic)
        axis->scale = trn_axis_prefix(fmax(fabs(axis->low), fabs(axis->high)), &axis->prefix);
}

double trn_axis_place(const struct trn_axis *axis, double value)
{
    double part = axis->logarithmic
                      ? (log(value) - log(axis->low)) / (log(axis->high) - log(axis->low))
                      : (value - axis->low) / (axis->high - axis->low);

    return axis->start + (axis->end - axis->start) * part;
}

/* 1e+06 becomes 1e6, 1e-06 becomes 1e-6. */
static void shorten_exponent(char *text)
{
    char *from = strchr(text, 'e'), *to;

    if (!from)
        return;
    to = ++from;
    if (*from == '-')
        to++;
    from++;
    while (from[0] == '0' && from[1] != '\0')
        from++;
    memmove(to, from, strlen(from) + 1);
}

/* Six digits, more where neighbouring ticks would look the same. */
static void write_number(char text[TRN_TICK_TEXT], double value, double step)
{
    double digits = 6;

    if (step > 0 && value != 0)
        digits = fmin(fmax(6, 2 + floor(log10(fabs(value) / step) + 1e-9)), 16);
    snprintf(text, TRN_TICK_TEXT, "%.*g", (int)digits, value);
    shorten_exponent(text);
}

static void write_tick(struct trn_tick *tick, const struct trn_axis *axis, double step)
{
    double scale = axis->scale > 0 ? axis->scale : 1;
    const char *prefix;

    if (axis->whole) {
        snprintf(tick->text, sizeof tick->text, "%.0f", tick->value);
    } else if (axis->logarithmic && axis->unit) {
        scale = trn_axis_prefix(tick->value, &prefix);
        write_number(tick->text, tick->value * scale, step * scale);
        size_t used = strlen(tick->text);
        snprintf(tick->text + used, sizeof tick->text - used, " %s%.16s", prefix, axis->unit);
    } else {
        write_number(tick->text, tick->value * scale, step * scale);
    }
}

static size_t even_ticks(const struct trn_axis *axis, double step, struct trn_tick *ticks)
{
    double first, last;

    if (axis->whole)
        step = fmax(step, 1);
    first = ceil(axis->low / step - 1e-4);
    last = fmin(floor(axis->high / step + 1e-4), first + TRN_TICKS_MAX - 1);
    for (double i = 0; i <= last - first; i++) {
        ticks[(size_t)i].value = (first + i) * step;
        write_tick(&ticks[(size_t)i], axis, step);
    }
    return last < first ? 0 : (size_t)(last - first) + 1;
}

/* Which digits of a decade have a tick, from the densest on; then only each second, fifth, …
 * decade. */
static bool has_tick(int density, int times)
{
    return density == 0 ? true : density == 1 ? times == 1 || times == 2 || times == 5 : times == 1;
}

static size_t decade_ticks(const struct trn_axis *axis, int density, struct trn_tick *ticks)
{
    static const int strides[] = {1, 1, 1, 2, 5, 10, 20, 50, 100};
    int stride = strides[density], last = (int)floor(log10(axis->high) + 1e-9);
    int first = (int)floor(log10(axis->low) + 1e-9);
    size_t count = 0;

    for (int decade = stride * (int)floor((double)first / stride); decade <= last;
         decade += stride) {
        for (int times = 1; times < 10 && count < TRN_TICKS_MAX; times++) {
            double value = times * pow(10, decade);

            if (!has_tick(density, times) || value < axis->low * (1 - 1e-12) ||
                value > axis->high * (1 + 1e-12) || (axis->whole && decade < 0))
                continue;
            ticks[count].value = value;
            write_tick(&ticks[count++], axis, 0);
        }
    }
    return count;
}

static bool meet(cairo_t *cairo, const struct trn_axis *axis, bool across,
                 const struct trn_tick *ticks, size_t count)
{
    double last = -INFINITY, sign = axis->end < axis->start ? -1 : 1;

    for (size_t i = 0; i < count; i++) {
        double half = across
                          ? trn_canvas_text_width(cairo, ticks[i].text, &tick_centre) / 2 + air / 2
                          : line / 2;
        double place = sign * trn_axis_place(axis, ticks[i].value);

        if (place - half < last)
            return true;
        last = place + half;
    }
    return false;
}

size_t trn_axis_ticks(cairo_t *cairo, const struct trn_axis *axis, bool across,
                      struct trn_tick ticks[TRN_TICKS_MAX])
{
    size_t count = 0;

    if (axis->step > 0)
        return even_ticks(axis, axis->step, ticks);
    if (!axis->logarithmic || axis->high < 3 * axis->low) {
        /* On a logarithmic axis even ticks crowd at the upper end. */
        for (int parts = axis->logarithmic ? 5 : 8; parts > 0; parts--) {
            count = even_ticks(axis, step_of(axis->high - axis->low, parts), ticks);
            if (!meet(cairo, axis, across, ticks, count))
                break;
        }
        return count;
    }
    for (int density = axis->high < 10 * axis->low ? 0 : 1; density < 9; density++) {
        count = decade_ticks(axis, density, ticks);
        if (count < TRN_TICKS_MAX && !meet(cairo, axis, across, ticks, count))
            break;
    }
    return count;
}

double trn_axis_width(cairo_t *cairo, const struct trn_axis *axis)
{
    struct trn_tick ticks[TRN_TICKS_MAX];
    size_t count = trn_axis_ticks(cairo, axis, false, ticks);
    double width = 0;

    for (size_t i = 0; i < count; i++)
        width = fmax(width, trn_canvas_text_width(cairo, ticks[i].text, &tick_right));
    return width;
}

void trn_axis_draw_left(cairo_t *cairo, const struct trn_axis *axis, struct trn_box box)
{
    struct trn_tick ticks[TRN_TICKS_MAX];
    size_t count = trn_axis_ticks(cairo, axis, false, ticks);

    for (size_t i = 0; i < count; i++) {
        double y = trn_axis_place(axis, ticks[i].value);

        trn_canvas_line(cairo, box.x, y, box.x + box.width, y, 0.5, TRN_COLOUR_GRID);
        trn_canvas_text(cairo, box.x - 5, y + 3, 0, ticks[i].text, &tick_right);
    }
}

void trn_axis_draw_below(cairo_t *cairo, const struct trn_axis *axis, struct trn_box box)
{
    struct trn_tick ticks[TRN_TICKS_MAX];
    size_t count = trn_axis_ticks(cairo, axis, true, ticks);
    double bottom = box.y + box.height;

    for (size_t i = 0; i < count; i++) {
        double x = trn_axis_place(axis, ticks[i].value);

        trn_canvas_line(cairo, x, box.y, x, bottom, 0.5, TRN_COLOUR_GRID);
        trn_canvas_text(cairo, x, bottom + 12, 0, ticks[i].text, &tick_centre);
    }
}

void trn_axis_draw_right(cairo_t *cairo, const struct trn_axis *axis, struct trn_box bar)
{
    struct trn_tick ticks[TRN_TICKS_MAX];
    size_t count = trn_axis_ticks(cairo, axis, false, ticks);
    double right = bar.x + bar.width;

    for (size_t i = 0; i < count; i++) {
        double y = trn_axis_place(axis, ticks[i].value);

        trn_canvas_line(cairo, right, y, right + 2.5, y, 0.7, TRN_COLOUR_FAINT);
        trn_canvas_text(cairo, right + 5, y + 3, 0, ticks[i].text, &tick_left);
    }
}

void trn_axis_name_left(cairo_t *cairo, struct trn_box box, double away, const char *name)
{
    trn_canvas_text_upwards(cairo, box.x - away, box.y + box.height / 2, box.height, name,
                            &axis_name);
}

void trn_axis_name_below(cairo_t *cairo, struct trn_box box, const char *name)
{
    trn_canvas_text(cairo, box.x + box.width / 2, box.y + box.height + 25, box.width, name,
                    &axis_name);
}

void trn_axis_name(char *text, size_t size, const struct trn_axis *axis, const char *name)
{
    if (axis->unit && !axis->logarithmic)
        snprintf(text, size, "%s%s%s%s", name, name[0] ? " / " : "",
                 axis->prefix ? axis->prefix : "", axis->unit);
    else
        snprintf(text, size, "%s", name);
}

void trn_axis_title(cairo_t *cairo, struct trn_box box, const char *title)
{
    trn_canvas_text(cairo, box.x, box.y - 9, box.width, title, &chart_title);
}
