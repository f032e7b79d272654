#include "cluster/pack_pool.h"

uint32_t trn_pack_cheapest(const struct trn_pack_pool *pool, size_t rows, size_t columns)
{
    uint32_t best = TRN_PACK_NO_SHAPE;

    for (uint32_t s = 0; s < pool->count; s++) {
        const struct trn_pack_shape *shape = &pool->shape[s];

        if (shape->rows < rows || shape->columns < columns)
            continue;
        if (best == TRN_PACK_NO_SHAPE || shape->cost < pool->shape[best].cost)
            best = s;
    }
    return best;
}

bool trn_pack_dominated(const struct trn_pack_pool *pool, size_t shape)
{
    const struct trn_pack_shape *a = &pool->shape[shape];

    for (size_t s = 0; s < pool->count; s++) {
        const struct trn_pack_shape *b = &pool->shape[s];
        bool covers = b->rows >= a->rows && b->columns >= a->columns && b->cost <= a->cost;
        bool twin = b->rows == a->rows && b->columns == a->columns && b->cost == a->cost;

        if (s != shape && covers && (!twin || s < shape))
            return true;
    }
    return false;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void trn_pack_sides(const struct trn_pack_pool *pool, size_t n_rows, size_t n_columns, size_t *rows,
                    size_t *columns)
{
    *rows = *columns = 0;
    for (size_t s = 0; s < pool->count; s++) {
        if (pool->shape[s].rows > *rows)
            *rows = pool->shape[s].rows;
        if (pool->shape[s].columns > *columns)
            *columns = pool->shape[s].columns;
    }
    *rows = smaller(*rows, n_rows);
    *columns = smaller(*columns, n_columns);
}
