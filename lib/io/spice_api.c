#include "base/context.h"
#include "io/spice.h"
#include "sim/wires/wires.h"

trnnsf_status trnnsf_wires_netlist(trnnsf_context *context, const trnnsf_wires *wires,
                                   const double *inputs, const char *path)
{
    static const char function[] = "trnnsf_wires_netlist";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_wires_check_inputs(context, function, wires, 1, inputs));
    if (!path || !path[0])
        return trn_fail(context, TRNNSF_E_INVALID, "%s: path is %s", function,
                        path ? "empty" : "NULL");
    return trn_spice_write(context, wires, inputs, path);
}
