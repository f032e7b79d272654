#include "network/network_pack.h"

#include "base/context.h"
#include "cluster/clusters.h"
#include "cluster/pack_bound.h"
#include "cluster/pack_joint.h"
#include "cluster/pack_measure.h"
#include "cluster/pack_options.h"
#include "network/network.h"

/* Of each layer but convolutions of several groups, which stay as they are. */
struct packing {
    trnnsf_context *ctx;
    size_t layers;
    size_t *of; /* which layer of the network's it is */
    struct trnnsf_matrix **matrix; /* the weights that are not 0, or their saliences */
    double *total;                 /* salience */
    struct trnnsf_clusters **clusters;
    struct trn_mask **mask;
};

static trnnsf_status make(struct packing *packing, const struct trnnsf_network *network)
{
    trnnsf_context *ctx = packing->ctx;

    packing->of = TRN_NEW_ARRAY(ctx, size_t, network->n_layers);
    if (!packing->of)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < network->n_layers; l++) {
        if (!network->layers[l].grouped)
            packing->of[packing->layers++] = l;
    }
    packing->matrix = TRN_NEW_ARRAY(ctx, struct trnnsf_matrix *, packing->layers);
    packing->total = TRN_NEW_ARRAY(ctx, double, packing->layers);
    packing->clusters = TRN_NEW_ARRAY(ctx, struct trnnsf_clusters *, packing->layers);
    packing->mask = TRN_NEW_ARRAY(ctx, struct trn_mask *, packing->layers);
    return packing->matrix && packing->total && packing->clusters && packing->mask ? TRNNSF_OK
                                                                                   : TRN_NO_MEMORY;
}

static void free_packing(struct packing *packing)
{
    for (size_t l = 0; l < packing->layers; l++) {
        if (packing->matrix)
            trnnsf_matrix_free(packing->matrix[l]);
        if (packing->clusters)
            trn_clusters_free(packing->clusters[l]);
        if (packing->mask)
            trn_mask_free(packing->ctx, packing->mask[l]);
    }
    trn_free(packing->ctx, packing->of);
    trn_free(packing->ctx, packing->matrix);
    trn_free(packing->ctx, packing->total);
    trn_free(packing->ctx, packing->clusters);
    trn_free(packing->ctx, packing->mask);
}

static trnnsf_status read_weights(struct packing *packing, const struct trnnsf_network *network,
                                  uint32_t salience)
{
    for (size_t l = 0; l < packing->layers; l++) {
        TRN_TRY(trn_layer_connectivity(packing->ctx, &network->layers[packing->of[l]],
                                       &packing->matrix[l]));
        const struct trnnsf_matrix *matrix = packing->matrix[l];

        trn_pack_weigh(packing->matrix[l], salience);
        for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
            packing->total[l] += trn_salience(matrix, e);
    }
    return TRNNSF_OK;
}

/* Those of its connections that blocks hold. */
static trnnsf_status mask_layer(struct packing *packing, size_t l)
{
    trnnsf_context *ctx = packing->ctx;
    const struct trnnsf_matrix *matrix = packing->matrix[l];
    struct trn_mask *mask;

    TRN_TRY(trn_mask_create(ctx, matrix->n_rows, matrix->n_columns, &packing->mask[l]));
    mask = packing->mask[l];
    uint32_t *owner = TRN_NEW_ARRAY(ctx, uint32_t, trn_sparse_nonzeros(matrix));
    if (!owner)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_owners(ctx, packing->clusters[l], matrix, owner);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (owner[e] != TRN_NO_CLUSTER)
                trn_mask_set(mask, i, matrix->column[e]);
        }
    }
    trn_free(ctx, owner);
    return TRNNSF_OK;
}

/* Sums over the layers, but the mean of what each with salience keeps. */
static trnnsf_status measure(const struct packing *packing, const char *function,
                             const struct trn_pack_pool *pool, struct trnnsf_pack_report *report)
{
    double kept = 0, live = 0, held = 0, cells = 0;

    for (size_t l = 0; l < packing->layers; l++) {
        struct trnnsf_pack_report one = {.struct_size = sizeof one};

        TRN_TRY(trn_pack_measure(packing->ctx, function, packing->matrix[l], pool,
                                 packing->clusters[l], &one));
        report->blocks += one.blocks;
        report->cost += one.cost;
        report->cost_least += one.cost_least;
        if (!(packing->total[l] > 0))
            continue;
        live++;
        kept += one.kept;
        if (one.fill > 0) {
            double here = (double)trn_mask_count(packing->mask[l]);

            held += here;
            cells += here / one.fill;
        }
    }
    report->kept = live > 0 ? kept / live : 1;
    report->fill = cells > 0 ? held / cells : 0;
    TRN_TRY(trn_pack_bound_joint(packing->ctx, packing->matrix, packing->total, packing->layers,
                                 pool, (size_t)report->blocks, report->cost, &report->kept_most));
    report->kept_most = fmax(report->kept_most, report->kept); /* by rounding at most */
    return TRNNSF_OK;
}

trnnsf_status trn_network_pack(trnnsf_context *ctx, const char *function,
                               struct trnnsf_network *network, const struct trn_pack_pool *pool,
                               const struct trn_pack_goal *goal, uint32_t salience,
                               struct trnnsf_pack_report *report)
{
    struct packing packing = {.ctx = ctx};
    trnnsf_status status;

    TRN_TRY_OUT(make(&packing, network));
    TRN_TRY_OUT(read_weights(&packing, network, salience));
    TRN_TRY_OUT(trn_pack_joint(ctx, function, packing.matrix, packing.layers, pool, goal,
                               packing.clusters));
    for (size_t l = 0; l < packing.layers; l++)
        TRN_TRY_OUT(mask_layer(&packing, l));
    TRN_TRY_OUT(measure(&packing, function, pool, report));
    for (size_t l = 0; l < packing.layers; l++) {
        trn_network_take_mask(network, packing.of[l], packing.mask[l]);
        trn_network_take_clusters(network, packing.of[l], packing.clusters[l]);
        packing.mask[l] = NULL;
        packing.clusters[l] = NULL;
    }
out:
    free_packing(&packing);
    return status;
}
