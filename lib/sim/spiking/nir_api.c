#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "sim/spiking/from_nir.h"

void trnnsf_nir_export_options_init(struct trnnsf_nir_export_options *options)
{
    static const struct trnnsf_nir_export_options defaults = TRNNSF_NIR_EXPORT_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

void trnnsf_nir_import_options_init(struct trnnsf_nir_import_options *options)
{
    static const struct trnnsf_nir_import_options defaults = TRNNSF_NIR_IMPORT_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trnnsf_nir_of_spiking(trnnsf_context *context, const trnnsf_spiking *spiking,
                                    const struct trnnsf_nir_export_options *options,
                                    trnnsf_nir **out_nir)
{
    static const char function[] = "trnnsf_nir_of_spiking";
    struct trnnsf_nir_export_options o = TRNNSF_NIR_EXPORT_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!spiking || !out_nir)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        spiking ? "out_nir" : "spiking");
    TRN_TRY(trn_options_read(context, function, options, &o, sizeof o));
    TRN_TRY(trn_option_count(context, function, "precision", o.precision, 0,
                             TRNNSF_NIR_PRECISION_FLOAT64));
    TRN_TRY(trn_option_count(context, function, "readout", o.readout, 0, TRNNSF_READOUT_SPIKES));
    TRN_TRY(trn_option_number(context, function, "dt", o.dt, 1e-12, 1e12));
    TRN_TRY(trn_spiking_check_synapses(context, function, spiking));
    trnnsf_status status = trn_nir_of_spiking(context, spiking, &o, out_nir);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}

trnnsf_status trnnsf_nir_to_spiking(trnnsf_context *context, const trnnsf_nir *nir,
                                    const struct trnnsf_nir_import_options *options,
                                    trnnsf_spiking **out_spiking)
{
    static const char function[] = "trnnsf_nir_to_spiking";
    struct trnnsf_nir_import_options o = TRNNSF_NIR_IMPORT_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !out_spiking)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        nir ? "out_spiking" : "nir");
    TRN_TRY(trn_options_read(context, function, options, &o, sizeof o));
    TRN_TRY(trn_option_count(context, function, "reset", o.reset, 0, TRNNSF_NIR_RESET_VALUE));
    TRN_TRY(trn_option_count(context, function, "reserved", o.reserved, 0, 0));
    if (o.dt != 0)
        TRN_TRY(trn_option_number(context, function, "dt", o.dt, 1e-12, 1e12));
    if (!nir->is_checked)
        return trn_fail(context, TRNNSF_E_STATE, "%s: the graph was changed since it was checked",
                        function);
    /* Failures leave their text in the caller's context. */
    struct trnnsf_nir view = *nir;
    view.ctx = context;
    trnnsf_status status = trn_nir_to_spiking(context, &view, &o, out_spiking);
    return status ? trn_fail_in(context, status, "%s", function) : TRNNSF_OK;
}
