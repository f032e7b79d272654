/* DAC and ADC. */
#include <math.h>
#include <string.h>

#include "sim/analog/read.h"
#include "sim/analog/vector.h"

enum { CHUNK = TRN_ANALOG_CHUNK };

/* Largest whole number of the DAC's code; 0: any value. */
static float dac_top(const struct trn_analog_plan *plan)
{
    double bits = plan->bits > 0 ? (double)plan->bits : plan->value[TRN_TECH_DAC_BITS];

    return trn_analog_has(plan, TRNNSF_ANALOG_DAC) ? (float)(exp2(bits) - 1) : 0;
}

size_t trn_read_steps(const struct trn_analog_plan *plan)
{
    /* Otherwise all steps together are one product. */
    bool matters =
        trn_analog_has(plan, TRNNSF_ANALOG_ADC | TRNNSF_ANALOG_READ_NOISE) || plan->by_vector;

    return plan->bits > 0 && matters ? plan->bits : 1;
}

float trn_read_weight(const struct trn_read *read, size_t step)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    double range = (double)plan->layers[read->layer].input_range;

    if (trn_read_steps(plan) > 1)
        return (float)(range * exp2((double)step) / (exp2((double)plan->bits) - 1));
    return (float)range;
}

/* More bits than trn_round() takes. */
static uint64_t convert_fine_row(size_t n, float scale, float low, float top, float unit,
                                 const float *x, float *out)
{
    uint32_t beyond = 0;

    for (size_t s = 0; s < n; s++) {
        float size = x[s] < 0 && low == 0 ? 0 : fabsf(x[s]) * scale;
        float code = (float)(int32_t)((size < 1 ? size : 1) * top + 0.5f) * unit;

        beyond += size > 1.000001f || x[s] * scale * top < low - 0.5f;
        out[s] = x[s] < 0 ? -code : code;
    }
    return beyond;
}

/* One row: whole numbers between low and top times `unit`, or (top 0) scaled values. */
static uint64_t convert_row(size_t n, float scale, float low, float top, float unit, const float *x,
                            float *out)
{
    float to_code = scale * top, below = low == 0 ? 0.5f : 0;
    uint32_t beyond = 0;

    if (top > 0x1p22f)
        return convert_fine_row(n, scale, low, top, unit, x, out);
    for (size_t s = 0; top == 0 && s < n; s++)
        out[s] = x[s] * scale;
    for (size_t s = 0; top > 0 && s < n; s++) {
        float code = x[s] * to_code;

        beyond += code > top * 1.000001f || code < low * 1.000001f - below;
        code = code > low ? code : low;
        code = code < top ? code : top;
        out[s] = trn_round(code) * unit;
    }
    return beyond;
}

/* out[i, s] = rows[s, i] for TRN_READ_TURNED samples: whole cache lines are written. */
static void turn(size_t n_in, const float *rows, float *out)
{
    for (size_t i = 0; i < n_in; i++) {
        for (size_t s = 0; s < TRN_READ_TURNED; s++)
            out[i * CHUNK + s] = rows[s * n_in + i];
    }
}

/* Samples are converted as they lie, some at once, and then turned. */
static uint64_t convert_samples(const struct trn_read *read, struct trn_read_scratch *scratch,
                                size_t first, size_t n, float scale, float low, float top,
                                float unit, float *out)
{
    size_t n_in = read->analog->plan->layers[read->layer].n_in;
    const float *samples = read->samples + first * n_in;
    uint64_t beyond = 0;

    for (size_t s = 0; s < n; s += TRN_READ_TURNED) {
        size_t count = n - s < TRN_READ_TURNED ? n - s : TRN_READ_TURNED;

        beyond +=
            convert_row(count * n_in, scale, low, top, unit, samples + s * n_in, scratch->turned);
        turn(n_in, scratch->turned, out + s);
    }
    return beyond;
}

void trn_read_dac(const struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                  size_t n)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    float top = dac_top(plan), scale = 1 / layer->input_range;
    float unit = top > 0 && !scratch->magnitude ? 1 / top : 1;
    bool is_positive = layer->input.range > 0 && !layer->input.is_signed;
    float low = is_positive ? 0 : -top;
    float *out = scratch->magnitude ? scratch->magnitude : scratch->v;

    if (!read->x)
        scratch->counts.dac_beyond +=
            convert_samples(read, scratch, first, n, scale, low, top, unit, out);
    for (size_t i = 0; read->x && i < layer->n_in; i++)
        scratch->counts.dac_beyond +=
            convert_row(n, scale, low, top, unit, read->x + i * read->ld + first, out + i * CHUNK);
    if (top > 0)
        scratch->counts.dac += layer->n_in * n;
}

/* Binary steps meet the law sinh at the read voltage alone, for which conductances hold. */
static void bend(const struct trn_analog_plan *plan, size_t n, float *v)
{
    double alpha = plan->value[TRN_TECH_SINH_ALPHA] * plan->value[TRN_TECH_READ_VOLTAGE];
    float factor = (float)alpha, scale = (float)(1 / sinh(alpha));

    for (size_t s = 0; s < n; s++)
        v[s] = trn_sinh(factor * v[s]) * scale;
}

static void drive_bit(size_t n, size_t step, const float *magnitude, float *v)
{
    for (size_t s = 0; s < n; s++) {
        uint32_t code = (uint32_t)(int32_t)fabsf(magnitude[s]);
        float bit = (float)(int32_t)(code >> step & 1u);

        v[s] = magnitude[s] < 0 ? -bit : bit;
    }
}

void trn_read_drive(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                    size_t step)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    size_t n_in = plan->layers[read->layer].n_in;
    bool is_bent =
        trn_analog_has(plan, TRNNSF_ANALOG_NONLINEAR) && !plan->by_vector && plan->bits == 0;

    for (size_t i = 0; i < n_in; i++) {
        float *v = scratch->v + i * CHUNK;

        if (scratch->magnitude)
            drive_bit(n, step, scratch->magnitude + i * CHUNK, v);
        if (is_bent)
            bend(plan, n, v);
        if (!scratch->square)
            continue;
        for (size_t s = 0; s < n; s++)
            scratch->square[i * CHUNK + s] = v[s] * v[s];
    }
}

/* Codes are whole multiples of a step between low and steps; those that would be others count. */
static uint64_t quantise_row(size_t n, float range, float steps, bool is_signed, float *sums)
{
    float low = is_signed ? -steps : 0, step = range / steps, inverse = steps / range;
    uint32_t beyond = 0;

    for (size_t s = 0; s < n; s++) {
        float code = sums[s] * inverse;

        beyond += code > steps + 0.5f || code < low - 0.5f;
        code = code > low ? code : low;
        code = code < steps ? code : steps;
        sums[s] = trn_round(code) * step;
    }
    return beyond;
}

/* One bit with a sign. */
static uint64_t compare_row(size_t n, float range, float *sums)
{
    for (size_t s = 0; s < n; s++)
        sums[s] = sums[s] < 0 ? -0.5f * range : 0.5f * range;
    return 0;
}

void trn_read_adc(const struct trn_read *read, struct trn_read_scratch *scratch, size_t group,
                  size_t rows, size_t n, float *sums)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    double bits = plan->value[TRN_TECH_ADC_BITS];
    float steps = (float)(exp2(layer->signed_sums ? bits - 1 : bits) - 1);
    float range = layer->sum_range[group];

    if (scratch->seen) {
        for (size_t r = 0; r < rows; r++)
            trn_seen_add(&scratch->seen[group], n, sums + r * CHUNK);
        return;
    }
    if (!trn_analog_has(plan, TRNNSF_ANALOG_ADC))
        return;
    scratch->counts.adc += rows * n;
    for (size_t r = 0; r < rows; r++)
        scratch->counts.adc_beyond +=
            steps < 1 ? compare_row(n, range, sums + r * CHUNK)
                      : quantise_row(n, range, steps, layer->signed_sums, sums + r * CHUNK);
}

void trn_seen_add(struct trn_analog_seen *seen, size_t n, const float *values)
{
    float most = seen->most, least = 0;

    for (size_t s = 0; s < n; s++) {
        float size = fabsf(values[s]);

        most = size > most ? size : most;
        least = values[s] < least ? values[s] : least;
    }
    seen->most = most;
    seen->has_negative = seen->has_negative || least < 0;
    seen->total += n;
    for (size_t s = 0; seen->bins && s < n; s++) {
        float size = fabsf(values[s]);
        uint32_t word;

        memcpy(&word, &size, sizeof word);
        seen->bins[word >> TRN_SEEN_SHIFT]++;
    }
}
