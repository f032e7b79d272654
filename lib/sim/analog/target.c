/* Weights to devices: schemes, levels, digits. Source of slices: Shafiee et al., "ISAAC", ISCA
 * 2016, section V; of pairs and references: doc/analog.md. */
#include <math.h>

#include "sim/analog/plan.h"

/* To the nearest whole number, ties to even, below 2^51 in size: one addition, where nearbyint() is
 * a call. */
static double whole(double x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */

    return x + shift - shift;
}

/* The whole number of a weight (levels > 0), or its part of the range. */
static double number_of(const struct trn_analog_plan *plan, double scaled, size_t sign)
{
    if (plan->scheme == TRN_ANALOG_REFERENCE) {
        double offset = plan->centre * scaled;

        return plan->levels > 0 && plan->centre != 0.5 * plan->top ? plan->centre + whole(offset)
               : plan->levels > 0                                  ? whole(plan->centre + offset)
                                                                   : plan->centre + offset;
    }
    double size = plan->scheme == TRN_ANALOG_UNIPOLAR ? fabs(scaled)
                  : sign == 0                         ? fmax(scaled, 0)
                                                      : fmax(-scaled, 0);
    return plan->levels > 0 ? whole(size * plan->top) : size;
}

static double reference_number(const struct trn_analog_plan *plan)
{
    return plan->scheme == TRN_ANALOG_REFERENCE ? plan->centre : 0;
}

/* A slice's part of its range. */
static float part_of(const struct trn_analog_plan *plan, double number, size_t slice)
{
    if (plan->levels == 0 || plan->slices == 1)
        return (float)(number / plan->top);

    unsigned bits = (unsigned)plan->value[TRN_TECH_SLICE_BITS];
    uint64_t digit = (uint64_t)number >> (unsigned)slice * bits & ((UINT64_C(1) << bits) - 1);
    return (float)((double)digit / (plan->base - 1));
}

/* Pairs that hold any conductance: the usual case, in one loop. */
static void any_of_pair(size_t n, float scale, const float *weights, float *m)
{
    for (size_t i = 0; i < n; i++) {
        float part = weights[i] * scale;

        part = part > 0 ? part : 0;
        m[i] = part < 1 ? part : 1;
    }
}

void trn_analog_target(const struct trn_analog_plan *plan,
                       const struct trn_analog_crossbar *crossbar, size_t output, size_t device,
                       float *m)
{
    size_t slice = device / plan->signs, sign = device % plan->signs;
    bool is_reference = output == crossbar->n_out;
    const float *weights = is_reference ? NULL : crossbar->weights + output * crossbar->n_in;
    double scale = 1 / (double)plan->layers[crossbar->layer].weight_range;

    if (plan->scheme == TRN_ANALOG_PAIR && plan->levels == 0) {
        any_of_pair(crossbar->n_in, (float)(sign == 0 ? scale : -scale), weights, m);
        return;
    }
    for (size_t i = 0; i < crossbar->n_in; i++) {
        double number = is_reference ? reference_number(plan)
                                     : number_of(plan, (double)weights[i] * scale, sign);

        m[i] = part_of(plan, number, slice);
    }
}

float trn_analog_reference_target(const struct trn_analog_plan *plan, size_t slice)
{
    return part_of(plan, reference_number(plan), slice);
}

void trn_analog_targets_of(const struct trn_analog_plan *plan,
                           const struct trn_analog_crossbar *crossbar, size_t output, size_t input,
                           float *m)
{
    double scale = 1 / (double)plan->layers[crossbar->layer].weight_range;
    double scaled = (double)crossbar->weights[output * crossbar->n_in + input] * scale;

    for (size_t d = 0; d < plan->devices; d++)
        m[d] = part_of(plan, number_of(plan, scaled, d % plan->signs), d / plan->signs);
}
