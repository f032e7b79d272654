#include "sim/analog/normals.h"

#include <string.h>

#include "base/wide.h"
#include "network/vector_math.h"

/* A group is as many blocks of four words; several are made at once, so that loops are long. */
enum {
    GROUP = TRN_NORMALS_GROUP,
    GROUP_BLOCKS = GROUP / 4,
    GROUPS = 8,
    MOST = GROUPS * GROUP_BLOCKS
};

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

TRN_INLINE void transform(size_t blocks, const uint32_t *words, float *planes)
{
    trn_box_muller(blocks, words, words + blocks, planes, planes + blocks);
    trn_box_muller(blocks, words + 2 * blocks, words + 3 * blocks, planes + 2 * blocks,
                   planes + 3 * blocks);
}

TRN_WIDE static void transform_wide(size_t blocks, const uint32_t *words, float *planes)
{
    transform(blocks, words, planes);
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
        if (trn_is_wide())
            transform_wide(blocks, words, planes);
        else
            transform(blocks, words, planes);
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
