/* A crossbar's read: what the driven rows sum up to, noise, conversion. A crossbar that nothing
 * drives in a step is not read. */
#include <math.h>
#include <string.h>

#include "sim/analog/normals.h"
#include "sim/spiking/reads.h"

enum { CHUNK = TRN_SPIKE_CHUNK };
/* A sum beyond it is cut: units leave room for all but inputs far beyond their scale. */
static const double SUM_MOST = (double)(1 << TRN_SPIKE_SUM_BITS);

/* To the nearest whole number, ties to even, below 2^51 in size. */
static double nearest(double x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */

    return x + shift - shift;
}

static int32_t whole(double x)
{
    x = x > SUM_MOST ? SUM_MOST : x < -SUM_MOST ? -SUM_MOST : x;
    return (int32_t)nearest(x);
}

static uint32_t all_steps(const struct trn_spike_reading *reading)
{
    return reading->count < CHUNK ? (UINT32_C(1) << reading->count) - 1 : UINT32_MAX;
}

static size_t find_events(const struct trn_spike_reading *reading,
                          const struct trn_spike_crossbar *crossbar, uint32_t *out_driven)
{
    const float *sizes = reading->sizes;
    size_t count = 0;

    *out_driven = 0;
    for (size_t i = 0; i < crossbar->sums.n_in; i++) {
        size_t input = crossbar->sums.inputs[i];

        if (!reading->masks[input])
            continue;
        reading->events[count++] =
            (struct trn_spike_event){(uint32_t)i, reading->masks[input], sizes && sizes[input] < 0};
        *out_driven |= reading->masks[input];
    }
    return count;
}

static void add_block(const struct trn_spike_reading *reading, const struct trn_spike_block *block,
                      size_t n_events, int32_t *sums)
{
    memset(sums, 0, reading->count * block->n_out * sizeof *sums);
    for (size_t tile = 0; tile < trn_spike_tiles(block); tile++)
        trn_spike_tile_add(block, tile, n_events, reading->events, reading->count, sums,
                           block->n_out);
}

/* The same sums at each step. */
static void add_constant(const struct trn_spike_reading *reading,
                         const struct trn_spike_block *block, const float *sizes, int32_t *sums)
{
    struct trn_spike_block own = *block;
    const struct trn_synapses synapses = {.n_blocks = 1, .blocks = &own};
    double *charges = reading->scratch->charges;

    memset(charges, 0, block->n_out * sizeof *charges);
    trn_spike_charge(&synapses, reading->layer->n_in, sizes, charges);
    for (size_t t = 0; t < reading->count; t++) {
        for (size_t r = 0; r < block->n_out; r++)
            sums[t * block->n_out + r] = whole(charges[r]);
    }
}

/* Sums of the driven rows; returns the steps in which there are any. */
static uint32_t drive(const struct trn_spike_reading *reading,
                      const struct trn_spike_crossbar *crossbar)
{
    struct trn_spike_read_scratch *scratch = reading->scratch;
    bool is_noisy = crossbar->noise.n_out > 0, is_driven = false;
    uint32_t driven;

    if (!reading->is_constant) {
        size_t n_events = find_events(reading, crossbar, &driven);

        if (n_events == 0)
            return 0;
        add_block(reading, &crossbar->sums, n_events, scratch->sums);
        for (size_t e = 0; e < n_events; e++)
            reading->events[e].is_negative = false;
        if (is_noisy)
            add_block(reading, &crossbar->noise, n_events, scratch->variances);
        return driven;
    }
    for (size_t i = 0; !is_driven && i < crossbar->sums.n_in; i++)
        is_driven = reading->sizes[crossbar->sums.inputs[i]] != 0;
    if (!is_driven)
        return 0;
    add_constant(reading, &crossbar->sums, reading->sizes, scratch->sums);
    if (is_noisy)
        add_constant(reading, &crossbar->noise, scratch->squares, scratch->variances);
    return all_steps(reading);
}

/* One step's: a normal for each sum of noises of a column's devices. */
static void add_noise(const struct trn_spike_reading *reading,
                      const struct trn_spike_crossbar *crossbar, size_t t, int32_t *sums)
{
    const struct trn_spike_reads *reads = reading->layer->reads;
    size_t n = crossbar->noise.n_out, rows = crossbar->rows, own = crossbar->noise_rows;
    const int32_t *variances = reading->scratch->variances + t * n;
    float *normals = reading->scratch->normals;
    struct trn_random random;

    trn_random_init(&random, reading->noise_seed, TRN_RANDOM_SPIKE_READ, crossbar->number);
    trn_random_seek(&random, (uint64_t)reading->sample << 32 | (reading->step + t));
    trn_normals(&random, 0, n, normals);
    for (size_t r = 0; r < n; r++) {
        double sigma = sqrt((double)variances[r] * reads->noise_factor);
        int32_t noise = whole(sigma * (double)normals[r]), *group = sums + r / own * rows;

        if (r % own < rows) {
            group[r % own] += noise;
            continue;
        }
        /* The reference that all outputs of the group share. */
        for (size_t o = 0; o < rows; o++)
            group[o] -= noise;
    }
}

/* The ADC of a group of sums. */
struct conversion {
    const struct trn_spike_reads *reads;
    size_t group;
    struct trn_spike_conversions *counts;
};

static double convert(const struct conversion *conversion, int32_t sum)
{
    const struct trn_spike_reads *reads = conversion->reads;
    double steps = reads->adc_steps, range = reads->range[conversion->group];

    if (steps < 0)
        return (double)sum;
    conversion->counts->made++;
    if (steps < 1)
        return sum < 0 ? -0.5 * range : 0.5 * range;

    double low = reads->is_signed ? -steps : 0, code = (double)sum * (steps / range);

    conversion->counts->beyond += code > steps + 0.5 || code < low - 0.5;
    code = code < low ? low : code > steps ? steps : code;
    return nearest(code) * (range / steps);
}

static void see(struct trn_analog_seen *seen, const struct trn_spiking_layer *layer, size_t n,
                const int32_t *sums)
{
    float values[TRN_SPIKE_TILE], inverse = (float)(1 / layer->factor);

    for (size_t first = 0; first < n; first += TRN_SPIKE_TILE) {
        size_t count = n - first < TRN_SPIKE_TILE ? n - first : TRN_SPIKE_TILE;

        for (size_t r = 0; r < count; r++)
            values[r] = (float)sums[first + r] * inverse;
        trn_seen_add(seen, count, values);
    }
}

/* Converted sums of a crossbar's step to the layer's. */
static void add_digital(const struct trn_spike_reading *reading,
                        const struct trn_spike_crossbar *crossbar, size_t t, const int32_t *sums)
{
    struct conversion conversion = {reading->layer->reads, 0, &reading->conversions[t]};
    int32_t *to = reading->sums + t * reading->ld;
    size_t n_out = crossbar->n_out;
    double gain = crossbar->sign * crossbar->gain;

    for (size_t g = 0; g < conversion.reads->groups; g++, sums += crossbar->rows) {
        double shared = 0;

        conversion.group = g;
        if (reading->seen)
            see(&reading->seen[g], reading->layer, crossbar->rows, sums);
        if (crossbar->minus == 1)
            shared = convert(&conversion, sums[n_out]);
        for (size_t o = 0; o < n_out; o++) {
            double value = convert(&conversion, sums[o]);

            value -= crossbar->minus > 1 ? convert(&conversion, sums[n_out + o]) : shared;
            to[crossbar->outputs[o]] += whole(value * gain);
        }
    }
}

static void add_common(const struct trn_spike_reading *reading,
                       const struct trn_spike_crossbar *crossbar, size_t t, const int32_t *sums)
{
    size_t n_out = reading->layer->n_out;

    for (size_t g = 0; g < reading->layer->reads->groups; g++, sums += crossbar->rows) {
        int32_t *common = reading->scratch->common + (g * CHUNK + t) * n_out;

        for (size_t o = 0; o < crossbar->n_out; o++)
            common[crossbar->outputs[o]] += crossbar->sign * sums[o];
    }
}

/* One conversion an output that a driven crossbar has. */
static void convert_common(const struct trn_spike_reading *reading)
{
    const struct trn_spike_reads *reads = reading->layer->reads;
    size_t n_out = reading->layer->n_out;
    double gain = reads->crossbars[0].gain; /* the layer's */

    for (size_t g = 0; g < reads->groups; g++) {
        for (size_t t = 0; t < reading->count; t++) {
            const int32_t *sums = reading->scratch->common + (g * CHUNK + t) * n_out;
            struct conversion conversion = {reads, g, &reading->conversions[t]};

            for (size_t o = 0; o < n_out; o++) {
                if (!(reading->scratch->driven[o] >> t & 1))
                    continue;
                if (reading->seen)
                    see(&reading->seen[g], reading->layer, 1, sums + o);
                reading->sums[t * reading->ld + o] += whole(convert(&conversion, sums[o]) * gain);
            }
        }
    }
}

static void read_crossbar(const struct trn_spike_reading *reading,
                          const struct trn_spike_crossbar *crossbar)
{
    bool is_common = reading->layer->reads->is_common;
    uint32_t driven = drive(reading, crossbar);

    for (size_t o = 0; is_common && o < crossbar->n_out; o++)
        reading->scratch->driven[crossbar->outputs[o]] |= driven;
    for (size_t t = 0; t < reading->count; t++) {
        int32_t *sums = reading->scratch->sums + t * crossbar->sums.n_out;

        if (!(driven >> t & 1))
            continue;
        if (crossbar->noise.n_out > 0)
            add_noise(reading, crossbar, t, sums);
        if (is_common)
            add_common(reading, crossbar, t, sums);
        else
            add_digital(reading, crossbar, t, sums);
    }
}

static void read_crossbars(const struct trn_spike_reading *reading)
{
    const struct trn_spike_reads *reads = reading->layer->reads;
    const struct trn_spiking_layer *layer = reading->layer;
    struct trn_spike_read_scratch *scratch = reading->scratch;

    for (size_t i = 0; reading->is_constant && i < layer->n_in; i++)
        scratch->squares[i] = reading->sizes[i] * reading->sizes[i];
    if (reads->is_common) {
        memset(scratch->common, 0, reads->groups * CHUNK * layer->n_out * sizeof *scratch->common);
        memset(scratch->driven, 0, layer->n_out * sizeof *scratch->driven);
    }
    for (size_t c = 0; c < reads->n_crossbars; c++)
        read_crossbar(reading, &reads->crossbars[c]);
    if (reads->is_common && reads->n_crossbars > 0)
        convert_common(reading);
}

/* What is the same at each step is read once. */
void trn_spike_read(const struct trn_spike_reading *reading)
{
    struct trn_spike_reading one = *reading;
    size_t n_out = reading->layer->n_out;

    if (!reading->is_constant || reading->layer->reads->noise_factor > 0) {
        read_crossbars(reading);
        return;
    }
    one.count = 1;
    read_crossbars(&one);
    for (size_t t = 1; t < reading->count; t++) {
        memcpy(reading->sums + t * reading->ld, reading->sums, n_out * sizeof *reading->sums);
        reading->conversions[t] = reading->conversions[0];
    }
}
