#include "sim/analog/lines.h"

#include "base/context.h"
#include "base/sort.h"
#include "sim/analog/cell.h"

void trn_analog_moved_free(trnnsf_context *ctx, struct trn_analog_moved *moved)
{
    if (!moved)
        return;
    trn_free(ctx, moved->lines.start);
    trn_free(ctx, moved->lines.at);
    trn_free(ctx, moved->lines.line);
    trn_free(ctx, moved->lines.rank);
    trn_free(ctx, moved);
}

static trnnsf_status allocate(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                              struct trn_analog_lines *lines)
{
    size_t count = 0;

    for (size_t c = 0; c < plan->n_crossbars; c++)
        count += plan->crossbars[c].n_in + plan->crossbars[c].n_out;
    lines->start = trn_malloc(ctx, plan->n_crossbars, sizeof *lines->start);
    lines->at = trn_malloc(ctx, count, sizeof *lines->at);
    lines->line = trn_malloc(ctx, count, sizeof *lines->line);
    lines->rank = trn_malloc(ctx, count, sizeof *lines->rank);
    return lines->start && lines->at && lines->line && lines->rank ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* n lines at places of their own: the places ascending, which line is there, and a line's rank. */
static void set_order(size_t n, const uint32_t *place, uint32_t *at, uint32_t *line, uint32_t *rank)
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
        line[low] = (uint32_t)k;
        rank[k] = (uint32_t)low;
    }
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
    struct trn_analog_lines *lines;
    size_t start = 0;

    if (!moved)
        return TRN_NO_MEMORY;
    lines = &moved->lines;
    moved->plan = *plan;
    moved->plan.lines = lines;
    moved->plan.effects = effects_of(plan, faults);
    lines->faults = faults;
    lines->compensates = remap->means & TRNNSF_REMAP_COMPENSATION;
    TRN_TRY_OUT(allocate(ctx, plan, lines));
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        size_t n_in = plan->crossbars[c].n_in, n_out = plan->crossbars[c].n_out;
        size_t outputs = start + n_in;
        const uint32_t *place = remap->place + remap->crossbars[c].start;

        lines->start[c] = start;
        set_order(n_in, place, lines->at + start, lines->line + start, lines->rank + start);
        set_order(n_out, place + n_in, lines->at + outputs, lines->line + outputs,
                  lines->rank + outputs);
        start = outputs + n_out;
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
                       size_t place, float *m)
{
    const struct trn_analog_plan *plan = write->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const uint32_t *rows = plan->lines->at + plan->lines->start[c];
    struct trn_cell_scheme scheme;
    struct trn_cell cell;
    float targets[TRN_CELL_DEVICES], error;

    trn_cell_scheme_init(plan, c, plan->lines->faults, &scheme);
    for (size_t i = 0; i < crossbar->n_in; i++) {
        float weight = crossbar->sign * crossbar->weights[output * crossbar->n_in + i];

        trn_cell_make(&scheme, rows[trn_lines_row(plan, c, i)], place, &cell);
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
    uint64_t first;
    struct trn_write_known known;
};

/* The rows of a column that are used, ascending, and what belongs to them. */
struct used {
    size_t n;
    const uint32_t *rows, *line;
    const float *m; /* by line */
    float *x;
    double *early, *late;
};

/* Rows next … of those used that are in the piece; returns the next one. */
static size_t write_piece(struct trn_write *write, const struct piece *piece,
                          const struct used *used, size_t next)
{
    float target[TRN_WRITE_CELLS] = {0}, now[TRN_WRITE_CELLS], start[TRN_WRITE_CELLS];
    size_t end = next;
    double unused = 0, sums[2] = {0, 0};

    while (end < used->n && used->rows[end] < piece->row + piece->n) {
        target[used->rows[end] - piece->row] = used->m[used->line[end]];
        end++;
    }
    if (end == next)
        return end;
    write->known = &piece->known;
    write->start = start;
    trn_write_cells(write, piece->first, piece->n, target, now, &unused, &unused);
    for (size_t k = next; k < end; k++) {
        size_t at = used->rows[k] - piece->row;

        used->x[used->line[k]] = now[at];
        sums[0] += (double)start[at];
        sums[1] += (double)now[at];
    }
    *used->early += sums[0];
    *used->late += sums[1];
    return end;
}

void trn_lines_write(const struct trn_write *given, size_t c, size_t output, size_t device,
                     float *m, float *x, double *early, double *late)
{
    const struct trn_analog_plan *plan = given->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const struct trn_analog_lines *lines = plan->lines;
    const struct trnnsf_fault_map *faults = lines->faults;
    const uint32_t *at = lines->at + lines->start[c], *rank = lines->rank + lines->start[c];
    size_t place = output < crossbar->n_out ? at[crossbar->n_in + rank[crossbar->n_in + output]]
                                            : crossbar->places;
    size_t start = faults->crossbars[c].start +
                   trn_fault_column(plan, crossbar, place, device) * crossbar->rows;
    struct used used = {crossbar->n_in, at, lines->line + lines->start[c], m, x, early, late};
    struct trn_write write = *given;
    struct trn_fault_stretch stretch[2];
    size_t count = trn_fault_stretches(plan, crossbar, place, device, stretch), next = 0;
    bool has_ranges = faults->on && trn_analog_has(plan, TRNNSF_ANALOG_VARIATION);

    if (lines->compensates && output < crossbar->n_out)
        compensate(given, c, output, device, place, m);
    for (size_t s = 0; s < count; s++) {
        write.is_spare = stretch[s].is_spare;
        for (size_t i = 0; i < stretch[s].n; i += TRN_WRITE_CELLS) {
            size_t row = stretch[s].row + i, left = stretch[s].n - i;
            struct piece piece = {row,
                                  left < TRN_WRITE_CELLS ? left : TRN_WRITE_CELLS,
                                  stretch[s].first + i,
                                  {faults->fault + start + row,
                                   has_ranges ? faults->on + start + row : NULL,
                                   has_ranges ? faults->off + start + row : NULL}};

            next = write_piece(&write, &piece, &used, next);
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
