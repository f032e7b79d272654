#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "sim/analog/api.h"
#include "sim/analog/faults.h"
#include "sim/analog/lines.h"
#include "sim/analog/remap.h"

void trnnsf_remap_options_init(struct trnnsf_remap_options *options)
{
    static const struct trnnsf_remap_options defaults = TRNNSF_REMAP_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_remap_options *given,
                                  struct trnnsf_remap_options *options)
{
    *options = (struct trnnsf_remap_options)TRNNSF_REMAP_OPTIONS_INIT;
    TRN_TRY(trn_options_read(ctx, function, given, options, sizeof *options));
    TRN_TRY(trn_option_count(ctx, function, "means", options->means, 0, TRNNSF_REMAP_ALL));
    TRN_TRY(trn_option_count(ctx, function, "starts", options->starts, 1, TRN_REMAP_STARTS_MAX));
    TRN_TRY(trn_option_count(ctx, function, "rounds", options->rounds, 1, 1000));
    return trn_option_count(ctx, function, "spare", options->spare, 0, 1);
}

trnnsf_status trnnsf_remap_create(trnnsf_context *context, const trnnsf_network *network,
                                  const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                                  const struct trnnsf_analog_options *options,
                                  const trnnsf_fault_map *faults,
                                  const struct trnnsf_remap_options *remap_options,
                                  size_t n_calibration, const float *calibration_inputs,
                                  trnnsf_remap **out_remap)
{
    static const char function[] = "trnnsf_remap_create";
    struct trnnsf_analog_options given;
    struct trnnsf_remap_options means;
    struct trn_analog_plan plan;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "out_remap", out_remap));
    TRN_TRY(trn_analog_check_pointer(context, function, "faults", faults));
    TRN_TRY(trn_analog_check_design(context, function, network, mapping, tech, n_calibration,
                                    calibration_inputs));
    TRN_TRY(trn_analog_read_options(context, function, options, &given));
    TRN_TRY(read_options(context, function, remap_options, &means));
    TRN_TRY_OUT(trn_analog_plan_init(context, function, network, mapping, tech, &given, &plan));
    TRN_TRY_OUT(trn_fault_map_fits(context, function, &plan, faults));
    if (n_calibration > 0)
        TRN_TRY_OUT(
            trn_analog_set_moments(context, &plan, network, n_calibration, calibration_inputs));
    TRN_TRY_OUT(trn_remap_solve(context, function, &plan, faults, &means, out_remap));
out:
    trn_analog_plan_clear(&plan);
    return status;
}

void trnnsf_remap_free(trnnsf_remap *remap)
{
    trn_remap_free(remap);
}

size_t trnnsf_remap_crossbars(const trnnsf_remap *remap)
{
    return remap ? remap->n_crossbars : 0;
}

const uint32_t *trnnsf_remap_rows(const trnnsf_remap *remap, size_t crossbar, size_t *out_count)
{
    if (!remap || crossbar >= remap->n_crossbars)
        return NULL;
    if (out_count)
        *out_count = remap->crossbars[crossbar].n_in;
    return remap->place + remap->crossbars[crossbar].start;
}

const uint32_t *trnnsf_remap_outputs(const trnnsf_remap *remap, size_t crossbar, size_t *out_count)
{
    if (!remap || crossbar >= remap->n_crossbars)
        return NULL;
    if (out_count)
        *out_count = remap->crossbars[crossbar].n_out;
    return remap->place + remap->crossbars[crossbar].start + remap->crossbars[crossbar].n_in;
}

trnnsf_status trnnsf_remap_expect(trnnsf_context *context, const trnnsf_remap *remap,
                                  size_t crossbar, struct trnnsf_remap_errors *out_errors)
{
    static const char function[] = "trnnsf_remap_expect";
    struct trnnsf_remap_errors errors = {0};

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_pointer(context, function, "remap", remap));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_errors", out_errors));
    if (crossbar != TRNNSF_ALL_CROSSBARS && crossbar >= remap->n_crossbars)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: crossbar %zu is not below %zu", function,
                        crossbar, remap->n_crossbars);
    TRN_TRY(trn_result_check(context, function, out_errors, sizeof errors));
    for (size_t c = 0; c < remap->n_crossbars; c++) {
        const struct trn_remap_sums *sums = &remap->crossbars[c].sums;

        if (crossbar != TRNNSF_ALL_CROSSBARS && crossbar != c)
            continue;
        errors.before += sums->before;
        errors.after += sums->after;
        errors.signal += sums->signal;
        errors.compensated += sums->compensated;
    }
    trn_result_write(out_errors, &errors);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_analog_create_with_faults(
    trnnsf_context *context, const trnnsf_network *network, const trnnsf_mapping *mapping,
    const trnnsf_tech *tech, const struct trnnsf_analog_options *options,
    const trnnsf_fault_map *faults, const trnnsf_remap *remap, size_t n_calibration,
    const float *calibration_inputs, trnnsf_analog **out_analog)
{
    const struct trn_analog_design design = {network, mapping,       tech,
                                             options, n_calibration, calibration_inputs};

    if (!context)
        return TRNNSF_E_INVALID;
    return trn_analog_create(context, "trnnsf_analog_create_with_faults", &design, faults, remap,
                             out_analog);
}
