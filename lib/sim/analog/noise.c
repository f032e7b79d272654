/* White read noise. The noises of a column's devices are independent normals, so their sum is one
 * normal: its variance is the product of squared inputs and the devices' variances. */
#include <math.h>

#include "sim/analog/normals.h"
#include "sim/analog/read.h"

enum { CHUNK = TRN_ANALOG_CHUNK };

uint64_t trn_read_noise_seed(uint64_t seed, uint32_t chip, uint64_t number)
{
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_ANALOG_READ, chip);
    trn_random_seek(&random, number);
    uint64_t high = trn_random_u32(&random);
    return high << 32 | trn_random_u32(&random);
}

/* out = sqrt(variance) z for samples first … of one row; n is at most CHUNK. */
static void draw_row(const struct trn_random *random, uint64_t first, size_t n,
                     const float *variance, float *out)
{
    float z[CHUNK];

    trn_normals(random, first, n, z);
    for (size_t s = 0; s < n; s++)
        out[s] = sqrtf(variance[s]) * z[s];
}

void trn_read_add_noise(const struct trn_read *read, struct trn_read_scratch *scratch, size_t c,
                        size_t first, size_t n, size_t step)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t rows = trn_analog_rows(plan, crossbar), own = trn_analog_noise_rows(plan, crossbar);
    uint64_t position = read->sample + first;
    struct trn_random random;
    float noise[CHUNK];

    trn_random_init(&random, read->noise_seed, TRN_RANDOM_ANALOG_READ, (uint32_t)c);
    for (size_t r = 0; r < plan->groups * own; r++) {
        size_t group = r / own, row = r % own;
        float *sums = scratch->sums + (group * rows + row) * CHUNK;

        trn_random_seek(&random, (uint64_t)step << 32 | r);
        draw_row(&random, position, n, scratch->variance + r * CHUNK, noise);
        if (row < rows) {
            for (size_t s = 0; s < n; s++)
                sums[s] += noise[s];
            continue;
        }
        /* The reference that all outputs of the group share. */
        for (size_t o = 0; o < rows; o++) {
            float *shared = scratch->sums + (group * rows + o) * CHUNK;

            for (size_t s = 0; s < n; s++)
                shared[s] -= noise[s];
        }
    }
}
