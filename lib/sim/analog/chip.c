/* One chip's devices and matrices. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "sim/analog/analog.h"
#include "sim/analog/lines.h"
#include "sim/analog/normals.h"
#include "sim/analog/write.h"

void trn_analog_free(struct trnnsf_analog *analog)
{
    if (!analog)
        return;

    trnnsf_context *ctx = analog->ctx;
    for (size_t k = 0; analog->wires && k < analog->plan->n_crossbars * analog->plan->arrays; k++)
        trn_wires_free(analog->wires[k]);
    trn_free(ctx, analog->wires);
    trn_free(ctx, analog->cell_start);
    trn_free(ctx, analog->x);
    trn_free(ctx, analog->row_start);
    trn_free(ctx, analog->sums);
    trn_free(ctx, analog->noise_start);
    trn_free(ctx, analog->noise);
    trn_free(ctx, analog->gain);
    trn_free(ctx, analog->order);
    trn_free(ctx, analog->sets);
    trn_free(ctx, analog->driven);
    trn_analog_moved_free(ctx, analog->moved);
    if (analog->own)
        trn_analog_plan_clear(analog->own);
    trn_free(ctx, analog->own);
    trn_free(ctx, analog);
    trn_context_release(ctx);
}

struct column {
    uint32_t crossbar;
    uint32_t output; /* or n_out: a reference */
    uint32_t device;
    double early, late; /* sums of x */
};

struct work {
    const struct trnnsf_analog *analog;
    size_t n_columns, n_tasks;
    struct column *columns; /* of all crossbars */
    float *targets;         /* [workers x longest side] */
    float *physical;        /* [workers x largest crossbar] */
    size_t longest, largest;
};

/* Columns of a task: chosen here, some 16 thousand devices. */
static size_t columns_a_task(const struct work *work)
{
    size_t count = work->longest ? 16384 / work->longest : 1;

    return count ? count : 1;
}

static void write_column(const struct work *work, struct column *column, float *m)
{
    const struct trnnsf_analog *analog = work->analog;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[column->crossbar];
    size_t place = trn_analog_column(plan, crossbar, column->output, column->device);
    uint64_t first = (uint64_t)place * trn_normals_whole(crossbar->n_in);
    float *x = analog->x + analog->cell_start[column->crossbar] + place * crossbar->n_in;
    struct trn_write write = {.plan = plan,
                              .seed = plan->options.seed,
                              .item = (uint64_t)analog->chip << 32 | column->crossbar};

    trn_analog_target(plan, crossbar, column->output, column->device, m);
    if (plan->lines) {
        trn_lines_write(&write, column->crossbar, column->output, column->device, m, x,
                        &column->early, &column->late);
        return;
    }
    for (size_t i = 0; i < crossbar->n_in; i += TRN_WRITE_CELLS) {
        size_t n = crossbar->n_in - i < TRN_WRITE_CELLS ? crossbar->n_in - i : TRN_WRITE_CELLS;

        trn_write_cells(&write, first + i, n, m + i, x + i, &column->early, &column->late);
    }
}

static void write_task(void *argument, size_t task, size_t worker)
{
    struct work *work = argument;
    size_t count = columns_a_task(work), first = task * count;

    for (size_t c = first; c < first + count && c < work->n_columns; c++)
        write_column(work, &work->columns[c], work->targets + worker * work->longest);
}

/* Weights as they are, where nothing happens to devices: no rounding on the way there and back. */
static bool is_exact(const struct trn_analog_plan *plan)
{
    return !trn_analog_has(plan, TRN_ANALOG_DEVICE_EFFECTS | TRNNSF_ANALOG_WIRES) &&
           plan->groups == 1 && !plan->codes;
}

static bool has_devices(const struct trn_analog_plan *plan)
{
    return !plan->sums_only || !is_exact(plan);
}

static void read_noise(const struct trn_analog_plan *plan, size_t n, const float *x,
                       const float *transfer, float *variance)
{
    float part = (float)(plan->value[TRN_TECH_READ_SIGMA] * plan->value[TRN_TECH_READ_SIGMA]);
    float on = (float)(plan->value[TRN_TECH_READ_SIGMA_ON] * plan->value[TRN_TECH_READ_SIGMA_ON]);

    for (size_t k = 0; k < n; k++) {
        float reach = x[k] > 0 ? transfer[k] / x[k] : transfer == x ? 1.0f : 0.0f;

        variance[k] = (part * x[k] * x[k] + on) * reach * reach;
    }
}

/* `physical` holds the conductances, or the transfer matrix; it is overwritten. */
static void decode(const struct trnnsf_analog *analog, size_t c, const float *transfer,
                   float *scratch)
{
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const float *x = analog->x + analog->cell_start[c];
    float *sums = analog->sums + analog->row_start[c];
    size_t cells = trn_analog_physical(plan, crossbar) * crossbar->n_in;

    if (is_exact(plan)) {
        for (size_t k = 0; k < crossbar->n_out * crossbar->n_in; k++)
            sums[k] = crossbar->sign * crossbar->weights[k];
    } else {
        trn_analog_combine(plan, crossbar, crossbar->n_in, transfer, crossbar->n_in, sums,
                           crossbar->n_in);
    }
    if (analog->noise) {
        read_noise(plan, cells, x, transfer, scratch);
        trn_analog_combine_noise(plan, crossbar, crossbar->n_in, scratch,
                                 analog->noise + analog->noise_start[c]);
    }
}

static void decode_task(void *argument, size_t task, size_t worker)
{
    struct work *work = argument;

    decode(work->analog, task, work->analog->x + work->analog->cell_start[task],
           work->physical + worker * work->largest);
}

static trnnsf_status decode_wires(trnnsf_context *ctx, const char *function,
                                  struct trnnsf_analog *analog, const struct work *work)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    float *transfer = NULL;

    transfer = TRN_NEW_ARRAY(ctx, float, work->largest);
    TRN_NEED_OUT(transfer);
    if (plan->by_vector) {
        analog->wires = TRN_NEW_ARRAY(ctx, struct trnnsf_wires *, plan->n_crossbars * plan->arrays);
        TRN_NEED_OUT(analog->wires);
    }
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "analog"));
        if (plan->by_vector)
            TRN_TRY_OUT(trn_analog_make_wires(ctx, function, analog, c));
        else
            TRN_TRY_OUT(trn_analog_transfer(ctx, function, analog, c, transfer));
        decode(analog, c, plan->by_vector ? analog->x + analog->cell_start[c] : transfer,
               work->physical);
    }
out:
    trn_free(ctx, transfer);
    return status;
}

/* What a crossbar's devices have lost together, or, where sums are analog, a layer's. */
static void set_gains(const struct work *work)
{
    const struct trnnsf_analog *analog = work->analog;
    const struct trn_analog_plan *plan = analog->plan;
    bool is_layer = plan->value[TRN_TECH_ANALOG_SUMS] > 0;
    bool is_on = plan->options.compensation &&
                 trn_analog_has(plan, TRNNSF_ANALOG_DRIFT | TRNNSF_ANALOG_RETENTION);
    size_t column = 0;

    for (size_t c = 0; c < plan->n_crossbars;) {
        size_t end = c + 1;
        double early = 0, late = 0;

        while (is_layer && end < plan->n_crossbars &&
               plan->crossbars[end].layer == plan->crossbars[c].layer)
            end++;
        for (; column < work->n_columns && work->columns[column].crossbar < end; column++) {
            early += work->columns[column].early;
            late += work->columns[column].late;
        }
        for (; c < end; c++)
            analog->gain[c] = is_on && late > 0 ? (float)(early / late) : 1.0f;
    }
}

/* Where everything stands; arrays are made. */
static trnnsf_status allocate(trnnsf_context *ctx, struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t n = plan->n_crossbars;
    bool is_noisy = trn_analog_has(plan, TRNNSF_ANALOG_READ_NOISE);

    analog->cell_start = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    analog->row_start = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    analog->noise_start = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    analog->gain = TRN_NEW_ARRAY(ctx, float, n);
    if (!analog->cell_start || !analog->row_start || !analog->noise_start || !analog->gain)
        return TRN_NO_MEMORY;
    for (size_t c = 0; c < n; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
        size_t rows = plan->groups * crossbar->n_in;

        analog->cell_start[c + 1] =
            analog->cell_start[c] + trn_analog_physical(plan, crossbar) * crossbar->n_in;
        analog->row_start[c + 1] = analog->row_start[c] + trn_analog_rows(plan, crossbar) * rows;
        analog->noise_start[c + 1] =
            analog->noise_start[c] + trn_analog_noise_rows(plan, crossbar) * rows;
    }
    analog->x = trn_malloc(ctx, has_devices(plan) ? analog->cell_start[n] : 0, sizeof *analog->x);
    analog->sums = trn_malloc(ctx, analog->row_start[n], sizeof *analog->sums);
    if (!analog->x || !analog->sums)
        return TRN_NO_MEMORY;
    if (is_noisy)
        analog->noise = trn_malloc(ctx, analog->noise_start[n], sizeof *analog->noise);
    return is_noisy && !analog->noise ? TRN_NO_MEMORY : TRNNSF_OK;
}

static void list_columns(const struct trn_analog_plan *plan, struct column *column)
{
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        size_t n_out = plan->crossbars[c].n_out;
        size_t outputs = n_out + (plan->scheme != TRN_ANALOG_PAIR);

        for (size_t o = 0; o < outputs; o++) {
            for (size_t d = 0; d < plan->devices; d++)
                *column++ = (struct column){(uint32_t)c, (uint32_t)o, (uint32_t)d, 0, 0};
        }
    }
}

static trnnsf_status prepare(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                             struct work *work)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t workers = ctx->threads, count;

    for (size_t c = 0; c < plan->n_crossbars; c++) {
        size_t n_in = plan->crossbars[c].n_in;
        size_t cells = analog->cell_start[c + 1] - analog->cell_start[c];

        work->n_columns += trn_analog_physical(plan, &plan->crossbars[c]);
        work->longest = n_in > work->longest ? n_in : work->longest;
        work->largest = cells > work->largest ? cells : work->largest;
    }
    count = columns_a_task(work);
    work->n_tasks = (work->n_columns + count - 1) / count;
    work->columns = TRN_NEW_ARRAY(ctx, struct column, work->n_columns);
    work->targets = trn_malloc(ctx, workers * work->longest, sizeof(float));
    work->physical = trn_malloc(ctx, analog->noise ? workers * work->largest : 0, sizeof(float));
    if (!work->columns || !work->targets || !work->physical)
        return TRN_NO_MEMORY;
    list_columns(plan, work->columns);
    return TRNNSF_OK;
}

trnnsf_status trn_analog_write(trnnsf_context *ctx, const char *function,
                               const struct trn_analog_plan *plan, uint32_t chip,
                               struct trn_analog_plan *own, struct trnnsf_analog **out_analog)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_analog *analog = TRN_NEW(ctx, struct trnnsf_analog);
    struct work work = {.analog = analog};

    if (!analog)
        return TRN_NO_MEMORY;
    analog->ctx = trn_context_retain(ctx);
    analog->plan = plan;
    analog->chip = chip;
    TRN_TRY_OUT(allocate(ctx, analog));
    TRN_TRY_OUT(prepare(ctx, analog, &work));
    TRN_TRY_OUT(trn_cancelled(ctx, "analog"));
    trn_parallel(ctx, has_devices(plan) ? work.n_tasks : 0, write_task, &work);
    set_gains(&work);
    if (trn_analog_has(plan, TRNNSF_ANALOG_WIRES))
        TRN_TRY_OUT(decode_wires(ctx, function, analog, &work));
    else
        trn_parallel(ctx, plan->n_crossbars, decode_task, &work);
    TRN_TRY_OUT(trn_analog_turn(ctx, analog));
    analog->own = own;
out:
    trn_free(ctx, work.columns);
    trn_free(ctx, work.targets);
    trn_free(ctx, work.physical);
    if (status == TRNNSF_OK)
        *out_analog = analog;
    else
        trn_analog_free(analog);
    return status;
}
