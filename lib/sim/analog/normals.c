#include "sim/analog/normals.h"

#include <math.h>
#include <string.h>

#include "sim/analog/vector.h"

/* A group is as many blocks of four words; several are made at once, so that loops are long. */
enum {
    GROUP = TRN_NORMALS_GROUP,
    GROUP_BLOCKS = GROUP / 4,
    GROUPS = 8,
    MOST = GROUPS * GROUP_BLOCKS
};

/* Box-Muller: radius from one word, angle from the other: its quadrant and the rest. */
static void transform(size_t n, const uint32_t *radius_word, const uint32_t *angle_word,
                      float *out_cos, float *out_sin)
{
    for (size_t i = 0; i < n; i++) {
        float u = ((float)(int32_t)(radius_word[i] >> 1) + 0.5f) * 0x1p-31f;
        float radius = sqrtf(-2.0f * trn_ln(u));
        float t = (float)(int32_t)(angle_word[i] & 0x3FFFFFFFu) * 0x1p-30f - 0.5f;
        uint32_t quadrant = angle_word[i] >> 30;
        float a = t * 1.57079632679f, z = a * a;
        float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * a + a;
        float c =
            ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z *
                z -
            0.5f * z + 1.0f;
        float x = quadrant & 1 ? s : c, y = quadrant & 1 ? c : s;

        /* A rotation by an eighth of the circle is left out: it changes no distribution. */
        out_cos[i] = (quadrant + 1) & 2 ? -radius * x : radius * x;
        out_sin[i] = quadrant & 2 ? -radius * y : radius * y;
    }
}

/* n groups from group `first` on: within a group, word w of block b is number w * GROUP_BLOCKS + b.
 */
static void scatter(size_t groups, const float *planes, float *out)
{
    for (size_t g = 0; g < groups; g++) {
        for (size_t w = 0; w < 4; w++)
            memcpy(out + g * GROUP + w * GROUP_BLOCKS, planes + (w * groups + g) * GROUP_BLOCKS,
                   GROUP_BLOCKS * sizeof *out);
    }
}

void trn_normals(const struct trn_random *random, uint64_t first, size_t n, float *out)
{
    size_t groups = trn_normals_whole(n) / GROUP;
    uint32_t block = (uint32_t)(first / GROUP * GROUP_BLOCKS);
    uint32_t words[4 * MOST];
    float planes[4 * MOST];

    for (size_t g = 0; g < groups; g += GROUPS) {
        size_t count = groups - g < GROUPS ? groups - g : GROUPS, blocks = count * GROUP_BLOCKS;

        trn_random_fill(random, block + (uint32_t)(g * GROUP_BLOCKS), blocks, words);
        transform(blocks, words, words + blocks, planes, planes + blocks);
        transform(blocks, words + 2 * blocks, words + 3 * blocks, planes + 2 * blocks,
                  planes + 3 * blocks);
        scatter(count, planes, out + g * GROUP);
    }
}

void trn_uniforms(const struct trn_random *random, uint64_t first, size_t n, float *out)
{
    size_t groups = trn_normals_whole(n) / GROUP;
    uint32_t block = (uint32_t)(first / GROUP * GROUP_BLOCKS);
    uint32_t words[4 * MOST];
    float planes[4 * MOST];

    for (size_t g = 0; g < groups; g += GROUPS) {
        size_t count = groups - g < GROUPS ? groups - g : GROUPS, blocks = count * GROUP_BLOCKS;

        trn_random_fill(random, block + (uint32_t)(g * GROUP_BLOCKS), blocks, words);
        for (size_t i = 0; i < 4 * blocks; i++)
            planes[i] = (float)(int32_t)(words[i] >> 8) * 0x1p-24f;
        scatter(count, planes, out + g * GROUP);
    }
}
