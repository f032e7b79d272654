/* Formulas and their sources: doc/analog.md, in the order of the functions here. */
#include "sim/analog/write.h"

#include <math.h>
#include <string.h>
#include <trnnsf/remap.h>

#include "base/wide.h"
#include "sim/analog/normals.h"
#include "sim/analog/vector.h"

/* A device's resistance is at least this part of its mean. Chosen here: the normal law, cut. */
static const double LEAST_RESISTANCE = 0.1;

static void seek(const struct trn_write *write, uint32_t stream, struct trn_random *random)
{
    uint32_t spare = stream < TRN_STREAM_AGAIN ? TRN_STREAM_SPARE : TRN_STREAM_SPARE_AGAIN;

    trn_random_init(random, write->seed, TRN_RANDOM_ANALOG_WRITE,
                    stream + (write->is_spare ? spare : 0));
    trn_random_seek(random, write->item);
}

static void draw(const struct trn_write *write, uint32_t stream, uint64_t first, size_t n,
                 float *out)
{
    struct trn_random random;

    seek(write, stream, &random);
    trn_normals(&random, first, n, out);
}

/* The nearest whole number of pulses by the mean curve, and where they lead. */
static void apply_pulses(const struct trn_write *write, uint64_t first, size_t n, float *m)
{
    const double *value = write->plan->value;
    double most = value[TRN_TECH_PULSES], nu = value[TRN_TECH_PULSE_NONLINEARITY];
    double sigma = value[TRN_TECH_PULSE_SIGMA], end = -expm1(-nu);
    float z[TRN_WRITE_CELLS] = {0};

    if (sigma > 0)
        draw(write, TRN_STREAM_PULSES, first, n, z);
    for (size_t i = 0; i < n; i++) {
        double part = nu == 0 ? (double)m[i] : -log1p(-(double)m[i] * end) / nu;
        double count = nearbyint(fmin(fmax(part, 0), 1) * most);
        double reached = nu == 0 ? count / most : -expm1(-nu * count / most) / end;

        m[i] = (float)fmin(fmax(reached + sigma * sqrt(count) * (double)z[i], 0), 1);
    }
}

/* factor[i] = mean resistance over the device's own. */
static void draw_resistance(const struct trn_write *write, uint32_t stream, double sigma,
                            uint64_t first, size_t n, float *factor)
{
    draw(write, stream, first, n, factor);
    for (size_t i = 0; i < n; i++) {
        double resistance = 1 + sigma * (double)factor[i];

        for (uint32_t again = 0; resistance < LEAST_RESISTANCE; again++) {
            struct trn_random random;

            seek(write, TRN_STREAM_AGAIN + 2 * again + (stream == TRN_STREAM_OFF), &random);
            random.counter[0] = (uint32_t)(first + i);
            resistance = 1 + sigma * trn_random_normal(&random);
        }
        factor[i] = (float)(1 / resistance);
    }
}

/* The ends of each device's range over the nominal ones. */
static void draw_range(const struct trn_write *write, uint64_t first, size_t n, float *on,
                       float *off)
{
    const struct trn_analog_plan *plan = write->plan;
    double sigma_on = plan->value[TRN_TECH_VARIATION_ON];
    double sigma_off = plan->value[TRN_TECH_VARIATION_OFF];

    bool varies = trn_analog_has(plan, TRNNSF_ANALOG_VARIATION);

    for (size_t i = 0; i < n; i++)
        on[i] = off[i] = 1;
    if (varies && sigma_on > 0)
        draw_resistance(write, TRN_STREAM_ON, sigma_on, first, n, on);
    if (varies && sigma_off > 0)
        draw_resistance(write, TRN_STREAM_OFF, sigma_off, first, n, off);
}

/* The ends of each device's range. */
static void set_range(const struct trn_write *write, uint64_t first, size_t n, float *on,
                      float *off)
{
    if (write->known && write->known->on) {
        memcpy(on, write->known->on, n * sizeof *on);
        memcpy(off, write->known->off, n * sizeof *off);
    } else {
        draw_range(write, first, n, on, off);
    }
    for (size_t i = 0; i < n; i++)
        off[i] *= (float)write->plan->off;
}

TRN_INLINE void apply_programming(const struct trn_write *write, uint64_t first, size_t n,
                                  const float *target, float *x)
{
    const double *value = write->plan->value;
    const float c[5] = {
        (float)value[TRN_TECH_PROGRAMMING_CONSTANT], (float)value[TRN_TECH_PROGRAMMING_LINEAR],
        (float)value[TRN_TECH_PROGRAMMING_SQUARE], (float)value[TRN_TECH_PROGRAMMING_CUBE],
        (float)value[TRN_TECH_PROGRAMMING_FOURTH]};
    float lognormal = (float)value[TRN_TECH_PROGRAMMING_LOGNORMAL], z[TRN_WRITE_CELLS];

    if (c[0] != 0 || c[1] != 0 || c[2] != 0 || c[3] != 0 || c[4] != 0) {
        draw(write, TRN_STREAM_PROGRAMMING, first, n, z);
        for (size_t i = 0; i < n; i++) {
            float t = target[i];
            float sigma = c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
            float moved = x[i] + (sigma > 0 ? sigma : 0) * z[i];

            x[i] = moved > 0 ? moved : 0;
        }
    }
    if (lognormal > 0) {
        draw(write, TRN_STREAM_LOGNORMAL, first, n, z);
        for (size_t i = 0; i < n; i++)
            x[i] *= trn_exp(lognormal * z[i]);
    }
}

static float clamp(float x, float low, float high)
{
    x = x > low ? x : low;
    return x < high ? x : high;
}

static void apply_drift(const struct trn_write *write, uint64_t first, size_t n,
                        const float *target, float *x)
{
    const double *value = write->plan->value;
    float slope = (float)value[TRN_TECH_DRIFT_SLOPE], offset = (float)value[TRN_TECH_DRIFT_OFFSET];
    float low = (float)value[TRN_TECH_DRIFT_LOW], high = (float)value[TRN_TECH_DRIFT_HIGH];
    float sigma_slope = (float)value[TRN_TECH_DRIFT_SIGMA_SLOPE];
    float sigma_offset = (float)value[TRN_TECH_DRIFT_SIGMA_OFFSET];
    float sigma_low = (float)value[TRN_TECH_DRIFT_SIGMA_LOW];
    float sigma_high = (float)value[TRN_TECH_DRIFT_SIGMA_HIGH], z[TRN_WRITE_CELLS] = {0};
    float time = (float)log1p(write->plan->options.time_second / value[TRN_TECH_DRIFT_START]);

    if (sigma_high > 0)
        draw(write, TRN_STREAM_DRIFT, first, n, z);
    for (size_t i = 0; i < n; i++) {
        float logarithm = trn_ln(target[i] > 1e-7f ? target[i] : 1e-7f);
        float sigma = clamp(sigma_slope * logarithm + sigma_offset, sigma_low, sigma_high);
        float nu = clamp(slope * logarithm + offset, low, high) + sigma * z[i];

        nu = low >= 0 && nu < 0 ? -nu : nu;
        x[i] *= trn_exp(-nu * time);
    }
}

static void apply_retention(const struct trn_write *write, uint64_t first, size_t n, float *x)
{
    const double *value = write->plan->value;
    double decades =
        log1p(write->plan->options.time_second / value[TRN_TECH_DRIFT_START]) / log(10);
    float shift = (float)(value[TRN_TECH_RETENTION_SHIFT] * decades);
    float sigma = (float)(value[TRN_TECH_RETENTION_SIGMA] * sqrt(decades));
    float z[TRN_WRITE_CELLS] = {0};

    if (sigma > 0)
        draw(write, TRN_STREAM_RETENTION, first, n, z);
    for (size_t i = 0; i < n; i++) {
        float moved = x[i] + shift + sigma * z[i];

        x[i] = moved > 0 ? moved : 0;
    }
}

/* `written` is x before time passed. */
static void apply_flicker(const struct trn_write *write, uint64_t first, size_t n,
                          const float *written, float *x)
{
    const double *value = write->plan->value;
    double read = value[TRN_TECH_FLICKER_READ];
    double time = value[TRN_TECH_DRIFT_START] + write->plan->options.time_second;
    float grown = (float)sqrt(fmax(log((time + read) / (2 * read)), 0));
    float at_one = (float)value[TRN_TECH_FLICKER], most = (float)value[TRN_TECH_FLICKER_MOST];
    float exponent = (float)value[TRN_TECH_FLICKER_EXPONENT], z[TRN_WRITE_CELLS];

    draw(write, TRN_STREAM_FLICKER, first, n, z);
    for (size_t i = 0; i < n; i++) {
        float least = written[i] > 1e-7f ? written[i] : 1e-7f;
        float part = at_one * trn_exp(-exponent * trn_ln(least));
        float moved = x[i] + x[i] * (part < most ? part : most) * grown * z[i];

        x[i] = moved > 0 ? moved : 0;
    }
}

static void apply_known(const struct trn_write *write, size_t n, const float *on, const float *off,
                        float *x)
{
    const uint8_t *fault = write->known->fault;

    for (size_t i = 0; i < n; i++)
        x[i] = fault[i] == TRNNSF_FAULT_NONE       ? x[i]
               : fault[i] == TRNNSF_FAULT_STUCK_ON ? on[i]
                                                   : off[i];
}

static void apply_stuck(const struct trn_write *write, uint64_t first, size_t n, const float *on,
                        const float *off, float *x)
{
    float stuck_on = (float)write->plan->value[TRN_TECH_STUCK_ON];
    float stuck = stuck_on + (float)write->plan->value[TRN_TECH_STUCK_OFF];
    float u[TRN_WRITE_CELLS];
    struct trn_random random;

    if (write->known) {
        apply_known(write, n, on, off, x);
        return;
    }
    seek(write, TRN_STREAM_STUCK, &random);
    trn_uniforms(&random, first, n, u);
    for (size_t i = 0; i < n; i++)
        x[i] = u[i] < stuck_on ? on[i] : u[i] < stuck ? off[i] : x[i];
}

void trn_write_faults(const struct trn_write *write, uint64_t first, size_t n, uint8_t *fault,
                      float *on, float *off)
{
    float x[TRN_WRITE_CELLS], is_on[TRN_WRITE_CELLS], is_off[TRN_WRITE_CELLS];

    for (size_t i = 0; i < TRN_WRITE_CELLS; i++) {
        x[i] = TRNNSF_FAULT_NONE;
        is_on[i] = TRNNSF_FAULT_STUCK_ON;
        is_off[i] = TRNNSF_FAULT_STUCK_OFF;
    }
    if (trn_analog_has(write->plan, TRNNSF_ANALOG_STUCK))
        apply_stuck(write, first, n, is_on, is_off, x);
    for (size_t i = 0; i < n; i++)
        fault[i] = (uint8_t)x[i];
    if (on) {
        draw_range(write, first, n, is_on, is_off);
        memcpy(on, is_on, n * sizeof *on);
        memcpy(off, is_off, n * sizeof *off);
    }
}

static double sum_of(size_t n, const float *x)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i];
    return sum;
}

TRN_INLINE void write_cells(const struct trn_write *write, uint64_t first, size_t n, const float *m,
                            float *x, double *early, double *late)
{
    const struct trn_analog_plan *plan = write->plan;
    float part[TRN_WRITE_CELLS], target[TRN_WRITE_CELLS], written[TRN_WRITE_CELLS];
    float on[TRN_WRITE_CELLS], off[TRN_WRITE_CELLS], start = (float)plan->off;
    bool is_stuck = trn_analog_has(plan, TRNNSF_ANALOG_STUCK);
    bool is_summed = trn_analog_has(plan, TRNNSF_ANALOG_DRIFT | TRNNSF_ANALOG_RETENTION);

    for (size_t i = 0; i < n; i++) {
        part[i] = m[i];
        target[i] = start + (1 - start) * m[i];
    }
    if (trn_analog_has(plan, TRNNSF_ANALOG_PULSES))
        apply_pulses(write, first, n, part);
    set_range(write, first, n, on, off);
    for (size_t i = 0; i < n; i++)
        x[i] = off[i] + (on[i] - off[i]) * part[i];
    if (trn_analog_has(plan, TRNNSF_ANALOG_PROGRAMMING))
        apply_programming(write, first, n, target, x);
    for (size_t i = 0; i < n; i++)
        written[i] = x[i];
    if (is_stuck)
        apply_stuck(write, first, n, on, off, written);
    *early += is_summed ? sum_of(n, written) : 0;
    if (write->start)
        memcpy(write->start, written, n * sizeof *written);
    for (size_t i = 0; i < n; i++)
        written[i] = x[i];
    if (trn_analog_has(plan, TRNNSF_ANALOG_DRIFT))
        apply_drift(write, first, n, target, x);
    if (trn_analog_has(plan, TRNNSF_ANALOG_RETENTION))
        apply_retention(write, first, n, x);
    if (trn_analog_has(plan, TRNNSF_ANALOG_FLICKER))
        apply_flicker(write, first, n, written, x);
    if (is_stuck)
        apply_stuck(write, first, n, on, off, x);
    *late += is_summed ? sum_of(n, x) : 0;
}

TRN_WIDE static void write_cells_wide(const struct trn_write *write, uint64_t first, size_t n,
                                      const float *m, float *x, double *early, double *late)
{
    write_cells(write, first, n, m, x, early, late);
}

void trn_write_cells(const struct trn_write *write, uint64_t first, size_t n, const float *m,
                     float *x, double *early, double *late)
{
    if (trn_is_wide())
        write_cells_wide(write, first, n, m, x, early, late);
    else
        write_cells(write, first, n, m, x, early, late);
}
