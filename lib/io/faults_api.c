#include "base/context.h"
#include "io/faults_csv.h"

trnnsf_status trnnsf_fault_map_save(trnnsf_context *context, const trnnsf_fault_map *map,
                                    const char *path)
{
    static const char function[] = "trnnsf_fault_map_save";
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!map || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        map ? "path" : "map");
    status = trn_faults_write(context, map, path);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}

static trnnsf_status load(trnnsf_context *ctx, const char *path, struct trnnsf_fault_map *map)
{
    struct trn_stream *stream;

    TRN_TRY(trn_stream_open(ctx, path, &stream));
    trnnsf_status status = trn_faults_read(stream, map);
    trn_stream_free(stream);
    return status;
}

trnnsf_status trnnsf_fault_map_load(trnnsf_context *context, const trnnsf_mapping *mapping,
                                    const trnnsf_tech *tech, const char *path,
                                    trnnsf_fault_map **out_map)
{
    static const char function[] = "trnnsf_fault_map_load";
    static const struct trnnsf_analog_options defaults = TRNNSF_ANALOG_OPTIONS_INIT;
    struct trn_analog_plan plan;
    struct trnnsf_fault_map *map;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !tech || !path || !out_map)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !mapping ? "mapping"
                        : !tech  ? "tech"
                        : !path  ? "path"
                                 : "out_map");
    trnnsf_status status =
        trn_analog_plan_devices(context, function, mapping, tech, &defaults, &plan);
    if (status == TRNNSF_OK)
        status = trn_fault_map_new(context, &plan, &map);
    trn_analog_plan_clear(&plan);
    if (status != TRNNSF_OK)
        return status;
    status = load(context, path, map);
    if (status != TRNNSF_OK) {
        trn_fault_map_free(map);
        return trn_fail_in(context, status, "%s", function);
    }
    *out_map = map;
    return TRNNSF_OK;
}
