#include "sim/wires/cell.h"

#include <math.h>

/* The voltage x > 0 of the memristive part with x + ohm g sinh(alpha x) / alpha = voltage > 0. The
 * left side is convex for x > 0, so Newton's method comes down to the root from any start above. */
static double part_voltage(const struct trn_cell_law *law, double g, double voltage)
{
    double scale = law->ohm * g, x = asinh(law->alpha * voltage / scale) / law->alpha;

    if (x > voltage)
        x = voltage;
    for (;;) {
        double excess = x + scale * sinh(law->alpha * x) / law->alpha - voltage;
        double next = x - excess / (1 + scale * cosh(law->alpha * x));

        if (!(next < x) || next <= 0)
            return x;
        x = next;
    }
}

struct trn_cell_state trn_cell_at(const struct trn_cell_law *law, double g, double voltage)
{
    struct trn_cell_state state = {0};

    if (law->alpha == 0) {
        state.slope = g / (1 + g * law->ohm);
        state.current = state.slope * voltage;
        state.energy = 0.5 * state.current * voltage;
        return state;
    }
    if (g == 0)
        return state;

    double size = fabs(voltage);
    double x = law->ohm > 0 && size > 0 ? part_voltage(law, g, size) : size;
    double half = sinh(0.5 * law->alpha * x), slope = g * cosh(law->alpha * x);

    state.current = g * sinh(law->alpha * x) / law->alpha;
    state.slope = slope / (1 + slope * law->ohm);
    state.energy = 2 * g * half * half / (law->alpha * law->alpha) +
                   0.5 * law->ohm * state.current * state.current;
    if (voltage < 0)
        state.current = -state.current;
    return state;
}

double trn_cell_secant(const struct trn_cell_law *law, double g, double voltage)
{
    struct trn_cell_state state = trn_cell_at(law, g, voltage);

    return voltage == 0 || law->alpha == 0 ? state.slope : state.current / voltage;
}
