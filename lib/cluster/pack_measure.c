#include "cluster/pack_measure.h"

#include <math.h>

#include "base/context.h"
#include "cluster/pack_bound.h"

/* Cost and cells of the blocks, each on its cheapest shape. */
static trnnsf_status price(trnnsf_context *ctx, const char *function,
                           const struct trn_pack_pool *pool, const trnnsf_clusters *clusters,
                           double *cost, double *cells)
{
    *cost = *cells = 0;
    for (size_t i = 0; i < trn_clusters_count(clusters); i++) {
        size_t rows = trn_block_rows(clusters->blocks, i);
        size_t columns = trn_block_columns(clusters->blocks, i);
        uint32_t s = trn_pack_cheapest(pool, rows, columns);

        if (s == TRN_PACK_NO_SHAPE)
            return trn_fail(ctx, TRNNSF_E_CHECK,
                            "%s: cluster %zu: %zu inputs x %zu outputs fit no shape", function, i,
                            columns, rows);
        *cost += pool->shape[s].cost;
        *cells += (double)pool->shape[s].rows * (double)pool->shape[s].columns;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_pack_measure(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_matrix *matrix, const struct trn_pack_pool *pool,
                               const struct trnnsf_clusters *clusters,
                               struct trnnsf_pack_report *report)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix), held = 0, out = 0;
    struct trn_pack_bounds bounds;
    double cells, kept = 0, total = 0;

    TRN_TRY(price(ctx, function, pool, clusters, &report->cost, &cells));
    uint32_t *owner = TRN_NEW_ARRAY(ctx, uint32_t, nonzeros);
    if (!owner)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_owners(ctx, clusters, matrix, owner);
    for (size_t e = 0; e < nonzeros; e++) {
        bool in = owner[e] != TRN_NO_CLUSTER;

        held += in;
        out += !in && trn_salience(matrix, e) > 0;
        kept += in ? trn_salience(matrix, e) : 0;
        total += trn_salience(matrix, e);
    }
    trn_free(ctx, owner);
    report->blocks = trn_clusters_count(clusters);
    report->kept = out == 0 ? 1 : kept / total;
    report->fill = cells > 0 ? (double)held / cells : 0;
    TRN_TRY(trn_pack_bound(ctx, matrix, pool, (size_t)report->blocks, report->cost, report->kept,
                           out == 0, &bounds));
    report->kept_most = fmax(bounds.kept_most, report->kept); /* by rounding at most */
    report->cost_least = fmin(bounds.cost_least, report->cost);
    return TRNNSF_OK;
}
