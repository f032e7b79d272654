#include "sim/analog/cell.h"

#include <math.h>
#include <string.h>

void trn_cell_scheme_init(const struct trn_analog_plan *plan, size_t crossbar,
                          const struct trnnsf_fault_map *faults, struct trn_cell_scheme *scheme)
{
    memset(scheme, 0, sizeof *scheme);
    scheme->plan = plan;
    scheme->crossbar = &plan->crossbars[crossbar];
    scheme->faults = faults;
    scheme->start = faults->crossbars[crossbar].start;
    scheme->slices = plan->slices;
    scheme->signs = plan->signs;
    scheme->devices = plan->devices;
    scheme->steps = (float)(plan->levels > 0 ? plan->levels - 1 : 0);
    for (size_t k = 0; k < plan->slices; k++) {
        scheme->coefficient[k] = (float)trn_analog_coefficient(plan, scheme->crossbar->layer, k);
        scheme->reference[k] = trn_analog_reference_target(plan, k);
    }
}

/* The ends of one device's range; equal ones where it is stuck. */
static void range_of(const struct trn_cell_scheme *scheme, size_t row, size_t place, size_t device,
                     float *low, float *high, unsigned *flags)
{
    const struct trnnsf_fault_map *faults = scheme->faults;
    size_t at =
        scheme->start + row +
        trn_fault_column(scheme->plan, scheme->crossbar, place, device) * scheme->crossbar->rows;
    uint32_t effects = scheme->plan->options.effects;
    bool has_range = faults->on && (effects & TRNNSF_ANALOG_VARIATION);
    float on = has_range ? faults->on[at] : 1, off = has_range ? faults->off[at] : 1;
    uint8_t fault = effects & TRNNSF_ANALOG_STUCK ? faults->fault[at] : TRNNSF_FAULT_NONE;

    if (on != 1 || off != 1)
        *flags |= TRN_CELL_ODD;
    if (fault != TRNNSF_FAULT_NONE)
        *flags |= TRN_CELL_ODD | TRN_CELL_STUCK;
    off *= (float)scheme->plan->off;
    *low = fault == TRNNSF_FAULT_STUCK_ON ? on : off;
    *high = fault == TRNNSF_FAULT_STUCK_OFF ? off : on;
}

void trn_cell_make(const struct trn_cell_scheme *scheme, size_t row, size_t place,
                   struct trn_cell *cell)
{
    float low, high;

    cell->constant = 0;
    cell->flags = 0;
    for (size_t d = 0; d < scheme->devices; d++) {
        float coefficient = scheme->coefficient[d / scheme->signs];

        coefficient = d % scheme->signs == 0 ? coefficient : -coefficient;
        range_of(scheme, row, place, d, &low, &high, &cell->flags);
        cell->constant += coefficient * low;
        cell->slope[d] = coefficient * (high - low);
    }
    for (size_t k = 0; k < trn_analog_references(scheme->plan); k++) {
        range_of(scheme, row, scheme->crossbar->places, k, &low, &high, &cell->flags);
        cell->constant -= scheme->coefficient[k] * (low + (high - low) * scheme->reference[k]);
    }
}

/* What is left to be reached, and what the slices below can add. */
struct rest {
    double weight, low, high;
};

static double miss(const struct rest *rest, double weight)
{
    return fmax(fmax(rest->low - weight, weight - rest->high), 0);
}

/* One slice: of the targets around the wanted one that from which the slices below come nearest;
 * of equal ones the nearest. */
static void choose(const struct trn_cell_scheme *scheme, const float *slope, struct rest *rest,
                   float *m)
{
    double best = miss(rest, rest->weight), left = rest->weight, before = rest->weight;

    for (size_t s = 0; s < scheme->signs; s++)
        m[s] = 0;
    for (size_t s = 0; s < scheme->signs; s++) {
        double wanted, steps = (double)scheme->steps;

        if (slope[s] == 0)
            continue;
        wanted = fmin(fmax(before / (double)slope[s], 0), 1);
        for (int up = 0; up < 2; up++) {
            double target = steps > 0 ? fmin(floor(wanted * steps) + up, steps) / steps : wanted;
            double then = before - (double)slope[s] * target, missed = miss(rest, then);

            if (missed < best || (missed == best && fabs(then) < fabs(left))) {
                for (size_t other = 0; other < scheme->signs; other++)
                    m[other] = 0;
                m[s] = (float)target;
                best = missed;
                left = then;
            }
        }
    }
    rest->weight = left;
}

bool trn_cell_compensate(const struct trn_cell_scheme *scheme, const struct trn_cell *cell,
                         float weight, float *m, float *out_error)
{
    struct rest rest = {(double)weight - (double)cell->constant, 0, 0};
    double error = -rest.weight;
    float changed[TRN_CELL_DEVICES];

    for (size_t d = 0; d < scheme->devices; d++) {
        error += (double)cell->slope[d] * (double)m[d];
        rest.low += fmin((double)cell->slope[d], 0);
        rest.high += fmax((double)cell->slope[d], 0);
    }
    for (size_t k = scheme->slices; k-- > 0;) {
        const float *slope = cell->slope + k * scheme->signs;

        for (size_t s = 0; s < scheme->signs; s++) {
            rest.low -= fmin((double)slope[s], 0);
            rest.high -= fmax((double)slope[s], 0);
        }
        choose(scheme, slope, &rest, changed + k * scheme->signs);
    }
    bool is_better = fabs(rest.weight) < fabs(error);
    if (is_better)
        memcpy(m, changed, scheme->devices * sizeof *m);
    *out_error = (float)(is_better ? -rest.weight : error);
    return is_better;
}
