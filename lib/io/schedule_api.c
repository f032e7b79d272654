#include "base/context.h"
#include "io/schedule_yaml.h"

trnnsf_status trnnsf_schedule_load(trnnsf_context *context, const char *path,
                                   trnnsf_schedule **out_schedule)
{
    struct trn_yaml *yaml = NULL;
    trnnsf_status status;

    if (!context || !path || !out_schedule)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_schedule_load: %s is NULL",
                        path ? "out_schedule" : "path");
    TRN_TRY_OUT(trn_yaml_load(context, path, &yaml));
    status = trn_schedule_read(yaml, out_schedule);
out:
    trn_yaml_free(yaml);
    return status;
}

trnnsf_status trnnsf_schedule_save(trnnsf_context *context, const trnnsf_schedule *schedule,
                                   const char *path)
{
    if (!context || !schedule || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_schedule_save: %s is NULL",
                        schedule ? "path" : "schedule");
    return trn_schedule_write(context, schedule, path);
}
