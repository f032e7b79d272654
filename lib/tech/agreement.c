#include "tech/agreement.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/context.h"

/* Places in [0, 1] at which a polynomial is looked at. */
enum { PLACES = 256 };

static bool conflict(struct trn_tech_conflict *out, size_t one, size_t other, size_t third,
                     const char *format, ...) TRN_PRINTF(5, 6);

static bool conflict(struct trn_tech_conflict *out, size_t one, size_t other, size_t third,
                     const char *format, ...)
{
    va_list arguments;

    out->keys[0] = one;
    out->keys[1] = other;
    out->keys[2] = third;
    for (size_t i = 3; i < sizeof out->keys / sizeof out->keys[0]; i++)
        out->keys[i] = TRN_TECH_KEYS;
    va_start(arguments, format);
    vsnprintf(out->text, sizeof out->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool in_order(const double *value, size_t low, size_t high, struct trn_tech_conflict *out)
{
    if (value[low] <= value[high])
        return true;
    return conflict(out, low, high, TRN_TECH_KEYS, "%s %g is above %s %g",
                    trn_tech_key_infos[low].name, value[low], trn_tech_key_infos[high].name,
                    value[high]);
}

/* Devices of a weight, its columns, its slices. */
static bool weights_agree(const double *value, struct trn_tech_conflict *out)
{
    double devices = value[TRN_TECH_DEVICES_PER_SIGN] * value[TRN_TECH_WEIGHT_SLICES];
    double bits = value[TRN_TECH_WEIGHT_SLICES] * value[TRN_TECH_SLICE_BITS];

    if (fmod(devices, value[TRN_TECH_COLUMNS_PER_OUTPUT]) != 0)
        return conflict(out, TRN_TECH_COLUMNS_PER_OUTPUT, TRN_TECH_DEVICES_PER_SIGN,
                        TRN_TECH_WEIGHT_SLICES,
                        "columns_per_output %g does not divide devices_per_sign x weight_slices "
                        "= %g",
                        value[TRN_TECH_COLUMNS_PER_OUTPUT], devices);
    if (value[TRN_TECH_WEIGHT_SLICES] > 1 && bits > 32)
        return conflict(out, TRN_TECH_WEIGHT_SLICES, TRN_TECH_SLICE_BITS, TRN_TECH_KEYS,
                        "weight_slices x slice_bits = %g is above 32", bits);
    if (value[TRN_TECH_UNIPOLAR] > 0 && value[TRN_TECH_DEVICES_PER_SIGN] > 1)
        return conflict(out, TRN_TECH_UNIPOLAR, TRN_TECH_DEVICES_PER_SIGN, TRN_TECH_KEYS,
                        "unipolar_weights 1 leaves no use for devices_per_sign %g: it is 1",
                        value[TRN_TECH_DEVICES_PER_SIGN]);
    return true;
}

/* Conductances that can be written. */
static bool levels_agree(const double *value, struct trn_tech_conflict *out)
{
    double levels = value[TRN_TECH_LEVELS], pulses = value[TRN_TECH_PULSES];
    double wanted = exp2(value[TRN_TECH_SLICE_BITS]);

    if (levels > 0 && levels < 2)
        return conflict(out, TRN_TECH_LEVELS, TRN_TECH_KEYS, TRN_TECH_KEYS,
                        "conductance_levels %g hold nothing: 0 (any) or at least 2", levels);
    if (levels > 0 && pulses > 0 && levels > pulses + 1)
        return conflict(out, TRN_TECH_LEVELS, TRN_TECH_PULSES, TRN_TECH_KEYS,
                        "conductance_levels %g are more than %g pulses reach: at most %g", levels,
                        pulses, pulses + 1);
    if (value[TRN_TECH_WEIGHT_SLICES] > 1 && levels > 0 && levels < wanted)
        return conflict(out, TRN_TECH_LEVELS, TRN_TECH_SLICE_BITS, TRN_TECH_WEIGHT_SLICES,
                        "conductance_levels %g do not hold slice_bits %g: at least %g", levels,
                        value[TRN_TECH_SLICE_BITS], wanted);
    return true;
}

static double polynomial(const double *value, double x)
{
    double sum = value[TRN_TECH_PROGRAMMING_FOURTH];

    sum = sum * x + value[TRN_TECH_PROGRAMMING_CUBE];
    sum = sum * x + value[TRN_TECH_PROGRAMMING_SQUARE];
    sum = sum * x + value[TRN_TECH_PROGRAMMING_LINEAR];
    return sum * x + value[TRN_TECH_PROGRAMMING_CONSTANT];
}

double trn_tech_programming_sigma(const double value[TRN_TECH_KEYS], double x)
{
    return fmax(polynomial(value, x), 0);
}

/* A fit may dip below 0 somewhere; one that is nowhere above it has lost a sign or a unit. */
static bool programming_agrees(const double *value, struct trn_tech_conflict *out)
{
    double most = -INFINITY;

    for (int i = 0; i <= PLACES; i++)
        most = fmax(most, polynomial(value, (double)i / PLACES));
    if (most >= 0)
        return true;
    conflict(out, TRN_TECH_PROGRAMMING_CONSTANT, TRN_TECH_PROGRAMMING_LINEAR,
             TRN_TECH_PROGRAMMING_SQUARE,
             "the polynomial of programming_sigma_constant %g is below 0 for all x in [0, 1]: at "
             "most %.3g",
             value[TRN_TECH_PROGRAMMING_CONSTANT], most);
    out->keys[3] = TRN_TECH_PROGRAMMING_CUBE;
    out->keys[4] = TRN_TECH_PROGRAMMING_FOURTH;
    return false;
}

bool trn_tech_agrees(const double value[TRN_TECH_KEYS], struct trn_tech_conflict *out_conflict)
{
    double stuck = value[TRN_TECH_STUCK_ON] + value[TRN_TECH_STUCK_OFF];

    /* A sum such as 0.9 + 0.1 may round up. */
    if (stuck > 1 + 1e-12)
        return conflict(out_conflict, TRN_TECH_STUCK_ON, TRN_TECH_STUCK_OFF, TRN_TECH_KEYS,
                        "stuck_on_fraction + stuck_off_fraction = %g is above 1", stuck);
    return in_order(value, TRN_TECH_RESISTANCE_ON, TRN_TECH_RESISTANCE_OFF, out_conflict) &&
           in_order(value, TRN_TECH_READ_TIME, TRN_TECH_STEP_TIME, out_conflict) &&
           in_order(value, TRN_TECH_DRIFT_LOW, TRN_TECH_DRIFT_HIGH, out_conflict) &&
           in_order(value, TRN_TECH_DRIFT_SIGMA_LOW, TRN_TECH_DRIFT_SIGMA_HIGH, out_conflict) &&
           in_order(value, TRN_TECH_FLICKER, TRN_TECH_FLICKER_MOST, out_conflict) &&
           in_order(value, TRN_TECH_ADC_AREA, TRN_TECH_COLUMN_AREA, out_conflict) &&
           weights_agree(value, out_conflict) && levels_agree(value, out_conflict) &&
           programming_agrees(value, out_conflict);
}
