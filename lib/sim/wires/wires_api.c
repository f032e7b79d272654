#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "sim/wires/wires.h"

/* Limits of wires.h. The widest ratios keep products of two conductances inside a double's range.
 */
enum { SIDE_MAX = 4096, ITERATIONS_MAX = 10000, PASSES_MAX = 100000 };
static const double OHM_MIN = 1e-9, OHM_MAX = 1e12, SIEMENS_MIN = 1e-18, SIEMENS_MAX = 1e3,
                    ALPHA_MAX = 1000, VOLT_MAX = 1e6, EXPONENT_MAX = 100;

void trnnsf_wires_options_init(struct trnnsf_wires_options *options)
{
    static const struct trnnsf_wires_options defaults = TRNNSF_WIRES_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status check_ohm(trnnsf_context *ctx, const char *function, const char *name,
                               double ohm)
{
    if (ohm == 0 || (ohm >= OHM_MIN && ohm <= OHM_MAX))
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is neither 0 nor in [%g, %g]", function, name,
                    ohm, OHM_MIN, OHM_MAX);
}

static trnnsf_status check_options(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_wires_options *options)
{
    TRN_TRY(check_ohm(ctx, function, "word_ohm", options->word_ohm));
    TRN_TRY(check_ohm(ctx, function, "bit_ohm", options->bit_ohm));
    TRN_TRY(check_ohm(ctx, function, "driver_ohm", options->driver_ohm));
    TRN_TRY(check_ohm(ctx, function, "sense_ohm", options->sense_ohm));
    TRN_TRY(check_ohm(ctx, function, "cell_ohm", options->cell_ohm));
    TRN_TRY(
        trn_option_number(ctx, function, "alpha_per_volt", options->alpha_per_volt, 0, ALPHA_MAX));
    TRN_TRY(trn_option_count(ctx, function, "driver_ends", options->driver_ends, 1, 2));
    TRN_TRY(trn_option_count(ctx, function, "sense_ends", options->sense_ends, 1, 2));
    TRN_TRY(trn_option_count(ctx, function, "iterations", options->iterations, 1, ITERATIONS_MAX));
    return trn_option_count(ctx, function, "reserved", options->reserved, 0, 0);
}

static trnnsf_status check_side(trnnsf_context *ctx, const char *function, const char *name,
                                size_t side)
{
    if (side >= 1 && side <= SIDE_MAX)
        return TRNNSF_OK;
    return trn_fail(ctx, side == 0 ? TRNNSF_E_INVALID : TRNNSF_E_LIMIT,
                    "%s: %s %zu is not in [1, %d]", function, name, side, SIDE_MAX);
}

static trnnsf_status check_cells(trnnsf_context *ctx, const char *function, size_t n_rows,
                                 size_t n_columns, const double *conductances)
{
    for (size_t k = 0; k < n_rows * n_columns; k++) {
        double g = conductances[k];

        if (!(g == 0 || (g >= SIEMENS_MIN && g <= SIEMENS_MAX)))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: conductances[%zu, %zu] %g is neither 0 nor in [%g, %g]", function,
                            k / n_columns, k % n_columns, g, SIEMENS_MIN, SIEMENS_MAX);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_pointer(trnnsf_context *ctx, const char *function, const char *name,
                                   const void *pointer)
{
    return pointer ? TRNNSF_OK : trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s is NULL", function, name);
}

trnnsf_status trnnsf_wires_create(trnnsf_context *context, size_t n_rows, size_t n_columns,
                                  const double *conductances,
                                  const struct trnnsf_wires_options *options,
                                  trnnsf_wires **out_wires)
{
    static const char function[] = "trnnsf_wires_create";
    struct trnnsf_wires_options given = TRNNSF_WIRES_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(check_pointer(context, function, "conductances", conductances));
    TRN_TRY(check_pointer(context, function, "out_wires", out_wires));
    TRN_TRY(check_side(context, function, "n_rows", n_rows));
    TRN_TRY(check_side(context, function, "n_columns", n_columns));
    TRN_TRY(trn_options_read(context, function, options, &given, sizeof given));
    TRN_TRY(check_options(context, function, &given));
    TRN_TRY(check_cells(context, function, n_rows, n_columns, conductances));
    return trn_wires_create(context, n_rows, n_columns, conductances, &given, out_wires);
}

void trnnsf_wires_free(trnnsf_wires *wires)
{
    trn_wires_free(wires);
}

size_t trnnsf_wires_rows(const trnnsf_wires *wires)
{
    return wires ? wires->grid.n : 0;
}

size_t trnnsf_wires_columns(const trnnsf_wires *wires)
{
    return wires ? wires->grid.m : 0;
}

const double *trnnsf_wires_transfer(const trnnsf_wires *wires)
{
    return wires ? wires->transfer : NULL;
}

/* With the law sinh, the exponent's span is limited, too. */
static trnnsf_status check_vector(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_wires *wires, size_t vector,
                                  const double *input)
{
    double low = 0, high = 0, alpha = wires->law.alpha;

    for (size_t i = 0; i < wires->grid.n; i++) {
        if (!(fabs(input[i]) <= VOLT_MAX))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: inputs[%zu, %zu] %g is not in [%g, %g]",
                            function, vector, i, input[i], -VOLT_MAX, VOLT_MAX);
        low = fmin(low, input[i]);
        high = fmax(high, input[i]);
    }
    if (alpha * (high - low) > EXPONENT_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: inputs[%zu] span %g V: times alpha_per_volt %g that is not in [0, %g]",
                        function, vector, high - low, alpha, EXPONENT_MAX);
    return TRNNSF_OK;
}

trnnsf_status trn_wires_check_inputs(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_wires *wires, size_t n_vectors,
                                     const double *inputs)
{
    size_t cells, bytes;

    TRN_TRY(check_pointer(ctx, function, "wires", wires));
    TRN_TRY(check_pointer(ctx, function, "inputs", inputs));
    cells = wires->grid.n * wires->grid.m;
    if (n_vectors < 1 || !trn_size_multiply(n_vectors, cells, &bytes) ||
        !trn_size_multiply(bytes, sizeof(double), &bytes))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: n_vectors %zu is not in [1, %zu]", function,
                        n_vectors, SIZE_MAX / sizeof(double) / cells);
    for (size_t v = 0; v < n_vectors; v++)
        TRN_TRY(check_vector(ctx, function, wires, v, inputs + v * wires->grid.n));
    return TRNNSF_OK;
}

trnnsf_status trnnsf_wires_currents(trnnsf_context *context, const trnnsf_wires *wires,
                                    size_t n_vectors, const double *inputs, double *out_currents)
{
    static const char function[] = "trnnsf_wires_currents";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_wires_check_inputs(context, function, wires, n_vectors, inputs));
    TRN_TRY(check_pointer(context, function, "out_currents", out_currents));
    return trn_wires_solve(context, function, wires, n_vectors, inputs,
                           &(struct trn_wires_results){.currents = out_currents});
}

trnnsf_status trnnsf_wires_voltages(trnnsf_context *context, const trnnsf_wires *wires,
                                    size_t n_vectors, const double *inputs, double *out_word,
                                    double *out_bit, double *out_currents)
{
    static const char function[] = "trnnsf_wires_voltages";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_wires_check_inputs(context, function, wires, n_vectors, inputs));
    return trn_wires_solve(
        context, function, wires, n_vectors, inputs,
        &(struct trn_wires_results){.word = out_word, .bit = out_bit, .currents = out_currents});
}

static trnnsf_status check_passes(trnnsf_context *ctx, const char *function, uint32_t passes)
{
    return trn_option_count(ctx, function, "passes", passes, 1, PASSES_MAX);
}

trnnsf_status trnnsf_wires_approximate(trnnsf_context *context, const trnnsf_wires *wires,
                                       size_t n_vectors, const double *inputs, uint32_t passes,
                                       double *out_currents)
{
    static const char function[] = "trnnsf_wires_approximate";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_wires_check_inputs(context, function, wires, n_vectors, inputs));
    TRN_TRY(check_passes(context, function, passes));
    TRN_TRY(check_pointer(context, function, "out_currents", out_currents));
    return trn_wires_approximate(context, wires, n_vectors, inputs, passes, out_currents);
}

trnnsf_status trnnsf_wires_approximation_error(trnnsf_context *context, const trnnsf_wires *wires,
                                               size_t n_vectors, const double *inputs,
                                               uint32_t passes, double *out_error)
{
    static const char function[] = "trnnsf_wires_approximation_error";
    double *exact = NULL, *rough = NULL, most = 0, largest = 0;
    trnnsf_status status = TRNNSF_OK;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_wires_check_inputs(context, function, wires, n_vectors, inputs));
    TRN_TRY(check_passes(context, function, passes));
    TRN_TRY(check_pointer(context, function, "out_error", out_error));
    exact = TRN_NEW_ARRAY(context, double, n_vectors * wires->grid.m);
    TRN_NEED_OUT(exact);
    rough = TRN_NEW_ARRAY(context, double, n_vectors * wires->grid.m);
    TRN_NEED_OUT(rough);
    TRN_TRY_OUT(trn_wires_solve(context, function, wires, n_vectors, inputs,
                                &(struct trn_wires_results){.currents = exact}));
    TRN_TRY_OUT(trn_wires_approximate(context, wires, n_vectors, inputs, passes, rough));
    for (size_t k = 0; k < n_vectors * wires->grid.m; k++) {
        most = fmax(most, fabs(rough[k] - exact[k]));
        largest = fmax(largest, fabs(exact[k]));
    }
    *out_error = largest > 0 ? most / largest : 0;
out:
    trn_free(context, rough);
    trn_free(context, exact);
    return status;
}
