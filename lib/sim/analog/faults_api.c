#include <string.h>

#include "base/context.h"
#include "sim/analog/api.h"
#include "sim/analog/faults.h"

/* Chosen here: relative conductances beyond it are slips of units. */
static const float MOST = 1000;

/* A plan of devices alone, for the map. */
static trnnsf_status begin(trnnsf_context *ctx, const char *function,
                           const struct trnnsf_mapping *mapping, const struct trnnsf_tech *tech,
                           const struct trnnsf_analog_options *options,
                           struct trn_analog_plan *plan)
{
    TRN_TRY(trn_analog_check_pointer(ctx, function, "mapping", mapping));
    TRN_TRY(trn_analog_check_pointer(ctx, function, "tech", tech));

    trnnsf_status status = trn_analog_plan_devices(ctx, function, mapping, tech, options, plan);
    if (status != TRNNSF_OK)
        trn_analog_plan_clear(plan);
    return status;
}

trnnsf_status trnnsf_fault_map_create(trnnsf_context *context, const trnnsf_mapping *mapping,
                                      const trnnsf_tech *tech, trnnsf_fault_map **out_map)
{
    static const char function[] = "trnnsf_fault_map_create";
    static const struct trnnsf_analog_options defaults = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trn_analog_plan plan;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "out_map", out_map));
    TRN_TRY(begin(context, function, mapping, tech, &defaults, &plan));
    trnnsf_status status = trn_fault_map_new(context, &plan, out_map);
    trn_analog_plan_clear(&plan);
    return status;
}

trnnsf_status trnnsf_fault_map_draw(trnnsf_context *context, const trnnsf_mapping *mapping,
                                    const trnnsf_tech *tech,
                                    const struct trnnsf_analog_options *options,
                                    trnnsf_fault_map **out_map)
{
    static const char function[] = "trnnsf_fault_map_draw";
    struct trnnsf_analog_options given;
    struct trn_analog_plan plan;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "out_map", out_map));
    TRN_TRY(trn_analog_read_options(context, function, options, &given));
    TRN_TRY(begin(context, function, mapping, tech, &given, &plan));
    trnnsf_status status = trn_fault_map_draw(context, &plan, given.chip, out_map);
    trn_analog_plan_clear(&plan);
    return status;
}

void trnnsf_fault_map_free(trnnsf_fault_map *map)
{
    trn_fault_map_free(map);
}

size_t trnnsf_fault_map_crossbars(const trnnsf_fault_map *map)
{
    return map ? map->n_crossbars : 0;
}

size_t trnnsf_fault_map_arrays(const trnnsf_fault_map *map)
{
    return map ? map->arrays : 0;
}

size_t trnnsf_fault_map_rows(const trnnsf_fault_map *map, size_t crossbar)
{
    return map && crossbar < map->n_crossbars ? map->crossbars[crossbar].rows : 0;
}

size_t trnnsf_fault_map_columns(const trnnsf_fault_map *map, size_t crossbar)
{
    return map && crossbar < map->n_crossbars ? map->crossbars[crossbar].columns : 0;
}

uint64_t trnnsf_fault_map_stuck(const trnnsf_fault_map *map, size_t crossbar)
{
    size_t first = 0, end = map ? map->n_devices : 0;
    uint64_t count = 0;

    if (!map || (crossbar != TRNNSF_ALL_CROSSBARS && crossbar >= map->n_crossbars))
        return 0;
    if (crossbar != TRNNSF_ALL_CROSSBARS) {
        const struct trn_fault_arrays *arrays = &map->crossbars[crossbar];

        first = arrays->start;
        end = first + map->arrays * arrays->columns * arrays->rows;
    }
    for (size_t k = first; k < end; k++)
        count += map->fault[k] != TRNNSF_FAULT_NONE;
    return count;
}

static trnnsf_status check_array(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_fault_map *map, size_t crossbar, size_t array)
{
    TRN_TRY(trn_analog_check_pointer(ctx, function, "map", map));
    if (crossbar >= map->n_crossbars)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: crossbar %zu is not below %zu", function,
                        crossbar, map->n_crossbars);
    if (array >= map->arrays)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: array %zu is not below %zu", function, array,
                        map->arrays);
    return TRNNSF_OK;
}

static trnnsf_status check_values(trnnsf_context *ctx, const char *function, size_t columns,
                                  size_t n, const uint8_t *faults, const float *on,
                                  const float *off)
{
    for (size_t k = 0; k < n; k++) {
        if (faults[k] > TRNNSF_FAULT_STUCK_OFF)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: faults[%zu, %zu] %u is not in [0, 2]",
                            function, k / columns, k % columns, faults[k]);
        if (on && !(on[k] > 0 && on[k] <= MOST))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: on[%zu, %zu] %g is not in (0, %g]",
                            function, k / columns, k % columns, (double)on[k], (double)MOST);
        if (off && !(off[k] >= 0 && off[k] <= MOST))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: off[%zu, %zu] %g is not in [0, %g]",
                            function, k / columns, k % columns, (double)off[k], (double)MOST);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_fault_map_set(trnnsf_context *context, trnnsf_fault_map *map, size_t crossbar,
                                   size_t array, const uint8_t *faults, const float *on,
                                   const float *off)
{
    static const char function[] = "trnnsf_fault_map_set";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_array(context, function, map, crossbar, array));
    TRN_TRY(trn_analog_check_pointer(context, function, "faults", faults));

    const struct trn_fault_arrays *arrays = &map->crossbars[crossbar];
    size_t rows = arrays->rows, columns = arrays->columns;
    size_t start = arrays->start + array * columns * rows;
    TRN_TRY(check_values(context, function, columns, rows * columns, faults, on, off));
    if (on || off)
        TRN_TRY(trn_fault_map_need_ranges(map));
    for (size_t k = 0; k < rows * columns; k++) {
        size_t at = start + k % columns * rows + k / columns;

        map->fault[at] = faults[k];
        if (map->on) {
            map->on[at] = on ? on[k] : 1;
            map->off[at] = off ? off[k] : 1;
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_fault_map_get(trnnsf_context *context, const trnnsf_fault_map *map,
                                   size_t crossbar, size_t array, uint8_t *out_faults,
                                   float *out_on, float *out_off)
{
    static const char function[] = "trnnsf_fault_map_get";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_array(context, function, map, crossbar, array));

    const struct trn_fault_arrays *arrays = &map->crossbars[crossbar];
    size_t rows = arrays->rows, columns = arrays->columns;
    size_t start = arrays->start + array * columns * rows;
    for (size_t k = 0; k < rows * columns; k++) {
        size_t at = start + k % columns * rows + k / columns;

        if (out_faults)
            out_faults[k] = map->fault[at];
        if (out_on)
            out_on[k] = map->on ? map->on[at] : 1;
        if (out_off)
            out_off[k] = map->on ? map->off[at] : 1;
    }
    return TRNNSF_OK;
}
