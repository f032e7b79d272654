/* Rows given columns, then columns given rows, each the best there are. doc/remap.md. */
#include "sim/analog/fit.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/context.h"
#include "base/random.h"

/* Chosen here: less of a gain is rounding. */
static const double LEAST_GAIN = 1e-3;

void trn_fit_size_add(const struct trn_analog_plan *plan,
                      const struct trn_analog_crossbar *crossbar, struct trn_fit_size *size)
{
    size_t weights = crossbar->n_in * crossbar->n_out, cells = crossbar->rows * crossbar->places;
    size_t by_row = crossbar->n_in * crossbar->rows, by_place = crossbar->n_out * crossbar->places;
    size_t line = crossbar->rows > crossbar->places ? crossbar->rows : crossbar->places;
    size_t cost = by_row > by_place ? by_row : by_place;

    size->devices = plan->devices;
    size->weights = weights > size->weights ? weights : size->weights;
    size->cells = cells > size->cells ? cells : size->cells;
    size->cost = cost > size->cost ? cost : size->cost;
    size->line = line > size->line ? line : size->line;
}

trnnsf_status trn_fit_init(trnnsf_context *ctx, const struct trn_fit_size *size,
                           struct trn_fit *fit)
{
    for (int side = 0; side < 2; side++) {
        fit->weights[side] = trn_malloc(ctx, size->weights, sizeof(float));
        fit->targets[side] = trn_malloc(ctx, size->weights, size->devices * sizeof(float));
        fit->squares[side] = trn_malloc(ctx, size->weights, sizeof(float));
        if (!fit->weights[side] || !fit->targets[side] || !fit->squares[side])
            return TRN_NO_MEMORY;
    }
    fit->moments = trn_malloc(ctx, size->line, sizeof(float));
    fit->constant = trn_malloc(ctx, size->cells, sizeof(float));
    fit->slope = trn_malloc(ctx, size->cells, size->devices * sizeof(float));
    fit->flags = trn_malloc(ctx, size->cells, 1);
    fit->cost = trn_malloc(ctx, size->cost, sizeof(float));
    fit->error = trn_malloc(ctx, size->line, sizeof(float));
    fit->sum = trn_malloc(ctx, size->line, sizeof(float));
    fit->best = trn_malloc(ctx, 2 * size->line, sizeof(uint32_t));
    fit->trial = trn_malloc(ctx, 2 * size->line, sizeof(uint32_t));
    fit->drawn = trn_malloc(ctx, size->line, sizeof(uint32_t));
    if (!fit->moments || !fit->constant || !fit->slope || !fit->flags || !fit->cost ||
        !fit->error || !fit->sum || !fit->best || !fit->trial || !fit->drawn)
        return TRN_NO_MEMORY;
    return trn_assignment_init(ctx, size->line, size->line, &fit->assignment);
}

void trn_fit_clear(trnnsf_context *ctx, struct trn_fit *fit)
{
    for (int side = 0; side < 2; side++) {
        trn_free(ctx, fit->weights[side]);
        trn_free(ctx, fit->targets[side]);
        trn_free(ctx, fit->squares[side]);
    }
    trn_free(ctx, fit->moments);
    trn_free(ctx, fit->constant);
    trn_free(ctx, fit->slope);
    trn_free(ctx, fit->flags);
    trn_free(ctx, fit->cost);
    trn_free(ctx, fit->error);
    trn_free(ctx, fit->sum);
    trn_free(ctx, fit->best);
    trn_free(ctx, fit->trial);
    trn_free(ctx, fit->drawn);
    trn_assignment_clear(ctx, &fit->assignment);
}

/* One side of a crossbar: things are put at places, the others stand where they stand. */
struct side {
    int index; /* 0: inputs at rows, 1: outputs at their places */
    size_t n, places;
    size_t others;
    const uint32_t *other_place;
    const float *weight, *other_weight; /* s of things, or of the others; NULL: 1 */
    size_t step, other_step;            /* in cells, of a place */
};

static struct side side_of(const struct trn_fit *fit, int index, const uint32_t *place)
{
    struct side side = {.index = index};
    bool is_rows = index == 0;

    side.n = is_rows ? fit->n_in : fit->n_out;
    side.places = is_rows ? fit->rows : fit->places;
    side.others = is_rows ? fit->n_out : fit->n_in;
    side.other_place = is_rows ? place + fit->n_in : place;
    side.weight = is_rows ? fit->moments : NULL;
    side.other_weight = is_rows ? NULL : fit->moments;
    side.step = is_rows ? fit->places : 1;
    side.other_step = is_rows ? 1 : fit->places;
    return side;
}

/* Errors of good devices at `cell` for the weights of one other and things first …. */
static void plain_errors(const struct trn_fit *fit, const struct side *side, size_t other,
                         size_t cell, size_t first, size_t n, float *error)
{
    size_t cells = fit->rows * fit->places, weights = fit->n_in * fit->n_out;
    const float *weight = fit->weights[side->index] + other * side->n + first;
    float constant = fit->constant[cell];

    for (size_t t = 0; t < n; t++)
        error[t] = constant - weight[t];
    for (size_t d = 0; d < fit->scheme.devices; d++) {
        const float *target = fit->targets[side->index] + d * weights + other * side->n + first;
        float slope = fit->slope[d * cells + cell];

        if (slope == 0)
            continue;
        for (size_t t = 0; t < n; t++)
            error[t] += slope * target[t];
    }
}

/* The same where one device of a weight is good and does what it can. */
static void single_errors(const struct trn_fit *fit, const struct side *side, size_t other,
                          size_t cell, float slope, size_t first, size_t n, float *error)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: to the nearest whole number */
    const float *weight = fit->weights[side->index] + other * side->n + first;
    float constant = fit->constant[cell], steps = fit->scheme.steps;

    for (size_t t = 0; t < n; t++) {
        float target = (weight[t] - constant) / slope;

        target = target > 0 ? target : 0;
        error[t] = target < 1 ? target : 1;
    }
    if (steps > 0) {
        for (size_t t = 0; t < n; t++)
            error[t] = (error[t] * steps + shift - shift) / steps;
    }
    for (size_t t = 0; t < n; t++)
        error[t] = constant + slope * error[t] - weight[t];
}

/* The same of slices; returns how many weights are better for it. */
static size_t sliced_errors(const struct trn_fit *fit, const struct side *side, size_t other,
                            size_t cell, size_t first, size_t n, float *error)
{
    size_t cells = fit->rows * fit->places, weights = fit->n_in * fit->n_out, count = 0;
    const float *weight = fit->weights[side->index] + other * side->n + first;
    const float *target = fit->targets[side->index] + other * side->n + first;
    struct trn_cell own;
    float m[TRN_CELL_DEVICES];

    own.constant = fit->constant[cell];
    own.flags = fit->flags[cell];
    for (size_t d = 0; d < fit->scheme.devices; d++)
        own.slope[d] = fit->slope[d * cells + cell];
    for (size_t t = 0; t < n; t++) {
        for (size_t d = 0; d < fit->scheme.devices; d++)
            m[d] = target[d * weights + t];
        count += trn_cell_compensate(&fit->scheme, &own, weight[t], m, &error[t]);
    }
    return count;
}

static void errors(const struct trn_fit *fit, const struct side *side, size_t other, size_t cell,
                   size_t first, size_t n, float *error)
{
    float slope = 0;

    if (!fit->compensates || !(fit->flags[cell] & TRN_CELL_STUCK)) {
        plain_errors(fit, side, other, cell, first, n, error);
        return;
    }
    if (fit->scheme.slices > 1) {
        (void)sliced_errors(fit, side, other, cell, first, n, error);
        return;
    }
    for (size_t d = 0; d < fit->scheme.devices; d++) {
        float own = fit->slope[d * fit->rows * fit->places + cell];

        slope = own != 0 ? own : slope;
    }
    if (slope == 0)
        plain_errors(fit, side, other, cell, first, n, error);
    else
        single_errors(fit, side, other, cell, slope, first, n, error);
}

/* cost[things x places], less what things cost on good devices. */
static void set_costs(struct trn_fit *fit, const struct side *side)
{
    for (size_t p = 0; p < side->places; p++) {
        for (size_t t = 0; t < side->n; t++)
            fit->sum[t] = 0;
        for (size_t k = 0; k < side->others; k++) {
            size_t cell = p * side->step + side->other_place[k] * side->other_step;
            const float *square = fit->squares[side->index] + k * side->n;
            float weight = side->other_weight ? side->other_weight[k] : 1;

            if (!(fit->flags[cell] & TRN_CELL_ODD))
                continue;
            errors(fit, side, k, cell, 0, side->n, fit->error);
            for (size_t t = 0; t < side->n; t++)
                fit->sum[t] += weight * (fit->error[t] * fit->error[t] - square[t]);
        }
        for (size_t t = 0; t < side->n; t++)
            fit->cost[t * side->places + p] = fit->sum[t] * (side->weight ? side->weight[t] : 1);
    }
}

static double total_of(struct trn_fit *fit, const uint32_t *place)
{
    struct side side = side_of(fit, 0, place);
    double total = fit->base;

    for (size_t o = 0; o < fit->n_out; o++) {
        double sum = 0;

        for (size_t i = 0; i < fit->n_in; i++) {
            size_t cell = place[i] * fit->places + side.other_place[o];
            float error;

            if (!(fit->flags[cell] & TRN_CELL_ODD))
                continue;
            errors(fit, &side, o, cell, i, 1, &error);
            sum += (double)fit->moments[i] *
                   (double)(error * error - fit->squares[0][o * fit->n_in + i]);
        }
        total += sum;
    }
    return total;
}

/* Weights, targets and errors on good devices, both ways round. */
static void set_weights(struct trn_fit *fit, const struct trn_analog_plan *plan)
{
    const struct trn_analog_crossbar *crossbar = fit->scheme.crossbar;
    size_t n_in = fit->n_in, n_out = fit->n_out, n = n_in * n_out;

    for (size_t o = 0; o < n_out; o++) {
        for (size_t d = 0; d < plan->devices; d++)
            trn_analog_target(plan, crossbar, o, d, fit->targets[0] + d * n + o * n_in);
    }
    for (size_t k = 0; k < n; k++) {
        fit->weights[0][k] = crossbar->sign * crossbar->weights[k];
        fit->squares[0][k] = -fit->weights[0][k];
    }
    for (size_t d = 0; d < plan->devices; d++) {
        size_t slice = d / plan->signs;
        float slope = fit->scheme.coefficient[slice] * (float)(1 - plan->off);
        float reference = plan->signs == 1 ? fit->scheme.reference[slice] : 0;

        slope = d % plan->signs == 0 ? slope : -slope;
        for (size_t k = 0; k < n; k++)
            fit->squares[0][k] += slope * (fit->targets[0][d * n + k] - reference);
    }
    fit->base = 0;
    for (size_t k = 0; k < n; k++) {
        fit->squares[0][k] *= fit->squares[0][k];
        fit->base += (double)fit->moments[k % n_in] * (double)fit->squares[0][k];
    }
    for (size_t o = 0; o < n_out; o++) {
        for (size_t i = 0; i < n_in; i++) {
            fit->weights[1][i * n_out + o] = fit->weights[0][o * n_in + i];
            fit->squares[1][i * n_out + o] = fit->squares[0][o * n_in + i];
            for (size_t d = 0; d < plan->devices; d++)
                fit->targets[1][d * n + i * n_out + o] = fit->targets[0][d * n + o * n_in + i];
        }
    }
}

static void set_cells(struct trn_fit *fit)
{
    size_t cells = fit->rows * fit->places;
    struct trn_cell cell;

    for (size_t row = 0; row < fit->rows; row++) {
        for (size_t p = 0; p < fit->places; p++) {
            size_t at = row * fit->places + p;

            trn_cell_make(&fit->scheme, row, p, &cell);
            fit->constant[at] = cell.constant;
            fit->flags[at] = (uint8_t)cell.flags;
            for (size_t d = 0; d < fit->scheme.devices; d++)
                fit->slope[d * cells + at] = cell.slope[d];
        }
    }
}

static bool is_cancelled(trnnsf_context *ctx)
{
    return atomic_load(&ctx->cancel) != 0;
}

/* Puts the things of one side where they cost least; keeps it where that gains. */
static bool improve(struct trn_fit *fit, int index, uint32_t *place, double *total)
{
    struct side side = side_of(fit, index, place);
    size_t start = index == 0 ? 0 : fit->n_in;
    double now;

    set_costs(fit, &side);
    memcpy(fit->drawn, place + start, side.n * sizeof *place);
    trn_assign(&fit->assignment, side.n, side.places, fit->cost, place + start);
    now = total_of(fit, place);
    if (now < *total - LEAST_GAIN * fabs(*total)) {
        *total = now;
        return true;
    }
    memcpy(place + start, fit->drawn, side.n * sizeof *place);
    return false;
}

/* Each side in turn, until neither gains. */
static void improve_both(trnnsf_context *ctx, struct trn_fit *fit, uint32_t rounds, uint32_t *place,
                         double *total)
{
    uint32_t idle = 0;

    for (uint32_t step = 0; step < 2 * rounds && idle < 2 && !is_cancelled(ctx); step++)
        idle = improve(fit, (int)(step % 2), place, total) ? 0 : idle + 1;
}

/* Places of outputs drawn, inputs as mapped. */
static void draw_start(struct trn_fit *fit, uint64_t seed, size_t crossbar, uint32_t start,
                       uint32_t *place)
{
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_REMAP, (uint32_t)crossbar);
    trn_random_seek(&random, start);
    for (size_t p = 0; p < fit->places; p++)
        fit->drawn[p] = (uint32_t)p;
    trn_random_shuffle(&random, fit->drawn, fit->places);
    for (size_t i = 0; i < fit->n_in; i++)
        place[i] = (uint32_t)i;
    memcpy(place + fit->n_in, fit->drawn, fit->n_out * sizeof *place);
}

static void find_lines(trnnsf_context *ctx, struct trn_fit *fit, size_t crossbar,
                       const struct trnnsf_remap_options *options, double *best)
{
    size_t n = fit->n_in + fit->n_out;

    memcpy(fit->trial, fit->best, n * sizeof *fit->trial);
    for (uint32_t start = 0; start<options->starts && * best> fit->base * (1 + LEAST_GAIN);
         start++) {
        double total = *best;

        if (start > 0) {
            draw_start(fit, options->seed, crossbar, start, fit->trial);
            total = total_of(fit, fit->trial);
        }
        improve_both(ctx, fit, options->rounds, fit->trial, &total);
        if (total < *best) {
            *best = total;
            memcpy(fit->best, fit->trial, n * sizeof *fit->best);
        }
    }
}

static uint64_t count_compensated(const struct trn_fit *fit, const uint32_t *place)
{
    struct side side = side_of(fit, 0, place);
    uint64_t count = 0;
    float error;

    for (size_t o = 0; o < fit->n_out; o++) {
        for (size_t i = 0; i < fit->n_in; i++) {
            size_t cell = place[i] * fit->places + side.other_place[o];

            if (fit->flags[cell] & TRN_CELL_STUCK)
                count += sliced_errors(fit, &side, o, cell, i, 1, &error);
        }
    }
    return count;
}

static double signal_of(const struct trn_fit *fit)
{
    double sum = 0;

    for (size_t k = 0; k < fit->n_in * fit->n_out; k++)
        sum += (double)fit->moments[k % fit->n_in] * (double)fit->weights[0][k] *
               (double)fit->weights[0][k];
    return sum;
}

void trn_fit_crossbar(trnnsf_context *ctx, struct trn_fit *fit, const struct trn_analog_plan *plan,
                      size_t c, const struct trnnsf_fault_map *faults,
                      const struct trnnsf_remap_options *options, uint32_t *place,
                      struct trn_remap_sums *sums)
{
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const double *moments = plan->layers[crossbar->layer].moments;

    trn_cell_scheme_init(plan, c, faults, &fit->scheme);
    fit->n_in = crossbar->n_in;
    fit->n_out = crossbar->n_out;
    fit->rows = options->spare ? crossbar->rows : crossbar->n_in;
    fit->places = options->spare ? crossbar->places : crossbar->n_out;
    for (size_t i = 0; i < fit->n_in; i++) {
        fit->moments[i] = moments ? (float)moments[crossbar->inputs[i]] : 1;
        fit->best[i] = (uint32_t)i;
    }
    for (size_t o = 0; o < fit->n_out; o++)
        fit->best[fit->n_in + o] = (uint32_t)o;
    set_weights(fit, plan);
    set_cells(fit);
    fit->compensates = false;
    sums->signal = signal_of(fit);
    sums->before = total_of(fit, fit->best);
    fit->compensates = options->means & TRNNSF_REMAP_COMPENSATION;
    sums->after = fit->compensates ? total_of(fit, fit->best) : sums->before;
    if (options->means & TRNNSF_REMAP_LINES)
        find_lines(ctx, fit, c, options, &sums->after);
    sums->compensated = fit->compensates ? count_compensated(fit, fit->best) : 0;
    memcpy(place, fit->best, (fit->n_in + fit->n_out) * sizeof *place);
}
