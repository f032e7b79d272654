#include "tech/measurements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "tech/least_squares.h"

/* Chosen here: below a hundredth of the on state, what is read is mostly noise of reading. */
#define DRIFT_LEAST 0.01

enum { TEXT_LENGTH = 256, NAME_LENGTH = TRN_TECH_SOURCE_MAX + 1 };

/* Reads of one device and target, in the order of time. */
struct series {
    const struct trn_tech_read *reads; /* the first is what writing left */
    size_t count;
    bool stuck;
};

struct bin {
    size_t count;
    double target; /* mean */
    double error;  /* mean of first read - target */
    double square; /* sum of squares about that mean */
};

struct fit {
    trnnsf_context *ctx;
    const char *file;
    const struct trnnsf_tech_measurements_options *options;
    size_t reads;
    size_t n_series;
    struct series *series;
    struct bin *bins;
    double *numbers;  /* scratch */
    double low, high; /* of the targets */
    double on;        /* siemens */
    double noise;     /* mean square of a read's error over the conductance; 0: not told */
    char name[NAME_LENGTH];
    double value[TRN_TECH_KEYS];
    const char *source[TRN_TECH_KEYS];
    char (*texts)[TEXT_LENGTH]; /* of sources, by key */
};

static int by_series(const void *one, const void *other)
{
    const struct trn_tech_read *a = one, *b = other;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->target < b->target || a->target > b->target)
        return a->target < b->target ? -1 : 1;
    if (a->time < b->time || a->time > b->time)
        return a->time < b->time ? -1 : 1;
    return (a->conductance > b->conductance) - (a->conductance < b->conductance);
}

static int ascending(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

static void say(struct fit *fit, size_t key, double value, const char *how)
{
    snprintf(fit->texts[key], TEXT_LENGTH, "fitted to %s, %zu points: %s", fit->file, fit->reads,
             how);
    fit->value[key] = value;
    fit->source[key] = fit->texts[key];
}

static trnnsf_status cut_series(struct fit *fit, const struct trn_tech_read *reads)
{
    fit->low = fit->high = reads[0].target;
    for (size_t i = 0; i < fit->reads; i++) {
        struct series *last = fit->n_series ? &fit->series[fit->n_series - 1] : NULL;

        fit->low = fmin(fit->low, reads[i].target);
        fit->high = fmax(fit->high, reads[i].target);
        if (last && last->reads->device == reads[i].device &&
            !(last->reads->target < reads[i].target))
            last->count++;
        else
            fit->series[fit->n_series++] = (struct series){&reads[i], 1, false};
    }
    if (fit->high > fit->low)
        return TRNNSF_OK;
    return trn_fail(fit->ctx, TRNNSF_E_FORMAT,
                    "%s: all targets are %g S: no range to fit a device to", fit->file, fit->low);
}

/* How many devices could have been seen to be stuck at one end, and how many were. */
struct ends {
    size_t could_on, could_off, on, off;
};

static size_t judge_device(const struct fit *fit, size_t begin, struct ends *ends)
{
    struct series *series = fit->series;
    double near = fit->options->stuck_range, span = fit->high - fit->low;
    bool called_on = false, called_off = false, stays_on = true, stays_off = true;
    size_t end = begin;

    for (; end < fit->n_series && series[end].reads->device == series[begin].reads->device; end++) {
        double target = (series[end].reads->target - fit->low) / span;
        double first = (series[end].reads->conductance - fit->low) / span;

        called_on = called_on || target >= near + 0.5;
        called_off = called_off || target <= 0.5 - near;
        stays_on = stays_on && first >= 1 - near;
        stays_off = stays_off && first <= near;
    }
    ends->could_on += called_off;
    ends->could_off += called_on;
    ends->on += called_off && stays_on;
    ends->off += called_on && stays_off;
    for (size_t i = begin; i < end; i++)
        series[i].stuck = (called_off && stays_on) || (called_on && stays_off);
    return end;
}

static void say_stuck(struct fit *fit, size_t key, size_t stuck, size_t could)
{
    char how[96];

    snprintf(how, sizeof how, "%zu of %zu devices of which it can be told", stuck, could);
    say(fit, key, could ? (double)stuck / (double)could : 0, how);
}

static trnnsf_status find_stuck(struct fit *fit)
{
    struct ends ends = {0, 0, 0, 0};
    size_t moving = 0;

    for (size_t i = 0; i < fit->n_series;)
        i = judge_device(fit, i, &ends);
    for (size_t i = 0; i < fit->n_series; i++)
        moving += !fit->series[i].stuck;
    if (moving == 0)
        return trn_fail(fit->ctx, TRNNSF_E_FORMAT, "%s: every device is stuck", fit->file);
    say_stuck(fit, TRN_TECH_STUCK_ON, ends.on, ends.could_on);
    say_stuck(fit, TRN_TECH_STUCK_OFF, ends.off, ends.could_off);
    return TRNNSF_OK;
}

static struct bin *bin_of(const struct fit *fit, const struct series *series)
{
    double place = (series->reads->target - fit->low) / (fit->high - fit->low);
    size_t bins = fit->options->bins;
    size_t index = (size_t)(place * (double)bins);

    return &fit->bins[index < bins ? index : bins - 1];
}

static void fill_bins(struct fit *fit)
{
    for (size_t i = 0; i < fit->n_series; i++) {
        const struct trn_tech_read *first = fit->series[i].reads;
        struct bin *bin = bin_of(fit, &fit->series[i]);

        if (fit->series[i].stuck)
            continue;
        /* Welford's updates. */
        double error = first->conductance - first->target, before = error - bin->error;
        bin->count++;
        bin->error += before / (double)bin->count;
        bin->square += before * (error - bin->error);
        bin->target += (first->target - bin->target) / (double)bin->count;
    }
}

static void fit_ends(struct fit *fit)
{
    const struct bin *first = fit->bins, *last = fit->bins + fit->options->bins - 1;

    while (first->count == 0)
        first++;
    while (last->count == 0)
        last--;
    fit->on = fit->high + last->error;
    say(fit, TRN_TECH_RESISTANCE_ON, 1 / fit->on, "mean first read at the largest target");
    say(fit, TRN_TECH_RESISTANCE_OFF,
        1 / fmax(fit->low + first->error, 1 / trn_tech_key_infos[TRN_TECH_RESISTANCE_OFF].high),
        "mean first read at the smallest target");
}

/* E[s] / sigma of n normal values: sqrt(2 / (n - 1)) gamma(n / 2) / gamma((n - 1) / 2), by its
 * series in 1 / n; within 0.5 % from n = 2 on. */
static double bias_of_sigma(size_t n)
{
    double r = 1 / (double)n;

    return 1 - r * (1.0 / 4 + r * (7.0 / 32 + r * 19.0 / 128));
}

static trnnsf_status fit_programming(struct fit *fit)
{
    size_t bins = fit->options->bins, used = 0;
    double *x = fit->numbers, *y = x + bins, *weight = y + bins, *rows = weight + bins;
    double coefficients[TRN_POLYNOMIAL_MAX] = {0};
    char how[96];

    for (size_t i = 0; i < bins; i++) {
        const struct bin *bin = &fit->bins[i];

        if (bin->count < 2)
            continue;
        double bias = bias_of_sigma(bin->count) * fit->on;
        x[used] = bin->target / fit->on;
        y[used] = sqrt(fmax(bin->square / (double)(bin->count - 1) / (bias * bias) -
                                fit->noise * x[used] * x[used],
                            0));
        weight[used++] = (double)(bin->count - 1);
    }
    if (used == 0)
        return trn_fail(
            fit->ctx, TRNNSF_E_FORMAT,
            "%s: no bin of targets has two first reads: no programming error to be seen",
            fit->file);
    size_t n = fit->options->degree + 1 < used ? fit->options->degree + 1 : used;
    trn_fit_polynomial(used, x, y, weight, n, rows, coefficients);
    snprintf(how, sizeof how, "degree %zu over the sigma of first reads in %zu bins of targets",
             n - 1, used);
    for (size_t i = 0; i < TRN_POLYNOMIAL_MAX; i++)
        say(fit, TRN_TECH_PROGRAMMING_CONSTANT + i, coefficients[i], how);
    say(fit, TRN_TECH_PROGRAMMING_LOGNORMAL, 0, "all errors of writing are in the polynomial");
    say(fit, TRN_TECH_VARIATION_ON, 0, "devices differ by the polynomial");
    say(fit, TRN_TECH_VARIATION_OFF, 0, "devices differ by the polynomial");
    return TRNNSF_OK;
}

/* ln conductance over ln time of one series, and of how many reads. False without two times. */
static bool fit_series(const struct fit *fit, const struct series *series, double *time,
                       double *conductance, struct trn_line *out_line, size_t *out_reads)
{
    size_t n = 0;

    if (series->stuck || series->reads->target < DRIFT_LEAST * fit->on)
        return false;
    for (size_t i = 0; i < series->count; i++) {
        if (!(series->reads[i].conductance > 0))
            continue;
        time[n] = log(series->reads[i].time);
        conductance[n++] = log(series->reads[i].conductance);
    }
    struct trn_line line = trn_fit_line(n, time, conductance);
    if (n < 2 || !(time[n - 1] > time[0]))
        return false;
    *out_line = line;
    *out_reads = n;
    return true;
}

static double median_start(const struct fit *fit, double *times)
{
    size_t n = 0;

    for (size_t i = 0; i < fit->n_series; i++) {
        if (!fit->series[i].stuck)
            times[n++] = fit->series[i].reads->time;
    }
    qsort(times, n, sizeof *times, ascending);
    return n % 2 ? times[n / 2] : (times[n / 2 - 1] + times[n / 2]) / 2;
}

static void say_drift(struct fit *fit, struct trn_line line, double from, double to, double spread,
                      size_t n)
{
    double one = line.offset + line.slope * from, other = line.offset + line.slope * to;
    char how[96], spread_how[96];

    snprintf(how, sizeof how, "exponents of %zu series", n);
    snprintf(spread_how, sizeof spread_how, "exponents of %zu series about their line", n);
    say(fit, TRN_TECH_DRIFT_SLOPE, line.slope, how);
    say(fit, TRN_TECH_DRIFT_OFFSET, line.offset, how);
    say(fit, TRN_TECH_DRIFT_LOW, fmin(one, other), how);
    say(fit, TRN_TECH_DRIFT_HIGH, fmax(one, other), how);
    say(fit, TRN_TECH_DRIFT_SIGMA_SLOPE, 0, spread_how);
    say(fit, TRN_TECH_DRIFT_SIGMA_OFFSET, spread, spread_how);
    say(fit, TRN_TECH_DRIFT_SIGMA_LOW, spread, spread_how);
    say(fit, TRN_TECH_DRIFT_SIGMA_HIGH, spread, spread_how);
    say(fit, TRN_TECH_RETENTION_SHIFT, 0, "all change over time is in the drift");
    say(fit, TRN_TECH_RETENTION_SIGMA, 0, "all change over time is in the drift");
}

/* Reads about the lines of their series: what a series of `reads` tells has two less to say. */
static void say_noise(struct fit *fit, double square, size_t reads)
{
    static const char elsewhere[] = "all noise of a read is in read_sigma";
    char how[96];

    if (reads == 0)
        return;
    fit->noise = square / (double)reads;
    snprintf(how, sizeof how, "reads about the lines of their series, %zu of freedom", reads);
    say(fit, TRN_TECH_READ_SIGMA, sqrt(fit->noise), how);
    say(fit, TRN_TECH_READ_SIGMA_ON, 0, elsewhere);
    say(fit, TRN_TECH_FLICKER, 0, elsewhere);
}

static void fit_drift(struct fit *fit)
{
    double *x = fit->numbers, *exponent = x + fit->n_series;
    double *time = exponent + fit->n_series, *conductance = time + fit->reads;
    double from = 0, to = 0, errors = 0, square = 0;
    size_t n = 0, told = 0, freedom = 0;

    for (size_t i = 0; i < fit->n_series; i++) {
        struct trn_line line;
        size_t reads;

        if (!fit_series(fit, &fit->series[i], time, conductance, &line, &reads))
            continue;
        x[n] = log(fit->series[i].reads->target / fit->on);
        from = n ? fmin(from, x[n]) : x[n];
        to = n ? fmax(to, x[n]) : x[n];
        exponent[n++] = -line.slope;
        if (reads > 2) {
            errors += line.residual / line.spread;
            told++;
            square += line.residual * (double)(reads - 2);
            freedom += reads - 2;
        }
    }
    if (n == 0)
        return;
    struct trn_line line = trn_fit_line(n, x, exponent);
    double spread = sqrt(fmax(line.residual - (told ? errors / (double)told : 0), 0));
    say_drift(fit, line, from, to, spread, n);
    say(fit, TRN_TECH_DRIFT_START, median_start(fit, time), "median of first times");
    say_noise(fit, square, freedom);
}

static trnnsf_status fit_all(struct fit *fit, const struct trn_tech_read *reads)
{
    TRN_TRY(cut_series(fit, reads));
    TRN_TRY(find_stuck(fit));
    fill_bins(fit);
    fit_ends(fit);
    fit_drift(fit);
    return fit_programming(fit);
}

trnnsf_status trn_tech_fit(trnnsf_context *ctx, const struct trnnsf_tech *base, const char *file,
                           size_t count, struct trn_tech_read *reads,
                           const struct trnnsf_tech_measurements_options *options,
                           struct trnnsf_tech **out_tech)
{
    trnnsf_status status = TRNNSF_OK;
    struct fit fit = {.ctx = ctx, .file = file, .options = options, .reads = count};
    size_t scratch = 4 * count + (3 + TRN_POLYNOMIAL_MAX + 1) * (size_t)options->bins;

    if (count == 0)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "%s: no reads", file);
    memcpy(fit.value, base->value, sizeof fit.value);
    memcpy(fit.source, base->source, sizeof fit.source);
    fit.series = TRN_NEW_ARRAY(ctx, struct series, count);
    fit.bins = TRN_NEW_ARRAY(ctx, struct bin, options->bins);
    fit.numbers = TRN_NEW_ARRAY(ctx, double, scratch);
    fit.texts = trn_calloc(ctx, TRN_TECH_KEYS, sizeof *fit.texts);
    TRN_NEED_OUT(fit.series);
    TRN_NEED_OUT(fit.bins);
    TRN_NEED_OUT(fit.numbers);
    TRN_NEED_OUT(fit.texts);
    qsort(reads, count, sizeof *reads, by_series);
    TRN_TRY_OUT(fit_all(&fit, reads));
    snprintf(fit.name, sizeof fit.name, "%.480s-measured", base->name);
    status = trn_tech_create(ctx, file, options->name ? options->name : fit.name, fit.value,
                             fit.source, base->n_shapes, base->shapes, out_tech);
out:
    trn_free(ctx, fit.texts);
    trn_free(ctx, fit.numbers);
    trn_free(ctx, fit.bins);
    trn_free(ctx, fit.series);
    return status;
}
