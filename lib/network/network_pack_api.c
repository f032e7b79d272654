#include "base/context.h"
#include "base/options.h"
#include "cluster/pack_options.h"
#include "network/network.h"
#include "network/network_pack.h"

trnnsf_status trnnsf_network_pack(trnnsf_context *context, trnnsf_network *network,
                                  const struct trnnsf_pack_options *options,
                                  struct trnnsf_pack_report *out_report)
{
    static const char function[] = "trnnsf_network_pack";
    struct trnnsf_pack_options given = TRNNSF_PACK_OPTIONS_INIT;
    struct trnnsf_pack_report report = {.struct_size = sizeof report};
    struct trn_pack_pool pool;
    struct trn_pack_goal goal;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (out_report)
        TRN_TRY(trn_result_check(context, function, out_report, sizeof report));
    TRN_TRY(trn_options_read(context, function, options, &given, sizeof given));
    TRN_TRY(trn_pack_read_pool(context, function, &given, &pool));
    TRN_TRY(trn_pack_read_goal(context, function, &given, &goal));
    TRN_TRY(trn_network_pack(context, function, network, &pool, &goal,
                             trn_pack_kind(&goal, given.salience), &report));
    if (out_report)
        trn_result_write(out_report, &report);
    return TRNNSF_OK;
}
