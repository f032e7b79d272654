#include "base/context.h"
#include "io/mapping_file.h"

trnnsf_status trnnsf_mapping_save(trnnsf_context *context, const trnnsf_mapping *mapping,
                                  const char *path)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_mapping_save: %s is NULL",
                        mapping ? "path" : "mapping");
    status = trn_mapping_file_save(context, mapping, path);
    return status ? trn_fail_in(context, status, "trnnsf_mapping_save") : TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_load(trnnsf_context *context, const char *path,
                                  trnnsf_mapping **out_mapping)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_mapping)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_mapping_load: %s is NULL",
                        path ? "out_mapping" : "path");
    status = trn_mapping_file_load(context, path, out_mapping);
    return status ? trn_fail_in(context, status, "trnnsf_mapping_load") : TRNNSF_OK;
}
