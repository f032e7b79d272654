/* Counter-based random streams: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). A stream is named by seed and two numbers (say, epoch and layer), so results
 * depend on what is drawn and never on which thread draws it. */
#ifndef TRN_BASE_RANDOM_H
#define TRN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct trn_random {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t output[4];
    uint32_t used;
};

/* What a stream is for: two purposes never share one. */
enum trn_random_purpose {
    TRN_RANDOM_SPLIT = 1,
    TRN_RANDOM_INIT = 2,
    TRN_RANDOM_SHUFFLE = 3,
    TRN_RANDOM_DROPOUT = 4,
    TRN_RANDOM_KMEANS = 5,
    TRN_RANDOM_TEST = 6,
    TRN_RANDOM_EIGEN = 7,
    TRN_RANDOM_SEARCH = 8,
    TRN_RANDOM_PACK = 9,
    TRN_RANDOM_WEIGHT_NOISE = 20,
    TRN_RANDOM_SIGNS = 21,
    TRN_RANDOM_ANALOG_WRITE = 22,
    TRN_RANDOM_ANALOG_READ = 23,
    TRN_RANDOM_STUCK = 24,
    TRN_RANDOM_REMAP = 25,
    TRN_RANDOM_TILE = 30,
    TRN_RANDOM_MESH = 31,
    TRN_RANDOM_SPIKES = 32,
    TRN_RANDOM_AUGMENT = 40,
    TRN_RANDOM_CROP = 41,
    TRN_RANDOM_FLIP = 42,
    TRN_RANDOM_SPIKE_READ = 44
};

void trn_random_init(struct trn_random *random, uint64_t seed, uint32_t purpose, uint32_t stream);
/* Jumps to the 2^32-block-aligned substream `item`: cheap, for one stream a sample or a row. */
void trn_random_seek(struct trn_random *random, uint64_t item);
uint32_t trn_random_u32(struct trn_random *random);
/* Blocks first … first + blocks - 1 of the item at once, without moving the stream: out[k * blocks + i] is
 * word k of block first + i. */
void trn_random_fill(const struct trn_random *random, uint32_t first, size_t blocks,
                     uint32_t *out);
/* Uniform in [0, 1), 24 bits. */
float trn_random_float(struct trn_random *random);
/* Uniform in [0, 1), 53 bits. */
double trn_random_double(struct trn_random *random);
/* Standard normal (Box-Muller). */
double trn_random_normal(struct trn_random *random);
/* Uniform in 0 … bound-1 without bias; 0 for a bound of 0. */
uint32_t trn_random_below(struct trn_random *random, uint32_t bound);
void trn_random_shuffle(struct trn_random *random, uint32_t *items, size_t count);

#endif
