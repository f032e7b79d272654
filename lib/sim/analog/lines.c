#include "sim/analog/lines.h"

#include <string.h>

#include "base/context.h"
#include "base/sort.h"
#include "sim/analog/cell.h"

void trn_analog_moved_free(trnnsf_context *ctx, struct trn_analog_moved *moved)
{
    if (!moved)
        return;
    trn_free(ctx, moved->plan.crossbars);
    trn_free(ctx, moved->plan.index);
    trn_free(ctx, moved->plan.weights);
    trn_free(ctx, moved->lines.start);
    trn_free(ctx, moved->lines.at);
    trn_free(ctx, moved);
}

static trnnsf_status allocate(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                              struct trn_analog_moved *moved)
{
    size_t lines = 0, weights = 0, n = plan->n_crossbars;

    for (size_t c = 0; c < n; c++) {
        lines += plan->crossbars[c].n_in + plan->crossbars[c].n_out;
        weights += plan->crossbars[c].n_in * plan->crossbars[c].n_out;
    }
    moved->plan.crossbars = trn_copy(ctx, plan->crossbars, n, sizeof *plan->crossbars);
    moved->plan.index = trn_malloc(ctx, lines, sizeof *moved->plan.index);
    moved->plan.weights = trn_malloc(ctx, weights, sizeof *moved->plan.weights);
    moved->lines.start = trn_malloc(ctx, n, sizeof *moved->lines.start);
    moved->lines.at = trn_malloc(ctx, lines, sizeof *moved->lines.at);
    return moved->plan.crossbars && moved->plan.index && moved->plan.weights &&
                   moved->lines.start && moved->lines.at
               ? TRNNSF_OK
               : TRN_NO_MEMORY;
}

/* Where things of place[n] < room stand, ascending: at[n], and which they are: thing[n]. Things
 * whose places are taken twice would be lost: a remapping has none. */
static void in_order(size_t n, const uint32_t *place, uint32_t *at, uint32_t *thing)
{
    for (size_t k = 0; k < n; k++)
        at[k] = place[k];
    trn_sort_indices(at, n);
    for (size_t k = 0; k < n; k++) {
        size_t low = 0, high = n;

        while (high - low > 1) {
            size_t middle = low + (high - low) / 2;

            if (at[middle] <= place[k])
                low = middle;
            else
                high = middle;
        }
        thing[low] = (uint32_t)k;
    }
}

/* Inputs, outputs and weights of a crossbar in the order of lines; index[] holds the order until it
 * is replaced by the neurons. */
static void move_lines(const struct trn_analog_crossbar *from, uint32_t *index, float *weights,
                       struct trn_analog_crossbar *crossbar)
{
    size_t n_in = from->n_in;
    uint32_t *inputs = index, *outputs = index + n_in;

    for (size_t o = 0; o < from->n_out; o++) {
        for (size_t i = 0; i < n_in; i++)
            weights[o * n_in + i] = from->weights[outputs[o] * n_in + inputs[i]];
    }
    crossbar->adjoining = from->adjoining;
    for (size_t i = 0; i < n_in; i++) {
        crossbar->adjoining = crossbar->adjoining && inputs[i] == i;
        inputs[i] = from->inputs[inputs[i]];
    }
    for (size_t o = 0; o < from->n_out; o++)
        outputs[o] = from->outputs[outputs[o]];
    crossbar->inputs = inputs;
    crossbar->outputs = outputs;
    crossbar->weights = weights;
}

/* What is known takes place though the technology be ideal, where the options allow it. */
static uint32_t effects_of(const struct trn_analog_plan *plan,
                           const struct trnnsf_fault_map *faults)
{
    uint32_t more = faults->on ? TRNNSF_ANALOG_VARIATION : 0;

    for (size_t k = 0; k < faults->n_devices; k++)
        more |= faults->fault[k] != TRNNSF_FAULT_NONE ? TRNNSF_ANALOG_STUCK : 0;
    return plan->effects | (plan->options.effects & more);
}

trnnsf_status trn_analog_moved_new(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                   const struct trnnsf_fault_map *faults,
                                   const struct trnnsf_remap *remap,
                                   struct trn_analog_moved **out_moved)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_analog_moved *moved = TRN_NEW(ctx, struct trn_analog_moved);
    size_t line = 0, weight = 0;

    if (!moved)
        return TRN_NO_MEMORY;
    moved->plan = *plan;
    moved->plan.crossbars = NULL;
    moved->plan.index = NULL;
    moved->plan.weights = NULL;
    moved->plan.lines = &moved->lines;
    moved->plan.effects = effects_of(plan, faults);
    moved->lines.faults = faults;
    moved->lines.compensates = remap->means & TRNNSF_REMAP_COMPENSATION;
    TRN_TRY_OUT(allocate(ctx, plan, moved));
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *from = &plan->crossbars[c];
        const uint32_t *place = remap->place + remap->crossbars[c].start;
        uint32_t *at = moved->lines.at + line, *index = moved->plan.index + line;

        moved->lines.start[c] = line;
        in_order(from->n_in, place, at, index);
        in_order(from->n_out, place + from->n_in, at + from->n_in, index + from->n_in);
        move_lines(from, index, moved->plan.weights + weight, &moved->plan.crossbars[c]);
        line += from->n_in + from->n_out;
        weight += from->n_in * from->n_out;
    }
out:
    if (status == TRNNSF_OK)
        *out_moved = moved;
    else
        trn_analog_moved_free(ctx, moved);
    return status;
}

/* Targets that make up for stuck devices. */
static void compensate(const struct trn_write *write, size_t c, size_t output, size_t device,
                       const uint32_t *rows, size_t place, float *m)
{
    const struct trn_analog_plan *plan = write->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    struct trn_cell_scheme scheme;
    struct trn_cell cell;
    float targets[TRN_CELL_DEVICES], error;

    trn_cell_scheme_init(plan, c, plan->lines->faults, &scheme);
    for (size_t i = 0; i < crossbar->n_in; i++) {
        float weight = crossbar->sign * crossbar->weights[output * crossbar->n_in + i];

        trn_cell_make(&scheme, rows[i], place, &cell);
        if (!(cell.flags & TRN_CELL_STUCK))
            continue;
        trn_analog_targets_of(plan, crossbar, output, i, targets);
        if (trn_cell_compensate(&scheme, &cell, weight, targets, &error))
            m[i] = targets[device];
    }
}

/* A physical column by pieces; only rows that are used are kept. */
struct piece {
    size_t row, n; /* physical */
    const uint8_t *fault;
    const float *on, *off;
};

/* Lines line … of rows[n_in] that are in the piece; returns the next one. */
static size_t write_piece(struct trn_write *write, const struct piece *piece, uint64_t first,
                          const uint32_t *rows, size_t line, size_t n_in, const float *m, float *x,
                          double *early, double *late)
{
    float target[TRN_WRITE_CELLS] = {0}, now[TRN_WRITE_CELLS], start[TRN_WRITE_CELLS];
    struct trn_write_known known = {piece->fault, piece->on, piece->off};
    size_t end = line;
    double unused = 0, sums[2] = {0, 0};

    while (end < n_in && rows[end] < piece->row + piece->n) {
        target[rows[end] - piece->row] = m[end];
        end++;
    }
    if (end == line)
        return end;
    write->known = &known;
    write->start = start;
    trn_write_cells(write, first, piece->n, target, now, &unused, &unused);
    for (size_t i = line; i < end; i++) {
        x[i] = now[rows[i] - piece->row];
        sums[0] += (double)start[rows[i] - piece->row];
        sums[1] += (double)x[i];
    }
    *early += sums[0];
    *late += sums[1];
    return end;
}

void trn_lines_write(const struct trn_write *given, size_t c, size_t output, size_t device,
                     float *m, float *x, double *early, double *late)
{
    const struct trn_analog_plan *plan = given->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const struct trn_analog_lines *lines = plan->lines;
    const struct trnnsf_fault_map *faults = lines->faults;
    const uint32_t *rows = lines->at + lines->start[c];
    size_t place = output < crossbar->n_out ? rows[crossbar->n_in + output] : crossbar->places;
    size_t start = faults->crossbars[c].start +
                   trn_fault_column(plan, crossbar, place, device) * crossbar->rows;
    struct trn_write write = *given;
    struct trn_fault_stretch stretch[2];
    size_t count = trn_fault_stretches(plan, crossbar, place, device, stretch), line = 0;
    bool has_ranges = faults->on && trn_analog_has(plan, TRNNSF_ANALOG_VARIATION);

    if (lines->compensates && output < crossbar->n_out)
        compensate(given, c, output, device, rows, place, m);
    for (size_t s = 0; s < count; s++) {
        write.is_spare = stretch[s].is_spare;
        for (size_t i = 0; i < stretch[s].n; i += TRN_WRITE_CELLS) {
            size_t at = start + stretch[s].row + i;
            struct piece piece = {stretch[s].row + i,
                                  stretch[s].n - i < TRN_WRITE_CELLS ? stretch[s].n - i
                                                                     : TRN_WRITE_CELLS,
                                  faults->fault + at, has_ranges ? faults->on + at : NULL,
                                  has_ranges ? faults->off + at : NULL};

            line = write_piece(&write, &piece, stretch[s].first + i, rows, line, crossbar->n_in, m,
                               x, early, late);
        }
    }
}

trnnsf_status trn_analog_make_chip(trnnsf_context *ctx, const char *function,
                                   const struct trn_analog_plan *plan, uint32_t chip,
                                   const struct trnnsf_fault_map *faults,
                                   const struct trnnsf_remap *remap, struct trn_analog_plan *own,
                                   struct trnnsf_analog **out_analog)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_remap_options options = TRNNSF_REMAP_OPTIONS_INIT;
    struct trnnsf_fault_map *drawn = NULL;
    struct trnnsf_remap *made = NULL;
    struct trn_analog_moved *moved = NULL;

    if (!faults && !remap && plan->options.remap == TRNNSF_REMAP_NONE)
        return trn_analog_write(ctx, function, plan, chip, own, out_analog);
    options.seed = plan->options.seed;
    options.means = plan->options.remap;
    options.starts = plan->options.remap_starts;
    if (!faults)
        TRN_TRY_OUT(trn_fault_map_draw(ctx, plan, chip, &drawn));
    faults = faults ? faults : drawn;
    if (!remap)
        TRN_TRY_OUT(trn_remap_solve(ctx, function, plan, faults, &options, &made));
    remap = remap ? remap : made;
    TRN_TRY_OUT(trn_analog_moved_new(ctx, plan, faults, remap, &moved));
    TRN_TRY_OUT(trn_analog_write(ctx, function, &moved->plan, chip, own, out_analog));
    moved->lines.faults = NULL;
    (*out_analog)->moved = moved;
    moved = NULL;
out:
    trn_analog_moved_free(ctx, moved);
    trn_remap_free(made);
    trn_fault_map_free(drawn);
    return status;
}
