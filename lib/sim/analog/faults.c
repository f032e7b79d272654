#include "sim/analog/faults.h"

#include "base/context.h"
#include "base/pool.h"
#include "sim/analog/normals.h"

size_t trn_fault_columns(const struct trn_analog_plan *plan,
                         const struct trn_analog_crossbar *crossbar)
{
    return crossbar->places * plan->devices + trn_analog_references(plan);
}

size_t trn_fault_column(const struct trn_analog_plan *plan,
                        const struct trn_analog_crossbar *crossbar, size_t place, size_t device)
{
    return device / plan->per_array * (trn_fault_columns(plan, crossbar) / plan->arrays) +
           place * plan->per_array + device % plan->per_array;
}

size_t trn_fault_stretches(const struct trn_analog_plan *plan,
                           const struct trn_analog_crossbar *crossbar, size_t place, size_t device,
                           struct trn_fault_stretch *stretch)
{
    size_t column = trn_fault_column(plan, crossbar, place, device), count = 0, used = 0;

    if (place < crossbar->n_out || place == crossbar->places) {
        size_t output = place < crossbar->n_out ? place : crossbar->n_out;
        size_t own = trn_analog_column(plan, crossbar, output, device);

        used = crossbar->n_in;
        stretch[count++] = (struct trn_fault_stretch){
            0, used, (uint64_t)own * trn_normals_whole(crossbar->n_in), false};
    }
    if (used < crossbar->rows)
        stretch[count++] =
            (struct trn_fault_stretch){used, crossbar->rows - used,
                                       (uint64_t)column * trn_normals_whole(crossbar->rows), true};
    return count;
}

trnnsf_status trn_fault_map_new(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                struct trnnsf_fault_map **out_map)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_fault_map *map = TRN_NEW(ctx, struct trnnsf_fault_map);

    if (!map)
        return TRN_NO_MEMORY;
    map->ctx = trn_context_retain(ctx);
    map->n_crossbars = plan->n_crossbars;
    map->arrays = plan->arrays;
    map->crossbars = TRN_NEW_ARRAY(ctx, struct trn_fault_arrays, map->n_crossbars);
    TRN_NEED_OUT(map->crossbars);
    for (size_t c = 0; c < map->n_crossbars; c++) {
        size_t columns = trn_fault_columns(plan, &plan->crossbars[c]), devices;

        map->crossbars[c] = (struct trn_fault_arrays){plan->crossbars[c].rows,
                                                      columns / plan->arrays, map->n_devices};
        if (!trn_size_multiply(plan->crossbars[c].rows, columns, &devices) ||
            !trn_size_add(map->n_devices, devices, &map->n_devices)) {
            status = trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory: too many devices");
            goto out;
        }
    }
    map->fault = TRN_NEW_ARRAY(ctx, uint8_t, map->n_devices);
    TRN_NEED_OUT(map->fault);
out:
    if (status == TRNNSF_OK)
        *out_map = map;
    else
        trn_fault_map_free(map);
    return status;
}

void trn_fault_map_free(struct trnnsf_fault_map *map)
{
    if (!map)
        return;

    trnnsf_context *ctx = map->ctx;
    trn_free(ctx, map->crossbars);
    trn_free(ctx, map->fault);
    trn_free(ctx, map->on);
    trn_free(ctx, map->off);
    trn_free(ctx, map);
    trn_context_release(ctx);
}

trnnsf_status trn_fault_map_need_ranges(struct trnnsf_fault_map *map)
{
    if (map->on)
        return TRNNSF_OK;
    map->on = trn_malloc(map->ctx, map->n_devices, sizeof *map->on);
    map->off = trn_malloc(map->ctx, map->n_devices, sizeof *map->off);
    if (!map->on || !map->off) {
        trn_free(map->ctx, map->on);
        trn_free(map->ctx, map->off);
        map->on = map->off = NULL;
        return TRN_NO_MEMORY;
    }
    for (size_t k = 0; k < map->n_devices; k++)
        map->on[k] = map->off[k] = 1;
    return TRNNSF_OK;
}

struct drawing {
    const struct trn_analog_plan *plan;
    uint32_t chip;
    struct trnnsf_fault_map *map;
};

static void draw_column(const struct drawing *drawing, size_t c, size_t place, size_t device)
{
    const struct trn_analog_plan *plan = drawing->plan;
    struct trnnsf_fault_map *map = drawing->map;
    struct trn_write write = {
        .plan = plan, .seed = plan->options.seed, .item = (uint64_t)drawing->chip << 32 | c};
    struct trn_fault_stretch stretch[2];
    size_t count = trn_fault_stretches(plan, &plan->crossbars[c], place, device, stretch);
    size_t start =
        map->crossbars[c].start +
        trn_fault_column(plan, &plan->crossbars[c], place, device) * map->crossbars[c].rows;

    for (size_t s = 0; s < count; s++) {
        write.is_spare = stretch[s].is_spare;
        for (size_t i = 0; i < stretch[s].n; i += TRN_WRITE_CELLS) {
            size_t n = stretch[s].n - i < TRN_WRITE_CELLS ? stretch[s].n - i : TRN_WRITE_CELLS;
            size_t at = start + stretch[s].row + i;

            trn_write_faults(&write, stretch[s].first + i, n, map->fault + at,
                             map->on ? map->on + at : NULL, map->on ? map->off + at : NULL);
        }
    }
}

static void draw_task(void *argument, size_t task, size_t worker)
{
    const struct drawing *drawing = argument;
    const struct trn_analog_plan *plan = drawing->plan;
    size_t places = plan->crossbars[task].places + (trn_analog_references(plan) > 0);

    (void)worker;
    for (size_t place = 0; place < places; place++) {
        for (size_t d = 0; d < plan->devices; d++)
            draw_column(drawing, task, place, d);
    }
}

trnnsf_status trn_fault_map_draw(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                                 uint32_t chip, struct trnnsf_fault_map **out_map)
{
    struct trnnsf_fault_map *map;

    TRN_TRY(trn_fault_map_new(ctx, plan, &map));
    trnnsf_status status =
        trn_analog_has(plan, TRNNSF_ANALOG_VARIATION) ? trn_fault_map_need_ranges(map) : TRNNSF_OK;
    if (status != TRNNSF_OK) {
        trn_fault_map_free(map);
        return status;
    }
    if (trn_analog_has(plan, TRNNSF_ANALOG_VARIATION | TRNNSF_ANALOG_STUCK)) {
        struct drawing drawing = {plan, chip, map};

        trn_parallel(ctx, map->n_crossbars, draw_task, &drawing);
    }
    *out_map = map;
    return TRNNSF_OK;
}

trnnsf_status trn_fault_map_fits(trnnsf_context *ctx, const char *function,
                                 const struct trn_analog_plan *plan,
                                 const struct trnnsf_fault_map *map)
{
    if (map->n_crossbars != plan->n_crossbars || map->arrays != plan->arrays)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the fault map has %zu crossbars of %zu arrays, the mapping %zu of %zu",
                        function, map->n_crossbars, map->arrays, plan->n_crossbars, plan->arrays);
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
        size_t columns = trn_fault_columns(plan, crossbar) / plan->arrays;

        if (map->crossbars[c].rows != crossbar->rows || map->crossbars[c].columns != columns)
            return trn_fail(ctx, TRNNSF_E_MISMATCH,
                            "%s: crossbar %zu of the fault map is %zux%zu, of the mapping %zux%zu",
                            function, c, map->crossbars[c].rows, map->crossbars[c].columns,
                            crossbar->rows, columns);
    }
    return TRNNSF_OK;
}
