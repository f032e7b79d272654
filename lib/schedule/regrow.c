#include "schedule/regrow.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "cluster/units.h"
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

/* By the masks of all layers. */
struct live {
    bool *read;    /* [outputs] some synapse, or an output of the network, reads it */
    bool *reached; /* [outputs] some synapse reaches it */
    bool *lines;   /* [lines] fed by such an output */
};

static void free_live(trnnsf_context *ctx, struct live *live)
{
    trn_free(ctx, live->reached);
    trn_free(ctx, live->read);
    trn_free(ctx, live->lines);
}

static void find_read_lines(const struct trn_links *links, const struct trn_layer *layer,
                            size_t index, bool *lines)
{
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            if (!layer->mask || trn_mask_get(layer->mask, i, j))
                lines[trn_links_line(links, index, i, j)] = true;
        }
    }
}

static trnnsf_status find_live(const struct trn_joint *joint, struct live *live)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_network *network = joint->run->network;
    const struct trn_links *links = joint->run->links;
    size_t n_layers = network->n_layers;

    live->reached = TRN_NEW_ARRAY(ctx, bool, trn_links_outputs(links));
    live->read = TRN_NEW_ARRAY(ctx, bool, trn_links_outputs(links));
    live->lines = TRN_NEW_ARRAY(ctx, bool, links->first_line[n_layers + 1]);
    if (!live->reached || !live->read || !live->lines)
        return TRN_NO_MEMORY;
    trn_links_reached(links, network, live->reached);
    memset(live->lines + links->first_line[n_layers], true, trn_links_lines(links, n_layers));
    for (size_t l = 0; l <= n_layers; l++) {
        bool *lines = live->lines + links->first_line[l];

        if (l < n_layers)
            find_read_lines(links, &network->layers[l], l, lines);
        trn_links_read(links, l, lines, live->read);
    }
    for (size_t l = 0; l < n_layers; l++)
        trn_links_feed(links, l, live->reached, live->lines + links->first_line[l]);
    return TRNNSF_OK;
}

/* The cells that could be grown, with the gradients that they would see. */
static trnnsf_status open_cells(const struct trn_joint *joint, size_t index,
                                const struct trn_moments *moments, const struct live *live,
                                struct trnnsf_matrix **out_matrix)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_network *network = joint->run->network;
    const struct trn_layer *layer = &network->layers[index];
    const float *input = moments->input[index], *output = moments->output[index];
    const struct trn_links *links = joint->run->links;
    const bool *read = live->read + links->first_output[index];
    const bool *lines = live->lines + links->first_line[index];
    struct trn_mask *cells = NULL;
    struct trnnsf_matrix *matrix;
    trnnsf_status status;

    TRN_TRY_OUT(trn_mask_create(ctx, layer->n_out, layer->n_in, &cells));
    for (size_t j = 0; j < layer->n_in; j++) {
        bool fed = input[j] > 0 && lines[trn_links_line(links, index, 0, j)];

        for (size_t i = 0; fed && i < layer->n_out; i++) {
            if (read[i] && output[i] > 0 && layer->mask && !trn_mask_get(layer->mask, i, j))
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
    trn_mask_free(ctx, cells);
    return status;
}

static trnnsf_status propose(struct trn_joint *joint, size_t index,
                             const struct trn_moments *moments, const struct live *live,
                             double left, struct growth *growth)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trnnsf_run *run = joint->run;
    bool by_cost = trn_shapes_differ(&run->pool);
    struct trn_pack_goal goal = {.crossbars = by_cost ? SIZE_MAX : (size_t)left,
                                 .cost = by_cost ? left : INFINITY,
                                 .effort = 1,
                                 .seed = trn_rule_seed(run, index, joint->epoch)};
    struct trnnsf_matrix *cells;

    TRN_TRY(open_cells(joint, index, moments, live, &cells));
    trn_traffic_charge(&joint->traffic, index, cells);
    trnnsf_status status =
        trn_pack_unit_candidates(ctx, cells, trn_run_unit(run, index), &run->pool, &goal,
                                 &growth->found, &growth->offers);
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

static trnnsf_status propose_all(struct trn_joint *joint, const struct trn_moments *moments,
                                 size_t first, double left, struct growth *growth)
{
    struct live live = {NULL, NULL, NULL};
    trnnsf_status status;

    TRN_TRY_OUT(find_live(joint, &live));
    for (size_t l = first; l < joint->run->network->n_layers; l++) {
        if (joint->run->layers[l].chosen)
            TRN_TRY_OUT(propose(joint, l, moments, &live, left, &growth[l]));
    }
out:
    free_live(joint->ctx, &live);
    return status;
}

static trnnsf_status grow(struct trn_joint *joint, const struct trn_moments *moments, size_t first,
                          double left, struct growth *growth)
{
    size_t n_layers = joint->run->network->n_layers, best;

    TRN_TRY(propose_all(joint, moments, first, left, growth));
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
        left -= run->layers[l].chosen
                    ? trn_shapes_cost(&run->pool, run->network->layers[l].clusters)
                    : 0;
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
