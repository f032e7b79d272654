#include "base/random.h"

#include <math.h>
#include <string.h>

#include "base/wide.h"

/* Multipliers and Weyl constants of Philox4x32 (Salmon et al. 2011, section 3.2). */
static const uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u};
enum { ROUNDS = 10, FILL_BLOCKS = 128 };

static void generate_block(struct trn_random *random)
{
    uint32_t c[4], key[2];

    memcpy(c, random->counter, sizeof c);
    memcpy(key, random->key, sizeof key);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)multiplier[0] * c[0];
        uint64_t p1 = (uint64_t)multiplier[1] * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ key[0], (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ key[1], (uint32_t)p0};

        memcpy(c, next, sizeof c);
        key[0] += weyl[0];
        key[1] += weyl[1];
    }
    memcpy(random->output, c, sizeof c);
    random->used = 0;
    if (++random->counter[0] == 0)
        random->counter[1]++;
}

void trn_random_init(struct trn_random *random, uint64_t seed, uint32_t purpose, uint32_t stream)
{
    memset(random, 0, sizeof *random);
    random->key[0] = (uint32_t)seed;
    random->key[1] = (uint32_t)(seed >> 32) ^ (purpose * 0x85EBCA6Bu);
    random->counter[3] = stream;
    random->used = 4;
}

void trn_random_seek(struct trn_random *random, uint64_t item)
{
    random->counter[0] = 0;
    random->counter[1] = (uint32_t)(item >> 32);
    random->counter[2] = (uint32_t)item;
    random->used = 4;
}

uint32_t trn_random_u32(struct trn_random *random)
{
    if (random->used == 4)
        generate_block(random);
    return random->output[random->used++];
}

/* Rounds outside, blocks inside: the inner loop is vectorised. */
TRN_INLINE void fill_blocks(const struct trn_random *random, uint32_t first, size_t n,
                            size_t stride, uint32_t *out)
{
    enum { MOST = FILL_BLOCKS };
    uint32_t c0[MOST], c1[MOST], c2[MOST], c3[MOST];
    uint32_t key[2] = {random->key[0], random->key[1]};

    for (size_t i = 0; i < n; i++) {
        c0[i] = first + (uint32_t)i;
        c1[i] = random->counter[1];
        c2[i] = random->counter[2];
        c3[i] = random->counter[3];
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            uint64_t p0 = (uint64_t)multiplier[0] * c0[i];
            uint64_t p1 = (uint64_t)multiplier[1] * c2[i];

            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ key[0];
            c1[i] = (uint32_t)p1;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ key[1];
            c3[i] = (uint32_t)p0;
        }
        key[0] += weyl[0];
        key[1] += weyl[1];
    }
    memcpy(out, c0, n * sizeof c0[0]);
    memcpy(out + stride, c1, n * sizeof c1[0]);
    memcpy(out + 2 * stride, c2, n * sizeof c2[0]);
    memcpy(out + 3 * stride, c3, n * sizeof c3[0]);
}

TRN_WIDE static void fill_blocks_wide(const struct trn_random *random, uint32_t first, size_t n,
                                      size_t stride, uint32_t *out)
{
    fill_blocks(random, first, n, stride, out);
}

void trn_random_fill(const struct trn_random *random, uint32_t first, size_t blocks, uint32_t *out)
{
    for (size_t i = 0; i < blocks; i += FILL_BLOCKS) {
        size_t n = blocks - i < FILL_BLOCKS ? blocks - i : FILL_BLOCKS;

        if (trn_is_wide())
            fill_blocks_wide(random, first + (uint32_t)i, n, blocks, out + i);
        else
            fill_blocks(random, first + (uint32_t)i, n, blocks, out + i);
    }
}

float trn_random_float(struct trn_random *random)
{
    return (float)(trn_random_u32(random) >> 8) * 0x1p-24f;
}

double trn_random_double(struct trn_random *random)
{
    uint64_t high = trn_random_u32(random) >> 5;
    uint64_t low = trn_random_u32(random) >> 6;

    return (double)(high << 26 | low) * 0x1p-53;
}

double trn_random_normal(struct trn_random *random)
{
    double radius = sqrt(-2.0 * log(1.0 - trn_random_double(random)));

    return radius * cos(6.283185307179586 * trn_random_double(random));
}

uint32_t trn_random_below(struct trn_random *random, uint32_t bound)
{
    if (bound == 0)
        return 0;
    /* Lemire's rejection: the low word tells the values that would be too frequent. */
    uint32_t threshold = (0u - bound) % bound;
    for (;;) {
        uint64_t product = (uint64_t)trn_random_u32(random) * bound;

        if ((uint32_t)product >= threshold)
            return (uint32_t)(product >> 32);
    }
}

void trn_random_shuffle(struct trn_random *random, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = trn_random_below(random, (uint32_t)i);
        uint32_t swap = items[i - 1];

        items[i - 1] = items[j];
        items[j] = swap;
    }
}
