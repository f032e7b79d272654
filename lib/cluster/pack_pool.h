/* The shapes of crossbar that blocks may take, and what is wanted of the blocks. */
#ifndef TRN_CLUSTER_PACK_POOL_H
#define TRN_CLUSTER_PACK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <trnnsf/cluster.h>

enum { TRN_PACK_SHAPES_MAX = 16 };

/* What no shape is. */
#define TRN_PACK_NO_SHAPE UINT32_MAX

struct trn_pack_shape {
    size_t rows;    /* outputs */
    size_t columns; /* inputs */
    double cost;    /* above 0 */
};

struct trn_pack_pool {
    size_t count;  /* 1 … TRN_PACK_SHAPES_MAX */
    size_t per_pe; /* crossbars that share a processing element; 0: not known. The packer itself does not
                      look at it (groups.h) */
    struct trn_pack_shape shape[TRN_PACK_SHAPES_MAX];
};

struct trn_pack_goal {
    /* False: the most salience within `crossbars` blocks and `cost`. True: the least cost that
     * leaves at most the share `discard` of the salience out; `crossbars` and `cost` play no part.
     */
    bool bounded;
    size_t crossbars; /* SIZE_MAX: any number */
    double cost;      /* INFINITY: any */
    double discard;
    uint32_t effort; /* 0 … 9; 0: a single pass */
    uint64_t seed;
    /* Of a budget: blocks to begin at beside the other starts, each within a shape; the caller's,
     * NULL where there are none. */
    const struct trnnsf_clusters *start;
};

/* The shape that costs least among those with room, the lowest number among equals;
 * TRN_PACK_NO_SHAPE where none has. */
uint32_t trn_pack_cheapest(const struct trn_pack_pool *pool, size_t rows, size_t columns);

/* Whether another shape has as much room on both sides and costs no more (of twins, the first is
 * kept): it need never be tried. */
bool trn_pack_dominated(const struct trn_pack_pool *pool, size_t shape);

/* The largest sides; at most `n_rows` and `n_columns`. */
void trn_pack_sides(const struct trn_pack_pool *pool, size_t n_rows, size_t n_columns, size_t *rows,
                    size_t *columns);

/* What a block is worth: per cost where cost is scarce, by itself where only their number is. */
static inline double trn_pack_worth(const struct trn_pack_goal *goal,
                                    const struct trn_pack_pool *pool, uint32_t shape, double gain)
{
    bool by_cost = goal->bounded || goal->cost < 1e300;

    return by_cost ? gain / pool->shape[shape].cost : gain;
}

#endif
