/* Rule pack: blocks with the most salience; what is in none is pruned. */
#include <stdlib.h>

#include "../common/networks.h"
#include "work.h"

/* The technology's shapes as the packer wants them. */
struct pool {
    uint32_t inputs[SHAPES_MAX], outputs[SHAPES_MAX];
    double cost[SHAPES_MAX];
};

static void read_pool(struct work *work, struct pool *pool, struct trnnsf_pack_options *options)
{
    size_t shapes = trnnsf_tech_shapes(work->tech);

    for (size_t i = 0; i < shapes && i < SHAPES_MAX; i++) {
        pool->inputs[i] = (uint32_t)trnnsf_tech_shape_inputs(work->tech, i);
        pool->outputs[i] = work_shape_outputs(work, i);
        pool->cost[i] = work->cost == COST_AREA     ? 1e6 * trnnsf_tech_shape_area(work->tech, i)
                        : work->cost == COST_ENERGY ? 1e9 * trnnsf_tech_shape_energy(work->tech, i)
                                                    : 1;
    }
    options->shapes = shapes < SHAPES_MAX ? shapes : SHAPES_MAX;
    options->inputs = pool->inputs;
    options->outputs = pool->outputs;
    options->cost = pool->cost;
}

static void read_options(struct work *work, struct pool *pool, struct trnnsf_pack_options *options)
{
    read_pool(work, pool, options);
    options->goal =
        work->crossbars || work->cost_limit > 0 ? TRNNSF_PACK_BUDGET : TRNNSF_PACK_BOUND;
    options->crossbars = work->crossbars;
    options->cost_limit = work->cost_limit;
    options->discard = work->discard;
    options->salience = work->salience;
    options->seed = work->program.seed;
    if (work->effort_given)
        options->effort = work->effort;
}

static trnnsf_status pack_matrix(struct work *work, const struct trnnsf_pack_options *options)
{
    trnnsf_context *context = work->program.context;
    trnnsf_matrix *held = NULL;
    trnnsf_status status = trnnsf_clusters_pack(context, work->matrix, options, &work->clusters);

    if (status == TRNNSF_OK)
        status = trnnsf_pack_measure(context, work->matrix, options, work->clusters,
                                     &work->parts[0].pack);
    if (status == TRNNSF_OK)
        status = trnnsf_clusters_held(context, work->clusters, work->matrix, &held);
    if (status != TRNNSF_OK)
        return status;
    work->all.pack = work->parts[0].pack;
    trnnsf_matrix_free(work->matrix);
    work->matrix = held;
    return TRNNSF_OK;
}

/* Each layer's figures need its weights as they were. */
static trnnsf_status pack_network(struct work *work, const struct trnnsf_pack_options *options)
{
    trnnsf_context *context = work->program.context;
    trnnsf_matrix **before = calloc(work->n_parts, sizeof *before);
    trnnsf_status status = before ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    for (size_t i = 0; i < work->n_parts && status == TRNNSF_OK; i++)
        status = trnnsf_network_connectivity(context, work->network, i, &before[i]);
    if (status == TRNNSF_OK)
        status = trnnsf_network_pack(context, work->network, options, &work->all.pack);
    for (size_t i = 0; i < work->n_parts && status == TRNNSF_OK; i++)
        status =
            trnnsf_pack_measure(context, before[i], options,
                                trnnsf_network_clusters(work->network, i), &work->parts[i].pack);
    for (size_t i = 0; before && i < work->n_parts; i++)
        trnnsf_matrix_free(before[i]);
    free(before);
    return status;
}

trnnsf_status work_by_packing(struct work *work)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    struct pool pool;
    trnnsf_status status;

    read_options(work, &pool, &options);
    work->all.pack.struct_size = sizeof work->all.pack;
    for (size_t i = 0; i < work->n_parts; i++)
        work->parts[i].pack.struct_size = sizeof work->parts[i].pack;
    status = work->matrix ? pack_matrix(work, &options) : pack_network(work, &options);
    if (status == TRNNSF_OK && work->save_pruned)
        status = work->matrix ? trnnsf_matrix_save(context, work->matrix, work->save_pruned)
                              : networks_save(context, work->network, work->save_pruned);
    if (status == TRNNSF_OK)
        status = work_map(work, TRNNSF_MAP_CLUSTERED, work->clusters, &work->mapping);
    return status;
}
