/* The rules that keep every synapse. */
#include <stdlib.h>

#include "work.h"

uint32_t work_shape_outputs(struct work *work, size_t shape)
{
    size_t columns = trnnsf_tech_shape_outputs(work->tech, shape);
    double each = 1;

    if (trnnsf_tech_value(work->program.context, work->tech, "columns_per_output", &each) !=
        TRNNSF_OK)
        return (uint32_t)columns;
    return (uint32_t)(columns / (size_t)each);
}

static trnnsf_status find_scic(struct work *work, const trnnsf_matrix *matrix,
                               trnnsf_clusters **out_clusters)
{
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;

    options.k = work->groups;
    options.inputs = (uint32_t)trnnsf_tech_shape_inputs(work->tech, 0);
    options.outputs = work_shape_outputs(work, 0);
    options.seed = work->program.seed;
    return trnnsf_clusters_find(work->program.context, matrix, &options, out_clusters);
}

/* The tiles of an order, as clusters. */
static trnnsf_status find_order(struct work *work, const trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options,
                                trnnsf_clusters **out_clusters)
{
    trnnsf_context *context = work->program.context;
    uint32_t *order = malloc((trnnsf_matrix_rows(matrix) + options->outputs) * sizeof *order);
    uint32_t *columns = malloc((trnnsf_matrix_columns(matrix) + options->inputs) * sizeof *columns);
    trnnsf_status status = order && columns ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_reorder_find(context, matrix, options, order, columns);
    if (status == TRNNSF_OK)
        status = trnnsf_reorder_tiles(context, matrix, options, order, columns, out_clusters);
    free(columns);
    free(order);
    return status;
}

static trnnsf_status find_clusters(struct work *work, const trnnsf_matrix *matrix,
                                   trnnsf_clusters **out_clusters)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;

    if (work->rule == RULE_SCIC)
        return find_scic(work, matrix, out_clusters);
    options.inputs = (uint32_t)trnnsf_tech_shape_inputs(work->tech, 0);
    options.outputs = work_shape_outputs(work, 0);
    options.effort = work->effort;
    options.gaps = !work->no_gaps;
    options.seed = work->program.seed;
    if (work->rule == RULE_PERMUTATION)
        return find_order(work, matrix, &options, out_clusters);
    return trnnsf_clusters_cover(work->program.context, matrix, &options, out_clusters);
}

/* Finds a layer's clusters. Setting them would add their rectangles to the kept synapses, which a
 * bare count must not, so the mask is put back. */
static trnnsf_status cluster_layer(struct work *work, size_t layer)
{
    trnnsf_context *context = work->program.context;
    size_t cells =
        trnnsf_network_inputs(work->network, layer) * trnnsf_network_outputs(work->network, layer);
    uint8_t *mask = malloc(cells);
    trnnsf_matrix *matrix = NULL;
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status = mask ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_network_get_mask(context, work->network, layer, mask);
    if (status == TRNNSF_OK)
        status = trnnsf_network_connectivity(context, work->network, layer, &matrix);
    if (status == TRNNSF_OK)
        status = find_clusters(work, matrix, &clusters);
    if (status == TRNNSF_OK)
        status = trnnsf_network_set_clusters(context, work->network, layer, clusters);
    if (status == TRNNSF_OK)
        status = trnnsf_network_set_mask(context, work->network, layer, mask);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(mask);
    return status;
}

/* By the rule scic layers keep the clusters that they were trained with. */
static trnnsf_status cluster_network(struct work *work)
{
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < trnnsf_network_layers(work->network) && status == TRNNSF_OK; i++) {
        if (work->rule != RULE_SCIC || !trnnsf_network_clusters(work->network, i))
            status = cluster_layer(work, i);
    }
    return status;
}

/* Shapes by what they cost; where crossbars are counted, the smallest. */
trnnsf_status work_map(struct work *work, uint32_t rule, const trnnsf_clusters *clusters,
                       trnnsf_mapping **out_mapping)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;

    options.rule = rule;
    options.cost = work->cost == COST_AREA     ? TRNNSF_MAP_COST_AREA
                   : work->cost == COST_ENERGY ? TRNNSF_MAP_COST_ENERGY
                                               : TRNNSF_MAP_COST_CELLS;
    options.scheme = work->scheme;
    options.window_height = work->window[0];
    options.window_width = work->window[1];
    if (work->matrix)
        return trnnsf_mapping_from_matrix(work->program.context, work->matrix, clusters, work->tech,
                                          &options, out_mapping);
    return trnnsf_mapping_create(work->program.context, work->network, work->tech, &options,
                                 out_mapping);
}

trnnsf_status work_by_rule(struct work *work)
{
    uint32_t rule = work->rule == RULE_TILES ? TRNNSF_MAP_TILES : TRNNSF_MAP_CLUSTERED;
    trnnsf_status status = TRNNSF_OK;

    if (work->rule != RULE_TILES)
        status = work->matrix ? find_clusters(work, work->matrix, &work->clusters)
                              : cluster_network(work);
    if (status == TRNNSF_OK)
        status = work_map(work, rule, work->clusters, &work->mapping);
    return status;
}
