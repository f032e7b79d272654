/* A crossbar's physical arrays with their wires. */
#include <math.h>

#include "base/context.h"
#include "sim/analog/analog.h"
#include "sim/analog/lines.h"

/* Limits of wires.h: conductances below count as open. */
enum { WIRES_SIDE_MAX = 4096 };
static const double LEAST_SIEMENS = 1e-18, MOST_SIEMENS = 1e3;

void trn_analog_wires_options(const struct trn_analog_plan *plan,
                              struct trnnsf_wires_options *options)
{
    const double *value = plan->value;

    *options = (struct trnnsf_wires_options)TRNNSF_WIRES_OPTIONS_INIT;
    options->word_ohm = value[TRN_TECH_WORD_WIRE];
    options->bit_ohm = value[TRN_TECH_BIT_WIRE];
    options->driver_ohm = value[TRN_TECH_DRIVER];
    options->sense_ohm = value[TRN_TECH_SENSE];
    options->cell_ohm = value[TRN_TECH_ACCESS];
    options->alpha_per_volt = value[TRN_TECH_SINH_ALPHA];
}

void trn_analog_cells(const struct trnnsf_analog *analog, size_t crossbar, size_t array,
                      bool near_zero, double *cells)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t n_in = plan->crossbars[crossbar].n_in;
    size_t columns = trn_analog_array_columns(plan, &plan->crossbars[crossbar]);
    const float *x = analog->x + analog->cell_start[crossbar] + array * columns * n_in;
    double siemens = 1 / plan->value[TRN_TECH_RESISTANCE_ON];
    double bend = plan->value[TRN_TECH_SINH_ALPHA] * plan->value[TRN_TECH_READ_VOLTAGE];

    if (near_zero && bend > 0)
        siemens *= bend / sinh(bend);
    for (size_t i = 0; i < n_in; i++) {
        double *row = cells + trn_lines_row(plan, crossbar, i) * columns;

        for (size_t j = 0; j < columns; j++) {
            double g = (double)x[j * n_in + i] * siemens;

            row[trn_lines_column(plan, crossbar, j)] =
                g < LEAST_SIEMENS ? 0 : fmin(g, MOST_SIEMENS);
        }
    }
}

trnnsf_status trn_analog_array_wires(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_analog *analog, size_t crossbar,
                                     size_t array, struct trnnsf_wires **out_wires)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    size_t n_in = plan->crossbars[crossbar].n_in;
    size_t columns = trn_analog_array_columns(plan, &plan->crossbars[crossbar]);
    struct trnnsf_wires_options options;
    double *cells = NULL;

    if (n_in > WIRES_SIDE_MAX || columns > WIRES_SIDE_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: an array of crossbar %zu is %zux%zu: above %d",
                        function, crossbar, n_in, columns, WIRES_SIDE_MAX);
    cells = TRN_NEW_ARRAY(ctx, double, n_in *columns);
    TRN_NEED_OUT(cells);
    trn_analog_cells(analog, crossbar, array, true, cells);
    trn_analog_wires_options(plan, &options);
    TRN_TRY_OUT(trn_wires_create(ctx, n_in, columns, cells, &options, out_wires));
out:
    trn_free(ctx, cells);
    return status;
}

trnnsf_status trn_analog_transfer(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_analog *analog, size_t crossbar,
                                  float *physical)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t n_in = plan->crossbars[crossbar].n_in;
    size_t columns = trn_analog_array_columns(plan, &plan->crossbars[crossbar]);
    double ohm = plan->value[TRN_TECH_RESISTANCE_ON];

    for (size_t a = 0; a < plan->arrays; a++) {
        struct trnnsf_wires *wires = NULL;
        float *to = physical + a * columns * n_in;

        TRN_TRY(trn_analog_array_wires(ctx, function, analog, crossbar, a, &wires));
        for (size_t j = 0; j < columns; j++) {
            const double *from = wires->transfer + trn_lines_column(plan, crossbar, j) * n_in;

            for (size_t i = 0; i < n_in; i++)
                to[j * n_in + i] = (float)(from[trn_lines_row(plan, crossbar, i)] * ohm);
        }
        trn_wires_free(wires);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_analog_make_wires(trnnsf_context *ctx, const char *function,
                                    struct trnnsf_analog *analog, size_t crossbar)
{
    size_t arrays = analog->plan->arrays;

    for (size_t a = 0; a < arrays; a++)
        TRN_TRY(trn_analog_array_wires(ctx, function, analog, crossbar, a,
                                       &analog->wires[crossbar * arrays + a]));
    return TRNNSF_OK;
}
