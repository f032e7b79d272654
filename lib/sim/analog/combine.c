/* Devices to weights: what the columns of a weight's devices stand for together. */
#include <string.h>

#include "sim/analog/analog.h"

static void add_scaled(size_t n, float factor, const float *from, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += factor * from[i];
}

static void add_difference(size_t n, float factor, const float *a, const float *b, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += factor * (a[i] - b[i]);
}

/* Column of the other sign of an output's slice, or its reference. */
static size_t minus_column(const struct trn_analog_plan *plan,
                           const struct trn_analog_crossbar *crossbar, size_t output, size_t slice)
{
    if (plan->scheme == TRN_ANALOG_PAIR)
        return trn_analog_column(plan, crossbar, output, slice * plan->signs + 1);
    return trn_analog_column(plan, crossbar, crossbar->n_out, slice);
}

void trn_analog_combine(const struct trn_analog_plan *plan,
                        const struct trn_analog_crossbar *crossbar, size_t n, const float *physical,
                        size_t ld_physical, float *rows, size_t ld_rows)
{
    size_t count = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);

    for (size_t r = 0; r < plan->groups * count; r++)
        memset(rows + r * ld_rows, 0, n * sizeof *rows);
    for (size_t k = 0; k < plan->slices; k++) {
        float factor = (float)trn_analog_coefficient(plan, crossbar->layer, k);
        float *group = rows + (plan->groups == 1 ? 0 : k) * count * ld_rows;

        for (size_t o = 0; o < crossbar->n_out; o++) {
            size_t plus = trn_analog_column(plan, crossbar, o, k * plan->signs);
            const float *from = physical + plus * ld_physical;

            if (plan->codes)
                add_scaled(n, factor, from, group + o * ld_rows);
            else
                add_difference(n, factor, from,
                               physical + minus_column(plan, crossbar, o, k) * ld_physical,
                               group + o * ld_rows);
        }
        for (size_t o = 0; o < minus; o++)
            add_scaled(n, factor, physical + minus_column(plan, crossbar, o, k) * ld_physical,
                       group + (crossbar->n_out + o) * ld_rows);
    }
}

/* A pair's noises add up in one row; a reference's, which all outputs share, is a row by itself. */
void trn_analog_combine_noise(const struct trn_analog_plan *plan,
                              const struct trn_analog_crossbar *crossbar, size_t n,
                              const float *physical, float *rows)
{
    size_t count = trn_analog_noise_rows(plan, crossbar);
    size_t minus = count - crossbar->n_out;

    memset(rows, 0, plan->groups * count * n * sizeof *rows);
    for (size_t k = 0; k < plan->slices; k++) {
        float factor = (float)trn_analog_coefficient(plan, crossbar->layer, k);
        float *group = rows + (plan->groups == 1 ? 0 : k) * count * n;

        for (size_t o = 0; o < crossbar->n_out; o++) {
            size_t plus = trn_analog_column(plan, crossbar, o, k * plan->signs);

            add_scaled(n, factor * factor, physical + plus * n, group + o * n);
            if (minus == 0)
                add_scaled(n, factor * factor, physical + minus_column(plan, crossbar, o, k) * n,
                           group + o * n);
        }
        for (size_t o = 0; o < minus; o++)
            add_scaled(n, factor * factor, physical + minus_column(plan, crossbar, o, k) * n,
                       group + (crossbar->n_out + o) * n);
    }
}
