/* DAC and ADC. */
#include <math.h>
#include <string.h>

#include "base/wide.h"
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

struct dac {
    float scale;          /* inputs to parts of full scale */
    float low, top, unit; /* codes, top 0: any value; what they are multiplied by */
};

/* More bits than trn_round() takes. */
static uint64_t convert_fine_row(const struct dac *dac, size_t n, const float *x, float *out)
{
    float scale = dac->scale, low = dac->low, top = dac->top, unit = dac->unit;
    uint32_t beyond = 0;

    for (size_t s = 0; s < n; s++) {
        float size = x[s] < 0 && low == 0 ? 0 : fabsf(x[s]) * scale;
        float code = (float)(int32_t)((size < 1 ? size : 1) * top + 0.5f) * unit;

        beyond += size > 1.000001f || x[s] * scale * top < low - 0.5f;
        out[s] = x[s] < 0 ? -code : code;
    }
    return beyond;
}

/* Whole numbers between low and top times `unit`, or (top 0) scaled values. May be in place. */
TRN_INLINE uint64_t convert_values(const struct dac *dac, size_t n, const float *x, float *out)
{
    float scale = dac->scale, low = dac->low, top = dac->top, unit = dac->unit;
    float to_code = scale * top, below = low == 0 ? 0.5f : 0;
    uint32_t beyond = 0;

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

TRN_WIDE static uint64_t convert_values_wide(const struct dac *dac, size_t n, const float *x,
                                             float *out)
{
    return convert_values(dac, n, x, out);
}

static uint64_t convert_row(const struct dac *dac, size_t n, const float *x, float *out)
{
    if (dac->top > 0x1p22f)
        return convert_fine_row(dac, n, x, out);
    return trn_is_wide() ? convert_values_wide(dac, n, x, out) : convert_values(dac, n, x, out);
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
                                size_t first, size_t n, const struct dac *dac, float *out)
{
    size_t n_in = read->analog->plan->layers[read->layer].n_in;
    const float *samples = read->samples + first * n_in;
    uint64_t beyond = 0;

    for (size_t s = 0; s < n; s += TRN_READ_TURNED) {
        size_t count = n - s < TRN_READ_TURNED ? n - s : TRN_READ_TURNED;

        beyond += convert_row(dac, count * n_in, samples + s * n_in, scratch->turned);
        turn(n_in, scratch->turned, out + s);
    }
    return beyond;
}

static struct dac dac_of(const struct trn_read *read)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    bool is_positive = layer->input.range > 0 && !layer->input.is_signed;
    float top = dac_top(plan);

    return (struct dac){.scale = 1 / layer->input_range,
                        .low = is_positive ? 0 : -top,
                        .top = top,
                        .unit = top > 0 && trn_read_steps(plan) == 1 ? 1 / top : 1};
}

void trn_read_dac(const struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                  size_t n)
{
    size_t n_in = read->analog->plan->layers[read->layer].n_in;
    struct dac dac = dac_of(read);
    float *out = scratch->magnitude ? scratch->magnitude : scratch->v;

    if (!read->x)
        scratch->counts.dac_beyond += convert_samples(read, scratch, first, n, &dac, out);
    for (size_t i = 0; read->x && i < n_in; i++)
        scratch->counts.dac_beyond +=
            convert_row(&dac, n, read->x + i * read->ld + first, out + i * CHUNK);
    if (dac.top > 0)
        scratch->counts.dac += n_in * n;
}

void trn_read_dac_values(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                         float *values, bool counts)
{
    struct dac dac = dac_of(read);
    uint64_t beyond = convert_row(&dac, n, values, values);

    scratch->counts.dac_beyond += counts ? beyond : 0;
}

void trn_read_dac_count(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                        const float *values)
{
    struct dac dac = dac_of(read);
    float codes[CHUNK];

    for (size_t k = 0; values && k < n; k += CHUNK)
        scratch->counts.dac_beyond +=
            convert_row(&dac, n - k < CHUNK ? n - k : CHUNK, values + k, codes);
    if (dac.top > 0)
        scratch->counts.dac += n;
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

const float *trn_read_drive_values(const struct trn_read *read, struct trn_read_scratch *scratch,
                                   size_t n, size_t step, float *codes)
{
    const struct trn_analog_plan *plan = read->analog->plan;

    if (trn_read_steps(plan) > 1) {
        drive_bit(n, step, codes, scratch->bits);
        return scratch->bits;
    }
    if (trn_analog_has(plan, TRNNSF_ANALOG_NONLINEAR) && plan->bits == 0)
        bend(plan, n, codes);
    return codes;
}

/* Codes are whole multiples of a step between low and steps; those that would be others count. */
TRN_INLINE uint64_t quantise(size_t n, float range, float steps, bool is_signed, float *sums)
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

TRN_WIDE static uint64_t quantise_wide(size_t n, float range, float steps, bool is_signed,
                                       float *sums)
{
    return quantise(n, range, steps, is_signed, sums);
}

/* One bit with a sign. */
static void compare_row(size_t n, float range, float *sums)
{
    for (size_t s = 0; s < n; s++)
        sums[s] = sums[s] < 0 ? -0.5f * range : 0.5f * range;
}

float trn_read_adc_steps(const struct trn_analog_plan *plan, size_t layer)
{
    double bits = plan->value[TRN_TECH_ADC_BITS];

    return (float)(exp2(plan->layers[layer].signed_sums ? bits - 1 : bits) - 1);
}

void trn_read_adc_run(const struct trn_read *read, struct trn_read_scratch *scratch, size_t group,
                      size_t n, float *sums)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    float range = layer->sum_range[group], steps = read->adc_steps;

    if (scratch->seen) {
        trn_seen_add(&scratch->seen[group], n, sums);
        return;
    }
    if (!trn_analog_has(plan, TRNNSF_ANALOG_ADC))
        return;
    if (steps < 1)
        compare_row(n, range, sums);
    else if (trn_is_wide())
        scratch->counts.adc_beyond += quantise_wide(n, range, steps, layer->signed_sums, sums);
    else
        scratch->counts.adc_beyond += quantise(n, range, steps, layer->signed_sums, sums);
}

void trn_read_adc(const struct trn_read *read, struct trn_read_scratch *scratch, size_t group,
                  size_t rows, size_t n, float *sums)
{
    if (trn_analog_has(read->analog->plan, TRNNSF_ANALOG_ADC) && !scratch->seen)
        scratch->counts.adc += rows * n;
    for (size_t r = 0; r < rows; r++)
        trn_read_adc_run(read, scratch, group, n, sums + r * CHUNK);
}

/* Of floats as words, of which compilers make vectors: those of sizes are in order. */
TRN_INLINE void look_at(struct trn_analog_seen *seen, size_t n, const float *values)
{
    union {
        float value;
        uint32_t bits;
    } most = {.value = seen->most}, now;
    uint32_t zeros = 0, negatives = 0;

    for (size_t s = 0; s < n; s++) {
        now.value = values[s];
        uint32_t size = now.bits & UINT32_C(0x7FFFFFFF);

        most.bits = size > most.bits ? size : most.bits;
        zeros += size == 0;
        negatives += now.bits > UINT32_C(0x80000000);
    }
    seen->most = most.value;
    seen->has_negative = seen->has_negative || negatives > 0;
    seen->total += n;
    seen->zeros += zeros;
}

TRN_WIDE static void look_at_wide(struct trn_analog_seen *seen, size_t n, const float *values)
{
    look_at(seen, n, values);
}

void trn_seen_add(struct trn_analog_seen *seen, size_t n, const float *values)
{
    if (trn_is_wide())
        look_at_wide(seen, n, values);
    else
        look_at(seen, n, values);
    for (size_t s = 0; seen->bins && s < n; s++) {
        float size = fabsf(values[s]);
        uint32_t word;

        memcpy(&word, &size, sizeof word);
        seen->bins[word >> TRN_SEEN_SHIFT]++;
    }
}
