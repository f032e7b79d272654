#include "schedule/shapes.h"

#include <math.h>

#include "base/context.h"
#include "map/count.h"
#include "tech/shape.h"

_Static_assert((int)TRN_TECH_SHAPES_MAX <= (int)TRN_PACK_SHAPES_MAX, "a pool has room");

static double shape_cost(const struct trnnsf_tech *tech, size_t shape, uint32_t cost)
{
    if (cost == TRN_PACK_COST_AREA)
        return trn_tech_shape_area(tech, shape) / trn_tech_shape_area(tech, 0);
    if (cost == TRN_PACK_COST_ENERGY)
        return trn_tech_shape_energy(tech, shape) / trn_tech_shape_energy(tech, 0);
    return 1;
}

void trn_shapes_pool(const struct trnnsf_tech *tech, const struct trnnsf_schedule *schedule,
                     struct trn_pack_pool *out_pool)
{
    bool all = schedule->word[TRN_METHOD] == TRN_METHOD_PACK;

    *out_pool = (struct trn_pack_pool){.count = all ? tech->n_shapes : 1,
                                       .per_pe = (size_t)tech->value[TRN_TECH_MCAS_PER_PE]};
    for (size_t s = 0; s < out_pool->count; s++)
        out_pool->shape[s] =
            (struct trn_pack_shape){.rows = trn_tech_outputs(tech, tech->shapes[s].outputs),
                                    .columns = tech->shapes[s].inputs,
                                    .cost = shape_cost(tech, s, schedule->word[TRN_PACK_COST])};
    out_pool->shape[0].cost = 1; /* whatever the division rounds to */
}

bool trn_shapes_differ(const struct trn_pack_pool *pool)
{
    return trn_shapes_least(pool) < trn_shapes_most(pool);
}

double trn_shapes_least(const struct trn_pack_pool *pool)
{
    double least = pool->shape[0].cost;

    for (size_t s = 1; s < pool->count; s++)
        least = fmin(least, pool->shape[s].cost);
    return least;
}

double trn_shapes_most(const struct trn_pack_pool *pool)
{
    double most = pool->shape[0].cost;

    for (size_t s = 1; s < pool->count; s++)
        most = fmax(most, pool->shape[s].cost);
    return most;
}

double trn_shapes_cluster_cost(const struct trn_pack_pool *pool,
                               const struct trnnsf_clusters *clusters, size_t cluster)
{
    const struct trn_blocks *blocks = clusters->blocks;
    uint32_t shape = trn_pack_cheapest(pool, trn_block_rows(blocks, cluster),
                                       trn_block_columns(blocks, cluster));

    return shape == TRN_PACK_NO_SHAPE ? 1 : pool->shape[shape].cost;
}

double trn_shapes_cost(const struct trn_pack_pool *pool, const struct trnnsf_clusters *clusters)
{
    double sum = 0;

    for (size_t i = 0; clusters && i < trn_clusters_count(clusters); i++)
        sum += trn_shapes_cluster_cost(pool, clusters, i);
    return sum;
}

static double ceil_divide(size_t a, size_t b)
{
    return (double)((a + b - 1) / b);
}

static double dense_tiles(const struct trn_layer *layer, const struct trn_pack_shape *shape)
{
    return ceil_divide(layer->n_in, shape->columns) * ceil_divide(layer->n_out, shape->rows);
}

double trn_shapes_dense_cost(const struct trnnsf_run *run, size_t first, size_t last)
{
    double least = INFINITY;

    for (size_t s = 0; s < run->pool.count; s++) {
        const struct trn_pack_shape *shape = &run->pool.shape[s];
        double tiles = 0;

        for (size_t i = first; i <= last; i++)
            tiles += run->layers[i].chosen ? dense_tiles(&run->network->layers[i], shape) : 0;
        least = fmin(least, tiles * shape->cost);
    }
    return least;
}

trnnsf_status trn_shapes_pruned_cost(trnnsf_context *ctx, const struct trnnsf_run *run,
                                     double *out_cost)
{
    double least = INFINITY;

    for (size_t s = 0; s < run->pool.count; s++) {
        const struct trn_pack_shape *shape = &run->pool.shape[s];
        const struct trn_map_shape tile = {shape->columns, shape->rows, shape->cost};
        double tiles = 0;

        for (size_t i = 0; i < run->network->n_layers; i++) {
            const struct trn_layer *layer = &run->network->layers[i];
            struct trn_map_counts counts;

            if (!run->layers[i].chosen)
                continue;
            if (layer->mask)
                TRN_TRY(trn_map_count_matrix(ctx, layer->mask, 1, &tile, &counts));
            tiles += layer->mask ? (double)counts.pruned : dense_tiles(layer, shape);
        }
        least = fmin(least, tiles * shape->cost);
    }
    *out_cost = least;
    return TRNNSF_OK;
}

trnnsf_status trn_shapes_count(trnnsf_context *ctx, const struct trnnsf_run *run,
                               const struct trn_mask *mask, const struct trnnsf_clusters *clusters,
                               uint64_t *out_crossbars)
{
    struct trn_map_shape shapes[TRN_PACK_SHAPES_MAX];
    struct trn_plan *plan;

    for (size_t s = 0; s < run->pool.count; s++)
        shapes[s] = (struct trn_map_shape){run->pool.shape[s].columns, run->pool.shape[s].rows,
                                           run->pool.shape[s].cost};
    TRN_TRY(trn_plan_create(ctx, TRNNSF_MAP_CLUSTERED, mask, clusters, run->pool.count, shapes,
                            &plan));
    *out_crossbars = plan->count;
    trn_plan_free(plan);
    return TRNNSF_OK;
}
