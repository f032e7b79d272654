#include "base/context.h"
#include "io/spice.h"
#include "sim/analog/analog.h"

trnnsf_status trnnsf_analog_netlist(trnnsf_context *context, const trnnsf_analog *analog,
                                    size_t crossbar, size_t array, const double *inputs,
                                    const char *path)
{
    static const char function[] = "trnnsf_analog_netlist";
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_wires *wires = NULL;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_array(context, function, analog, crossbar, array));
    if (!inputs || !path || !path[0])
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is %s", function,
                        inputs ? "path" : "inputs", inputs && path ? "empty" : "NULL");
    TRN_TRY_OUT(trn_analog_array_wires(context, function, analog, crossbar, array, &wires));
    TRN_TRY_OUT(trn_wires_check_inputs(context, function, wires, 1, inputs));
    TRN_TRY_OUT(trn_spice_write(context, wires, inputs, path));
out:
    trn_wires_free(wires);
    return status;
}
