#include "cluster/groups.h"

#include "base/context.h"
#include "cluster/builder.h"

struct grouping {
    const struct trnnsf_clusters *clusters;
    bool *taken;       /* [count] */
    bool *in_group;    /* [n_rows]: outputs of the group so far */
    uint32_t *shared;  /* [count]: outputs that a cluster shares with the group */
    uint32_t *touched; /* [count]: clusters that share any */
    size_t n_touched;
};

static void begin_group(struct grouping *g)
{
    for (size_t i = 0; i < g->n_touched; i++)
        g->shared[g->touched[i]] = 0;
    g->n_touched = 0;
    for (size_t i = 0; i < g->clusters->blocks->n_rows; i++)
        g->in_group[i] = false;
}

static void join_group(struct grouping *g, size_t cluster)
{
    const struct trn_blocks *blocks = g->clusters->blocks;

    g->taken[cluster] = true;
    for (size_t r = blocks->row_start[cluster]; r < blocks->row_start[cluster + 1]; r++) {
        size_t row = blocks->row[r];

        if (g->in_group[row])
            continue;
        g->in_group[row] = true;
        for (size_t k = g->clusters->row_at[row]; k < g->clusters->row_at[row + 1]; k++) {
            uint32_t other = g->clusters->at[k];

            if (g->shared[other]++ == 0)
                g->touched[g->n_touched++] = other;
        }
    }
}

/* The one left that shares most with the group; the first one left where none shares any. */
static size_t next_of(const struct grouping *g, size_t *first_left)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < g->n_touched; i++) {
        size_t cluster = g->touched[i];

        if (!g->taken[cluster] &&
            (best == SIZE_MAX || g->shared[cluster] > g->shared[best] ||
             (g->shared[cluster] == g->shared[best] && cluster < best)))
            best = cluster;
    }
    if (best != SIZE_MAX)
        return best;
    while (g->taken[*first_left])
        ++*first_left;
    return *first_left;
}

static trnnsf_status order(struct grouping *g, size_t size, struct trn_cluster_builder *builder)
{
    const struct trn_blocks *blocks = g->clusters->blocks;
    size_t first_left = 0;

    for (size_t place = 0; place < blocks->count; place++) {
        if (place % size == 0)
            begin_group(g);
        size_t cluster = next_of(g, &first_left);

        join_group(g, cluster);
        TRN_TRY(trn_builder_add(builder, blocks->row + blocks->row_start[cluster],
                                trn_block_rows(blocks, cluster),
                                blocks->column + blocks->column_start[cluster],
                                trn_block_columns(blocks, cluster)));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_group(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                 size_t size, struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    struct grouping g = {.clusters = clusters};
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    g.taken = TRN_NEW_ARRAY(ctx, bool, blocks->count);
    g.in_group = TRN_NEW_ARRAY(ctx, bool, blocks->n_rows);
    g.shared = TRN_NEW_ARRAY(ctx, uint32_t, blocks->count);
    g.touched = TRN_NEW_ARRAY(ctx, uint32_t, blocks->count);
    TRN_NEED_OUT(g.taken);
    TRN_NEED_OUT(g.in_group);
    TRN_NEED_OUT(g.shared);
    TRN_NEED_OUT(g.touched);
    TRN_TRY_OUT(order(&g, size, &builder));
    status = trn_builder_finish(&builder, blocks->n_rows, blocks->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    trn_free(ctx, g.taken);
    trn_free(ctx, g.in_group);
    trn_free(ctx, g.shared);
    trn_free(ctx, g.touched);
    return status;
}
