#include "base/context.h"
#include "io/network_file.h"

trnnsf_status trnnsf_network_save(trnnsf_context *context, const trnnsf_network *network,
                                  const char *path)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_save: %s is NULL",
                        network ? "path" : "network");
    status = trn_network_file_save(context, network, path);
    return status ? trn_fail_in(context, status, "trnnsf_network_save") : TRNNSF_OK;
}

trnnsf_status trnnsf_network_load(trnnsf_context *context, const char *path,
                                  trnnsf_network **out_network)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_network)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_network_load: %s is NULL",
                        path ? "out_network" : "path");
    status = trn_network_file_load(context, path, out_network);
    return status ? trn_fail_in(context, status, "trnnsf_network_load") : TRNNSF_OK;
}
