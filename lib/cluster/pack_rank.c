#include "cluster/pack_rank.h"

#include <stddef.h>
#include <string.h>

/* A gain above 0 and a line in one number: larger gains first, then lower lines. The bits of floats
 * above 0 ascend with them (IEEE 754). */
static uint64_t key_of(float gain, size_t line)
{
    uint32_t bits;

    memcpy(&bits, &gain, sizeof bits);
    return (uint64_t)bits << 32 | (UINT32_MAX - (uint32_t)line);
}

static uint32_t line_of(uint64_t key)
{
    return UINT32_MAX - (uint32_t)key;
}

/* Puts the largest `most` first, 0 < most < count. Source: Hoare, "Algorithm 65: find", CACM 1961.
 */
static void select_largest(uint64_t *key, size_t count, size_t most)
{
    ptrdiff_t first = 0, last = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)most - 1;

    while (first < last) {
        uint64_t pivot = key[first + (last - first) / 2];
        ptrdiff_t i = first, j = last;

        do {
            while (key[i] > pivot)
                i++;
            while (key[j] < pivot)
                j--;
            if (i <= j) {
                uint64_t kept = key[i];

                key[i++] = key[j];
                key[j--] = kept;
            }
        } while (i <= j);
        if (j < wanted)
            first = i;
        if (wanted < i)
            last = j;
    }
}

/* Gains are looked at through this sieve where lines are many and few are wanted: the gain that
 * about four times as many lines exceed, by a sample. */
enum { SAMPLE = 256, SIEVE_FROM = 8 };

static float sieve(const float *gain, size_t lines, size_t limit)
{
    uint64_t sample[SAMPLE];
    size_t step = lines / SAMPLE, wanted = 4 * limit * SAMPLE / lines + 8;

    if (wanted >= SAMPLE)
        return 0;
    for (size_t i = 0; i < SAMPLE; i++)
        sample[i] = key_of(gain[i * step], i);
    select_largest(sample, SAMPLE, wanted);
    uint64_t lowest = sample[0];
    for (size_t i = 1; i < wanted; i++)
        lowest = sample[i] < lowest ? sample[i] : lowest;
    uint32_t bits = (uint32_t)(lowest >> 32);
    float gate;
    memcpy(&gate, &bits, sizeof gate);
    return gate;
}

/* The keys of gains that reach `gate` and are above 0. */
static size_t collect(const float *gain, size_t lines, float gate, uint64_t *key)
{
    size_t count = 0;

    for (size_t i = 0; i < lines; i++) {
        if (gain[i] >= gate && gain[i] > 0)
            key[count++] = key_of(gain[i], i);
    }
    return count;
}

static size_t collect_leading(const float *gain, size_t lines, size_t limit, uint64_t *key)
{
    float gate = lines >= SIEVE_FROM * limit && lines >= 4 * SAMPLE ? sieve(gain, lines, limit) : 0;
    size_t count = collect(gain, lines, gate, key);

    if (count < limit && gate > 0)
        count = collect(gain, lines, 0, key);
    return count;
}

/* Writes the leading lines; the sum of their gains. */
static double choose(uint64_t *key, size_t count, size_t limit, uint32_t *out, size_t *out_count)
{
    double sum = 0;

    if (count > limit) {
        select_largest(key, count, limit);
        count = limit;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)(key[i] >> 32);
        float gain;

        memcpy(&gain, &bits, sizeof gain);
        sum += gain;
        out[i] = line_of(key[i]);
    }
    *out_count = count;
    return sum;
}

/* Few entries: only the lines that they touch are looked at, and cleared. */
static double rank_few(const struct trn_pack_side *side, const uint32_t *items, size_t count,
                       size_t limit, struct trn_pack_scratch *scratch, uint32_t *out,
                       size_t *out_count)
{
    float *gain = scratch->gain;
    size_t touched = 0;

    for (size_t c = 0; c < count; c++) {
        for (size_t e = side->start[items[c]]; e < side->start[items[c] + 1]; e++) {
            uint32_t line = side->index[e];

            if (!(side->open[e] > 0))
                continue;
            if (!(gain[line] > 0))
                scratch->touched[touched++] = line;
            gain[line] += side->open[e];
        }
    }
    for (size_t i = 0; i < touched; i++) {
        scratch->key[i] = key_of(gain[scratch->touched[i]], scratch->touched[i]);
        gain[scratch->touched[i]] = 0;
    }
    return choose(scratch->key, touched, limit, out, out_count);
}

double trn_pack_rank(const struct trn_pack_side *side, size_t others, const uint32_t *items,
                     size_t count, size_t limit, struct trn_pack_scratch *scratch, uint32_t *out,
                     size_t *out_count)
{
    float *restrict gain = scratch->gain;
    size_t entries = 0;

    for (size_t c = 0; c < count; c++)
        entries += side->start[items[c] + 1] - side->start[items[c]];
    if (entries < others / 4)
        return rank_few(side, items, count, limit, scratch, out, out_count);
    for (size_t c = 0; c < count; c++) {
        for (size_t e = side->start[items[c]]; e < side->start[items[c] + 1]; e++)
            gain[side->index[e]] += side->open[e];
    }
    size_t found = collect_leading(gain, others, limit, scratch->key);
    memset(gain, 0, others * sizeof *gain);
    return choose(scratch->key, found, limit, out, out_count);
}

void trn_pack_draw(const struct trn_pack_side *side, uint32_t line, size_t limit,
                   struct trn_random *random, struct trn_pack_scratch *scratch, uint32_t *out,
                   size_t *out_count)
{
    size_t found = 0;

    for (size_t e = side->start[line]; e < side->start[line + 1]; e++) {
        /* A number in (0, 1] times the salience. */
        float gain = side->open[e] * (1.0f - trn_random_float(random));

        if (gain > 0)
            scratch->key[found++] = key_of(gain, side->index[e]);
    }
    choose(scratch->key, found, limit, out, out_count);
}

void trn_pack_heaviest(const struct trn_pack_side *side, size_t limit,
                       struct trn_pack_scratch *scratch, uint32_t *out, size_t *out_count)
{
    size_t found = 0;

    for (size_t i = 0; i < side->lines; i++) {
        float gain = (float)side->sum[i];

        if (gain > 0)
            scratch->key[found++] = key_of(gain, i);
    }
    choose(scratch->key, found, limit, out, out_count);
}
