#include "schedule/regrow.h"

#include <math.h>

#include "base/context.h"
#include "cluster/packer.h"
#include "schedule/rules.h"
#include "schedule/shapes.h"

/* Chosen here: a crossbar with less than a quarter of its cells in use is not worth its cost. */
static const double least_fill = 0.25;

struct growth {
    struct trnnsf_clusters *found;
    struct trn_pack_offer *offers;
    bool *keep; /* [clusters of found] */
    size_t next;
};

/* Neurons of the layer that some synapse of the next one reads; those of the last all are. */
static void find_read(const struct trnnsf_network *network, size_t index, uint32_t *reads)
{
    if (index + 1 < network->n_layers && network->layers[index + 1].mask) {
        trn_mask_count_columns(network->layers[index + 1].mask, reads);
        return;
    }
    for (size_t i = 0; i < network->layers[index].n_out; i++)
        reads[i] = 1;
}

/* The cells that could be grown, with the gradients that they would see. */
static trnnsf_status open_cells(const struct trn_joint *joint, size_t index,
                                const struct trn_moments *moments,
                                struct trnnsf_matrix **out_matrix)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_network *network = joint->run->network;
    const struct trn_layer *layer = &network->layers[index];
    const float *input = moments->input[index], *output = moments->output[index];
    uint32_t *reads = TRN_NEW_ARRAY(ctx, uint32_t, layer->n_out);
    struct trn_mask *cells = NULL;
    struct trnnsf_matrix *matrix;
    trnnsf_status status;

    TRN_NEED_OUT(reads);
    TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &cells));
    find_read(network, index, reads);
    for (size_t j = 0; j < layer->n_in; j++) {
        bool fed = input[j] > 0 && (index == 0 || trn_layer_feeds(&network->layers[index - 1], j));

        for (size_t i = 0; fed && i < layer->n_out; i++) {
            if (reads[i] > 0 && output[i] > 0 && layer->mask && !trn_mask_get(layer->mask, i, j))
                trn_mask_set(cells, i, j);
        }
    }
    TRN_TRY_OUT(trn_sparse_from_mask(ctx, cells, NULL, 0, &matrix));
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            matrix->value[e] = sqrtf(input[matrix->column[e]] * output[i]);
    }
    *out_matrix = matrix;
out:
    trn_free(ctx, reads);
    trn_mask_free(ctx, cells);
    return status;
}

static trnnsf_status propose(struct trn_joint *joint, size_t index,
                             const struct trn_moments *moments, double left, struct growth *growth)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    bool by_cost = trn_shapes_differ(&run->pool);
    struct trn_pack_goal goal = {.crossbars = by_cost ? SIZE_MAX : (size_t)left,
                                 .cost = by_cost ? left : INFINITY,
                                 .effort = 1,
                                 .seed = trn_rule_seed(run, index, joint->epoch)};
    struct trnnsf_matrix *cells;

    TRN_TRY(open_cells(joint, index, moments, &cells));
    trn_traffic_charge(&joint->traffic, index, cells);
    trnnsf_status status = trn_pack_candidates(ctx, cells, &run->pool, &goal, &growth->found,
                                               &growth->offers);
    trnnsf_matrix_free(cells);
    TRN_TRY(status);
    growth->keep = TRN_NEW_ARRAY(ctx, bool, trn_clusters_count(growth->found) + 1);
    return growth->keep ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static bool is_full_enough(const struct trnnsf_run *run, const struct growth *growth)
{
    const struct trn_pack_shape *shape = &run->pool.shape[growth->offers[growth->next].shape];
    double cells = (double)trn_block_cells(growth->found->blocks, growth->next);

    return cells >= least_fill * (double)shape->rows * (double)shape->columns;
}

/* The layer whose next block brings most for its cost; n_layers where none has one. Blocks that the
 * rest has no room for, or that are nearly empty, are passed over. */
static size_t best_layer(const struct trn_joint *joint, struct growth *growth, double left)
{
    size_t best = joint->run->network->n_layers;
    double most = 0;

    for (size_t l = 0; l < joint->run->network->n_layers; l++) {
        struct growth *g = &growth[l];
        size_t count = g->found ? trn_clusters_count(g->found) : 0;

        while (g->next < count &&
               (g->offers[g->next].cost > left || !is_full_enough(joint->run, g)))
            g->next++;
        if (g->next < count && g->offers[g->next].salience / g->offers[g->next].cost > most) {
            most = g->offers[g->next].salience / g->offers[g->next].cost;
            best = l;
        }
    }
    return best;
}

static trnnsf_status adopt(struct trn_joint *joint, size_t index, const struct growth *growth)
{
    trnnsf_context *ctx = joint->ctx;
    struct trnnsf_clusters *grown = NULL, *joined = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(trn_clusters_select(ctx, growth->found, growth->keep, &grown));
    TRN_TRY_OUT(trn_clusters_join(ctx, joint->run->network->layers[index].clusters, grown, &joined));
    status = trn_joint_apply(joint, index, joined);
out:
    trn_clusters_free(grown);
    trn_clusters_free(joined);
    return status;
}

static trnnsf_status grow(struct trn_joint *joint, const struct trn_moments *moments, size_t first,
                          double left, struct growth *growth)
{
    size_t n_layers = joint->run->network->n_layers, best;

    for (size_t l = first; l < n_layers; l++)
        TRN_TRY(propose(joint, l, moments, left, &growth[l]));
    while ((best = best_layer(joint, growth, left)) < n_layers) {
        struct growth *g = &growth[best];

        g->keep[g->next] = true;
        left -= g->offers[g->next].cost;
        g->next++;
    }
    for (size_t l = first; l < n_layers; l++) {
        if (growth[l].next > 0)
            TRN_TRY(adopt(joint, l, &growth[l]));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_joint_regrow(struct trn_joint *joint, const struct trn_moments *moments,
                               size_t first)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    size_t n_layers = run->network->n_layers;
    struct growth *growth;
    double left = joint->budget * (1 + 1e-9);

    for (size_t l = 0; l < n_layers; l++)
        left -= trn_shapes_cost(&run->pool, run->network->layers[l].clusters);
    if (left < trn_shapes_least(&run->pool))
        return TRNNSF_OK;
    growth = TRN_NEW_ARRAY(ctx, struct growth, n_layers);
    if (!growth)
        return TRNNSF_E_NO_MEMORY;
    trnnsf_status status = grow(joint, moments, first, left, growth);
    for (size_t l = 0; l < n_layers; l++) {
        trn_clusters_free(growth[l].found);
        trn_free(ctx, growth[l].offers);
        trn_free(ctx, growth[l].keep);
    }
    trn_free(ctx, growth);
    return status;
}
