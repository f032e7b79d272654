/* Sets from sets: selection, joining, and the check. */
#include "base/alloc.h"
#include "base/context.h"
#include "cluster/builder.h"
#include "cluster/clusters.h"

static trnnsf_status append(struct trn_cluster_builder *builder, const struct trn_blocks *blocks,
                            size_t i)
{
    return trn_builder_add(builder, blocks->row + blocks->row_start[i], trn_block_rows(blocks, i),
                           blocks->column + blocks->column_start[i], trn_block_columns(blocks, i));
}

trnnsf_status trn_clusters_select(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                  const bool *keep, struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    for (size_t i = 0; i < blocks->count; i++) {
        if (keep[i])
            TRN_TRY_OUT(append(&builder, blocks, i));
    }
    status = trn_builder_finish(&builder, blocks->n_rows, blocks->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    return status;
}

trnnsf_status trn_clusters_join(trnnsf_context *ctx, const struct trnnsf_clusters *first,
                                const struct trnnsf_clusters *second,
                                struct trnnsf_clusters **out_clusters)
{
    const struct trnnsf_clusters *sets[2] = {first, second};
    const struct trn_blocks *shape = first ? first->blocks : second->blocks;
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; sets[s] && i < sets[s]->blocks->count; i++)
            TRN_TRY_OUT(append(&builder, sets[s]->blocks, i));
    }
    status = trn_builder_finish(&builder, shape->n_rows, shape->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    return status;
}

/* One side of one cluster. */
static trnnsf_status check_side(trnnsf_context *ctx, const char *function, size_t cluster,
                                const char *side, const uint32_t *index, size_t count,
                                size_t dimension, size_t limit)
{
    if (count == 0)
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: cluster %zu has no %ss", function, cluster, side);
    if (count > limit)
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: cluster %zu has %zu %ss, more than %zu", function,
                        cluster, count, side, limit);
    for (size_t e = 0; e < count; e++) {
        if (index[e] >= dimension)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: cluster %zu, %s %zu is %u, not below %zu",
                            function, cluster, side, e, index[e], dimension);
        if (e > 0 && index[e] <= index[e - 1])
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: cluster %zu, %s %zu is %u after %u", function,
                            cluster, side, e, index[e], index[e - 1]);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_check(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_clusters *clusters, size_t max_inputs,
                                 size_t max_outputs)
{
    const struct trn_blocks *blocks = clusters->blocks;

    for (size_t i = 0; i < blocks->count; i++) {
        TRN_TRY(check_side(ctx, function, i, "output", blocks->row + blocks->row_start[i],
                           trn_block_rows(blocks, i), blocks->n_rows, max_outputs));
        TRN_TRY(check_side(ctx, function, i, "input", blocks->column + blocks->column_start[i],
                           trn_block_columns(blocks, i), blocks->n_columns, max_inputs));
    }
    return TRNNSF_OK;
}
